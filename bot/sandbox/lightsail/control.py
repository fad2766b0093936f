"""The hand that sets up the local Lightsail, breaks it, and looks at what was asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.base_backend import backend_lock
from moto.core.models import DEFAULT_ACCOUNT_ID

from bot.sandbox.lightsail.actions import Action
from bot.sandbox.lightsail.desk import Fault, FaultKind, desk, system_clock
from bot.sandbox.lightsail.hooks import install
from bot.sandbox.lightsail.models import lightsail_backends
from bot.sandbox.lightsail.pace import steps_of
from bot.sandbox.lightsail.resources import Instance, Kind, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from bot.sandbox.lightsail.desk import Call, Clock, Desk
    from bot.sandbox.lightsail.models import LightsailBackend
    from bot.sandbox.lightsail.pace import Step
    from bot.sandbox.lightsail.resources import Disk, Snapshot

HOME = "us-east-1"
BLUEPRINT = "ubuntu_24_04"
BUNDLE = "micro_3_0"


class Control:
    """For use in the same process, under `mock_aws` or beside the server.

    There is one local Lightsail in a process, as there is one moto: making a Control empties it, and so
    does everything that resets moto, such as the beginning and the end of `mock_aws`. The clock says
    what time it is in AWS; nothing moves but by it.
    """

    def __init__(self, *, clock: Clock = system_clock) -> None:
        install()
        with backend_lock:
            desk.clock = clock
        self.reset()

    def reset(self) -> None:
        """Nothing there, nothing planned, nothing recorded, the first pace again; the clock stays."""
        with backend_lock:
            for _, _, backend in lightsail_backends.iter_backends():
                backend.reset()
            desk.reset()

    def instance(
        self,
        name: str,
        *,
        region: str = HOME,
        blueprint_id: str = BLUEPRINT,
        bundle_id: str = BUNDLE,
        tags: Mapping[str, str] | None = None,
    ) -> Instance:
        """Put a running instance there."""
        with backend_lock:
            return self._backend(region).add_instance(
                name,
                blueprint_id=blueprint_id,
                bundle_id=bundle_id,
                zone=f"{region}a",
                tags=tags or {},
                state=State.RUNNING,
            )

    def snapshot(
        self,
        name: str,
        *,
        of: str,
        region: str = HOME,
        size_gb: int = 40,
        created_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        state: str = State.AVAILABLE,
        auto: bool = False,
        disks: Sequence[Disk] = (),
    ) -> Snapshot:
        """Put a snapshot there; the instance that it was taken of need not exist any more."""
        with backend_lock:
            backend = self._backend(region)
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

    def replace(self, name: str, *, region: str = HOME) -> Snapshot:
        """Delete a snapshot and take another under the same name: new ARN, new time."""
        with backend_lock:
            return self._backend(region).replace_snapshot(name)

    def remove(self, name: str, *, region: str = HOME) -> None:
        """Let an instance or a snapshot be gone, as if by the console."""
        with backend_lock:
            self._backend(region).remove(name)

    def snapshots(self, region: str | None = None) -> list[Snapshot]:
        """What is there now, in one region or in all, by region and name."""
        with backend_lock:
            regions = [region] if region else sorted(lightsail_backends[DEFAULT_ACCOUNT_ID].keys())
            return [snapshot for name in regions for snapshot in self._backend(name).snapshots()]

    def pace(self, pace: str | Iterable[tuple[str, float] | Step]) -> None:
        """How operations move on that begin from now on; see `steps_of` for what can be said."""
        steps = steps_of(pace)
        with backend_lock:
            self._desk().steps = steps

    def page_size(self, size: int) -> None:
        """How many things a page holds."""
        with backend_lock:
            self._desk().page_size = size

    def calls(self, action: str | None = None) -> list[Call]:
        """Every call so far, or those of one action, in the order in which they were carried out."""
        wanted = Action(action) if action else None
        with backend_lock:
            return [call for call in desk.calls if wanted in {None, call.action}]

    def fail(
        self,
        action: str,
        *,
        code: str,
        status: int = 400,
        times: int = 1,
        message: str = "Refused by the local Lightsail.",
        region: str | None = None,
    ) -> None:
        """Refuse the next calls before anything is done."""
        self._plan(FaultKind.FAIL, action, region, times, code=code, status=status, message=message)

    def lose(self, action: str, *, times: int = 1, region: str | None = None) -> None:
        """Carry out the next calls that can be, and drop the connection instead of answering."""
        self._plan(FaultKind.LOSE, action, region, times)

    def slow(self, action: str, seconds: float, *, times: int = 1, region: str | None = None) -> None:
        """Carry out the next calls when they arrive, and answer so many seconds later."""
        self._plan(FaultKind.SLOW, action, region, times, seconds=seconds)

    def _plan(
        self,
        kind: FaultKind,
        action: str,
        region: str | None,
        times: int,
        *,
        code: str = "",
        status: int = 400,
        message: str = "",
        seconds: float = 0,
    ) -> None:
        fault = Fault(
            kind=kind,
            action=Action(action),
            region=region,
            times=times,
            code=code,
            status=status,
            message=message,
            seconds=seconds,
        )
        with backend_lock:
            self._desk().plan(fault)

    @staticmethod
    def _desk() -> Desk:
        lightsail_backends[DEFAULT_ACCOUNT_ID][HOME]  # moto resets what was used, and only that
        return desk

    @staticmethod
    def _backend(region: str) -> LightsailBackend:
        if region not in lightsail_backends[DEFAULT_ACCOUNT_ID]:
            raise ValueError(f"Lightsail has no endpoint in {region}")
        backend: LightsailBackend = lightsail_backends[DEFAULT_ACCOUNT_ID][region]
        backend.settle()
        return backend


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
