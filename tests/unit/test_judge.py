"""The one gate."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guards import Guard, Guarding, Situation
from bot.judge import Ground, Rules, Ruling, judge, without_permission
from bot.model import Snapshot, Surroundings, TagList
from bot.policy import Policy
from storage.tables import Action, Effect, Permission

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
ANN, BOB, EVE = "U024BE7LH", "U061F7AUR", "U0EVE"


def row(effect: Effect, action: Action, subject: str = ANN, pattern: str = "*") -> Permission:
    return Permission(
        team_id="T1",
        subject=subject,
        effect=effect,
        action=action,
        pattern=pattern,
        granted_by="shell:root",
        granted_at=NOW,
    )


def allow(action: Action, subject: str = ANN, pattern: str = "*") -> Permission:
    return row(Effect.ALLOW, action, subject, pattern)


def deny(action: Action, subject: str = ANN, pattern: str = "*") -> Permission:
    return row(Effect.DENY, action, subject, pattern)


def rules(*rows: Permission, admins: tuple[str, ...] = ()) -> Rules:
    protected: TagList = (("no_delete", None), ("protected", "true"))
    return Rules(Policy(rows, frozenset(admins), groups={}), Guarding(protected_tags=protected))


def situation(tags: dict[str, str] | None = None, state: str = "available") -> Situation:
    return Situation(Snapshot("arn", "web-1", "us-east-1", NOW, state, tags=tags or {}), Surroundings(), NOW)


some_rows = st.lists(
    st.builds(
        row,
        st.sampled_from(Effect),
        st.sampled_from(Action),
        st.sampled_from([ANN, BOB, "*"]),
        st.sampled_from(["*", "web-*", "prod-*"]),
    ),
    max_size=5,
)
some_admins = st.sampled_from([(), (ANN,), (BOB,)])


# Laws


@given(some_rows, some_admins, st.sampled_from([{"no_delete": ""}, {"No_Delete": "1"}, {"PROTECTED": "True"}]))
@settings(max_examples=90, deadline=None)
def test_protected_tags_beat_every_permission(
    rows: list[Permission], admins: tuple[str, ...], tags: dict[str, str]
) -> None:
    assert judge(rules(*rows, admins=admins), ANN, situation(tags)).ruling is Ruling.REFUSED


@given(some_rows, some_admins, st.sampled_from(["pending", "error", "unknown"]))
@settings(max_examples=60, deadline=None)
def test_what_is_not_available_is_refused_to_everybody(
    rows: list[Permission], admins: tuple[str, ...], state: str
) -> None:
    assert judge(rules(*rows, admins=admins), ANN, situation(state=state)).ruling is Ruling.REFUSED


@given(some_rows, some_admins)
@settings(max_examples=90, deadline=None)
def test_exactly_those_who_may_delete_are_allowed(rows: list[Permission], admins: tuple[str, ...]) -> None:
    may = Policy(rows, groups={}).right(ANN, Action.DELETE, situation().snapshot).allowed

    assert judge(rules(*rows, admins=admins), ANN, situation()).allowed == may


@given(some_rows, some_admins)
@settings(max_examples=60, deadline=None)
def test_the_name_of_a_guard_is_told_only_to_those_who_may_view(
    rows: list[Permission], admins: tuple[str, ...]
) -> None:
    protected = situation({"no_delete": ""})
    verdict = judge(rules(*rows, admins=admins), ANN, protected)
    may = Policy(rows, frozenset(admins), groups={}).may_view(ANN, protected.snapshot).allowed

    assert (verdict.objection is not None) == may


@given(some_rows)
@settings(max_examples=60, deadline=None)
def test_to_be_an_admin_alone_is_never_enough(rows: list[Permission]) -> None:
    given_nothing_else = [one for one in rows if one.effect is Effect.DENY or one.action is Action.ADMIN]

    assert not judge(rules(*given_nothing_else, admins=(ANN,)), ANN, situation()).allowed


# Grounds


def test_who_may_delete_is_allowed_and_the_permission_is_named() -> None:
    yes = allow(Action.DELETE)
    verdict = judge(rules(yes), ANN, situation())

    assert (verdict.ruling, verdict.ground, verdict.row) == (Ruling.ALLOWED, Ground.PERMITTED, yes)


def test_a_bot_without_any_permission_says_so() -> None:
    verdict = judge(rules(), ANN, situation())

    assert (verdict.ruling, verdict.ground) == (Ruling.REFUSED, Ground.FRESH_BOT)


def test_default_is_deny_and_admins_are_named() -> None:
    verdict = judge(rules(allow(Action.DELETE, EVE), allow(Action.ADMIN, BOB), admins=(EVE,)), ANN, situation())

    assert (verdict.ruling, verdict.ground) == (Ruling.REFUSED, Ground.NO_PERMISSION)
    assert verdict.ask == tuple(sorted([BOB, EVE]))


def test_a_deny_is_named_with_whom_to_ask() -> None:
    no = deny(Action.VIEW, "*", "web-*")
    verdict = judge(rules(allow(Action.DELETE), no, admins=(BOB,)), ANN, situation())

    assert (verdict.ruling, verdict.ground, verdict.row) == (Ruling.REFUSED, Ground.DENIED, no)
    assert verdict.ask == (BOB,)


def test_a_deny_is_named_where_a_guard_stands_in_the_way_as_well() -> None:
    no = deny(Action.VIEW, "*", "web-*")
    verdict = judge(rules(allow(Action.DELETE), no), ANN, situation({"no_delete": ""}))

    assert (verdict.ground, verdict.row) == (Ground.DENIED, no)


@pytest.mark.parametrize("by_environment", [True, False])
def test_admins_are_told_that_they_can_give_themselves_the_permission(by_environment: bool) -> None:  # noqa: FBT001
    given_rules = rules(admins=(ANN,)) if by_environment else rules(allow(Action.ADMIN))

    assert judge(given_rules, ANN, situation()).ground is Ground.ADMIN_ONLY


def test_who_may_only_request_needs_a_second_person() -> None:
    verdict = judge(rules(allow(Action.REQUEST), admins=(BOB,)), ANN, situation())

    assert (verdict.ruling, verdict.ground, verdict.ask) == (Ruling.SECOND_PERSON, Ground.REQUEST_ONLY, (BOB,))


def test_a_deny_of_delete_makes_four_eyes_and_is_named() -> None:
    no = deny(Action.DELETE, "*", "web-*")
    verdict = judge(rules(allow(Action.DELETE), no), ANN, situation())

    assert (verdict.ruling, verdict.row, verdict.allowed) == (Ruling.SECOND_PERSON, no, False)


def test_a_second_person_is_not_asked_for_what_is_protected() -> None:
    verdict = judge(rules(allow(Action.REQUEST)), ANN, situation({"no_delete": ""}))

    assert (verdict.ruling, verdict.ground) == (Ruling.REFUSED, Ground.GUARD)


def test_a_guard_is_named_with_its_fact() -> None:
    verdict = judge(rules(allow(Action.DELETE)), ANN, situation({"Protected": "TRUE"}))

    assert verdict.objection is not None
    assert (verdict.objection.guard, verdict.objection.fact) == (Guard.PROTECTED, "Protected=TRUE")


def test_without_a_matching_deny_nobody_is_told_of_one() -> None:
    assert without_permission(rules(deny(Action.VIEW, BOB)), ANN).ground is Ground.NO_PERMISSION
