"""What AWS can answer to the call, and what people then read."""

from datetime import timedelta

import pytest

from bot.sandbox import company
from bot.sandbox.lightsail import Step
from bot.sandbox.slack import Message
from tests.conftest import World

NAME = company.OLD_RELEASE


def confirmed(world: World) -> Message:
    """A card whose deletion Ann has confirmed."""
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    return card


def test_an_operation_that_fails_leaves_the_snapshot_and_says_why(world: World) -> None:
    world.aws.pace([("Started", 0), Step("Failed", 0.2, "SnapshotInUse", "It is being copied.")])

    card = confirmed(world)
    ended = world.reads(card, "❌ Not deleted").reads()
    thread = world.told(card, "AWS: Failed")

    assert "AWS's operation failed (SnapshotInUse). AWS says: “It is being copied”." in ended
    assert "error SnapshotInUse: It is being copied." in thread
    assert "@Ann" in world.told(card, "Not deleted")
    assert world.exists(NAME)


def test_an_operation_that_completes_has_succeeded(world: World) -> None:
    world.aws.pace([("Started", 0), ("Completed", 0.2)])

    card = confirmed(world)
    world.told(card, "AWS: Completed")

    world.reads(card, "✅ Deleted")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDeniedException", "AWS refused (AccessDeniedException). The bot's AWS role may not do this."),
        (
            "UnauthenticatedException",
            "the bot could not get in. AWS does not accept the bot's credentials (UnauthenticatedException).",
        ),
        ("InvalidInputException", "AWS refused (InvalidInputException). AWS did not accept the request."),
        ("SomethingNewException", "AWS refused (SomethingNewException). AWS answered with an error that"),
    ],
)
def test_a_refused_call_is_a_failure_in_words_and_is_not_repeated(world: World, code: str, words: str) -> None:
    world.aws.fail("DeleteInstanceSnapshot", code=code, message="Said by AWS.")

    card = confirmed(world)
    ended = world.reads(card, "❌ Not deleted").reads()

    assert words in ended
    assert "AWS says: “Said by AWS”." in ended
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1
    assert world.exists(NAME)


@pytest.mark.parametrize("code", ["ThrottlingException", "AccountSetupInProgressException"])
def test_what_was_not_executed_is_tried_again_and_told_once(world: World, code: str) -> None:
    world.aws.fail("DeleteInstanceSnapshot", code=code, times=2)

    card = confirmed(world)
    thread = world.told(card, "the snapshot is gone")

    assert thread.count("Nothing is deleted yet.") == 1
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 3
    assert world.deletes() == 1


def test_what_is_never_executed_expires_and_says_so(world: World) -> None:
    world.aws.fail("DeleteInstanceSnapshot", code="ThrottlingException", times=99)

    card = confirmed(world)
    world.told(card, "Nothing is deleted yet.")
    world.skip(minutes=16)

    ended = world.reads(card, "⌛ Not deleted").reads()
    assert "AWS did not carry it out within 15 minutes. AWS asked to slow down (ThrottlingException)." in ended


def test_a_waiting_deletion_can_still_be_stopped(world: World) -> None:
    world.aws.fail("DeleteInstanceSnapshot", code="ThrottlingException", times=99)

    card = confirmed(world)
    waiting = world.reads(card, "Waiting for AWS")
    world.staff.ann.clicks("Don't delete", message=waiting)

    world.reads(card, "cancelled by ann")
    assert world.exists(NAME)


def test_an_answer_that_was_lost_is_found_again_and_the_call_not_repeated(world: World) -> None:
    world.aws.pace([("Started", 0), ("Succeeded", 0.5)])
    world.aws.lose("DeleteInstanceSnapshot")

    card = confirmed(world)
    thread = world.told(card, "the snapshot is gone")

    assert "AWS: Succeeded" in thread
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1


def test_a_deletion_whose_answer_and_operation_are_lost_is_not_claimed_as_ours(world: World) -> None:
    world.aws.lose("DeleteInstanceSnapshot")
    world.aws.fail("GetOperationsForResource", code="NotFoundException", times=9)

    card = confirmed(world)
    ended = world.reads(card, "✅ Deleted").reads()

    assert "it is gone. AWS's answer to our call was lost, so we cannot say whether it was our call" in ended
    assert world.deletes() == 1


