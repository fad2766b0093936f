"""What a visitor does on the page, done in the local Slack in the name of the person she is."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.sandbox.slack import Delivery, LocalSlack, Message, NotVisibleError, Person, View, client_errors
from bot.sandbox.slack.wire import Json, as_object, string

MENTION = re.compile(r"(?<![\w<])@([\w.-]+)")
WORDS = {
    "operation_timeout": "Lightkeeper did not answer within 3 seconds (operation_timeout).",
    "dispatch_failed": "Lightkeeper could not be reached (dispatch_failed). Is the bot running?",
}


class NotPossibleError(Exception):
    """What was asked for can't be done; the words are for the visitor."""


@dataclass(frozen=True)
class Deeds:
    """Every deed by its name in the page's address; each takes the JSON of a request and returns fields to answer."""

    slack: LocalSlack

    def by_name(self) -> Mapping[str, Callable[[Json], Json]]:
        """All of them."""
        return {
            "type": self._type,
            "act": self._act,
            "submit": self._submit,
            "close": self._close,
            "home": self._home,
            "suggest": self._suggest,
        }

    def person(self, given: Json) -> Person:
        """Who does it."""
        found = self.slack.person_of(string(given.get("as")))
        if found is None or found.user.is_bot:
            raise NotPossibleError("There is no such person here.")
        return found

    def _type(self, given: Json) -> Json:
        person, text = self.person(given), string(given.get("text")).strip()
        channel = self.slack.workspace.find_channel(string(given.get("channel")))
        if channel is None:
            raise NotPossibleError("There is no such conversation.")
        if not text:
            raise NotPossibleError("There is nothing to send.")
        if text.startswith("/"):
            person.types(self._with_ids(text), channel)  # Slackbot says it if this fails
        else:
            escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            person.says(self._with_ids(escaped), channel, thread_ts=given.get("thread_ts") or None)
        return {}

    def _with_ids(self, text: str) -> str:
        """Names with an @ as the ids that Slack makes of them."""
        people = {user.handle: user.id for user in self.slack.workspace.users()}

        def known(found: re.Match[str]) -> str:
            handle = found[1].lower()
            return f"<@{people[handle]}|{handle}>" if handle in people else found[0]

        return MENTION.sub(known, text)

    def _act(self, given: Json) -> Json:
        return answered(
            self.person(given).acts(
                self._surface(given),
                string(given.get("block_id")),
                string(given.get("action_id")),
                chosen=given.get("chosen"),
                state=given.get("state"),
            )
        )

    def _submit(self, given: Json) -> Json:
        person, state = self.person(given), as_object(given.get("state"))
        modal = self._modal(person, given)
        if errors := client_errors(modal, state):
            return {"errors": errors}  # what Slack's own client would not send
        return answered(person.submits(state=state))

    def _close(self, given: Json) -> Json:
        person = self.person(given)
        self._modal(person, given)
        person.closes()
        return {}

    def _home(self, given: Json) -> Json:
        self.person(given).opens_home()
        return {}

    def _suggest(self, given: Json) -> Json:
        found = self.person(given).suggests(
            self._surface(given),
            string(given.get("block_id")),
            string(given.get("action_id")),
            string(given.get("typed")),
        )
        return {"option_groups": found} if any("options" in each for each in found) else {"options": found}

    def _surface(self, given: Json) -> Message | View:
        """What stands in front of the person: a message or a view."""
        where = as_object(given.get("surface"))
        if "view" in where:
            person = self.person(given)
            seen = [each for each in (person.modal(), person.home()) if each and each.id == where["view"]]
            if not seen:
                raise NotPossibleError("This is no longer open.")
            return seen[0]
        found = self.slack.workspace.find(string(where.get("channel")), string(where.get("ts")))
        if found is None:
            raise NotPossibleError("This message is no longer there.")
        return found

    @staticmethod
    def _modal(person: Person, given: Json) -> View:
        modal = person.modal()
        if modal is None or modal.id != given.get("view"):
            raise NotPossibleError("This is no longer open.")
        return modal


def answered(delivery: Delivery) -> Json:
    """Nothing to say if the app took it; else NotPossibleError in words."""
    if delivery.error is not None:
        raise NotPossibleError(WORDS.get(delivery.error, f"Lightkeeper answered wrongly ({delivery.error})."))
    return {}


REFUSALS = (NotPossibleError, NotVisibleError)
