"""The text behind `/snapshot`: what people type on desktops and phones, and what Slack makes of it."""

import re
from datetime import timedelta

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.slack import words
from bot.slack.commands import (
    Can,
    Delete,
    Doctor,
    Freeze,
    Grant,
    Help,
    History,
    Meant,
    Permissions,
    Revoke,
    Show,
    Status,
    Unfreeze,
    render,
)
from bot.slack.grammar import MAX_NOTE, MAX_REASON, MAX_TEXT, Command, Mistake, parse
from storage.tables import Action

WEB = Delete("web-1")


def delivered(typed: str) -> str:
    """As Slack hands a command over: its three control characters are entities."""
    return typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def from_a_phone(typed: str) -> str:
    """Phones make one long dash of two, and round quotation marks of straight ones."""
    typed = re.sub(r"(?<!\S)--", "—", typed)
    return re.sub(r'"([^"]*)"', r"“\1”", typed)


def mistake(text: str) -> Mistake:
    said = parse(text)
    assert isinstance(said, Mistake), said
    return said


names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}[A-Za-z0-9]", fullmatch=True)
regions = st.none() | st.sampled_from(["us-east-1", "eu-west-1", "ap-southeast-2"])
scripts = st.sampled_from(["🔥", "👩‍👩‍👧", "🏳️‍🌈", "👍🏽", "e\u0301", "שלום", "می‌خواهم", "日本語"])
spaces = st.sampled_from(["\u00a0", "\n", "\t", "'", "’", "‘"])
reasons = st.lists(st.text(max_size=9) | scripts | spaces, max_size=9).map(
    lambda said: words.visible("".join(said)).strip()
)
deletes = st.builds(Delete, names, regions, reasons)
freezes = st.builds(Freeze, reasons)
subjects = st.sampled_from(["U024BE7LH", "S0614TZR7", "*", "me", "@ann", "@ops-team"])
patterns = st.sampled_from(["*", "web-*", "[ab]?", "db-1.2"])
spans = st.none() | st.integers(1, 5000).map(lambda hours: timedelta(hours=hours))
tag_texts = st.from_regex(r"[A-Za-z][A-Za-z0-9 _.:/+@-]{0,9}[A-Za-z0-9]", fullmatch=True)
tags = st.dictionaries(tag_texts, st.none() | tag_texts, max_size=3).map(lambda some: tuple(some.items()))
notes = reasons.filter(lambda note: len(note) <= MAX_NOTE)
others = [one for one in Action if one is not Action.ADMIN]
grants = st.builds(
    Grant, subjects, st.sampled_from(others), patterns, regions, tags, spans, is_deny=st.booleans(), note=notes
)
of_somebody = st.none() | subjects.filter(lambda one: one != "*")
histories = st.builds(History, st.none() | names, st.none(), spans, st.booleans()) | st.builds(
    History, st.none(), of_somebody, spans, is_export=st.booleans()
)
look_ups = (
    st.builds(Permissions, st.none() | subjects)
    | st.builds(Can, subjects, st.sampled_from(Action), names, regions)
    | st.builds(Show, names, regions, st.booleans())
    | histories
    | st.builds(Status, st.booleans())
)
commands = (
    st.sampled_from([Help(), Unfreeze(), Doctor()])
    | deletes
    | freezes
    | grants
    | st.builds(Revoke, st.integers(0, 10**9 - 1))
    | look_ups
)
calm_reasons = reasons.map(lambda reason: re.sub(r'["“”„\\]', "", reason).strip())
typed_words = st.sampled_from(
    ["delete", "help", "delet", "hlep", "Delete", "web-1", "web-1.", "-web", "a", "old", "D-7F2KQ"]
)
options = st.sampled_from(["--region", "--reason", "--reson", "--region=us-east-1", "us-east-1", "—reason", "--", "="])
marks = st.sampled_from([" ", "\n", '"', "'", "“", "”", "—", "–", "\\", "`", "<", ">", "|", "&lt;", "&amp;"])
links = st.sampled_from(["<http://a.b|a.b>", "<@U1|ann>", "<!here>", '"old release"', "<#C1>", "<mailto:a@b.c|a@b.c>"])
soup = st.lists(typed_words | options | marks | links | st.just(" "), max_size=12).map("".join)


