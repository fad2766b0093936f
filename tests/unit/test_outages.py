"""Whether AWS accepts the credentials, and who is told that it does not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlmodel import col, select

from bot.errors import AmbiguousError, AwsError, CredentialsError, NotThereError, RejectedError
from bot.model import Accepted, Found, OnBehalf, Operation, Sighting, Snapshot, Surroundings
from bot.outages import Watched
from storage import outages, permissions
from storage.database import Database
from storage.tables import Action, Effect, Notice, Outage, Permission
from tests.conftest import on_both

pytestmark = on_both

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
HOME, AWAY = "us-east-1", "eu-west-1"
EXPIRED = CredentialsError("GetInstanceSnapshot", "ExpiredTokenException", "It is expired")
GONE = NotThereError("GetInstanceSnapshot", "NotFoundException", aws_time=NOW)
Listened = Callable[[Watched], object]


@dataclass
class Aws:
    """An AWS that answers what a test says."""

    regions: tuple[str, ...] = (HOME, AWAY)
    problem: AwsError | None = None
    silent: dict[str, AwsError] = field(default_factory=dict)

    def find(self, name: str, regions: Sequence[str]) -> Found:
        del name, regions
        return Found([], self.silent)

    def names(self, regions: Sequence[str]) -> list[Snapshot]:
        del regions
        return []

    def around(self, snapshot: Snapshot) -> Surroundings:
        del snapshot
        return Surroundings()

    siblings = around

    def see(self, region: str, name: str) -> Sighting:
        del region, name
        self._answer()
        return Sighting(None, NOW)

    def as_person(self, snapshot: Snapshot, behalf: OnBehalf, until: datetime) -> Callable[[float], Accepted]:
        del behalf, until
        return partial(self.delete, snapshot.region, snapshot.name)

    def delete(self, region: str, name: str, intended: float) -> Accepted:
        del region, name, intended
        self._answer()
        return Accepted([Operation("op-1", "Succeeded")], "request-1")

    def operation(self, region: str, number: str) -> Operation:
        del region
        self._answer()
        return Operation(number, "Succeeded")

    def operations_on(self, region: str, name: str) -> list[Operation]:
        del region, name
        self._answer()
        return []

    def _answer(self) -> None:
        if self.problem:
            raise self.problem


class Watch:
    """Somebody who listens, and the time."""

    def __init__(self, database: Database) -> None:
        self.aws = Aws()
        self.database = database
        self.now = NOW
        self.woken = 0
        self.watched = Watched(self.aws, database, frozenset({"U0ADMIN"}), lambda: self.now, self._wake)

    def _wake(self) -> None:
        self.woken += 1

    def refused(self, error: AwsError = EXPIRED, listened: Listened | None = None) -> None:
        self.aws.problem = error
        with pytest.raises(type(error)):
            (listened or see)(self.watched)
        self.aws.problem = None

    def told(self) -> list[tuple[str | None, str]]:
        with self.database.reading() as tx:
            return [(one.recipient, one.facts["regions"]) for one in tx.exec(select(Notice).order_by(col(Notice.id)))]

    def open(self) -> set[str]:
        with self.database.reading() as tx:
            return outages.open_regions(tx)


def see(watched: Watched) -> object:
    return watched.see(HOME, "web-1")


LISTENED: list[Listened] = [
    see,
    lambda watched: watched.delete(HOME, "web-1", 0.0),
    lambda watched: watched.operation(HOME, "op-1"),
    lambda watched: watched.operations_on(HOME, "web-1"),
]


@pytest.fixture
def watch(database: Database) -> Watch:
    return Watch(database)


@pytest.mark.parametrize("listened", LISTENED, ids=["see", "delete", "operation", "operations_on"])
def test_every_call_is_listened_to(watch: Watch, listened: Listened) -> None:
    watch.refused(listened=listened)
    refused = watch.open()
    listened(watch.watched)

    assert (refused, watch.open()) == ({HOME}, set())
    assert watch.told() == [("U0ADMIN", HOME)]
    assert watch.woken == 2


def test_regions_that_refuse_together_are_told_together(watch: Watch) -> None:
    watch.aws.silent = {HOME: EXPIRED, AWAY: EXPIRED}
    watch.watched.find("web-1", [HOME, AWAY])

    assert watch.open() == {HOME, AWAY}
    assert watch.told() == [("U0ADMIN", f"{HOME}, {AWAY}")]


def test_a_region_that_refuses_later_is_told_alone(watch: Watch) -> None:
    watch.refused()
    watch.aws.silent = {HOME: EXPIRED, AWAY: EXPIRED}
    watch.watched.find("web-1", [HOME, AWAY])

    assert [where for _, where in watch.told()] == [HOME, AWAY]


def test_a_region_that_answers_ends_its_own_outage_and_no_other(watch: Watch) -> None:
    watch.aws.silent = {HOME: EXPIRED, AWAY: EXPIRED}
    watch.watched.find("web-1", [HOME, AWAY])
    see(watch.watched)

    assert watch.open() == {AWAY}


def test_one_outage_is_told_once(watch: Watch) -> None:
    for _ in range(3):
        watch.refused()

    assert len(watch.told()) == 1


@pytest.mark.parametrize(("after", "told"), [(timedelta(minutes=59), 1), (timedelta(hours=1), 2)])
def test_what_comes_back_within_the_hour_is_the_same_outage(watch: Watch, after: timedelta, told: int) -> None:
    watch.refused()
    see(watch.watched)
    watch.now += after
    watch.refused()

    assert len(watch.told()) == told
    assert watch.open() == {HOME}


@pytest.mark.parametrize(
    "error", [RejectedError("GetInstanceSnapshot", "AccessDeniedException"), AmbiguousError("GetInstanceSnapshot", "X")]
)
def test_other_errors_say_nothing_of_the_credentials(watch: Watch, error: AwsError) -> None:
    watch.refused(error)
    untouched = watch.open()
    watch.refused()
    watch.refused(error)

    assert (untouched, watch.open()) == (set(), {HOME})


def test_an_answer_that_there_is_nothing_accepts_the_credentials(watch: Watch) -> None:
    watch.refused()
    watch.refused(GONE)

    assert watch.open() == set()


def test_admins_by_permission_are_told_in_every_team(watch: Watch) -> None:
    with watch.database.transaction() as tx:
        for team, person, effect in (("T1", "U1", Effect.ALLOW), ("T2", "U2", Effect.ALLOW), ("T2", "U3", Effect.DENY)):
            row = Permission(
                team_id=team, subject=person, effect=effect, action=Action.ADMIN, granted_by="x", granted_at=NOW
            )
            permissions.grant(tx, row)
    watch.refused()

    assert [person for person, _ in watch.told()] == ["U0ADMIN", "U1", "U2"]


def test_a_database_that_is_busy_takes_no_answer_from_anybody(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    watch.refused()
    held = watch.watched.database
    busy = Database(str(held.url), patience=0.05)
    listener = Watched(watch.aws, busy, frozenset(), lambda: NOW, lambda: None)
    with held.transaction() as tx:
        tx.get(Outage, 1, with_for_update=True)
        sighting = listener.see(HOME, "web-1")
    busy.close()

    assert sighting.snapshot is None
    assert watch.open() == {HOME}
    assert "could not be noted" in caplog.text


def test_what_is_not_listened_to_is_passed_on(watch: Watch) -> None:
    assert watch.watched.regions == (HOME, AWAY)
    assert watch.watched.names([HOME]) == []
    assert watch.watched.around(Snapshot("arn", "web-1", HOME, NOW, "available")) == Surroundings()


def test_of_two_processes_one_begins_an_outage(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database.transaction() as tx:
        first = outages.begin(tx, HOME, at=NOW, facts={})
    with database.transaction() as tx:
        monkeypatch.setattr(outages, "_last", lambda *_: None)  # it looked before the other one wrote
        second = outages.begin(tx, HOME, at=NOW, facts={})

    assert first is not None
    assert second is None
