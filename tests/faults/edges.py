"""The three edges of the bot, counted across its threads: a transaction, a call to AWS, a call to Slack.

What is called inside the bot stays as it is: the edges are laid around what it uses of others and of the database.
"""

import functools
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.client import BaseClient
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient
from sqlmodel import Session

from storage.database import Database

_OURS = ("bot.", "app")
_OF_CLIENT = ("api_call", "api_test")  # what the methods themselves call


@dataclass(frozen=True, slots=True)
class Strike:
    """What happens to the process at one of its boundaries: it is killed, or stands still for so many seconds."""

    at: int | str  # the n-th, from 1, or the first of that name
    pause: float | None = None

    def is_at(self, count: int, what: str) -> bool:
        """Whether this is the boundary; where it has a name, it can be so more than once."""
        return self.at in (count, what)


class Edges:
    """Counts the boundaries that the process reaches, and strikes at one of them."""

    def __init__(self, tell: Callable[[str], None], strike: Strike | None) -> None:
        self._tell = tell
        self._strike = strike
        self._count = 0
        self._lock = threading.Lock()

    def reach(self, what: str) -> None:
        """A boundary; others wait meanwhile, so that their order is that of the count."""
        with self._lock:
            self._count += 1
            self._tell(what)
            if self._strike and self._strike.is_at(self._count, what):
                number = signal.SIGKILL if self._strike.pause is None else signal.SIGSTOP
                self._strike = None
                signal.raise_signal(number)

    def lay(self) -> None:
        """Put the edges around the bot of this process, for as long as it lives."""
        self._lay_around_transactions()
        self._lay_around_calls(BaseClient, "_make_api_call", lambda arguments: f"AWS {arguments[0]}")
        self._lay_around_calls(WebhookClient, "send", lambda _: "Slack response_url")
        for name, member in list(vars(WebClient).items()):
            if callable(member) and "_" in name.strip("_") and not name.startswith("_") and name not in _OF_CLIENT:
                self._lay_around_calls(WebClient, name, functools.partial(_named, f"Slack {name}"))

    def _lay_around_transactions(self) -> None:
        original = Database.transaction

        @contextmanager
        def transaction(database: Database, **named: Any) -> Iterator[Session]:  # noqa: ANN401  (whatever it is given)
            what = f"transaction {_caller()}"
            self.reach(f"{what} before")
            with original(database, **named) as tx:
                yield tx
                self.reach(f"{what} uncommitted")
            self.reach(f"{what} after")

        Database.transaction = transaction  # type: ignore[method-assign,assignment]

    def _lay_around_calls(self, owner: type, name: str, what: Callable[[tuple[Any, ...]], str]) -> None:
        original = getattr(owner, name)

        @functools.wraps(original)
        def call(client: object, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  (whatever it is given)
            self.reach(f"{what(arguments)} before")
            try:
                return original(client, *arguments, **named)
            finally:
                self.reach(f"{what(arguments)} after")

        setattr(owner, name, call)


def _named(name: str, _: tuple[Any, ...]) -> str:
    return name


def _caller() -> str:
    """Who of the bot wanted the transaction: module and function."""
    frame = sys._getframe(1)
    while frame.f_back and not frame.f_globals["__name__"].startswith(_OURS):
        frame = frame.f_back
    return f"{frame.f_globals['__name__'].removeprefix('bot.')}.{frame.f_code.co_name.strip('_')}"
