"""Answers with more, fewer or other entries and fields than usual."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from bot.sandbox.lightsail.actions import Action
from bot.sandbox.lightsail.pace import TERMINAL, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.lightsail.mischief import Shape
    from bot.sandbox.lightsail.resources import Wire

MISSING = "missing"
ALL = "*"

OPERATION_FIELDS = {
    "id",
    "resourceName",
    "resourceType",
    "createdAt",
    "location",
    "isTerminal",
    "operationDetails",
    "operationType",
    "status",
    "statusChangedAt",
    "errorCode",
    "errorDetails",
}
SNAPSHOT_FIELDS = {
    "name",
    "arn",
    "supportCode",
    "createdAt",
    "location",
    "resourceType",
    "tags",
    "state",
    "progress",
    "fromAttachedDisks",
    "fromInstanceName",
    "fromInstanceArn",
    "fromBlueprintId",
    "fromBundleId",
    "isFromAutoSnapshot",
    "sizeInGb",
}


class Entries(NamedTuple):
    """Where an answer has its entries, and what they look like."""

    field: str
    fields: set[str]
    kept: set[str]  # of these, AWS never leaves any out
    status: str
    listed: bool


OPERATIONS = Entries("operations", OPERATION_FIELDS, {"id", "status"}, "status", listed=True)
OPERATION = OPERATIONS._replace(field="operation", listed=False)
SNAPSHOTS = Entries("instanceSnapshots", SNAPSHOT_FIELDS, {"name", "arn"}, "state", listed=True)
SNAPSHOT = SNAPSHOTS._replace(field="instanceSnapshot", listed=False)

SHAPED = {
    Action.GET_INSTANCE_SNAPSHOT: SNAPSHOT,
    Action.GET_INSTANCE_SNAPSHOTS: SNAPSHOTS,
    Action.GET_OPERATION: OPERATION,
    Action.GET_OPERATIONS: OPERATIONS,
    Action.GET_OPERATIONS_FOR_RESOURCE: OPERATIONS,
    Action.CREATE_INSTANCE_SNAPSHOT: OPERATIONS,
    Action.DELETE_INSTANCE_SNAPSHOT: OPERATIONS,
    Action.DELETE_AUTO_SNAPSHOT: OPERATIONS,
    Action.COPY_SNAPSHOT: OPERATIONS,
    Action.TAG_RESOURCE: OPERATIONS,
    Action.UNTAG_RESOURCE: OPERATIONS,
}


def check(action: Action, shape: Shape) -> None:
    """ValueError where that action's answer cannot have the shape."""
    entries = SHAPED.get(action)
    if entries is None:
        raise ValueError(f"the answer of {action} has no other shape here; those have: {', '.join(sorted(SHAPED))}")
    if strange := sorted(set(shape.drop) - entries.fields - {ALL}):
        raise ValueError(f"an entry of {action} has no {strange[0]}")
    if shape.operations is None or shape.operations == MISSING:
        return
    if isinstance(shape.operations, str) or shape.operations < 0 or not entries.listed:
        how_many = "a number from 0, or missing" if entries.listed else "missing, as there is one entry"
        raise ValueError(f"the entries of {action} can be {how_many}")


def reshaped(action: Action, shape: Shape, body: Wire, twin: Callable[[str], Wire]) -> Wire:
    """The answer in that shape; `twin` makes another operation like the one with that id."""
    entries = SHAPED[action]
    rest = {field: value for field, value in body.items() if field != entries.field}
    if shape.operations == MISSING:
        return rest
    told = cast("list[Wire]", body[entries.field] if entries.listed else [body[entries.field]])
    if isinstance(shape.operations, int):
        told = _counted(told, shape.operations, twin)
    changed = [_entry(entries, shape, entry) for entry in told]
    return {entries.field: changed if entries.listed else changed[0], **rest}


def _counted(told: list[Wire], wanted: int, twin: Callable[[str], Wire]) -> list[Wire]:
    if not told:
        return told
    more = range(len(told), wanted)
    return [*told, *(twin(cast("str", told[0]["id"])) if "id" in told[0] else told[0] for _ in more)][:wanted]


def _entry(entries: Entries, shape: Shape, entry: Wire) -> Wire:
    gone = entries.fields - entries.kept if ALL in shape.drop else set(shape.drop)
    kept = {field: value for field, value in entry.items() if field not in gone}
    return kept | _status(entries, shape.status, gone) | dict(shape.extra or {})


def _status(entries: Entries, status: str | None, gone: set[str]) -> Wire:
    """A known status brings its own isTerminal; of an unknown one nobody can say."""
    if status is None:
        return {}
    tells_the_end = "isTerminal" in entries.fields - gone and status in set(Status)
    return {entries.status: status} | ({"isTerminal": status in TERMINAL} if tells_the_end else {})
