"""Lightsail through boto3: reads, the one call that deletes, and its vendor's errors in our words."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from bot.errors import AmbiguousError, AwsError, NotExecutedError, NotThereError, RejectedError, SettingsError
from bot.model import Found, Operation, Sighting, Snapshot, Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_lightsail import LightsailClient
    from types_boto3_lightsail.type_defs import InstanceSnapshotTypeDef, OperationTypeDef

T = TypeVar("T")
CONNECTIONS = 32  # a region; at least as many as threads that call it
SEND_WITHIN = 5.0  # seconds of the boot clock from the intent to the call

_READS = Config(
    connect_timeout=3,
    read_timeout=8,
    max_pool_connections=CONNECTIONS,
    retries={"mode": "standard", "total_max_attempts": 3},
)
# After a lost answer botocore's own retry would report NotFound for a deletion that worked.
_DELETES = _READS.merge(Config(read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1}))

_NOT_EXECUTED = {
    "AccountSetupInProgressException",
    "RegionSetupInProgressException",
    "RequestLimitExceeded",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_AMBIGUOUS = {
    "InternalFailure",
    "OperationFailureException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceException",
    "ServiceUnavailable",
}


class _TooLateError(Exception):
    """The call was about to be sent too long after its intent; it was not sent."""


def boot_clock() -> float:
    """Seconds since boot, counting those in which the machine slept, where the system can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def default_region() -> str | None:
    """The region that AWS's own configuration names."""
    return _session().region_name


def known_regions() -> list[str]:
    """The regions in which Lightsail has an endpoint."""
    return _session().get_available_regions("lightsail")


class Lightsail:
    """The snapshots of one account in some regions. Safe to share between threads.

    Raises:
        SettingsError: botocore can't make sense of its configuration, such as half a credential.
    """

    def __init__(self, regions: Sequence[str], clock: Callable[[], float] = boot_clock) -> None:
        self.regions = tuple(regions)
        self._clock = clock
        self._sending = threading.local()
        try:
            session = _session()
            self._readers = {region: _client(session, region, _READS) for region in regions}
            self._deleters = {region: _client(session, region, _DELETES) for region in regions}
        except BotoCoreError as error:
            raise SettingsError(f"AWS's own configuration can't be used: {error}") from error
        for client in self._deleters.values():
            client.meta.events.register("before-send.lightsail.DeleteInstanceSnapshot", self._refuse_late)
        self._side_by_side = ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="lightsail")

    def close(self) -> None:
        """Close every connection."""
        self._side_by_side.shutdown(wait=False, cancel_futures=True)
        for client in (*self._readers.values(), *self._deleters.values()):
            client.close()

    def find(self, name: str, regions: Sequence[str]) -> Found:
        """Look for the name in the regions side by side; a region that fails is reported, not raised."""

        def look(region: str) -> Snapshot | None:
            return self.see(region, name).snapshot

        hits, silent = self._everywhere(look, regions)
        return Found([hit for hit in hits if hit], silent)

    def names(self, regions: Sequence[str]) -> list[Snapshot]:
        """Every snapshot in those of the regions that answer."""
        lists, _ = self._everywhere(self._list, regions)
        return [snapshot for snapshots in lists for snapshot in snapshots]

    def see(self, region: str, name: str) -> Sighting:
        """The snapshot that has the name now, if any.

        Raises:
            AwsError: AWS did not say.
        """
        try:
            with _translated("GetInstanceSnapshot"):
                answer = self._readers[region].get_instance_snapshot(instanceSnapshotName=name)
                return Sighting(_snapshot(answer["instanceSnapshot"], region), _aws_time(answer))
        except NotThereError as error:
            return Sighting(None, error.aws_time)

    def around(self, snapshot: Snapshot) -> Surroundings:
        """The instance and the other snapshots of it; what can't be read is left out."""
        if snapshot.instance_name is None:
            return Surroundings()
        instance = self._side_by_side.submit(self._has_instance, snapshot.region, snapshot.instance_name)
        try:
            others = [
                other.created_at
                for other in self._list(snapshot.region)
                if other.instance_name == snapshot.instance_name and other.arn != snapshot.arn
            ]
        except AwsError:
            return Surroundings(instance.result())
        return Surroundings(instance.result(), len(others), max(others, default=None))

    def delete(self, region: str, name: str, intended: float) -> list[Operation]:
        """Call DeleteInstanceSnapshot, once, and not later than `SEND_WITHIN` after the intent.

        Args:
            region: where.
            name: of the snapshot; the API knows no other way to say which.
            intended: the boot clock when the intent was formed.

        Raises:
            NotExecutedError: the call was not executed, and may be repeated.
            NotThereError: there was nothing of that name.
            RejectedError: AWS refused.
            AmbiguousError: it may or may not have been executed.

        Source: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_DeleteInstanceSnapshot.html
        """
        self._sending.intended = intended
        try:
            with _translated("DeleteInstanceSnapshot"):
                answer = self._deleters[region].delete_instance_snapshot(instanceSnapshotName=name)
                return [_operation(reported) for reported in answer["operations"]]
        except _TooLateError as error:
            raise NotExecutedError("DeleteInstanceSnapshot", "TooLate") from error

    def operation(self, region: str, number: str) -> Operation:
        """One operation as it is now.

        Raises:
            AwsError: AWS did not say.
        """
        with _translated("GetOperation"):
            return _operation(self._readers[region].get_operation(operationId=number)["operation"])

    def operations_on(self, region: str, name: str) -> list[Operation]:
        """Every operation that AWS still lists for a resource of the name, all pages of them.

        Raises:
            AwsError: AWS did not say.
        """
        client = self._readers[region]
        with _translated("GetOperationsForResource"):
            answer = client.get_operations_for_resource(resourceName=name)
            found = answer["operations"]
            while token := answer.get("nextPageToken"):
                answer = client.get_operations_for_resource(resourceName=name, pageToken=token)
                found = [*found, *answer["operations"]]
            return [_operation(reported) for reported in found]

    def _list(self, region: str) -> list[Snapshot]:
        with _translated("GetInstanceSnapshots"):
            pages = self._readers[region].get_paginator("get_instance_snapshots").paginate()
            return [_snapshot(told, region) for page in pages for told in page["instanceSnapshots"]]

    def _has_instance(self, region: str, name: str) -> bool | None:
        try:
            with _translated("GetInstance"):
                self._readers[region].get_instance(instanceName=name)
        except NotThereError:
            return False
        except AwsError:
            return None
        return True

    def _everywhere(self, look: Callable[[str], T], regions: Iterable[str]) -> tuple[list[T], dict[str, AwsError]]:
        asked = {region: self._side_by_side.submit(look, region) for region in regions}
        answers: list[T] = []
        silent: dict[str, AwsError] = {}
        for region, answer in asked.items():
            try:
                answers.append(answer.result())
            except AwsError as error:
                silent[region] = error
        return answers, silent

    def _refuse_late(self, **_: object) -> None:
        """A process that was paused between intent and call must not call when it comes back."""
        if self._clock() - self._sending.intended > SEND_WITHIN:
            raise _TooLateError


