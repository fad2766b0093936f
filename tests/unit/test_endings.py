"""How a deletion ended, in one sentence."""

import re

import pytest

from bot.errors import explain
from bot.guards import Guard, Objection
from bot.judge import Ground
from bot.model import Snapshot
from bot.slack import endings, gallery
from bot.slack.voice import MRKDWN, PLAIN, Voice
from storage.tables import LIVE, State, Why

ENDS = [state for state in State if state not in LIVE]
NOT_DELETED = [state for state in ENDS if state is not State.DELETED]


def said(state: State, why: Why, facts: dict[str, str] | None = None, voice: Voice = PLAIN) -> str:
    return endings.sentence(gallery.deletion(state, why=why, facts=facts), voice)


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("state", ENDS)
def test_every_end_has_a_sentence_for_every_reason(state: State, why: Why) -> None:
    for voice in (MRKDWN, PLAIN):
        assert re.fullmatch(r"(✅|❌|⌛) \S.*web-1-2024-05-01.*[.\w)]", said(state, why, voice=voice))


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("state", NOT_DELETED)
def test_every_end_that_is_no_deletion_begins_with_not_deleted(state: State, why: Why) -> None:
    assert re.match(r"(❌|⌛) \*Not deleted", said(state, why, voice=MRKDWN))
    assert re.match(r"(❌|⌛) Not deleted", said(state, why, voice=PLAIN))


@pytest.mark.parametrize("why", Why)
def test_a_deletion_begins_with_deleted(why: Why) -> None:
    assert said(State.DELETED, why).startswith("✅ Deleted web-1-2024-05-01")


@pytest.mark.parametrize(
    ("state", "why", "facts", "words"),
    [
        (State.DELETED, Why.CONFIRMED, {}, "✅ Deleted web-1-2024-05-01 · 40 GB · us-east-1"),
        (State.CANCELLED, Why.PERSON, {"by_name": "ann"}, "❌ Not deleted web-1-2024-05-01: cancelled by ann."),
        (State.DENIED, Why.PERSON, {"by_name": "<bob>"}, "❌ Not deleted web-1-2024-05-01: denied by &lt;bob&gt;."),
        (State.EXPIRED, Why.NOBODY, {}, "⌛ Not deleted web-1-2024-05-01: nobody confirmed by 10:30 UTC."),
        (
            State.REFUSED,
            Why.GONE,
            {},
            "❌ Not deleted by us web-1-2024-05-01: it was already gone when we looked. Nothing is left to do.",
        ),
        (
            State.REFUSED,
            Why.REPLACED,
            {"other_created_at": "2026-11-23T09:12:00+00:00"},
            (
                "❌ Not deleted web-1-2024-05-01: it was replaced. The one of 1 May 2024 was confirmed; "
                "the one with that name now was taken 23 Nov 2026 09:12 UTC."
            ),
        ),
        (
            State.REFUSED,
            Why.FORBIDDEN,
            {"ground": Ground.GUARD, "guard": Guard.PROTECTED, "fact": "no_delete"},
            (
                "❌ Not deleted web-1-2024-05-01: it is not allowed any more. "
                "It is protected by its tag no_delete; no permission overrides that."
            ),
        ),
        (
            State.REFUSED,
            Why.FORBIDDEN,
            {"ground": Ground.NO_PERMISSION},
            "❌ Not deleted web-1-2024-05-01: it is not allowed any more. ann may not delete it now.",
        ),
        (
            State.FAILED,
            Why.AWS,
            {"code": "AccessDeniedException", "message": "no <way>"},
            (
                "❌ Not deleted web-1-2024-05-01: AWS refused (AccessDeniedException). "
                f"{explain('AccessDeniedException')} AWS says: “no &lt;way&gt;”."
            ),
        ),
        (
            State.FAILED,
            Why.AWS,
            {"code": "SnapshotInUse", "operation": "6f1e"},
            "❌ Not deleted web-1-2024-05-01: AWS's operation failed (SnapshotInUse).",
        ),
        (
            State.EXPIRED,
            Why.UNSENT,
            {"code": "ThrottlingException"},
            (
                "⌛ Not deleted web-1-2024-05-01: AWS did not carry it out within 15 minutes. "
                "AWS asked to slow down (ThrottlingException)."
            ),
        ),
        (
            State.FAILED,
            Why.AWS,
            {"code": "ExpiredTokenException", "about": "credentials"},
            (
                "❌ Not deleted web-1-2024-05-01: the bot could not get in. "
                "The bot's AWS credentials have expired (ExpiredTokenException)."
            ),
        ),
        (
            State.FAILED,
            Why.AWS,
            {"code": "", "operation": "6f1e", "message": ""},
            "❌ Not deleted web-1-2024-05-01: AWS's operation failed.",
        ),
        (
            State.FAILED,
            Why.AWS,
            {"code": "", "operation": "6f1e", "ended_as": "Cancelled"},
            "❌ Not deleted web-1-2024-05-01: AWS's operation ended as Cancelled.",
        ),
    ],
)
def test_the_reason_is_told_with_its_facts(state: State, why: Why, facts: dict[str, str], words: str) -> None:
    assert said(state, why, facts) == words


