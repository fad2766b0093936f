"""The hand on what there is, and on what was asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.lightsail import Call, Control, LightsailError
from bot.sandbox.lightsail.desk import system_clock
from bot.sandbox.lightsail.models import LightsailBackend, lightsail_backends
from tests.unit.local_lightsail.conftest import (
    BEGIN,
    Watch,
    delete,
    refused,
)

if TYPE_CHECKING:
    from types_boto3_lightsail import LightsailClient


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


@pytest.mark.parametrize("pace", ["slowly", [], [("Started", 1)]])
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
