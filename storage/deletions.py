"""Deletions and their operations: every move is one conditional UPDATE and its audit row."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select, update

from storage import audit, locks, notices
from storage.tables import LIVE, Approval, CardCopy, Deletion, NoticeKind, Operation, Place, State, Why

# Of an operation, what does not change while it goes on.
_LASTING = (
    "resource_name",
    "resource_type",
    "created_at",
    "availability_zone",
    "region_name",
    "operation_type",
    "operation_details",
)


class MovedError(Exception):
    """Somebody else moved the deletion first; nothing was changed."""


class Added(NamedTuple):
    """The deletion that stands after an ask, and whether it is the one that was asked for."""

    deletion: Deletion
    fresh: bool


def add(tx: Session, deletion: Deletion) -> Added:
    """Add a deletion with its card, unless the command came twice or the snapshot has a live one."""
    if standing := _standing(tx, deletion):
        return Added(standing, fresh=False)
    try:
        with tx.begin_nested():
            tx.add(deletion)
            tx.flush()
    except IntegrityError:
        if standing := _standing(tx, deletion):
            return Added(standing, fresh=False)
        raise
    tx.add(CardCopy(deletion_id=deletion.id, channel_id=deletion.channel_id, wanted_version=deletion.version))
    if deletion.approvals_channel:
        tx.flush()  # so that the thread is under the first
        place, channel = Place.APPROVALS, deletion.approvals_channel
        tx.add(CardCopy(deletion_id=deletion.id, channel_id=channel, place=place, wanted_version=deletion.version))
    audit.of_deletion(
        tx, deletion, at=deletion.asked_at, actor=deletion.requester_id, event="asked", **_as_asked(deletion)
    )
    return Added(deletion, fresh=True)


def _as_asked(deletion: Deletion) -> dict[str, str]:
    """All that was asked: the record has to tell the story without the deletion's row."""
    return {
        "arn": deletion.arn,
        "name": deletion.name,
        "region": deletion.region,
        "channel": deletion.channel_id,
        "requester_name": deletion.requester_name,
        "reason": deletion.reason,
        "expires_at": deletion.expires_at.isoformat(),
        "approvals_needed": str(deletion.approvals_needed),
        "approvals_channel": deletion.approvals_channel or "",
        "approvers": json.dumps(deletion.approvers, ensure_ascii=False),
        "snapshot": json.dumps(deletion.snapshot, ensure_ascii=False),
    }


def _standing(tx: Session, asked: Deletion) -> Deletion | None:
    return tx.exec(
        select(Deletion).where(
            (col(Deletion.trigger_id) == asked.trigger_id)
            | ((col(Deletion.arn) == asked.arn) & col(Deletion.state).in_(LIVE))
        )
    ).first()


def get(tx: Session, number: str) -> Deletion | None:
    """The deletion with that id, as it is now."""
    return tx.get(Deletion, number, populate_existing=True)


def live(tx: Session, arn: str) -> Deletion | None:
    """The deletion of a snapshot that has not ended."""
    return tx.exec(select(Deletion).where(Deletion.arn == arn, col(Deletion.state).in_(LIVE))).first()


def claim(tx: Session, number: str, states: Collection[State], now: datetime) -> Deletion | None:
    """Have a deletion to oneself until the transaction ends; None where it waits for no word (any more).

    The write that changes nothing takes the row's lock; a click that counts for nothing leaves no trace.
    """
    done = tx.exec(
        update(Deletion)
        .where(col(Deletion.id) == number, col(Deletion.state).in_(states))
        .where((col(Deletion.state) != State.PENDING) | (col(Deletion.expires_at) > now))
        .values(version=col(Deletion.version))
        .execution_options(synchronize_session=False)
    )
    return get(tx, number) if done.rowcount else None


def move(tx: Session, deletion: Deletion, to: State, *, at: datetime, actor: str, **changes: object) -> None:
    """Move a deletion, with its audit row, and have its cards follow.

    Raises:
        MovedError: it is not any more as it was read.
    """
    before = deletion.state
    values = {"state": to, "version": deletion.version + 1, **changes}
    _write(tx, deletion, values)
    _outdate_cards(tx, deletion)
    audit.of_deletion(tx, deletion, at=at, actor=actor, event=to, before=before, **_of_move(deletion, changes))


