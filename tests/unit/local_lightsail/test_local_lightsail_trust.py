"""Whom a role trusts, statement by statement; with the trust policy of the documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.lightsail.policy import PolicyError
from bot.sandbox.lightsail.trust import Wish, trust_of

BOT = "arn:aws:iam::123456789012:role/lightkeeper-bot"
DOCUMENTED = json.loads((Path(__file__).parents[3] / "docs" / "aws" / "trust.json").read_text())
CALLER = {"aws:principalarn": BOT, "aws:principalaccount": "123456789012"}


def wish(**changes: Any) -> Wish:  # noqa: ANN401  (as the wish has them)
    told: dict[str, Any] = {
        "session_name": "lightkeeper-D-7F2KQ",
        "external_id": "CHANGE-ME",
        "source_identity": "U024BE7LH",
        "tags": {"slack_user": "U024BE7LH", "team": "blue"},
    }
    return Wish(**told | changes)


def missing(wanted: Wish, arn: str = BOT, policy: Any = DOCUMENTED) -> str | None:  # noqa: ANN401  (JSON)
    return trust_of(policy).missing(wanted, arn, "123456789012", CALLER)


def test_the_bot_is_trusted_with_what_it_asks_for() -> None:
    assert missing(wish()) is None


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"external_id": "other"}, "sts:AssumeRole"),
        ({"external_id": None}, "sts:AssumeRole"),
        ({"session_name": "console"}, "sts:AssumeRole"),
        ({"tags": {"slack_user": "U1", "admin": "yes"}}, "sts:TagSession"),
        ({"tags": {"team": "blue"}}, "sts:TagSession"),
        ({"source_identity": "root"}, "sts:SetSourceIdentity"),
    ],
)
def test_what_is_not_as_agreed_is_missing(changes: dict[str, Any], lacks: str) -> None:
    assert missing(wish(**changes)) == lacks


def test_somebody_else_is_not_trusted() -> None:
    assert missing(wish(), arn="arn:aws:iam::123456789012:role/other") == "sts:AssumeRole"


def test_one_statement_about_all_three_lets_nobody_in() -> None:
    whole = {**DOCUMENTED["Statement"][0], "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}

    assert missing(wish(), policy={"Version": "2012-10-17", "Statement": whole}) == "sts:TagSession"
    assert missing(wish(tags={}, source_identity=None), policy={"Version": "2012-10-17", "Statement": whole}) is None


def test_a_deny_wins() -> None:
    never = {"Effect": "Deny", "Principal": "*", "Action": "sts:TagSession"}
    policy = {**DOCUMENTED, "Statement": [*DOCUMENTED["Statement"], never]}

    assert missing(wish(), policy=policy) == "sts:TagSession"


def test_an_account_is_trusted_by_its_number_or_its_root() -> None:
    for principal in ("123456789012", "arn:aws:iam::123456789012:root", ["x", BOT]):
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        assert missing(wish(tags={}, source_identity=None), policy={"Statement": statement}) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Principal": {"Service": "ec2.amazonaws.com"}}, "Service"),
        ({"Principal": None}, "JSON object"),
        ({"Action": "sts:*"}, "not understood in a trust policy"),
        ({"Resource": "*"}, "Resource"),
        ({"Effect": "Maybe"}, "Effect"),
    ],
)
def test_what_is_not_understood_is_refused(changes: dict[str, object], words: str) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"} | changes

    with pytest.raises(PolicyError, match=words):
        trust_of({"Statement": statement})
