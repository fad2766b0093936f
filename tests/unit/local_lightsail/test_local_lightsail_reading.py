"""What can be read, and how it is written."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError

from bot.sandbox.lightsail import Control, Disk
from tests.unit.local_lightsail.conftest import (
    BEGIN,
    FAILING,
    Watch,
    code_of,
    delete,
    refused,
    seen,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_lightsail import LightsailClient


def test_a_snapshot_is_answered_with_every_field_of_the_api(client: LightsailClient, aws: Control) -> None:
    aws.instance("web-1", blueprint_id="debian_12", bundle_id="small_3_0")
    aws.snapshot(
        "web-1-2024-05-01",
        of="web-1",
        size_gb=60,
        created_at=datetime(2024, 5, 1, 9, 30, tzinfo=UTC),
        tags={"env": "staging", "no_delete": ""},
        auto=True,
        disks=[Disk("data", 8)],
    )

    told = client.get_instance_snapshot(instanceSnapshotName="web-1-2024-05-01")["instanceSnapshot"]

    of = client.get_instance(instanceName="web-1")["instance"]
    assert re.fullmatch(r"arn:aws:lightsail:us-east-1:123456789012:InstanceSnapshot/[0-9a-f-]{36}", told["arn"])
    assert re.fullmatch(r"123456789012/snap-0[0-9a-f]{16}", told["supportCode"])
    assert told == {
        "name": "web-1-2024-05-01",
        "arn": told["arn"],
        "supportCode": told["supportCode"],
        "createdAt": datetime(2024, 5, 1, 9, 30, tzinfo=UTC),
        "location": {"availabilityZone": "all", "regionName": "us-east-1"},
        "resourceType": "InstanceSnapshot",
        "tags": [{"key": "env", "value": "staging"}, {"key": "no_delete"}],
        "state": "available",
        "fromAttachedDisks": [{"name": "data", "path": "/dev/xvdf", "sizeInGb": 8, "isSystemDisk": False}],
        "fromInstanceName": "web-1",
        "fromInstanceArn": of["arn"],
        "fromBlueprintId": "debian_12",
        "fromBundleId": "small_3_0",
        "isFromAutoSnapshot": True,
        "sizeInGb": 60,
    }


def test_the_wire_names_every_field_that_botocore_knows_of_a_snapshot(
    client: LightsailClient,
    aws: Control,
) -> None:
    row = aws.snapshot("web-1-a", of="web-1")
    known = client.meta.service_model.shape_for("InstanceSnapshot").members  # type: ignore[attr-defined]

    assert set(row.wire()) | {"progress"} == set(known)


def test_the_wire_names_every_field_that_botocore_knows_of_a_failed_operation(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    aws.pace(FAILING)
    operation = delete(client, snapshot)
    watch.wait(1)
    known = client.meta.service_model.shape_for("Operation").members  # type: ignore[attr-defined]

    assert set(seen(client, operation)) - {"ResponseMetadata"} == set(known) - {"operationDetails"}


def test_a_snapshot_whose_instance_is_gone_still_names_it(client: LightsailClient, aws: Control) -> None:
    aws.snapshot("old-1", of="web-0")

    told = client.get_instance_snapshot(instanceSnapshotName="old-1")["instanceSnapshot"]

    assert told["fromInstanceName"] == "web-0"
    assert ":Instance/" in told["fromInstanceArn"]


def test_a_snapshot_has_the_state_it_was_given(client: LightsailClient, aws: Control) -> None:
    aws.snapshot("web-1-a", of="web-1", state="pending")

    told = client.get_instance_snapshot(instanceSnapshotName="web-1-a")["instanceSnapshot"]

    assert told["state"] == "pending"


def test_what_the_control_returns_is_what_the_api_tells(client: LightsailClient, aws: Control) -> None:
    row = aws.snapshot("web-1-a", of="web-1", created_at=BEGIN)

    told = client.get_instance_snapshot(instanceSnapshotName="web-1-a")["instanceSnapshot"]

    assert (told["arn"], told["createdAt"]) == (row.arn, row.created_at)


def test_time_is_told_to_the_millisecond_and_kept_so(
    client: LightsailClient,
    aws: Control,
    watch: Watch,
) -> None:
    watch.now = BEGIN.replace(microsecond=123_999)
    row = aws.snapshot("web-1-a", of="web-1")

    told = client.get_instance_snapshot(instanceSnapshotName="web-1-a")["instanceSnapshot"]

    assert told["createdAt"] == row.created_at == BEGIN.replace(microsecond=123_000)


def test_an_instance_is_answered_with_its_state_and_disk(client: LightsailClient, aws: Control) -> None:
    aws.instance("web-1", tags={"env": "prod"})

    told = client.get_instance(instanceName="web-1")["instance"]

    assert told["state"] == {"code": 16, "name": "running"}
    assert told["hardware"]["disks"][0]["sizeInGb"] == 40
    assert told["tags"] == [{"key": "env", "value": "prod"}]


@pytest.mark.parametrize("name", ["WEB-1-A", "web-1-b"])
def test_a_name_that_is_not_there_is_not_found(client: LightsailClient, aws: Control, name: str) -> None:
    aws.snapshot("web-1-a", of="web-1")

    error = refused(client.get_instance_snapshot, instanceSnapshotName=name)

    assert error.response["Error"]["Code"] == "NotFoundException"
    assert error.response["Error"]["Message"] == f"The InstanceSnapshot does not exist: {name}"


@pytest.mark.usefixtures("aws")
def test_an_error_has_the_fields_of_botocores_model_and_status_400(
    client: LightsailClient,
) -> None:
    with pytest.raises(client.exceptions.NotFoundException) as caught:
        client.get_instance_snapshot(instanceSnapshotName="web-1-a")

    answer = cast("dict[str, object]", caught.value.response)
    assert answer["code"] == "DoesNotExist"
    assert answer["docs"]
    assert answer["tip"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_snapshot_is_no_instance(client: LightsailClient, snapshot: str) -> None:
    assert code_of(client.get_instance, instanceName=snapshot) == "NotFoundException"


@pytest.mark.usefixtures("snapshot")
def test_an_instance_is_no_snapshot(client: LightsailClient) -> None:
    assert code_of(client.get_instance_snapshot, instanceSnapshotName="web-1") == "NotFoundException"


@pytest.mark.parametrize("name", ["a", "-web", "web-", ".web", "we b", "wéb", "web/1", "w" * 256, "web\n"])
@pytest.mark.usefixtures("aws")
def test_a_bad_name_is_invalid_input(client: LightsailClient, name: str) -> None:
    assert code_of(client.get_instance_snapshot, instanceSnapshotName=name) == "InvalidInputException"


@pytest.mark.parametrize("name", ["ab", "_a", "a.b-c_d", "1-2", "w" * 255])
def test_a_good_name_is_taken(client: LightsailClient, aws: Control, name: str) -> None:
    aws.snapshot(name, of="web-1")

    assert client.get_instance_snapshot(instanceSnapshotName=name)["instanceSnapshot"]["name"] == name


def test_regions_do_not_see_each_other(connect: Callable[[str], LightsailClient], aws: Control) -> None:
    aws.snapshot("web-1-a", of="web-1", region="eu-west-1")

    assert code_of(connect("us-east-1").get_instance_snapshot, instanceSnapshotName="web-1-a") == "NotFoundException"
    found = connect("eu-west-1").get_instance_snapshot(instanceSnapshotName="web-1-a")["instanceSnapshot"]
    assert found["location"]["regionName"] == "eu-west-1"


@pytest.mark.usefixtures("aws")
def test_a_region_without_lightsail_does_not_answer(
    connect: Callable[[str], LightsailClient],
) -> None:
    with pytest.raises(ConnectionClosedError):
        connect("us-west-1").get_instances()


@pytest.mark.usefixtures("aws")
def test_the_regions_are_those_that_botocore_has_an_endpoint_for(
    client: LightsailClient,
) -> None:
    regions = client.get_regions()["regions"]

    assert {region["name"] for region in regions} == set(boto3.Session().get_available_regions("lightsail"))
    assert {region["displayName"] for region in regions} >= {"Virginia", "Frankfurt"}
    assert not any(region["availabilityZones"] for region in regions)


@pytest.mark.usefixtures("aws")
def test_regions_tell_their_zones_when_asked(client: LightsailClient) -> None:
    first = client.get_regions(includeAvailabilityZones=True)["regions"][0]

    assert first["availabilityZones"] == [{"zoneName": f"{first['name']}a", "state": "available"}]


# ---- pages


def test_a_list_that_fits_on_a_page_has_no_token(client: LightsailClient, aws: Control) -> None:
    aws.page_size(2)
    aws.snapshot("web-1-a", of="web-1")
    aws.snapshot("web-1-b", of="web-1")

    answer = client.get_instance_snapshots()

    assert [row["name"] for row in answer["instanceSnapshots"]] == ["web-1-a", "web-1-b"]
    assert "nextPageToken" not in answer


def test_snapshots_come_in_pages(client: LightsailClient, aws: Control) -> None:
    aws.page_size(2)
    names = [aws.snapshot(f"web-1-{letter}", of="web-1").name for letter in "abcde"]

    pages = list(client.get_paginator("get_instance_snapshots").paginate())

    assert [len(page["instanceSnapshots"]) for page in pages] == [2, 2, 1]
    assert [row["name"] for page in pages for row in page["instanceSnapshots"]] == names


def test_a_deletion_between_two_pages_skips_nothing(client: LightsailClient, aws: Control) -> None:
    aws.page_size(2)
    for letter in "abcd":
        aws.snapshot(f"web-1-{letter}", of="web-1")
    token = client.get_instance_snapshots()["nextPageToken"]
    aws.remove("web-1-b")

    rest = client.get_instance_snapshots(pageToken=token)["instanceSnapshots"]

    assert [row["name"] for row in rest] == ["web-1-c", "web-1-d"]


def test_instances_come_in_pages(client: LightsailClient, aws: Control) -> None:
    aws.page_size(1)
    aws.instance("web-1")
    aws.instance("web-2")

    pages = client.get_paginator("get_instances").paginate()

    assert [[row["name"] for row in page["instances"]] for page in pages] == [["web-1"], ["web-2"]]


def test_operations_come_in_pages_oldest_first(client: LightsailClient, aws: Control) -> None:
    aws.page_size(2)
    begun = [delete(client, aws.snapshot(f"web-1-{letter}", of="web-1").name)["id"] for letter in "abc"]

    pages = list(client.get_paginator("get_operations").paginate())

    assert [[operation["id"] for operation in page["operations"]] for page in pages] == [begun[:2], begun[2:]]


def test_operations_of_a_resource_come_in_pages_in_an_order_that_means_nothing(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.page_size(3)
    begun = [
        client.tag_resource(resourceName=snapshot, tags=[{"key": f"k{n}"}])["operations"][0]["id"] for n in range(4)
    ]

    first = client.get_operations_for_resource(resourceName=snapshot)
    rest = client.get_operations_for_resource(resourceName=snapshot, pageToken=first["nextPageToken"])

    told = [operation["id"] for operation in [*first["operations"], *rest["operations"]]]
    assert told == sorted(begun)


@pytest.mark.parametrize("token", ["x", "é", "_w=="])
@pytest.mark.usefixtures("aws")
def test_a_page_token_that_is_none_is_invalid_input(client: LightsailClient, token: str) -> None:
    assert code_of(client.get_instances, pageToken=token) == "InvalidInputException"


@pytest.mark.parametrize(
    ("listing", "field"),
    [
        ("get_instances", "instances"),
        ("get_instance_snapshots", "instanceSnapshots"),
        ("get_operations", "operations"),
    ],
)
def test_every_list_that_botocore_has_a_paginator_for_is_read_with_it(
    client: LightsailClient,
    aws: Control,
    listing: str,
    field: str,
) -> None:
    aws.page_size(1)
    for number in range(3):
        aws.instance(f"web-{number}")
        aws.snapshot(f"snap-{number}", of=f"web-{number}")
        client.tag_resource(resourceName=f"web-{number}", tags=[{"key": "env"}])
    pages = list(client.get_paginator(listing).paginate())  # type: ignore[call-overload]

    assert [len(page[field]) for page in pages] == [1, 1, 1]


def test_operations_of_a_resource_have_no_paginator_in_botocore(client: LightsailClient) -> None:
    assert not client.can_paginate("get_operations_for_resource")
