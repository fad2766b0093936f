"""Calls that are refused, lost or late."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from bot.sandbox.lightsail import Control, LocalLightsail
from tests.unit.local_lightsail.conftest import (
    Watch,
    client_of,
    code_of,
    delete,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_lightsail import LightsailClient


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
