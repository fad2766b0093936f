"""Makes Slack match the rows: posts cards, keeps them true, and says what must be said in their threads."""

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from slack_sdk import WebClient
from sqlmodel import Session

from bot.clock import boot_clock
from bot.loop import TICK, Loop
from bot.slack import finding, lines
from bot.slack.blocks import Message
from bot.slack.card import card
from bot.slack.client import Done, Never, Result, Unsure, Wait, attempt
from bot.slack.finding import Look, Seen
from bot.slack.pace import Kind, Pace
from bot.spell import Spell
from storage import audit, cards, deletions, notices
from storage.database import Database
from storage.lease import ALWAYS, Lease
from storage.notices import Thread
from storage.tables import LIVE, CardCopy, Deletion, Delivery, Notice, NoticeKind, Place, State, Why
from storage.turns import Turn

SIDE_BY_SIDE = 8  # channels
LOOK_AFTER = timedelta(seconds=10)  # a message that may or may not be in Slack
SEND_WITHIN = 5.0  # seconds of the boot clock from the mark; later another process may have looked, and sent it
# Somebody has to mend the bot's token before Slack lets it in again, with which it then goes on where it stopped.
# What is older than this when Slack refuses the bot once more is not news any more, and ends with a record.
KEEP = timedelta(days=1)
_LINES = 40  # of one message; a block each
# Characters of blocks in a message. Slack refuses too many together and does not document how many that are; people
# measured less than 12,000. Source: https://github.com/slackapi/bolt-js/issues/2867
_LENGTH = 8000
# What Slack says of a message that would do in smaller parts, if each of its lines is one that Slack takes.
_TOO_MUCH = {
    "invalid_arguments",
    "invalid_blocks",
    "invalid_blocks_format",
    "metadata_too_large",
    "msg_blocks_too_long",
    "msg_too_long",
}
_SENT_BLINDLY = "sent again without being able to look"
_ENDED = "it ended before it could be posted"
_NO_CARD = "its card is not in Slack"
Row = TypeVar("Row", bound=CardCopy | Notice)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """One thing to do in a channel that is due, about a card, a thread or a person."""

    about: str
    channel: str
    kind: Kind
    run: Callable[[], bool]  # False: it did not work, and is to rest


