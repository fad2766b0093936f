"""Whether an IAM policy allows a call: the part of IAM's language that is understood, and nothing ignored in silence.

Understood are Allow and Deny; (Not)Action and (Not)Resource with wildcards; the comparisons of texts, ARNs and times
with …IfExists, `Null`, and ForAllValues: and ForAnyValue:; the keys below, tags of resource, principal and request
among them; and variables such as `${aws:PrincipalTag/team, 'none'}` in resources and in what texts are compared with.
What a variable stands for counts letter by letter. One that is not there, and has no default, fits nothing; what
becomes of a negated comparison then AWS does not tell, so that is refused, as is everything else: numbers, addresses,
other keys, several values of a key without ForAllValues: or ForAnyValue:.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
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

Value = str | datetime | tuple[str, ...]
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
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
}
KEYS_OF_MANY = {"aws:tagkeys"}
TAG_KEYS = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")
VARIABLE = re.compile(r"\$\{(?:([*?$])|([^{},']+?)\s*(?:,\s*'([^{}']*)')?)\}")


class PolicyError(ValueError):
    """The policy is no policy, or says something that is not understood here."""


class Verdict(StrEnum):
    """What one policy says about a call."""

    ALLOWED = "allowed"
    DENIED = "denied"  # by a statement that says Deny
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text in which `*` stands for any text, `?` for any character, and `${…}` for what the call has there."""

    text: str

    def fits(self, value: str, context: Context, *, wild: bool = True, any_case: bool = False) -> bool:
        """Whether the whole value is of this pattern; without `wild`, `*` and `?` stand for themselves."""
        written, at = "", 0
        for found in VARIABLE.finditer(self.text):
            stands_for = _stands_for(found, context)
            if stands_for is None:
                return False
            written += _expression(self.text[at : found.start()], wild=wild) + re.escape(stands_for)
            at = found.end()
        written += _expression(self.text[at:], wild=wild)
        return bool(re.fullmatch(written, value, re.DOTALL | (re.IGNORECASE if any_case else 0)))


def _expression(text: str, *, wild: bool) -> str:
    many = {"*": ".*", "?": "."} if wild else {}
    return "".join(many.get(letter) or re.escape(letter) for letter in text)


def _stands_for(variable: re.Match[str], context: Context) -> str | None:
    letter, key, default = variable.groups()
    if letter:
        return str(letter)
    value = context.get(key.strip().lower())
    return value if isinstance(value, str) else default


@dataclass(frozen=True, slots=True)
class Operator:
    """A comparison of what the call has with what the policy says; of texts, or of times."""

    holds: Callable[[Value, str, Context], bool]
    negated: bool = False
    of_times: bool = False


class Quantifier(StrEnum):
    """How many of a key's values have to fit."""

    ALL = "ForAllValues:"  # none of them may not; so it holds where there are none
    ANY = "ForAnyValue:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A key of the context, compared with values."""

    operator: Operator
    if_exists: bool
    key: str
    values: tuple[str, ...]
    quantifier: Quantifier | None = None

    def met(self, context: Context) -> bool:
        """One value has to fit; of a negated comparison, none may. What is not there fits nothing."""
        found = context.get(self.key)
        if self.quantifier is None:
            return (self.if_exists or self.operator.negated) if found is None else self._holds(found, context)
        each = found if isinstance(found, tuple) else () if found is None else (found,)
        if not each and self.if_exists:
            return True
        holding = (self._holds(value, context) for value in each)
        return all(holding) if self.quantifier is Quantifier.ALL else any(holding)

    def _holds(self, value: Value, context: Context) -> bool:
        fits = any(self.operator.holds(value, wanted, context) for wanted in self.values)
        return fits is not self.operator.negated


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
        of_action = any(pattern.fits(action, {}, any_case=True) for pattern in self.actions)
        of_resource = any(pattern.fits(resource, context) for pattern in self.resources)
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
    return Policy(tuple(map(_statement, statements_of(document))))


def statements_of(document: str | Mapping[str, object]) -> Iterable[Mapping[str, object]]:
    """The statements of a document, not looked at any further. PolicyError where it is no policy."""
    told = mapping(_json(document) if isinstance(document, str) else document, "the policy")
    only(told, {"Version", "Id", "Statement"}, "the policy")
    if told.get("Version", VERSIONS[0]) not in VERSIONS:
        raise PolicyError(f"the version must be one of {', '.join(VERSIONS)}")
    if told.get("Version") != VERSIONS[0] and "${" in json.dumps(told):
        raise PolicyError(f"variables are none without the version {VERSIONS[0]}")
    statements = told.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    if not listed:
        raise PolicyError("a policy has a Statement")
    return [mapping(statement, "a Statement") for statement in listed]


def _statement(told: Mapping[str, object]) -> Statement:
    only(told, STATEMENT, "a Statement")
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
        conditions=tuple(conditions_of(mapping(told.get("Condition", {}), "a Condition"))),
    )


