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
    status_of,
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
    aws.slow("DeleteInstanceSnapshot", 30)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(delete, client, snapshot)
        while aws.snapshots():
            time.sleep(0.005)
        assert not answer.done()
        aws.heal()
        answer.result()


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


# ---- lost before anything is done


def test_a_call_that_is_dropped_before_it_arrives_is_not_carried_out(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.pace("at-once")
    aws.lose("DeleteInstanceSnapshot", before=True)

    with pytest.raises(ConnectionClosedError):
        delete(client, snapshot)

    (call,) = aws.calls()
    assert (call.accepted, call.error, call.mischief) == (False, None, ("lose",))
    assert aws.operations() == []
    assert delete(client, snapshot)["status"] == "Succeeded"


def test_a_call_that_would_be_refused_is_dropped_before_it_is(client: LightsailClient, aws: Control) -> None:
    aws.lose("GetInstance", before=True)

    with pytest.raises(ConnectionClosedError):
        client.get_instance(instanceName="web-9")


def test_a_record_says_what_was_planned_and_has_come_true(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.slow("DeleteInstanceSnapshot", 0)
    aws.lose("DeleteInstanceSnapshot")
    with pytest.raises(ConnectionClosedError):
        delete(client, snapshot)
    aws.fail("GetInstances", "ServiceException")
    refused(client.get_instances)

    assert [call.mischief for call in aws.calls()] == [("slow", "lose"), ("fail",)]


# ---- a region that is down


def test_a_region_that_is_down_does_not_answer_until_it_is_up(
    connect: Callable[[str], LightsailClient],
    aws: Control,
) -> None:
    aws.down("eu-west-1")

    for _ in range(3):
        with pytest.raises(ConnectionClosedError):
            connect("eu-west-1").get_instances()
    assert connect("us-east-1").get_instances()["instances"] == []
    aws.down("eu-west-1", up=True)
    assert connect("eu-west-1").get_instances()["instances"] == []


def test_nothing_is_done_and_nothing_recorded_in_a_region_that_is_down(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    aws.down("us-east-1")
    with pytest.raises(ConnectionClosedError):
        delete(client, snapshot)

    assert (aws.calls(), aws.operations()) == ([], [])
    assert [row.name for row in aws.snapshots()] == [snapshot]


def test_a_region_is_down_once_however_often_it_is_said(client: LightsailClient, aws: Control) -> None:
    aws.down("us-east-1")
    aws.down("us-east-1")
    aws.down("us-east-1", up=True)

    assert client.get_instances()["instances"] == []


def test_only_regions_that_are_served_can_be_down(aws: Control) -> None:
    with pytest.raises(ValueError, match="us-west-1"):
        aws.down("us-west-1")


# ---- a rate limit


def test_what_comes_faster_than_the_limit_is_throttled(client: LightsailClient, aws: Control, watch: Watch) -> None:
    aws.limit(2)
    told = [outcome_of(client) for _ in range(3)]
    watch.wait(0.5)
    told.append(outcome_of(client))

    assert told == ["fine", "fine", "ThrottlingException", "fine"]


def test_a_throttled_call_is_told_when_there_is_room_again(client: LightsailClient, aws: Control, watch: Watch) -> None:
    aws.limit(0.5)
    client.get_instances()
    watch.wait(0.5)

    error = refused(client.get_instances)

    assert error.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-retry-after"] == "1500"
    assert status_of(error) == 400
    assert aws.calls()[-1].mischief == ("limit",)


def test_more_may_be_let_through_at_once(client: LightsailClient, aws: Control) -> None:
    aws.limit(0.1, burst=4)

    assert [outcome_of(client) for _ in range(5)] == ["fine"] * 4 + ["ThrottlingException"]


def test_room_does_not_grow_beyond_the_burst(client: LightsailClient, aws: Control, watch: Watch) -> None:
    aws.limit(1)
    client.get_instances()
    watch.wait(3600)

    assert [outcome_of(client) for _ in range(2)] == ["fine", "ThrottlingException"]


def test_a_clock_that_goes_back_gives_no_room(client: LightsailClient, aws: Control, watch: Watch) -> None:
    aws.limit(1)
    client.get_instances()
    watch.wait(-3600)

    assert outcome_of(client) == "ThrottlingException"


def test_each_region_has_a_limit_of_its_own(connect: Callable[[str], LightsailClient], aws: Control) -> None:
    aws.limit(1)

    assert [outcome_of(connect(region)) for region in ("us-east-1", "eu-west-1")] == ["fine", "fine"]


def test_a_limit_can_be_lifted(client: LightsailClient, aws: Control) -> None:
    aws.limit(1)
    client.get_instances()
    aws.limit(None)

    assert [outcome_of(client) for _ in range(9)] == ["fine"] * 9


@pytest.mark.parametrize(("per_second", "burst"), [(0, None), (-1, 2), (1, 0.5)])
def test_a_limit_lets_something_through(aws: Control, per_second: float, burst: float | None) -> None:
    with pytest.raises(ValueError, match="limit"):
        aws.limit(per_second, burst=burst)


def outcome_of(client: LightsailClient) -> str:
    try:
        client.get_instances()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "fine"


# ---- what is armed


@pytest.mark.usefixtures("client")
def test_what_is_armed_can_be_looked_at(aws: Control) -> None:
    aws.fail("GetInstances", "ServiceException", times=3, region="eu-west-1", account="210987654321")
    aws.lose("DeleteInstanceSnapshot", before=True)
    aws.slow("GetOperation", 2.5, times=None)
    aws.garble("GetOperation", "html")
    aws.shape("GetOperation", drop=["createdAt"], status="SomethingNew")
    aws.down("eu-west-1")
    aws.credentials("expired")
    aws.limit(2)

    assert [(plan.kind, plan.action, plan.region, plan.account, plan.times) for plan in aws.armed()] == [
        ("fail", "GetInstances", "eu-west-1", "210987654321", 3),
        ("lose", "DeleteInstanceSnapshot", None, None, 1),
        ("slow", "GetOperation", None, None, None),
        ("garble", "GetOperation", None, None, 1),
        ("shape", "GetOperation", None, None, 1),
        ("down", None, "eu-west-1", None, None),
        ("credentials", None, None, "123456789012", None),
        ("limit", None, None, None, None),
    ]
    assert [dict(plan.details) for plan in aws.armed()] == [
        {
            "code": "ServiceException",
            "status": 500,
            "message": "Refused by the local Lightsail.",
            "retry_after": None,
        },
        {"before": True},
        {"seconds": 2.5},
        {"kind": "html", "status": None, "before": False},
        {"operations": None, "drop": ("createdAt",), "extra": None, "status": "SomethingNew"},
        {},
        {"credentials": "expired"},
        {"per_second": 2, "burst": 2},
    ]


def test_what_has_come_true_is_armed_no_more(client: LightsailClient, aws: Control) -> None:
    aws.fail("GetInstances", "ServiceException", times=2)
    refused(client.get_instances)
    left = [plan.times for plan in aws.armed()]
    refused(client.get_instances)

    assert (left, aws.armed()) == ([1], [])


def test_a_plan_without_an_end_lasts_until_it_is_healed(client: LightsailClient, aws: Control) -> None:
    aws.fail("GetInstances", "ServiceException", times=None)

    assert [code_of(client.get_instances) for _ in range(5)] == ["ServiceException"] * 5
    aws.heal()
    assert client.get_instances()["instances"] == []


def test_a_plan_for_no_times_is_none(client: LightsailClient, aws: Control) -> None:
    aws.fail("GetInstances", "ServiceException", times=0)

    assert aws.armed() == []
    assert client.get_instances()["instances"] == []


def test_a_plan_for_fewer_than_no_times_is_refused(aws: Control) -> None:
    with pytest.raises(ValueError, match="0 times"):
        aws.lose("GetInstances", times=-1)


def test_healing_forgets_all_that_is_planned_and_nothing_else(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
) -> None:
    client.get_instances()
    aws.pace("at-once")
    role = aws.account("210987654321")
    aws.fail("DeleteInstanceSnapshot", "ServiceException", times=9)
    aws.down("us-east-1")
    aws.credentials("unknown")
    aws.limit(0.001)

    aws.heal()

    assert aws.armed() == []
    assert delete(client, snapshot)["status"] == "Succeeded"
    assert [call.action for call in aws.calls()] == ["GetInstances", "DeleteInstanceSnapshot"]
    assert aws.account(role.account) == role


def test_healing_sends_late_answers_now(client: LightsailClient, aws: Control) -> None:
    aws.slow("GetInstances", 20)
    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(client.get_instances)
        while not aws.calls():
            time.sleep(0.005)
        aws.heal()
        late.result()

    assert time.monotonic() - started < 10
