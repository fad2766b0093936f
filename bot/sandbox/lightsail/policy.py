"""Whether an IAM policy allows a call: the part of IAM's language that is understood, and nothing ignored in silence.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Value = str | datetime
Context = Mapping[str, Value]  # by condition key, in lower case: IAM does not tell its cases apart

VERSIONS = ("2012-10-17", "2008-10-17")
STATEMENT = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}

DATE_KEYS = {"aws:currenttime", "aws:tokenissuetime"}
TEXT_KEYS = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:sourceidentity",
}
TAG_KEYS = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")


class PolicyError(ValueError):
    """The policy is no policy, or says something that is not understood here."""


class Verdict(StrEnum):
    """What one policy says about a call."""

    ALLOWED = "allowed"
    DENIED = "denied"  # by a statement that says Deny
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text in which `*` stands for any text and `?` for any character."""

    text: str

    def fits(self, value: str, *, any_case: bool = False) -> bool:
        """Whether the whole value is of this pattern."""
        written = "".join({"*": ".*", "?": "."}.get(letter) or re.escape(letter) for letter in self.text)
        return bool(re.fullmatch(written, value, re.DOTALL | (re.IGNORECASE if any_case else 0)))


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison of what the call has with what the policy says; of texts, or of times."""

    holds: Callable[[Value, str], bool]
    negated: bool = False
    of_times: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A key of the context, compared with values."""

    operator: Operator
    if_exists: bool
    key: str
    values: tuple[str, ...]

    def met(self, context: Context) -> bool:
        """One value has to fit; of a negated comparison, none may. What is not there fits nothing."""
        value = context.get(self.key)
        if value is None:
            return self.if_exists or self.operator.negated
        return any(self.operator.holds(value, wanted) for wanted in self.values) is not self.operator.negated


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """IAM's `Null`: whether a key is in the context at all."""

    key: str
    absent: bool

    def met(self, context: Context) -> bool:
        """Whether it is as wanted."""
        return (self.key not in context) is self.absent


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A permission or a ban; with `Not…`, for all but the patterns."""

    allows: bool
    actions: tuple[Pattern, ...]
    all_actions_but: bool
    resources: tuple[Pattern, ...]
    all_resources_but: bool
    conditions: tuple[Condition | Presence, ...]

    def concerns(self, action: str, resource: str, context: Context) -> bool:
        """Whether it says anything about that call."""
        of_action = any(pattern.fits(action, any_case=True) for pattern in self.actions)
        of_resource = any(pattern.fits(resource) for pattern in self.resources)
        return (
            of_action is not self.all_actions_but
            and of_resource is not self.all_resources_but
            and all(condition.met(context) for condition in self.conditions)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """All its statements."""

    statements: tuple[Statement, ...]

    def verdict(self, action: str, resource: str, context: Context) -> Verdict:
        """A ban wins over every permission; without any of the two it is silent."""
        heard = [statement for statement in self.statements if statement.concerns(action, resource, context)]
        if not heard:
            return Verdict.SILENT
        return Verdict.ALLOWED if all(statement.allows for statement in heard) else Verdict.DENIED


def policy_of(document: str | Mapping[str, object]) -> Policy:
    """The policy in a document. PolicyError where it is none, or where something in it is not understood."""
    told = _mapping(_json(document) if isinstance(document, str) else document, "the policy")
    _only(told, {"Version", "Id", "Statement"}, "the policy")
    if told.get("Version", VERSIONS[0]) not in VERSIONS:
        raise PolicyError(f"the version must be one of {', '.join(VERSIONS)}")
    statements = told.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    if not listed:
        raise PolicyError("a policy has a Statement")
    return Policy(tuple(_statement(_mapping(statement, "a Statement")) for statement in listed))


def _statement(told: Mapping[str, object]) -> Statement:
    _only(told, STATEMENT, "a Statement")
    if told.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError("the Effect of a Statement is Allow or Deny")
    actions, all_actions_but = _patterns(told, "Action")
    resources, all_resources_but = _patterns(told, "Resource")
    if bad := [pattern.text for pattern in actions if pattern.text != "*" and ":" not in pattern.text]:
        raise PolicyError(f"an Action has a service before a colon: {bad[0]}")
    return Statement(
        allows=told["Effect"] == "Allow",
        actions=actions,
        all_actions_but=all_actions_but,
        resources=resources,
        all_resources_but=all_resources_but,
        conditions=tuple(_conditions(_mapping(told.get("Condition", {}), "a Condition"))),
    )


def _patterns(told: Mapping[str, object], field: str) -> tuple[tuple[Pattern, ...], bool]:
    but = f"Not{field}"
    if (field in told) == (but in told):
        raise PolicyError(f"a Statement has either {field} or {but}")
    texts = _texts(told.get(field, told.get(but)), field)
    return tuple(Pattern(text) for text in texts), but in told


def _conditions(told: Mapping[str, object]) -> Iterable[Condition | Presence]:
    for name, keys in told.items():
        for key, values in _mapping(keys, name).items():
            yield _condition(name, key, _texts(values, key))


def _condition(name: str, written: str, values: tuple[str, ...]) -> Condition | Presence:
    key = written.lower()
    if key not in TEXT_KEYS | DATE_KEYS and not key.startswith(TAG_KEYS):
        raise PolicyError(f"the condition key {written} is not understood here")
    if name == "Null":
        return Presence(key=key, absent=_truth(values))
    operator = OPERATORS.get(name.removesuffix("IfExists"))
    if operator is None:
        raise PolicyError(f"the condition operator {name} is not understood here")
    if operator.of_times is not (key in DATE_KEYS):
        raise PolicyError(f"{name} does not compare {written}")
    for value in values if operator.of_times else ():
        _time(value)
    return Condition(operator=operator, if_exists=name.endswith("IfExists"), key=key, values=values)


def _truth(values: tuple[str, ...]) -> bool:
    if values not in {("true",), ("false",)}:
        raise PolicyError("Null is true or false")
    return values == ("true",)


def _texts(told: object, what: str) -> tuple[str, ...]:
    listed = told if isinstance(told, list | tuple) else [told]
    texts = tuple(_text(value, what) for value in listed)
    if not texts:
        raise PolicyError(f"{what} has no values")
    if variables := [text for text in texts if "${" in text]:
        raise PolicyError(f"policy variables are not understood here: {variables[0]}")
    return texts


def _text(told: object, what: str) -> str:
    """JSON's true, false and numbers stand for their texts."""
    if isinstance(told, str):
        return told
    if isinstance(told, bool | int):
        return str(told).lower()
    raise PolicyError(f"{what} is a text or a list of texts")


