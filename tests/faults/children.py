"""The hand on the bots that are forked from a warm image: start one, hear what it reaches, kill it, pause it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.faults.edges import Strike

T = TypeVar("T")
ROOT = Path(__file__).parent.parent.parent
PROGRAM = "tests.faults.warm"
SOON = 20.0  # seconds


class DeadError(Exception):
    """The process has ended."""


class Child:
    """One forked bot, as seen from outside. Everything but the end of it can raise DeadError."""

    def __init__(self, line: socket.socket, strike: Strike | None, at_pause: Callable[[], None]) -> None:
        self.reached: list[str] = []
        """The boundaries so far, in the order of their count."""
        self.struck_at: str | None = None
        """The boundary at which it was killed, or paused."""
        self._strike = strike
        self._at_pause = at_pause
        self._waking: threading.Timer | None = None
        self._line = line
        self._told: dict[str, Any] = {}
        self._is_over = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="reader")
        self._reader.start()

    @property
    def is_dead(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._is_over

    def port(self) -> int:
        """Where it hears Slack, once it does."""
        return int(self._wait(lambda: self._told.get("port")))

    def is_idle(self) -> bool:
        """Whether it has nothing in hand."""
        return self._ask({})

    def has_time(self, ahead: float) -> None:
        """Tell it that its clock is so many seconds ahead of the system's."""
        self._ask({"ahead": ahead})

    def wait_struck(self) -> None:
        """Wait until it has come to the boundary at which it is struck."""
        self._wait(lambda: self.struck_at)

    def pause(self) -> None:
        """Have it stand still, wherever it is, until `resume`."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Have it go on after a pause."""
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)
        self.close()

    def stop(self) -> None:
        """End it gracefully."""
        self._line.sendall(b'{"stop": true}\n')
        self.close()

    def close(self) -> None:
        """Wait for its end."""
        self._reader.join(SOON)
        if self._waking:
            self._waking.cancel()
            self._waking.join()
        self._line.close()

    def _send(self, number: signal.Signals) -> None:
        if not self._is_over:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(int(self._wait(lambda: self._told.get("pid"))), number)

    def _ask(self, order: Mapping[str, object]) -> bool:
        self._told.pop("is_idle", None)
        try:
            self._line.sendall(json.dumps(order).encode() + b"\n")
        except OSError as error:
            raise DeadError from error
        return bool(self._wait(lambda: (self._told["is_idle"],) if "is_idle" in self._told else None)[0])

    def _wait(self, look: Callable[[], T | None]) -> T:
        end = time.monotonic() + SOON + ((self._strike and self._strike.pause) or 0)
        with self._changed:
            while not (found := look()):
                if self._is_over:
                    raise DeadError
                if not self._changed.wait(end - time.monotonic()):
                    raise AssertionError(f"The bot does not answer. It reached {self.reached[-3:]}")
            return found

    def _read(self) -> None:
        with self._line.makefile(encoding="utf-8") as heard:
            try:
                for line in heard:
                    self._hear(line)
            except (OSError, ValueError):  # ValueError: the end came in the middle of a line
                pass
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _hear(self, line: str) -> None:
        facts = json.loads(line)
        with self._changed:
            if what := facts.get("reached"):
                self.reached.append(what)
                self._see_strike(what)
            else:
                self._told.update(facts)
            self._changed.notify_all()

    def _see_strike(self, what: str) -> None:
        if self._strike is None or self.struck_at or not self._strike.is_at(len(self.reached), what):
            return
        self.struck_at = what
        if self._strike.pause is not None:
            self._waking = threading.Timer(self._strike.pause, self.resume)
            self._waking.start()
            self._at_pause()


class Nursery:
    """The warm image. Use it in a `with`, at the end of which none of its children lives."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self._children: list[Child] = []
        self._orders, theirs = socket.socketpair()
        with theirs, log.open("ab") as output:
            self._program = subprocess.Popen(
                [sys.executable, "-m", PROGRAM, str(theirs.fileno())],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), "AWS_EC2_METADATA_DISABLED": "true"},
                pass_fds=[theirs.fileno()],
                stdout=output,
                stderr=output,
            )
        self._orders.settimeout(SOON)

    def child(
        self,
        environment: Mapping[str, str],
        *,
        ahead: float,
        strike: Strike | None = None,
        at_pause: Callable[[], None] = lambda: None,
    ) -> Child:
        """A new bot, whose clock is so many seconds ahead; `at_pause` is done once it stands still."""
        mine, its = socket.socketpair()
        order = {"environment": dict(environment), "ahead": ahead, "strike": asdict(strike) if strike else None}
        with its:
            socket.send_fds(self._orders, [json.dumps(order).encode()], [its.fileno()])
        made = Child(mine, strike, at_pause)
        self._children.append(made)
        made._wait(lambda: made._told.get("pid"))
        return made

    def __enter__(self) -> Self:
        if self._orders.recv(1) != b"!":
            raise AssertionError(f"The warm image did not start:\n{self.log.read_text(encoding='utf-8')}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.kill()
        self._orders.close()
        self._program.wait(SOON)
