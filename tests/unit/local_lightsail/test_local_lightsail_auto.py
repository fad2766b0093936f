"""Automatic snapshots: by day, without names or tags, and copied to keep them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from tests.unit.local_lightsail.conftest import code_of, refused, seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_lightsail import LightsailClient
    from types_boto3_lightsail.type_defs import OperationTypeDef

    from bot.sandbox.lightsail import Control
    from tests.unit.local_lightsail.conftest import Watch

DAYS = [date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 21)]


@pytest.fixture
def instance(aws: Control) -> str:
    return aws.instance("web-1", tags={"env": "prod"}, auto_snapshots=DAYS).name


def days(client: LightsailClient, name: str) -> list[str]:
    return [auto["date"] for auto in client.get_auto_snapshots(resourceName=name)["autoSnapshots"]]


def delete_day(client: LightsailClient, name: str, day: str) -> OperationTypeDef:
    (operation,) = client.delete_auto_snapshot(resourceName=name, date=day)["operations"]
    return operation


def test_automatic_snapshots_are_told_newest_first(client: LightsailClient, instance: str) -> None:
    told = client.get_auto_snapshots(resourceName=instance)

    assert (told["resourceName"], told["resourceType"]) == ("web-1", "Instance")
    assert days(client, instance) == ["2026-11-22", "2026-11-21", "2026-11-20"]
    assert told["autoSnapshots"][0] == {
        "date": "2026-11-22",
        "createdAt": datetime(2026, 11, 22, 6, tzinfo=UTC),
        "status": "Success",
        "fromAttachedDisks": [],
    }


def test_the_wire_names_every_field_that_botocore_knows_of_an_automatic_snapshot(
    client: LightsailClient,
    instance: str,
) -> None:
    known = client.meta.service_model.shape_for("AutoSnapshotDetails").members  # type: ignore[attr-defined]

    assert set(client.get_auto_snapshots(resourceName=instance)["autoSnapshots"][0]) == set(known)


def test_automatic_snapshots_are_no_snapshots(client: LightsailClient, aws: Control, instance: str) -> None:
    assert instance
    assert client.get_instance_snapshots()["instanceSnapshots"] == []
    assert aws.snapshots() == []


def test_an_instance_tells_that_it_has_the_add_on(client: LightsailClient, instance: str) -> None:
    (add_on,) = client.get_instance(instanceName=instance)["instance"]["addOns"]

    assert (add_on["name"], add_on["status"], add_on["snapshotTimeOfDay"]) == ("AutoSnapshot", "Enabled", "06:00")


def test_an_instance_without_the_add_on_has_none(client: LightsailClient, aws: Control) -> None:
    aws.instance("web-2")

    assert "addOns" not in client.get_instance(instanceName="web-2")["instance"]
    assert days(client, "web-2") == []


def test_the_add_on_may_not_have_taken_one_yet(client: LightsailClient, aws: Control) -> None:
    aws.instance("web-2", auto_snapshots=[])

    assert client.get_instance(instanceName="web-2")["instance"]["addOns"]
    assert days(client, "web-2") == []


@pytest.mark.parametrize(
    "wrong",
    [["2026-11-31"], [date(2026, 11, 1)] * 2, [date(2026, 11, day) for day in range(1, 9)]],
)
def test_days_that_aws_would_not_have_are_refused(aws: Control, wrong: list[date | str]) -> None:
    with pytest.raises(ValueError, match=r"day|date"):
        aws.instance("web-2", auto_snapshots=wrong)


def test_days_may_be_texts(client: LightsailClient, aws: Control) -> None:
    aws.instance("web-2", auto_snapshots=["2026-11-22"])

    assert days(client, "web-2") == ["2026-11-22"]


def test_an_automatic_snapshot_is_deleted_by_its_day_when_the_operation_ends(
    client: LightsailClient,
    instance: str,
    watch: Watch,
) -> None:
    operation = delete_day(client, instance, "2026-11-21")
    before = days(client, instance)
    watch.wait(2)

    assert (operation["resourceName"], operation["resourceType"], operation["status"]) == (
        "web-1",
        "Instance",
        "NotStarted",
    )
    assert len(before) == 3
    assert days(client, instance) == ["2026-11-22", "2026-11-20"]
    assert seen(client, operation)["status"] == "Succeeded"


def test_after_a_failed_deletion_the_day_stays(client: LightsailClient, aws: Control, instance: str) -> None:
    aws.pace([("Failed", 0)])
    delete_day(client, instance, "2026-11-21")

    assert len(days(client, instance)) == 3


def test_two_days_can_be_deleted_side_by_side_and_one_only_once(
    client: LightsailClient,
    instance: str,
    watch: Watch,
) -> None:
    delete_day(client, instance, "2026-11-21")
    delete_day(client, instance, "2026-11-22")
    assert code_of(delete_day, client, instance, "2026-11-21") == "OperationFailureException"
    watch.wait(2)

    assert days(client, instance) == ["2026-11-20"]
    assert code_of(delete_day, client, instance, "2026-11-21") == "NotFoundException"


@pytest.mark.parametrize("day", ["2026-11-01", "2027-01-01"])
def test_a_day_without_an_automatic_snapshot_is_not_found(client: LightsailClient, instance: str, day: str) -> None:
    assert code_of(delete_day, client, instance, day) == "NotFoundException"


@pytest.mark.parametrize("day", ["yesterday", "2026-02-31", "20261121"])
def test_a_day_that_is_none_is_invalid_input(client: LightsailClient, instance: str, day: str) -> None:
    error = refused(delete_day, client, instance, day)

    assert error.response["Error"]["Code"] == "InvalidInputException"
    assert day in error.response["Error"]["Message"]


@pytest.mark.usefixtures("snapshot")
def test_only_instances_have_automatic_snapshots(client: LightsailClient) -> None:
    assert code_of(client.get_auto_snapshots, resourceName="web-1-2024-05-01") == "NotFoundException"
    assert code_of(client.get_auto_snapshots, resourceName="web-9") == "NotFoundException"


def test_automatic_snapshots_go_with_their_instance(client: LightsailClient, aws: Control, instance: str) -> None:
    aws.pace("at-once")
    client.delete_instance(instanceName=instance)

    assert code_of(client.get_auto_snapshots, resourceName=instance) == "NotFoundException"


# ---- copies


def test_an_automatic_snapshot_can_be_kept_as_a_manual_one(
    client: LightsailClient,
    aws: Control,
    instance: str,
    watch: Watch,
) -> None:
    (operation,) = client.copy_snapshot(
        sourceResourceName=instance,
        restoreDate="2026-11-21",
        targetSnapshotName="web-1-kept",
        sourceRegion="us-east-1",
    )["operations"]
    (before,) = aws.snapshots()
    watch.wait(2)

    told = client.get_instance_snapshot(instanceSnapshotName="web-1-kept")["instanceSnapshot"]
    assert (operation["operationType"], before.state) == ("CopySnapshot", "pending")
    assert (told["state"], told["isFromAutoSnapshot"], told["fromInstanceName"]) == ("available", True, "web-1")
    assert told["tags"] == []
    assert len(days(client, instance)) == 3


def test_the_newest_automatic_snapshot_can_be_asked_for(
    client: LightsailClient,
    aws: Control,
    instance: str,
    connect: Callable[[str], LightsailClient],
) -> None:
    aws.pace("at-once")
    connect("eu-west-1").copy_snapshot(
        sourceResourceName=instance,
        useLatestRestorableAutoSnapshot=True,
        targetSnapshotName="web-1-kept",
        sourceRegion="us-east-1",
    )

    (row,) = aws.snapshots()
    assert (row.region, row.is_from_auto_snapshot) == ("eu-west-1", True)
    assert client.get_instance_snapshots()["instanceSnapshots"] == []


def test_a_manual_snapshot_can_be_copied_to_another_region(
    aws: Control,
    snapshot: str,
    connect: Callable[[str], LightsailClient],
) -> None:
    aws.pace("at-once")
    connect("eu-west-1").copy_snapshot(
        sourceSnapshotName=snapshot,
        targetSnapshotName="web-1-copy",
        sourceRegion="us-east-1",
    )

    copied, source = aws.snapshots()
    assert (copied.name, copied.region, copied.is_from_auto_snapshot) == ("web-1-copy", "eu-west-1", False)
    assert copied.from_instance_arn == source.from_instance_arn
    assert copied.arn != source.arn


def test_a_copy_that_fails_is_in_error(client: LightsailClient, aws: Control, snapshot: str) -> None:
    aws.pace([("Failed", 0)])
    client.copy_snapshot(sourceSnapshotName=snapshot, targetSnapshotName="web-1-copy", sourceRegion="us-east-1")

    assert {row.name: row.state for row in aws.snapshots()}["web-1-copy"] == "error"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ({}, "InvalidInputException"),
        ({"sourceSnapshotName": "web-1-a", "sourceResourceName": "web-1"}, "InvalidInputException"),
        ({"sourceSnapshotName": "web-1-a", "restoreDate": "2026-11-21"}, "InvalidInputException"),
        ({"sourceResourceName": "web-1"}, "InvalidInputException"),
        (
            {"sourceResourceName": "web-1", "restoreDate": "2026-11-21", "useLatestRestorableAutoSnapshot": True},
            "InvalidInputException",
        ),
        ({"sourceSnapshotName": "web-1-a", "sourceRegion": "us-west-1"}, "InvalidInputException"),
        ({"sourceSnapshotName": "web-1-a"}, "NotFoundException"),
        ({"sourceResourceName": "web-1", "restoreDate": "2026-01-01"}, "NotFoundException"),
    ],
)
@pytest.mark.usefixtures("instance")
def test_what_cannot_be_copied_is_refused(client: LightsailClient, source: dict[str, object], code: str) -> None:
    asked = {"targetSnapshotName": "web-1-copy", "sourceRegion": "us-east-1"} | source

    assert code_of(client.copy_snapshot, **asked) == code  # type: ignore[arg-type]


def test_a_copy_needs_a_free_name(client: LightsailClient, instance: str) -> None:
    assert (
        code_of(
            client.copy_snapshot,
            sourceResourceName=instance,
            useLatestRestorableAutoSnapshot=True,
            targetSnapshotName=instance,
            sourceRegion="us-east-1",
        )
        == "InvalidInputException"
    )
