"""The lines of a deletion's thread."""

import pytest

from bot.slack import gallery, lines
from bot.slack.voice import MRKDWN, PLAIN
from storage.tables import LIVE, Notice, NoticeKind, State, Why

RUNNING = gallery.deletion(State.DELETING)


def status(**facts: str) -> Notice:
    return gallery.notice(NoticeKind.STATUS, **{"operation": "6f1e9a52-6c1b", "status": "Started", **facts})


def test_a_confirmation_names_who_and_when_to_the_second() -> None:
    line = lines.line(RUNNING, gallery.notice(NoticeKind.CONFIRMED), MRKDWN)

    assert line == "Confirmed by ann <!date^1795428961^{time_secs}|10:16:01 UTC>"


@pytest.mark.parametrize("said", ["NotStarted", "Started", "Failed", "Completed", "Succeeded", "BrandNew"])
def test_a_status_is_told_as_aws_says_it(said: str) -> None:
    line = lines.line(RUNNING, status(status=said), MRKDWN)

    assert line.startswith(f"AWS: `{said}` · operation 6f1e9a52… · ")


def test_a_status_with_an_error_says_which() -> None:
    line = lines.line(RUNNING, status(status="Failed", error_code="InUse", error_details="<busy>"), PLAIN)

    assert line.endswith(" · InUse: &lt;busy&gt;")


def test_a_delay_says_why_and_for_how_long_it_is_tried() -> None:
    line = lines.line(RUNNING, gallery.notice(NoticeKind.DELAYED, code="ThrottlingException"), PLAIN)

    assert "AWS asked to slow down. (ThrottlingException)" in line
    assert "trying again for up to 15 minutes" in line


def test_what_is_not_known_says_when_we_look_next() -> None:
    line = lines.line(RUNNING, gallery.notice(NoticeKind.UNKNOWN, next="2026-11-23T10:21:00+00:00"), PLAIN)

    assert "next at 10:21 UTC" in line


def test_a_deletion_is_told_as_checked() -> None:
    done = gallery.deletion(State.DELETED, why=Why.CONFIRMED)

    assert lines.line(done, gallery.notice(NoticeKind.ENDED), PLAIN) == (
        "Checked: the snapshot is gone. Up to $2.00 a month saved."
    )


@pytest.mark.parametrize("state", [state for state in State if state not in LIVE])
def test_the_asker_is_called_where_something_or_somebody_else_caused_the_outcome(state: State) -> None:
    line = lines.line(gallery.deletion(state, why=Why.PERSON), gallery.notice(NoticeKind.ENDED), MRKDWN)

    assert line.startswith("<@U024BE7LH> ") == (state in (State.DENIED, State.FAILED, State.REFUSED))


def test_nobody_is_called_in_plain_words() -> None:
    line = lines.line(gallery.deletion(State.DENIED, why=Why.PERSON), gallery.notice(NoticeKind.ENDED), PLAIN)

    assert "<@" not in line


@pytest.mark.parametrize("why", Why)
def test_the_end_is_told_in_plain_words_without_marks(why: Why) -> None:
    ended = gallery.deletion(State.FAILED, why=why, facts={"code": "AccessDeniedException"})

    assert not set("*`") & set(lines.line(ended, gallery.notice(NoticeKind.ENDED), PLAIN))


def test_what_waits_together_goes_out_as_one_message_with_a_line_each() -> None:
    message = lines.message(RUNNING, [gallery.notice(NoticeKind.CONFIRMED), status(), status(status="Succeeded")])

    assert len(message.blocks) == 3
    assert message.text.count(" / ") == 2


def test_an_outcome_that_finds_no_thread_says_where_it_belongs() -> None:
    message = lines.direct(gallery.deletion(State.REFUSED, why=Why.SHOWN_NOWHERE))

    assert message.text.startswith("I could not post this where you asked (D-7F2KQ): ❌ Not deleted")
