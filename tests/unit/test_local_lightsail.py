from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, ParamSpec, cast

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from moto import backend_index, backends, mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID

from bot.sandbox.lightsail import Call, Control, Disk, LightsailError, LocalLightsail, Pace, Step, install
from bot.sandbox.lightsail.desk import system_clock
from bot.sandbox.lightsail.models import LightsailBackend, lightsail_backends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from types_boto3_lightsail import LightsailClient
    from types_boto3_lightsail.type_defs import OperationTypeDef

BEGIN = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
KEY = "AKIALIGHTKEEPERLOCAL"
FAILING: list[tuple[str, float] | Step] = [
    ("NotStarted", 0),
    Step("Failed", 1, "SnapshotInUse", "An instance is being made from it."),
]

P = ParamSpec("P")


class Watch:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@cache
def client_of(region: str, url: str | None, read_timeout: float = 5) -> LightsailClient:
    session = boto3.session.Session(aws_access_key_id=KEY, aws_secret_access_key="secret")
    config = Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout)
    return session.client("lightsail", region_name=region, endpoint_url=url, config=config)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="module")
def server() -> Iterator[LocalLightsail]:
    with LocalLightsail() as local:
        yield local


@pytest.fixture(params=["mock_aws", "server"])
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[[str], LightsailClient]]:
    with ExitStack() as stack:
        url = None
        if request.param == "server":
            url = request.getfixturevalue("server").url
        else:
            install()
            stack.enter_context(mock_aws())
        yield lambda region: client_of(region, url)


@pytest.fixture
def aws(connect: Callable[[str], LightsailClient], watch: Watch) -> Control:  # noqa: ARG001 (moto comes first)
    return Control(clock=watch)


@pytest.fixture
def client(connect: Callable[[str], LightsailClient]) -> LightsailClient:
    return connect("us-east-1")


@pytest.fixture
def snapshot(aws: Control) -> str:
    aws.instance("web-1")
    return aws.snapshot("web-1-2024-05-01", of="web-1").name


def delete(client: LightsailClient, name: str) -> OperationTypeDef:
    (operation,) = client.delete_instance_snapshot(instanceSnapshotName=name)["operations"]
    return operation


def seen(client: LightsailClient, operation: OperationTypeDef) -> OperationTypeDef:
    return client.get_operation(operationId=operation["id"])["operation"]


def refused(ask: Callable[P, object], *args: P.args, **params: P.kwargs) -> ClientError:
    with pytest.raises(ClientError) as caught:
        ask(*args, **params)
    return caught.value


def code_of(ask: Callable[P, object], *args: P.args, **params: P.kwargs) -> str:
    return refused(ask, *args, **params).response["Error"]["Code"]


# ---- reading


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


# ---- operations


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


# ---- changing


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


# ---- answers


def test_every_answer_has_a_request_id_that_the_record_knows(client: LightsailClient, aws: Control) -> None:
    told = client.get_instances()["ResponseMetadata"]
    denied = refused(client.get_instance, instanceName="web-1").response["ResponseMetadata"]

    assert [call.request_id for call in aws.calls()] == [told["RequestId"], denied["RequestId"]]
    assert told["HTTPHeaders"]["x-amzn-requestid"] == told["RequestId"]


@pytest.mark.usefixtures("aws")
def test_every_answer_is_dated_by_the_clock(client: LightsailClient, watch: Watch) -> None:
    watch.wait(86_400)
    headers = client.get_instances()["ResponseMetadata"]["HTTPHeaders"]

    assert parsedate_to_datetime(headers["date"]) == BEGIN + timedelta(days=1)


def test_what_is_not_served_is_answered_with_a_json_error(client: LightsailClient, aws: Control) -> None:
    error = refused(client.get_bundles)

    assert error.response["Error"]["Code"] == "UnknownOperationException"
    assert [(call.action, call.error) for call in aws.calls()] == [
        ("GetBundles", "UnknownOperationException"),
    ]


def raw(server: LocalLightsail, body: str) -> tuple[int, dict[str, object]]:
    scope = "20261123/us-east-1/lightsail/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}",
        "X-Amz-Target": "Lightsail_20161128.GetInstances",
        "Content-Type": "application/x-amz-json-1.1",
    }
    return sent(urllib.request.Request(server.url, body.encode(), headers))