def test_a_new_snapshot_of_the_name_survives_the_recovery(world: World) -> None:
    world.aws.fail("DeleteInstanceSnapshot", code="ServiceException", status=500)
    world.aws.slow("DeleteInstanceSnapshot", 0)
    world.aws.fail("GetOperationsForResource", code="ServiceException", status=500, times=99)
    world.aws.fail("GetInstanceSnapshot", code="ServiceException", status=500, times=0)

    card = confirmed(world)
    world.slack.wait_for(lambda: world.aws.calls("GetOperationsForResource"), what="look")
    new = world.aws.replace(NAME)
    world.skip(seconds=31)
    ended = world.reads(card, "it is gone").reads()

    assert "A new snapshot of that name, taken" in ended
    assert new.arn in {snapshot.arn for snapshot in world.aws.snapshots()}
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1


def test_a_call_that_was_not_executed_is_repeated_half_a_minute_later(world: World) -> None:
    world.aws.fail("DeleteInstanceSnapshot", code="ServiceException", status=500)

    card = confirmed(world)
    world.slack.wait_for(lambda: world.aws.calls("GetOperationsForResource"), what="look")
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1
    world.skip(seconds=31)
    world.told(card, "the snapshot is gone")

    assert world.deletes() == 1


def test_a_protection_that_came_after_the_lost_answer_holds(world: World) -> None:
    world.aws.fail("DeleteInstanceSnapshot", code="ServiceException", status=500)

    card = confirmed(world)
    world.slack.wait_for(lambda: world.aws.calls("GetOperationsForResource"), what="look")
    permission = world.grant(world.staff.ann, "delete", deny=True)
    world.skip(seconds=31)
    world.reads(card, "Not known yet")
    world.skip(minutes=16)
    world.reads(card, "it is not allowed any more. A second person has to agree now.")

    assert permission.id
    assert world.deletes() == 0


def test_an_operation_failure_is_final_once_the_snapshot_is_seen_to_be_there(world: World) -> None:
    world.aws.fail("DeleteInstanceSnapshot", code="OperationFailureException", message="Not now.")

    card = confirmed(world)
    world.reads(card, "AWS refused (OperationFailureException)")

    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1


def test_an_operation_that_never_ends_becomes_not_known_and_blocks_a_second_ask(world: World) -> None:
    world.aws.pace([("Started", 0)])

    card = confirmed(world)
    world.told(card, "AWS: Started")
    world.skip(minutes=3)
    unknown = world.reads(card, "Not known yet").reads()
    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)

    assert "It may or may not be deleted. You need do nothing" in unknown
    assert "I keep looking" in world.told(card, "It is not known")
    world.hears(world.staff.ann, "AWS has not said yet whether it is gone.")


def test_what_was_not_known_is_told_when_it_is(world: World) -> None:
    world.aws.pace([("Started", 0)])

    card = confirmed(world)
    world.told(card, "AWS: Started")
    world.skip(minutes=3)
    world.reads(card, "Not known yet")
    world.aws.remove(NAME)
    world.skip(minutes=2)

    world.reads(
        card, "AWS never gave a final answer (its last word: Started), so we cannot say whether it was our call"
    )
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1


def test_a_lookup_that_aws_refuses_at_the_call_deletes_nothing(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.aws.fail("GetInstanceSnapshot", code="AccessDeniedException")

    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "AWS refused (AccessDeniedException)")

    assert world.aws.calls("DeleteInstanceSnapshot") == []


def test_an_old_yes_is_no_yes(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.aws.fail("GetInstanceSnapshot", code="ServiceException", status=500, times=3)

    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "Nothing is deleted yet.")
    world.clock.ahead += timedelta(minutes=16)
    world.wake()
    world.reads(card, "⌛ Not deleted")

    assert world.aws.calls("DeleteInstanceSnapshot") == []