def _session() -> boto3.Session:
    try:
        return boto3.Session()
    except BotoCoreError as error:
        raise SettingsError(f"AWS's own configuration can't be used: {error}") from error


def _client(session: boto3.Session, region: str, config: Config) -> "LightsailClient":
    return session.client("lightsail", region_name=region, config=config)


@contextmanager
def _translated(action: str) -> "Iterator[None]":
    """Vendor errors in our words, by what they prove."""
    try:
        yield
    except ClientError as error:
        raise _from_answer(action, error) from error
    except (CredentialRetrievalError, NoCredentialsError, PartialCredentialsError, ParamValidationError) as error:
        code = "InvalidInputException" if isinstance(error, ParamValidationError) else "UnauthenticatedException"
        raise RejectedError(action, code, str(error)) from error
    except (BotoCoreError, ResponseParserError, KeyError, TypeError, ValueError) as error:
        raise AmbiguousError(action, type(error).__name__, str(error)) from error


def _from_answer(action: str, error: ClientError) -> AwsError:
    said = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code, status = said.get("Code", "Unknown"), metadata.get("HTTPStatusCode", 0)
    facts = (action, code, said.get("Message", ""), metadata.get("RequestId", ""))
    if code in ("NotFoundException", "DoesNotExist"):
        return NotThereError(*facts, aws_time=_aws_time(error.response))
    if code in _NOT_EXECUTED or status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotExecutedError(*facts)
    is_awss_word = 400 <= status < 500 and not code.isdecimal()  # noqa: PLR2004  (a code that is a number is a proxy's)
    if code in _AMBIGUOUS or not is_awss_word:
        return AmbiguousError(*facts)
    return RejectedError(*facts)


def _aws_time(answer: Any) -> datetime:  # noqa: ANN401  (every answer is a dictionary of its own type)
    """AWS's clock, by the Date header of an answer; ours where there is none."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.now(UTC)


def _snapshot(told: "InstanceSnapshotTypeDef", region: str) -> Snapshot:
    return Snapshot(
        arn=told["arn"],
        name=told["name"],
        region=told.get("location", {}).get("regionName", region),
        created_at=told["createdAt"].astimezone(UTC),
        state=told.get("state", "unknown"),
        size_gb=told.get("sizeInGb"),
        tags={tag.get("key", ""): tag.get("value", "") for tag in told.get("tags", [])},
        progress=told.get("progress"),
        instance_name=told.get("fromInstanceName"),
        instance_arn=told.get("fromInstanceArn"),
        blueprint_id=told.get("fromBlueprintId"),
        bundle_id=told.get("fromBundleId"),
        is_automatic=told.get("isFromAutoSnapshot", False),
        support_code=told.get("supportCode"),
    )


def _operation(told: "OperationTypeDef") -> Operation:
    location = told.get("location", {})
    return Operation(
        id=told["id"],
        status=told["status"],
        resource_name=told.get("resourceName"),
        resource_type=told.get("resourceType"),
        created_at=_utc(told.get("createdAt")),
        availability_zone=location.get("availabilityZone"),
        region_name=location.get("regionName"),
        is_terminal=told.get("isTerminal"),
        operation_details=told.get("operationDetails"),
        operation_type=told.get("operationType"),
        status_changed_at=_utc(told.get("statusChangedAt")),
        error_code=told.get("errorCode"),
        error_details=told.get("errorDetails"),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC)
