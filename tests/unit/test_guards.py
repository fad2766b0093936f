"""What must not go."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guards import Guard, Guarding, Objection, Situation, objections
from bot.model import Snapshot, Surroundings, TagList

DEFAULT: TagList = (("no_delete", None), ("protected", "true"))


def snapshot(tags: dict[str, str] | None = None, state: str = "available") -> Snapshot:
    return Snapshot("arn", "web-1", "us-east-1", datetime(2024, 5, 1, tzinfo=UTC), state, tags=tags or {})


def found(of: Snapshot, tags: TagList = DEFAULT) -> list[Objection]:
    """Which guards stand in the way, with these tags that protect."""
    return objections(Situation(of, Surroundings(), of.created_at), Guarding(protected_tags=tags))


def in_any_case(word: str) -> st.SearchStrategy[str]:
    return st.tuples(*(st.sampled_from([letter.lower(), letter.upper()]) for letter in word)).map("".join)


def test_nothing_stands_in_the_way_of_an_available_snapshot_without_tags() -> None:
    assert found(snapshot(), DEFAULT) == []


@given(in_any_case("no_delete"), st.text(max_size=5))
@settings(max_examples=40, deadline=None)
def test_a_protecting_key_protects_in_any_letter_case_and_with_any_value(key: str, value: str) -> None:
    assert [one.guard for one in found(snapshot({key: value}), DEFAULT)] == [Guard.PROTECTED]


@given(in_any_case("protected"), in_any_case("true"))
@settings(max_examples=40, deadline=None)
def test_a_protecting_value_protects_in_any_letter_case(key: str, value: str) -> None:
    assert found(snapshot({key: value}), DEFAULT) == [Objection(Guard.PROTECTED, f"{key}={value}")]


@given(in_any_case("no_delete"))
@settings(max_examples=20, deadline=None)
def test_the_settings_may_be_written_in_any_letter_case(key: str) -> None:
    assert found(snapshot({"no_delete": ""}), [(key, None)])


def test_a_key_only_tag_is_named_by_its_key() -> None:
    assert found(snapshot({"no_delete": ""}), DEFAULT) == [Objection(Guard.PROTECTED, "no_delete")]


@pytest.mark.parametrize("tags", [{"protected": "false"}, {"protected": ""}, {"env": "no_delete"}, {"no": "delete"}])
def test_other_tags_protect_nothing(tags: dict[str, str]) -> None:
    assert found(snapshot(tags), DEFAULT) == []


def test_conditions_that_differ_in_letter_case_alone_all_protect() -> None:
    assert found(snapshot({"protected": "yes"}), [("Protected", None), ("protected", "true")])


@pytest.mark.parametrize("env", ["prod", "Staging"])
def test_several_values_of_one_key_all_protect(env: str) -> None:
    assert found(snapshot({"env": env}), [("env", "prod"), ("env", "staging")])


@pytest.mark.parametrize("state", ["pending", "error", "unknown", "", "Available"])
def test_a_snapshot_that_aws_is_not_done_with_stays_and_the_state_is_named(state: str) -> None:
    assert found(snapshot(state=state), DEFAULT) == [Objection(Guard.NOT_AVAILABLE, state)]


def test_protection_is_named_before_the_state() -> None:
    both = found(snapshot({"no_delete": ""}, state="pending"), DEFAULT)

    assert [one.guard for one in both] == [Guard.PROTECTED, Guard.NOT_AVAILABLE]
