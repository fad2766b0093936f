"""Answers that are broken: garbage, and JSON with other entries and fields than usual."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from bot.sandbox.lightsail import Control, Garbage
from bot.sandbox.lightsail.shapes import OPERATION_FIELDS, SNAPSHOT_FIELDS
from tests.unit.local_lightsail.conftest import code_of, refused, seen, status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from types_boto3_lightsail import LightsailClient

    from tests.unit.local_lightsail.conftest import Watch

BROKEN = [
    "DeleteInstanceSnapshot",
    "GetOperation",
    "GetOperationsForResource",
    "GetInstanceSnapshot",
    "GetInstanceSnapshots",
]


def ask(client: LightsailClient, action: str, snapshot: str, operation_id: str = "") -> Mapping[str, object]:
    """The action's call, on a snapshot that is there and an operation on it."""
    asks: dict[str, Callable[[], object]] = {
        "DeleteInstanceSnapshot": lambda: client.delete_instance_snapshot(instanceSnapshotName=snapshot),
        "GetOperation": lambda: client.get_operation(operationId=operation_id),
        "GetOperationsForResource": lambda: client.get_operations_for_resource(resourceName=snapshot),
        "GetInstanceSnapshot": lambda: client.get_instance_snapshot(instanceSnapshotName=snapshot),
        "GetInstanceSnapshots": client.get_instance_snapshots,
    }
    return cast("Mapping[str, object]", asks[action]())


@pytest.fixture
def operation_id(client: LightsailClient, aws: Control, snapshot: str) -> str:
    """An operation on the snapshot, which leaves it there."""
    aws.pace("at-once")
    return client.tag_resource(resourceName=snapshot, tags=[{"key": "env"}])["operations"][0]["id"]


@pytest.mark.parametrize("action", BROKEN)
def test_a_page_of_a_proxy_is_an_error_that_has_a_number_for_a_code(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    operation_id: str,
    action: str,
) -> None:
    aws.garble(action, "html")

    error = refused(ask, client, action, snapshot, operation_id)

    assert (error.response["Error"]["Code"], status_of(error)) == ("502", 502)


@pytest.mark.parametrize("action", BROKEN)
def test_an_empty_answer_is_one_without_fields(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    operation_id: str,
    action: str,
) -> None:
    aws.garble(action, "empty")

    assert set(ask(client, action, snapshot, operation_id)) == {"ResponseMetadata"}


@pytest.mark.parametrize("kind", ["truncated", "not-json"])
@pytest.mark.parametrize("action", BROKEN)
def test_what_is_no_json_has_no_fields(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    operation_id: str,
    action: str,
    kind: str,
) -> None:
    aws.garble(action, kind)

    assert set(ask(client, action, snapshot, operation_id)) == {"ResponseMetadata"}


@pytest.mark.parametrize("action", BROKEN)
def test_json_of_another_shape_breaks_botocore_itself(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    operation_id: str,
    action: str,
) -> None:
    aws.garble(action, "wrong-shape")

    with pytest.raises(AttributeError):
        ask(client, action, snapshot, operation_id)


@pytest.mark.parametrize("kind", Garbage)
def test_a_garbled_call_is_carried_out(client: LightsailClient, aws: Control, snapshot: str, kind: str) -> None:
    aws.pace("at-once")
    aws.garble("DeleteInstanceSnapshot", kind)
    with suppress(ClientError, AttributeError):
        ask(client, "DeleteInstanceSnapshot", snapshot)

    assert aws.snapshots() == []
    assert [(call.accepted, call.error, call.mischief) for call in aws.calls()] == [(True, None, ("garble",))]


@pytest.mark.parametrize("kind", Garbage)
def test_a_call_that_is_garbled_before_it_arrives_is_not(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    kind: str,
) -> None:
    aws.garble("DeleteInstanceSnapshot", kind, before=True)
    with suppress(ClientError, AttributeError):
        ask(client, "DeleteInstanceSnapshot", snapshot)

    assert aws.operations() == []
    assert [(call.accepted, call.error) for call in aws.calls()] == [(False, None)]


