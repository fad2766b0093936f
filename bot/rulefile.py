"""Permissions as a file: written, read with a line number for each mistake, and compared with what counts. No I/O."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import yaml

from bot.attributes import MOST, fitting
from bot.errors import LightkeeperError
from bot.model import PATTERN, REGION, TagConditions
from storage.tables import Action, Attribute, Effect, Permission

_KEYS = ("allow", "deny", "who", "names", "region", "tags", "until", "note")
_TOP = ("revision", "permissions", "attributes")
_WHO = re.compile(r"[UWS][A-Z0-9]{2,}|\*")
_MOST = 1_000_000  # characters
_NOTE = 300  # characters
_HEAD = """\
# Who may do what. Change it, then: python app.py permissions apply FILE
# `revision` says on which state this is based: where somebody has changed it since, `apply` refuses and says what.
# Leave `revision` out, and what the file says is applied whatever was changed meanwhile.
"""


class RuleFileError(LightkeeperError):
    """A file that can't be applied; the words name every line with a mistake."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A permission as a file has it."""

    who: str
    effect: Effect
    action: Action
    names: str = "*"
    region: str | None = None
    tags: TagConditions = field(default_factory=dict)
    until: datetime | None = None
    note: str = ""
    line: int = field(default=0, compare=False)

    @property
    def key(self) -> tuple[object, ...]:
        """What it is about: two that agree in it differ at most in how long they last, and in their notes."""
        return (self.who, self.effect, self.action, self.names, self.region, tuple(sorted(self.tags.items())))


@dataclass(frozen=True, slots=True)
class RuleFile:
    """All that a file says."""

    rules: Sequence[Rule]
    revision: int | None = None
    attributes: Mapping[str, Mapping[str, str]] | None = None  # by subject; None: it does not speak of them


@dataclass(frozen=True, slots=True)
class Plan:
    """What would make the rows what the file says."""

    add: tuple[Rule, ...] = ()
    replace: tuple[tuple[int, Rule], ...] = ()  # a row by its number: another end, or another note
    unnamed: tuple[int, ...] = ()  # rows that the file does not name
    past: tuple[Rule, ...] = ()  # would have ended already
    put: tuple[tuple[str, str, str], ...] = ()  # attributes: of whom, key, value
    unnamed_attributes: tuple[tuple[str, str], ...] = ()  # that the file does not name: of whom, key

    def changes(self, *, prune: bool) -> int:
        """How many rows and attributes would change."""
        pruned = len(self.unnamed) + len(self.unnamed_attributes) if prune else 0
        return len(self.add) + len(self.replace) + len(self.put) + pruned


def rule_of(row: Permission) -> Rule:
    """A row as a file has it."""
    tags = dict(row.tags)
    return Rule(row.subject, row.effect, row.action, row.pattern, row.region, tags, row.valid_until, row.note)


def plan(rows: Iterable[Permission], wanted: RuleFile, now: datetime, attributes: Iterable[Attribute] = ()) -> Plan:
    """Compare the rows that count, and the attributes, with a file."""
    standing: dict[tuple[object, ...], list[Permission]] = {}
    for row in rows:
        standing.setdefault(rule_of(row).key, []).append(row)
    add: list[Rule] = []
    replace: list[tuple[int, Rule]] = []
    past = [rule for rule in wanted.rules if rule.until and rule.until <= now]
    for rule in wanted.rules:
        if rule in past:
            continue
        same = standing.get(rule.key, [])
        exact = next((row for row in same if rule_of(row) == rule), None)
        found = exact or next(iter(same), None)
        if found is None:
            add.append(rule)
            continue
        same.remove(found)
        if exact is None:
            replace.append((found.id or 0, rule))
    unnamed = sorted(row.id or 0 for left in standing.values() for row in left)
    put, gone = _compared(attributes, wanted.attributes)
    return Plan(tuple(add), tuple(replace), tuple(unnamed), tuple(past), put, gone)


