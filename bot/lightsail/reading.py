"""What Lightsail's answers tell, as our values: what is missing or of a strange type is not told.

botocore checks no types: a text where a number belongs arrives as a text. What nobody can do without, such as a
snapshot's ARN, raises whatever looking for it raises.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from bot.model import Operation, Snapshot

Told = Mapping[str, Any]
T = TypeVar("T")


def aws_time(answer: Told) -> datetime:
    """AWS's clock, by the Date header of an answer; ours where there is none."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.now(UTC)


def request_id(answer: Told) -> str:
    """AWS's id for the call."""
    return str(answer.get("ResponseMetadata", {}).get("RequestId") or "")


def snapshot_of(told: Told, region: str) -> Snapshot:
    """A snapshot of the region that was asked: that is where a call would go, whatever its location says.

    Raises:
        TypeError: it has no name, no ARN or no time; what it is can't be known.
    """
    name, arn, made = _of_type(told, "name", str), _of_type(told, "arn", str), _moment(told, "createdAt")
    if not (name and arn and made):
        raise TypeError("a snapshot without name, ARN or time")
    return Snapshot(
        arn=arn,
        name=name,
        region=region,
        created_at=made,
        state=_of_type(told, "state", str) or "unknown",
        size_gb=_of_type(told, "sizeInGb", int),
        tags={str(tag.get("key", "")): str(tag.get("value", "")) for tag in told.get("tags", [])},
        progress=_of_type(told, "progress", str),
        instance_name=_of_type(told, "fromInstanceName", str),
        instance_arn=_of_type(told, "fromInstanceArn", str),
        blueprint_id=_of_type(told, "fromBlueprintId", str),
        bundle_id=_of_type(told, "fromBundleId", str),
        is_automatic=_of_type(told, "isFromAutoSnapshot", bool) or False,
        support_code=_of_type(told, "supportCode", str),
    )


def operations_of(answer: Told) -> list[Operation]:
    """Those of an answer that can be followed: one without an id can't.

    Raises:
        KeyError: the answer is none of AWS's, which always has a list, if an empty one.
    """
    return [operation_of(told) for told in answer["operations"] if told and _of_type(told, "id", str)]


def operation_of(told: Told) -> Operation:
    """An operation; where AWS tells no status, it is "".

    Raises:
        TypeError: it has no id.
    """
    number, location = _of_type(told, "id", str), told.get("location", {})
    if not number:
        raise TypeError("an operation without id")
    return Operation(
        id=number,
        status=_of_type(told, "status", str) or "",
        resource_name=_of_type(told, "resourceName", str),
        resource_type=_of_type(told, "resourceType", str),
        created_at=_moment(told, "createdAt"),
        availability_zone=_of_type(location, "availabilityZone", str),
        region_name=_of_type(location, "regionName", str),
        is_terminal=_of_type(told, "isTerminal", bool),
        operation_details=_of_type(told, "operationDetails", str),
        operation_type=_of_type(told, "operationType", str),
        status_changed_at=_moment(told, "statusChangedAt"),
        error_code=_of_type(told, "errorCode", str),
        error_details=_of_type(told, "errorDetails", str),
    )


def _of_type(told: Told, name: str, of: type[T]) -> T | None:
    value = told.get(name)
    return value if isinstance(value, of) else None


def _moment(told: Told, name: str) -> datetime | None:
    moment = _of_type(told, name, datetime)
    return moment and moment.astimezone(UTC)