@pytest.mark.parametrize(("kind", "status"), [("html", 503), ("empty", 500), ("not-json", 500), ("truncated", 400)])
def test_garbage_may_come_with_another_status(client: LightsailClient, aws: Control, kind: str, status: int) -> None:
    aws.garble("GetInstances", kind, status=status)

    error = refused(client.get_instances)

    assert (error.response["Error"]["Code"], status_of(error)) == (str(status), status)


def test_a_refusal_can_be_garbled_too(client: LightsailClient, aws: Control) -> None:
    aws.fail("GetInstances", "ServiceException")
    aws.garble("GetInstances", "truncated")

    error = refused(client.get_instances)

    assert (error.response["Error"]["Code"], status_of(error)) == ("500", 500)
    assert [call.mischief for call in aws.calls()] == [("garble", "fail")]


def test_garbage_of_another_kind_is_refused(aws: Control) -> None:
    with pytest.raises(ValueError, match="xml"):
        aws.garble("GetInstances", "xml")


# ---- shapes


def entries(told: Mapping[str, object]) -> list[dict[str, object]]:
    (field,) = set(told) & {"operations", "operation", "instanceSnapshots", "instanceSnapshot"}
    found = told[field]
    return cast("list[dict[str, object]]", found if isinstance(found, list) else [found])


def test_the_fields_that_can_be_dropped_are_those_that_botocore_knows(client: LightsailClient) -> None:
    model: Any = client.meta.service_model

    assert set(model.shape_for("Operation").members) == OPERATION_FIELDS
    assert set(model.shape_for("InstanceSnapshot").members) == SNAPSHOT_FIELDS


@pytest.mark.parametrize("action", ["DeleteInstanceSnapshot", "GetOperationsForResource", "GetInstanceSnapshots"])
@pytest.mark.parametrize("count", [0, 2])
def test_a_list_has_as_many_entries_as_planned(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    operation_id: str,
    action: str,
    count: int,
) -> None:
    aws.shape(action, operations=count)

    assert len(entries(ask(client, action, snapshot, operation_id))) == count


@pytest.mark.parametrize("action", BROKEN)
def test_the_entries_can_be_missing_altogether(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    operation_id: str,
    action: str,
) -> None:
    aws.shape(action, operations="missing")

    assert set(ask(client, action, snapshot, operation_id)) == {"ResponseMetadata"}


def test_a_second_operation_can_be_asked_for_and_does_nothing(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    watch: Watch,
) -> None:
    aws.shape("DeleteInstanceSnapshot", operations=2)
    first, second = client.delete_instance_snapshot(instanceSnapshotName=snapshot)["operations"]
    watch.wait(2)

    assert first["id"] != second["id"]
    assert {seen(client, first)["status"], seen(client, second)["status"]} == {"Succeeded"}
    assert aws.snapshots() == []


def test_an_empty_list_stays_empty(client: LightsailClient, aws: Control) -> None:
    aws.shape("GetInstanceSnapshots", operations=2)

    assert client.get_instance_snapshots()["instanceSnapshots"] == []


@pytest.mark.parametrize("field", sorted(OPERATION_FIELDS - {"operationDetails", "errorCode", "errorDetails"}))
def test_each_field_of_an_operation_can_be_missing(
    client: LightsailClient,
    aws: Control,
    operation_id: str,
    field: str,
) -> None:
    aws.shape("GetOperation", drop=[field])

    dropped = set(client.get_operation(operationId=operation_id)["operation"])
    whole = set(client.get_operation(operationId=operation_id)["operation"])
    assert whole - dropped == {field}


