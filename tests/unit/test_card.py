"""The card of a deletion in every state."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model import Snapshot, Surroundings
from bot.slack import gallery
from bot.slack.blocks import Message
from bot.slack.card import DELETE, LOOK, STOP, card
from storage.tables import State, Why

SNAPSHOT = gallery._SNAPSHOT


def shown(message: Message) -> str:
    return json.dumps(list(message.blocks), ensure_ascii=False)


def buttons(message: Message) -> list[str]:
    return [
        str(element["action_id"])
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]  # type: ignore[attr-defined]
    ]


def pending(of: Snapshot = SNAPSHOT, around: Surroundings | None = None, reason: str = "old release") -> str:
    return shown(card(gallery.deletion(State.PENDING, of=of, around=around, reason=reason)))


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        (State.ASKING, [DELETE, STOP]),
        (State.PENDING, [DELETE, STOP]),
        (State.READY, [STOP]),
        (State.DELETING, []),
        (State.UNKNOWN, [LOOK]),
        (State.DELETED, []),
        (State.FAILED, []),
        (State.CANCELLED, []),
        (State.DENIED, []),
        (State.EXPIRED, []),
        (State.REFUSED, []),
    ],
)
def test_a_card_has_the_buttons_that_can_still_do_something(state: State, actions: list[str]) -> None:
    assert buttons(card(gallery.deletion(state, why=Why.PERSON))) == actions


@pytest.mark.parametrize("state", State)
def test_every_card_shows_the_number_of_its_deletion(state: State) -> None:
    message = card(gallery.deletion(state, why=Why.PERSON))

    assert "D-7F2KQ" in shown(message)
    assert message.text.endswith("D-7F2KQ")


@pytest.mark.parametrize("state", State)
def test_every_card_shows_the_name_first(state: State) -> None:
    first = card(gallery.deletion(state, why=Why.PERSON)).blocks[0]

    assert "`web-1-2024-05-01`" in json.dumps(first)


def test_a_card_that_is_being_posted_looks_like_one_that_waits() -> None:
    assert card(gallery.deletion(State.ASKING)) == card(gallery.deletion(State.PENDING))


def test_a_question_says_that_it_cannot_be_undone_who_can_confirm_and_until_when() -> None:
    message = card(gallery.deletion(State.PENDING))

    assert "This cannot be undone." in shown(message)
    assert "only ann can confirm" in shown(message)
    assert message.text.startswith("ann asks to delete snapshot web-1-2024-05-01 (us-east-1). Confirm by 10:30 UTC.")


def test_a_question_is_asked_once_more_in_a_dialog() -> None:
    assert "Delete web-1-2024-05-01? Taken 1 May 2024. This cannot be undone." in pending()


def test_the_facts_are_size_price_region_account_and_age() -> None:
    text = pending()

    assert "40 GB, up to $2.00 a month · us-east-1 · account 1234…9012" in text
    assert "Taken 1 May 2024 from web-1 (still exists). 3 others remain, the newest of 21 Nov 2026" in text
    assert "ann: “old release” · env=staging" in text


@pytest.mark.parametrize(
    ("around", "words"),
    [
        (Surroundings(), "from web-1"),
        (Surroundings(instance_exists=False, others=0), "(*no longer exists*). *It is the last one of that instance.*"),
        (Surroundings(True, 1, datetime(2026, 11, 21, tzinfo=UTC)), "1 other remains, of 21 Nov 2026"),  # noqa: FBT003
    ],
)
def test_what_is_left_around_a_snapshot_is_told(around: Surroundings, words: str) -> None:
    assert words in pending(around=around)


def test_what_is_not_known_is_not_told() -> None:
    text = pending(of=replace(SNAPSHOT, arn="arn", size_gb=None, instance_name=None, tags={}), reason="")

    assert "size unknown · us-east-1" in text
    assert "account" not in text
    assert "“" not in text


def test_a_snapshot_of_no_size_is_no_unknown_size() -> None:
    assert "0 GB, up to $0.00 a month" in pending(of=replace(SNAPSHOT, size_gb=0))


def test_key_only_tags_are_shown_by_their_key() -> None:
    assert "env=prod, no_backup" in pending(of=replace(SNAPSHOT, tags={"no_backup": "", "env": "prod"}))


def test_a_confirmed_one_can_be_stopped_until_aws_is_called() -> None:
    message = card(gallery.deletion(State.READY))

    assert message.text.startswith("⏳ Confirmed: web-1-2024-05-01 is about to be deleted.")
    assert "confirmed by ann" in shown(message)


def test_one_that_aws_makes_wait_says_why_and_until_when() -> None:
    text = card(gallery.deletion(State.READY, facts={"code": "ThrottlingException"})).text

    assert "AWS asked to slow down (ThrottlingException). Nothing is deleted yet. Trying until 10:31 UTC." in text


def test_one_under_way_says_since_when() -> None:
    assert card(gallery.deletion(State.DELETING)).text.startswith("⏳ Deleting web-1-2024-05-01 since 10:16 UTC.")


def test_what_is_not_known_yet_says_that_nothing_need_be_done_and_when_we_look_next() -> None:
    text = card(gallery.deletion(State.UNKNOWN)).text

    assert "It may or may not be deleted. You need do nothing" in text
    assert "Next look 10:21 UTC." in text


def test_without_a_next_look_none_is_promised() -> None:
    deletion = gallery.deletion(State.UNKNOWN)
    deletion.due_at = None

    assert "Next look" not in card(deletion).text
    assert "I have looked for a week and look no more by myself. Look again asks AWS once more." in card(deletion).text


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "AWS was called at 10:16 UTC, but gave no clear answer. It may or may not be deleted."),
        (
            {"operation": "6f1e", "status": "Started"},
            "gave no final answer (its last word: Started). It may or may not",
        ),
        ({"operation": "6f1e", "status": ""}, "AWS took the call at 10:16 UTC, but gave no final answer. It may"),
        ({"operation": "6f1e", "status": "Succeeded"}, "AWS says Succeeded, but still shows the snapshot."),
    ],
)
def test_what_is_not_known_yet_says_what_aws_last_said(facts: dict[str, str], words: str) -> None:
    assert words in card(gallery.deletion(State.UNKNOWN, facts=facts)).text


def test_an_answer_that_proves_nothing_is_on_the_card_while_it_is_looked_at() -> None:
    text = card(gallery.deletion(State.DELETING, facts={"code": "ServiceException"})).text

    assert "(ServiceException). I check whether it is still there before I try again." in text


def test_who_asked_and_confirmed_is_one_person_or_two() -> None:
    alone = gallery.deletion(State.DELETED, why=Why.CONFIRMED)
    two = gallery.deletion(State.DELETED, why=Why.CONFIRMED)
    two.decided_by, two.decided_name = "U061F7AUR", "bob"

    assert "Asked and confirmed by ann, " in shown(card(alone))
    assert "Asked by ann, confirmed by bob, " in shown(card(two))


def test_an_operation_of_aws_is_on_the_card_when_it_is_over() -> None:
    done = gallery.deletion(State.DELETED, why=Why.CONFIRMED, facts={"operation": "6f1e9a52"})

    assert "AWS operation 6f1e9a52" in shown(card(done))


def test_the_request_id_of_a_refusal_is_on_the_card() -> None:
    refused = gallery.deletion(State.FAILED, why=Why.AWS, facts={"code": "X", "request_id": "b1f0"})

    assert "AWS request b1f0" in shown(card(refused))
