"""A program that has imported the whole bot, and forks one that serves whenever it is asked to.

It has no thread of its own, so a fork copies all of it. Each order comes over the socket whose number is the
argument, with a socket for that child alone: over it the child tells what it reaches, in lines of JSON, hears what
time it is, and learns from its end that nobody needs it any more.
"""

import functools
import gc
import json
import logging
import os
import signal
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.retries.standard
from botocore.loaders import JSONFileLoader
from sqlmodel import select

import app
import bot.lightsail.client as aws
import bot.slack.pace
from bot.sandbox import company
from bot.settings import Settings
from storage import migrations
from storage.database import Database
from storage.tables import Audit, CardCopy, Deletion, Notice, Operation, Permission, Receipt
from tests.faults.edges import Edges, Strike

Order = Mapping[str, Any]
_log = logging.getLogger(__name__)


class Child:
    """A bot that serves, and hears what time it is."""

    def __init__(self, line: socket.socket, order: Order) -> None:
        self._line = line
        self._turn = threading.Lock()
        self._ahead = timedelta(seconds=order["ahead"])
        self._at_work: set[Future[Any]] = set()
        self.tell(pid=os.getpid())
        os.environ.update(order["environment"])
        Edges(lambda what: self.tell(reached=what), Strike(**order["strike"]) if order["strike"] else None).lay()
        self._service = app.build(Settings.load(), now=self._now)
        self._watch(self._service.pool)
        self._watch(self._service.answers)

    def run(self) -> None:
        """Serve until the line ends."""
        self._service.start()
        self.tell(port=self._service.port)
        with self._line.makefile(encoding="utf-8") as heard:
            for order in map(json.loads, heard):
                if "ahead" in order:
                    self._ahead = timedelta(seconds=order["ahead"])
                    self._service.lease.wake_here()
                if "stop" in order:
                    self._service.stop()
                    return
                self.tell(is_idle=self._is_idle())

    def tell(self, **facts: object) -> None:
        """Say something to whoever holds the other end."""
        with self._turn:
            self._line.sendall(json.dumps(facts).encode() + b"\n")

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def _is_idle(self) -> bool:
        """Whether it waits for people or for time alone."""
        return self._service.lease.is_held and not self._at_work and all(loop.is_idle() for loop in self._service.loops)

    def _watch(self, pool: Executor) -> None:
        submit = pool.submit

        def watched(work: Callable[[], None]) -> "Future[None]":
            done = submit(work)
            self._at_work.add(done)
            done.add_done_callback(self._at_work.discard)
            return done

        pool.submit = watched  # type: ignore[method-assign,assignment]


def warm_up() -> None:
    """Do once what costs much and is the same for every child."""
    JSONFileLoader.load_file = functools.cache(JSONFileLoader.load_file)  # type: ignore[method-assign]
    ssl.create_default_context = functools.cache(ssl.create_default_context)  # type: ignore[assignment]
    ssl.create_default_context()
    botocore.retries.standard.ExponentialBackoff.delay_amount = lambda *_: 0.0  # type: ignore[method-assign]
    bot.slack.pace.BURST = bot.slack.pace.EDIT_BURST = 1000
    aws._session = functools.cache(aws._session)
    aws._client = functools.cache(aws._client)
    for region in company.REGIONS:
        for config in (aws._READS, aws._DELETES):
            aws._client(aws._session(), region, config)
    with tempfile.TemporaryDirectory() as folder:
        _use_a_database(f"sqlite:///{folder}/warm.db")


def _use_a_database(url: str) -> None:
    """SQLAlchemy and Alembic do much when they are first used."""
    database = Database(url)
    for _ in range(2):
        migrations.upgrade(database)
    with database.reading() as tx:
        for table in (Audit, CardCopy, Deletion, Notice, Operation, Permission, Receipt):
            tx.exec(select(table)).all()
    database.close()


def main() -> None:
    logging.basicConfig(format="%(asctime)s %(process)s %(levelname)s %(message)s")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    warm_up()
    gc.freeze()
    if threading.active_count() > 1:
        raise RuntimeError(f"a fork would lose threads: {threading.enumerate()}")
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        orders.sendall(b"!")
        while True:
            order, numbers, _, _ = socket.recv_fds(orders, 65536, 1)
            if not order:
                return
            if os.fork() == 0:
                orders.close()
                serve(numbers[0], json.loads(order))
            os.close(numbers[0])


def serve(number: int, order: Order) -> None:
    """Be a child. Never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        Child(socket.socket(fileno=number), order).run()
    except BaseException:  # whatever it is, the fork goes no further  # noqa: BLE001
        _log.exception("a child ended")
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