def end(
    tx: Session, deletion: Deletion, state: State, why: Why, *, at: datetime, actor: str = "bot", **facts: str
) -> None:
    """Move a deletion to an end, and have it told."""
    move(tx, deletion, state, at=at, actor=actor, why=why, facts=facts, ended_at=at, due_at=None)
    tell(tx, deletion, NoticeKind.ENDED, at=at)


def approve(tx: Session, deletion: Deletion, approval: Approval) -> None:
    """Have the cards show somebody's word for a deletion that needs it, and put it on the record.

    Raises:
        MovedError: it is not any more as it was read.
    """
    _write(
        tx, deletion, {"version": deletion.version + 1, "approved_by": [*deletion.approved_by, approval.person_name]}
    )
    _outdate_cards(tx, deletion)
    audit.of_deletion(
        tx,
        deletion,
        at=approval.at,
        actor=approval.person_id,
        event="approved",
        by_name=approval.person_name,
        given=str(len(deletion.approved_by)),
        needed=str(deletion.approvals_needed),
    )


def explain(tx: Session, deletion: Deletion, *, at: datetime, actor: str, by_name: str, reason: str) -> None:
    """Have the cards show why somebody stopped it, and put that on the record.

    Raises:
        MovedError: it is not any more as it was read.
    """
    _write(tx, deletion, {"version": deletion.version + 1, "facts": {**deletion.facts, "reason": reason}})
    _outdate_cards(tx, deletion)
    audit.of_deletion(tx, deletion, at=at, actor=actor, event="explained", by_name=by_name, reason=reason)


def with_aws(tx: Session, team: str) -> Sequence[str]:
    """The ids of a team's deletions that AWS has been asked for, and whose outcome is not known yet."""
    asked = (State.DELETING, State.UNKNOWN)
    return tx.exec(select(Deletion.id).where(Deletion.team_id == team, col(Deletion.state).in_(asked))).all()


def tell(tx: Session, deletion: Deletion, kind: NoticeKind, *, at: datetime, **facts: str) -> None:
    """Have an event of a deletion told in its thread; once for each of its versions and kinds."""
    notices.add(tx, f"{deletion.id}/{kind}/{deletion.version}", deletion.id, kind, at=at, facts=facts)


def tell_once(
    tx: Session, deletion: Deletion, key: str, kind: NoticeKind, *, at: datetime, facts: dict[str, str]
) -> None:
    """Have something that is no event of a deletion told in its thread, unless it was before; it is on the record."""
    if not notices.is_known(tx, key):
        notices.add(tx, key, deletion.id, kind, at=at, facts=facts)
        audit.of_deletion(tx, deletion, at=at, actor="bot", event=f"told_{kind}", **facts)


def look_again(
    tx: Session, deletion: Deletion, due_at: datetime | None, *, shown: bool = False, **changes: object
) -> None:
    """Come back to a deletion later; `shown`, where its cards say when, or why.

    Raises:
        MovedError: it is not any more as it was read.
    """
    version = deletion.version + shown
    _write(tx, deletion, {"due_at": due_at, "looks": deletion.looks + 1, "version": version, **changes})
    if shown:
        _outdate_cards(tx, deletion)


def _outdate_cards(tx: Session, deletion: Deletion) -> None:
    tx.exec(update(CardCopy).where(col(CardCopy.deletion_id) == deletion.id).values(wanted_version=deletion.version))