# Laws


@given(commands)
@example(Help())
@example(Delete("web-1", reason="--force was too strong"))
@example(Delete("web-1", reason='say "no" \\ and & < > “quoted”'))
@example(Delete("web-1", reason="\\"))
@example(Delete("web-1", reason='\\"'))
@example(Delete("a" * 255, "ap-southeast-2", "&" * MAX_REASON))
@settings(max_examples=300, deadline=None)
def test_what_is_rendered_is_read_back_as_it_was(command: Meant) -> None:
    assert parse(delivered(render(command))) == command


@given(st.builds(Delete, names, regions, calm_reasons))
@settings(max_examples=70, deadline=None)
def test_what_is_typed_on_a_phone_is_read_as_it_was_meant(command: Delete) -> None:
    assume(not command.reason.startswith("--"))

    assert parse(delivered(from_a_phone(render(command)))) == command


@given(st.text(max_size=80) | soup)
@settings(max_examples=150, deadline=None)
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    assert isinstance(parse(text), Meant | Mistake)


@given(soup)
@example("delet")
@example('delet web-1 --reason "say \\"no\\""')
@example('delet web-1 --reason "a &amp;lt; b"')
@example('delete web-1 old --region "a b"')
@example("delete web-1. --reason=--x")
@example("delete web-1 " + "old " * 800)
@settings(max_examples=200, deadline=None)
def test_a_suggestion_is_no_mistake(text: str) -> None:
    said = parse(text)

    if isinstance(said, Mistake) and "NAME" not in said.instead:
        assert not isinstance(parse(delivered(said.instead)), Mistake)


@given(names, st.text(max_size=20))
@settings(max_examples=50, deadline=None)
def test_a_name_that_is_read_is_one_that_aws_can_give(name: str, rest: str) -> None:
    said = parse(f"delete {name}{rest}")

    assert not isinstance(said, Delete) or re.fullmatch(r"[A-Za-z0-9][\w.-]{0,253}[A-Za-z0-9]", said.name, re.ASCII)


