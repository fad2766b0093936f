"""How fast Slack may be written to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.pace import BURST, EDIT_BURST, LOOK_BURST, Bucket, Kind, Pace

OPS, DEV = "C024BE7LR", "C061EG9SL"
MESSAGE, EDIT, LOOK = Kind.MESSAGE, Kind.EDIT, Kind.LOOK


class Watch:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pace(watch: Watch) -> Pace:
    return Pace(watch)


def turns(pace: Pace, channel: str = OPS, kind: Kind = MESSAGE) -> int:
    """How many turns there are now; takes them."""
    count = 0
    while not pace.take(channel, kind):
        count += 1
    return count


def test_a_channel_takes_a_burst(pace: Pace) -> None:
    assert turns(pace) == BURST


def test_a_channel_takes_a_message_a_second_after_a_burst(pace: Pace, watch: Watch) -> None:
    turns(pace)
    watch.wait(2.0)

    assert turns(pace) == 2


def test_a_channel_saves_up_no_more_than_a_burst(pace: Pace, watch: Watch) -> None:
    watch.wait(3600)

    assert turns(pace) == BURST


def test_channels_do_not_wait_for_each_other(pace: Pace) -> None:
    turns(pace, OPS)

    assert turns(pace, DEV) == BURST


def test_edits_share_one_bucket_in_all_channels(pace: Pace) -> None:
    assert turns(pace, OPS, EDIT) == EDIT_BURST
    assert turns(pace, DEV, EDIT) == 0


def test_no_more_than_fifty_edits_go_out_in_a_minute_of_waiting(pace: Pace, watch: Watch) -> None:
    edits = 0
    for _ in range(600):
        edits += turns(pace, kind=EDIT)
        watch.wait(0.1)

    assert edits <= 50


def test_messages_do_not_wait_for_edits(pace: Pace) -> None:
    turns(pace, kind=EDIT)

    assert turns(pace) == BURST


def test_looks_share_one_bucket_in_all_channels(pace: Pace) -> None:
    assert turns(pace, OPS, LOOK) == LOOK_BURST
    assert turns(pace, DEV, LOOK) == 0


def test_the_channels_that_wait_are_told(pace: Pace, watch: Watch) -> None:
    pace.pause(OPS, 30, MESSAGE)
    pace.pause(DEV, 10, MESSAGE)
    watch.wait(12)

    assert pace.paused(MESSAGE) == {OPS: pytest.approx(18)}
    assert pace.paused(EDIT) == {}


def test_the_wait_is_told(pace: Pace, watch: Watch) -> None:
    turns(pace)
    watch.wait(0.25)

    assert pace.take(OPS, MESSAGE) == pytest.approx(0.75)


@pytest.mark.parametrize("kind", Kind)
def test_a_pause_gives_nothing_until_it_is_over(pace: Pace, watch: Watch, kind: Kind) -> None:
    pace.pause(OPS, 30, kind)
    watch.wait(29.9)
    before = turns(pace, kind=kind)
    watch.wait(0.2)

    assert before == 0
    assert turns(pace, kind=kind) > 0


@pytest.mark.parametrize("kind", Kind)
def test_a_pause_of_one_channel_stops_nothing_else(pace: Pace, kind: Kind) -> None:
    pace.pause(OPS, 30, kind)

    assert all(turns(pace, OPS, other) > 0 for other in Kind if other is not kind)
    assert turns(pace, DEV, kind) > 0


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("second", [0.2, 1.0, 5.0, 29.0])
def test_a_second_pause_never_shortens_the_first(pace: Pace, watch: Watch, second: float, kind: Kind) -> None:
    pace.pause(OPS, 30, kind)
    pace.pause(OPS, second, kind)
    watch.wait(29.9)

    assert turns(pace, kind=kind) == 0


@pytest.mark.parametrize("kind", Kind)
def test_pauses_side_by_side_do_not_add_up(pace: Pace, watch: Watch, kind: Kind) -> None:
    for _ in range(8):
        pace.pause(OPS, 30, kind)
    watch.wait(30.001)

    assert turns(pace, kind=kind) > 0


def test_the_wait_in_a_pause_is_told(pace: Pace) -> None:
    pace.pause(OPS, 30, MESSAGE)

    assert pace.take(OPS, MESSAGE) == pytest.approx(30)


# Laws


seconds_ = st.floats(0, 20)
moves = st.lists(st.tuples(st.sampled_from(["take", "pause", "wait"]), seconds_), max_size=20)


def play(pace: Pace, watch: Watch, played: list[tuple[str, float]], kind: Kind) -> None:
    for move, seconds in played:
        match move:
            case "take":
                pace.take(OPS, kind)
            case "pause":
                pace.pause(OPS, seconds, kind)
            case _:
                watch.wait(seconds)


@given(moves, st.sampled_from(Kind))
@settings(max_examples=80, deadline=None)
def test_who_asks_again_as_often_as_was_told_gets_a_turn(played: list[tuple[str, float]], kind: Kind) -> None:
    watch = Watch()
    pace = Pace(watch)
    play(pace, watch, played, kind=kind)

    for _ in range(2):  # once after the pause, once after the bucket
        watch.wait(told := pace.take(OPS, kind))
        watch.wait(1e-6)

    assert told == 0.0 or pace.take(OPS, kind) == 0.0


@given(moves, seconds_, st.sampled_from(Kind))
@settings(max_examples=80, deadline=None)
def test_nothing_goes_out_in_a_pause(played: list[tuple[str, float]], seconds: float, kind: Kind) -> None:
    watch = Watch()
    pace = Pace(watch)
    play(pace, watch, played, kind=kind)

    pace.pause(OPS, seconds + 0.01, kind)
    watch.wait(seconds)

    assert pace.take(OPS, kind) > 0


def test_a_clock_that_goes_back_gives_nothing_away(watch: Watch) -> None:
    bucket = Bucket(1.0, 1, watch)
    bucket.take()
    watch.wait(-10)
    bucket.take()
    watch.wait(10)

    assert bucket.take() > 0
