"""Lightsail through boto3: reads, the one call that deletes, and its vendor's errors in our words."""

import logging
import math
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from bot.clock import boot_clock
from bot.errors import NO_OPERATION, AmbiguousError, AwsError, NotExecutedError, NotThereError, SettingsError
from bot.lightsail.by_region import ByRegion
from bot.lightsail.proofs import NEVER_CONNECTED, TooLateError, translated
from bot.lightsail.reading import aws_time, operation_of, operations_of, request_id, snapshot_of
from bot.lightsail.role import Keys, Role
from bot.model import DELETE_ACTION, Accepted, Found, OnBehalf, Operation, Sighting, Snapshot, Surroundings
from bot.spell import Spell

if TYPE_CHECKING:
    from types_boto3_lightsail import LightsailClient

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
SHARED_FOR = 2.0  # seconds; what the bot itself deletes meanwhile counts as gone without a look
SHARED_WITHIN = 10.0  # seconds that one waits for another one's look
_log = logging.getLogger(__name__)


def default_region() -> str | None:
    """The region that AWS's own configuration names."""
    return _session().region_name


def known_regions() -> list[str]:
    """The regions in which Lightsail has an endpoint."""
    return _session().get_available_regions("lightsail")


@dataclass
class _Listing:
    """What a region last listed, or why it did not. Whoever has the lock looks for all."""

    seen: Sequence[Snapshot] | AwsError = ()
    at: float = -math.inf  # by the boot clock
    lock: threading.Lock = field(default_factory=threading.Lock)


