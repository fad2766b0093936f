"""Who may do what: permission rows to a right, without I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.model import Snapshot, has_tags
from storage.tables import EVERYBODY, Action, Effect, Permission

GIVES: dict[Action, frozenset[Action]] = {
    Action.VIEW: frozenset({Action.VIEW}),
    Action.REQUEST: frozenset({Action.REQUEST, Action.VIEW}),
    Action.DELETE: frozenset({Action.DELETE, Action.REQUEST, Action.VIEW}),
    Action.APPROVE: frozenset({Action.APPROVE, Action.VIEW}),
    Action.ADMIN: frozenset({Action.ADMIN, Action.VIEW}),
}


@dataclass(frozen=True, slots=True)
class Right:
    """Whether somebody may, and the row that decides; none where no row matches."""

    allowed: bool
    by: Permission | None = None


def right(rows: Iterable[Permission], person: str, action: Action, snapshot: Snapshot) -> Right:
    """Whether the person may do this to the snapshot. Default is deny; any matching deny wins."""
    matching = [row for row in rows if _is_about(row, person, action) and _matches(row, snapshot)]
    return _decide(matching)


def is_admin(rows: Iterable[Permission], admins: frozenset[str], person: str) -> bool:
    """Whether the person may manage permissions; `admins` are those whom the environment names."""
    about = [row for row in rows if _is_about(row, person, Action.ADMIN)]
    return (
        person in admins or _decide([row for row in about if row.effect is Effect.ALLOW or _is_about_all(row)]).allowed
    )


def may_view(rows: Sequence[Permission], admins: frozenset[str], person: str, snapshot: Snapshot) -> Right:
    """Whether the person may see the snapshot; admins may, where no row denies it."""
    view = right(rows, person, Action.VIEW, snapshot)
    return Right(allowed=True) if view.by is None and is_admin(rows, admins, person) else view


def admins_of(rows: Iterable[Permission], admins: frozenset[str]) -> list[str]:
    """Whom to ask for permission: everybody who is an admin by name."""
    rows = list(rows)
    named = {row.subject for row in rows if row.action is Action.ADMIN and row.subject != EVERYBODY}
    return sorted(person for person in named | admins if is_admin(rows, admins, person))


def could_match(rows: Iterable[Permission], person: str, action: Action, name: str) -> bool:
    """Whether any row could allow this for a snapshot of that name, wherever it is and whatever its tags."""
    return any(
        row.effect is Effect.ALLOW and _is_about(row, person, action) and fnmatchcase(name, row.pattern) for row in rows
    )


def _is_about(row: Permission, person: str, action: Action) -> bool:
    """An allow of an action gives what it contains; a deny takes what contains it."""
    if row.subject not in (person, EVERYBODY):
        return False
    return action in GIVES[row.action] if row.effect is Effect.ALLOW else row.action in GIVES[action]


def _is_about_all(row: Permission) -> bool:
    """Whether it is about every snapshot: to deny some takes no right to hand out permissions."""
    return row.pattern == "*" and row.region is None and not row.tags


def _matches(row: Permission, snapshot: Snapshot) -> bool:
    return (
        fnmatchcase(snapshot.name, row.pattern)
        and row.region in (None, snapshot.region)
        and has_tags(snapshot.tags, row.tags)
    )


def _decide(matching: Sequence[Permission]) -> Right:
    denies = [row for row in matching if row.effect is Effect.DENY]
    row = next(iter(denies or matching), None)
    return Right(allowed=bool(matching) and not denies, by=row)
