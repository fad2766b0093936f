"""What Lightsail keeps, and how its API writes it down."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.sandbox.lightsail.pace import TERMINAL, Steps, reached

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

Wire = dict[str, object]

EVERY_ZONE = "all"  # snapshots belong to a region, not to one of its zones


class Kind(StrEnum):
    """The resource types that are kept here."""

    INSTANCE = "Instance"
    SNAPSHOT = "InstanceSnapshot"


class State(StrEnum):
    """The states that occur here."""

    PENDING = "pending"
    RUNNING = "running"  # of instances
    AVAILABLE = "available"  # of snapshots
    ERROR = "error"  # of snapshots


AUTO_SNAPSHOT_HOUR = 6  # UTC
ADD_ON: Wire = {
    "name": "AutoSnapshot",
    "status": "Enabled",
    "snapshotTimeOfDay": f"{AUTO_SNAPSHOT_HOUR:02}:00",
    "nextSnapshotTimeOfDay": f"{AUTO_SNAPSHOT_HOUR:02}:00",
}

STATE_CODES = {State.PENDING: 0, State.RUNNING: 16}


@dataclass(frozen=True, slots=True)
class Disk:
    """A block storage disk that was attached to an instance when its snapshot was taken."""

    name: str
    size_gb: int
    path: str = "/dev/xvdf"

    def wire(self) -> Wire:
        """As the API writes it."""
        return {"name": self.name, "path": self.path, "sizeInGb": self.size_gb, "isSystemDisk": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoSnapshot:
    """An automatic snapshot: one a day, part of its instance, with no name, no ARN and no tags of its own."""

    date: date
    created_at: datetime
    status: str = "Success"
    disks: tuple[Disk, ...] = ()

    def wire(self) -> Wire:
        """As the API writes it."""
        return {
            "date": self.date.isoformat(),
            "createdAt": seconds(self.created_at),
            "status": self.status,
            "fromAttachedDisks": [{"path": disk.path, "sizeInGb": disk.size_gb} for disk in self.disks],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A virtual private server, as far as snapshots need one."""

    name: str
    arn: str
    support_code: str
    created_at: datetime
    region: str
    zone: str
    tags: Mapping[str, str] = field(default_factory=dict)
    state: State = State.RUNNING
    blueprint_id: str
    bundle_id: str
    size_gb: int
    auto_snapshots: tuple[AutoSnapshot, ...] | None = None  # newest first; None without the add-on

    @property
    def kind(self) -> Kind:
        """Its resource type."""
        return Kind.INSTANCE

    def wire(self) -> Wire:
        """As the API writes it."""
        told: Wire = {
            "name": self.name,
            "arn": self.arn,
            "supportCode": self.support_code,
            "createdAt": seconds(self.created_at),
            "location": located(self.region, self.zone),
            "resourceType": self.kind,
            "tags": tagged(self.tags),
            "blueprintId": self.blueprint_id,
            "bundleId": self.bundle_id,
            "hardware": {"disks": [{"path": "/dev/xvda", "sizeInGb": self.size_gb, "isSystemDisk": True}]},
            "state": {"code": STATE_CODES[self.state], "name": self.state},
        }
        return told if self.auto_snapshots is None else told | {"addOns": [ADD_ON]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """An instance snapshot, with every field of the API."""

    name: str
    arn: str
    support_code: str
    created_at: datetime
    region: str
    tags: Mapping[str, str] = field(default_factory=dict)
    state: State = State.AVAILABLE
    progress: str | None = None  # the API reference: null for instance snapshots
    from_attached_disks: tuple[Disk, ...] = ()
    from_instance_name: str
    from_instance_arn: str
    from_blueprint_id: str
    from_bundle_id: str
    is_from_auto_snapshot: bool = False
    size_gb: int

    @property
    def kind(self) -> Kind:
        """Its resource type."""
        return Kind.SNAPSHOT

    @property
    def zone(self) -> str:
        """Its availability zone."""
        return EVERY_ZONE

    def wire(self) -> Wire:
        """As the API writes it."""
        return present(
            {
                "name": self.name,
                "arn": self.arn,
                "supportCode": self.support_code,
                "createdAt": seconds(self.created_at),
                "location": located(self.region, self.zone),
                "resourceType": self.kind,
                "tags": tagged(self.tags),
                "state": self.state,
                "progress": self.progress,
                "fromAttachedDisks": [disk.wire() for disk in self.from_attached_disks],
                "fromInstanceName": self.from_instance_name,
                "fromInstanceArn": self.from_instance_arn,
                "fromBlueprintId": self.from_blueprint_id,
                "fromBundleId": self.from_bundle_id,
                "isFromAutoSnapshot": self.is_from_auto_snapshot,
                "sizeInGb": self.size_gb,
            },
        )


Resource = Instance | Snapshot


def kept(instance: Instance, auto: AutoSnapshot) -> Snapshot:
    """An automatic snapshot, as it can be copied to a manual one."""
    return Snapshot(
        name=f"{instance.name}-{auto.date}",
        arn=instance.arn,
        support_code=instance.support_code,
        created_at=auto.created_at,
        region=instance.region,
        from_attached_disks=auto.disks,
        from_instance_name=instance.name,
        from_instance_arn=instance.arn,
        from_blueprint_id=instance.blueprint_id,
        from_bundle_id=instance.bundle_id,
        is_from_auto_snapshot=True,
        size_gb=instance.size_gb,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What Lightsail returns for a call that changes something; its status depends on when one looks."""

    id: str
    type: str
    resource_name: str
    resource_arn: str
    resource_type: Kind
    created_at: datetime
    account: str
    region: str
    zone: str
    steps: Steps
    details: str | None = None

    def status(self, now: datetime) -> str:
        """The status at that moment."""
        return reached(self.steps, self.created_at, now).step.status

    def wire(self, now: datetime) -> Wire:
        """As the API writes it at that moment; what has no value is left out, as AWS does."""
        step, since, _ = reached(self.steps, self.created_at, now)
        return present(
            {
                "id": self.id,
                "resourceName": self.resource_name,
                "resourceType": self.resource_type,
                "createdAt": seconds(self.created_at),
                "location": located(self.region, self.zone),
                "isTerminal": step.status in TERMINAL,
                "operationDetails": self.details,
                "operationType": self.type,
                "status": step.status,
                "statusChangedAt": seconds(since),
                "errorCode": step.error_code,
                "errorDetails": step.error_details,
            },
        )


def seconds(moment: datetime) -> float:
    """Seconds since the epoch, to the millisecond, as JSON 1.1 writes timestamps."""
    return round(moment.timestamp(), 3)


def located(region: str, zone: str) -> Wire:
    """A location as the API writes it."""
    return {"availabilityZone": zone, "regionName": region}


def tagged(tags: Mapping[str, str]) -> list[Wire]:
    """Tags as the API writes them: a key-only tag has no value at all."""
    return [{"key": key, "value": value} if value else {"key": key} for key, value in tags.items()]


def present(wire: Wire) -> Wire:
    """Without the fields that have no value."""
    return {key: value for key, value in wire.items() if value is not None}