def _patterns(told: Mapping[str, object], field: str) -> tuple[tuple[Pattern, ...], bool]:
    but = f"Not{field}"
    if (field in told) == (but in told):
        raise PolicyError(f"a Statement has either {field} or {but}")
    found = texts(told.get(field, told.get(but)), field)
    for text in found:
        _check_variables(text, negated=but in told, may_have=field == "Resource")
    return tuple(Pattern(text) for text in found), but in told


def _check_variables(text: str, *, negated: bool, may_have: bool) -> None:
    """Refuse variables that are not understood, in places where they are none, or of which AWS does not tell."""
    left = VARIABLE.sub("", text)
    if "${" in left or ("${" in text and not may_have):
        raise PolicyError(f"a policy variable is not understood here: {text}")
    for letter, key, default in VARIABLE.findall(text):
        if not letter and key.strip().lower() not in TEXT_KEYS and not key.strip().lower().startswith(TAG_KEYS):
            raise PolicyError(f"the policy variable {key} is not understood here")
        if negated and not letter and not default:
            raise PolicyError(f"a policy variable without a default is not understood in a negated place: {text}")


def conditions_of(told: Mapping[str, object]) -> Iterable[Condition | Presence]:
    """All of which have to be met."""
    for name, keys in told.items():
        for key, values in mapping(keys, name).items():
            yield _condition(name, key, texts(values, key))


def _condition(name: str, written: str, values: tuple[str, ...]) -> Condition | Presence:
    key = written.lower()
    if key not in TEXT_KEYS | DATE_KEYS | KEYS_OF_MANY and not key.startswith(TAG_KEYS):
        raise PolicyError(f"the condition key {written} is not understood here")
    if name == "Null":
        return Presence(key=key, absent=_truth(values))
    quantifier = next((each for each in Quantifier if name.startswith(each)), None)
    operator = OPERATORS.get(name.removeprefix(quantifier or "").removesuffix("IfExists"))
    if operator is None:
        raise PolicyError(f"the condition operator {name} is not understood here")
    if operator.of_times is not (key in DATE_KEYS):
        raise PolicyError(f"{name} does not compare {written}")
    if key in KEYS_OF_MANY and quantifier is None:
        raise PolicyError(f"{written} has many values: {name} needs ForAllValues: or ForAnyValue:")
    for value in values:
        _check_variables(value, negated=operator.negated, may_have=not operator.of_times)
        if operator.of_times:
            _time(value)
    if_exists = name.endswith("IfExists")
    return Condition(operator=operator, if_exists=if_exists, key=key, values=values, quantifier=quantifier)


def _truth(values: tuple[str, ...]) -> bool:
    if values not in {("true",), ("false",)}:
        raise PolicyError("Null is true or false")
    return values == ("true",)


def texts(told: object, what: str) -> tuple[str, ...]:
    """A text, or a list of them."""
    listed = told if isinstance(told, list | tuple) else [told]
    found = tuple(_text(value, what) for value in listed)
    if not found:
        raise PolicyError(f"{what} has no values")
    return found


def _text(told: object, what: str) -> str:
    """JSON's true, false and numbers stand for their texts."""
    if isinstance(told, str):
        return told
    if isinstance(told, bool | int):
        return str(told).lower()
    raise PolicyError(f"{what} is a text or a list of texts")


def mapping(told: object, what: str) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(told, Mapping):
        raise PolicyError(f"{what} is a JSON object")
    return told


def only(told: Mapping[str, object], known: set[str], what: str) -> None:
    """Refuse what is not known."""
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
    def holds(value: Value, wanted: str, _: Context) -> bool:
        return isinstance(value, datetime) and compare(value, _time(wanted))

    return Operator(holds, negated, of_times=True)


def _of_texts(*, negated: bool = False, wild: bool = False, any_case: bool = False) -> Operator:
    def holds(value: Value, wanted: str, context: Context) -> bool:
        return isinstance(value, str) and Pattern(wanted).fits(value, context, wild=wild, any_case=any_case)

    return Operator(holds, negated)


OPERATORS: Mapping[str, Operator] = {
    "StringEquals": _of_texts(),
    "StringNotEquals": _of_texts(negated=True),
    "StringEqualsIgnoreCase": _of_texts(any_case=True),
    "StringNotEqualsIgnoreCase": _of_texts(any_case=True, negated=True),
    "StringLike": _of_texts(wild=True),
    "StringNotLike": _of_texts(wild=True, negated=True),
    "ArnEquals": _of_texts(wild=True),
    "ArnNotEquals": _of_texts(wild=True, negated=True),
    "ArnLike": _of_texts(wild=True),
    "ArnNotLike": _of_texts(wild=True, negated=True),
    "DateEquals": _of_times(eq),
    "DateNotEquals": _of_times(eq, negated=True),
    "DateLessThan": _of_times(lt),
    "DateLessThanEquals": _of_times(le),
    "DateGreaterThan": _of_times(gt),
    "DateGreaterThanEquals": _of_times(ge),
}