def _compared(
    standing: Iterable[Attribute], wanted: Mapping[str, Mapping[str, str]] | None
) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, str], ...]]:
    """Attributes that are to be set, and those that are not named."""
    if wanted is None:
        return (), ()
    has = {(row.subject, row.key): row.value for row in standing}
    named = {(who, key): value for who, tags in wanted.items() for key, value in tags.items()}
    put = tuple((who, key, value) for (who, key), value in sorted(named.items()) if has.get((who, key)) != value)
    replaced = {(who, key.lower()) for who, key in named}
    return put, tuple((who, key) for who, key in sorted(has) if (who, key.lower()) not in replaced)


def write(rows: Iterable[Permission], revision: int, attributes: Iterable[Attribute] = ()) -> str:
    """The rows as a file."""
    whole: dict[str, object] = {"revision": revision, "permissions": [_entry(rule_of(row)) for row in rows]}
    of: dict[str, dict[str, str]] = {}
    for row in attributes:
        of.setdefault(row.subject, {})[row.key] = row.value
    if of:
        whole["attributes"] = of
    return _HEAD + yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=120)


def _entry(rule: Rule) -> dict[str, object]:
    entry: dict[str, object] = {rule.effect.value: rule.action.value, "who": rule.who}
    if rule.names != "*":
        entry["names"] = rule.names
    if rule.region:
        entry["region"] = rule.region
    if rule.tags:
        entry["tags"] = dict(rule.tags)
    if rule.until:
        entry["until"] = rule.until.isoformat()
    if rule.note:
        entry["note"] = rule.note
    return entry


# Reading