def _write(tx: Session, deletion: Deletion, values: dict[str, object]) -> None:
    done = tx.exec(
        update(Deletion)
        .where(
            col(Deletion.id) == deletion.id,
            col(Deletion.version) == deletion.version,
            col(Deletion.state) == deletion.state,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:
        raise MovedError(f"{deletion.id} was moved by somebody else")
    for name, value in values.items():
        setattr(deletion, name, value)


def _of_move(deletion: Deletion, changes: Mapping[str, object]) -> dict[str, str]:
    """What the record keeps of a move: why, and who decided; the facts, where they belong to it."""
    facts = dict(deletion.facts) if "facts" in changes or deletion.why else {}
    if deletion.why:
        facts["why"] = deletion.why.value
    if "decided_name" in changes:
        facts["by_name"] = str(deletion.decided_name)
    for name in ("run_at", "due_at", "intended_at"):
        if isinstance(moment := changes.get(name), datetime):
            facts[name] = moment.isoformat()
    if "attempt" in changes:
        facts["attempt"] = str(deletion.attempt)
    return facts


def due(
    tx: Session, now: datetime, *, at_most: int, without: Collection[str], elsewhere_than: Collection[str] = ()
) -> Sequence[Deletion]:
    """What has to be carried forward now, the longest waiting first; nothing in those regions."""
    return tx.exec(
        select(Deletion)
        .where(col(Deletion.due_at) <= now)
        .where(col(Deletion.id).not_in(without), col(Deletion.region).not_in(elsewhere_than))
        .order_by(col(Deletion.due_at))
        .limit(at_most)
    ).all()


def next_due(tx: Session, *, without: Collection[str], elsewhere_than: Collection[str] = ()) -> datetime | None:
    """When the next deletion has to be carried forward; nothing in those regions."""
    return tx.exec(
        select(Deletion.due_at)
        .where(col(Deletion.due_at).is_not(None))
        .where(col(Deletion.id).not_in(without), col(Deletion.region).not_in(elsewhere_than))
        .order_by(col(Deletion.due_at))
        .limit(1)
    ).first()


def going(tx: Session, instance: str | None, *, without: str) -> frozenset[str]:
    """The ARNs of an instance's other snapshots that are deleted, or are to be.

    Until the transaction ends no other is decided.
    """
    if instance is None:
        return frozenset()
    locks.one_at_a_time(tx, f"instance {instance}")
    decided = (State.READY, State.DELETING, State.UNKNOWN, State.DELETED)  # what AWS lists may be a moment old
    return frozenset(
        tx.exec(
            select(Deletion.arn).where(
                Deletion.instance == instance, col(Deletion.state).in_(decided), Deletion.id != without
            )
        )
    )


def asked_since(tx: Session, team: str, person: str, since: datetime, *, without: str) -> int:
    """How many deletions somebody has asked for that were carried out, or may still be."""
    return tx.exec(
        select(func.count())
        .select_from(Deletion)
        .where(Deletion.team_id == team, Deletion.requester_id == person, Deletion.id != without)
        .where(col(Deletion.asked_at) > since, col(Deletion.state).in_((*LIVE, State.DELETED)))
    ).one()


def operations(tx: Session, number: str) -> Sequence[Operation]:
    """A deletion's operations, as AWS last reported them."""
    return tx.exec(select(Operation).where(Operation.deletion_id == number).order_by(col(Operation.id))).all()


def known_operations(tx: Session, ids: Collection[str]) -> set[str]:
    """Those of the ids that are stored, for whatever deletion."""
    return set(tx.exec(select(Operation.id).where(col(Operation.id).in_(ids))))


def record(tx: Session, deletion: Deletion, reported: Operation, *, at: datetime) -> None:
    """Store what AWS reports of an operation; a status or an error that was not said yet becomes a notice.

    What AWS told before and leaves out now, such as where the operation is, is kept.
    """
    stored = tx.get(Operation, reported.id, populate_existing=True)
    if stored is not None and stored.deletion_id != deletion.id:
        return
    news = stored is None or _said_of(stored) != _said_of(reported)
    said = (stored.said if stored else 0) + news
    kept = {name: getattr(stored, name) for name in _LASTING if stored and getattr(reported, name) is None}
    row = stored or Operation(id=reported.id, deletion_id=deletion.id, status=reported.status)
    row.sqlmodel_update(reported.model_dump(), update={**kept, "deletion_id": deletion.id, "said": said})
    tx.add(row)
    if news:
        facts = {
            "operation": row.id,
            "status": row.status,
            "error_code": row.error_code or "",
            "error_details": row.error_details or "",
            "details": row.operation_details or "",
            "type": row.operation_type or "",
            "resource": row.resource_name or "",
        }
        if stored is not None and len(operations(tx, deletion.id)) == 1:
            facts["is_only"] = "yes"  # and was told of before: its id says nothing new
        notices.add(tx, f"{deletion.id}/op/{row.id}/{said}", deletion.id, NoticeKind.STATUS, at=at, facts=facts)
        audit.of_deletion(tx, deletion, at=at, actor="aws", event="operation", **facts)


def _said_of(operation: Operation) -> tuple[str | None, ...]:
    return operation.status, operation.error_code, operation.error_details
