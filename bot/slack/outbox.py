"""Makes Slack match the rows: posts cards, keeps them true, and says what must be said in their threads."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse
from sqlmodel import Session

from bot.clock import boot_clock
from bot.loop import TICK, Loop
from bot.slack import lines
from bot.slack.blocks import Message
from bot.slack.card import card
from bot.slack.client import Done, Never, Result, Unsure, Wait, attempt
from bot.slack.pace import Pace
from storage import cards, deletions, notices
from storage.database import Database
from storage.lease import Lease
from storage.tables import LIVE, CardCopy, Deletion, Delivery, Notice, NoticeKind, State, Why

SIDE_BY_SIDE = 8  # channels
LOOK_AFTER = timedelta(seconds=10)  # a message that may or may not be in Slack
SEND_WITHIN = 5.0  # seconds of the boot clock from the mark; later another process may have looked, and sent it
_LINES = 40  # of one message; a block each
# Characters of blocks in a message. Slack refuses too many together and does not document how many that are; people
# measured less than 12,000. Source: https://github.com/slackapi/bolt-js/issues/2867
_LENGTH = 8000
_CARD, _NOTICES = "lightkeeper_card", "lightkeeper_notices"
_SENT_BLINDLY = "sent again without being able to look"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    """One call to Slack that is due in a channel, about a card or a thread."""

    about: str
    channel: str
    edit: bool
    run: Callable[[], bool]  # False: it did not work, and is to rest


class Outbox(Loop):
    """The loop that delivers, in the process that holds the lease.

    A message is marked as being sent before it is sent, and as sent with Slack's answer. One whose answer was
    lost, with the process or with the line, is looked for in Slack by its metadata before it is sent again.
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

    def start_due(self) -> float:
        """See `Loop.start_due`. One call a channel is in hand."""
        soonest = TICK
        with self._database.reading() as tx:
            due = list(self._due(tx))
        for job in due:
            if {job.channel, job.about} & self._busy() or not self._free():
                continue
            if wait := self._pace.take(job.channel, edit=job.edit):
                soonest = min(soonest, wait)
            else:
                self._start(job.channel, job.about, job.run)
        return soonest

    # What is due

    def _due(self, tx: Session) -> Iterator[_Job]:
        """Endings first, then new cards, then threads, then people, then other edits."""
        edits = [(copy, deletions.get(tx, copy.deletion_id)) for copy in cards.outdated(tx) if self._may_edit()]
        ended = [copy for copy, deletion in edits if deletion and deletion.state not in LIVE]
        rest = [copy for copy, deletion in edits if deletion and deletion.state in LIVE]
        yield from map(self._edit_job, ended)
        for copy in cards.unposted(tx):
            if self._is_due(copy):
                yield _Job(f"card {copy.id}", copy.channel_id, edit=False, run=partial(self._post, copy))
        for number in notices.deletions_with_unsaid(tx):
            card_copy = cards.of_deletion(tx, number)
            if card_copy is None or (card_copy.ts is None and card_copy.delivery is not Delivery.DROPPED):
                continue  # the card comes first
            if all(self._is_due(notice) for notice in notices.unsaid(tx, number)):
                yield _Job(f"thread {number}", card_copy.channel_id, edit=False, run=partial(self._say, card_copy))
        for notice in notices.for_people(tx):
            if notice.recipient and self._is_due(notice):
                run = partial(self._tell, notice)
                yield _Job(f"notice {notice.id}", notice.recipient, edit=False, run=run)
        yield from map(self._edit_job, rest)

    def _edit_job(self, copy: CardCopy) -> _Job:
        return _Job(f"card {copy.id}", copy.channel_id, edit=True, run=partial(self._edit, copy))

    def _may_edit(self) -> bool:
        """An older state, on its way from the holder before, must not come after a newer one."""
        return self._now() >= self._lease.alone_since + LOOK_AFTER

    def _is_due(self, row: CardCopy | Notice) -> bool:
        if row.delivery is Delivery.WAITING or row.sending_since is None:
            return True
        return self._now() >= max(row.sending_since, self._lease.alone_since) + LOOK_AFTER

    # Cards

    def _post(self, copy: CardCopy) -> bool:
        """Post a card, unless it turns out to be in Slack already."""
        with self._lease.transaction() as tx:
            copy = tx.get_one(CardCopy, copy.id)
            deletion = deletions.get(tx, copy.deletion_id)
        if deletion is None or copy.delivery not in (Delivery.WAITING, Delivery.SENDING) or not self._is_due(copy):
            return True  # it was read before somebody else posted it
        if copy.delivery is Delivery.SENDING:
            look, found = self._look_in_channel(copy, deletion)
            if look is _Look.FOUND:
                self._posted(copy, 0, copy.channel_id, found[str(copy.id)])
                return True
            if not self._may_repeat([copy], look):
                return True
        if deletion.state not in LIVE:
            self._give_up(copy, "it ended before it could be posted")
            return True
        send_by = self._begin([copy])
        message, facts = card(deletion), {"deletion": deletion.id, "copy": str(copy.id)}
        result = self._write(copy.channel_id, message, _CARD, facts, send_by=send_by)
        match result:
            case Done():
                self._posted(copy, deletion.version, result.field("channel"), result.field("ts"))
            case Never(problem=problem):
                self._give_up(copy, problem)
            case Wait() | Unsure():
                self._not_now([copy], copy.channel_id, result)
        return True

    def _posted(self, copy: CardCopy, shown: int, channel: str, ts: str) -> None:
        """The card is in Slack; `shown` is the version it shows, 0 where that is not known."""
        with self._lease.transaction() as tx:
            stored = tx.get_one(CardCopy, copy.id)
            stored.channel_id, stored.ts, stored.delivery = channel, ts, Delivery.SENT
            stored.shown_version = shown
            deletion = deletions.get(tx, copy.deletion_id)
            if deletion and deletion.state is State.ASKING:
                is_true = deletion.version == shown
                deletions.move(tx, deletion, State.PENDING, at=self._now(), actor="bot")
                if is_true:  # both states look the same
                    stored.shown_version = deletion.version

    def _give_up(self, copy: CardCopy, problem: str) -> None:
        """The card can be posted nowhere: what nobody sees, nobody can confirm."""
        _log.error("the card of %s can't be posted in %s: %s", copy.deletion_id, copy.channel_id, problem)
        with self._lease.transaction() as tx:
            stored = tx.get_one(CardCopy, copy.id)
            stored.delivery, stored.problem = Delivery.DROPPED, problem
            deletion = deletions.get(tx, copy.deletion_id)
            if deletion and deletion.state is State.ASKING:
                deletions.end(tx, deletion, State.REFUSED, Why.SHOWN_NOWHERE, at=self._now(), problem=problem)

    def _edit(self, copy: CardCopy) -> bool:
        """Have a card show its deletion as it is now. Doing it twice does no harm."""
        send_by = boot_clock() + SEND_WITHIN
        with self._lease.transaction() as tx:
            deletion = deletions.get(tx, copy.deletion_id)
        if deletion is None or copy.ts is None:
            return True
        message, ts = card(deletion), copy.ts
        result = attempt(
            lambda: self._client.chat_update(channel=copy.channel_id, ts=ts, text=message.text, blocks=message.blocks),
            send_by=send_by,
        )
        match result:
            case Done():
                self._shown(copy, deletion)
            case Never(problem=problem):
                self._drop_card(copy, problem)
            case Wait(seconds=seconds):
                self._pace.pause(copy.channel_id, seconds, edit=True)
            case Unsure(problem=problem):
                _log.warning("whether the card of %s was edited is not known: %s", deletion.id, problem)
                return False
        return True

    def _shown(self, copy: CardCopy, deletion: Deletion) -> None:
        with self._lease.transaction() as tx:
            tx.get_one(CardCopy, copy.id).shown_version = deletion.version

    def _drop_card(self, copy: CardCopy, problem: str) -> None:
        """The card can't be edited any more; its thread is where the rest is told."""
        _log.error("the card of %s can't be edited: %s", copy.deletion_id, problem)
        with self._lease.transaction() as tx:
            stored = tx.get_one(CardCopy, copy.id)
            stored.delivery, stored.problem = Delivery.DROPPED, problem

    # Threads

    def _say(self, copy: CardCopy) -> bool:
        """Say everything that waits for one thread in one message."""
        with self._lease.transaction() as tx:
            deletion = deletions.get(tx, copy.deletion_id)
            told = list(notices.unsaid(tx, copy.deletion_id))[:_LINES]
        if deletion is None or not all(map(self._is_due, told)):
            return True
        redirected = [notice for notice in told if notice.channel_id]
        direct = copy.ts is None or bool(redirected)
        if direct:
            problem = next((notice.problem for notice in redirected), copy.problem) or ""
            rest = [one for one in told if one.kind is not NoticeKind.ENDED]
            self._mark(rest, Delivery.DROPPED, problem=problem)
            told = [one for one in told if one.kind is NoticeKind.ENDED]
        doubtful = [one for one in told if one.delivery is Delivery.SENDING]
        if doubtful:
            look, found = (_Look.UNREADABLE, {}) if direct else self._look_in_thread(copy, doubtful)
            if look is _Look.FOUND:
                self._found(copy, doubtful, found)
                return True
            if not self._may_repeat(doubtful, look):
                return True
        if told:
            self._send(copy, deletion, told if direct else _fitting(deletion, told), direct=direct)
        return True

    def _found(self, copy: CardCopy, doubtful: Sequence[Notice], found: Mapping[str, str]) -> None:
        """What is in the thread is said. The rest is still in doubt: it was to be in another message."""
        for notice in doubtful:
            if ts := found.get(str(notice.id)):
                self._mark([notice], Delivery.SENT, channel_id=copy.channel_id, ts=ts)

    def _send(self, copy: CardCopy, deletion: Deletion, told: list[Notice], *, direct: bool) -> None:
        send_by = self._begin(told)
        message = lines.direct(deletion) if direct else lines.message(deletion, told)
        channel, thread = (deletion.requester_id, None) if direct else (copy.channel_id, copy.ts)
        numbers = ",".join(str(notice.id) for notice in told)
        facts = {"deletion": deletion.id, "notices": numbers}
        result = self._write(channel, message, _NOTICES, facts, thread, send_by=send_by)
        match result:
            case Done():
                self._mark(told, Delivery.SENT, channel_id=result.field("channel"), ts=result.field("ts"))
            case Never(problem=problem):
                self._redirect(deletion, told, problem, was_direct=direct)
            case Wait() | Unsure():
                self._not_now(told, copy.channel_id, result)

    def _redirect(self, deletion: Deletion, told: list[Notice], problem: str, *, was_direct: bool) -> None:
        """The thread takes nothing any more: the outcome goes to the asker, the rest stays on the record."""
        _log.error("the thread of %s takes no message: %s", deletion.id, problem)
        for notice in told:
            if notice.kind is NoticeKind.ENDED and not was_direct:
                self._mark([notice], Delivery.WAITING, problem=problem, channel_id=deletion.requester_id)
            else:
                self._mark([notice], Delivery.DROPPED, problem=problem)

    # People

    def _tell(self, notice: Notice) -> bool:
        """Say something to one person, in their conversation with the bot, which the bot can't read."""
        with self._lease.transaction() as tx:
            notice = tx.get_one(Notice, notice.id)
        if notice.recipient is None or notice.delivery not in notices.UNSAID or not self._is_due(notice):
            return True
        if notice.delivery is Delivery.SENDING and not self._may_repeat([notice], _Look.UNREADABLE):
            return True
        send_by, message, facts = self._begin([notice]), lines.for_person(notice), {"notices": str(notice.id)}
        result = self._write(notice.recipient, message, _NOTICES, facts, send_by=send_by)
        match result:
            case Done():
                self._mark([notice], Delivery.SENT, channel_id=result.field("channel"), ts=result.field("ts"))
            case Never(problem=problem):
                _log.error("%s can't be told of %s: %s", notice.recipient, notice.kind, problem)
                self._mark([notice], Delivery.DROPPED, problem=problem)
            case Wait() | Unsure():
                self._not_now([notice], notice.recipient, result)
        return True

    # Slack

    def _begin(self, rows: Sequence[CardCopy | Notice]) -> float:
        """Commit that a message is being sent; returns the boot clock after which it must not be any more."""
        send_by = boot_clock() + SEND_WITHIN
        self._mark(rows, Delivery.SENDING)
        return send_by

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

    def _not_now(self, rows: Sequence[CardCopy | Notice], channel: str, result: Wait | Unsure) -> None:
        """Refused for now: it waits again. Not known: it stays as being sent, until somebody looks."""
        if isinstance(result, Wait):
            self._pace.pause(channel, result.seconds, edit=False)
            self._mark(rows, Delivery.WAITING)
        else:
            _log.warning("whether a message to %s was posted is not known: %s", channel, result.problem)

    def _may_repeat(self, rows: Sequence[CardCopy | Notice], look: "_Look") -> bool:
        """Whether to send again after a look; where the bot can't read, once more and no more."""
        if look is _Look.NO_ANSWER:
            self._mark(rows, Delivery.SENDING)  # looks again after a while
            return False
        if look is _Look.ABSENT:
            return True
        if any(row.problem == _SENT_BLINDLY for row in rows):
            self._mark(rows, Delivery.DROPPED, problem=f"{_SENT_BLINDLY}, twice")
            return False
        self._mark(rows, Delivery.SENDING, problem=_SENT_BLINDLY)
        return True

    def _look_in_channel(self, copy: CardCopy, deletion: Deletion) -> "tuple[_Look, Mapping[str, str]]":
        oldest = _before(deletion.asked_at)

        def page(cursor: str) -> SlackResponse:
            return self._client.conversations_history(
                channel=copy.channel_id, oldest=oldest, limit=200, cursor=cursor, include_all_metadata=True
            )

        return _look(page, _CARD, "copy", {str(copy.id)})

    def _look_in_thread(self, copy: CardCopy, told: Sequence[Notice]) -> "tuple[_Look, Mapping[str, str]]":
        ts = copy.ts or ""

        def page(cursor: str) -> SlackResponse:
            return self._client.conversations_replies(
                channel=copy.channel_id, ts=ts, limit=200, cursor=cursor, include_all_metadata=True
            )

        return _look(page, _NOTICES, "notices", {str(one.id) for one in told})

    def _mark(self, rows: Sequence[CardCopy | Notice], delivery: Delivery, **changes: str) -> None:
        """Commit where messages stand."""
        since = self._now() if delivery is Delivery.SENDING else None
        with self._lease.transaction() as tx:
            for row in rows:
                stored = tx.get_one(type(row), row.id)
                for name, value in {"delivery": delivery, "sending_since": since, **changes}.items():
                    setattr(stored, name, value)


