"""Watches whether AWS accepts the bot's credentials; its admins are told once an outage."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlmodel import Session

from bot.errors import AwsError, CredentialsError, NotThereError
from bot.model import Accepted, Found, OnBehalf, Operation, Sighting, Snapshot, Surroundings
from bot.policy import Policy
from storage import directory, notices, outages, permissions
from storage.database import Database
from storage.tables import NoticeKind

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Snapshots(Protocol):
    """All that is asked of Lightsail."""

    regions: tuple[str, ...]

    def find(self, name: str, regions: Sequence[str]) -> Found:
        """Look for a name."""

    def names(self, regions: Sequence[str]) -> list[Snapshot]:
        """List what there is."""

    def around(self, snapshot: Snapshot) -> Surroundings:
        """Say what else there is of the same instance."""

    def siblings(self, snapshot: Snapshot) -> Surroundings:
        """Say which other snapshots there are of the same instance."""

    def see(self, region: str, name: str) -> Sighting:
        """Look at a name."""

    def delete(self, region: str, name: str, intended: float) -> Accepted:
        """Delete what has the name."""

    def as_person(self, snapshot: Snapshot, behalf: OnBehalf, until: datetime) -> Callable[[float], Accepted]:
        """Assume the role for one deletion."""

    def operation(self, region: str, number: str) -> Operation:
        """Look at an operation."""

    def operations_on(self, region: str, name: str) -> list[Operation]:
        """List the operations on a name."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Lightsail, and somebody who listens to what it says of the credentials. Answers as what it watches does."""

    snapshots: Snapshots
    database: Database
    admins: frozenset[str]
    now: Callable[[], datetime]
    wake: Callable[[], None]

    @property
    def regions(self) -> Sequence[str]:
        """The regions that are looked at."""
        return self.snapshots.regions

    def find(self, name: str, regions: Sequence[str]) -> Found:
        """Look for a name."""
        found = self.snapshots.find(name, regions)
        self._heard(found.silent, set(regions) - set(found.silent))
        return found

    def names(self, regions: Sequence[str]) -> list[Snapshot]:
        """List what there is."""
        return self.snapshots.names(regions)

    def around(self, snapshot: Snapshot) -> Surroundings:
        """Say what else there is of the same instance."""
        return self.snapshots.around(snapshot)

    def siblings(self, snapshot: Snapshot) -> Surroundings:
        """Say which other snapshots there are of the same instance."""
        return self._listening(snapshot.region, lambda: self.snapshots.siblings(snapshot))

    def see(self, region: str, name: str) -> Sighting:
        """Look at a name."""
        return self._listening(region, lambda: self.snapshots.see(region, name))

    def delete(self, region: str, name: str, intended: float) -> Accepted:
        """Delete what has the name."""
        return self._listening(region, lambda: self.snapshots.delete(region, name, intended))

    def as_person(self, snapshot: Snapshot, behalf: OnBehalf, until: datetime) -> Callable[[float], Accepted]:
        """Assume the role for one deletion; returns the call under it."""
        delete = self._listening(snapshot.region, lambda: self.snapshots.as_person(snapshot, behalf, until))
        return lambda intended: self._listening(snapshot.region, lambda: delete(intended))

    def operation(self, region: str, number: str) -> Operation:
        """Look at an operation."""
        return self._listening(region, lambda: self.snapshots.operation(region, number))

    def operations_on(self, region: str, name: str) -> list[Operation]:
        """List the operations on a name."""
        return self._listening(region, lambda: self.snapshots.operations_on(region, name))

    def _listening(self, region: str, call: Callable[[], T]) -> T:
        try:
            answer = call()
        except NotThereError:
            self._heard({}, {region})
            raise
        except CredentialsError as error:
            self._heard({region: error}, ())
            raise
        self._heard({}, {region})
        return answer

    def _heard(self, errors: Mapping[str, AwsError], accepted: Collection[str]) -> None:
        """Begin and end outages. What goes wrong here must not take AWS's answer from who waits for it."""
        refused = {region: error for region, error in errors.items() if isinstance(error, CredentialsError)}
        try:
            with self.database.reading() as tx:
                under_way = outages.open_regions(tx)
            if refused.keys() <= under_way and under_way.isdisjoint(accepted):
                return
            with self.database.transaction() as tx:
                outages.end(tx, accepted, at=self.now())
                self._begin(tx, refused)
        except Exception:  # AWS will say it again  # noqa: BLE001
            _log.exception("what AWS says of the credentials could not be noted")
            return
        self.wake()

    def _begin(self, tx: Session, refused: Mapping[str, CredentialsError]) -> None:
        """Begin outages, and have the admins told of those that began together in one message."""
        now = self.now()
        begun = [outages.begin(tx, region, at=now, facts=error.facts()) for region, error in refused.items()]
        new = [outage for outage in begun if outage]
        if not new:
            return
        facts = {**new[0].facts, "regions": ", ".join(outage.region for outage in new)}
        for admin in self._admins(tx, now):
            notices.add_for(tx, admin, f"outage/{new[0].id}/{admin}", NoticeKind.CREDENTIALS, at=now, facts=facts)

    def _admins(self, tx: Session, now: datetime) -> list[str]:
        named = set(self.admins)
        for team in permissions.teams(tx):
            rows, groups = permissions.current(tx, team, now), directory.groups(tx, team, now)
            named |= set(Policy(rows, self.admins, groups).admins_by_name())
        return sorted(named)