# What is typed, and what is meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "\u200b",
        "help",
        "HELP",
        "--help",
        "-h",
        "?",
        "help me",
        "—help",
        "delete --help",
        "/snapshot",
        "“help”",
    ],
)
def test_help_is_given(text: str) -> None:
    assert parse(text) == Help()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("delete web-1", WEB),
        ("Delete web-1", WEB),
        ("DELETE   web-1  ", WEB),
        ("delete\nweb-1", WEB),
        ("delete `web-1`", WEB),
        ('delete "web-1"', WEB),
        ("delete 'web-1'", WEB),
        ("delete “web-1”", WEB),
        ("delete „web-1“", WEB),
        ("delete web–1", WEB),
        ("delete D-7F2KQ", Delete("D-7F2KQ")),
        ("/snapshot delete web-1", WEB),
        ("`/snapshot delete web-1`", WEB),
        ("`delete` `web-1`", WEB),
        ("delete ```web-1```", WEB),
        ("\u200bdelete\u00a0web-1\u200b", WEB),
        ("delete\tweb-1\r\n", WEB),
        ("delete\u2003web-1\u202f", WEB),
        ("delete \u200fweb\u200e-1\u202c", WEB),
        ("delete web\u00ad-1\ufeff", WEB),
        ("delete web\u2060-\u200d1\ufe0f", WEB),
        ("delete web\u20111", WEB),
        ("delete web\u22121", WEB),
        ('delete web"-1"', WEB),
        ("delete ‘web-1’", WEB),
        ("delete «web-1»", WEB),
        ("delete “web-1“", WEB),
        ('delete “web-1"', WEB),
        ('delete "web-1”', WEB),
        ("delete <tel:1234|1234>", Delete("1234")),
        ("delete <http://a.b/>", Delete("a.b")),
        ("delete <http://a.b|a.b>", Delete("a.b")),
        ("delete <http://a.b>", Delete("a.b")),
        ("delete <https://a.b>", Delete("a.b")),
        ("delete <mailto:a.b|a.b>", Delete("a.b")),
        ("delete web-1 --region eu-west-1", Delete("web-1", "eu-west-1")),
        ("delete web-1 --region=eu-west-1", Delete("web-1", "eu-west-1")),
        ("delete web-1 --REGION EU-West-1", Delete("web-1", "eu-west-1")),
        ("delete web-1 —region eu-west-1", Delete("web-1", "eu-west-1")),
        ("delete web-1 –region eu–west–1", Delete("web-1", "eu-west-1")),
        ("delete --region eu-west-1 web-1", Delete("web-1", "eu-west-1")),
        ("delete web-1 --reason old", Delete("web-1", reason="old")),
        ('delete web-1 --reason "old release"', Delete("web-1", reason="old release")),
        ('delete web-1 --reason="old release"', Delete("web-1", reason="old release")),
        ("delete web-1 --reason 'old release'", Delete("web-1", reason="old release")),
        ("delete web-1 —reason “old release”", Delete("web-1", reason="old release")),
        ("delete web-1 —reason=“old release”", Delete("web-1", reason="old release")),
        ('delete web-1 --reason "  old  "', Delete("web-1", reason="old")),
        ("delete web-1 ——reason old", Delete("web-1", reason="old")),
        ('delete web-1 --reason"old release"', Delete("web-1", reason="old release")),
        ("delete web-1 --reason='old release'", Delete("web-1", reason="old release")),
        ("delete web-1 --reason ‘it’s old’", Delete("web-1", reason="it’s old")),
        ("delete web-1 --reason “say ‘no’”", Delete("web-1", reason="say ‘no’")),
        ('delete web-1 --reason "say “no”"', Delete("web-1", reason="say “no”")),
        ('delete web-1 --reason "C:\\temp"', Delete("web-1", reason="C:\\temp")),
        ('delete web-1 --reason "--region"', Delete("web-1", reason="--region")),
        ("delete web-1 --reason 👩‍👩‍👧", Delete("web-1", reason="👩‍👩‍👧")),
        ('delete web-1 --reason "a\u202eb\x00c"', Delete("web-1", reason="abc")),
        ("delete web-1 --reason @ann", Delete("web-1", reason="@ann")),
        ("delete web-1 --reason don't", Delete("web-1", reason="don't")),
        ('delete web-1 --reason "it\'s old"', Delete("web-1", reason="it's old")),
        ('delete web-1 --reason "say \\"no\\""', Delete("web-1", reason='say "no"')),
        ('delete web-1 --reason "a — b"', Delete("web-1", reason="a — b")),
        ('delete web-1 --reason "a &lt; b &amp;&amp; c &gt; d"', Delete("web-1", reason="a < b && c > d")),
        ('delete web-1 --reason "&amp;lt;"', Delete("web-1", reason="&lt;")),
        ('delete web-1 --reason "ask <@U024BE7LH|ann>"', Delete("web-1", reason="ask @ann")),
        ('delete web-1 --reason "ask <@U024BE7LH>"', Delete("web-1", reason="ask @U024BE7LH")),
        ('delete web-1 --reason "in <#C024BE7LR|ops>"', Delete("web-1", reason="in #ops")),
        ('delete web-1 --reason "<!channel>"', Delete("web-1", reason="@channel")),
        ('delete web-1 --reason "line\none"', Delete("web-1", reason="line\none")),
        (
            'delete web-1 --reason "see <http://wiki.acme.com|wiki.acme.com>"',
            Delete("web-1", reason="see wiki.acme.com"),
        ),
    ],
)
def test_what_is_meant_is_read(text: str, meant: Command) -> None:
    assert parse(text) == meant


def test_an_address_in_a_reason_stays_one() -> None:
    text = 'delete web-1 --reason "see <https://jira.acme.com/INC-9>"'

    assert parse(text) == Delete("web-1", reason="see https://jira.acme.com/INC-9")


@pytest.mark.parametrize("length", [2, 255])
def test_a_name_of_a_length_that_aws_gives_is_read(length: int) -> None:
    assert parse(f"delete {'a' * length}") == Delete("a" * length)


def test_the_longest_reason_is_read() -> None:
    assert parse(f'delete web-1 --reason "{"x" * MAX_REASON}"') == Delete("web-1", reason="x" * MAX_REASON)