def _fitting(deletion: Deletion, told: list[Notice]) -> list[Notice]:
    """As many of the oldest lines as one message holds; the rest comes in the next one."""
    while len(told) > 1 and len(json.dumps(lines.message(deletion, told).blocks, ensure_ascii=False)) > _LENGTH:
        told = told[: len(told) // 2]
    return told


class _Look(StrEnum):
    """What a look for a message showed."""

    FOUND = "found"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    NO_ANSWER = "no_answer"


def _look(
    page: Callable[[str], SlackResponse], kind: str, key: str, numbers: set[str]
) -> tuple[_Look, Mapping[str, str]]:
    """Look through the pages for messages of ours that carry any of the numbers; each with the `ts` of its message."""
    cursor, found = "", dict[str, str]()
    while True:
        match attempt(partial(page, cursor)):
            case Done(response=response):
                for told in response["messages"]:
                    metadata = told.get("metadata", {})
                    carried = str(metadata.get("event_payload", {}).get(key, "")).split(",")
                    if metadata.get("event_type") == kind:
                        found |= dict.fromkeys(numbers.intersection(carried), str(told["ts"]))
                cursor = (response.get("response_metadata") or {}).get("next_cursor", "")
                if not cursor or numbers <= found.keys():
                    return (_Look.FOUND if found else _Look.ABSENT), found
            case Never() | Wait(problem="missing_scope"):
                return _Look.UNREADABLE, {}
            case Wait() | Unsure():
                return _Look.NO_ANSWER, {}


def _before(moment: datetime) -> str:
    """A little earlier, as Slack writes times: its clock and ours differ."""
    return f"{(moment - timedelta(minutes=5)).timestamp():.6f}"