def sent(request: urllib.request.Request) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_request_without_a_body_is_one_without_fields(server: LocalLightsail, watch: Watch) -> None:
    aws = Control(clock=watch)

    assert raw(server, "") == (200, {"instances": []})
    assert aws.calls()[0].params == {}


@pytest.mark.parametrize("body", ["{", "[]"])
def test_a_request_that_is_no_json_object_is_told_so(server: LocalLightsail, body: str) -> None:
    status, told = raw(server, body)

    assert (status, told["__type"]) == (400, "SerializationException")


# ---- the control


def test_the_control_counts_calls_in_order_with_what_came_of_them(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    client.get_instance_snapshot(instanceSnapshotName=snapshot)
    watch.wait(1)
    refused(client.get_instance, instanceName="web-9")
    first, second = aws.calls()

    assert first == Call(
        action="GetInstanceSnapshot",
        account="123456789012",
        region="us-east-1",
        params={"instanceSnapshotName": snapshot},
        at=BEGIN,
        request_id=first.request_id,
        accepted=True,
        error=None,
    )
    assert (second.action, second.at, second.accepted, second.error) == (
        "GetInstance",
        BEGIN + timedelta(seconds=1),
        False,
        "NotFoundException",
    )


def test_the_calls_of_one_action_can_be_asked_for(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    client.get_instances()
    delete(client, snapshot)

    assert [call.params for call in aws.calls("DeleteInstanceSnapshot")] == [{"instanceSnapshotName": snapshot}]


def test_a_replaced_snapshot_has_another_arn_and_time(aws: Control, watch: Watch) -> None:
    old = aws.snapshot("web-1-a", of="web-1", size_gb=60, tags={"env": "prod"})
    watch.wait(60)

    new = aws.replace("web-1-a")

    assert new.arn != old.arn
    assert new.created_at == old.created_at + timedelta(seconds=60)
    assert (new.name, new.size_gb, new.tags) == (old.name, old.size_gb, old.tags)
    assert aws.snapshots() == [new]


def test_a_removed_snapshot_leaves_no_operation(client: LightsailClient, aws: Control, snapshot: str) -> None:
    aws.remove(snapshot)

    assert aws.snapshots() == []
    assert client.get_operations()["operations"] == []


def test_a_snapshot_is_replaced_and_removed_in_the_region_that_is_named(aws: Control) -> None:
    for region in ("us-east-1", "eu-west-1"):
        aws.snapshot("web-1-a", of="web-1", region=region)
    new = aws.replace("web-1-a", region="eu-west-1")
    aws.remove("web-1-a", region="us-east-1")

    assert aws.snapshots() == [new]


def test_snapshots_are_told_for_a_region_or_for_all(aws: Control) -> None:
    here = aws.snapshot("web-1-a", of="web-1", region="us-east-1")
    there = aws.snapshot("web-1-b", of="web-1", region="eu-west-1")

    assert aws.snapshots("eu-west-1") == [there]
    assert aws.snapshots() == [there, here]


def test_nothing_can_be_put_where_something_is(aws: Control, snapshot: str) -> None:
    with pytest.raises(LightsailError, match="already in use"):
        aws.instance(snapshot)


@pytest.mark.parametrize("pace", ["fast", [], [("Started", 1)]])
def test_a_pace_that_makes_no_sense_is_refused(aws: Control, pace: str | list[tuple[str, float]]) -> None:
    with pytest.raises(ValueError, match=r"Pace|pace"):
        aws.pace(pace)


def test_a_region_without_lightsail_cannot_be_used(aws: Control) -> None:
    with pytest.raises(ValueError, match="us-west-1"):
        aws.snapshot("web-1-a", of="web-1", region="us-west-1")


def test_a_fault_for_an_action_that_is_not_served_is_refused(aws: Control) -> None:
    with pytest.raises(ValueError, match="DeleteSnapshot"):
        aws.lose("DeleteSnapshot")


def test_a_reset_forgets_everything_but_the_clock(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    client.get_instance_snapshot(instanceSnapshotName=snapshot)
    aws.pace("at-once")
    aws.page_size(1)
    aws.fail("GetInstances", code="AccessDeniedException")

    aws.reset()

    assert (aws.snapshots(), aws.calls()) == ([], [])
    assert client.get_instances()["instances"] == []
    aws.snapshot("web-1-a", of="web-1")
    assert delete(client, "web-1-a")["createdAt"] == BEGIN


@pytest.mark.usefixtures("server")
def test_without_another_clock_it_is_the_time_of_this_machine() -> None:
    before = system_clock()
    row = Control().snapshot("web-1-a", of="web-1")

    assert before - timedelta(milliseconds=1) <= row.created_at <= system_clock()


def test_accounts_do_not_see_each_other(aws: Control) -> None:
    aws.snapshot("web-1-a", of="web-1")
    other: LightsailBackend = lightsail_backends["210987654321"]["us-east-1"]

    assert other.snapshots() == []


# ---- faults


def test_a_planned_failure_comes_before_anything_is_done(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.fail("DeleteInstanceSnapshot", code="AccessDeniedException", message="Not you.")

    error = refused(delete, client, snapshot)

    assert error.response["Error"] == {"Code": "AccessDeniedException", "Message": "Not you."}
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert (aws.calls()[0].accepted, aws.calls()[0].error) == (False, "AccessDeniedException")
    assert client.get_operations()["operations"] == []


def test_a_planned_failure_has_the_status_that_was_asked_for(client: LightsailClient, aws: Control) -> None:
    aws.fail("GetInstances", code="ServiceException", status=500)

    error = refused(client.get_instances)

    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_fault_comes_as_often_as_planned(client: LightsailClient, aws: Control) -> None:
    aws.fail("GetInstances", code="ThrottlingException", times=2)

    assert [code_of(client.get_instances) for _ in range(2)] == ["ThrottlingException"] * 2
    assert client.get_instances()["instances"] == []


def test_faults_of_one_action_come_in_the_order_in_which_they_were_planned(
    client: LightsailClient,
    aws: Control,
) -> None:
    aws.fail("GetInstances", code="ThrottlingException")
    aws.fail("GetInstances", code="ServiceException", status=500)

    assert [code_of(client.get_instances) for _ in range(2)] == ["ThrottlingException", "ServiceException"]


def test_a_fault_hits_only_its_region(connect: Callable[[str], LightsailClient], aws: Control) -> None:
    aws.fail("GetInstances", code="ServiceException", status=500, region="eu-west-1")

    assert connect("us-east-1").get_instances()["instances"] == []
    assert code_of(connect("eu-west-1").get_instances) == "ServiceException"


def test_a_lost_call_is_carried_out_and_its_connection_closed(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.pace("at-once")
    aws.lose("DeleteInstanceSnapshot")

    with pytest.raises(ConnectionClosedError):
        delete(client, snapshot)

    assert aws.snapshots() == []
    assert [call.accepted for call in aws.calls()] == [True]


def test_a_call_that_is_refused_is_not_lost(client: LightsailClient, aws: Control, snapshot: str) -> None:
    aws.lose("GetInstanceSnapshot")
    assert code_of(client.get_instance_snapshot, instanceSnapshotName="web-9-a") == "NotFoundException"
    with pytest.raises(ConnectionClosedError):
        client.get_instance_snapshot(instanceSnapshotName=snapshot)


def test_a_slow_call_is_carried_out_on_arrival_and_answered_late(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.pace("at-once")
    aws.slow("DeleteInstanceSnapshot", 0.15)
    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(delete, client, snapshot)
        while aws.snapshots():
            time.sleep(0.005)
        gone_after = time.monotonic() - started
        answer.result()

    assert gone_after < 0.15 <= time.monotonic() - started


def test_a_slow_region_leaves_the_others_quick(
    connect: Callable[[str], LightsailClient],
    aws: Control,
) -> None:
    aws.slow("GetInstances", 20, region="eu-west-1")
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(connect("eu-west-1").get_instances)
        while not aws.calls():
            time.sleep(0.005)
        quick = connect("us-east-1").get_instances()["instances"]
        still_waits = not late.done()
        aws.reset()  # sends the late answer now

        assert quick == late.result()["instances"] == []
    assert still_waits


def test_a_client_that_gives_up_on_a_slow_answer_finds_the_call_carried_out(
    server: LocalLightsail,
    watch: Watch,
) -> None:
    aws = Control(clock=watch)
    aws.pace("at-once")
    aws.snapshot("web-1-a", of="web-1")
    aws.slow("DeleteInstanceSnapshot", 20)

    with pytest.raises(ReadTimeoutError):
        delete(client_of("us-east-1", server.url, 0.1), "web-1-a")

    assert aws.snapshots() == []
    aws.reset()


def test_a_lost_answer_to_a_client_that_has_left_disturbs_nobody(
    server: LocalLightsail,
    watch: Watch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    aws = Control(clock=watch)
    aws.slow("GetInstances", 20)
    aws.lose("GetInstances")
    with pytest.raises(ReadTimeoutError):
        client_of("us-east-1", server.url, 0.1).get_instances()
    aws.reset()

    assert client_of("us-east-1", server.url).get_instances()["instances"] == []
    assert capfd.readouterr().err == ""


def test_many_deletions_side_by_side_are_each_carried_out_once(
    client: LightsailClient,
    aws: Control,
) -> None:
    aws.pace("at-once")
    names = [aws.snapshot(f"web-{n:02}", of="web-1").name for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda name: outcome(client, name), names * 4))

    assert sorted(answers) == ["NotFoundException"] * 24 + ["Succeeded"] * 8


def outcome(client: LightsailClient, name: str) -> str:
    try:
        return delete(client, name)["status"]
    except ClientError as error:
        return error.response["Error"]["Code"]


# ---- the server, and moto


def test_the_environment_is_all_that_a_process_needs(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    server: LocalLightsail,
    watch: Watch,
) -> None:
    Control(clock=watch).snapshot("web-1-a", of="web-1")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)

    session = boto3.session.Session()
    client = session.client("lightsail")

    assert [row["name"] for row in client.get_instance_snapshots()["instanceSnapshots"]] == ["web-1-a"]
    assert session.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_the_server_is_quiet(
    server: LocalLightsail,
    watch: Watch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    aws = Control(clock=watch)
    aws.lose("GetInstances")
    client = client_of("us-east-1", server.url)
    with pytest.raises(ConnectionClosedError):
        client.get_instances()
    client.get_instances()
    refused(client.get_bundles)

    assert capfd.readouterr() == ("", "")


def test_the_server_has_one_date_in_its_answer(server: LocalLightsail, watch: Watch) -> None:
    Control(clock=watch)
    with urllib.request.urlopen(f"{server.url}/moto-api/data.json") as answer:
        assert answer.headers.get_all("Date") == ["Mon, 23 Nov 2026 10:15:00 GMT"]


def test_a_stopped_server_has_left_its_port_and_can_be_asked_what_it_saw() -> None:
    with LocalLightsail() as aws:
        aws.snapshot("web-1-a", of="web-1")
        client_of("us-east-1", aws.url).get_instances()
    port = int(aws.url.rpartition(":")[2])

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert [call.action for call in aws.calls()] == ["GetInstances"]
    assert [row.name for row in aws.snapshots()] == ["web-1-a"]


def test_a_server_that_stops_does_not_wait_for_late_answers() -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        with LocalLightsail() as aws:
            aws.slow("GetInstances", 20)
            late = pool.submit(client_of("us-east-1", aws.url).get_instances)
            while not aws.calls():
                time.sleep(0.005)

        assert late.result()["instances"] == []
    assert time.monotonic() - started < 5


def test_a_port_can_be_chosen_and_is_free_again_after_a_stop() -> None:
    with LocalLightsail() as first:
        port = int(first.url.rpartition(":")[2])

    with LocalLightsail(port=port) as second:
        assert second.url == first.url


def test_a_port_that_is_taken_is_an_error_and_not_the_end_of_the_process(server: LocalLightsail) -> None:
    with pytest.raises(OSError, match="in use"):
        LocalLightsail(port=int(server.url.rpartition(":")[2]))


def test_a_reset_of_moto_is_a_reset_of_lightsail(server: LocalLightsail, watch: Watch) -> None:
    aws = Control(clock=watch)
    aws.snapshot("web-1-a", of="web-1")
    aws.fail("GetInstances", code="ServiceException")

    request = urllib.request.Request(f"{server.url}/moto-api/reset", method="POST")
    urllib.request.urlopen(request).close()

    assert aws.snapshots() == []
    assert client_of("us-east-1", server.url).get_instances()["instances"] == []


def test_the_end_of_mock_aws_forgets_planned_faults() -> None:
    install()
    with mock_aws():
        Control().fail("GetInstances", code="ServiceException")
    with mock_aws():
        assert client_of("us-east-1", None).get_instances()["instances"] == []


def test_installing_twice_is_installing_once() -> None:
    install()
    before = list(backend_index.backend_url_patterns)
    install()

    assert backend_index.backend_url_patterns == before


def test_moto_has_the_two_hooks_and_the_lock_that_the_local_lightsail_relies_on() -> None:
    fresh = "from moto.backend_index import *; assert 'lightsail' not in dict(backend_url_patterns)"
    subprocess.run([sys.executable, "-c", fresh], check=True)
    install()

    assert backends.get_service_from_url("https://lightsail.eu-west-1.amazonaws.com/") == "lightsail"
    assert backends.get_backend("lightsail") is lightsail_backends  # type: ignore[call-overload]
    assert "/" in lightsail_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].flask_paths


def test_the_server_of_a_fresh_process_answers_well_within_three_seconds() -> None:
    script = """
import time; started = time.process_time()  # so that a busy machine is no slow start
from urllib.request import Request, urlopen
from bot.sandbox.lightsail import LocalLightsail
with LocalLightsail() as aws:
    urlopen(Request(aws.url + "/moto-api/reset", method="POST")).close()
print(time.process_time() - started)
"""
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert float(told.stdout) < 3
    assert told.stderr == ""


# ---- the control over HTTP


def post(server: LocalLightsail, verb: str, body: str = "") -> tuple[int, dict[str, object]]:
    return sent(urllib.request.Request(f"{server.url}/local-lightsail/{verb}", body.encode()))


def test_a_snapshot_is_put_there_over_http(server: LocalLightsail, watch: Watch) -> None:
    aws = Control(clock=watch)
    when = "2024-05-01T09:30:00+00:00"
    arguments = {"name": "web-1-a", "of": "web-1", "created_at": when, "tags": {"env": "prod"}}

    status, told = post(server, "snapshot", json.dumps(arguments))

    (row,) = aws.snapshots()
    assert (row.name, row.created_at, row.tags) == (
        "web-1-a",
        datetime(2024, 5, 1, 9, 30, tzinfo=UTC),
        {"env": "prod"},
    )
    assert (status, told) == (200, {**asdict(row), "created_at": when, "from_attached_disks": []})


def test_a_pace_is_set_over_http(server: LocalLightsail, watch: Watch) -> None:
    Control(clock=watch).snapshot("web-1-a", of="web-1")

    status, _ = post(server, "pace", '{"pace": [["Pondering", 0]]}')

    assert status == 200
    assert str(delete(client_of("us-east-1", server.url), "web-1-a")["status"]) == "Pondering"


def test_the_calls_are_told_over_http(server: LocalLightsail, watch: Watch) -> None:
    Control(clock=watch)
    client_of("us-east-1", server.url).get_instances()

    _, told = post(server, "calls")

    (call,) = cast("list[dict[str, object]]", told)
    assert (call["action"], call["at"]) == ("GetInstances", BEGIN.isoformat())


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("explode", "", 404),
        ("remove", '{"name": "never-there"}', 400),
        ("remove", "{}", 400),
        ("remove", "[]", 400),
        ("remove", "{", 400),
        ("snapshots", '{"region": "us-west-1"}', 400),
    ],
)
def test_a_mistake_over_http_is_told(server: LocalLightsail, verb: str, body: str, status: int) -> None:
    code, told = post(server, verb, body)

    assert code == status
    assert told["error"]


def test_the_control_over_http_does_nothing_on_get(server: LocalLightsail) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        urllib.request.urlopen(f"{server.url}/local-lightsail/reset")
    caught.value.close()
