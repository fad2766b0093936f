"""The bot as a process of its own, which can be killed and started again."""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

APP = Path(__file__).parent.parent.parent / "app.py"
START_WITHIN = 15.0  # seconds
STOP_WITHIN = 10.0


class BotState(StrEnum):
    """How the process is."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPED = "stopped"


class Runner:
    """Runs `app.py serve` as users do. Use it in a `with`, which starts it and at its end stops it gracefully.

    `environment` is the whole one that it gets; its log goes to `folder`/bot.log.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], mode: str) -> None:
        self.mode = mode
        self.since = datetime.now(UTC)
        self.log = folder / "bot.log"
        self._folder = folder
        self._environment = dict(environment)
        self._lock = threading.Lock()  # one start or end at a time
        self._bot: subprocess.Popen[bytes] | None = None
        self._is_ready = False

    @property
    def state(self) -> BotState:
        """How it is now."""
        bot = self._bot
        if bot is None or bot.poll() is not None:
            return BotState.STOPPED
        return BotState.RUNNING if self._is_ready else BotState.STARTING

    def start(self) -> None:
        """Start it if it does not run, and wait until it is ready.

        Raises:
            OSError: it did not become ready; the words are its own.
        """
        with self._lock:
            if self.state is BotState.RUNNING:
                return
            self._is_ready = False
            with self.log.open("ab") as output:
                self._bot = subprocess.Popen(  # noqa: S603  (our own program)
                    command("serve", f"--{self.mode}"),
                    env=self._environment,
                    cwd=self._folder,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,  # Ctrl-C in the terminal is ours to hand on
                )
            self.since = datetime.now(UTC)
            self._wait_ready(self._bot)
            self._is_ready = True

    def kill(self) -> None:
        """End it at once, as a machine that loses power does."""
        with self._lock:
            if self._bot:
                self._bot.kill()
                self._bot.wait(STOP_WITHIN)
                self.since = datetime.now(UTC)

    def stop(self) -> None:
        """End it gracefully."""
        with self._lock:
            if self._bot:
                self._bot.terminate()
                self._bot.wait(STOP_WITHIN)

    def run(self, *arguments: str) -> str:
        """Run a shell command of the bot to its end in the same surroundings; returns what it printed."""
        done = subprocess.run(  # noqa: S603  (our own program)
            command(*arguments), env=self._environment, cwd=self._folder, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def json(self, *arguments: str) -> Any:  # noqa: ANN401  (JSON of the bot's own making)
        """What such a command printed, if that is JSON."""
        return json.loads(self.run(*arguments))

    def _wait_ready(self, bot: "subprocess.Popen[bytes]") -> None:
        url = f"http://127.0.0.1:{self._environment['PORT']}/readyz"
        end = time.monotonic() + START_WITHIN
        while time.monotonic() < end and bot.poll() is None:
            try:
                with urllib.request.urlopen(url, timeout=1) as answer:
                    if answer.status == 200:  # noqa: PLR2004  (HTTP's OK)
                        return
            except OSError:
                time.sleep(0.05)
        raise OSError(f"The bot did not start. It said:\n{self.log.read_text(encoding='utf-8')}")

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def command(*arguments: str) -> Sequence[str]:
    """How the bot's program is called."""
    return [sys.executable, str(APP), *arguments]