def _mapping(told: object, what: str) -> Mapping[str, object]:
    if not isinstance(told, Mapping):
        raise PolicyError(f"{what} is a JSON object")
    return told


def _only(told: Mapping[str, object], known: set[str], what: str) -> None:
    if strange := sorted(set(told) - known):
        raise PolicyError(f"{what} has something that is not understood here: {strange[0]}")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise PolicyError("the policy is not JSON") from error


def _time(text: str) -> datetime:
    """ISO 8601, or seconds since the epoch, as IAM takes both."""
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        told = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise PolicyError(f"not a time: {text}") from error
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _of_times(compare: Callable[[datetime, datetime], bool], *, negated: bool = False) -> Operator:
    def holds(value: Value, wanted: str) -> bool:
        return isinstance(value, datetime) and compare(value, _time(wanted))

    return Operator(holds, negated, of_times=True)


def _same(value: Value, wanted: str) -> bool:
    return value == wanted


def _same_in_any_case(value: Value, wanted: str) -> bool:
    return str(value).casefold() == wanted.casefold()


def _like(value: Value, wanted: str) -> bool:
    return Pattern(wanted).fits(str(value))


OPERATORS: Mapping[str, Operator] = {
    "StringEquals": Operator(_same),
    "StringNotEquals": Operator(_same, negated=True),
    "StringEqualsIgnoreCase": Operator(_same_in_any_case),
    "StringNotEqualsIgnoreCase": Operator(_same_in_any_case, negated=True),
    "StringLike": Operator(_like),
    "StringNotLike": Operator(_like, negated=True),
    "ArnEquals": Operator(_like),
    "ArnNotEquals": Operator(_like, negated=True),
    "ArnLike": Operator(_like),
    "ArnNotLike": Operator(_like, negated=True),
    "DateEquals": _of_times(eq),
    "DateNotEquals": _of_times(eq, negated=True),
    "DateLessThan": _of_times(lt),
    "DateLessThanEquals": _of_times(le),
    "DateGreaterThan": _of_times(gt),
    "DateGreaterThanEquals": _of_times(ge),
}
