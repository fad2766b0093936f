"""Lightsail's actions: a request's JSON in, an answer's JSON out."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from bot.sandbox.lightsail.desk import desk
from bot.sandbox.lightsail.errors import invalid
from bot.sandbox.lightsail.models import LightsailBackend, lightsail_backends
from bot.sandbox.lightsail.paging import page
from bot.sandbox.lightsail.resources import Operation, Resource, Snapshot, Wire, kept, present

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Params = dict[str, object]


class Action(StrEnum):
    """What is served; anything else is answered with UnknownOperationException."""

    GET_INSTANCE = "GetInstance"
    GET_INSTANCES = "GetInstances"
    GET_INSTANCE_SNAPSHOT = "GetInstanceSnapshot"
    GET_INSTANCE_SNAPSHOTS = "GetInstanceSnapshots"
    CREATE_INSTANCES = "CreateInstances"
    DELETE_INSTANCE = "DeleteInstance"
    CREATE_INSTANCE_SNAPSHOT = "CreateInstanceSnapshot"
    DELETE_INSTANCE_SNAPSHOT = "DeleteInstanceSnapshot"
    TAG_RESOURCE = "TagResource"
    UNTAG_RESOURCE = "UntagResource"
    GET_OPERATION = "GetOperation"
    GET_OPERATIONS = "GetOperations"
    GET_OPERATIONS_FOR_RESOURCE = "GetOperationsForResource"
    GET_REGIONS = "GetRegions"
    GET_AUTO_SNAPSHOTS = "GetAutoSnapshots"
    DELETE_AUTO_SNAPSHOT = "DeleteAutoSnapshot"
    COPY_SNAPSHOT = "CopySnapshot"


DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

# The console's names, which are shorter than those of the rest of AWS.
DISPLAY_NAMES = {
    "ap-east-1": "Hong Kong",
    "ap-northeast-1": "Tokyo",
    "ap-northeast-2": "Seoul",
    "ap-south-1": "Mumbai",
    "ap-southeast-1": "Singapore",
    "ap-southeast-2": "Sydney",
    "ap-southeast-3": "Jakarta",
    "ap-southeast-5": "Malaysia",
    "ca-central-1": "Montreal",
    "eu-central-1": "Frankfurt",
    "eu-north-1": "Stockholm",
    "eu-south-2": "Spain",
    "eu-west-1": "Ireland",
    "eu-west-2": "London",
    "eu-west-3": "Paris",
    "sa-east-1": "Sao Paulo",
    "us-east-1": "Virginia",
    "us-east-2": "Ohio",
    "us-west-2": "Oregon",
}
CONTINENTS = {"ap": "AS", "ca": "NA", "eu": "EU", "sa": "SA", "us": "NA"}


def get_instance(backend: LightsailBackend, params: Params) -> Wire:
    """One instance."""
    return {"instance": backend.instance(text(params, "instanceName")).wire()}


def get_instances(backend: LightsailBackend, params: Params) -> Wire:
    """Instances, a page."""
    return resources("instances", backend.instances(), params)


def get_instance_snapshot(backend: LightsailBackend, params: Params) -> Wire:
    """One snapshot."""
    return {"instanceSnapshot": backend.snapshot(text(params, "instanceSnapshotName")).wire()}


def get_instance_snapshots(backend: LightsailBackend, params: Params) -> Wire:
    """Snapshots, a page."""
    return resources("instanceSnapshots", backend.snapshots(), params)


def create_instances(backend: LightsailBackend, params: Params) -> Wire:
    """Instances of one blueprint and bundle, one for each name."""
    zone = text(params, "availabilityZone")
    if zone.rstrip("abcdef") != backend.region_name:
        raise invalid(f"{zone} is not an Availability Zone of {backend.region_name}.")
    return changed(
        backend.create_instance(
            name,
            blueprint_id=text(params, "blueprintId"),
            bundle_id=text(params, "bundleId"),
            zone=zone,
            tags=tags(params),
        )
        for name in texts(params, "instanceNames")
    )


def delete_instance(backend: LightsailBackend, params: Params) -> Wire:
    """Delete an instance; its snapshots stay."""
    return changed([backend.delete(backend.instance(text(params, "instanceName")))])


def create_instance_snapshot(backend: LightsailBackend, params: Params) -> Wire:
    """Take a snapshot."""
    name, source = text(params, "instanceSnapshotName"), text(params, "instanceName")
    return changed(backend.create_snapshot(name, of=source, tags=tags(params)))


def delete_instance_snapshot(backend: LightsailBackend, params: Params) -> Wire:
    """Delete a snapshot."""
    return changed([backend.delete(backend.snapshot(text(params, "instanceSnapshotName")))])


def tag_resource(backend: LightsailBackend, params: Params) -> Wire:
    """Add tags."""
    return changed([backend.tag(text(params, "resourceName"), tags(params))])


def untag_resource(backend: LightsailBackend, params: Params) -> Wire:
    """Take tags away."""
    return changed([backend.untag(text(params, "resourceName"), texts(params, "tagKeys"))])


def get_operation(backend: LightsailBackend, params: Params) -> Wire:
    """One operation, as it is now."""
    return {"operation": backend.ledger.find(text(params, "operationId")).wire(desk.now())}


def get_operations(backend: LightsailBackend, params: Params) -> Wire:
    """Operations from oldest to newest, a page."""
    order = {operation.id: f"{at:09}" for at, operation in enumerate(backend.ledger)}
    return operations(backend.ledger, lambda operation: order[operation.id], params)


def get_operations_for_resource(backend: LightsailBackend, params: Params) -> Wire:
    """A resource's operations in no order that means something, a page."""
    found = backend.operations_for(text(params, "resourceName"))
    return operations(found, lambda operation: operation.id, params)


