"""Permissions as a file: what is written is read back, mistakes have lines, and comparing says what would change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import rulefile
from bot.rulefile import Rule, RuleFile, RuleFileError
from storage.tables import Action, Attribute, Effect, Permission

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
rules = st.builds(
    Rule,
    who=st.sampled_from(["U024BE7LH", "S0614TZR7", "*"]),
    effect=st.sampled_from(Effect),
    action=st.sampled_from([one for one in Action if one is not Action.ADMIN]),
    names=st.sampled_from(["*", "web-*", "a", "[ab]?", "123", "no", "1e3", "-x"]),
    region=st.sampled_from([None, "us-east-1"]),
    tags=st.dictionaries(texts.filter(bool), st.none() | texts, max_size=3),
    until=st.none() | moments,
    note=texts,
)


def row(rule: Rule, number: int = 1) -> Permission:
    return Permission(
        id=number,
        team_id="T1",
        subject=rule.who,
        effect=rule.effect,
        action=rule.action,
        pattern=rule.names,
        region=rule.region,
        tags=dict(rule.tags),
        valid_until=rule.until,
        note=rule.note,
        granted_by="U1",
        granted_at=NOW,
    )


def problems(text: str) -> list[str]:
    with pytest.raises(RuleFileError) as error:
        rulefile.read(text)
    return str(error.value).splitlines()


@given(st.lists(rules, max_size=5, unique_by=lambda rule: rule.key), st.integers(0, 10**9))
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_back(some: list[Rule], revision: int) -> None:
    text = rulefile.write([row(rule) for rule in some], revision)

    assert rulefile.read(text) == RuleFile(some, revision)


@given(st.lists(rules, max_size=5, unique_by=lambda rule: rule.key))
@settings(max_examples=50, deadline=None)
def test_an_exported_file_changes_nothing(some: list[Rule]) -> None:
    rows = [row(rule, number) for number, rule in enumerate(some, 1)]
    plan = rulefile.plan(rows, rulefile.read(rulefile.write(rows, 1)), datetime(1999, 1, 1, tzinfo=UTC))

    assert plan.changes(prune=True) == 0


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    try:
        rulefile.read(text)
    except RuleFileError as error:
        assert str(error)  # noqa: PT017  (most texts are refused, and some are files)


def test_every_mistake_is_told_with_its_line() -> None:
    text = """\
revision: soon
permissions:
  - allow: destroy
    who: ann
  - deny: delete
    allow: view
    who: U024BE7LH
  - allow: delete
    who: U024BE7LH
    nmaes: web-*
    region: Ohio
    until: tomorrow
    tags: [env]
  - allow: admin
    who: U024BE7LH
    names: web-*
  - allow: view
"""
    assert [line.partition(":")[0] for line in problems(text)] == [
        "line 1",
        "line 3",
        "line 4",
        "line 5",
        "line 10",
        "line 11",
        "line 13",
        "line 12",
        "line 14",
        "line 17",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("permissions: [", "line 1: this is no YAML"),
        ("permissions:\n  - allow: view\n    who: *", "stands in quotes"),
        ("", "line 1: `permissions:` should be a list"),
        ("- allow: view", "line 1: there should be names with values: revision, permissions"),
        ("permissions: none", "line 1: `permissions:` should be a list"),
        ("permissions: []\nother: 1", "line 2: 'other' is unknown"),
        ("permissions: []\npermissions: []", "line 2: 'permissions' is there twice"),
        ("permissions:\n  - view", "line 2: there should be names with values: allow, deny"),
        ("permissions:\n  - allow: view\n    who: [U1]", "line 3: there should be one word or text"),
        ("permissions:\n  - {allow: view, who: '*'}\n  - {allow: view, who: '*'}", "line 3: line 2 has the same rule"),
        ("permissions:\n  - {allow: view, who: '*', note: " + "x" * 301 + "}", "a note has at most 300 characters"),
        ("#" * 1_000_001, "1000000 is the most"),
    ],
)
def test_what_is_no_file_is_refused_in_words(text: str, words: str) -> None:
    assert any(words in problem for problem in problems(text)), problems(text)


def test_comparing_says_what_is_new_what_changes_and_what_the_file_does_not_name() -> None:
    kept = Rule("U024BE7LH", Effect.ALLOW, Action.DELETE, "web-*")
    longer = Rule("U061F7AUR", Effect.ALLOW, Action.VIEW, until=NOW + timedelta(days=1))
    left = Rule("*", Effect.DENY, Action.DELETE, "prod-*")
    rows = [row(kept, 1), row(longer, 2), row(left, 3)]
    new = Rule("S0614TZR7", Effect.ALLOW, Action.APPROVE)
    over = Rule("U012AB3CD", Effect.ALLOW, Action.VIEW, until=NOW)
    changed = Rule("U061F7AUR", Effect.ALLOW, Action.VIEW, until=NOW + timedelta(days=2))
    plan = rulefile.plan(rows, RuleFile([kept, changed, new, over]), NOW)

    assert plan == rulefile.Plan((new,), ((2, changed),), (3,), (over,))
    assert (plan.changes(prune=False), plan.changes(prune=True)) == (2, 3)


def test_of_two_rows_that_say_the_same_one_is_not_named() -> None:
    rule = Rule("U024BE7LH", Effect.ALLOW, Action.DELETE, "web-*")

    assert rulefile.plan([row(rule, 1), row(rule, 2)], RuleFile([rule]), NOW).unnamed == (2,)


# Attributes


def attribute(subject: str, key: str, value: str) -> Attribute:
    return Attribute(team_id="T1", subject=subject, key=key, value=value, set_by="U1", set_at=NOW)


def test_attributes_are_written_and_read_back() -> None:
    rows = [attribute("U024BE7LH", "team", "blue"), attribute("*", "env", "no"), attribute("*", "n", "1")]
    text = rulefile.write([], 1, rows)

    assert rulefile.read(text).attributes == {"U024BE7LH": {"team": "blue"}, "*": {"env": "no", "n": "1"}}
    assert rulefile.plan([], rulefile.read(text), NOW, rows).changes(prune=True) == 0


def test_a_file_that_does_not_speak_of_attributes_leaves_them() -> None:
    plan = rulefile.plan([], RuleFile([]), NOW, [attribute("*", "team", "blue")])

    assert plan.changes(prune=True) == 0


def test_comparing_says_which_attributes_are_new_and_which_are_not_named() -> None:
    rows = [attribute("*", "team", "blue"), attribute("*", "env", "prod"), attribute("U024BE7LH", "Team", "red")]
    wanted = RuleFile([], None, {"*": {"team": "green"}, "U024BE7LH": {"team": "red"}})
    plan = rulefile.plan([], wanted, NOW, rows)

    assert plan.put == (("*", "team", "green"), ("U024BE7LH", "team", "red"))
    assert plan.unnamed_attributes == (("*", "env"),)
    assert (plan.changes(prune=False), plan.changes(prune=True)) == (2, 3)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ("{Ann: {team: blue}}", "'Ann' should be an id"),
        ("{U024BE7LH: {team: 'bl*e'}}", "AWS takes no such value"),
        ("{U024BE7LH: {slack_user: x}}", "is what the bot itself says"),
        ("{U024BE7LH: {team: a, Team: b}}", "is there twice"),
        ("{U024BE7LH: blue}", "there should be names with values"),
        ("[1]", "there should be ids with attributes"),
    ],
)
def test_mistakes_in_attributes_have_lines(attributes: str, words: str) -> None:
    said = problems(f"permissions: []\nattributes: {attributes}\n")

    assert any(each.startswith("line 2: ") and words in each for each in said), said
