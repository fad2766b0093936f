"""Troubles that last are logged once when they begin and once when they are over."""

import logging

import pytest

from bot.spell import SAME, Spell

LOG = logging.getLogger("test.spell")


class Watch:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def spell(watch: Watch) -> Spell:
    return Spell("AWS", LOG, watch)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return ["well" if "well again" in message else "began" for message in caplog.messages]


def test_a_trouble_is_logged_when_it_begins_and_when_it_is_over(
    spell: Spell, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in "abcabcabc":
        spell.failed("HTTP 503", name)
        watch.now += 400
    for name in "abc":
        spell.worked(name)

    assert len(caplog.messages) == 2
    assert caplog.messages[0].startswith("AWS: trouble began, error ")
    assert "HTTP 503" in caplog.messages[0]
    assert caplog.messages[1] == "AWS: well again after 3600 s (failures: 9)"


def test_what_always_worked_is_not_logged(spell: Spell, caplog: pytest.LogCaptureFixture) -> None:
    spell.worked("a")
    spell.worked("b")

    assert caplog.messages == []
    assert not spell.is_on


def test_it_is_on_from_the_first_failure_to_the_next_success(spell: Spell) -> None:
    spell.failed("HTTP 503", "a")
    during = spell.is_on
    spell.worked("b")

    assert during
    assert not spell.is_on


def test_one_thing_that_goes_on_failing_while_the_rest_works_is_logged_once(
    spell: Spell, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(50):
        spell.failed("HTTP 500", "sick")
        watch.now += 30
        spell.worked("well")
        watch.now += 30

    assert said(caplog) == ["began", "well"]


def test_what_comes_and_goes_is_logged_once_a_minute_at_the_most(
    spell: Spell, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(600):
        spell.failed("HTTP 500", f"{number}")
        watch.now += 0.5
        spell.worked(f"{number}")
        watch.now += 0.5

    assert said(caplog) == ["began", "well"]


def test_what_comes_back_and_stays_is_logged_again(
    spell: Spell, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    spell.failed("HTTP 500", "a")
    spell.worked("a")
    spell.failed("HTTP 500", "a")
    watch.now += SAME + 1
    spell.failed("HTTP 500", "a")
    spell.failed("HTTP 500", "a")
    spell.worked("a")

    assert said(caplog) == ["began", "well"] * 2


def test_another_trouble_much_later_is_another_one(
    spell: Spell, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        spell.failed("HTTP 500", "a")
        watch.now += 10
        spell.worked("a")
        watch.now += SAME + 1

    assert said(caplog) == ["began", "well"] * 2
    assert caplog.messages[3] == "AWS: well again after 10 s (failures: 1)"


def test_every_failure_gets_an_id_that_is_in_the_log(
    spell: Spell, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    ids = [spell.failed("HTTP 500", "a"), spell.failed("HTTP 502", "b")]
    spell.worked("b")
    ids += [spell.failed("HTTP 500", "a"), spell.failed("HTTP 500", "b")]
    watch.now += SAME + 1
    ids += [spell.failed("HTTP 500", "c")]

    assert all(number and number in caplog.text for number in ids)
