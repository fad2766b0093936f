"""What Slack sends is parsed to a value, acknowledged, handed to a use case, and answered."""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Protocol

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot import ask, decide
from bot.ask import Asking, Request
from bot.decide import Click, Deciding
from bot.freezing import Answer as FreezeAnswer
from bot.freezing import Freezing, Frozen, Unfrozen
from bot.slack import answers, card, modals, pages, payloads, rights
from bot.slack.answers import Picked
from bot.slack.blocks import Message
from bot.slack.client import TIMEOUT, Done, attempt
from bot.slack.commands import (
    Attributes,
    Can,
    Delete,
    Doctor,
    Freeze,
    Grant,
    Help,
    History,
    Permissions,
    Revoke,
    Show,
    Status,
    Unfreeze,
)
from bot.slack.desk import By, Desk, Query, Reply
from bot.slack.door import log_error
from bot.slack.grammar import Mistake, parse
from bot.slack.modals import Origin
from bot.slack.payloads import Pressed, Submitted, Typed
from storage import cards, deletions
from storage.database import (
    ANSWER_WITHIN,
    Database,
    DatabaseAwayError,
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseLostError,
)
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
    freezing: Freezing
    desk: Desk
    database: Database
    client: WebClient
    pool: Executor  # for what asks AWS
    tellers: Executor  # for what only tells
    teams: frozenset[str]
    channels: frozenset[str]

    def register(self, app: App) -> None:
        """Have Bolt call us."""
        app.command(COMMAND)(self.command)
        app.command(re.compile(""))(self.strange_command)
        for action, listener in (
            (card.DELETE, self.confirm),
            (card.STOP, self.stop),
            (card.APPROVE, self.approve),
            (card.LOOK, self.look),
            (re.compile(f"{answers.PICK}:"), self.pick),
            (re.compile(f"{pages.PAGE}:"), self.turn),
            (rights.SURE, self.sure),
            (rights.LEAVE, self.leave),
            (re.compile(""), self.strange_button),
        ):
            app.action({"type": "block_actions", "action_id": action})(listener)
        app.view(modals.TYPE_NAME)(self.typed_name)
        app.view(modals.GIVE_REASON)(self.gave_reason)
        app.error(on_error)

    def command(self, ack: Ack, body: Body) -> None:
        """`/snapshot …`."""
        typed = payloads.typed(body)
        if not self._may_work_in(typed.actor.team, typed.channel):
            _answer_now(ack, self._elsewhere(typed.actor.team))
            return
        match parse(typed.text):
            case Help():
                _answer_now(ack, answers.help_text())
            case Mistake() as wrong:
                _answer_now(ack, answers.mistake(wrong))
            case Delete() as wanted:
                request = _request(typed, wanted)
                self._begin(ack, typed, lambda: self._ask(typed, request), self.pool)
            case Freeze(reason=reason):
                self._begin(ack, typed, lambda: self._freeze(typed, reason))
            case Unfreeze():
                self._begin(ack, typed, lambda: self._unfreeze(typed))
            case Grant() | Revoke() | Attributes(is_change=True) as change:
                self._begin(ack, typed, lambda: self._reply(typed, self.desk.change(_by(typed), change)))
            case Permissions() | Attributes() | Can() | Show() | History() | Status() | Doctor() as query:
                self._begin(ack, typed, lambda: self._answer(typed, query), self.pool)

    def _begin(self, ack: Ack, typed: Typed, work: Callable[[], None], pool: Executor | None = None) -> None:
        if self._later(typed, work, pool):
            ack()
        else:
            _answer_now(ack, answers.stopping())

    def strange_command(self, ack: Ack) -> None:
        """A command of the app that this version does not know."""
        _answer_now(ack, answers.unknown_command())

    def confirm(self, ack: Ack, body: Body) -> None:
        """Delete snapshot."""
        self._decide(ack, body, self.deciding.confirm)

    def stop(self, ack: Ack, body: Body) -> None:
        """Don't delete; anybody but the asker may then say why."""
        pressed = payloads.pressed(body)

        def use(click: Click) -> decide.Outcome:
            outcome = self.deciding.stop(click)
            if isinstance(outcome, decide.Stopped):
                form = modals.give_reason(outcome.deletion, _origin(pressed))
                self._later(pressed, lambda: self._open(pressed, form))
            return outcome

        self._decide(ack, body, use)

    def approve(self, ack: Ack, body: Body) -> None:
        """Approve; where the name has to be typed, that is asked for first."""
        pressed = payloads.pressed(body)

        def use(click: Click) -> decide.Outcome:
            outcome = self.deciding.approve(click)
            if isinstance(outcome, decide.ToType):
                form = modals.type_name(outcome.deletion, _origin(pressed))
                self._later(pressed, lambda: self._open(pressed, form, or_say=answers.form_lost()))
            return outcome

        self._decide(ack, body, use)

    def typed_name(self, ack: Ack, body: Body) -> None:
        """The form that asks for the name: what differs is shown in it."""
        sent, origin = _sent(body)
        by = _Form(origin.answer_url)
        try:
            with self.database.reading(within=ANSWER_WITHIN) as tx:
                deletion = deletions.get(tx, origin.deletion)
            typed = sent.values.get(modals.NAME, "")
            if deletion and (wrong := modals.difference(deletion.name, typed)):
                ack(response_action="errors", errors={modals.NAME: wrong})
                return
            click = Click(sent.actor, origin.deletion, origin.channel, origin.ts, sent.trigger)
            answer = answers.decided(self.deciding.approve(click, has_typed=True), sent.actor.id)
        except Exception as error:  # what nobody foresaw still gets an answer  # noqa: BLE001
            answer = _trouble(error)
        ack()
        if answer:
            said = answer
            self._later(by, lambda: self._say(by, said))

    def gave_reason(self, ack: Ack, body: Body) -> None:
        """The form in which somebody says why it was stopped."""
        sent, origin = _sent(body)
        reason = sent.values.get(modals.REASON, "").strip()
        try:
            if reason:
                self.deciding.explain(origin.deletion, sent.actor, reason)
        except Exception as error:  # as above  # noqa: BLE001
            ack(response_action="errors", errors={modals.REASON: _trouble(error).text})
            return
        ack()

    def look(self, ack: Ack, body: Body) -> None:
        """Look again."""
        pressed = payloads.pressed(body)

        def use(click: Click) -> decide.Outcome:
            outcome = self.deciding.look(click)
            if isinstance(outcome, decide.Looking):
                self._later(pressed, lambda: self._say(pressed, self._seen(outcome.deletion)), self.pool)
            return outcome

        self._decide(ack, body, use)

    def pick(self, ack: Ack, body: Body) -> None:
        """One of several snapshots: the same as typing its name and region."""
        ack()
        pressed = payloads.pressed(body)
        if not self._may_work_in(pressed.team, pressed.channel):
            self._later(pressed, lambda: self._say(pressed, self._elsewhere(pressed.team)))
            return
        try:
            picked = Picked.of(pressed.value)
        except ValueError:
            self._later(pressed, lambda: self._say(pressed, answers.unknown_button()))
            return
        request = Request(pressed.actor, pressed.channel, pressed.trigger, picked.name, picked.region, picked.reason)

        def go_on() -> None:
            if self._is_card(pressed):
                self._say(pressed, answers.unknown_button())
                return
            self._say(pressed, answers.picked(picked.name), replace=pressed.is_private)
            self._ask(pressed, request)

        self._later(pressed, go_on, self.pool)

    def turn(self, ack: Ack, body: Body) -> None:
        """Another part of a list: in place of the one before, or to who has pressed alone where all can see it."""
        self._at_the_desk(ack, body, self.desk.turn, self.pool)

    def sure(self, ack: Ack, body: Body) -> None:
        """A grant about everything is meant."""
        self._at_the_desk(ack, body, self.desk.sure)

    def leave(self, ack: Ack, body: Body) -> None:
        """It is not."""
        self._at_the_desk(ack, body, lambda _by, _value: Reply(answers.left()))

    def _at_the_desk(
        self, ack: Ack, body: Body, use: Callable[[By, str], Reply | None], pool: Executor | None = None
    ) -> None:
        ack()
        pressed = payloads.pressed(body)

        def go_on() -> None:
            if not self._may_work_in(pressed.team, pressed.channel):
                self._say(pressed, self._elsewhere(pressed.team))
                return
            try:
                reply = use(_by(pressed), pressed.value)
            except ValueError:
                self._say(pressed, answers.unknown_button())
                return
            if reply:
                self._say(pressed, reply.message, replace=pressed.is_private)

        self._later(pressed, go_on, pool)

    def _answer(self, typed: Typed, query: Query) -> None:
        regions = self.asking.snapshots.regions
        with _if_slow(lambda: self._say(typed, answers.looking(regions))):
            reply = self.desk.answer(_by(typed), query)
        self._reply(typed, reply)

    def _reply(self, typed: Typed, reply: Reply | None) -> None:
        if reply:
            self._say(typed, reply.message, to_all=reply.to_all)

    def strange_button(self, ack: Ack, body: Body) -> None:
        """A button that this version does not know."""
        ack()
        pressed = payloads.pressed(body)
        self._later(pressed, lambda: self._say(pressed, answers.unknown_button()))

    def _decide(self, ack: Ack, body: Body, use: Callable[[Click], decide.Outcome]) -> None:
        """Commit the click, and only then acknowledge it."""
        pressed = payloads.pressed(body)
        answer = self._outcome(pressed, use)
        ack()
        if answer:
            said = answer
            self._later(pressed, lambda: self._say(pressed, said))

    def _outcome(self, pressed: Pressed, use: Callable[[Click], decide.Outcome]) -> Message | None:
        if not self._may_work_in(pressed.team, pressed.channel):
            return self._elsewhere(pressed.team)
        click = Click(pressed.actor, pressed.value, pressed.channel, pressed.ts, pressed.trigger)
        try:
            return answers.decided(use(click), click.actor.id)
        except Exception as error:  # what nobody foresaw still gets an answer  # noqa: BLE001
            return _trouble(error)

    def _ask(self, by: Typed | Pressed, request: Request) -> None:
        regions = [request.region] if request.region else self.asking.snapshots.regions
        with _if_slow(lambda: self._say(by, answers.looking(regions))):
            answer = self.asking.ask(request)
        link = self._link(answer.deletion) if isinstance(answer, ask.AskedBefore) else None
        if said := answers.asked(answer, link):
            self._say(by, said)

    def _freeze(self, typed: Typed, reason: str) -> None:
        answer = self.freezing.freeze(typed.actor, typed.channel, typed.trigger, reason)
        self._tell_of_freeze(typed, answer, is_news=isinstance(answer, Frozen))

    def _unfreeze(self, typed: Typed) -> None:
        answer = self.freezing.unfreeze(typed.actor, typed.channel, typed.trigger)
        self._tell_of_freeze(typed, answer, is_news=isinstance(answer, Unfrozen))

    def _tell_of_freeze(self, typed: Typed, answer: FreezeAnswer, *, is_news: bool) -> None:
        """News is for everybody in the channel."""
        if said := answers.froze(answer, typed.actor.id):
            self._say(typed, said, to_all=is_news)

    def _open(self, pressed: Pressed, form: modals.View, or_say: Message | None = None) -> None:
        """Open a form for who has clicked; where it is needed to go on, they are told if Slack did not."""
        result = attempt(lambda: self.client.views_open(trigger_id=pressed.trigger, view=form))
        if isinstance(result, Done):
            return
        _log.warning("a form could not be opened: %s", result.problem)
        if or_say:
            self._say(pressed, or_say)

    def _is_card(self, pressed: Pressed) -> bool:
        """Whether the button stands on a card, which has others: an answer would take the card's place."""
        with self.database.reading() as tx:
            return cards.at(tx, pressed.channel, pressed.ts) is not None

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

    def _say(self, by: "_Answerable", message: Message, *, replace: bool = False, to_all: bool = False) -> None:
        """Tell the person alone, or everybody around; what can't be told is logged, without its address."""
        hook = WebhookClient(by.answer_url, timeout=TIMEOUT, ssl=self.client.ssl)
        try:
            status = hook.send(
                text=message.text,
                blocks=list(message.blocks),
                response_type="in_channel" if to_all else "ephemeral",
                replace_original=replace,
            ).status_code
        except (SlackClientError, OSError, HTTPException, ValueError) as error:
            _log.warning("an answer could not be given: %s", type(error).__name__)
            return
        if status != HTTPStatus.OK:
            _log.warning("an answer could not be given: HTTP %s", status)

    def _later(self, by: "_Answerable", work: Callable[[], object], pool: Executor | None = None) -> bool:
        """Work in a pool, where whatever goes wrong is logged and told under one id.

        Returns False when the process is being stopped, and the work is not done.
        """

        def run() -> None:
            try:
                work()
            except Exception as error:  # what nobody foresaw still gets an answer  # noqa: BLE001
                self._say(by, _trouble(error))

        try:
            (pool or self.tellers).submit(run)
        except RuntimeError:  # concurrent.futures' word for a pool that was shut down
            return False
        return True

    def _elsewhere(self, team: str) -> Message:
        return answers.elsewhere(self.channels if self._may_work_for(team) else ())

    def _may_work_for(self, team: str) -> bool:
        return not self.teams or team in self.teams

    def _may_work_in(self, team: str, channel: str) -> bool:
        return self._may_work_for(team) and (not self.channels or channel in self.channels)


