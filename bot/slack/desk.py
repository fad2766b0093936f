"""Answers what people look up and what admins change: from a command, or a button that stands for one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot import permitting
from bot.ask import Request
from bot.attributing import Attributing
from bot.examining import Examining
from bot.looking import Judged, Looking, Shown
from bot.memory import Memory, NoSuchDeletion, Page, Story
from bot.memory import NotAllowed as MayNotSee
from bot.model import Actor
from bot.permitting import NotAdmin, Permitting, Wanted
from bot.slack import answers, attributes, blocks, checkup, files, pages, rights
from bot.slack.blocks import Message, say
from bot.slack.commands import (
    Attributes,
    Can,
    Doctor,
    Grant,
    History,
    Permissions,
    Revoke,
    Show,
    Status,
    render,
)
from bot.slack.files import Files
from bot.slack.grammar import ME, parse
from bot.slack.pages import Links, Turn
from bot.slack.people import People
from storage.tables import Action, Effect

Change = Grant | Revoke | Attributes
Query = Permissions | Attributes | Can | Show | History | Status | Doctor


@dataclass(frozen=True, slots=True)
class By:
    """Who wants it, and where they said so."""

    actor: Actor
    channel: str
    trigger: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and whether everybody around is to see it."""

    message: Message
    to_all: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """Where people ask, and admins sign."""

    permitting: Permitting
    attributing: Attributing
    looking: Looking
    memory: Memory
    people: People
    files: Files
    links: Links
    now: Callable[[], datetime]
    examining: Examining

    def change(self, by: By, command: Change, *, is_sure: bool = False) -> Reply | None:
        """Grant or revoke; nothing to say where the very same command came before."""
        match command:
            case Revoke(number=number):
                answer = self.permitting.revoke(by.actor, by.trigger, number)
            case Grant():
                subject = self._id(command.subject, by.actor)
                answer = (
                    self.permitting.grant(by.actor, by.trigger, _wanted(command, subject), is_sure=is_sure)
                    if subject
                    else permitting.NoSubject(command.subject, "name")
                )
            case Attributes():
                said = self._attribute(by, command)
                return Reply(said) if said else None
        said = rights.answer(answer, by.actor.id)
        return Reply(said) if said else None

    def answer(self, by: By, command: Query, start: str = "") -> Reply:
        """What somebody wanted to know; of a long list the part that begins at `start`."""
        match command:
            case Permissions():
                return Reply(self._permissions(by, command, int(start or "0")))
            case Attributes():
                return Reply(self._attributes(by, command))
            case Can():
                return Reply(self._can(by, command))
            case Show():
                return Reply(self._show(by, command), command.is_public)
            case History(is_export=True):
                return Reply(self._export(by, command))
            case History():
                return Reply(self._history(by, command, start), command.is_public)
            case Status():
                return Reply(self._status(by, command, start), command.is_public)
            case Doctor():
                return Reply(self._doctor(by))
            case _:
                assert_never(command)

    def turn(self, by: By, value: str) -> Reply:
        """Another part of a list.

        Raises:
            ValueError: the button is none of ours.
        """
        turn = Turn.of(value)
        command = parse(turn.command)
        if not isinstance(command, Permissions | History | Status):
            raise ValueError("not a button of ours")  # noqa: TRY004  (what was sent has a wrong value)
        return self.answer(by, command, turn.start)

    def sure(self, by: By, value: str) -> Reply | None:
        """A grant about everything, said once more.

        Raises:
            ValueError: the button is none of ours.
        """
        command = parse(value)
        if not isinstance(command, Grant):
            raise ValueError("not a button of ours")  # noqa: TRY004  (as above)
        return self.change(by, command, is_sure=True)

    # Parts

    def _permissions(self, by: By, query: Permissions, start: int) -> Message:
        subject = None
        if query.subject is not None and (subject := self._id(query.subject, by.actor)) is None:
            return _nobody(query.subject)
        answer = self.permitting.listed(by.actor, subject, start, rights.PER_PAGE)
        if isinstance(answer, NotAdmin):
            return rights.not_admin(answer.verdict, by.actor.id)
        query = replace(query, subject=subject)
        end = start + rights.PER_PAGE
        more = pages.button("More", Turn(render(query), str(end))) if end < answer.count else None
        before = str(max(0, start - rights.PER_PAGE))
        less = pages.button("Back", Turn(render(query), before)) if start else None
        return rights.listed(answer, query, more, less)

    def _attribute(self, by: By, command: Attributes) -> Message | None:
        subject = self._id(command.subject or ME, by.actor)
        if subject is None:
            return _nobody(command.subject or "")
        answer = self.attributing.change(by.actor, by.trigger, subject, dict(command.put), command.drop)
        return attributes.answer(answer, by.actor.id)

    def _attributes(self, by: By, query: Attributes) -> Message:
        subject = None
        if query.subject is not None and (subject := self._id(query.subject, by.actor)) is None:
            return _nobody(query.subject)
        answer = self.attributing.listed(by.actor, subject)
        if isinstance(answer, NotAdmin):
            return rights.not_admin(answer.verdict, by.actor.id)
        return attributes.listed(answer, subject)

    def _can(self, by: By, query: Can) -> Message:
        subject = self._id(query.subject, by.actor)
        if subject is None:
            return _nobody(query.subject)
        answer = self.looking.can(subject, query.action, _request(by, query.name, query.region))
        match answer:
            case Judged():
                return pages.judged(answer)
            case NotAdmin(verdict=verdict):
                return rights.not_admin(verdict, by.actor.id)
            case _:
                return answers.not_looked_up(answer, lambda name, region: replace(query, name=name, region=region))

    def _show(self, by: By, query: Show) -> Message:
        story = self.memory.story(by.actor, query.name.upper())
        match story:
            case Story():
                return pages.told(story, self.links)
            case MayNotSee(verdict=verdict):
                return answers.refused(verdict, by.actor.id, query.name, Action.VIEW)
            case NoSuchDeletion():
                answer = self.looking.show(_request(by, query.name, query.region))
        if isinstance(answer, Shown):
            return pages.shown(answer, self.links)
        return answers.not_looked_up(answer, lambda name, region: replace(query, name=name, region=region))

    def _history(self, by: By, query: History, start: str) -> Message:
        person = None
        if query.subject is not None and (person := self._id(query.subject, by.actor)) is None:
            return _nobody(query.subject)
        query = replace(query, subject=person)
        after = pages.mark(start)
        page = self.memory.history(
            by.actor, name=query.name, person=person, since=query.since, after=after, at_most=pages.PER_PAGE
        )
        return self._seen(by, page, lambda found: pages.history(found, query, start, self.links))

    def _status(self, by: By, query: Status, start: str) -> Message:
        page = self.memory.history(by.actor, after=pages.mark(start), at_most=pages.PER_PAGE, is_live=True)
        return self._seen(by, page, lambda found: pages.status(found, query, start, self.links))

    def _seen(self, by: By, page: Page | MayNotSee, show: Callable[[Page], Message]) -> Message:
        if isinstance(page, MayNotSee):
            return answers.refused(page.verdict, by.actor.id, "", Action.VIEW)
        return show(page)

    def _export(self, by: By, query: History) -> Message:
        person = None
        if query.subject is not None and (person := self._id(query.subject, by.actor)) is None:
            return _nobody(query.subject)
        rows = self.memory.record(by.actor, name=query.name, person=person, since=query.since)
        if isinstance(rows, MayNotSee):
            return answers.refused(rows.verdict, by.actor.id, "", Action.VIEW)
        if not rows:
            return say("There is nothing to export that you may see.")
        name = f"lightkeeper-history-{self.now():%Y-%m-%d}.csv"
        words = f"Here is the history that you asked for: {len(rows)} rows, times in UTC."
        if problem := self.files.send(by.actor.id, name, "".join(files.lines(rows, "csv")), words):
            return say(f"Slack did not take the file ({blocks.code(problem)}). Please try again in a minute.")
        return say(f"✅ {len(rows)} rows are in a direct message to you, as {blocks.code(name)}.")

    def _doctor(self, by: By) -> Message:
        answer = self.examining.examine(by.actor)
        if isinstance(answer, NotAdmin):
            return rights.not_admin(answer.verdict, by.actor.id)
        return checkup.checked(answer)

    def _id(self, subject: str, actor: Actor) -> str | None:
        """Who is meant: the id itself, or whom Slack knows by that name."""
        if subject == ME:
            return actor.id
        return self.people.called(subject, actor.team) if subject.startswith("@") else subject


def _wanted(grant: Grant, subject: str) -> Wanted:
    effect = Effect.DENY if grant.is_deny else Effect.ALLOW
    return Wanted(
        subject, effect, grant.action, grant.pattern, grant.region, dict(grant.tags), grant.lasting, grant.note
    )


def _request(by: By, name: str, region: str | None) -> Request:
    return Request(by.actor, by.channel, by.trigger, name, region)


def _nobody(subject: str) -> Message:
    return rights.no_subject(subject, "name")
