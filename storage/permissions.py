"""Permission rows: granted, revoked, never removed."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from storage import audit
from storage.tables import EVERYBODY, Action, Effect, Permission


class NoSuchPermissionError(Exception):
    """There is no current permission with that number."""


class LastAdminError(Exception):
    """Without this permission nobody could hand out permissions any more."""


def current(tx: Session, team: str, now: datetime) -> Sequence[Permission]:
    """The rows that count now, oldest first."""
    return tx.exec(
        select(Permission)
        .where(Permission.team_id == team, col(Permission.revoked_at).is_(None))
        .where(col(Permission.valid_until).is_(None) | (col(Permission.valid_until) > now))
        .order_by(col(Permission.id))
    ).all()


def teams(tx: Session) -> Sequence[str]:
    """The teams that have rows, whatever these say now."""
    return tx.exec(select(Permission.team_id).distinct().order_by(Permission.team_id)).all()


def grant(tx: Session, row: Permission) -> Permission:
    """Add a row and put it on the record; returns it with its number."""
    tx.add(row)
    tx.flush()
    audit.record(
        tx,
        at=row.granted_at,
        team=row.team_id,
        actor=row.granted_by,
        event="granted",
        permission=str(row.id),
        subject=row.subject,
        effect=row.effect,
        action=row.action,
        pattern=row.pattern,
    )
    return row


def revoke(tx: Session, team: str, number: int, *, by: str, now: datetime, admins: frozenset[str]) -> Permission:
    """Revoke the row with that number. `admins` are those whom the environment names.

    Raises:
        NoSuchPermissionError: there is none that counts now.
        LastAdminError: nobody else could grant.
    """
    rows = current(tx, team, now)
    row = next((row for row in rows if row.id == number), None)
    if row is None:
        raise NoSuchPermissionError(f"no current permission has the number {number}")
    if _is_lasting_admin(row, rows) and not admins and sum(_is_lasting_admin(one, rows) for one in rows) == 1:
        raise LastAdminError(
            f"permission {number} is the last one for admin: without it nobody could grant any more. "
            "Grant admin to somebody else first."
        )
    row.revoked_by, row.revoked_at = by, now
    tx.add(row)
    audit.record(tx, at=now, team=team, actor=by, event="revoked", permission=str(number), subject=row.subject)
    return row


def _is_lasting_admin(row: Permission, rows: Sequence[Permission]) -> bool:
    """Whether the row makes somebody an admin for good, as far as the other rows go."""
    is_admin = row.effect is Effect.ALLOW and row.action is Action.ADMIN and row.valid_until is None
    return is_admin and not any(_denies_admin(other, row.subject) for other in rows)


def _denies_admin(row: Permission, subject: str) -> bool:
    """What is denied of some snapshots only takes no right to hand out permissions."""
    is_about_all = row.pattern == "*" and row.region is None and not row.tags
    is_deny = row.effect is Effect.DENY and row.action in (Action.ADMIN, Action.VIEW)
    return is_deny and is_about_all and row.subject in (subject, EVERYBODY)
