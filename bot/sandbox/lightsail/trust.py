"""Whom a role trusts: its trust policy, asked for each thing that AssumeRole wants.

Whoever assumes a role with tags and a source identity wants three things: sts:AssumeRole, sts:TagSession and
sts:SetSourceIdentity. Each is asked for with the keys that it knows, and with no other: an external id that is asked
for in one statement about all three lets nobody in. Whether AWS hands a key to one more of the three is not played.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.lightsail.policy import Pattern, PolicyError, conditions_of, mapping, only, statements_of, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.sandbox.lightsail.policy import Condition, Context, Presence, Value

ASSUME, TAG, IDENTIFY = "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"
KNOWS = {
    ASSUME: ("sts:externalid", "sts:rolesessionname", "aws:principal"),
    TAG: ("aws:requesttag/", "aws:tagkeys", "aws:principal"),
    IDENTIFY: ("sts:sourceidentity", "aws:principal"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What AssumeRole was called with."""

    session_name: str
    external_id: str | None
    source_identity: str | None
    tags: Mapping[str, str]

    def actions(self) -> Iterable[str]:
        """What has to be allowed."""
        yield ASSUME
        if self.tags:
            yield TAG
        if self.source_identity:
            yield IDENTIFY

    def context(self, action: str, caller: Context) -> dict[str, Value]:
        """The keys that the action knows."""
        whole: dict[str, Value] = {**caller, "sts:rolesessionname": self.session_name}
        if self.external_id is not None:
            whole["sts:externalid"] = self.external_id
        if self.source_identity is not None:
            whole["sts:sourceidentity"] = self.source_identity
        whole |= {f"aws:requesttag/{key.lower()}": value for key, value in self.tags.items()}
        if self.tags:
            whole["aws:tagkeys"] = tuple(self.tags)
        return {key: value for key, value in whole.items() if key.startswith(KNOWS[action])}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    allows: bool
    principals: tuple[str, ...]
    actions: tuple[Pattern, ...]
    conditions: tuple[Condition | Presence, ...]

    def concerns(self, action: str, arn: str, account: str, context: Context) -> bool:
        is_about = {"*", arn, account, f"arn:aws:iam::{account}:root"} & set(self.principals)
        is_asked = any(pattern.fits(action, {}, any_case=True) for pattern in self.actions)
        return bool(is_about) and is_asked and all(condition.met(context) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Trust:
    """A trust policy."""

    statements: tuple[_Statement, ...]

    def missing(self, wish: Wish, arn: str, account: str, caller: Context) -> str | None:
        """The first thing that the caller is not allowed; None where nothing is missing."""
        for action in wish.actions():
            context = wish.context(action, caller)
            heard = [one for one in self.statements if one.concerns(action, arn, account, context)]
            if not heard or not all(one.allows for one in heard):
                return action
        return None


def trust_of(document: str | Mapping[str, object]) -> Trust:
    """The trust policy in a document. PolicyError where it is none, or where something in it is not understood."""
    return Trust(tuple(map(_statement, statements_of(document))))


def _statement(told: Mapping[str, object]) -> _Statement:
    only(told, {"Sid", "Effect", "Principal", "Action", "Condition"}, "a Statement of a trust policy")
    if told.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError("the Effect of a Statement is Allow or Deny")
    actions = texts(told.get("Action"), "Action")
    if strange := [action for action in actions if action not in KNOWS]:
        raise PolicyError(f"the action {strange[0]} is not understood in a trust policy")
    return _Statement(
        allows=told["Effect"] == "Allow",
        principals=_principals(told.get("Principal")),
        actions=tuple(map(Pattern, actions)),
        conditions=tuple(conditions_of(mapping(told.get("Condition", {}), "a Condition"))),
    )


def _principals(told: object) -> tuple[str, ...]:
    if told == "*":
        return ("*",)
    named = mapping(told, "a Principal")
    only(named, {"AWS"}, "a Principal")
    return texts(named.get("AWS"), "a Principal")
