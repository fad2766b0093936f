"""Who may do what: permission rows to a right, without I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.model import Snapshot, has_tags
from storage.tables import EVERYBODY, Action, Effect, Permission

Groups = Mapping[str, frozenset[str]]  # of user groups (S…), who is in them (U…)

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


@dataclass(frozen=True, slots=True)
class Approvers:
    """Those who can approve something: of each person and group that a row names, who is meant."""

    people: Mapping[str, frozenset[str]]

    @property
    def count(self) -> int | None:
        """How many there are; None where that is not known."""
        everybody = frozenset().union(*self.people.values())
        return None if any(one == EVERYBODY or one.startswith("S") for one in everybody) else len(everybody)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rows that count at one moment, who is in which group, and whom the environment names as admins."""

    rows: Sequence[Permission]
    admins: frozenset[str] = frozenset()
    groups: Groups | None = None  # None: what Slack said of them is too old to go by
    barred: frozenset[str] = frozenset()  # deactivated since, bots, of another company: they may nothing

    @property
    def is_fresh(self) -> bool:
        """Whether nobody has been given anything yet."""
        return not self.rows and not self.admins

    @property
    def misses_groups(self) -> bool:
        """Whether a row is about a group, and nobody knows who is in it."""
        return self.groups is None and any(_is_about_a_group(row) for row in self.rows)

    def right(self, person: str, action: Action, snapshot: Snapshot) -> Right:
        """Whether the person may do this to the snapshot. Default is deny; any matching deny wins."""
        return _decide([row for row in self.rows_about(person, action) if _matches(row, snapshot)])

    def may_view(self, person: str, snapshot: Snapshot) -> Right:
        """Whether the person may see the snapshot; admins may, where no row denies it."""
        view = self.right(person, Action.VIEW, snapshot)
        return Right(allowed=True) if view.by is None and self.is_admin(person) else view

    def is_admin(self, person: str) -> bool:
        """Whether the person may manage permissions."""
        about = self.rows_about(person, Action.ADMIN)
        counts = [row for row in about if row.effect is Effect.ALLOW or _is_about_all(row)]
        return (person in self.admins and person not in self.barred) or _decide(counts).allowed

    def admins_by_name(self) -> list[str]:
        """Whom to ask for permission: everybody who is an admin by name, or in a group that is."""
        named = {row.subject for row in self.rows if row.action is Action.ADMIN and row.subject != EVERYBODY}
        people = {person for subject in named for person in (self.groups or {}).get(subject, {subject})}
        return sorted(person for person in people | self.admins if self.is_admin(person))

    def could_match(self, person: str, action: Action, name: str) -> bool:
        """Whether any row could allow this for a snapshot of that name, wherever it is and whatever its tags."""
        return any(
            row.effect is Effect.ALLOW and fnmatchcase(name, row.pattern) for row in self.rows_about(person, action)
        )

    def could_ever(self, person: str, action: Action) -> bool:
        """Whether any row allows this for some snapshot."""
        return any(row.effect is Effect.ALLOW for row in self.rows_about(person, action))

    def who_may(self, action: Action, snapshot: Snapshot) -> list[str]:
        """The people and groups who are named in a row that allows it, as far as no row denies it to them."""
        named = {row.subject for row in self.rows if row.effect is Effect.ALLOW and action in GIVES[row.action]}
        return sorted(subject for subject in named if self.right(subject, action, snapshot).allowed)

    def approvers(self, snapshot: Snapshot, asker: str) -> "Approvers":
        """Who can approve what somebody else asks for."""
        people: dict[str, frozenset[str]] = {}
        for subject in self.who_may(Action.APPROVE, snapshot):
            members = (self.groups or {}).get(subject, frozenset({subject}))
            able = {one for one in members - {asker} if self.right(one, Action.APPROVE, snapshot).allowed}
            if able:
                people[subject] = frozenset(able)
        return Approvers(people)

    def rows_about(self, person: str, action: Action) -> list[Permission]:
        """The rows that speak of this for the person, of some snapshots or of all."""
        if person in self.barred:
            return []
        return [row for row in self.rows if self._is(person, row) and _speaks_of(row, action)]

    def _is(self, person: str, row: Permission) -> bool:
        """Whether the person is whom the row is about. Where nobody knows who is in a group, a deny is for all."""
        if row.subject in (person, EVERYBODY):
            return True
        if not _is_about_a_group(row):
            return False
        if self.groups is None:
            return row.effect is Effect.DENY
        return person in self.groups.get(row.subject, frozenset())


def _speaks_of(row: Permission, action: Action) -> bool:
    """An allow of an action gives what it contains; a deny takes what contains it."""
    return action in GIVES[row.action] if row.effect is Effect.ALLOW else row.action in GIVES[action]


def _is_about_a_group(row: Permission) -> bool:
    return row.subject.startswith("S")


def _is_about_all(row: Permission) -> bool:
    """Whether it is about every snapshot: to deny some takes no right to hand out permissions."""
    return row.pattern == "*" and row.region is None and not row.tags


def _matches(row: Permission, snapshot: Snapshot) -> bool:
    return (
        fnmatchcase(snapshot.name, row.pattern)
        and row.region in (None, snapshot.region)
        and has_tags(snapshot.tags, row.tags)
    )


def _decide(matching: Iterable[Permission]) -> Right:
    rows = list(matching)
    denies = [row for row in rows if row.effect is Effect.DENY]
    return Right(allowed=bool(rows) and not denies, by=next(iter(denies or rows), None))
