"""How IAM comes to its word, case by case, as AWS documents it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.sandbox.lightsail.policy import Verdict, policy_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ACTION = "lightsail:DeleteInstanceSnapshot"
ARN = "arn:aws:lightsail:us-east-1:123456789012:InstanceSnapshot/0a1b2c3d"
BLUE_ON_BLUE = {"aws:principaltag/team": "blue", "aws:resourcetag/team": "blue"}
BLUE_ON_RED = {"aws:principaltag/team": "blue", "aws:resourcetag/team": "red"}
SAME_TEAM = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}

YES, NO, SILENT = Verdict.ALLOWED, Verdict.DENIED, Verdict.SILENT


def allow(condition: object = None, **changes: object) -> dict[str, object]:
    told: dict[str, object] = {"Effect": "Allow", "Action": ACTION, "Resource": "*"} | changes
    if condition:
        told["Condition"] = condition
    return {key: value for key, value in told.items() if value is not None}


def deny(condition: object = None, **changes: object) -> dict[str, object]:
    return allow(condition, **changes) | {"Effect": "Deny"}


CASES = [
    # Allow and Deny
    ("nothing is allowed by default", [allow(Action="lightsail:GetInstance")], {}, SILENT),
    ("an allow allows", [allow()], {}, YES),
    ("a deny wins over an allow", [allow(), deny()], {}, NO),
    ("a deny wins whatever the order", [deny(), allow()], {}, NO),
    ("a deny wins over many allows", [allow(), allow(Action="*"), deny(Resource=ARN)], {}, NO),
    ("a deny of something else denies nothing", [allow(), deny(Action="lightsail:DeleteInstance")], {}, YES),
    ("a deny without an allow denies", [deny()], {}, NO),
    ("a deny with a condition that is not met denies nothing", [allow(), deny(SAME_TEAM)], BLUE_ON_RED, YES),
    ("a deny with a condition that is met denies", [allow(), deny(SAME_TEAM)], BLUE_ON_BLUE, NO),
    ("all but an action", [allow(Action=None, NotAction="lightsail:Get*")], {}, YES),
    ("all but this action", [allow(Action=None, NotAction="lightsail:Delete*")], {}, SILENT),
    ("all but this resource", [allow(Resource=None, NotResource=ARN)], {}, SILENT),
    ("all but other resources", [allow(Resource=None, NotResource="arn:aws:s3:::*")], {}, YES),
    ("actions are told apart in no case", [allow(Action="LIGHTSAIL:deleteinstanceSNAPSHOT")], {}, YES),
    ("resources are told apart in their case", [allow(Resource=ARN.upper())], {}, SILENT),
    # Tags, and variables that stand for them
    ("the same team", [allow(SAME_TEAM)], BLUE_ON_BLUE, YES),
    ("another team", [allow(SAME_TEAM)], BLUE_ON_RED, SILENT),
    ("a resource without the tag", [allow(SAME_TEAM)], {"aws:principaltag/team": "blue"}, SILENT),
    ("a person without the tag", [allow(SAME_TEAM)], {"aws:resourcetag/team": "blue"}, SILENT),
    ("neither has the tag", [allow(SAME_TEAM)], {}, SILENT),
    (
        "values are told apart in their case",
        [allow(SAME_TEAM)],
        {"aws:principaltag/team": "Blue", "aws:resourcetag/team": "blue"},
        SILENT,
    ),
    (
        "unless the operator says otherwise",
        [allow({"StringEqualsIgnoreCase": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}})],
        {"aws:principaltag/team": "Blue", "aws:resourcetag/team": "blue"},
        YES,
    ),
    ("names of keys are not", [allow({"StringEquals": {"AWS:resourcetag/TEAM": "blue"}})], BLUE_ON_BLUE, YES),
    (
        "a variable's stars are letters",
        [allow({"StringLike": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}})],
        {"aws:principaltag/team": "*", "aws:resourcetag/team": "blue"},
        SILENT,
    ),
    (
        "stars around a variable are not",
        [allow({"StringLike": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}-*"}})],
        {"aws:principaltag/team": "blue", "aws:resourcetag/team": "blue-ops"},
        YES,
    ),
    (
        "a default stands for what is not there",
        [allow({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team, 'all'}"}})],
        {"aws:resourcetag/team": "all"},
        YES,
    ),
    (
        "and for nothing that is",
        [allow({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team, 'all'}"}})],
        {"aws:principaltag/team": "blue", "aws:resourcetag/team": "all"},
        SILENT,
    ),
    (
        "a star that is meant",
        [allow({"StringLike": {"aws:ResourceTag/team": "${*}"}})],
        {"aws:resourcetag/team": "*"},
        YES,
    ),
    (
        "a star that is meant is no other letter",
        [allow({"StringLike": {"aws:ResourceTag/team": "${*}"}})],
        {"aws:resourcetag/team": "x"},
        SILENT,
    ),
    (
        "a variable in a resource",
        [allow(Resource="arn:aws:lightsail:${aws:RequestedRegion}:*:InstanceSnapshot/*")],
        {"aws:requestedregion": "us-east-1"},
        YES,
    ),
    (
        "a variable in a resource that is not there",
        [allow(Resource="arn:aws:lightsail:${aws:RequestedRegion}:*:InstanceSnapshot/*")],
        {},
        SILENT,
    ),
    ("who it was", [allow({"StringLike": {"aws:SourceIdentity": "U*"}})], {"aws:sourceidentity": "U024BE7LH"}, YES),
    ("nobody in particular", [allow({"StringLike": {"aws:SourceIdentity": "U*"}})], {}, SILENT),
    # What is not there
    ("Equals of what is not there", [allow({"StringEquals": {"aws:ResourceTag/env": "x"}})], {}, SILENT),
    ("NotEquals of what is not there", [allow({"StringNotEquals": {"aws:ResourceTag/env": "x"}})], {}, YES),
    ("NotLike of what is not there", [allow({"StringNotLike": {"aws:ResourceTag/env": "x*"}})], {}, YES),
    ("ArnNotLike of what is not there", [allow({"ArnNotLike": {"aws:PrincipalArn": "arn:*"}})], {}, YES),
    ("IfExists of what is not there", [allow({"StringEqualsIfExists": {"aws:ResourceTag/env": "x"}})], {}, YES),
    (
        "IfExists of what is there, and other",
        [allow({"StringEqualsIfExists": {"aws:ResourceTag/env": "x"}})],
        {"aws:resourcetag/env": "y"},
        SILENT,
    ),
    (
        "IfExists of what is there, with a variable that is not",
        [allow({"StringEqualsIfExists": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}})],
        {"aws:resourcetag/team": "y"},
        SILENT,
    ),
    ("IfExists in a deny", [allow(), deny({"StringEqualsIfExists": {"aws:ResourceTag/env": "x"}})], {}, NO),
    ("Null true of what is not there", [allow({"Null": {"aws:ResourceTag/env": "true"}})], {}, YES),
    (
        "Null true of what is",
        [allow({"Null": {"aws:ResourceTag/env": "true"}})],
        {"aws:resourcetag/env": ""},
        SILENT,
    ),
    (
        "a protected one is denied, whatever the value",
        [allow(), deny({"Null": {"aws:ResourceTag/no_delete": "false"}})],
        {"aws:resourcetag/no_delete": ""},
        NO,
    ),
    ("one that is not protected", [allow(), deny({"Null": {"aws:ResourceTag/no_delete": "false"}})], {}, YES),
    # Many conditions, many values
    (
        "every operator has to hold",
        [allow({**SAME_TEAM, "StringLike": {"aws:ResourceTag/env": "prod*"}})],
        {**BLUE_ON_BLUE, "aws:resourcetag/env": "staging"},
        SILENT,
    ),
    (
        "every key has to hold",
        [allow({"StringEquals": {"aws:ResourceTag/team": "blue", "aws:ResourceTag/env": "x"}})],
        BLUE_ON_BLUE,
        SILENT,
    ),
    ("one value has to fit", [allow({"StringEquals": {"aws:ResourceTag/team": ["red", "blue"]}})], BLUE_ON_BLUE, YES),
    (
        "of a negated one, none may",
        [allow({"StringNotEquals": {"aws:ResourceTag/team": ["red", "blue"]}})],
        BLUE_ON_BLUE,
        SILENT,
    ),
    # Keys of many values
    ("all of them", [allow({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}})], {"aws:tagkeys": ("a",)}, YES),
    (
        "all but one",
        [allow({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}})],
        {"aws:tagkeys": ("a", "c")},
        SILENT,
    ),
    ("all of none", [allow({"ForAllValues:StringEquals": {"aws:TagKeys": "a"}})], {}, YES),
    ("any of them", [allow({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}})], {"aws:tagkeys": ("a", "c")}, YES),
    ("any of none", [allow({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}})], {}, SILENT),
    ("any of none, if there are some", [allow({"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "a"}})], {}, YES),
    (
        "any that is none of these",
        [allow({"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}})],
        {"aws:tagkeys": ("a", "c")},
        YES,
    ),
    (
        "all that are none of these",
        [allow({"ForAllValues:StringNotEquals": {"aws:TagKeys": "a"}})],
        {"aws:tagkeys": ("a", "c")},
        SILENT,
    ),
    # Times
    ("in time", [allow({"DateLessThan": {"aws:CurrentTime": "2026-11-24T12:00:01Z"}})], {}, YES),
    ("at the very end", [allow({"DateLessThan": {"aws:CurrentTime": "2026-11-24T12:00:00Z"}})], {}, SILENT),
    ("too late", [allow({"DateLessThan": {"aws:CurrentTime": "2026-11-24T11:59:59Z"}})], {}, SILENT),
]


@pytest.mark.parametrize(
    ("statements", "context", "word"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_iam_says(statements: list[dict[str, object]], context: dict[str, str], word: Verdict) -> None:
    policy = policy_of({"Version": "2012-10-17", "Statement": statements})

    assert policy.verdict(ACTION, ARN, {"aws:currenttime": NOON, **context}) is word


def test_the_table_has_every_verdict_many_times() -> None:
    words = [case[3] for case in CASES]

    assert len(CASES) >= 40
    assert min(words.count(word) for word in Verdict) >= 5
