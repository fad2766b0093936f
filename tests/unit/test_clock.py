"""One time for all replicas."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from storage.clock import SharedClock

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


class Machine:
    """A clock on which the database's answer takes its time."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def answer(self, told: datetime, takes: timedelta = timedelta()) -> datetime:
        self.time += takes
        return told


def test_before_the_database_was_asked_it_is_the_time_of_the_machine() -> None:
    assert SharedClock(Machine())() == NOW


@pytest.mark.parametrize("minutes", [-10, 0, 10])
def test_then_it_is_the_time_of_the_database(minutes: int) -> None:
    machine = Machine()
    clock = SharedClock(machine)
    clock.put_right(lambda: machine.answer(NOW + timedelta(minutes=minutes)))
    machine.time += timedelta(seconds=7)

    assert clock() == NOW + timedelta(minutes=minutes, seconds=7)


def test_half_of_the_wait_was_for_the_answer() -> None:
    machine = Machine()
    clock = SharedClock(machine)
    clock.put_right(lambda: machine.answer(NOW, timedelta(seconds=2)))

    assert clock() == NOW + timedelta(seconds=1)


def test_a_machine_whose_clock_was_put_right_is_followed() -> None:
    machine = Machine()
    clock = SharedClock(machine)
    clock.put_right(lambda: machine.answer(NOW + timedelta(minutes=10)))
    machine.time += timedelta(minutes=10)
    clock.put_right(lambda: machine.answer(NOW + timedelta(minutes=10)))

    assert clock() == NOW + timedelta(minutes=10)


def test_clocks_that_are_far_apart_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "storage.clock")
    machine = Machine()
    clock = SharedClock(machine)
    for seconds in (1, 600, 600, 601):
        clock.put_right(lambda told=NOW + timedelta(seconds=seconds): machine.answer(told))  # type: ignore[misc]

    assert [record.getMessage() for record in caplog.records] == [
        "this machine's clock is off by 600 s: the database's counts"
    ]
