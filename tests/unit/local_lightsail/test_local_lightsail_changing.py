"""Creating, deleting and tagging."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.lightsail import Control, Step
from tests.unit.local_lightsail.conftest import (
    Watch,
    code_of,
    refused,
)

if TYPE_CHECKING:
    from types_boto3_lightsail import LightsailClient
    from types_boto3_lightsail.type_defs import OperationTypeDef


def test_a_created_snapshot_is_pending_and_then_available(
    client: LightsailClient,
    aws: Control,
    watch: Watch,
) -> None:
    aws.instance("web-1", bundle_id="large_3_0")
    client.create_instance_snapshot(
        instanceSnapshotName="web-1-a",
        instanceName="web-1",
        tags=[{"key": "env", "value": "prod"}],
    )
    (before,) = aws.snapshots()
    watch.wait(2)
    (after,) = aws.snapshots()

    assert (before.state, after.state) == ("pending", "available")
    assert (after.size_gb, after.tags, after.arn) == (160, {"env": "prod"}, before.arn)


def test_creating_a_snapshot_is_an_operation_on_it_and_one_on_its_instance(
    client: LightsailClient,
    aws: Control,
) -> None:
    aws.instance("web-1")

    begun = client.create_instance_snapshot(instanceSnapshotName="web-1-a", instanceName="web-1")["operations"]

    assert [(o["resourceName"], o["resourceType"], o["operationDetails"]) for o in begun] == [
        ("web-1-a", "InstanceSnapshot", "web-1"),
        ("web-1", "Instance", "web-1-a"),
    ]
    assert {o["operationType"] for o in begun} == {"CreateInstanceSnapshot"}


def test_a_snapshot_that_could_not_be_created_is_in_error(client: LightsailClient, aws: Control) -> None:
    aws.pace([Step("Failed")])
    aws.instance("web-1")
    client.create_instance_snapshot(instanceSnapshotName="web-1-a", instanceName="web-1")

    assert [row.state for row in aws.snapshots()] == ["error"]


def test_a_snapshot_that_was_removed_while_it_was_made_stays_away(
    client: LightsailClient,
    aws: Control,
    watch: Watch,
) -> None:
    aws.instance("web-1")
    client.create_instance_snapshot(instanceSnapshotName="web-1-a", instanceName="web-1")
    aws.remove("web-1-a")
    watch.wait(2)

    assert aws.snapshots() == []


@pytest.mark.usefixtures("aws")
def test_a_snapshot_cannot_be_taken_of_nothing(client: LightsailClient) -> None:
    assert (
        code_of(client.create_instance_snapshot, instanceSnapshotName="web-1-a", instanceName="web-1")
        == "NotFoundException"
    )


@pytest.mark.usefixtures("snapshot")
def test_a_name_that_anything_has_is_taken(client: LightsailClient) -> None:
    error = refused(client.create_instance_snapshot, instanceSnapshotName="web-1", instanceName="web-1")

    assert error.response["Error"]["Code"] == "InvalidInputException"
    assert error.response["Error"]["Message"] == "Some names are already in use: web-1"


def create(client: LightsailClient, *names: str, zone: str = "us-east-1a") -> list[OperationTypeDef]:
    return client.create_instances(
        instanceNames=names,
        availabilityZone=zone,
        blueprintId="ubuntu_24_04",
        bundleId="nano_3_0",
    )["operations"]


@pytest.mark.usefixtures("aws")
def test_created_instances_are_pending_and_then_running(
    client: LightsailClient,
    watch: Watch,
) -> None:
    begun = create(client, "web-1", "web-2")
    before = [row["state"]["name"] for row in client.get_instances()["instances"]]
    watch.wait(2)
    after = [row["state"]["name"] for row in client.get_instances()["instances"]]

    assert [operation["resourceName"] for operation in begun] == ["web-1", "web-2"]
    assert (before, after) == (["pending", "pending"], ["running", "running"])


def test_an_instance_that_could_not_be_created_is_not_there(client: LightsailClient, aws: Control) -> None:
    aws.pace([("Failed", 0)])
    create(client, "web-1")

    assert client.get_instances()["instances"] == []


@pytest.mark.usefixtures("aws")
def test_an_instance_is_created_in_a_zone_of_its_region(client: LightsailClient) -> None:
    assert code_of(create, client, "web-1", zone="eu-west-1a") == "InvalidInputException"


def test_a_deleted_instance_leaves_its_snapshots(client: LightsailClient, aws: Control, snapshot: str) -> None:
    aws.pace("at-once")
    (operation,) = client.delete_instance(instanceName="web-1")["operations"]

    assert operation["operationType"] == "DeleteInstance"
    assert operation["location"] == {"availabilityZone": "us-east-1a", "regionName": "us-east-1"}
    assert code_of(client.get_instance, instanceName="web-1") == "NotFoundException"
    assert [row.name for row in aws.snapshots()] == [snapshot]


def test_tags_are_added_and_changed_at_once(client: LightsailClient, aws: Control) -> None:
    aws.snapshot("web-1-a", of="web-1", tags={"env": "staging", "team": "red"})

    (operation,) = client.tag_resource(
        resourceName="web-1-a",
        tags=[{"key": "env", "value": "prod"}, {"key": "no_delete"}],
    )["operations"]

    assert (operation["status"], operation["isTerminal"]) == ("Succeeded", True)
    assert [row.tags for row in aws.snapshots()] == [{"env": "prod", "team": "red", "no_delete": ""}]


def test_tags_are_taken_away(client: LightsailClient, aws: Control) -> None:
    aws.snapshot("web-1-a", of="web-1", tags={"env": "staging", "team": "red"})

    client.untag_resource(resourceName="web-1-a", tagKeys=["env", "never-there"])

    assert [row.tags for row in aws.snapshots()] == [{"team": "red"}]


@pytest.mark.usefixtures("aws")
def test_only_what_is_there_can_be_tagged(client: LightsailClient) -> None:
    assert code_of(client.tag_resource, resourceName="web-1-a", tags=[{"key": "env"}]) == "NotFoundException"


def test_a_resource_has_at_most_fifty_tags(client: LightsailClient, snapshot: str) -> None:
    tags = [{"key": f"k{n}"} for n in range(51)]

    assert (
        code_of(client.tag_resource, resourceName=snapshot, tags=tags)  # type: ignore[arg-type]
        == "InvalidInputException"
    )
