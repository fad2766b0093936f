"""What the gate says, as data: complete over every action, effect, guard, ruling and ground."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.guards import Guard, Guarding, Situation
from bot.judge import Ground, Rules, Ruling, Word, judge, judge_approval, judge_together
from bot.model import Freeze, Snapshot, Surroundings
from bot.policy import Policy
from bot.scoped import Scoped
from storage.tables import Action, Effect, Permission

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
ANN, BOB, CLEO, EVE, LEADS = "UANN", "UBOB", "UCLEO", "UEVE", "SLEADS"
A, D = Effect.ALLOW, Effect.DENY
Row = tuple[Effect, Action, str]


@dataclass(frozen=True)
class Case:
    """Who may what, what there is, who has approved; and what the gate then says of Ann's request."""

    what: str
    rows: Sequence[Row]
    ruling: Ruling
    ground: Ground
    guards: Sequence[Guard] = ()
    words: Sequence[tuple[str, bool]] = ()
    then: Ruling | None = None  # with the words of the others
    tags: dict[str, str] = field(default_factory=dict)
    state: str = "available"
    age: timedelta = timedelta(days=30)
    siblings: tuple[str, ...] | None = ("arn:other",)
    going: frozenset[str] = frozenset()
    asked_today: int = 0
    frozen: bool = False
    admins: tuple[str, ...] = ()
    groups: bool = True
    barred: tuple[str, ...] = ()
    approvals: int = 1


MAY: Row = (A, Action.DELETE, ANN)
MAY_ASK: Row = (A, Action.REQUEST, ANN)
ALL_APPROVE: Row = (A, Action.APPROVE, "*")
BOB_APPROVES: Row = (A, Action.APPROVE, BOB)
YES, NO, TWO = Ruling.ALLOWED, Ruling.REFUSED, Ruling.SECOND_PERSON
CASES = [
    Case("may delete", [MAY], YES, Ground.PERMITTED),
    Case("a fresh bot", [], NO, Ground.FRESH_BOT),
    Case("no permission", [(A, Action.DELETE, BOB)], NO, Ground.NO_PERMISSION),
    Case("may only view", [(A, Action.VIEW, ANN)], NO, Ground.NO_PERMISSION),
    Case("may only approve", [(A, Action.APPROVE, ANN)], NO, Ground.NO_PERMISSION),
    Case("an admin", [(A, Action.ADMIN, ANN)], NO, Ground.ADMIN_ONLY),
    Case("an admin by the environment", [BOB_APPROVES], NO, Ground.ADMIN_ONLY, admins=(ANN,)),
    Case("denied to view", [MAY, (D, Action.VIEW, ANN)], NO, Ground.DENIED),
    Case("denied to request", [MAY, (D, Action.REQUEST, "*")], NO, Ground.DENIED),
    Case("denied to delete", [MAY, BOB_APPROVES, (D, Action.DELETE, "*")], TWO, Ground.REQUEST_ONLY),
    Case("denied to approve, which matters to others", [MAY, (D, Action.APPROVE, ANN)], YES, Ground.PERMITTED),
    Case("denied to be an admin", [MAY, (D, Action.ADMIN, ANN)], YES, Ground.PERMITTED),
    Case("barred", [MAY], NO, Ground.BARRED, barred=(ANN,)),
    Case("by a group", [(A, Action.DELETE, LEADS)], YES, Ground.PERMITTED),
    Case("by a group nobody knows", [(A, Action.DELETE, LEADS)], NO, Ground.GROUPS_UNKNOWN, groups=False),
    Case("denied by a group nobody knows", [MAY, (D, Action.DELETE, LEADS)], TWO, Ground.REQUEST_ONLY, groups=False),
    Case("protected", [MAY], NO, Ground.GUARD, [Guard.PROTECTED], tags={"no_delete": ""}),
    Case("not available", [MAY], NO, Ground.GUARD, [Guard.NOT_AVAILABLE], state="pending"),
    Case("too young", [MAY], NO, Ground.GUARD, [Guard.TOO_YOUNG], age=timedelta(days=6)),
    Case("just old enough", [MAY], YES, Ground.PERMITTED, age=timedelta(days=7)),
    Case("too many today", [MAY], NO, Ground.GUARD, [Guard.DAILY_LIMIT], asked_today=3),
    Case("nearly too many today", [MAY], YES, Ground.PERMITTED, asked_today=2),
    Case("frozen", [MAY], NO, Ground.GUARD, [Guard.FROZEN], frozen=True),
    Case("frozen, and it may not be seen", [BOB_APPROVES], NO, Ground.NO_PERMISSION, frozen=True),
    Case("the last", [MAY, BOB_APPROVES], TWO, Ground.GUARD, [Guard.LAST], [(BOB, True)], YES, siblings=()),
    Case("the last, not typed", [MAY, BOB_APPROVES], TWO, Ground.GUARD, [Guard.LAST], [(BOB, False)], TWO, siblings=()),
    Case("of no instance", [MAY], YES, Ground.PERMITTED, siblings=None),
    Case("the last but one that goes", [MAY], TWO, Ground.GUARD, [Guard.LAST], going=frozenset({"arn:other"})),
    Case(
        "a tag for two",
        [MAY, BOB_APPROVES],
        TWO,
        Ground.GUARD,
        [Guard.APPROVAL_TAG],
        [(BOB, False)],
        YES,
        {"env": "prod"},
    ),
    Case("approved", [MAY_ASK, BOB_APPROVES], TWO, Ground.REQUEST_ONLY, [], [(BOB, False)], YES),
    Case("approved by who may not", [MAY_ASK, BOB_APPROVES], TWO, Ground.REQUEST_ONLY, [], [(EVE, False)], TWO),
    Case("approved by oneself", [MAY_ASK, (A, Action.APPROVE, "*")], TWO, Ground.REQUEST_ONLY, [], [(ANN, True)], TWO),
    Case(
        "approved, frozen since",
        [MAY_ASK, BOB_APPROVES],
        NO,
        Ground.GUARD,
        [Guard.FROZEN],
        [(BOB, True)],
        NO,
        frozen=True,
    ),
    Case(
        "one of two", [MAY_ASK, (A, Action.APPROVE, "*")], TWO, Ground.REQUEST_ONLY, [], [(BOB, True)], TWO, approvals=2
    ),
    Case(
        "two of two",
        [MAY_ASK, (A, Action.APPROVE, "*")],
        TWO,
        Ground.REQUEST_ONLY,
        [],
        [(BOB, True), (CLEO, False)],
        YES,
        approvals=2,
    ),
    Case(
        "one twice",
        [MAY_ASK, (A, Action.APPROVE, "*")],
        TWO,
        Ground.REQUEST_ONLY,
        [],
        [(BOB, True), (BOB, True)],
        TWO,
        approvals=2,
    ),
    Case(
        "approved by who is barred",
        [MAY_ASK, BOB_APPROVES],
        TWO,
        Ground.REQUEST_ONLY,
        [],
        [(BOB, True)],
        TWO,
        barred=(BOB,),
    ),
    Case(
        "approved by who is denied it",
        [MAY_ASK, BOB_APPROVES, (D, Action.APPROVE, BOB)],
        TWO,
        Ground.REQUEST_ONLY,
        [],
        [(BOB, True)],
        TWO,
    ),
]