class Lightsail:
    """The snapshots of one account in some regions. Safe to share between threads.

    Raises:
        SettingsError: botocore can't make sense of its configuration, such as half a credential.

    With a `role`, by its ARN and the external id that it asks for, `as_person` deletes under it.
    """

    def __init__(
        self,
        regions: Sequence[str],
        clock: Callable[[], float] = boot_clock,
        *,
        role: str | None = None,
        external_id: str | None = None,
    ) -> None:
        self.regions = tuple(regions)
        self._clock = clock
        self._sending = threading.local()
        making = threading.RLock()  # boto3's sessions make one client at a time
        self._listing = ByRegion(lambda _: _Listing(), making)
        self._troubles = ByRegion(lambda region: Spell(f"AWS in {region}", _log), making)
        try:
            session = _session()
            self._readers = ByRegion(lambda region: _client(session, region, _READS), making, regions)
            self._deleters = ByRegion(lambda region: self._deleter(session, region), making, regions)
            self.role = Role(session, regions, role, external_id, making) if role else None
        except BotoCoreError as error:
            raise SettingsError(f"AWS's own configuration can't be used: {error}") from error
        self._side_by_side = ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="lightsail")

    def close(self) -> None:
        """Close every connection."""
        self._side_by_side.shutdown(wait=False, cancel_futures=True)
        for client in (*self._readers.values(), *self._deleters.values()):
            client.close()
        if self.role:
            self.role.close()

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
            with self._asking("GetInstanceSnapshot", region, name):
                answer = self._readers[region].get_instance_snapshot(instanceSnapshotName=name)
                return Sighting(snapshot_of(answer["instanceSnapshot"], region), aws_time(answer))
        except NotThereError as error:
            return Sighting(None, error.aws_time)

    def around(self, snapshot: Snapshot) -> Surroundings:
        """The instance and the other snapshots of it.

        Whether the instance exists, and its automatic snapshots, are left out where they can't be read; these are
        looked up only where nothing else is left.

        Raises:
            AwsError: AWS did not say what others there are.
        """
        if snapshot.instance_name is None:
            return Surroundings()
        instance = self._side_by_side.submit(self._has_instance, snapshot.region, snapshot.instance_name)
        others = _others(snapshot, self._list(snapshot.region))
        return Surroundings(
            instance.result(),
            len(others),
            max((other.created_at for other in others), default=None),
            tuple(other.arn for other in others),
            None if others else self._automatic(snapshot.region, snapshot.instance_name),
        )

    def siblings(self, snapshot: Snapshot) -> Surroundings:
        """The other snapshots of the same instance, as they were a moment ago: many deletions share one look.

        Raises:
            AwsError: AWS did not say.
        """
        if snapshot.instance_name is None:
            return Surroundings()
        others = _others(snapshot, self._listed(snapshot.region))
        return Surroundings(others=len(others), siblings=tuple(other.arn for other in others))

    def _listed(self, region: str) -> Sequence[Snapshot]:
        """What the region lists, or listed a moment ago; that it did not answer is shared as well."""
        listing = self._listing[region]
        if not listing.lock.acquire(timeout=SHARED_WITHIN):
            raise AmbiguousError("GetInstanceSnapshots", "ReadTimeoutError")
        try:
            if self._clock() - listing.at > SHARED_FOR:
                try:
                    listing.seen = self._list(region)
                except AwsError as error:
                    listing.seen = error
                listing.at = self._clock()
            seen = listing.seen
        finally:
            listing.lock.release()
        if isinstance(seen, AwsError):
            raise seen
        return seen

    def delete(self, region: str, name: str, intended: float) -> Accepted:
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
        return self._delete(self._deleters[region], region, name, intended)

    def as_person(self, snapshot: Snapshot, behalf: OnBehalf, until: datetime) -> Callable[[float], Accepted]:
        """Assume the role for one deletion; returns `delete` of that snapshot under it, to be called once.

        Args:
            snapshot: the one that was confirmed.
            behalf: for whom.
            until: the moment of AWS's clock from which on AWS is to refuse the call.

        Raises:
            AwsError: AWS did not let the bot have the role; nothing else was done.
        """
        assert self.role, "there is no role"  # noqa: S101  (whoever calls this has set one)
        keys = self.role.assume(snapshot, behalf, until)
        return partial(self._delete_with, self.role, keys, snapshot)

    def _delete_with(self, role: Role, keys: Keys, snapshot: Snapshot, intended: float) -> Accepted:
        client = role.client(keys, snapshot.region, _DELETES)
        self._watch_for_lateness(client)
        try:
            return self._delete(client, snapshot.region, snapshot.name, intended)
        finally:
            client.close()

    def _delete(self, client: "LightsailClient", region: str, name: str, intended: float) -> Accepted:
        self._sending.intended, self._sending.was_sent = intended, False
        try:
            with self._asking(DELETE_ACTION, region, name):
                answer = client.delete_instance_snapshot(instanceSnapshotName=name)
                operations = operations_of(answer)
        except AmbiguousError as error:
            if self._sending.was_sent and not isinstance(error.__cause__, NEVER_CONNECTED):
                raise
            raise NotExecutedError(error.action, error.code, error.message, error.request_id, error.error_id) from error
        if not operations:
            _log.warning("DeleteInstanceSnapshot in %s named no operation: %s", region, answer)
            raise AmbiguousError(DELETE_ACTION, NO_OPERATION, request_id=request_id(answer))
        return Accepted(operations, request_id(answer))

    def operation(self, region: str, number: str) -> Operation:
        """One operation as it is now.

        Raises:
            AwsError: AWS did not say.
        """
        with self._asking("GetOperation", region, number):
            return operation_of(self._readers[region].get_operation(operationId=number)["operation"])

    def operations_on(self, region: str, name: str) -> list[Operation]:
        """Every operation that AWS still lists for a resource of the name, all pages of them.

        Raises:
            AwsError: AWS did not say.
        """
        client = self._readers[region]
        with self._asking("GetOperationsForResource", region, name):
            answer = client.get_operations_for_resource(resourceName=name)
            found, pages = operations_of(answer), set[str]()
            while (token := answer.get("nextPageToken", "")) and token not in pages:  # AWS must not keep us turning
                pages.add(token)
                answer = client.get_operations_for_resource(resourceName=name, pageToken=token)
                found += operations_of(answer)
            return found

    def _asking(self, action: str, region: str, about: str = "") -> AbstractContextManager[None]:
        return translated(action, region, about, self._troubles[region])

    def _list(self, region: str) -> list[Snapshot]:
        with self._asking("GetInstanceSnapshots", region):
            pages = self._readers[region].get_paginator("get_instance_snapshots").paginate()
            return [snapshot_of(told, region) for page in pages for told in page["instanceSnapshots"]]

    def _has_instance(self, region: str, name: str) -> bool | None:
        try:
            with self._asking("GetInstance", region, name):
                self._readers[region].get_instance(instanceName=name)
        except NotThereError:
            return False
        except AwsError:
            return None
        return True

    def _automatic(self, region: str, instance: str) -> int | None:
        """How many automatic snapshots the instance has.

        Source: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_GetAutoSnapshots.html
        """
        try:
            with self._asking("GetAutoSnapshots", region, instance):
                answer = self._readers[region].get_auto_snapshots(resourceName=instance)
        except NotThereError:
            return 0
        except AwsError:
            return None
        return len(answer.get("autoSnapshots", []))

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

    def _deleter(self, session: boto3.Session, region: str) -> "LightsailClient":
        client = _client(session, region, _DELETES)
        self._watch_for_lateness(client)
        return client

    def _watch_for_lateness(self, client: "LightsailClient") -> None:
        client.meta.events.register("before-send.lightsail.DeleteInstanceSnapshot", self._refuse_late)

    def _refuse_late(self, **_: object) -> None:
        """A process that was paused between intent and call must not call when it comes back."""
        if self._clock() - self._sending.intended > SEND_WITHIN:
            raise TooLateError
        self._sending.was_sent = True


def _others(snapshot: Snapshot, listed: Iterable[Snapshot]) -> list[Snapshot]:
    """The other snapshots of the same instance."""
    return [one for one in listed if one.instance_name == snapshot.instance_name and one.arn != snapshot.arn]


def _session() -> boto3.Session:
    try:
        return boto3.Session()
    except BotoCoreError as error:
        raise SettingsError(f"AWS's own configuration can't be used: {error}") from error


def _client(session: boto3.Session, region: str, config: Config) -> "LightsailClient":
    return session.client("lightsail", region_name=region, config=config)