# Mistakes


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("delete", "delete NAME"),
        ('delete ""', "delete NAME"),
        ("delete ``", "delete NAME"),
        ("delete —", "delete NAME"),
        ("delete --region eu-west-1", "delete NAME --region eu-west-1"),
        ("delete web-1 old release", 'delete web-1 --reason "old release"'),
        ("delete web-1 - old release", 'delete web-1 --reason "old release"'),
        ("delete web-1 old --region eu-west-1", 'delete web-1 --region eu-west-1 --reason "old"'),
        ('delete web-1 release --reason "old"', 'delete web-1 --reason "old release"'),
        ("delete web-1 --reason old release", 'delete web-1 --reason "old release"'),
        ("delete web-1 🔥", 'delete web-1 --reason "🔥"'),
        ("delete snapshot web-1", "delete web-1"),
        ("delete the web-1", "delete web-1"),
        ("delete web-1.", "delete web-1"),
        ("delete -web-1", "delete web-1"),
        ("delete _web-1", "delete web-1"),
        ("delete web-1,", "delete web-1"),
        ('delete "web-1",', "delete web-1"),
        ("delete 🔥web-1", "delete web-1"),
        ("delete (web-1) --region eu-west-1", "delete web-1 --region eu-west-1"),
        ("delete web/1", "delete web-1"),
        ("delete wéb-1", "delete web-1"),
        ("delete ｗｅｂ－１", "delete web-1"),
        ('delete "web 1"', "delete web-1"),
        ("delete @ann", "delete ann"),
        ("delete <@U024BE7LH|ann>", "delete ann"),
        ("delete <http://a.b/c|a.b/c>", "delete a.b-c"),
        ("delete a", "delete NAME"),
        ("delete שלום", "delete NAME"),
        (f"delete {'a' * 256}", "delete NAME"),
        ('delete web-1 --reason "old release', 'delete web-1 --reason "old release"'),
        ("delete web-1 --reason 'old release", 'delete web-1 --reason "old release"'),
        ("delete web-1 --reason “old release", 'delete web-1 --reason "old release"'),
        ("delete web-1 --reason ‘old release", 'delete web-1 --reason "old release"'),
        ("delete web-1” --region eu-west-1", "delete web-1 --region eu-west-1"),
        ('delete web-1"', "delete web-1"),
        ("delete web-1 --region", "delete web-1"),
        ("delete web-1 --region= --reason x", 'delete web-1 --reason "x"'),
        ('delete web-1 --reason ""', "delete web-1"),
        ('delete --reason "" web-1', "delete web-1"),
        ("delete web-1 --region us-east-1 --region eu-west-1", "delete web-1 --region eu-west-1"),
        ("delete web-1 --reason old --reason release", 'delete web-1 --reason "old release"'),
        ("delete web-1 --reson old", 'delete web-1 --reason "old"'),
        ('delete web-1 --reson="old release"', 'delete web-1 --reason "old release"'),
        ("delete web-1 -region eu-west-1", "delete web-1 --region eu-west-1"),
        ("delete web-1 --force", "delete web-1"),
        ("delete --force web-1", "delete web-1"),
        ("delete web-1 --region us-east-1a", "delete web-1 --region us-east-1"),
        ("delete web-1 --region us_east_1", "delete web-1 --region us-east-1"),
        ("delete web-1 --region Ohio", "delete web-1"),
        ("delete web-1 --region=Ohio old", 'delete web-1 --reason "old"'),
        ("frobnicate", "help"),
        ("halp", "help"),
        ("delet web-1", "delete web-1"),
        ("delete: web-1", "delete web-1"),
        ("Delte web-1", "delete web-1"),
        ('remove-delete web-1 --reason "old release"', 'delete web-1 --reason "old release"'),
        ("deleet web-1 --region eu-west-1", "delete web-1 --region eu-west-1"),
        ("rm web-1", "delete web-1"),
        ("Remove web-1", "delete web-1"),
        ("web-1", "delete web-1"),
        ("D-7F2KQ", "delete D-7F2KQ"),
        ("web-1 old release", 'delete web-1 --reason "old release"'),
        ("web-1 delete", "delete web-1"),
        ("please delete web-1", "delete web-1"),
        ("--region eu-west-1 delete web-1", "delete web-1 --region eu-west-1"),
        ("--region eu-west-1", "help"),
    ],
)
def test_a_mistake_gets_a_command_to_paste(text: str, instead: str) -> None:
    assert mistake(text).instead == instead


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("delete", "Which snapshot? Its name goes behind `delete`."),
        ("delete web-1 --region", "`--region` needs a value behind it."),
        ("delete web-1 --region=", "`--region` needs a value behind it."),
        ("delete web-1 --region --reason x", "`--region` needs a value behind it."),
        ('delete web-1 --reason ""', "`--reason` needs a value behind it."),
        ("delete web-1 --reason “ ”", "`--reason` needs a value behind it."),
        ("delete web-1 --region us-east-1 --region eu-west-1", "`--region` is there twice."),
        ("delete web-1 --region=us-east-1 --Region=us-east-1", "`--region` is there twice."),
        ("delete web-1 --reson old", "There is no option `--reson`. Did you mean `--reason`?"),
        ("delete web-1 --frobnicate", "There is no option `--frobnicate`."),
        ("delete web-1 -region us-east-1", "Two dashes go before an option: `--region`."),
        ("delete web-1 --region Ohio", "That is no region; one looks like `us-east-1`."),
        ("delete web-1 old", "Only one name goes behind `delete`; a reason goes in quotes."),
        ('delete web-1 --reason "old', "A quotation mark is not closed."),
        ("delet web-1", "I don't know that command. Did you mean `delete`?"),
        ("halp", "I don't know that command. Did you mean `help`?"),
        ("frobnicate", "I don't know that command."),
        ("web-1", "What shall I do with it? To delete it, `delete` comes first."),
        ("web-1 delete", "`delete` comes first."),
        ("x" * (MAX_TEXT + 1), "That is too long for me to read."),
    ],
)
def test_a_mistake_is_told(text: str, problem: str) -> None:
    assert mistake(text).problem == problem


