"""The paces that have a name, moving operations by hand, and looking at them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.lightsail import LightsailError, Pace, Step
from tests.unit.local_lightsail.conftest import AWAY_ACCOUNT, BEGIN, HOME_ACCOUNT, code_of, delete, seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_lightsail import LightsailClient

    from bot.sandbox.lightsail import Control
    from tests.unit.local_lightsail.conftest import Sts, Watch


@pytest.mark.parametrize(
    ("pace", "told"),
    [
        ("at-once", {0: "Succeeded"}),
        ("fast", {0: "NotStarted", 0.499: "NotStarted", 0.5: "Started", 0.999: "Started", 1: "Succeeded"}),
        ("steps", {0: "NotStarted", 1: "Started", 2: "Succeeded"}),
        ("real", {0: "NotStarted", 0.999: "NotStarted", 1: "Started", 11.999: "Started", 12: "Succeeded"}),
        ("manual", {0: "NotStarted", 1_000_000: "NotStarted"}),
        ("never", {0: "Started", 1_000_000: "Started"}),
        ([("Started", 0), ("NotStarted", 1), ("Completed", 1)], {0: "Started", 1: "NotStarted", 2: "Completed"}),
        ([("Started", 0), ("Succeeded", None)], {0: "Started", 1_000_000: "Started"}),
    ],
)
def test_a_pace_has_its_statuses_at_their_times(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
    pace: str | list[tuple[str, float | None]],
    told: dict[float, str],
) -> None:
    aws.pace(pace)
    operation = delete(client, snapshot)
    found = {}
    for seconds in told:
        watch.now = BEGIN + timedelta(seconds=seconds)
        found[seconds] = str(seen(client, operation)["status"])

    assert found == told


def test_every_pace_that_has_a_name_is_in_the_table_above() -> None:
    (mark,) = [mark for mark in test_a_pace_has_its_statuses_at_their_times.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]

    assert {row[0] for row in mark.args[1] if isinstance(row[0], str)} == set(Pace)


def test_a_step_cannot_come_before_the_one_before_it(aws: Control) -> None:
    with pytest.raises(ValueError, match="pace"):
        aws.pace([("Started", 0), ("Succeeded", -1)])


def test_a_new_pace_leaves_operations_that_have_begun(client: LightsailClient, aws: Control, snapshot: str) -> None:
    aws.pace("manual")
    begun = delete(client, snapshot)
    aws.pace("fast")

    assert aws.operations()[0].next_at is None
    assert aws.advance(begun["id"]).status == "Started"


# ---- by hand


def test_a_manual_operation_moves_a_status_at_a_time_and_then_has_its_effect(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    aws.pace("manual")
    operation = delete(client, snapshot)
    watch.wait(60)
    first = aws.advance(operation["id"])
    watch.wait(60)
    still_there = bool(aws.snapshots())
    last = aws.advance(operation["id"])

    assert (first.status, first.is_terminal, first.can_advance) == ("Started", False, True)
    assert (last.status, last.is_terminal, last.can_advance) == ("Succeeded", True, False)
    assert (first.status_changed_at, last.status_changed_at) == (
        BEGIN + timedelta(seconds=60),
        BEGIN + timedelta(seconds=120),
    )
    assert (still_there, aws.snapshots()) == (True, [])
    assert seen(client, operation)["statusChangedAt"] == BEGIN + timedelta(seconds=120)


def test_an_operation_of_another_pace_can_be_hurried(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    aws.pace("real")
    operation = delete(client, snapshot)
    watch.wait(0.5)
    aws.advance(operation["id"])
    watch.wait(11)

    assert seen(client, operation)["status"] == "Succeeded"


@pytest.mark.parametrize("pace", ["never", "at-once"])
def test_nothing_comes_after_the_last_status(client: LightsailClient, aws: Control, snapshot: str, pace: str) -> None:
    aws.pace(pace)
    operation = delete(client, snapshot)

    with pytest.raises(ValueError, match="nothing comes after"):
        aws.advance(operation["id"])


@pytest.mark.parametrize("pace", ["never", "manual", "real"])
def test_an_operation_can_fail_at_any_time_before_its_end(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
    pace: str,
) -> None:
    aws.pace(pace)
    operation = delete(client, snapshot)
    watch.wait(5)

    view = aws.fail_operation(operation["id"], "SnapshotInUse", "It is being copied.")
    watch.wait(60)

    told = seen(client, operation)
    assert (view.status, view.error_code, view.error_details) == ("Failed", "SnapshotInUse", "It is being copied.")
    assert (told["status"], told["isTerminal"], told["errorCode"]) == ("Failed", True, "SnapshotInUse")
    assert told["statusChangedAt"] == BEGIN + timedelta(seconds=5)
    assert [row.name for row in aws.snapshots()] == [snapshot]


def test_after_a_failure_by_hand_another_deletion_may_be_tried(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.pace("never")
    operation = delete(client, snapshot)
    assert code_of(delete, client, snapshot) == "OperationFailureException"
    aws.fail_operation(operation["id"])

    assert delete(client, snapshot)["status"] == "Started"


def test_what_has_ended_cannot_fail(client: LightsailClient, aws: Control, snapshot: str) -> None:
    aws.pace("at-once")
    operation = delete(client, snapshot)

    with pytest.raises(ValueError, match="ended already"):
        aws.fail_operation(operation["id"])


def test_only_operations_that_are_there_can_be_moved(aws: Control) -> None:
    with pytest.raises(LightsailError, match="does not exist"):
        aws.advance("no-such-id")
    with pytest.raises(LightsailError, match="does not exist"):
        aws.fail_operation("no-such-id")


def test_a_created_snapshot_waits_for_the_hand_too(client: LightsailClient, aws: Control) -> None:
    aws.pace("manual")
    aws.instance("web-1")
    made, _ = client.create_instance_snapshot(instanceSnapshotName="web-1-a", instanceName="web-1")["operations"]
    aws.fail_operation(made["id"])

    assert [row.state for row in aws.snapshots()] == ["error"]


# ---- looking


def test_an_operation_is_shown_with_all_that_is_known_of_it(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    aws.pace([("NotStarted", 0), ("Started", 1), Step("Failed", 2, "X", "y")])
    operation = delete(client, snapshot)
    watch.wait(1)

    (view,) = aws.operations()

    assert (view.id, view.type, view.account, view.region) == (
        operation["id"],
        "DeleteInstanceSnapshot",
        HOME_ACCOUNT,
        "us-east-1",
    )
    assert (view.resource_name, view.resource_type) == (snapshot, "InstanceSnapshot")
    assert (view.status, view.is_terminal, view.error_code, view.error_details) == ("Started", False, None, None)
    assert (view.created_at, view.status_changed_at) == (BEGIN, BEGIN + timedelta(seconds=1))
    assert (view.can_advance, view.next_status, view.next_at) == (True, "Failed", BEGIN + timedelta(seconds=3))


def test_operations_of_all_regions_and_accounts_are_shown_oldest_first(
    aws: Control,
    connect: Callable[[str], LightsailClient],
    sts: Sts,
    acting: Callable[..., LightsailClient],
    watch: Watch,
) -> None:
    role = aws.account(AWAY_ACCOUNT).arn
    there = acting(sts.assume_role(RoleArn=role, RoleSessionName="ann")["Credentials"])
    begun = []
    for client, region, account in (
        (there, "us-east-1", AWAY_ACCOUNT),
        (connect("eu-west-1"), "eu-west-1", HOME_ACCOUNT),
        (connect("us-east-1"), "us-east-1", HOME_ACCOUNT),
    ):
        aws.snapshot("web-1-a", of="web-1", region=region, account=account)
        begun.append(delete(client, "web-1-a")["id"])
        watch.wait(1)

    assert [view.id for view in aws.operations()] == begun
    assert [view.id for view in aws.operations(AWAY_ACCOUNT)] == begun[:1]
    assert [view.region for view in aws.operations(account=HOME_ACCOUNT)] == ["eu-west-1", "us-east-1"]


def test_an_operation_of_another_account_can_be_moved(
    aws: Control,
    sts: Sts,
    acting: Callable[..., LightsailClient],
) -> None:
    aws.pace("manual")
    role = aws.account(AWAY_ACCOUNT).arn
    aws.snapshot("web-1-a", of="web-1", account=AWAY_ACCOUNT)
    there = acting(sts.assume_role(RoleArn=role, RoleSessionName="ann")["Credentials"])
    operation = delete(there, "web-1-a")
    aws.advance(operation["id"])
    aws.advance(operation["id"])

    assert aws.snapshots(account=AWAY_ACCOUNT) == []
