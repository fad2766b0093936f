"""What an IAM policy allows, as far as the local Lightsail can judge it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.lightsail.policy import OPERATORS, PolicyError, Verdict, policy_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACTION = "lightsail:DeleteInstanceSnapshot"
ARN = "arn:aws:lightsail:us-east-1:210987654321:InstanceSnapshot/0a1b2c3d"
CONTEXT: dict[str, str | datetime] = {
    "aws:currenttime": NOON,
    "aws:requestedregion": "us-east-1",
    "aws:resourcetag/env": "staging",
    "aws:principalarn": "arn:aws:iam::210987654321:role/lightkeeper",
}


def statement(**changes: object) -> dict[str, object]:
    told: dict[str, object] = {"Effect": "Allow", "Action": ACTION, "Resource": "*"}
    return {key: value for key, value in (told | changes).items() if value is not None}


def verdict(*statements: dict[str, object]) -> Verdict:
    return policy_of({"Version": "2012-10-17", "Statement": list(statements)}).verdict(ACTION, ARN, CONTEXT)


@pytest.mark.parametrize(
    "action",
    [
        ACTION,
        "*",
        "lightsail:*",
        "lightsail:Delete*",
        "lightsail:DeleteInstanceSnapsho?",
        "LIGHTSAIL:deleteinstancesnapshot",
        ["lightsail:GetInstance", ACTION],
    ],
)
def test_an_action_is_named_by_a_pattern_in_any_case(action: object) -> None:
    assert verdict(statement(Action=action)) is Verdict.ALLOWED


@pytest.mark.parametrize("action", ["lightsail:Get*", "lightsail:Delete", "lightsail:DeleteInstanceSnapshot?", "sts:*"])
def test_another_action_is_not_allowed(action: str) -> None:
    assert verdict(statement(Action=action)) is Verdict.SILENT


@pytest.mark.parametrize(
    "resource",
    ["*", ARN, "arn:aws:lightsail:*:210987654321:InstanceSnapshot/*", "arn:aws:lightsail:us-east-?:*", ["x", ARN]],
)
def test_a_resource_is_named_by_a_pattern(resource: object) -> None:
    assert verdict(statement(Resource=resource)) is Verdict.ALLOWED


@pytest.mark.parametrize(
    "resource",
    [
        ARN.upper(),
        ARN[:-1],
        "arn:aws:lightsail:us-east-1:123456789012:*",
        "arn:aws:lightsail:us-east-1:210987654321:*x",
    ],
)
def test_another_resource_is_not_allowed(resource: str) -> None:
    assert verdict(statement(Resource=resource)) is Verdict.SILENT


def test_letters_that_mean_something_to_regular_expressions_mean_themselves() -> None:
    assert verdict(statement(Resource=ARN.replace(":", "."))) is Verdict.SILENT


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Action": None, "NotAction": "lightsail:Get*"}, Verdict.ALLOWED),
        ({"Action": None, "NotAction": "lightsail:Delete*"}, Verdict.SILENT),
        ({"Resource": None, "NotResource": "arn:aws:lightsail:eu-west-1:*"}, Verdict.ALLOWED),
        ({"Resource": None, "NotResource": ARN}, Verdict.SILENT),
    ],
)
def test_a_statement_may_be_about_all_but_something(changes: dict[str, object], said: Verdict) -> None:
    assert verdict(statement(**changes)) is said


def test_a_ban_wins_over_every_permission() -> None:
    assert verdict(statement(Effect="Deny"), statement()) is Verdict.DENIED
    assert verdict(statement(), statement(Effect="Deny", Action="lightsail:Delete*")) is Verdict.DENIED


def test_a_ban_that_does_not_concern_the_call_is_none() -> None:
    assert verdict(statement(Effect="Deny", Action="lightsail:Get*"), statement()) is Verdict.ALLOWED


def test_nothing_is_allowed_by_a_policy_that_does_not_speak_of_it() -> None:
    assert verdict(statement(Action="s3:*")) is Verdict.SILENT


def test_one_statement_need_not_be_in_a_list() -> None:
    assert policy_of({"Statement": statement()}).verdict(ACTION, ARN, CONTEXT) is Verdict.ALLOWED


def test_a_policy_may_be_json() -> None:
    assert policy_of(json.dumps({"Statement": [statement()]})).verdict(ACTION, ARN, CONTEXT) is Verdict.ALLOWED


LATER, EARLIER, NOW = "2026-11-23T12:00:01Z", "2026-11-23T11:59:59Z", "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    ("operator", "key", "value", "met"),
    [
        ("StringEquals", "aws:ResourceTag/env", "staging", True),
        ("StringEquals", "aws:ResourceTag/ENV", "staging", True),
        ("StringEquals", "AWS:resourcetag/env", ["prod", "staging"], True),
        ("StringEquals", "aws:ResourceTag/env", "Staging", False),
        ("StringEquals", "aws:ResourceTag/env", "stag*", False),
        ("StringEquals", "aws:ResourceTag/team", "red", False),
        ("StringEqualsIfExists", "aws:ResourceTag/team", "red", True),
        ("StringEqualsIfExists", "aws:ResourceTag/env", "prod", False),
        ("StringNotEquals", "aws:ResourceTag/env", "prod", True),
        ("StringNotEquals", "aws:ResourceTag/env", ["prod", "staging"], False),
        ("StringNotEquals", "aws:ResourceTag/team", "red", True),
        ("StringEqualsIgnoreCase", "aws:ResourceTag/env", "STAGING", True),
        ("StringNotEqualsIgnoreCase", "aws:ResourceTag/env", "STAGING", False),
        ("StringLike", "aws:ResourceTag/env", "st?g*", True),
        ("StringLike", "aws:ResourceTag/env", "prod*", False),
        ("StringNotLike", "aws:ResourceTag/env", "st*", False),
        ("StringNotLike", "aws:ResourceTag/env", "prod*", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/lightkeeper", True),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::210987654321:role/light*", True),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/lightkeeper", False),
        ("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/admin", True),
        ("DateLessThan", "aws:CurrentTime", LATER, True),
        ("DateLessThan", "aws:CurrentTime", NOW, False),
        ("DateLessThanEquals", "aws:CurrentTime", NOW, True),
        ("DateLessThanEquals", "aws:CurrentTime", EARLIER, False),
        ("DateGreaterThan", "aws:CurrentTime", EARLIER, True),
        ("DateGreaterThan", "aws:CurrentTime", NOW, False),
        ("DateGreaterThanEquals", "aws:CurrentTime", NOW, True),
        ("DateEquals", "aws:CurrentTime", "2026-11-23T13:00:00+01:00", True),
        ("DateNotEquals", "aws:CurrentTime", NOW, False),
        ("DateLessThan", "aws:CurrentTime", str(int(NOON.timestamp()) + 1), True),
        ("DateGreaterThan", "aws:CurrentTime", "2026-11-23", True),
        ("DateLessThan", "aws:TokenIssueTime", LATER, False),
        ("DateNotEquals", "aws:TokenIssueTime", LATER, True),
        ("Null", "aws:ResourceTag/team", "true", True),
        ("Null", "aws:ResourceTag/env", True, False),
        ("Null", "aws:ResourceTag/env", "false", True),
    ],
)
def test_a_condition_is_met_or_not(operator: str, key: str, value: object, met: bool) -> None:  # noqa: FBT001 (a table)
    said = verdict(statement(Condition={operator: {key: value}}))

    assert said is (Verdict.ALLOWED if met else Verdict.SILENT)


def test_every_operator_is_in_the_table_above() -> None:
    (mark,) = [mark for mark in test_a_condition_is_met_or_not.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]

    assert {row[0].removesuffix("IfExists") for row in mark.args[1]} - {"Null"} == set(OPERATORS)


def test_all_conditions_have_to_be_met() -> None:
    both = {
        "StringEquals": {"aws:ResourceTag/env": "staging", "aws:RequestedRegion": "eu-west-1"},
        "DateLessThan": {"aws:CurrentTime": LATER},
    }

    assert verdict(statement(Condition=both)) is Verdict.SILENT


def test_a_permission_ends_when_its_time_has_come() -> None:
    policy = policy_of({"Statement": statement(Condition={"DateLessThan": {"aws:CurrentTime": LATER}})})
    told = [
        policy.verdict(ACTION, ARN, {"aws:currenttime": NOON + timedelta(seconds=seconds)}) for seconds in (0, 1, 2)
    ]

    assert told == [Verdict.ALLOWED, Verdict.SILENT, Verdict.SILENT]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Effect": "allow"}, "Effect"),
        ({"Effect": ["Allow"]}, "Effect"),
        ({"Action": None}, "either Action or NotAction"),
        ({"NotAction": "s3:*"}, "either Action or NotAction"),
        ({"Resource": None}, "either Resource or NotResource"),
        ({"Action": "DeleteInstanceSnapshot"}, "colon"),
        ({"Action": 7}, "colon"),
        ({"Action": []}, "no values"),
        ({"Action": [{"a": 1}]}, "list of texts"),
        ({"Resource": None, "NotResource": [None]}, "list of texts"),
        ({"Principal": "*"}, "Principal"),
        ({"Action": "lightsail:${aws:PrincipalTag/env}"}, "policy variable"),
        ({"Resource": "arn:aws:lightsail:*:*:${aws:PrincipalTag/env"}, "policy variable"),
        ({"Resource": None, "NotResource": "${aws:PrincipalTag/env}"}, "policy variable"),
        ({"Condition": {"StringNotEquals": {"aws:ResourceTag/a": "${aws:PrincipalTag/a}"}}}, "negated place"),
        ({"Condition": {"DateLessThan": {"aws:CurrentTime": "${aws:PrincipalTag/until}"}}}, "policy variable"),
        ({"Condition": {"StringEquals": {"aws:TagKeys": "env"}}}, "many values"),
        ({"Condition": {"ForSomeValues:StringEquals": {"aws:TagKeys": "env"}}}, "ForSomeValues"),
        ({"Condition": []}, "JSON object"),
        ({"Condition": {"StringEquals": "x"}}, "JSON object"),
        ({"Condition": {"NumericLessThan": {"aws:ResourceTag/n": "3"}}}, "NumericLessThan"),
        ({"Condition": {"Bool": {"aws:ResourceTag/env": "x"}}}, "Bool"),
        ({"Condition": {"NullIfExists": {"aws:ResourceTag/env": "true"}}}, "NullIfExists"),
        ({"Condition": {"StringEquals": {"aws:SourceIp": "10.0.0.1"}}}, "aws:SourceIp"),
        ({"Condition": {"StringEquals": {"aws:CurrentTime": NOW}}}, "does not compare"),
        ({"Condition": {"DateLessThan": {"aws:ResourceTag/env": NOW}}}, "does not compare"),
        ({"Condition": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}}}, "not a time"),
        ({"Condition": {"DateLessThan": {"aws:CurrentTime": "9" * 30}}}, "not a time"),
        ({"Condition": {"Null": {"aws:ResourceTag/env": "yes"}}}, "true or false"),
        ({"Condition": {"StringEquals": {"aws:ResourceTag/env": "${aws:username}"}}}, "policy variable aws:username"),
    ],
)
def test_what_is_not_understood_is_refused_and_not_ignored(changes: dict[str, object], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        verdict(statement(**changes))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ({}, "JSON object"),
        ({"Statement": []}, "has a Statement"),
        ({"Statement": statement(), "Version": "2020-01-01"}, "version"),
        ({"Statement": statement(), "Comment": "mine"}, "Comment"),
        ({"Statement": statement(Resource="${aws:PrincipalTag/env}")}, "without the version"),
    ],
)
def test_what_is_no_policy_is_refused(document: str | dict[str, object], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        policy_of(document)
