"""The hand on what there is: instances, snapshots, and the operations on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from moto.core.base_backend import backend_lock

from bot.sandbox.lightsail.actions import Action
from bot.sandbox.lightsail.desk import desk
from bot.sandbox.lightsail.errors import not_found
from bot.sandbox.lightsail.pace import TERMINAL, due, reached, steps_of
from bot.sandbox.lightsail.reach import HOME, HOME_ACCOUNT, settled, used_desk, used_regions
from bot.sandbox.lightsail.resources import AUTO_SNAPSHOT_HOUR, AutoSnapshot, Instance, Kind, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.sandbox.lightsail.desk import Call
    from bot.sandbox.lightsail.ledger import Ledger
    from bot.sandbox.lightsail.models import LightsailBackend
    from bot.sandbox.lightsail.pace import Step
    from bot.sandbox.lightsail.resources import Disk, Operation, Snapshot

BLUEPRINT = "ubuntu_24_04"
BUNDLE = "micro_3_0"
MOST_AUTO_SNAPSHOTS = 7  # AWS keeps the latest of them


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationView:
    """An operation as it is now; `next_at` is when the next status comes by itself, None if it does not."""

    id: str
    type: str
    account: str
    region: str
    resource_name: str
    resource_type: str
    status: str
    is_terminal: bool
    created_at: datetime
    status_changed_at: datetime
    error_code: str | None
    error_details: str | None
    can_advance: bool
    next_status: str | None
    next_at: datetime | None


class Stock:
    """Puts things there, takes them away, moves them on, and looks at them; in the home account unless one is named."""

    def instance(
        self,
        name: str,
        *,
        region: str = HOME,
        account: str = HOME_ACCOUNT,
        blueprint_id: str = BLUEPRINT,
        bundle_id: str = BUNDLE,
        tags: Mapping[str, str] | None = None,
        auto_snapshots: Iterable[date | str] | None = None,
    ) -> Instance:
        """Put a running instance there, with automatic snapshots of these days, or without that add-on."""
        days = None if auto_snapshots is None else daily(auto_snapshots)
        with backend_lock:
            return settled(region, account).add_instance(
                name,
                blueprint_id=blueprint_id,
                bundle_id=bundle_id,
                zone=f"{region}a",
                tags=tags or {},
                state=State.RUNNING,
                auto_snapshots=days,
            )

    def snapshot(
        self,
        name: str,
        *,
        of: str,
        region: str = HOME,
        account: str = HOME_ACCOUNT,
        size_gb: int = 40,
        created_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        state: str = State.AVAILABLE,
        auto: bool = False,
        disks: Sequence[Disk] = (),
    ) -> Snapshot:
        """Put a snapshot there; the instance that it was taken of need not exist any more."""
        with backend_lock:
            backend = settled(region, account)
            return backend.add_snapshot(
                name,
                source=source_of(backend, of),
                size_gb=size_gb,
                created_at=created_at or desk.now(),
                tags=tags or {},
                state=State(state),
                auto=auto,
                disks=disks,
            )

    def replace(self, name: str, *, region: str = HOME, account: str = HOME_ACCOUNT) -> Snapshot:
        """Delete a snapshot and take another under the same name: new ARN, new time."""
        with backend_lock:
            return settled(region, account).replace_snapshot(name)

    def remove(self, name: str, *, region: str = HOME, account: str = HOME_ACCOUNT) -> None:
        """Let an instance or a snapshot be gone, as if by the console."""
        with backend_lock:
            settled(region, account).remove(name)

    def snapshots(self, region: str | None = None, *, account: str = HOME_ACCOUNT) -> list[Snapshot]:
        """What is there now, in one region or in all, by region and name."""
        with backend_lock:
            return [row for backend in chosen(region, account) for row in backend.snapshots()]

    def instances(self, region: str | None = None, *, account: str = HOME_ACCOUNT) -> list[Instance]:
        """What is there now, in one region or in all, by region and name."""
        with backend_lock:
            return [row for backend in chosen(region, account) for row in backend.instances()]

    def pace(self, pace: str | Iterable[tuple[str, float | None] | Step]) -> None:
        """How operations move on that begin from now on; see `steps_of` for what can be said."""
        steps = steps_of(pace)
        with backend_lock:
            used_desk().steps = steps

    def page_size(self, size: int) -> None:
        """How many things a page holds."""
        with backend_lock:
            used_desk().page_size = size

    def operations(self, account: str | None = None) -> list[OperationView]:
        """Every operation of one account or of all, from oldest to newest."""
        with backend_lock:
            found = [operation for backend in used_regions(account) for operation in backend.ledger]
            return [seen(operation) for operation in sorted(found, key=lambda operation: operation.created_at)]

    def advance(self, operation_id: str) -> OperationView:
        """Let an operation's next status come now, whatever its pace. ValueError where there is no next one."""
        with backend_lock:
            return seen(ledger_of(operation_id).advance(operation_id))

    def fail_operation(
        self,
        operation_id: str,
        code: str = "InternalError",
        details: str = "Failed by the local Lightsail.",
    ) -> OperationView:
        """Let an operation fail now. ValueError where it has ended already."""
        with backend_lock:
            return seen(ledger_of(operation_id).fail(operation_id, code, details))

    def calls(self, action: str | None = None, *, account: str | None = None) -> list[Call]:
        """Every call so far, or those of one action or account, in the order in which they were carried out."""
        wanted = Action(action) if action else None
        with backend_lock:
            return [call for call in desk.calls if wanted in {None, call.action} and account in {None, call.account}]


