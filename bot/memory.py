"""What was asked for and what became of it, for those who may see it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.judge import Rules, Verdict, without_permission
from bot.model import Actor, Snapshot
from bot.rules import Rulebook
from storage import audit, deletions, freezes, history
from storage.database import Database
from storage.history import Filter, Mark
from storage.tables import Action, Audit, CardCopy, Deletion, Effect, Freeze

_PIECE = 200  # deletions that are read at once
_MOST = 5000  # deletions that are looked through for one page: whoever may see few of many is asked to go on
MOST_EXPORTED = 50_000  # deletions in one file


@dataclass(frozen=True, slots=True)
class Page:
    """Some deletions, newest first; `more` is where the next page begins, if there is one."""

    rows: Sequence[Deletion]
    cards: dict[str, CardCopy] = field(default_factory=dict)
    more: Mark | None = None
    is_unfinished: bool = False  # so many were looked through that the rest was left for the next page
    freeze: Freeze | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A deletion and its record."""

    deletion: Deletion
    record: Sequence[Audit]
    card: CardCopy | None


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The person may see nothing of it."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class NoSuchDeletion:
    """There is none with that id."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What people can look up."""

    database: Database
    rulebook: Rulebook
    now: Callable[[], datetime]

    def history(
        self,
        actor: Actor,
        *,
        name: str | None = None,
        person: str | None = None,
        since: timedelta | None = None,
        after: Mark | None = None,
        at_most: int,
        is_live: bool = False,
        look_through: int = _MOST,
    ) -> Page | NotAllowed:
        """The deletions that the person may see, as many as a page takes."""
        now = self.now()
        with self.database.reading() as tx:
            rules = self.rulebook.rules(tx, actor.team, now)
            if not _sees_anything(rules, actor.id):
                return NotAllowed(without_permission(rules, actor.id))
            found: list[Deletion] = []
            read = 0
            if name is not None and (same := deletions.get(tx, name.upper())) and same.team_id == actor.team:
                name = same.name  # a deletion's id is accepted wherever a name is
            wanted = Filter(
                actor.team, name, person, now - since if since else None, _patterns(rules, actor.id), is_live=is_live
            )
            last = None
            for deletion in _all(tx, wanted, after):
                if len(found) == at_most or read == look_through:
                    break
                last, read = deletion, read + 1
                if may_see(rules, actor.id, deletion):
                    found.append(deletion)
            else:
                last = None
            more = Mark(last.asked_at, last.id) if last else None
            numbers = [one.id for one in found]
            freeze = freezes.current(tx, actor.team)
            unfinished = more is not None and len(found) < at_most
            return Page(found, history.cards(tx, numbers), more, unfinished, freeze, now)

    def story(self, actor: Actor, number: str) -> Story | NotAllowed | NoSuchDeletion:
        """A deletion's whole story."""
        with self.database.reading() as tx:
            deletion = deletions.get(tx, number)
            if deletion is None or deletion.team_id != actor.team:
                return NoSuchDeletion()
            rules = self.rulebook.rules(tx, actor.team, self.now())
            if not may_see(rules, actor.id, deletion):
                return NotAllowed(without_permission(rules, actor.id))
            return Story(deletion, audit.of(tx, number), history.cards(tx, [number]).get(number))

    def record(
        self, actor: Actor, *, name: str | None = None, person: str | None = None, since: timedelta | None = None
    ) -> list[Audit] | NotAllowed:
        """The rows of the audit that the person may see, oldest first: those of deletions, and for admins the rest."""
        most = MOST_EXPORTED
        page = self.history(actor, name=name, person=person, since=since, at_most=most, look_through=most)
        if isinstance(page, NotAllowed):
            return page
        with self.database.reading() as tx:
            rows = audit.of_many(tx, [one.id for one in page.rows])
            policy = self.rulebook.rules(tx, actor.team, self.now()).policy
            if name is None and person is None and policy.is_admin(actor.id):
                start = self.now() - since if since else None
                rows = [*rows, *(row for row in audit.rows(tx, actor.team, start) if row.deletion_id is None)]
        return sorted(rows, key=lambda row: (row.at, row.id or 0))


def may_see(rules: Rules, person: str, deletion: Deletion) -> bool:
    """Whether somebody may see a deletion: who asked for it, and whoever may see the snapshot."""
    if person == deletion.requester_id and person not in rules.policy.barred:
        return True
    return rules.policy.may_view(person, Snapshot.from_json(deletion.snapshot)).allowed


def _sees_anything(rules: Rules, person: str) -> bool:
    return rules.policy.is_admin(person) or rules.policy.could_ever(person, Action.VIEW)


def _patterns(rules: Rules, person: str) -> Sequence[str] | None:
    """Names of which one has to match what the person may see; None where all could.

    What they asked for themselves and may not see any more is left out of lists.
    """
    if rules.policy.is_admin(person):
        return None
    patterns = sorted(
        {row.pattern for row in rules.policy.rows_about(person, Action.VIEW) if row.effect is Effect.ALLOW}
    )
    return None if "*" in patterns else patterns


def _all(tx: Session, wanted: Filter, after: Mark | None) -> Iterator[Deletion]:
    while rows := history.piece(tx, wanted, after, _PIECE):
        yield from rows
        if len(rows) < _PIECE:
            return
        after = Mark(rows[-1].asked_at, rows[-1].id)
        for row in rows:
            tx.expunge(row)
