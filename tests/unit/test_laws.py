"""Laws of the gate, over any rules, situations and words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guards import Guarding, Situation
from bot.judge import Rules, Ruling, Word, judge, judge_approval, judge_together
from bot.model import Freeze, Snapshot, Surroundings
from bot.policy import Policy
from bot.scoped import Scoped
from storage.tables import Action, Effect, Permission

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
PEOPLE = ["UANN", "UBOB", "UCLEO"]
LEADS = "SLEADS"
ORDER = {Ruling.REFUSED: 0, Ruling.SECOND_PERSON: 1, Ruling.ALLOWED: 2}
laws = settings(max_examples=120, deadline=None)

people = st.sampled_from(PEOPLE)
effects = st.sampled_from(Effect)


def rows(of: st.SearchStrategy[Effect] = effects) -> st.SearchStrategy[Permission]:
    return st.builds(
        lambda effect, action, subject, pattern: Permission(
            team_id="T1",
            subject=subject,
            effect=effect,
            action=action,
            pattern=pattern,
            granted_by="test",
            granted_at=NOW,
        ),
        of,
        st.sampled_from(Action),
        st.sampled_from([*PEOPLE, LEADS, "*"]),
        st.sampled_from(["*", "web-*", "db-*"]),
    )


groups = st.none() | st.frozensets(people).map(lambda members: {LEADS: members})
policies = st.builds(
    Policy, st.lists(rows(), max_size=6), st.frozensets(people, max_size=1), groups, st.frozensets(people, max_size=1)
)
limits: st.SearchStrategy[Scoped[int | None]] = st.sampled_from([None, 2]).map(Scoped)
guardings = st.builds(
    Guarding,
    protected_tags=st.sampled_from([(), (("no_delete", None),)]),
    approval_tags=st.sampled_from([(), (("env", "prod"),)]),
    guards_last=st.booleans(),
    guards_state=st.booleans(),
    min_age=st.sampled_from([Scoped(timedelta()), Scoped(timedelta(days=7))]),
    daily_limit=limits,
    min_approvals=st.integers(1, 3).map(Scoped),
)
situations = st.builds(
    Situation,
    st.builds(
        lambda state, tags, days, instance: Snapshot(
            "arn", "web-1", "us-east-1", NOW - timedelta(days=days), state, tags=tags, instance_name=instance
        ),
        st.sampled_from(["available", "available", "pending"]),
        st.sampled_from([{}, {"env": "prod"}, {"no_delete": ""}]),
        st.sampled_from([1, 30]),
        st.sampled_from([None, "web"]),
    ),
    st.sampled_from([Surroundings(), Surroundings(siblings=()), Surroundings(siblings=("arn:2",))]),
    st.just(NOW),
    going=st.sampled_from([frozenset(), frozenset({"arn:2"})]),
    asked_today=st.integers(0, 3),
    freeze=st.sampled_from([None, None, Freeze("UCLEO", "cleo", NOW)]),
)
words = st.lists(st.builds(Word, people, st.booleans()), max_size=4)


def ruling(policy: Policy, guarding: Guarding, person: str, situation: Situation) -> int:
    return ORDER[judge(Rules(policy, guarding), person, situation).ruling]


@given(policies, rows(st.just(Effect.ALLOW)), guardings, people, situations)
@laws
def test_adding_an_allow_never_takes_a_right_away(
    policy: Policy, more: Permission, guarding: Guarding, person: str, situation: Situation
) -> None:
    after = replace(policy, rows=[*policy.rows, more])

    assert ruling(policy, guarding, person, situation) <= ruling(after, guarding, person, situation)


@given(policies, rows(st.just(Effect.DENY)), guardings, people, situations)
@laws
def test_adding_a_deny_never_gives_a_right(
    policy: Policy, more: Permission, guarding: Guarding, person: str, situation: Situation
) -> None:
    after = replace(policy, rows=[*policy.rows, more])

    assert ruling(after, guarding, person, situation) <= ruling(policy, guarding, person, situation)


@given(policies, guardings, people, situations)
@laws
def test_denying_delete_leaves_request(policy: Policy, guarding: Guarding, person: str, situation: Situation) -> None:
    denied = Permission(
        team_id="T1", subject="*", effect=Effect.DENY, action=Action.DELETE, granted_by="test", granted_at=NOW
    )
    after = replace(policy, rows=[*policy.rows, denied])

    assert ruling(after, guarding, person, situation) == min(1, ruling(policy, guarding, person, situation))


@given(policies, guardings, people, situations)
@laws
def test_nobody_approves_their_own(policy: Policy, guarding: Guarding, person: str, situation: Situation) -> None:
    assert not judge_approval(Rules(policy, guarding), person, person, situation).allowed


@given(policies, guardings, people, words, situations)
@laws
def test_no_word_of_the_asker_changes_anything(
    policy: Policy, guarding: Guarding, asker: str, said: list[Word], situation: Situation
) -> None:
    rules, others = Rules(policy, guarding), [word for word in said if word.person != asker]

    assert judge_together(rules, asker, said, situation) == judge_together(rules, asker, others, situation)


@given(policies, guardings, people, words, st.builds(Word, people, st.booleans()), situations)
@laws
def test_another_word_never_takes_one_away(
    policy: Policy, guarding: Guarding, asker: str, said: list[Word], more: Word, situation: Situation
) -> None:
    rules = Rules(policy, guarding)
    before, after = (judge_together(rules, asker, one, situation).ruling for one in (said, [*said, more]))

    assert ORDER[before] <= ORDER[after]


@given(policies, guardings, people, words, situations)
@laws
def test_what_is_refused_stays_refused_whoever_agrees(
    policy: Policy, guarding: Guarding, asker: str, said: list[Word], situation: Situation
) -> None:
    rules = Rules(policy, guarding)
    if judge(rules, asker, situation).ruling is Ruling.REFUSED:
        assert judge_together(rules, asker, said, situation).ruling is Ruling.REFUSED


@given(policies, guardings, people, situations)
@laws
def test_who_is_barred_may_nothing(policy: Policy, guarding: Guarding, person: str, situation: Situation) -> None:
    barred = replace(policy, barred=frozenset({person}))

    assert judge(Rules(barred, guarding), person, situation).ruling is Ruling.REFUSED
    assert not barred.is_admin(person)


@given(policies, guardings, people, situations)
@laws
def test_not_knowing_who_is_in_a_group_never_gives_a_right(
    policy: Policy, guarding: Guarding, person: str, situation: Situation
) -> None:
    unknown = replace(policy, groups=None)

    assert ruling(unknown, guarding, person, situation) <= ruling(policy, guarding, person, situation)


@given(policies, guardings, people, situations)
@laws
def test_a_freeze_refuses_everybody(policy: Policy, guarding: Guarding, person: str, situation: Situation) -> None:
    frozen = replace(situation, freeze=Freeze("UCLEO", "cleo", NOW))

    assert judge(Rules(policy, guarding), person, frozen).ruling is Ruling.REFUSED


@given(policies, guardings, people, situations)
@laws
def test_a_guard_more_never_gives_a_right(
    policy: Policy, guarding: Guarding, person: str, situation: Situation
) -> None:
    stricter = replace(
        guarding,
        guards_last=True,
        guards_state=True,
        protected_tags=[("no_delete", None)],
        approval_tags=[("env", None)],
    )

    assert ruling(policy, stricter, person, situation) <= ruling(policy, guarding, person, situation)
