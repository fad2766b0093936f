"""The local Lightsail's end of a request that moto hands over."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import ConnectionClosedError
from moto.core.base_backend import backend_lock
from moto.core.responses import BaseResponse
from werkzeug.http import http_date

from bot.sandbox.lightsail.actions import ACTIONS, Action
from bot.sandbox.lightsail.desk import Call, FaultKind, desk
from bot.sandbox.lightsail.errors import LightsailError, not_json, unknown_operation
from bot.sandbox.lightsail.models import LightsailBackend, lightsail_backends

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.core.common_types import TYPE_RESPONSE

    from bot.sandbox.lightsail.actions import Params
    from bot.sandbox.lightsail.resources import Wire

TARGET_PREFIX = "Lightsail_20161128."
CONTENT_TYPE = "application/x-amz-json-1.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, when, and whether it arrives."""

    status: int
    body: Wire
    request_id: str
    wait: Callable[[], object]
    lost: bool


class LightsailResponse(BaseResponse):
    """Parse, call, answer."""

    def __init__(self) -> None:
        super().__init__(service_name="lightsail")

    def call_action(self) -> TYPE_RESPONSE:
        """In one piece under moto's lock; only waiting and sending are outside of it."""
        if self.region not in lightsail_backends[self.current_account]:
            return self._drop()  # AWS has no endpoint there: the name does not even resolve
        with backend_lock:
            answer = self._answer()
        answer.wait()
        if answer.lost:
            return self._drop()
        return answer.status, self._headers(answer), json.dumps(answer.body)

    def _answer(self) -> Answer:
        target = self.headers.get("X-Amz-Target", "")
        action, region = target.removeprefix(TARGET_PREFIX), self.region
        params: Params = {}
        status, body, error = 200, {}, None
        try:
            params = fields_of(self.body)
            body = self._perform(target, action, params)
        except LightsailError as refusal:
            status, body, error = refusal.status, refusal.body(), refusal.code
        late = desk.take(FaultKind.SLOW, action, region)
        answer = Answer(
            status,
            body,
            str(uuid4()),
            desk.lateness(late.seconds if late else 0),
            lost=error is None and desk.take(FaultKind.LOSE, action, region) is not None,
        )
        self._record(action, params, answer.request_id, error)
        return answer

    def _perform(self, target: str, action: str, params: Params) -> Wire:
        if not target.startswith(TARGET_PREFIX) or action not in ACTIONS:
            raise unknown_operation(target)
        if fault := desk.take(FaultKind.FAIL, action, self.region):
            raise LightsailError(fault.code, fault.message, status=fault.status)
        backend: LightsailBackend = lightsail_backends[self.current_account][self.region]
        backend.settle()
        return ACTIONS[Action(action)](backend, params)

    def _record(self, action: str, params: Params, request_id: str, error: str | None) -> None:
        call = Call(
            action=action,
            account=self.current_account,
            region=self.region,
            params=params,
            at=desk.now(),
            request_id=request_id,
            accepted=error is None,
            error=error,
        )
        desk.calls.append(call)

    def _headers(self, answer: Answer) -> dict[str, str]:
        headers = {"x-amzn-RequestId": answer.request_id, "Content-Type": CONTENT_TYPE}
        if not self.is_werkzeug_request:  # the server writes its own, from the same clock
            headers["Date"] = http_date(desk.now())
        return headers

    def _drop(self) -> TYPE_RESPONSE:
        """No answer: the connection ends, or without a connection the client sees that it did."""
        connection: socket.socket | None = self.normalized_request.environ.get("werkzeug.socket")
        if connection is None:
            raise ConnectionClosedError(endpoint_url=self.uri)
        with suppress(OSError):  # the client may have gone first
            connection.shutdown(socket.SHUT_RDWR)
        return 200, {}, ""  # written to a closed connection, which werkzeug takes in silence


def fields_of(body: str) -> Params:
    """The fields of a request; none where there is no body."""
    try:
        fields = json.loads(body or "{}")
    except ValueError as error:
        raise not_json() from error
    if not isinstance(fields, dict):
        raise not_json()
    return fields
