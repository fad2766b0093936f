"""One region of one account of the local Lightsail, as a moto backend."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from moto.core.base_backend import BackendDict, BaseBackend

from bot.sandbox.lightsail.desk import desk
from bot.sandbox.lightsail.errors import in_progress, invalid, name_taken, not_found
from bot.sandbox.lightsail.ledger import Ledger
from bot.sandbox.lightsail.pace import NAMED, Pace, Steps
from bot.sandbox.lightsail.resources import (
    AutoSnapshot,
    Instance,
    Kind,
    Operation,
    Resource,
    Snapshot,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from bot.sandbox.lightsail.resources import Disk

NAME = re.compile(r"\w[\w.\-]{0,253}\w", re.ASCII)
MAX_TAGS = 50
BUNDLE_SIZES_GB = {"nano": 20, "micro": 40, "small": 60, "medium": 80, "large": 160, "xlarge": 320}


class LightsailBackend(BaseBackend):
    """What there is, by name: names are unique over all kinds of resources, and case-sensitive."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.resources: dict[str, Resource] = {}
        self.ledger = Ledger()

    def reset(self) -> None:
        """Empty, and the faults and calls of all regions forgotten: moto resets everything at once."""
        super().reset()
        desk.reset()

    def instances(self) -> list[Instance]:
        """All instances, by name."""
        return [row for _, row in sorted(self.resources.items()) if isinstance(row, Instance)]

    def snapshots(self) -> list[Snapshot]:
        """All snapshots, by name."""
        return [row for _, row in sorted(self.resources.items()) if isinstance(row, Snapshot)]

    def instance(self, name: str) -> Instance:
        """The instance of that name, or NotFoundException."""
        row = self.resources.get(checked(name))
        if not isinstance(row, Instance):
            raise not_found(Kind.INSTANCE, name)
        return row

    def snapshot(self, name: str) -> Snapshot:
        """The snapshot of that name, or NotFoundException."""
        row = self.resources.get(checked(name))
        if not isinstance(row, Snapshot):
            raise not_found(Kind.SNAPSHOT, name)
        return row

    def operations_for(self, name: str) -> list[Operation]:
        """Those of a resource that is or was here, in an order that means nothing.

        Whether AWS keeps them once the name is gone is not documented; here they stay.
        """
        found = [operation for operation in self.ledger if operation.resource_name == checked(name)]
        if not found and name not in self.resources:
            raise not_found("Resource", name)
        return sorted(found, key=lambda operation: operation.id)

    def add_instance(
        self,
        name: str,
        *,
        blueprint_id: str,
        bundle_id: str,
        zone: str,
        tags: Mapping[str, str],
        state: State,
        auto_snapshots: tuple[AutoSnapshot, ...] | None = None,
    ) -> Instance:
        """A new instance; InvalidInputException where the name is bad or taken."""
        row = Instance(
            name=self._free(name),
            arn=self.arn(Kind.INSTANCE),
            support_code=self.support_code("i"),
            created_at=desk.now(),
            region=self.region_name,
            zone=zone,
            tags=few_enough(tags),
            state=state,
            blueprint_id=blueprint_id,
            bundle_id=bundle_id,
            size_gb=BUNDLE_SIZES_GB.get(bundle_id.partition("_")[0], BUNDLE_SIZES_GB["nano"]),
            auto_snapshots=auto_snapshots,
        )
        self.resources[name] = row
        return row

    def add_snapshot(
        self,
        name: str,
        *,
        source: Instance,
        size_gb: int,
        created_at: datetime,
        tags: Mapping[str, str],
        state: State,
        auto: bool = False,
        disks: Sequence[Disk] = (),
    ) -> Snapshot:
        """A new snapshot; InvalidInputException where the name is bad or taken."""
        row = Snapshot(
            name=self._free(name),
            arn=self.arn(Kind.SNAPSHOT),
            support_code=self.support_code("snap"),
            created_at=created_at,
            region=self.region_name,
            tags=few_enough(tags),
            state=state,
            from_attached_disks=tuple(disks),
            from_instance_name=source.name,
            from_instance_arn=source.arn,
            from_blueprint_id=source.blueprint_id,
            from_bundle_id=source.bundle_id,
            is_from_auto_snapshot=auto,
            size_gb=size_gb,
        )
        self.resources[name] = row
        return row

    def create_instance(
        self,
        name: str,
        *,
        blueprint_id: str,
        bundle_id: str,
        zone: str,
        tags: Mapping[str, str],
    ) -> Operation:
        """Begin to make an instance; it runs once the operation succeeds, and is gone if it fails."""
        row = self.add_instance(
            name,
            blueprint_id=blueprint_id,
            bundle_id=bundle_id,
            zone=zone,
            tags=tags,
            state=State.PENDING,
        )
        operation = self._begin("CreateInstance", row)
        self.ledger.follow(operation, row.arn, self._state(row, State.RUNNING), self._removal(row))
        return operation

    def create_snapshot(self, name: str, *, of: str, tags: Mapping[str, str]) -> list[Operation]:
        """Begin to take a snapshot: one operation on the snapshot, one on its instance."""
        source = self.instance(of)
        row = self.add_snapshot(
            name,
            source=source,
            size_gb=source.size_gb,
            created_at=desk.now(),
            tags=tags,
            state=State.PENDING,
        )
        made = self._begin("CreateInstanceSnapshot", row, details=of)
        taken = self._begin("CreateInstanceSnapshot", source, details=name)
        self.ledger.follow(made, row.arn, self._state(row, State.AVAILABLE), self._state(row, State.ERROR))
        return [made, taken]

    def delete(self, row: Resource) -> Operation:
        """Begin to delete; the thing is gone once the operation succeeds, and stays if it fails.

        Until then a second call is answered with OperationFailureException, and afterwards with
        NotFoundException. What AWS does in between is not documented; a retry that looks like a
        refusal is the harder case for a caller, so that is what is played here.
        """
        if self.ledger.busy(row.arn):
            raise in_progress(row.kind, row.name)
        operation = self._begin(f"Delete{row.kind}", row)
        self.ledger.follow(operation, row.arn, self._removal(row))
        return operation

    def delete_auto_snapshot(self, name: str, day: date) -> Operation:
        """Begin to delete the automatic snapshot of that day; its instance and the other days stay."""
        row = self.instance(name)
        subject = f"{row.arn}/{self.auto_snapshot(row, day).date}"
        if self.ledger.busy(subject):
            raise in_progress("AutoSnapshot", f"{name} {day}")
        operation = self._begin("DeleteAutoSnapshot", row, details=f"DeleteAutoSnapshot-{day}")
        self.ledger.follow(operation, subject, self._auto_removal(row, day))
        return operation

    def copy_snapshot(self, name: str, source: Snapshot) -> Operation:
        """Begin to copy a snapshot of any region to here, without its tags: whether AWS copies them it does not say."""
        row = replace(
            source,
            name=self._free(name),
            arn=self.arn(Kind.SNAPSHOT),
            support_code=self.support_code("snap"),
            created_at=desk.now(),
            region=self.region_name,
            tags={},
            state=State.PENDING,
        )
        self.resources[name] = row
        operation = self._begin("CopySnapshot", row, details=f"{source.region}:{source.name}")
        self.ledger.follow(operation, row.arn, self._state(row, State.AVAILABLE), self._state(row, State.ERROR))
        return operation

    def tag(self, name: str, tags: Mapping[str, str]) -> Operation:
        """Add tags, or give them other values."""
        row = self._any(name)
        self.resources[name] = replace(row, tags=few_enough({**row.tags, **tags}))
        return self._begin("TagResource", row, steps=NAMED[Pace.AT_ONCE])

    def untag(self, name: str, keys: Iterable[str]) -> Operation:
        """Take tags away; one that is not there is no error."""
        row = self._any(name)
        gone = set(keys)
        self.resources[name] = replace(row, tags={k: v for k, v in row.tags.items() if k not in gone})
        return self._begin("UntagResource", row, steps=NAMED[Pace.AT_ONCE])

    def auto_snapshot(self, row: Instance, day: date | None = None) -> AutoSnapshot:
        """The automatic snapshot of that day, or the newest; NotFoundException where there is none."""
        for auto in row.auto_snapshots or ():
            if day in {None, auto.date}:
                return auto
        raise not_found("AutoSnapshot", f"{row.name} {day or 'latest'}")

    def replace_snapshot(self, name: str) -> Snapshot:
        """As if somebody had deleted it and taken another under the same name."""
        fresh = replace(self.snapshot(name), arn=self.arn(Kind.SNAPSHOT), created_at=desk.now())
        self.resources[name] = fresh
        return fresh

    def remove(self, name: str) -> None:
        """As if somebody had deleted it in the console, long ago."""
        del self.resources[self._any(name).name]

    def arn(self, kind: Kind) -> str:
        """A new resource's ARN."""
        return f"arn:{self.partition}:lightsail:{self.region_name}:{self.account_id}:{kind}/{uuid4()}"

    def support_code(self, prefix: str) -> str:
        """What AWS support would ask for."""
        return f"{self.account_id}/{prefix}-0{uuid4().hex[:16]}"

    def _any(self, name: str) -> Resource:
        row = self.resources.get(checked(name))
        if row is None:
            raise not_found("Resource", name)
        return row

    def _free(self, name: str) -> str:
        if checked(name) in self.resources:
            raise name_taken(name)
        return name

    def _begin(
        self,
        kind: str,
        row: Resource,
        *,
        details: str | None = None,
        steps: Steps | None = None,
    ) -> Operation:
        operation = Operation(
            id=str(uuid4()),
            type=kind,
            resource_name=row.name,
            resource_arn=row.arn,
            resource_type=row.kind,
            created_at=desk.now(),
            account=self.account_id,
            region=self.region_name,
            zone=row.zone,
            steps=steps or desk.steps,
            details=details,
        )
        return self.ledger.add(operation)

    def _still(self, row: Resource) -> Resource | None:
        # The name may have been given to another one meanwhile.
        now = self.resources.get(row.name)
        return now if now and now.arn == row.arn else None

    def _removal(self, row: Resource) -> Callable[[], None]:
        def remove() -> None:
            if self._still(row):
                del self.resources[row.name]

        return remove

    def _auto_removal(self, row: Instance, day: date) -> Callable[[], None]:
        def remove() -> None:
            now = self._still(row)
            if isinstance(now, Instance):
                left = tuple(auto for auto in now.auto_snapshots or () if auto.date != day)
                self.resources[row.name] = replace(now, auto_snapshots=left)

        return remove

    def _state(self, row: Resource, state: State) -> Callable[[], None]:
        def enter() -> None:
            if now := self._still(row):
                self.resources[row.name] = replace(now, state=state)

        return enter


def checked(name: str) -> str:
    """The name, or InvalidInputException in Lightsail's words."""
    if not NAME.fullmatch(name):
        raise invalid(
            f"{name} is not a valid resource name. Resource names must be at least 2 characters long"
            " and contain only alphanumerics, -, _, and .",
        )
    return name


def few_enough(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags, or InvalidInputException where a resource may not have so many."""
    if len(tags) > MAX_TAGS:
        raise invalid(f"A resource can have at most {MAX_TAGS} tags.")
    return dict(tags)


lightsail_backends = BackendDict(LightsailBackend, "lightsail")
