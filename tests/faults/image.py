"""A program that has imported the whole bot, and forks `app.py serve` whenever it is asked to: that costs far less.

It has no thread, so a fork copies all of it. Each line on its standard input is an order in JSON: the environment of a
replica, and the file to which its log goes. It answers with the replica's process id. At the end of its input it ends
itself; its replicas are then ended by whoever ordered them.
"""

import json
import logging
import mmap
import os
import signal
import struct
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import app
from bot import cli, follower, loop, serve
from bot.settings import Settings
from bot.slack import outbox
from storage.clock import SharedClock
from tests.faults.warm import warm_up

# Seconds that all replicas are ahead of the system's clock. One may be ahead by more; the database puts that right.
CLOCK = struct.Struct("d")


def _clock(file: Path, more: float) -> Callable[[], datetime]:
    with file.open("rb") as opened:
        shared = mmap.mmap(opened.fileno(), CLOCK.size, prot=mmap.PROT_READ)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=CLOCK.unpack(shared)[0] + more)

    return now


def be_a_replica(order: Mapping[str, str]) -> int:
    """`app.py serve`, by HTTP if MODE does not say otherwise, with a clock that a test can put ahead, and unsparing."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order)
    for handler in logging.getLogger().handlers[:]:
        logging.getLogger().removeHandler(handler)
    if tick := float(order.get("TICK", 0)):
        for module in (loop, follower, outbox):
            vars(module)["TICK"] = tick
    ahead = float(order.get("AHEAD", 0))
    clock = _clock(Path(order["CLOCK"]), ahead)
    now = SharedClock(clock) if ahead else clock
    return cli.run(
        ["serve", f"--{order.get('MODE', 'http')}"],
        lambda mode: serve.run(app.build(Settings.load(), mode=mode, now=now)),
    )


def main() -> None:
    """Fork on demand."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    warm_up()
    os.write(1, b"ready\n")
    for line in sys.stdin:
        if (process := os.fork()) == 0:
            try:
                os._exit(be_a_replica(json.loads(line)))
            finally:  # whatever goes wrong, there is one image
                traceback.print_exc()
                os._exit(1)
        os.write(1, b"%d\n" % process)


if __name__ == "__main__":
    main()
