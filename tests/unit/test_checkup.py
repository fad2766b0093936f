"""What the doctor found, as findings, in words and in Slack."""

from datetime import datetime

import pytest

from bot import shell_doctor
from bot.doctor import clocks
from bot.doctor.finding import Area, Finding, State, advised, summary, worst_first
from bot.sandbox.slack import message_problems
from bot.slack import checkup
from bot.slack.blocks import Message

ILL = Finding(Area.SLACK, State.RED, "It lacks a scope", "Run `python app.py` <!here> *now*.")
ODD = Finding(Area.CLOCK, State.YELLOW, "12 s behind AWS's", "Set it.")
WELL = Finding(Area.AWS, State.GREEN, "Account 1")
NOTE = Finding(Area.DATABASE, State.NOTE, "It is not there yet")


def words(message: Message) -> str:
    return "\n".join(str(block.get("text") or block.get("elements")) for block in message.blocks)


def test_the_worst_comes_first() -> None:
    first = Finding(Area.SETTINGS, State.RED, "PORT: is wrong")

    assert worst_first([NOTE, WELL, ODD, ILL, first]) == [first, ILL, ODD, WELL, NOTE]


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([WELL, NOTE], "All is well."),
        ([WELL, ODD], "It works; 1 thing to look at."),
        ([ILL], "1 thing to mend."),
        ([ILL, ILL, ODD], "2 things to mend, and 1 to look at."),
    ],
)
def test_one_sentence_says_how_it_is(findings: list[Finding], said: str) -> None:
    assert summary(findings) == said


def test_the_same_advice_is_given_once_to_some_in_a_row() -> None:
    assert [advice for _, advice in advised([ILL, ILL, ODD, ILL])] == ["", ILL.advice, ODD.advice, ILL.advice]


def test_a_shell_shows_each_with_what_to_do_below() -> None:
    assert shell_doctor.in_words([WELL, ILL, ODD]) == (
        "1 thing to mend, and 1 to look at.\n"
        "\n"
        "❌ Slack     It lacks a scope\n"
        "           → Run `python app.py` <!here> *now*.\n"
        "\n"
        "⚠️ Clock     12 s behind AWS's\n"
        "           → Set it.\n"
        "\n"
        "✅ AWS       Account 1\n"
    )


def test_in_slack_commands_are_code_and_nothing_else_is_marked() -> None:
    said = words(checkup.checked([ILL]))

    assert "→ Run `python app.py` &lt;!here&gt; ∗now∗." in said


def test_in_slack_a_mark_too_many_makes_no_code() -> None:
    said = words(checkup.checked([Finding(Area.AWS, State.RED, "It said ` and `` so", "Ask.")]))

    assert "It said ˋ and ˋˋ so" in said


def test_a_notification_tells_the_worst() -> None:
    assert checkup.checked([WELL, ODD, ILL]).text == "1 thing to mend, and 1 to look at. Slack: It lacks a scope"
    assert checkup.checked([WELL]).text == "All is well."


def test_however_much_is_wrong_slack_takes_it() -> None:
    long = Finding(Area.AWS, State.RED, "ill " * 2000, "mend `it` " * 2000)
    message = checkup.checked([long] * 60 + [Finding(Area.AWS, State.NOTE, "well " * 500)] * 60)

    assert message_problems({"text": message.text, "blocks": list(message.blocks)}) == []
    assert "… and 40 more: `python app.py doctor` tells all." in words(message)


@pytest.mark.parametrize(
    "headers", [{}, {"Date": ""}, {"date": "yesterday"}, {"Date": "Tue, 32 Nov 2026 10:00:00 GMT"}]
)
def test_a_clock_that_is_not_told_is_not_judged(headers: dict[str, str]) -> None:
    assert clocks.ahead_of(headers, clocks_now) is None
    assert clocks.finding("AWS", None) == []


def clocks_now() -> datetime:
    raise AssertionError("nobody needs it")
