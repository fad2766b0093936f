"""Several bots over one PostgreSQL, behind one load balancer and with one clock; each can be killed and come again."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from bot.sandbox import company
from bot.sandbox.lightsail import LocalLightsail
from storage.tables import LeaseRow
from tests.conftest import World
from tests.faults.image import CLOCK

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
START_WITHIN = 20.0  # seconds


class Image:
    """The program that forks replicas."""

    def __init__(self, aws: LocalLightsail) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.image"],
            cwd=ROOT,
            env=_inherited() | aws.environment() | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._hear()

    def fork(self, environment: dict[str, str]) -> int:
        """A new replica's process id."""
        assert self._program.stdin
        self._program.stdin.write(json.dumps(environment) + "\n")
        self._program.stdin.flush()
        return int(self._hear())

    def close(self) -> None:
        """End it. Its replicas were ended before."""
        self._program.communicate(timeout=START_WITHIN)

    def _hear(self) -> str:
        assert self._program.stdout
        if line := self._program.stdout.readline():
            return line
        raise AssertionError("The image has ended.")


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "LIGHT", "AWS_"))}


class Replica:
    """One bot: the same address and the same log, however often it was killed."""

    def __init__(self, image: Image, world: World, folder: Path, number: int, **more: str) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = int(one.getsockname()[1])
        self.pid = 0
        self._handle = 0
        self._image = image
        self._log = folder / f"replica-{number}.log"
        self._environment = {
            **world.slack.environment(),
            **world.aws.environment(),
            "PYTHON_DOTENV_DISABLED": "1",
            "DATABASE_URL": world.url,
            "LIGHTSAIL_REGIONS": ",".join(company.REGIONS),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "LOG": str(self._log),
            **more,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/slack/events"

    def start(self) -> None:
        self.pid = self._image.fork(self._environment)
        self._handle = os.pidfd_open(self.pid)  # a number alone may be another process's by the time it is used

    def wait_ready(self) -> None:
        until = time.monotonic() + START_WITHIN
        while not self._is_ready():
            if time.monotonic() > until or not self.is_alive():
                raise AssertionError(f"A replica does not start:\n{self.log()}")
            time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        if self.is_alive():
            signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.wait_gone()

    def wait_gone(self) -> None:
        until(lambda: not self.is_alive(), "end of a replica")
        if self._handle:
            os.close(self._handle)
        self._handle = 0

    def is_alive(self) -> bool:
        if not self._handle:
            return False
        is_over, _, _ = select.select([self._handle], [], [], 0)
        return not is_over

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Replicas:
    """Some replicas behind one load balancer, with one clock. Use them in a `with`."""

    def __init__(self, image: Image, world: World, folder: Path) -> None:
        self._image = image
        self._world = world
        self._folder = folder
        self._clock = folder / "clock"
        self._clock.write_bytes(CLOCK.pack(0.0))
        self._ahead = 0.0
        self.all: list[Replica] = []
        world.slack.unlimited()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.all:
            one.kill()

    def start(self, count: int, **more: str) -> list[Replica]:
        """So many more, behind the load balancer, too."""
        first = len(self.all)
        new = [
            Replica(self._image, self._world, self._folder, first + number, CLOCK=str(self._clock), **more)
            for number in range(count)
        ]
        for one in new:
            one.start()
        for one in new:
            one.wait_ready()
        self.all += new
        self.balance()
        return new

    def balance(self, *over: Replica) -> None:
        """Spread what people do over these, or over all."""
        self._world.slack.deliver_to(*[one.url for one in over or self.all])

    def skip(self, seconds: float) -> None:
        """Put the clock of every replica ahead."""
        self._ahead += seconds
        with self._clock.open("r+b") as file:
            file.write(CLOCK.pack(self._ahead))

    def lease(self) -> LeaseRow:
        """What it says of its holder, once somebody has had it: a replica is ready before that."""

        def row() -> LeaseRow | None:
            with self._world.database.reading() as tx:
                return tx.get(LeaseRow, 1)

        return until(row, "lease")

    def holder(self, *, after: int = 0) -> Replica:
        """The one that has the lease, once it is in a later epoch than this."""

        def held() -> Replica | None:
            lease = self.lease()
            pid = int(lease.holder.rpartition(":")[2] or 0)
            return next((one for one in self.all if one.pid == pid and lease.epoch > after), None)

        return until(held, "holder of the lease")

    def logs(self) -> str:
        return "\n".join(f"--- {one.port}\n{one.log()}" for one in self.all)


def until(look: Callable[[], T | None], what: str, seconds: float = 20.0) -> T:
    """Wait until `look` returns something true, and return it."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"There is no {what} within {seconds} s.")
        time.sleep(0.02)
    return found


def say(words: str) -> None:
    """For whoever runs pytest with -s: what was measured."""
    sys.stdout.write(f"\n{words}\n")
