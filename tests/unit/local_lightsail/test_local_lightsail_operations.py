"""Operations, and what happens when they end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.lightsail import Control, Pace
from tests.unit.local_lightsail.conftest import (
    BEGIN,
    FAILING,
    Watch,
    code_of,
    delete,
    seen,
)

if TYPE_CHECKING:
    from types_boto3_lightsail import LightsailClient


def test_operations_of_a_deleted_snapshot_are_kept(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.pace("at-once")
    operation = delete(client, snapshot)

    (kept,) = client.get_operations_for_resource(resourceName=snapshot)["operations"]

    assert kept["id"] == operation["id"]


def test_a_snapshot_that_nothing_was_done_to_has_no_operations(client: LightsailClient, snapshot: str) -> None:
    assert client.get_operations_for_resource(resourceName=snapshot)["operations"] == []


@pytest.mark.usefixtures("aws")
def test_operations_of_a_name_never_heard_of_are_not_found(client: LightsailClient) -> None:
    assert code_of(client.get_operations_for_resource, resourceName="web-9") == "NotFoundException"


def test_an_operation_never_heard_of_is_not_found(client: LightsailClient, snapshot: str) -> None:
    delete(client, snapshot)

    assert code_of(client.get_operation, operationId="no-such-id") == "NotFoundException"


def test_a_deletion_is_an_operation_on_the_snapshot(client: LightsailClient, snapshot: str) -> None:
    operation = delete(client, snapshot)

    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", operation["id"])
    assert operation == {
        "id": operation["id"],
        "resourceName": snapshot,
        "resourceType": "InstanceSnapshot",
        "createdAt": BEGIN,
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "isTerminal": False,
        "operationType": "DeleteInstanceSnapshot",
        "status": "NotStarted",
        "statusChangedAt": BEGIN,
    }


def test_an_operation_moves_on_with_the_clock_and_not_with_being_looked_at(
    client: LightsailClient,
    snapshot: str,
    watch: Watch,
) -> None:
    operation = delete(client, snapshot)
    told = []
    for wait in (0, 0, 0.999, 0.001, 0.999, 0.001, 60):
        watch.wait(wait)
        told.append(seen(client, operation)["status"])

    assert told == [
        "NotStarted",
        "NotStarted",
        "NotStarted",
        "Started",
        "Started",
        "Succeeded",
        "Succeeded",
    ]


def test_a_status_is_dated_when_it_came_and_not_when_it_is_read(
    client: LightsailClient,
    snapshot: str,
    watch: Watch,
) -> None:
    operation = delete(client, snapshot)
    watch.wait(60)

    assert seen(client, operation)["statusChangedAt"] == BEGIN + timedelta(seconds=2)


def test_a_snapshot_is_there_until_its_deletion_succeeds(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    delete(client, snapshot)
    watch.wait(1.999)
    before = client.get_instance_snapshots()["instanceSnapshots"]
    watch.wait(0.001)

    assert [row["name"] for row in before] == [snapshot]
    assert code_of(client.get_instance_snapshot, instanceSnapshotName=snapshot) == "NotFoundException"
    assert aws.snapshots() == []


def test_at_once_the_deletion_has_succeeded_in_its_first_answer(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.pace(Pace.AT_ONCE)

    operation = delete(client, snapshot)

    assert (operation["status"], operation["isTerminal"]) == ("Succeeded", True)
    assert aws.snapshots() == []


def test_after_a_failed_deletion_the_snapshot_stays_and_the_operation_says_why(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    aws.pace(FAILING)
    operation = delete(client, snapshot)
    watch.wait(1)

    told = seen(client, operation)

    assert (told["status"], told["isTerminal"]) == ("Failed", True)
    assert (told["errorCode"], told["errorDetails"]) == (
        "SnapshotInUse",
        "An instance is being made from it.",
    )
    assert [row.name for row in aws.snapshots()] == [snapshot]


def test_after_a_failed_deletion_another_may_be_tried(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    aws.pace(FAILING)
    delete(client, snapshot)
    watch.wait(1)

    assert delete(client, snapshot)["status"] == "NotStarted"


def test_completed_is_success(client: LightsailClient, aws: Control, snapshot: str) -> None:
    aws.pace([("Completed", 0)])

    assert delete(client, snapshot)["isTerminal"]
    assert aws.snapshots() == []


def test_a_status_that_nobody_knows_never_ends(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    aws.pace([("Started", 0), ("Pondering", 1)])
    operation = delete(client, snapshot)
    watch.wait(1_000_000)

    told = seen(client, operation)

    assert (told["status"], told["isTerminal"]) == ("Pondering", False)


def test_a_pace_holds_for_operations_that_begin_after_it_was_set(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    operation = delete(client, snapshot)
    aws.pace("at-once")

    assert seen(client, operation)["status"] == "NotStarted"


def test_a_second_deletion_while_the_first_is_under_way_is_an_operation_failure(
    client: LightsailClient,
    snapshot: str,
) -> None:
    delete(client, snapshot)

    assert code_of(delete, client, snapshot) == "OperationFailureException"


def test_a_second_deletion_after_the_first_is_not_found(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.pace("at-once")
    delete(client, snapshot)

    assert code_of(delete, client, snapshot) == "NotFoundException"


def test_a_deletion_leaves_the_snapshot_that_took_the_name_meanwhile(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    delete(client, snapshot)
    fresh = aws.replace(snapshot)
    watch.wait(2)

    assert aws.snapshots() == [fresh]


def test_a_deletion_of_what_the_console_deleted_meanwhile_still_succeeds(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    operation = delete(client, snapshot)
    aws.remove(snapshot)
    watch.wait(2)

    assert seen(client, operation)["status"] == "Succeeded"
