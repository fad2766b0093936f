"""Permission rows: granted, revoked, never removed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from storage import attributes, audit, directory, locks
from storage.tables import EVERYBODY, Action, Audit, Effect, Permission

Groups = Mapping[str, frozenset[str]]  # who is in them


class NoSuchPermissionError(Exception):
    """There is no current permission with that number."""


class LastAdminError(Exception):
    """Nobody could hand out permissions any more."""


def current(tx: Session, team: str, now: datetime) -> Sequence[Permission]:
    """The rows that count now, oldest first."""
    return tx.exec(
        select(Permission)
        .where(Permission.team_id == team, col(Permission.revoked_at).is_(None))
        .where(col(Permission.valid_until).is_(None) | (col(Permission.valid_until) > now))
        .order_by(col(Permission.id))
    ).all()


def page(
    tx: Session, team: str, now: datetime, *, subjects: Sequence[str] | None, start: int, at_most: int
) -> Sequence[Permission]:
    """Rows of a team from the `start`th on, those that count now first, then the latest; of some subjects only."""
    ended = or_(col(Permission.revoked_at).is_not(None), col(Permission.valid_until) <= now)
    found = _of(team, subjects).order_by(func.coalesce(ended, False), col(Permission.id).desc())
    return tx.exec(found.offset(start).limit(at_most)).all()


def count(tx: Session, team: str, *, subjects: Sequence[str] | None) -> int:
    """How many rows there are of a team, or of some subjects only, whether they count or not."""
    return tx.exec(select(func.count()).select_from(_of(team, subjects).subquery())).one()


def get(tx: Session, team: str, number: int) -> Permission | None:
    """The row with that number, whether it counts or not."""
    row = tx.get(Permission, number)
    return row if row is not None and row.team_id == team else None


def revision(tx: Session, team: str) -> int:
    """The number of the last change of a team's permissions; 0 before the first."""
    return tx.exec(select(func.max(Audit.id)).where(_is_change(team))).one() or 0


def changes_since(tx: Session, team: str, revision: int) -> list[Audit]:
    """The record of what was changed after that one, oldest first."""
    found = select(Audit).where(_is_change(team), col(Audit.id) > revision).order_by(col(Audit.id))
    return list(tx.exec(found))


def _is_change(team: str) -> ColumnElement[bool]:
    return (col(Audit.team_id) == team) & col(Audit.event).in_(("granted", "revoked", attributes.CHANGED))


def teams(tx: Session) -> Sequence[str]:
    """The teams that have rows, whatever these say now."""
    return tx.exec(select(Permission.team_id).distinct().order_by(Permission.team_id)).all()


def alone(tx: Session, team: str) -> None:
    """Have the permissions of a team to oneself until the transaction ends."""
    locks.one_at_a_time(tx, f"permissions of {team}")


def grant(tx: Session, row: Permission, admins: frozenset[str] = frozenset()) -> Permission:
    """Add a row and put it on the record; returns it with its number. `admins` are those whom the environment names.

    Raises:
        LastAdminError: it would take the right to grant from the last one who has it.
    """
    alone(tx, row.team_id)
    before = current(tx, row.team_id, row.granted_at)
    if row.effect is Effect.DENY and _is_last(before, [*before, row], admins, directory.members(tx, row.team_id)):
        raise LastAdminError(
            "That would take admin from the last one who has it: nobody could grant any more. "
            "Grant admin to somebody else first."
        )
    tx.add(row)
    tx.flush()
    audit.record(tx, at=row.granted_at, team=row.team_id, actor=row.granted_by, event="granted", **row.to_facts())
    return row


def revoke(tx: Session, team: str, number: int, *, by: str, now: datetime, admins: frozenset[str]) -> Permission:
    """Revoke the row with that number. `admins` are those whom the environment names.

    Raises:
        NoSuchPermissionError: there is none that counts now.
        LastAdminError: nobody else could grant.
    """
    alone(tx, team)
    rows = current(tx, team, now)
    row = next((row for row in rows if row.id == number), None)
    if row is None:
        raise NoSuchPermissionError(f"no current permission has the number {number}")
    if _is_last(rows, [one for one in rows if one is not row], admins, directory.members(tx, team)):
        raise LastAdminError(
            f"permission {number} is the last one for admin: without it nobody could grant any more. "
            "Grant admin to somebody else first."
        )
    row.revoked_by, row.revoked_at = by, now
    tx.add(row)
    audit.record(tx, at=now, team=team, actor=by, event="revoked", **row.to_facts())
    return row


def _of(team: str, subjects: Sequence[str] | None) -> SelectOfScalar[Permission]:
    found = select(Permission).where(Permission.team_id == team)
    return found if subjects is None else found.where(col(Permission.subject).in_(subjects))


def _is_last(before: Sequence[Permission], after: Sequence[Permission], admins: frozenset[str], groups: Groups) -> bool:
    """Whether a change leaves nobody who is an admin for good, where there was somebody."""
    return not admins and _has_lasting_admin(before, groups) and not _has_lasting_admin(after, groups)


def _has_lasting_admin(rows: Sequence[Permission], groups: Groups) -> bool:
    return any(_is_lasting_admin(row, rows, groups) for row in rows)


def _is_lasting_admin(row: Permission, rows: Sequence[Permission], groups: Groups) -> bool:
    """Whether the row makes somebody an admin for good, as far as the other rows go."""
    is_admin = row.effect is Effect.ALLOW and row.action is Action.ADMIN and row.valid_until is None
    return is_admin and not any(_denies_admin(other, row.subject, groups) for other in rows)


def _denies_admin(row: Permission, subject: str, groups: Groups) -> bool:
    """What is denied of some snapshots only takes no right to hand out permissions."""
    is_about_all = row.pattern == "*" and row.region is None and not row.tags
    is_deny = row.effect is Effect.DENY and row.action in (Action.ADMIN, Action.VIEW)
    is_about_them = row.subject in (subject, EVERYBODY) or subject in groups.get(row.subject, ())
    return is_deny and is_about_all and is_about_them