def get_regions(backend: LightsailBackend, params: Params) -> Wire:
    """The regions that Lightsail has an endpoint in."""
    zones = bool(params.get("includeAvailabilityZones"))
    served = lightsail_backends[backend.account_id].regions
    return {"regions": [region(name, zones=zones) for name in served]}


def get_auto_snapshots(backend: LightsailBackend, params: Params) -> Wire:
    """The automatic snapshots of an instance; none without the add-on."""
    row = backend.instance(text(params, "resourceName"))
    return {
        "resourceName": row.name,
        "resourceType": row.kind,
        "autoSnapshots": [auto.wire() for auto in row.auto_snapshots or ()],
    }


def delete_auto_snapshot(backend: LightsailBackend, params: Params) -> Wire:
    """Delete the automatic snapshot of a day."""
    return changed([backend.delete_auto_snapshot(text(params, "resourceName"), day(text(params, "date")))])


def copy_snapshot(backend: LightsailBackend, params: Params) -> Wire:
    """Copy a snapshot, or keep an automatic one as a manual one."""
    return changed([backend.copy_snapshot(text(params, "targetSnapshotName"), to_copy(backend, params))])


ACTIONS: Mapping[Action, Callable[[LightsailBackend, Params], Wire]] = {
    Action.GET_INSTANCE: get_instance,
    Action.GET_INSTANCES: get_instances,
    Action.GET_INSTANCE_SNAPSHOT: get_instance_snapshot,
    Action.GET_INSTANCE_SNAPSHOTS: get_instance_snapshots,
    Action.CREATE_INSTANCES: create_instances,
    Action.DELETE_INSTANCE: delete_instance,
    Action.CREATE_INSTANCE_SNAPSHOT: create_instance_snapshot,
    Action.DELETE_INSTANCE_SNAPSHOT: delete_instance_snapshot,
    Action.TAG_RESOURCE: tag_resource,
    Action.UNTAG_RESOURCE: untag_resource,
    Action.GET_OPERATION: get_operation,
    Action.GET_OPERATIONS: get_operations,
    Action.GET_OPERATIONS_FOR_RESOURCE: get_operations_for_resource,
    Action.GET_REGIONS: get_regions,
    Action.GET_AUTO_SNAPSHOTS: get_auto_snapshots,
    Action.DELETE_AUTO_SNAPSHOT: delete_auto_snapshot,
    Action.COPY_SNAPSHOT: copy_snapshot,
}


def to_copy(backend: LightsailBackend, params: Params) -> Snapshot:
    """The snapshot that is to be copied; InvalidInputException where it is said twice or not at all."""
    name, instance = text(params, "sourceSnapshotName"), text(params, "sourceResourceName")
    restored, latest = text(params, "restoreDate"), bool(params.get("useLatestRestorableAutoSnapshot"))
    region = text(params, "sourceRegion")
    if region not in lightsail_backends[backend.account_id]:
        raise invalid(f"{region} is not a Region of Lightsail.")
    manual = name and not (instance or restored or latest)
    automatic = instance and not name and bool(restored) is not latest
    if not manual and not automatic:
        raise invalid("Name either a snapshot, or a resource with either a date or the latest automatic snapshot.")
    source: LightsailBackend = lightsail_backends[backend.account_id][region]
    source.ledger.settle()
    if name:
        return source.snapshot(name)
    row = source.instance(instance)
    return kept(row, source.auto_snapshot(row, day(restored) if restored else None))


def day(written: str) -> date:
    """The day in YYYY-MM-DD, or InvalidInputException."""
    try:
        if DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass  # such as the 31st of February
    raise invalid(f"{written} is not a date in YYYY-MM-DD format.")


def resources(field: str, rows: Iterable[Resource], params: Params) -> Wire:
    """A page of resources, by name."""
    shown, token = page(rows, lambda row: row.name, text(params, "pageToken"), desk.page_size)
    return present({field: [row.wire() for row in shown], "nextPageToken": token})


def operations(rows: Iterable[Operation], key: Callable[[Operation], str], params: Params) -> Wire:
    """A page of operations."""
    shown, token = page(rows, key, text(params, "pageToken"), desk.page_size)
    return present({**changed(shown), "nextPageToken": token})


def changed(begun: Iterable[Operation]) -> Wire:
    """The answer to a call that changes something."""
    return {"operations": [operation.wire(desk.now()) for operation in begun]}


def region(name: str, *, zones: bool) -> Wire:
    """A region as GetRegions writes it."""
    shown = DISPLAY_NAMES.get(name, name)
    return {
        "continentCode": CONTINENTS[name.partition("-")[0]],
        "description": f"This region is recommended to serve users near {shown}",
        "displayName": shown,
        "name": name,
        "availabilityZones": [{"zoneName": f"{name}a", "state": "available"}] if zones else [],
        "relationalDatabaseAvailabilityZones": [],
    }


def text(params: Params, field: str) -> str:
    """A text of the request; empty where there is none."""
    return cast("str", params.get(field) or "")


def texts(params: Params, field: str) -> list[str]:
    """A list of texts of the request."""
    return cast("list[str]", params.get(field) or [])


def tags(params: Params) -> dict[str, str]:
    """The tags of the request."""
    given = cast("list[dict[str, str]]", params.get("tags") or [])
    return {tag["key"]: tag.get("value", "") for tag in given}
