"""The files of docs/permissions.md: each does what its first line says."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import rulefile
from bot.model import Snapshot
from bot.policy import Policy
from storage.tables import Action, Permission

FOLDER = Path(__file__).parents[2] / "docs" / "permissions"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
ANN, BOB, CLEO = "U024BE7LH", "U061F7AUR", "U012AB3CD"
GROUPS = {"S0614TZR7": frozenset({CLEO}), "S061G1ABC": frozenset({ANN})}


def policy(name: str, now: datetime = NOW) -> Policy:
    wanted = rulefile.read((FOLDER / name).read_text())
    rows = [
        Permission(
            id=number,
            team_id="T1",
            subject=rule.who,
            effect=rule.effect,
            action=rule.action,
            pattern=rule.names,
            region=rule.region,
            tags=dict(rule.tags),
            valid_until=rule.until,
            granted_by=ANN,
            granted_at=now,
        )
        for number, rule in enumerate(wanted.rules, 1)
        if rule.until is None or rule.until > now
    ]
    return Policy(rows, groups=GROUPS)


def snapshot(name: str = "web-1", region: str = "us-east-1", **tags: str) -> Snapshot:
    return Snapshot("arn", name, region, NOW, "available", 40, tags)


def test_each_example_is_in_the_page_and_lets_somebody_grant() -> None:
    page = (FOLDER.parent / "permissions.md").read_text()
    names = sorted(path.name for path in FOLDER.iterdir())

    assert len(names) == 5
    assert all(f"(permissions/{name})" in page for name in names)
    assert all(policy(name).is_admin(ANN) for name in names)


@pytest.mark.parametrize("person", [ANN, BOB, CLEO])
def test_in_a_small_team_everybody_deletes(person: str) -> None:
    assert policy("small-team.yaml").right(person, Action.DELETE, snapshot()).allowed


def test_production_needs_four_eyes() -> None:
    team = policy("four-eyes-for-prod.yaml")

    assert team.right(CLEO, Action.DELETE, snapshot()).allowed
    assert not team.right(CLEO, Action.DELETE, snapshot(env="prod")).allowed
    assert team.right(CLEO, Action.REQUEST, snapshot(env="prod")).allowed
    assert team.approvers(snapshot(env="prod"), CLEO).people == {"S061G1ABC": frozenset({ANN})}


def test_whoever_is_on_call_deletes_as_long_as_they_are() -> None:
    name = "on-call.yaml"

    assert policy(name).right(BOB, Action.DELETE, snapshot()).allowed
    assert not policy(name, datetime(2027, 1, 5, tzinfo=UTC)).right(BOB, Action.DELETE, snapshot()).allowed
    assert policy(name).right(CLEO, Action.VIEW, snapshot()).allowed
    assert not policy(name).right(CLEO, Action.REQUEST, snapshot()).allowed


def test_each_team_has_its_region_and_nobody_the_database() -> None:
    team = policy("two-regions.yaml")
    europe = snapshot(region="eu-west-1")

    assert team.right(CLEO, Action.DELETE, snapshot()).allowed
    assert not team.right(CLEO, Action.DELETE, europe).allowed
    assert team.right(BOB, Action.DELETE, europe).allowed
    assert not team.right(BOB, Action.REQUEST, snapshot("db-1")).allowed


def test_a_freelancer_asks_for_what_is_the_customers() -> None:
    team = policy("agency.yaml")
    acme, other = snapshot(customer="acme"), snapshot(customer="other")

    assert team.right(BOB, Action.REQUEST, acme).allowed
    assert not team.right(BOB, Action.REQUEST, other).allowed
    assert not team.right(BOB, Action.DELETE, acme).allowed
    assert team.right(CLEO, Action.DELETE, other).allowed
    assert not team.right(CLEO, Action.DELETE, snapshot()).allowed
    assert team.right(CLEO, Action.APPROVE, acme).allowed