@pytest.mark.parametrize("field", sorted(SNAPSHOT_FIELDS - {"progress"}))
def test_each_field_of_a_snapshot_can_be_missing(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    field: str,
) -> None:
    aws.shape("GetInstanceSnapshot", drop=[field])

    dropped = set(client.get_instance_snapshot(instanceSnapshotName=snapshot)["instanceSnapshot"])
    whole = set(client.get_instance_snapshot(instanceSnapshotName=snapshot)["instanceSnapshot"])
    assert whole - dropped == {field}


@pytest.mark.parametrize(
    ("action", "left"),
    [(action, {"name", "arn"} if action.startswith("GetInstance") else {"id", "status"}) for action in BROKEN],
)
def test_all_that_may_be_missing_can_be(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    operation_id: str,
    action: str,
    left: set[str],
) -> None:
    aws.shape(action, drop="*")

    (entry,) = entries(ask(client, action, snapshot, operation_id))

    assert set(entry) == left


def test_fields_can_be_put_over_those_that_are_there(client: LightsailClient, aws: Control, operation_id: str) -> None:
    aws.shape("GetOperation", extra={"errorCode": "Brand", "createdAt": None, "unheardOf": 1, "isTerminal": False})

    told = client.get_operation(operationId=operation_id)["operation"]

    assert (told["errorCode"], told["isTerminal"]) == ("Brand", False)
    assert not {"createdAt", "unheardOf"} & set(told)


@pytest.mark.parametrize(
    ("status", "is_terminal"),
    [("NotStarted", False), ("Started", False), ("Failed", True), ("Completed", True), ("SomethingNew", True)],
)
def test_a_status_can_go_back_or_be_new(
    client: LightsailClient,
    aws: Control,
    operation_id: str,
    status: str,
    is_terminal: bool,  # noqa: FBT001 (a table)
) -> None:
    aws.shape("GetOperation", status=status)

    told = client.get_operation(operationId=operation_id)["operation"]
    after = client.get_operation(operationId=operation_id)["operation"]
    assert (told["status"], told["isTerminal"]) == (status, is_terminal)
    assert after["status"] == "Succeeded"


def test_a_new_status_leaves_out_what_is_dropped(client: LightsailClient, aws: Control, operation_id: str) -> None:
    aws.shape("GetOperation", status="Started", drop=["isTerminal"])

    assert "isTerminal" not in client.get_operation(operationId=operation_id)["operation"]


@pytest.mark.parametrize("action", ["GetInstanceSnapshot", "GetInstanceSnapshots"])
def test_a_snapshot_can_be_in_a_state_that_nobody_knows(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    action: str,
) -> None:
    aws.shape(action, status="archiving")

    (entry,) = entries(ask(client, action, snapshot))

    assert entry["state"] == "archiving"


def test_a_shape_is_for_answers_and_not_for_refusals(client: LightsailClient, aws: Control, operation_id: str) -> None:
    aws.shape("GetOperation", status="SomethingNew")

    assert code_of(client.get_operation, operationId="no-such-id") == "NotFoundException"
    assert str(client.get_operation(operationId=operation_id)["operation"]["status"]) == "SomethingNew"


@pytest.mark.parametrize(
    ("action", "shape", "words"),
    [
        ("GetRegions", {"operations": 0}, "no other shape"),
        ("GetOperation", {"operations": 2}, "one entry"),
        ("GetOperations", {"operations": -1}, "number from 0"),
        ("GetOperations", {"operations": "none"}, "number from 0"),
        ("GetOperation", {"drop": ["isTerminl"]}, "isTerminl"),
        ("GetInstanceSnapshot", {"drop": ["isTerminal"]}, "isTerminal"),
    ],
)
def test_a_shape_that_an_answer_cannot_have_is_refused(
    aws: Control,
    action: str,
    shape: dict[str, object],
    words: str,
) -> None:
    with pytest.raises(ValueError, match=words):
        aws.shape(action, **shape)  # type: ignore[arg-type]