def test_an_unknown_command_without_a_name_asks_for_one() -> None:
    assert mistake("delet").instead == "delete NAME"


def test_a_corrected_command_keeps_the_reason_as_it_was_typed() -> None:
    said = mistake('delet web-1 --reason "a &amp;lt; b, \\"quoted\\""')

    assert parse(delivered(said.instead)) == Delete("web-1", reason='a &lt; b, "quoted"')


def test_a_corrected_command_that_is_too_long_to_show_leaves_the_reason_out() -> None:
    said = mistake(f'delet web-1 --region eu-west-1 --reason "{"&amp;" * 500}"')

    assert said.instead == "delete web-1 --region eu-west-1"


def test_a_reason_that_is_too_long_is_told_with_its_length() -> None:
    said = mistake(f'delete web-1 --reason "{"x" * (MAX_REASON + 1)}"')

    assert (said.problem, said.instead) == ("The reason has 3001 characters; 3000 is the most.", "delete web-1")


@pytest.mark.parametrize(
    "filler", [" ", '"', "'", "“", "<", "&", "\\", '" ', "<a|", "—", "`", "‘ ", "'a ", "“a", '"“', "\u0301"]
)
def test_whatever_is_repeated_is_read_to_the_end(filler: str) -> None:
    """How long it takes is for tests/bench/bench_reading.py to say."""
    said = parse("delete web-1 " + filler * ((MAX_TEXT - 20) // len(filler)))

    assert isinstance(said, Mistake) or (isinstance(said, Delete) and said.name == "web-1")


# What admins type, and what people look up


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("grant <@U024BE7LH|ann> delete web-*", Grant("U024BE7LH", Action.DELETE, "web-*")),
        ("grant <!subteam^S0614TZR7|@ops> approve", Grant("S0614TZR7", Action.APPROVE)),
        ("grant <!subteam^S0614TZR7> Approve", Grant("S0614TZR7", Action.APPROVE)),
        ("Grant &lt;@U024BE7LH&gt; delete", Grant("U024BE7LH", Action.DELETE)),
        ("grant U024BE7LH delete web—1", Grant("U024BE7LH", Action.DELETE, "web-1")),
        ("grant everybody view", Grant("*", Action.VIEW)),
        ("grant @Ann delete to", Grant("@ann", Action.DELETE)),
        ("grant me admin —for 8h", Grant("me", Action.ADMIN, lasting=timedelta(hours=8))),
        ("grant me delete --tag env=prod --tag=no_delete --tag 'team=blue sky'", None),
        ("revoke #12", Revoke(12)),
        ("revoke rule 12", Revoke(12)),
        ("permissions", Permissions()),
        ("permissions <@U024BE7LH>", Permissions("U024BE7LH")),
        ("can <@U024BE7LH> delete <http://web-1.de|web-1.de>", Can("U024BE7LH", Action.DELETE, "web-1.de")),
        ("show D-7F2KQ", Show("D-7F2KQ")),
        ("SHOW web-1 --public --region eu-west-1", Show("web-1", "eu-west-1", is_public=True)),
        ("history", History()),
        ("history web-1 --since 30d", History("web-1", since=timedelta(days=30))),
        ("history <@U024BE7LH|ann> --export", History(subject="U024BE7LH", is_export=True)),
        ("status", Status()),
        ("Doctor", Doctor()),
        ("grant --help", Help()),
    ],
)
def test_commands_are_read_as_people_type_them(text: str, command: Command | None) -> None:
    tags = (("env", "prod"), ("no_delete", None), ("team", "blue sky"))

    assert parse(text) == (command or Grant("me", Action.DELETE, tags=tags))