def chosen(region: str | None, account: str) -> list[LightsailBackend]:
    """One region of an account, or all that were ever used."""
    return [settled(region, account)] if region else list(used_regions(account))


def daily(days: Iterable[date | str]) -> tuple[AutoSnapshot, ...]:
    """Automatic snapshots of these days, newest first. ValueError for a bad or double day, and for too many."""
    dates = [day if isinstance(day, date) else date.fromisoformat(day) for day in days]
    if len(set(dates)) < len(dates) or len(dates) > MOST_AUTO_SNAPSHOTS:
        raise ValueError(f"AWS keeps one automatic snapshot a day, and {MOST_AUTO_SNAPSHOTS} in all")
    at = time(AUTO_SNAPSHOT_HOUR, tzinfo=UTC)
    return tuple(AutoSnapshot(date=day, created_at=datetime.combine(day, at)) for day in sorted(dates, reverse=True))


def ledger_of(operation_id: str) -> Ledger:
    """The ledger that has the operation, or NotFoundException."""
    for backend in used_regions(None):
        if operation_id in backend.ledger:
            return backend.ledger
    raise not_found("Operation", operation_id)


def seen(operation: Operation) -> OperationView:
    """The operation as it is now."""
    step, since, at = reached(operation.steps, operation.created_at, desk.now())
    following = operation.steps[at + 1] if at + 1 < len(operation.steps) else None
    return OperationView(
        id=operation.id,
        type=operation.type,
        account=operation.account,
        region=operation.region,
        resource_name=operation.resource_name,
        resource_type=operation.resource_type,
        status=step.status,
        is_terminal=step.status in TERMINAL,
        created_at=operation.created_at,
        status_changed_at=since,
        error_code=step.error_code,
        error_details=step.error_details,
        can_advance=following is not None,
        next_status=following.status if following else None,
        next_at=due(since, following) if following else None,
    )


def source_of(backend: LightsailBackend, name: str) -> Instance:
    """The instance of that name, or what is remembered of one that is gone."""
    found = backend.resources.get(name)
    if isinstance(found, Instance):
        return found
    return Instance(
        name=name,
        arn=backend.arn(Kind.INSTANCE),
        support_code=backend.support_code("i"),
        created_at=desk.now(),
        region=backend.region_name,
        zone=f"{backend.region_name}a",
        blueprint_id=BLUEPRINT,
        bundle_id=BUNDLE,
        size_gb=0,
    )
