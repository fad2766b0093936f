"""The operations of one region of one account, and what happens when they end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.sandbox.lightsail.desk import desk
from bot.sandbox.lightsail.errors import not_found
from bot.sandbox.lightsail.pace import TERMINAL, Status, advanced, failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.sandbox.lightsail.pace import Steps
    from bot.sandbox.lightsail.resources import Operation


@dataclass(frozen=True, slots=True)
class Pending:
    """What happens when an operation that is under way ends, and what it is at work on."""

    operation_id: str
    subject: str
    done: Callable[[], None]
    failed: Callable[[], None]


class Ledger:
    """From oldest to newest. An operation is kept when it has ended, and when its resource is gone."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}
        self._pending: list[Pending] = []

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations.values())

    def __contains__(self, operation_id: object) -> bool:
        return operation_id in self._operations

    def find(self, operation_id: str) -> Operation:
        """The operation with that id, or NotFoundException."""
        if operation_id not in self._operations:
            raise not_found("Operation", operation_id)
        return self._operations[operation_id]

    def add(self, operation: Operation) -> Operation:
        """Keep it."""
        self._operations[operation.id] = operation
        return operation

    def follow(
        self,
        operation: Operation,
        subject: str,
        done: Callable[[], None],
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Let something happen when it ends, which may be now."""
        self._pending.append(Pending(operation.id, subject, done, failed))
        self.settle()

    def busy(self, subject: str) -> bool:
        """Whether an operation is under way on that subject."""
        return any(pending.subject == subject for pending in self._pending)

    def settle(self) -> None:
        """Let what has ended by now take effect."""
        ended = [pending for pending in self._pending if self._status(pending) in TERMINAL]
        self._pending = [pending for pending in self._pending if pending not in ended]
        for pending in ended:
            effect = pending.failed if self._status(pending) == Status.FAILED else pending.done
            effect()

    def twin(self, operation_id: str) -> Operation:
        """Another operation like that one, which does nothing."""
        return self.add(replace(self.find(operation_id), id=str(uuid4())))

    def advance(self, operation_id: str) -> Operation:
        """Let its next status come now. ValueError where there is no next one."""
        operation = self.find(operation_id)
        return self._go(operation, advanced(operation.steps, operation.created_at, desk.now()))

    def fail(self, operation_id: str, code: str, details: str) -> Operation:
        """Let it fail now. ValueError where it has ended already."""
        operation = self.find(operation_id)
        return self._go(operation, failed(operation.steps, operation.created_at, desk.now(), code, details))

    def _go(self, operation: Operation, steps: Steps) -> Operation:
        self._operations[operation.id] = replace(operation, steps=steps)
        self.settle()
        return self._operations[operation.id]

    def _status(self, pending: Pending) -> str:
        return self._operations[pending.operation_id].status(desk.now())
