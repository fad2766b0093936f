"""The lines of a deletion's thread."""

import pytest

from bot.slack import gallery, lines
from bot.slack.card import LOOK_LABEL
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

    assert line.endswith(" · error InUse: &lt;busy&gt;")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"status": "Failed", "error_details": "busy"}, " · error: busy"),
        ({"status": "Failed", "error_code": "InUse"}, " · error InUse"),
        ({"details": "Debian-1GB"}, " · details: Debian-1GB"),
        ({"resource": "disk-1"}, " · on disk-1 · "),
        ({"type": "DeleteDisk"}, " · which is DeleteDisk · "),
        ({"status": ""}, "AWS told of an operation, but no status · operation 6f1e9a52… · "),
    ],
)
def test_what_of_an_operation_is_not_as_expected_is_told(facts: dict[str, str], words: str) -> None:
    assert words in lines.line(RUNNING, status(**facts), PLAIN)


def test_what_of_an_operation_is_as_expected_is_not_told() -> None:
    expected = status(resource=RUNNING.name, type="DeleteInstanceSnapshot", error_code="", details="")

    assert lines.line(RUNNING, expected, PLAIN) == "AWS: Started · operation 6f1e9a52… · 10:16 UTC"


THROTTLED = {"code": "ThrottlingException", "message": "Rate <exceeded>", "request_id": "b1f0", "error_id": "1f2e"}


def test_a_delay_says_why_and_until_when_it_is_tried() -> None:
    late = gallery.notice(NoticeKind.DELAYED, until="2026-11-23T10:31:00+00:00", **THROTTLED)
    line = lines.line(RUNNING, late, PLAIN)

    assert line.startswith("⏳ Nothing is deleted yet. AWS asked to slow down. I try again until 10:31 UTC.")


def test_a_delay_of_the_version_before_says_for_how_long_it_is_tried() -> None:
    line = lines.line(RUNNING, gallery.notice(NoticeKind.DELAYED, **THROTTLED), PLAIN)

    assert "I try again for up to 15 minutes." in line


def test_the_raw_code_the_words_the_request_and_the_error_are_in_the_detail() -> None:
    late = gallery.notice(NoticeKind.DELAYED, aws_action="DeleteInstanceSnapshot", **THROTTLED)

    assert lines.line(RUNNING, late, MRKDWN).endswith(
        "\nDetails: `DeleteInstanceSnapshot: ThrottlingException` · AWS says: “Rate &lt;exceeded&gt;” · "
        "AWS request b1f0 · error `1f2e` in the bot's log"
    )


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("DeleteInstanceSnapshot", "It is not clear whether the call was carried out."),
        ("GetOperation", "AWS does not say how far the operation is."),
        ("GetInstanceSnapshot", "AWS does not say whether the snapshot is still there."),
    ],
)
def test_an_answer_that_proves_nothing_says_what_is_open(action: str, words: str) -> None:
    silence = gallery.notice(NoticeKind.NO_ANSWER, code="ServiceException", aws_action=action)

    assert words in lines.line(RUNNING, silence, PLAIN)


def test_a_second_call_that_was_not_executed_says_that_the_first_is_still_open() -> None:
    silence = gallery.notice(
        NoticeKind.NO_ANSWER, code="ThrottlingException", aws_action="DeleteInstanceSnapshot", earlier="yes"
    )

    assert "Whether the first one was is still not known" in lines.line(RUNNING, silence, PLAIN)


def test_an_admin_hears_where_and_why_aws_lets_nobody_in() -> None:
    notice = gallery.notice(NoticeKind.CREDENTIALS, code="ExpiredTokenException", regions="us-east-1, eu-west-1")
    text = lines.for_one(notice).text

    assert text.startswith("⚠️ AWS does not let me in (us-east-1, eu-west-1). The bot's AWS credentials have expired.")


def test_the_button_that_is_spoken_of_is_the_one_on_the_card() -> None:
    unknown = gallery.notice(NoticeKind.UNKNOWN, next="2026-11-23T10:21:00+00:00")

    assert f"*{LOOK_LABEL}* on the card" in lines.line(RUNNING, unknown, MRKDWN)


def test_the_end_that_aws_made_has_the_request_in_its_detail() -> None:
    facts = {**THROTTLED, "aws_action": "DeleteInstanceSnapshot"}
    refused = gallery.deletion(State.FAILED, why=Why.AWS, facts=facts)
    line = lines.line(refused, gallery.notice(NoticeKind.ENDED), PLAIN)

    assert line.endswith(
        "Details: DeleteInstanceSnapshot: ThrottlingException · AWS request b1f0 · error 1f2e in the bot's log"
    )


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