class Outbox(Loop):
    """The loop that delivers, in the process that holds the lease.

    A message is marked as being sent before it is sent, and as sent with Slack's answer. One whose answer was
    lost, with the process or with the line, is looked for in Slack by its metadata before it is sent again.
    What Slack will never take ends with a row in the audit; an outcome then goes to the asker.
    """

    def __init__(
        self,
        database: Database,
        lease: Lease,
        client: WebClient,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__("outbox", SIDE_BY_SIDE, lease, now)
        self._database = database
        self._client = client
        self._pace = Pace(monotonic)
        self._silent = Spell("Slack", _log, monotonic)
        self._locked_out = Spell("the bot's token for Slack (whoever runs it has to mend that)", _log, monotonic)
        self._failed: dict[str, int] = {}  # how often something could not be sent since it last could
        self._apart: set[str] = set()  # deletions whose lines Slack does not take together

    def start_due(self) -> float:
        """See `Loop.start_due`. One call a channel is in hand."""
        soonest, in_hand = TICK, set[str]()
        for job in self._due():
            if not self._free():
                break  # what ends wakes the loop
            if job.channel in in_hand:
                continue
            if wait := self._pace.take(job.channel, job.kind):
                soonest = min(soonest, wait)
            else:
                in_hand.add(job.channel)
                self._start(job.channel, job.about, job.run)
        return soonest

    # What is due

    def _due(self) -> Sequence[_Job]:
        """Endings first, then new cards, then threads, then people, then other edits; what did not work comes last."""
        busy = self._busy()
        of_cards, of_threads = self._turn("card", busy), self._turn("thread", busy)
        with self._database.reading() as tx:
            edits = cards.outdated(tx, of_cards) if self._may_edit() else []
            posts = cards.unposted(tx, of_cards)
            threads = notices.threads(tx, of_threads)
            people = notices.for_people(tx, self._turn("notice", busy))
        jobs = [
            *(self._edit_job(one.copy) for one in edits if one.is_over),
            *map(self._card_job, posts),
            *map(self._thread_job, threads),
            *map(self._person_job, people),
            *(self._edit_job(one.copy) for one in edits if not one.is_over),
        ]
        return sorted(jobs, key=lambda job: self._failed.get(job.about, 0))

    def _turn(self, what: str, busy: set[str]) -> Turn:
        """Whom to pass over, of all that have a name such as `card 7`."""
        is_alone = self._now() >= self._lease.alone_since + LOOK_AFTER
        return Turn(
            resting=_numbers(what, busy),
            late=_numbers(what, list(self._failed)),
            channels=[slot for slot in busy if " " not in slot],
            began_by=self._now() - LOOK_AFTER if is_alone else ALWAYS,
        )

    def _may_edit(self) -> bool:
        """An older state, on its way from the holder before, must not come after a newer one."""
        return self._now() >= self._lease.alone_since + LOOK_AFTER

    def _edit_job(self, copy: CardCopy) -> _Job:
        return _Job(f"card {copy.id}", copy.channel_id, Kind.EDIT, partial(self._edit, copy))

    def _card_job(self, copy: CardCopy) -> _Job:
        about = f"card {copy.id}"
        if copy.delivery is Delivery.SENDING:
            return _Job(about, copy.channel_id, Kind.LOOK, partial(self._find_card, about, copy))
        return _Job(about, copy.channel_id, Kind.MESSAGE, partial(self._post, about, copy))

    def _thread_job(self, thread: Thread) -> _Job:
        about = f"thread {thread.deletion_id}"
        if thread.is_doubtful:
            return _Job(about, thread.channel, Kind.LOOK, partial(self._find_lines, about, thread))
        return _Job(about, thread.channel, Kind.MESSAGE, partial(self._say, about, thread))

    def _person_job(self, notice: Notice) -> _Job:
        about, person = f"notice {notice.id}", notice.recipient or ""
        if notice.delivery is Delivery.SENDING:
            return _Job(about, person, Kind.LOOK, partial(self._find_word, about, notice))
        return _Job(about, person, Kind.MESSAGE, partial(self._tell, about, notice))

    # Cards

    def _post(self, about: str, copy: CardCopy) -> bool:
        """Post a card, unless it has been since, or has nothing to ask any more."""
        if not self._answers():
            return False
        send_by = boot_clock() + SEND_WITHIN
        with self._lease.transaction() as tx:
            copy = tx.get_one(CardCopy, copy.id)
            deletion = deletions.get(tx, copy.deletion_id)
            if deletion is None or copy.delivery is not Delivery.WAITING:
                return True
            if deletion.state not in LIVE:
                self._give_up(tx, copy, deletion, _ENDED)
                self._forget(about)
                return True
            self._mark([copy], Delivery.SENDING)
        facts = {"deletion": deletion.id, "copy": str(copy.id)}
        result = self._write(copy.channel_id, card(deletion, copy.place), finding.CARD, facts, send_by=send_by)
        match result:
            case Done():
                self._posted(copy, deletion.version, result.field("channel"), result.field("ts"))
            case Never(problem=problem):
                with self._lease.patient_transaction() as tx:
                    self._give_up(tx, _again(tx, copy), deletions.get(tx, copy.deletion_id), problem)
            case Wait():
                self._commit([copy], Delivery.WAITING)
            case Unsure():
                pass  # it stays as being sent, until somebody looks
        return self._heard(about, copy.channel_id, Kind.MESSAGE, result)

    def _posted(self, copy: CardCopy, shown: int, channel: str, ts: str) -> None:
        """The card is in Slack; `shown` is the version it shows, 0 where that is not known."""
        with self._lease.patient_transaction() as tx:
            stored = _again(tx, copy)
            stored.channel_id, stored.ts, stored.delivery = channel, ts, Delivery.SENT
            stored.shown_version = shown
            deletion = deletions.get(tx, copy.deletion_id)
            if deletion and deletion.state is State.ASKING and stored.place is Place.REQUEST:
                is_true, now = deletion.version == shown, self._now()
                half_time = now + (deletion.expires_at - now) / 2
                due_at = half_time if deletion.approvals_needed else deletion.expires_at
                deletions.move(tx, deletion, State.PENDING, at=now, actor="bot", due_at=due_at)
                if is_true:  # both states look the same
                    stored.shown_version = deletion.version

    def _give_up(self, tx: Session, copy: CardCopy, deletion: Deletion | None, problem: str) -> None:
        """The card can be posted nowhere: what nobody sees, nobody can confirm."""
        self._drop(tx, [copy], deletion, problem)
        if deletion and copy.place is Place.APPROVALS and deletion.state in (State.ASKING, State.PENDING):
            deletions.look_again(tx, deletion, deletion.due_at, shown=True, approvals_channel=None)
        elif deletion and deletion.state is State.ASKING:
            deletions.end(tx, deletion, State.REFUSED, Why.SHOWN_NOWHERE, at=self._now(), problem=problem)

    def _find_card(self, about: str, copy: CardCopy) -> bool:
        """Look whether a card is in Slack."""
        with self._database.reading() as tx:
            copy = tx.get_one(CardCopy, copy.id)
            deletion = deletions.get(tx, copy.deletion_id)
        if deletion is None or copy.delivery is not Delivery.SENDING:
            return True
        seen = finding.card(self._client, copy.channel_id, deletion.asked_at, copy.id)
        if seen.look is Look.FOUND:
            self._posted(copy, 0, copy.channel_id, seen.ts)
        return self._looked(about, copy.channel_id, [copy], deletion, seen)

    def _edit(self, copy: CardCopy) -> bool:
        """Have a card show its deletion as it is now. Doing it twice does no harm."""
        send_by = boot_clock() + SEND_WITHIN
        with self._lease.transaction() as tx:
            deletion = deletions.get(tx, copy.deletion_id)
        if deletion is None or copy.ts is None:
            return True
        message, ts = card(deletion, copy.place), copy.ts
        result = attempt(
            lambda: self._client.chat_update(channel=copy.channel_id, ts=ts, text=message.text, blocks=message.blocks),
            send_by=send_by,
        )
        match result:
            case Done():
                with self._lease.patient_transaction() as tx:
                    _again(tx, copy).shown_version = deletion.version
            case Never(problem=problem):  # its thread is where the rest is told
                with self._lease.patient_transaction() as tx:
                    self._drop(tx, [_again(tx, copy)], deletion, problem)
            case Wait() | Unsure():
                pass
        return self._heard(f"card {copy.id}", copy.channel_id, Kind.EDIT, result)

    # Threads

    def _say(self, about: str, thread: Thread) -> bool:
        """Say everything that waits for one thread in one message; or the outcome to the asker, where it can't be."""
        if not self._answers():
            return False
        send_by = boot_clock() + SEND_WITHIN
        with self._lease.transaction() as tx:
            unsaid = notices.unsaid(tx, thread.deletion_id)  # first: their deletion must not be older than they are
            deletion, copy = deletions.get(tx, thread.deletion_id), cards.of_deletion(tx, thread.deletion_id)
            told = list(unsaid)[:_LINES]
            if deletion is None or copy is None or any(one.delivery is Delivery.SENDING for one in told):
                return True
            is_direct = copy.ts is None or any(one.channel_id for one in told)
            if is_direct:
                self._drop(tx, [one for one in told if one.kind is not NoticeKind.ENDED], deletion, _NO_CARD)
                told = [one for one in told if one.kind is NoticeKind.ENDED]
            else:
                told = told[:1] if deletion.id in self._apart else _fitting(deletion, told)
            if len(told) == len(unsaid):
                self._apart.discard(deletion.id)
            self._mark(told, Delivery.SENDING)
        return not told or self._send(about, thread.channel, copy, deletion, told, is_direct=is_direct, send_by=send_by)

    def _send(
        self,
        about: str,
        channel: str,
        copy: CardCopy,
        deletion: Deletion,
        told: list[Notice],
        *,
        is_direct: bool,
        send_by: float,
    ) -> bool:
        message = lines.direct(deletion) if is_direct else lines.message(deletion, told)
        facts = {"deletion": deletion.id, "notices": ",".join(str(notice.id) for notice in told)}
        to, under = (deletion.requester_id, None) if is_direct else (copy.channel_id, copy.ts)
        result = self._write(to, message, finding.NOTICES, facts, under, send_by=send_by)
        match result:
            case Done():
                self._commit_sent(told, deletion, result)
            case Never(problem=problem) if problem in _TOO_MUCH and len(told) > 1:
                self._apart.add(deletion.id)
                self._commit(told, Delivery.WAITING)
            case Never(problem=problem):
                self._redirect(deletion, told, problem, was_direct=is_direct)
            case Wait() if self._is_in_vain(result, [notice.at for notice in told]):
                self._redirect(deletion, told, result.problem, was_direct=is_direct)
            case Wait():
                self._commit(told, Delivery.WAITING)
            case Unsure():
                pass  # as with a card
        return self._heard(about, channel, Kind.MESSAGE, result)

    def _redirect(self, deletion: Deletion, told: list[Notice], problem: str, *, was_direct: bool) -> None:
        with self._lease.patient_transaction() as tx:
            self._leave_thread(tx, [_again(tx, one) for one in told], deletion, problem, was_direct=was_direct)

    def _leave_thread(
        self, tx: Session, rows: Sequence[Notice], deletion: Deletion, problem: str, *, was_direct: bool
    ) -> None:
        """The thread takes nothing any more: the outcome goes to the asker, the rest stays on the record."""
        outcomes = [] if was_direct else [one for one in rows if one.kind is NoticeKind.ENDED]
        self._drop(tx, [one for one in rows if one not in outcomes], deletion, problem)
        self._record(tx, outcomes, deletion, problem, to=deletion.requester_id)
        self._mark(outcomes, Delivery.WAITING, problem=problem, channel_id=deletion.requester_id)

    def _find_lines(self, about: str, thread: Thread) -> bool:
        """Look whether lines are in Slack."""
        with self._database.reading() as tx:
            deletion, copy = deletions.get(tx, thread.deletion_id), cards.of_deletion(tx, thread.deletion_id)
            unsaid = notices.unsaid(tx, thread.deletion_id)
        doubtful = [one for one in unsaid if one.delivery is Delivery.SENDING]
        if deletion is None or copy is None or not doubtful:
            return True
        if copy.ts is None or any(one.channel_id for one in doubtful):
            seen = finding.nothing(self._client)
        else:
            seen = finding.lines(self._client, copy.channel_id, copy.ts, [one.id for one in doubtful])
        if seen.look is Look.FOUND:
            self._commit(doubtful, Delivery.SENT, channel_id=copy.channel_id, ts=seen.ts)
        return self._looked(about, thread.channel, doubtful, deletion, seen)

    # People

    def _tell(self, about: str, notice: Notice) -> bool:
        """Say something to one person, or in a channel."""
        if not self._answers():
            return False
        deletion, link = self._about_whom(notice)
        send_by = boot_clock() + SEND_WITHIN
        with self._lease.transaction() as tx:
            notice = tx.get_one(Notice, notice.id)
            if notice.recipient is None or notice.delivery is not Delivery.WAITING:
                return True
            self._mark([notice], Delivery.SENDING)
        facts, person, thread = {"notices": str(notice.id)}, notice.recipient, notice.facts.get("thread")
        message = lines.for_one(notice, deletion, link)
        result = self._write(person, message, finding.NOTICES, facts, thread, send_by=send_by)
        match result:
            case Done():
                self._commit([notice], Delivery.SENT, channel_id=result.field("channel"), ts=result.field("ts"))
            case Never(problem=problem):
                self._commit_drop([notice], None, problem)
            case Wait() if self._is_in_vain(result, [notice.at]):
                self._commit_drop([notice], None, result.problem)
            case Wait():
                self._commit([notice], Delivery.WAITING)
            case Unsure():
                pass  # as with a card
        return self._heard(about, person, Kind.MESSAGE, result)

    def _about_whom(self, notice: Notice) -> tuple[Deletion | None, str | None]:
        """The deletion that it is about, and where its card is."""
        with self._database.reading() as tx:
            number = notice.facts.get("deletion", "")
            deletion, copy = deletions.get(tx, number), cards.of_deletion(tx, number)
        if deletion is None or copy is None or copy.ts is None or notice.kind is not NoticeKind.OUTCOME:
            return deletion, None
        channel, ts = copy.channel_id, copy.ts
        match attempt(lambda: self._client.chat_getPermalink(channel=channel, message_ts=ts)):
            case Done() as done:
                return deletion, done.field("permalink")
            case _:
                return deletion, None

    def _find_word(self, about: str, notice: Notice) -> bool:
        """To a person it can't be looked for: which conversation it was said in is known only from Slack's answer."""
        to, thread = notice.recipient or "", notice.facts.get("thread")
        if to.startswith(("U", "W")):
            seen = finding.nothing(self._client)
        elif thread:
            seen = finding.lines(self._client, to, thread, [notice.id])
        else:
            seen = finding.word(self._client, to, notice.at, notice.id)
        if seen.look is Look.FOUND:
            self._commit([notice], Delivery.SENT, channel_id=to, ts=seen.ts)
        return self._looked(about, to, [notice], None, seen)

    # Slack

    def _write(
        self,
        channel: str,
        message: Message,
        kind: str,
        facts: dict[str, str],
        thread: str | None = None,
        *,
        send_by: float,
    ) -> Result:
        return attempt(
            lambda: self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread,
                text=message.text,
                blocks=message.blocks,
                metadata={"event_type": kind, "event_payload": facts},
                unfurl_links=False,
                unfurl_media=False,
            ),
            send_by=send_by,
        )

    def _heard(self, about: str, channel: str, kind: Kind, result: Result) -> bool:
        """Keep in mind what became of something that was sent. What may have been sent rests before a look."""
        self._listen(about, channel, kind, result)
        with self._lock:
            if isinstance(result, Done | Never):
                self._failed.pop(about, None)
            else:
                self._failed[about] = self._failed.get(about, 0) + 1
        return not isinstance(result, Unsure)

    def _listen(self, about: str, channel: str, kind: Kind, result: Result) -> None:
        """What an answer says of Slack: whether it works, lets the bot in, and wants to be left alone."""
        match result:
            case Unsure(problem=problem):
                self._silent.failed(problem, about)
            case Wait(seconds=seconds, problem=problem):
                self._pace.pause(channel, seconds, kind)
                if seconds:  # else it was not sent
                    self._silent.worked(about)
                if result.is_lock_out:
                    self._locked_out.failed(problem, channel)
            case Done() | Never():
                self._silent.worked(about)
                self._locked_out.worked(channel)

    def _answers(self) -> bool:
        """While Slack is silent, a message would only be in doubt: something that changes nothing goes before it."""
        if not self._silent.is_on:
            return True
        result = attempt(self._client.auth_test)
        if isinstance(result, Unsure):
            self._silent.failed(result.problem)
        return not isinstance(result, Unsure)

    def _is_in_vain(self, result: Wait, since: Iterable[datetime]) -> bool:
        """Whether nobody has mended the bot's token in all the time that there was for it."""
        return result.is_lock_out and self._now() > max(since) + KEEP

    # Looking

    def _looked(
        self, about: str, channel: str, rows: Sequence[CardCopy | Notice], deletion: Deletion | None, seen: Seen
    ) -> bool:
        """Go on after a look: what is not there is sent again; where the bot can't read, once and no more."""
        match seen.look:
            case Look.FOUND:
                self._forget(about)
            case Look.ABSENT:
                self._commit(rows, Delivery.WAITING)
            case Look.UNREADABLE:
                self._repeat_blindly(rows, deletion)
            case Look.NO_ANSWER:
                self._not_seen(rows, deletion, seen.result)
        if seen.look is Look.UNREADABLE:
            self._silent.worked(about)
        else:
            self._listen(about, channel, Kind.LOOK, seen.result)
        return seen.look is not Look.NO_ANSWER and self._failed.get(about, 0) <= 1  # what fails again rests longer

    def _repeat_blindly(self, rows: Sequence[CardCopy | Notice], deletion: Deletion | None) -> None:
        with self._lease.patient_transaction() as tx:
            stored = [_again(tx, row) for row in rows]
            twice = [row for row in stored if row.problem == _SENT_BLINDLY]
            self._mark([row for row in stored if row not in twice], Delivery.WAITING, problem=_SENT_BLINDLY)
            self._give_up_looking(tx, twice, deletion)

    def _give_up_looking(self, tx: Session, rows: Sequence[CardCopy | Notice], deletion: Deletion | None) -> None:
        """Twice nobody could say whether they are in Slack; a card that may be there unseen can't be kept true."""
        problem = f"{_SENT_BLINDLY}, twice"
        for row in rows:
            if isinstance(row, CardCopy):
                self._give_up(tx, row, deletions.get(tx, row.deletion_id), problem)
        told = [row for row in rows if isinstance(row, Notice)]
        copy = cards.of_deletion(tx, deletion.id) if deletion else None
        if deletion is None or copy is None:
            self._drop(tx, told, deletion, problem)
        else:
            was_direct = copy.ts is None or any(one.channel_id for one in told)
            self._leave_thread(tx, told, deletion, problem, was_direct=was_direct)

    def _not_seen(self, rows: Sequence[CardCopy | Notice], deletion: Deletion | None, result: Result) -> None:
        since = [row.at if isinstance(row, Notice) else (deletion.asked_at if deletion else ALWAYS) for row in rows]
        if isinstance(result, Wait) and self._is_in_vain(result, since):
            self._commit_drop(rows, deletion, result.problem)

    # Rows

    def _commit(self, rows: Sequence[CardCopy | Notice], delivery: Delivery, **changes: str) -> None:
        """Commit where messages stand."""
        with self._lease.patient_transaction() as tx:
            self._mark([_again(tx, row) for row in rows], delivery, **changes)

    def _commit_sent(self, told: Sequence[Notice], deletion: Deletion, done: Done) -> None:
        """Commit that lines are said; that an outcome was, and where, is on the record."""
        channel, ts = done.field("channel"), done.field("ts")
        with self._lease.patient_transaction() as tx:
            self._mark([_again(tx, one) for one in told], Delivery.SENT, channel_id=channel, ts=ts)
            if any(one.kind is NoticeKind.ENDED for one in told):
                facts = {"channel": channel, "ts": ts}
                audit.of_deletion(tx, deletion, at=self._now(), actor="bot", event="outcome_told", **facts)

    def _mark(self, rows: Iterable[CardCopy | Notice], delivery: Delivery, **changes: str) -> None:
        since = self._now() if delivery is Delivery.SENDING else None
        for row in rows:
            for name, value in {"delivery": delivery, "sending_since": since, **changes}.items():
                setattr(row, name, value)

    def _commit_drop(self, rows: Sequence[CardCopy | Notice], deletion: Deletion | None, problem: str) -> None:
        with self._lease.patient_transaction() as tx:
            self._drop(tx, [_again(tx, row) for row in rows], deletion, problem)

    def _drop(self, tx: Session, rows: Sequence[CardCopy | Notice], deletion: Deletion | None, problem: str) -> None:
        """Slack will never take these."""
        self._record(tx, rows, deletion, problem)
        self._mark(rows, Delivery.DROPPED, problem=problem)

    def _record(
        self,
        tx: Session,
        rows: Sequence[CardCopy | Notice],
        deletion: Deletion | None,
        problem: str,
        **more: str,
    ) -> None:
        for row in rows:
            what = row.kind if isinstance(row, Notice) else "card"
            where = deletion.id if deletion else row.recipient if isinstance(row, Notice) else row.deletion_id
            _log.error("Slack does not take %s of %s: %s", what, where, problem)
            audit.record(
                tx,
                at=self._now(),
                team=deletion.team_id if deletion else "",  # a word to an admin is about no team
                actor="slack",
                event="undelivered",
                deletion=deletion.id if deletion else None,
                what=what,
                problem=problem,
                **more,
            )

    def _forget(self, about: str) -> None:
        with self._lock:
            self._failed.pop(about, None)


def _again(tx: Session, row: Row) -> Row:
    """The row as it is now."""
    return tx.get_one(type(row), row.id)


def _numbers(what: str, abouts: Iterable[str]) -> list[int | str]:
    """What comes after the name in `card 7`, as the database has it."""
    found = [about.removeprefix(f"{what} ") for about in abouts if about.startswith(f"{what} ")]
    return [*found] if what == "thread" else [int(number) for number in found]


def _fitting(deletion: Deletion, told: list[Notice]) -> list[Notice]:
    """As many of the oldest lines as one message holds; the rest comes in the next one."""
    while len(told) > 1 and len(json.dumps(lines.message(deletion, told).blocks, ensure_ascii=False)) > _LENGTH:
        told = told[: len(told) // 2]
    return told
