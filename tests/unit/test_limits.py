"""How long a deletion may take: the numbers that the design promises."""

from datetime import timedelta

from bot import limits
from bot.lightsail import SEND_WITHIN


def test_an_old_yes_is_no_yes_after_fifteen_minutes() -> None:
    assert timedelta(minutes=15) == limits.CALL_WITHIN


def test_a_call_is_not_repeated_before_the_first_one_is_out_of_the_way() -> None:
    assert timedelta(seconds=SEND_WITHIN) < limits.REPEAT_AFTER == timedelta(seconds=30)


def test_a_call_can_be_repeated_before_people_are_told_that_it_is_not_known() -> None:
    assert limits.REPEAT_AFTER < limits.PATIENCE < limits.CALL_WITHIN


def test_looks_into_the_unknown_are_one_five_and_thirty_minutes_in() -> None:
    assert [timedelta(minutes=minutes) for minutes in (1, 5, 30)] == list(limits.LOOKS)


def test_looking_goes_on_for_a_week() -> None:
    assert timedelta(days=7) == limits.GIVE_UP_LOOKING
