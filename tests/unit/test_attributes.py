"""What somebody carries, and what AWS would not take."""

from datetime import UTC, datetime

import pytest

from bot.attributes import MOST, carried, fitting, problem_of
from storage.tables import Attribute

ANN, BOB = "U0ANN0000", "U0BOB0000"
BLUE, RED = "S0BLUE000", "S0RED0000"
GROUPS = {BLUE: frozenset({ANN}), RED: frozenset({ANN, BOB})}


def row(subject: str, key: str, value: str) -> Attribute:
    return Attribute(team_id="T1", subject=subject, key=key, value=value, set_by="test", set_at=datetime.now(UTC))


def test_a_person_carries_their_own_those_of_their_groups_and_everybodys() -> None:
    rows = [row(ANN, "team", "blue"), row(RED, "env", "prod"), row("*", "org", "acme"), row(BLUE, "cost", "7")]

    assert carried(rows, ANN, GROUPS).tags == {"team": "blue", "env": "prod", "org": "acme", "cost": "7"}
    assert carried(rows, BOB, GROUPS).tags == {"env": "prod", "org": "acme"}


def test_what_is_nearer_to_the_person_wins() -> None:
    rows = [row("*", "team", "none"), row(RED, "Team", "red"), row(ANN, "TEAM", "blue")]

    assert carried(rows, ANN, GROUPS).tags == {"TEAM": "blue"}
    assert carried(rows, BOB, GROUPS).tags == {"Team": "red"}
    assert carried(rows, "U0DAN0000", GROUPS).tags == {"team": "none"}


def test_two_groups_that_differ_are_a_problem_and_no_guess() -> None:
    told = carried([row(BLUE, "team", "blue"), row(RED, "team", "red")], ANN, GROUPS)

    assert told.tags == {}
    assert "say different things of team: blue and red" in told.problem


def test_two_groups_that_agree_are_none() -> None:
    assert carried([row(BLUE, "team", "x"), row(RED, "team", "x")], ANN, GROUPS).tags == {"team": "x"}


def test_groups_that_nobody_knows_are_a_problem_only_where_one_says_something() -> None:
    assert carried([row(ANN, "team", "blue")], ANN, None).tags == {"team": "blue"}
    assert "which user group" in carried([row(BLUE, "team", "blue")], ANN, None).problem


def test_more_than_aws_is_to_be_told_are_a_problem() -> None:
    rows = [row(ANN, f"a{number}", "x") for number in range(MOST)]

    assert len(carried(rows, ANN, GROUPS).tags) == MOST
    assert "11 attributes" in carried([*rows, row(RED, "b", "x")], ANN, GROUPS).problem


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("", "blue"),
        ("team", ""),
        ("t" * 129, "blue"),
        ("team", "b" * 257),
        ("te*m", "blue"),
        ("team", "bl*e"),
        ("team", "a\nb"),
        ("team", "🔵"),
        ("aws:team", "blue"),
        ("AWS:x", "blue"),
        ("slack_user", "U1"),
        ("Slack_Approver", "U1"),
    ],
)
def test_what_sts_refuses_is_refused_when_it_is_set(key: str, value: str) -> None:
    assert problem_of(key, value)


@pytest.mark.parametrize(("key", "value"), [("team", "blue"), ("Größe", "très grand"), ("a/b", "x=y@z"), ("é", "日本")])
def test_what_sts_takes_is_taken(key: str, value: str) -> None:
    assert problem_of(key, value) == ""


def test_names_that_differ_in_case_alone_are_one() -> None:
    assert "is there twice" in fitting([("team", "a"), ("Team", "b")])[1]