def test_after_a_call_that_was_not_carried_out_the_snapshot_is_said_to_be_there() -> None:
    assert said(State.FAILED, Why.UNSENT).endswith("within 15 minutes, and it is still there.")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "AWS's answer to our call was lost"),
        ({"code": "ReadTimeoutError"}, "AWS's answer to our call was lost"),
        ({"code": "ServiceException"}, "AWS had an error of its own (ServiceException)"),
        ({"code": "NoOperation"}, "AWS took the call, but did not say what it made of it (NoOperation)"),
        ({"operation": "6f1e", "status": "Started"}, "AWS never gave a final answer (its last word: Started)"),
        ({"operation": "6f1e, 7a2b", "status": "Started, "}, "AWS never gave a final answer"),
    ],
)
def test_what_was_left_open_is_not_claimed_to_be_our_deletion(facts: dict[str, str], words: str) -> None:
    assert f"it is gone. {words}, so we cannot say whether it was our call" in said(State.DELETED, Why.LOST, facts)


def test_a_new_snapshot_of_the_name_is_told_to_be_left_alone() -> None:
    words = said(State.DELETED, Why.LOST, {"other_created_at": "2026-11-23T09:12:00+00:00"})

    assert words.endswith("A new snapshot of that name, taken 23 Nov 2026 09:12 UTC, was left alone.")


@pytest.mark.parametrize("why", [Why.NOBODY, Why.STALE, Why.UNSENT, Why.REPLACED, Why.AWS])
def test_what_came_too_late_can_be_asked_for_again_by_its_number(why: Why) -> None:
    assert "`/snapshot delete D-7F2KQ`" in endings.advice(gallery.deletion(State.EXPIRED, why=why))


def test_whose_role_may_not_delete_is_told_what_it_needs_and_which_tags_there_are() -> None:
    facts = {"code": "AccessDeniedException", "aws_action": "DeleteInstanceSnapshot"}
    advice = endings.advice(gallery.deletion(State.FAILED, why=Why.AWS, facts=facts))

    assert "its AWS role needs `lightsail:DeleteInstanceSnapshot`" in advice
    assert "its tags are `env=staging`" in advice


def test_whose_snapshot_has_no_tags_is_told_so() -> None:
    bare = Snapshot("arn", "web-1", "us-east-1", gallery._TAKEN, "available")
    refused = gallery.deletion(State.FAILED, why=Why.AWS, facts={"code": "AccessDeniedException"}, of=bare)

    assert "it has no tags" in endings.advice(refused)


def test_bad_credentials_are_for_whoever_runs_the_bot_to_mend() -> None:
    facts = {"code": "ExpiredTokenException", "about": "credentials"}
    refused = gallery.deletion(State.FAILED, why=Why.AWS, facts=facts)

    assert endings.advice(refused).startswith("Whoever runs the bot has to mend its AWS credentials.")


def test_what_aws_will_never_take_is_left_to_the_console() -> None:
    refused = gallery.deletion(State.FAILED, why=Why.AWS, facts={"code": "InvalidInputException"})

    assert endings.advice(refused).endswith("Delete it in the Lightsail console, if it must go.")


@pytest.mark.parametrize("why", [Why.CONFIRMED, Why.PERSON, Why.LOST, Why.GONE])
def test_where_nothing_is_to_be_done_nothing_is_advised(why: Why) -> None:
    assert endings.advice(gallery.deletion(State.FAILED, why=why)) == ""


def test_savings_are_up_to() -> None:
    assert endings.saved(gallery.deletion(State.DELETED)) == "Up to $2.00 a month saved."


def test_savings_are_not_guessed() -> None:
    bare = Snapshot("arn", "web-1", "us-east-1", gallery._TAKEN, "available")

    assert endings.saved(gallery.deletion(State.DELETED, of=bare)) == ""


@pytest.mark.parametrize("objection", list(gallery.objections()))
def test_every_guard_has_words(objection: Objection) -> None:
    told = "26 Nov 2026 10:15 UTC" if objection.guard is Guard.TOO_YOUNG else objection.fact

    assert told in endings.guard_words(objection, PLAIN)


def test_the_gallery_shows_every_guard() -> None:
    assert {one.guard for one in gallery.objections()} == set(Guard)