def read(text: str) -> RuleFile:
    """Read a file.

    Raises:
        RuleFileError: it has mistakes; each is told with its line.
    """
    if len(text) > _MOST:
        raise RuleFileError(f"The file has {len(text)} characters; {_MOST} is the most.")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        hint = (
            " (a text that begins with * stands in quotes)"
            if "alias" in str(error.problem) + str(error.context)
            else ""
        )
        raise RuleFileError(f"line {line}: this is no YAML: {error.problem}{hint}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise RuleFileError("This is no YAML.") from error
    problems: list[str] = []
    top = _mapping(root, _TOP, problems) if root is not None else {}
    revision = _revision(top.get("revision"), problems)
    listed = top.get("permissions")
    if not isinstance(listed, yaml.SequenceNode):
        line = _line(listed) if listed is not None else 1
        problems.append(f"line {line}: `permissions:` should be a list of rules")
        raise RuleFileError("\n".join(problems))
    rules = [rule for node in listed.value if (rule := _rule(node, problems))]
    seen: dict[tuple[object, ...], int] = {}
    for rule in rules:
        if rule.key in seen:
            problems.append(f"line {rule.line}: line {seen[rule.key]} has the same rule already")
        seen.setdefault(rule.key, rule.line)
    attributes = _attributes(top["attributes"], problems) if "attributes" in top else None
    if problems:
        raise RuleFileError("\n".join(problems))
    return RuleFile(rules, revision, attributes)


def _attributes(node: yaml.Node, problems: list[str]) -> dict[str, dict[str, str]]:
    """What is said of whom."""
    found: dict[str, dict[str, str]] = {}
    for who, tags in _pairs(node, "ids with attributes, such as U024BE7LH: {team: blue}", problems):
        subject = _matching(who, _WHO, "an id such as U024BE7LH (a person), S0614TZR7 (a group), or '*'", problems)
        given = [
            (_text(key, problems) or "", _text(value, problems) or "")
            for key, value in _pairs(tags, "names with values, such as {team: blue}", problems)
        ]
        put, problem = fitting(given)
        if len(put) > MOST:
            problem = f"{len(put)} attributes; {MOST} is the most."
        if problem:
            problems.append(f"line {_line(tags)}: {problem}")
        if subject in found:
            problems.append(f"line {_line(who)}: {subject!r} is there twice")
        found[subject or ""] = put
    return found


def _pairs(node: yaml.Node, words: str, problems: list[str]) -> Sequence[tuple[yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        return list(node.value)
    if not (isinstance(node, yaml.ScalarNode) and node.value == ""):
        problems.append(f"line {_line(node)}: there should be {words}")
    return []


def _rule(node: yaml.Node, problems: list[str]) -> Rule | None:
    """One entry; None where it has mistakes."""
    before = len(problems)
    fields = _mapping(node, _KEYS, problems)
    effects = [Effect(name) for name in ("allow", "deny") if name in fields]
    if len(effects) != 1:
        problems.append(f"line {_line(node)}: a rule has either `allow:` or `deny:`")
        return None
    known = ", ".join(Action)
    named = _text(fields[effects[0].value], problems) or ""
    if named not in list(Action):
        problems.append(f"line {_line(fields[effects[0].value])}: {named!r} is no action; there are {known}")
    who = _matching(
        fields.get("who"), _WHO, "an id such as U024BE7LH (a person), S0614TZR7 (a group), or '*'", problems
    )
    if "who" not in fields:
        problems.append(f"line {_line(node)}: `who:` is missing")
    names = _matching(fields.get("names"), PATTERN, "a name in which * stands for anything, such as web-*", problems)
    region = _matching(fields.get("region"), REGION, "a region such as us-east-1", problems)
    tags, until = _tags(fields.get("tags"), problems), _until(fields.get("until"), problems)
    note = _text(fields["note"], problems) if "note" in fields else ""
    if note and len(note) > _NOTE:
        problems.append(f"line {_line(fields['note'])}: a note has at most {_NOTE} characters")
    is_scoped = names not in (None, "*") or region or tags
    if named == Action.ADMIN and effects == [Effect.ALLOW] and is_scoped:
        problems.append(f"line {_line(node)}: admin is about everything: it takes no names, region or tags")
    if len(problems) > before or who is None:
        return None
    return Rule(who, effects[0], Action(named), names or "*", region, tags, until, note or "", _line(node))


def _mapping(node: yaml.Node | None, keys: Sequence[str], problems: list[str]) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        problems.append(f"line {_line(node)}: there should be names with values: {', '.join(keys)}")
        return {}
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = str(key.value)
        if name not in keys:
            problems.append(f"line {_line(key)}: {name!r} is unknown; there are {', '.join(keys)}")
        elif name in found:
            problems.append(f"line {_line(key)}: {name!r} is there twice")
        else:
            found[name] = value
    return found


def _text(node: yaml.Node, problems: list[str]) -> str | None:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    problems.append(f"line {_line(node)}: there should be one word or text")
    return None


def _matching(node: yaml.Node | None, form: re.Pattern[str], words: str, problems: list[str]) -> str | None:
    if node is None or (text := _text(node, problems)) is None:
        return None
    if form.fullmatch(text):
        return text
    problems.append(f"line {_line(node)}: {text!r} should be {words}")
    return None


def _tags(node: yaml.Node | None, problems: list[str]) -> dict[str, str | None]:
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        problems.append(f"line {_line(node)}: tags should be keys with values, such as {{env: prod, temporary: }}")
        return {}
    tags: dict[str, str | None] = {}
    for key, value in node.value:
        text = _text(value, problems)
        is_alone = value.tag == "tag:yaml.org,2002:null"
        tags[str(key.value)] = None if is_alone else text
    return tags


def _until(node: yaml.Node | None, problems: list[str]) -> datetime | None:
    if node is None or (text := _text(node, problems)) is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        problems.append(f"line {_line(node)}: {text!r} should be a time such as 2026-12-24T18:00:00Z")
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _revision(node: yaml.Node | None, problems: list[str]) -> int | None:
    if node is None:
        return None
    text = _text(node, problems) or ""
    if text.isdecimal():
        return int(text)
    problems.append(f"line {_line(node)}: `revision:` should be the number that `permissions export` wrote")
    return None


def _line(node: Any) -> int:  # noqa: ANN401  (nodes of any kind, or none)
    return int(node.start_mark.line) + 1 if node is not None else 1


def words(rule: Rule, names: Mapping[str, str] | None = None) -> str:
    """A rule on one line, for a shell."""
    tags = ",".join(key if value is None else f"{key}={value}" for key, value in rule.tags.items())
    parts = [
        (names or {}).get(rule.who, rule.who),
        rule.effect,
        rule.action,
        rule.names,
        rule.region and f"in {rule.region}",
        tags and f"tagged {tags}",
        rule.until and f"until {rule.until:%Y-%m-%d %H:%M} UTC",
        rule.note and f"“{rule.note}”",
    ]
    return " ".join(part for part in parts if part)
