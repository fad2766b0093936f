"""What the gate goes by, as it is in SQL at this moment."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot import model
from bot.guards import DAY, Guarding, Situation
from bot.judge import Rules
from bot.model import Snapshot, Surroundings
from bot.policy import Policy
from storage import deletions, directory, freezes, permissions
from storage.tables import Deletion


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Reads the rules of a team, and situations, inside the caller's transaction."""

    admins: frozenset[str] = frozenset()
    guarding: Guarding = Guarding()  # noqa: RUF009  (it is frozen)

    def rules(self, tx: Session, team: str, now: datetime) -> Rules:
        """The rows and groups that count now."""
        rows = permissions.current(tx, team, now)
        groups, barred = directory.groups(tx, team, now), directory.barred(tx, team)
        return Rules(Policy(rows, self.admins, groups, barred), self.guarding)

    def asked(
        self, tx: Session, team: str, person: str, snapshot: Snapshot, around: Surroundings, now: datetime
    ) -> Situation:
        """The situation in which somebody asks."""
        return self._situation(tx, team, person, snapshot, around, now, without="")

    def of(self, tx: Session, deletion: Deletion, snapshot: Snapshot, around: Surroundings, now: datetime) -> Situation:
        """The situation of a deletion, which does not stand in its own way.

        Others of the same instance can't be decided until the transaction ends.
        """
        return self._situation(tx, deletion.team_id, deletion.requester_id, snapshot, around, now, without=deletion.id)

    def _situation(
        self,
        tx: Session,
        team: str,
        person: str,
        snapshot: Snapshot,
        around: Surroundings,
        now: datetime,
        *,
        without: str,
    ) -> Situation:
        frozen = freezes.current(tx, team)
        freeze = model.Freeze(frozen.by, frozen.by_name, frozen.began_at, frozen.reason) if frozen else None
        return Situation(
            snapshot,
            around,
            now,
            going=deletions.going(tx, instance_of(snapshot), without=without),
            asked_today=deletions.asked_since(tx, team, person, now - DAY, without=without),
            freeze=freeze,
        )


def instance_of(snapshot: Snapshot) -> str | None:
    """The instance of which it is a snapshot, as a deletion keeps it: names are unique in a region alone."""
    return f"{snapshot.region}/{snapshot.instance_name}" if snapshot.instance_name else None
