"""Who may do what: laws over any permissions, and the table of what gives what."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Snapshot, TagConditions
from bot.policy import GIVES, Policy, Right
from storage.tables import Action, Effect, Permission

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
ANN, BOB = "U024BE7LH", "U061F7AUR"


def permission(
    effect: Effect,
    action: Action,
    subject: str = ANN,
    pattern: str = "*",
    region: str | None = None,
    tags: TagConditions | None = None,
) -> Permission:
    return Permission(
        team_id="T1",
        subject=subject,
        effect=effect,
        action=action,
        pattern=pattern,
        region=region,
        tags=dict(tags or {}),
        granted_by="shell:root",
        granted_at=NOW,
    )


def allow(
    action: Action,
    subject: str = ANN,
    pattern: str = "*",
    region: str | None = None,
    tags: TagConditions | None = None,
) -> Permission:
    return permission(Effect.ALLOW, action, subject, pattern, region, tags)


def deny(action: Action, subject: str = ANN, pattern: str = "*") -> Permission:
    return permission(Effect.DENY, action, subject, pattern)


def snapshot(name: str = "web-1", region: str = "us-east-1", tags: dict[str, str] | None = None) -> Snapshot:
    return Snapshot("arn", name, region, NOW, "available", tags=tags or {})


def right(rows: Sequence[Permission], person: str, action: Action, of: Snapshot) -> Right:
    return Policy(rows, groups={}).right(person, action, of)


def could_match(rows: Sequence[Permission], person: str, action: Action, name: str) -> bool:
    return Policy(rows, groups={}).could_match(person, action, name)


def is_admin(rows: Sequence[Permission], admins: frozenset[str], person: str) -> bool:
    return Policy(rows, admins, groups={}).is_admin(person)


def may(rows: Sequence[Permission], action: Action, of: Snapshot | None = None, person: str = ANN) -> bool:
    return right(rows, person, action, of or snapshot()).allowed


actions = st.sampled_from(Action)
people = st.sampled_from([ANN, BOB])


def permissions(effect: st.SearchStrategy[Effect], action: st.SearchStrategy[Action]) -> st.SearchStrategy[Permission]:
    return st.builds(
        permission,
        effect=effect,
        action=action,
        subject=st.sampled_from([ANN, BOB, "*"]),
        pattern=st.sampled_from(["*", "web-*", "prod-*", "web-1", "?eb-[12]", "", "[!p]*"]),
        region=st.sampled_from([None, "us-east-1", "eu-west-1"]),
        tags=st.sampled_from([{}, {"env": "prod"}, {"env": None}]),
    )


rights = st.lists(permissions(st.sampled_from(Effect), actions), max_size=5)
any_snapshot = st.builds(
    snapshot,
    name=st.sampled_from(["web-1", "web-2", "prod-db"]),
    region=st.sampled_from(["us-east-1", "eu-west-1"]),
    tags=st.sampled_from([{}, {"env": "prod"}, {"env": ""}]),
)


# Laws


@given(rights, st.integers(0, 5), permissions(st.just(Effect.ALLOW), actions), people, actions, any_snapshot)
@settings(max_examples=120, deadline=None)
def test_adding_an_allow_never_takes_a_right_away(
    rows: list[Permission], at: int, more: Permission, person: str, action: Action, of: Snapshot
) -> None:
    after = [*rows[:at], more, *rows[at:]]

    assert may(rows, action, of, person) <= may(after, action, of, person)


@given(rights, st.integers(0, 5), permissions(st.just(Effect.DENY), actions), people, actions, any_snapshot)
@settings(max_examples=120, deadline=None)
def test_adding_a_deny_never_gives_a_right(
    rows: list[Permission], at: int, more: Permission, person: str, action: Action, of: Snapshot
) -> None:
    after = [*rows[:at], more, *rows[at:]]

    assert may(after, action, of, person) <= may(rows, action, of, person)


@given(rights, people, actions, any_snapshot)
@settings(max_examples=60, deadline=None)
def test_the_order_of_rows_does_not_matter(rows: list[Permission], person: str, action: Action, of: Snapshot) -> None:
    assert may(rows, action, of, person) == may(rows[::-1], action, of, person)


@given(rights, people, any_snapshot)
@settings(max_examples=60, deadline=None)
def test_who_may_delete_may_also_request_and_view(rows: list[Permission], person: str, of: Snapshot) -> None:
    if may(rows, Action.DELETE, of, person):
        assert may(rows, Action.REQUEST, of, person)
        assert may(rows, Action.VIEW, of, person)


@given(rights, people, actions, any_snapshot)
@settings(max_examples=120, deadline=None)
def test_a_name_is_never_ruled_out_that_a_row_could_allow(
    rows: list[Permission], person: str, action: Action, of: Snapshot
) -> None:
    assert may(rows, action, of, person) <= could_match(rows, person, action, of.name)


@given(st.lists(permissions(st.just(Effect.ALLOW), st.just(Action.ADMIN)), max_size=4), any_snapshot)
@settings(max_examples=30, deadline=None)
def test_admin_alone_never_deletes_requests_or_approves(rows: list[Permission], of: Snapshot) -> None:
    assert not any(may(rows, action, of) for action in (Action.DELETE, Action.REQUEST, Action.APPROVE))


@given(actions, actions)
@settings(max_examples=30, deadline=None)
def test_a_deny_wins_over_an_allow_of_the_same_action_whoever_it_names(denied: Action, action: Action) -> None:
    rows = [allow(action), deny(denied, subject="*")]

    assert not (denied is action and may(rows, action))


# What gives and takes what


def test_without_rows_nobody_may_do_anything() -> None:
    assert not any(may([], action) for action in Action)


@pytest.mark.parametrize(
    ("action", "gives"),
    [
        (Action.VIEW, {Action.VIEW}),
        (Action.REQUEST, {Action.REQUEST, Action.VIEW}),
        (Action.DELETE, {Action.DELETE, Action.REQUEST, Action.VIEW}),
        (Action.APPROVE, {Action.APPROVE, Action.VIEW}),
        (Action.ADMIN, {Action.ADMIN, Action.VIEW}),
    ],
)
def test_an_allow_flows_down(action: Action, gives: set[Action]) -> None:
    assert {other for other in Action if may([allow(action)], other)} == gives


@pytest.mark.parametrize(
    ("denied", "leaves"),
    [
        (Action.VIEW, set()),
        (Action.REQUEST, {Action.VIEW, Action.APPROVE, Action.ADMIN}),
        (Action.DELETE, {Action.VIEW, Action.REQUEST, Action.APPROVE, Action.ADMIN}),
        (Action.APPROVE, {Action.VIEW, Action.REQUEST, Action.DELETE, Action.ADMIN}),
        (Action.ADMIN, {Action.VIEW, Action.REQUEST, Action.DELETE, Action.APPROVE}),
    ],
)
def test_a_deny_flows_up(denied: Action, leaves: set[Action]) -> None:
    everything = [allow(action) for action in Action]

    assert {action for action in Action if may([*everything, deny(denied)], action)} == leaves


def test_denying_delete_leaves_request() -> None:
    rows = [allow(Action.DELETE, pattern="*"), deny(Action.DELETE, subject="*", pattern="prod-*")]

    assert may(rows, Action.REQUEST, snapshot("prod-db"))
    assert not may(rows, Action.DELETE, snapshot("prod-db"))


def test_a_deny_takes_only_where_it_matches() -> None:
    rows = [allow(Action.DELETE), deny(Action.DELETE, pattern="prod-*")]

    assert may(rows, Action.DELETE, snapshot("web-1"))


def test_every_action_gives_itself_and_the_sight_of_it() -> None:
    assert all({action, Action.VIEW} <= GIVES[action] for action in Action)


# What a row matches


def test_a_row_of_somebody_else_gives_nothing() -> None:
    assert not may([allow(Action.DELETE, subject=BOB)], Action.DELETE)


def test_a_row_for_everybody_is_for_each() -> None:
    assert may([allow(Action.DELETE, subject="*")], Action.DELETE)


@pytest.mark.parametrize("pattern", ["web-1", "web-*", "w?b-[0-9]", "*"])
def test_a_name_matches_its_pattern(pattern: str) -> None:
    assert may([allow(Action.DELETE, pattern=pattern)], Action.DELETE)


@pytest.mark.parametrize("pattern", ["", "web", "WEB-*", "eb-1", "web-?-*"])
def test_a_pattern_matches_the_whole_name_and_its_case(pattern: str) -> None:
    assert not may([allow(Action.DELETE, pattern=pattern)], Action.DELETE)


def test_a_row_of_one_region_gives_nothing_in_another() -> None:
    rows = [allow(Action.DELETE, region="us-east-1")]

    assert may(rows, Action.DELETE, snapshot(region="us-east-1"))
    assert not may(rows, Action.DELETE, snapshot(region="eu-west-1"))


def test_a_row_with_tags_gives_nothing_without_them() -> None:
    rows = [allow(Action.DELETE, tags={"env": "staging"})]

    assert may(rows, Action.DELETE, snapshot(tags={"env": "staging"}))
    assert not may(rows, Action.DELETE, snapshot(tags={"env": "prod"}))


def test_the_row_that_denies_is_named() -> None:
    no = deny(Action.DELETE)

    assert right([allow(Action.DELETE), no], ANN, Action.DELETE, snapshot()).by is no


def test_the_row_that_allows_is_named() -> None:
    yes = allow(Action.DELETE)

    assert right([allow(Action.VIEW), yes], ANN, Action.DELETE, snapshot()).by is yes


def test_no_row_is_named_where_none_matches() -> None:
    assert right([allow(Action.VIEW)], ANN, Action.DELETE, snapshot()).by is None


def test_a_name_that_no_row_could_allow_is_ruled_out() -> None:
    assert not could_match([allow(Action.DELETE, pattern="web-*")], ANN, Action.DELETE, "prod-db")


# Admins


def test_the_environment_makes_admins() -> None:
    assert is_admin([], frozenset({ANN}), ANN)


def test_nobody_takes_away_an_admin_whom_the_environment_names() -> None:
    assert is_admin([deny(Action.ADMIN)], frozenset({ANN}), ANN)


def test_a_row_makes_an_admin() -> None:
    assert is_admin([allow(Action.ADMIN)], frozenset(), ANN)


def test_an_admin_who_is_denied_it_is_none() -> None:
    assert not is_admin([allow(Action.ADMIN), deny(Action.ADMIN)], frozenset(), ANN)


def test_deleting_does_not_make_an_admin() -> None:
    assert not is_admin([allow(Action.DELETE)], frozenset(), ANN)


def test_an_admin_stays_one_who_may_not_see_some_snapshots() -> None:
    rows = [allow(Action.ADMIN), deny(Action.VIEW, subject="*", pattern="secret-*")]

    assert is_admin(rows, frozenset(), ANN)


def test_whom_to_ask_are_all_admins_by_name_and_nobody_who_was_denied_it() -> None:
    rows = [allow(Action.ADMIN, subject="*"), allow(Action.ADMIN, "U3"), allow(Action.ADMIN), deny(Action.ADMIN)]

    assert Policy(rows, frozenset({BOB}), groups={}).admins_by_name() == sorted([BOB, "U3"])