class _Answerable(Protocol):
    """Somebody who can be answered."""

    @property
    def answer_url(self) -> str:
        """Where."""


@dataclass(frozen=True, slots=True)
class _Form:
    """Who has sent a form is answered where the click was."""

    answer_url: str


def _by(one: Typed | Pressed) -> By:
    return By(one.actor, one.channel, one.trigger)


def _request(typed: Typed, wanted: Delete) -> Request:
    name, region, reason = wanted.name, wanted.region, wanted.reason
    return Request(typed.actor, typed.channel, typed.trigger, name, region, reason, wanted.is_rehearsal)


def _origin(pressed: Pressed) -> Origin:
    return Origin(pressed.value, pressed.channel, pressed.ts, pressed.answer_url)


def _sent(body: Body) -> tuple[Submitted, Origin]:
    """A form of ours.

    Raises:
        ValueError: it is none.
    """
    sent = payloads.submitted(body)
    return sent, Origin.of(sent.metadata)


def on_error(error: Exception) -> BoltResponse:
    """What no listener caught. A 500 would be no ack at all in Socket Mode, and would not be sent again."""
    if isinstance(error, BoltUnhandledRequestError):
        _log.warning("Slack sent something that nobody listens to: %.40r", error.request.body.get("type"))
    else:
        log_error(error)
    return BoltResponse(status=HTTPStatus.OK)


def _trouble(error: Exception) -> Message:
    """What went wrong, in words; what is nobody's fault but ours goes to the log."""
    match error:
        case DatabaseBusyError():
            return answers.busy()
        case DatabaseFullError():
            return answers.full()
        case DatabaseAwayError():
            return answers.away()
        case DatabaseLostError():
            return answers.lost()
        case _:
            return answers.broken(log_error(error))


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