@pytest.mark.parametrize(
    ("text", "problem", "instead"),
    [
        ("grant", "Who? A person or group goes behind `grant`", "grant @user delete"),
        ("grant ann delete", "with an @ in front", "grant @ann delete"),
        ("grant <!here> delete", "Everybody is written `*`.", "grant * delete"),
        ("grant @ann", "What may they do?", "grant @ann delete"),
        ("grant @ann deletes web-*", "There is no such action", "grant @ann delete web-*"),
        ("grant @ann admin web-*", "`admin` is about everything", "grant @ann admin"),
        ("grant @ann delete web-* db-*", "one action and one pattern", 'grant @ann delete web-* --note "db-*"'),
        ("grant @ann delete wéb", "A pattern is a name in which * stands for anything", "grant @ann delete"),
        ("grant @ann delete --for ever", "`--for` takes a time such as", "grant @ann delete"),
        ("grant @ann delete --tag =x", "A tag is written", "grant @ann delete"),
        ("grant @ann delete --tag a=1 --tag a=2", "can't have two values", "grant @ann delete --tag a=1"),
        (f"grant @ann delete --note {'x' * 301}", "300 is the most", "grant @ann delete"),
        ("grnat @ann delete web-*", "Did you mean `grant`?", "grant @ann delete web-*"),
        ("allow @ann delete web-*", "Did you mean `grant`?", "grant @ann delete web-*"),
        ("revoke", "Its number goes behind `revoke`", "revoke 1"),
        ("revoke 1 2", "Only one number", "revoke 1"),
        ("permissions @ann @bob", "Only one person", "permissions @ann"),
        ("can @ann delete", "Its name goes behind `can @user delete`", "can @ann delete NAME"),
        ("can @ann delete web-1 web-2", "one action and one name", "can @ann delete web-1"),
        ("show", "Its name goes behind `show`", "show NAME"),
        ("show snapshot web-1", "Only the name goes behind", "show web-1"),
        ("show web-1 web-2", "Only one name", "show web-1"),
        ("history web-1 web-2", "Only one name or person", "history web-1"),
        ("history --public --export", "do not go together", "history --export"),
        ("histroy", "Did you mean `history`?", "history"),
        ("doctor web-1", "Nothing goes behind `doctor`.", "doctor"),
        ("health", "Did you mean `doctor`?", "doctor"),
        ("status web-1", "Nothing goes behind `status`", "status"),
        ("status --export", "There is no option `--export`", "status"),
    ],
)
def test_mistakes_come_back_as_the_command_that_was_meant(text: str, problem: str, instead: str) -> None:
    said = mistake(text)

    assert problem in said.problem
    assert said.instead == instead
    assert not isinstance(parse(delivered(said.instead)), Mistake) or "NAME" in instead or "@user" in instead
