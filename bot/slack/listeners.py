"""What Slack sends is parsed to a value, acknowledged, handed to a use case, and answered."""

import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot import ask, decide
from bot.ask import Asking, Request
from bot.decide import Click, Deciding
from bot.model import Actor
from bot.slack import answers, card
from bot.slack.answers import Picked
from bot.slack.blocks import Message
from bot.slack.client import TIMEOUT, Done, attempt
from bot.slack.grammar import Delete, Help, Mistake, parse
from storage import cards, deletions
from storage.database import Database, DatabaseBusyError
from storage.tables import Deletion

COMMAND = "/snapshot"
SLOW = 2.0  # seconds, after which the asker is told that work is going on
LOOK_WITHIN = 6.0  # seconds, after which the card alone tells what came of a look
Body = dict[str, Any]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listeners:
    """Every way in from Slack. Nothing before an ack waits for the network."""

    asking: Asking
    deciding: Deciding
    database: Database
    client: WebClient
    pool: Executor  # for what asks AWS
    tellers: Executor  # for what only tells
    teams: frozenset[str]
    channels: frozenset[str]

    def register(self, app: App) -> None:
        """Have Bolt call us."""
        app.command(COMMAND)(self.command)
        app.action(card.DELETE)(self.confirm)
        app.action(card.STOP)(self.stop)
        app.action(card.LOOK)(self.look)
        app.action(re.compile(f"^{answers.PICK}:"))(self.pick)
        app.action(re.compile(""))(self.strange_button)
        app.error(on_error)

    def command(self, ack: Ack, body: Body) -> None:
        """`/snapshot …`."""
        if not self._may_work_in(body["team_id"], body["channel_id"]):
            _answer_now(ack, answers.elsewhere())
            return
        match parse(body.get("text") or ""):
            case Help():
                _answer_now(ack, answers.help_text())
            case Mistake() as wrong:
                _answer_now(ack, answers.mistake(wrong))
            case Delete(name=name, region=region, reason=reason):
                actor = Actor(body["team_id"], body["user_id"], body.get("user_name") or body["user_id"])
                request = Request(actor, body["channel_id"], body["trigger_id"], name, region, reason)
                if self._later(body, lambda: self._ask(body, request), self.pool):
                    ack()
                else:
                    _answer_now(ack, answers.stopping())

    def confirm(self, ack: Ack, body: Body) -> None:
        """Delete snapshot."""
        self._decide(ack, body, self.deciding.confirm)

    def stop(self, ack: Ack, body: Body) -> None:
        """Don't delete."""
        self._decide(ack, body, self.deciding.stop)

    def look(self, ack: Ack, body: Body) -> None:
        """Look again."""

        def use(click: Click) -> decide.Outcome:
            outcome = self.deciding.look(click)
            if isinstance(outcome, decide.Looking):
                self._later(body, lambda: self._say(body, self._seen(outcome.deletion)), self.pool)
            return outcome

        self._decide(ack, body, use)

    def pick(self, ack: Ack, body: Body) -> None:
        """One of several snapshots: the same as typing its name and region."""
        ack()
        try:
            picked = Picked.of(body["actions"][0]["value"])
        except ValueError:
            self._later(body, lambda: self._say(body, answers.unknown_button()))
            return
        channel = body["container"]["channel_id"]
        request = Request(_actor(body), channel, body["trigger_id"], picked.name, picked.region, picked.reason)

        def go_on() -> None:
            self._say(body, answers.picked(picked.name), replace=True)
            self._ask(body, request)

        self._later(body, go_on, self.pool)

    def strange_button(self, ack: Ack, body: Body) -> None:
        """A button that this version does not know."""
        ack()
        self._later(body, lambda: self._say(body, answers.unknown_button()))

    def _decide(self, ack: Ack, body: Body, use: Callable[[Click], decide.Outcome]) -> None:
        """Commit the click, and only then acknowledge it."""
        actor, container = _actor(body), body["container"]
        click = Click(actor, body["actions"][0]["value"], container["channel_id"], container["message_ts"])
        answer = self._outcome(click, use)
        ack()
        if answer:
            said = answer
            self._later(body, lambda: self._say(body, said))

    def _outcome(self, click: Click, use: Callable[[Click], decide.Outcome]) -> Message | None:
        if not self._may_work_in(click.actor.team, click.channel):
            return answers.elsewhere()
        try:
            return answers.decided(use(click), click.actor.id)
        except DatabaseBusyError:
            return answers.busy()
        except Exception as error:  # what nobody foresaw still gets an answer  # noqa: BLE001
            return answers.broken(_logged(error))

    def _ask(self, body: Body, request: Request) -> None:
        regions = [request.region] if request.region else self.asking.snapshots.regions
        with _if_slow(lambda: self._say(body, answers.looking(regions))):
            try:
                answer = self.asking.ask(request)
            except DatabaseBusyError:
                self._say(body, answers.busy())
                return
        link = self._link(answer.deletion) if isinstance(answer, ask.AskedBefore) else None
        if said := answers.asked(answer, link):
            self._say(body, said)

    def _seen(self, deletion: Deletion) -> Message:
        """What came of a look, or that it takes longer than somebody waits."""
        until = time.monotonic() + LOOK_WITHIN
        while time.monotonic() < until:
            with self.database.reading() as tx:
                now = deletions.get(tx, deletion.id)
            is_due = now and now.due_at and now.due_at <= self.asking.now()  # somebody else has asked for a look, too
            if now and now.version != deletion.version and not is_due:
                return answers.seen(now)
            time.sleep(0.1)
        return answers.still_looking()

    def _link(self, deletion: Deletion) -> str | None:
        """Where the card of a deletion is."""
        with self.database.reading() as tx:
            copy = cards.of_deletion(tx, deletion.id)
        if copy is None or copy.ts is None:
            return None
        channel, ts = copy.channel_id, copy.ts
        match attempt(lambda: self.client.chat_getPermalink(channel=channel, message_ts=ts)):
            case Done() as done:
                return done.field("permalink")
            case _:
                return None

    def _say(self, body: Body, message: Message, *, replace: bool = False) -> None:
        """Tell the person alone. What can't be told is logged: it is no outcome."""
        hook = WebhookClient(body["response_url"], timeout=TIMEOUT, ssl=self.client.ssl)
        answered = hook.send(
            text=message.text, blocks=list(message.blocks), response_type="ephemeral", replace_original=replace
        )
        if answered.status_code != 200:  # noqa: PLR2004  (HTTP's OK)
            _log.warning("an answer could not be given: HTTP %s", answered.status_code)

    def _later(self, body: Body, work: Callable[[], None], pool: Executor | None = None) -> bool:
        """Work in a pool, where whatever goes wrong is logged and told under one id.

        Returns False when the process is being stopped, and the work is not done.
        """

        def run() -> None:
            try:
                work()
            except Exception as error:  # what nobody foresaw still gets an answer  # noqa: BLE001
                self._say(body, answers.broken(_logged(error)))

        try:
            (pool or self.tellers).submit(run)
        except RuntimeError:  # concurrent.futures' word for a pool that was shut down
            return False
        return True

    def _may_work_in(self, team: str, channel: str) -> bool:
        return (not self.teams or team in self.teams) and (not self.channels or channel in self.channels)


def on_error(error: Exception) -> BoltResponse:
    """What no listener caught. A 500 would be no ack at all in Socket Mode, and would not be sent again."""
    if isinstance(error, BoltUnhandledRequestError):
        _log.warning("Slack sent something that nobody listens to: %s", error.request.body.get("type"))
    else:
        _logged(error)
    return BoltResponse(status=200)


def _logged(error: Exception) -> str:
    """Log an error; the id is what people can be told."""
    error_id = secrets.token_hex(4)
    _log.error("error %s", error_id, exc_info=error)
    return error_id


def _actor(body: Body) -> Actor:
    """Who clicked. In a shared channel their workspace may be another than the bot's."""
    user = body["user"]
    return Actor(user.get("team_id") or body["team"]["id"], user["id"], user.get("username") or user.get("name") or "")


def _answer_now(ack: Ack, message: Message) -> None:
    ack(text=message.text, blocks=list(message.blocks), response_type="ephemeral")


@contextmanager
def _if_slow(say: Callable[[], None]) -> Iterator[None]:
    """Say something if the block takes longer than people wait without wondering."""
    timer = threading.Timer(SLOW, say)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
