"""What AWS and Slack told us, as plain values."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Snapshot, Surroundings, Tags, has_tags

TAKEN = datetime(2024, 5, 1, 3, 0, tzinfo=UTC)
ARN = "arn:aws:lightsail:us-east-1:123456789012:InstanceSnapshot/4e4e2f0a"
SNAPSHOT = Snapshot(ARN, "web-1-2024-05-01", "us-east-1", TAKEN, "available", size_gb=40)

words = st.text(max_size=20)
maybe = st.none() | words
moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]))
tags = st.dictionaries(words, words, max_size=4)
snapshots = st.builds(
    Snapshot,
    arn=words,
    name=words,
    region=words,
    created_at=moments,
    state=words,
    size_gb=st.none() | st.integers(0, 10**6),
    tags=tags,
    progress=maybe,
    instance_name=maybe,
    instance_arn=maybe,
    blueprint_id=maybe,
    bundle_id=maybe,
    is_automatic=st.booleans(),
    support_code=maybe,
)
surroundings = st.builds(
    Surroundings,
    instance_exists=st.none() | st.booleans(),
    others=st.none() | st.integers(0, 100),
    newest_other=st.none() | moments,
)


@given(snapshots)
@settings(max_examples=60, deadline=None)
def test_a_snapshot_comes_back_from_json_as_it_was(snapshot: Snapshot) -> None:
    stored = json.loads(json.dumps(snapshot.to_json()))

    assert Snapshot.from_json(stored) == snapshot


@given(surroundings)
@settings(max_examples=60, deadline=None)
def test_surroundings_come_back_from_json_as_they_were(around: Surroundings) -> None:
    stored = json.loads(json.dumps(around.to_json()))

    assert Surroundings.from_json(stored) == around


def test_of_nothing_nothing_is_known_around_a_snapshot() -> None:
    assert Surroundings.from_json({}) == Surroundings()


def test_the_account_is_read_from_the_arn() -> None:
    assert SNAPSHOT.account == "123456789012"


@pytest.mark.parametrize("arn", ["", "arn", "arn:aws:lightsail:us-east-1"])
def test_an_arn_without_an_account_has_none(arn: str) -> None:
    assert replace(SNAPSHOT, arn=arn).account == ""


def test_a_gigabyte_costs_five_cents_a_month() -> None:
    assert SNAPSHOT.monthly_price == pytest.approx(2.00)


def test_a_price_is_not_guessed_where_the_size_is_unknown() -> None:
    assert replace(SNAPSHOT, size_gb=None).monthly_price is None


def test_a_snapshot_is_the_same_after_its_tags_and_state_changed() -> None:
    assert replace(SNAPSHOT, tags={"env": "prod"}, state="pending").is_same_as(SNAPSHOT)


def test_a_snapshot_with_another_arn_is_another_one() -> None:
    assert not replace(SNAPSHOT, arn=f"{ARN}-2").is_same_as(SNAPSHOT)


def test_a_snapshot_of_another_time_is_another_one() -> None:
    assert not replace(SNAPSHOT, created_at=TAKEN + timedelta(seconds=1)).is_same_as(SNAPSHOT)


@given(tags)
@settings(max_examples=30, deadline=None)
def test_no_condition_is_met_by_any_tags(given_tags: Tags) -> None:
    assert has_tags(given_tags, {})


@given(tags)
@settings(max_examples=30, deadline=None)
def test_tags_meet_themselves_as_conditions(given_tags: Tags) -> None:
    assert has_tags(given_tags, dict(given_tags))


@pytest.mark.parametrize("value", ["prod", ""])
def test_a_key_alone_is_met_by_any_value(value: str) -> None:
    assert has_tags({"env": value}, {"env": None})


@pytest.mark.parametrize("given_tags", [{}, {"env": "staging"}, {"env": ""}, {"ENV": "prod"}])
def test_a_condition_is_not_met_by_another_key_or_value(given_tags: Tags) -> None:
    assert not has_tags(given_tags, {"env": "prod"})


def test_every_condition_has_to_be_met() -> None:
    assert not has_tags({"env": "prod"}, {"env": "prod", "team": None})