def of(case: Case) -> tuple[Rules, Situation]:
    rows = [
        Permission(team_id="T1", subject=subject, effect=effect, action=action, granted_by="test", granted_at=NOW)
        for effect, action, subject in case.rows
    ]
    groups = {LEADS: frozenset({ANN})} if case.groups else None
    guarding = Guarding(
        protected_tags=[("no_delete", None)],
        approval_tags=[("env", "prod")],
        min_age=Scoped(timedelta(days=7)),
        daily_limit=Scoped(3),
        min_approvals=Scoped(case.approvals),
    )
    instance = None if case.siblings is None else "web-1"
    tags, taken = case.tags, NOW - case.age
    snapshot = Snapshot("arn", "web-1-a", "us-east-1", taken, case.state, tags=tags, instance_name=instance)
    situation = Situation(
        snapshot,
        Surroundings(instance_exists=True, siblings=case.siblings),
        NOW,
        going=case.going,
        asked_today=case.asked_today,
        freeze=Freeze(EVE, "eve", NOW, "INC-9") if case.frozen else None,
    )
    return Rules(Policy(rows, frozenset(case.admins), groups, frozenset(case.barred)), guarding), situation


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_the_gate_says_what_the_table_says(case: Case) -> None:
    rules, situation = of(case)
    verdict = judge(rules, ANN, situation)

    assert (verdict.ruling, verdict.ground) == (case.ruling, case.ground)
    assert [one.guard for one in verdict.objections] == list(case.guards)
    words = [Word(person, has_typed) for person, has_typed in case.words]
    assert judge_together(rules, ANN, words, situation).ruling is (case.then or case.ruling)


def test_nobody_approves_their_own() -> None:
    rules, situation = of(Case("", [(A, Action.APPROVE, ANN)], YES, Ground.PERMITTED))

    assert judge_approval(rules, ANN, ANN, situation).ground is Ground.OWN_REQUEST


def test_the_table_is_complete() -> None:
    said = [judge(*_asked(case)) for case in CASES]

    assert {one.ruling for one in said} == set(Ruling)
    assert {one.ground for one in said} | {Ground.OWN_REQUEST} == set(Ground)
    assert {one.guard for verdict in said for one in verdict.objections} == set(Guard)
    assert {(effect, action) for case in CASES for effect, action, _ in case.rows} == {
        (e, a) for e in Effect for a in Action
    }


def _asked(case: Case) -> tuple[Rules, str, Situation]:
    rules, situation = of(case)
    return rules, ANN, situation
