"""When AWS may be asked how far things are."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budget import Budget

NOW = datetime(2026, 11, 23, 10, 16, tzinfo=UTC)
HERE, THERE = "us-east-1", "eu-west-1"
PER_SECOND = 10
SECOND = timedelta(seconds=1)

spans = st.integers(0, 5_000_000).map(lambda span: timedelta(microseconds=span))
rates = st.integers(1, 20)


def crowd(budget: Budget, region: str = HERE, count: int = 100, now: datetime = NOW) -> list[datetime]:
    return [budget.book(region, f"crowd {number}", now, now=now) for number in range(count)]


@pytest.fixture
def budget() -> Budget:
    return Budget(PER_SECOND)


@given(rates, st.lists(spans, max_size=150))
def test_no_second_of_a_region_has_more_slots_than_the_budget(per_second: int, wanted: list[timedelta]) -> None:
    budget = Budget(per_second)
    slots = sorted(budget.book(HERE, f"D-{n}", NOW + span, now=NOW) for n, span in enumerate(wanted))

    for first, too_many in zip(slots, slots[per_second:], strict=False):
        assert too_many - first >= SECOND - timedelta(microseconds=per_second)  # what a gap is rounded to


@given(rates, st.lists(st.tuples(spans, spans), max_size=80))
def test_it_holds_while_time_goes_by(per_second: int, waits: list[tuple[timedelta, timedelta]]) -> None:
    budget, now, slots = Budget(per_second), NOW, []
    for number, (passed, ahead) in enumerate(waits):
        now += passed / 10
        slots.append(budget.book(HERE, f"D-{number}", now + ahead, now=now))
        assert slots[-1] >= now + ahead

    gap = SECOND / per_second
    assert all(later - earlier >= gap for earlier, later in itertools.pairwise(sorted(slots)))


@given(rates, st.lists(spans, max_size=100))
def test_no_slot_is_earlier_than_wanted(per_second: int, wanted: list[timedelta]) -> None:
    budget = Budget(per_second)

    for number, span in enumerate(wanted):
        assert budget.book(HERE, f"D-{number}", NOW + span, now=NOW) >= NOW + span


@given(st.lists(spans, max_size=60), st.lists(spans, max_size=60))
def test_regions_do_not_disturb_each_other(here: list[timedelta], there: list[timedelta]) -> None:
    alone, both = Budget(PER_SECOND), Budget(PER_SECOND)
    for number, span in enumerate(there):
        both.book(THERE, f"E-{number}", NOW + span, now=NOW)

    for number, span in enumerate(here):
        booked = both.book(HERE, f"D-{number}", NOW + span, now=NOW)
        assert booked == alone.book(HERE, f"D-{number}", NOW + span, now=NOW)


@given(st.integers(2, 100))
def test_who_comes_first_is_first(count: int) -> None:
    slots = crowd(Budget(PER_SECOND), count=count)

    assert slots == sorted(slots)
    assert slots[0] == NOW
    assert slots[-1] - slots[0] == (count - 1) * SECOND / PER_SECOND  # and no slot is left out


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), spans), max_size=60))
def test_everybody_has_one_slot_and_a_new_one_replaces_it(bookings: list[tuple[str, timedelta]]) -> None:
    budget = Budget(PER_SECOND)
    slots = {about: budget.book(HERE, about, NOW + span, now=NOW) for about, span in bookings}

    assert sum(map(len, budget._slots.values())) == len(slots)


def test_slots_that_are_over_are_forgotten(budget: Budget) -> None:
    for number in range(3000):
        now = NOW + number * SECOND
        budget.book(HERE, f"D-{number}", now, now=now)

    assert len(budget._slots[HERE]) == 1


def test_the_wanted_time_is_the_slot_where_nobody_is_near(budget: Budget) -> None:
    wanted = NOW + timedelta(seconds=1.2345)

    assert budget.book(HERE, "D-1", wanted, now=NOW) == wanted


def test_whoever_has_a_slot_may_ask_when_it_comes(budget: Budget) -> None:
    slot = budget.book(HERE, "D-1", NOW, now=NOW)

    assert budget.turn(HERE, "D-1", slot, NOW, now=slot) is None


def test_what_is_long_overdue_after_a_restart_is_spread_anew(budget: Budget) -> None:
    now = NOW + timedelta(hours=1)
    turns = [budget.turn(HERE, f"D-{number}", NOW, NOW, now=now) for number in range(30)]

    assert turns[0] is None
    assert turns[1:] == [now + number * SECOND / PER_SECOND for number in range(1, 30)]


def test_a_crowd_is_more_than_can_be_asked_for_in_three_seconds(budget: Budget) -> None:
    crowd(budget, count=3 * PER_SECOND + 1)
    few = budget.is_crowded(HERE, NOW)
    crowd(budget, count=3 * PER_SECOND + 2)

    assert not few
    assert budget.is_crowded(HERE, NOW)
    assert not budget.is_crowded(THERE, NOW)


def test_what_is_planned_for_later_is_no_crowd(budget: Budget) -> None:
    for number in range(100):
        budget.book(HERE, f"D-{number}", NOW + timedelta(minutes=5), now=NOW)

    assert not budget.is_crowded(HERE, NOW)


def test_in_a_crowd_nobody_asks_for_what_is_younger_than_what_still_runs(budget: Budget) -> None:
    crowd(budget)
    budget.saw_running(HERE, timedelta(seconds=20))
    later = budget.turn(HERE, "D-1", NOW, NOW - timedelta(seconds=10), now=NOW)

    assert later is not None
    assert later >= NOW + timedelta(seconds=20)
    assert budget.turn(HERE, "D-2", NOW, NOW - timedelta(seconds=31), now=NOW) is None


def test_without_a_crowd_every_status_is_asked_for(budget: Budget) -> None:
    budget.saw_running(HERE, timedelta(seconds=20))

    assert budget.turn(HERE, "D-1", NOW, NOW, now=NOW) is None


def test_an_operation_that_ended_says_how_long_the_next_ones_take(budget: Budget) -> None:
    crowd(budget)
    budget.saw_running(HERE, timedelta(seconds=20))
    budget.saw_ended(HERE, timedelta(seconds=5))

    assert budget.turn(HERE, "D-1", NOW, NOW - timedelta(seconds=5), now=NOW) is None


def test_a_region_where_nothing_ends_is_asked_all_the_same(budget: Budget) -> None:
    crowd(budget)
    budget.saw_running(HERE, timedelta(hours=1))
    budget.saw_ended(HERE, timedelta(hours=1))

    assert budget.turn(HERE, "D-1", NOW, NOW - timedelta(seconds=30), now=NOW) is None
