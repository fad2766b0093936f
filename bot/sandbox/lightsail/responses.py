"""The local Lightsail's end of a request that moto hands over."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from botocore.exceptions import ConnectionClosedError
from moto.core.base_backend import backend_lock
from moto.core.responses import BaseResponse
from werkzeug.http import http_date

from bot.sandbox.lightsail.actions import ACTIONS, Action
from bot.sandbox.lightsail.authorization import authorize
from bot.sandbox.lightsail.credentials import REFUSALS, Found, Signed, look
from bot.sandbox.lightsail.desk import Call, desk
from bot.sandbox.lightsail.errors import LightsailError, not_json, throttled, unknown_operation
from bot.sandbox.lightsail.garbage import JSON, Page, garbled, usual_status
from bot.sandbox.lightsail.mischief import NAMES, Credentials, Down, Fail, Garble, Lose, Refused, Shape, Site, Slow
from bot.sandbox.lightsail.models import LightsailBackend, lightsail_backends
from bot.sandbox.lightsail.shapes import reshaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from moto.core.common_types import TYPE_RESPONSE

    from bot.sandbox.lightsail.accounts import Caller
    from bot.sandbox.lightsail.actions import Params
    from bot.sandbox.lightsail.mischief import Kind
    from bot.sandbox.lightsail.resources import Wire

TARGET_PREFIX = "Lightsail_20161128."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call, before anything happens to its answer."""

    status: int = 200
    body: Wire = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back, when, and whether it arrives."""

    status: int
    page: Page
    headers: dict[str, str]
    request_id: str
    wait: Callable[[], object]
    lost: bool


class LightsailResponse(BaseResponse):
    """Parse, see who calls, call, spoil, answer: everything that can be planned for a call happens here."""

    def __init__(self) -> None:
        super().__init__(service_name="lightsail")
        self._happened: list[str] = []

    def call_action(self) -> TYPE_RESPONSE:
        """In one piece under moto's lock; only waiting and sending are outside of it."""
        self._target = self.headers.get("X-Amz-Target", "")
        self._site = Site(self._target.removeprefix(TARGET_PREFIX), self.region, self.current_account)
        with backend_lock:
            answer = None if self._unreachable() else self._answer()
        if answer is None:
            return self._drop()
        answer.wait()
        if answer.lost:
            return self._drop()
        return answer.status, self._headers(answer), answer.page.text

    def _unreachable(self) -> bool:
        """Whether the call ends before AWS: there is no endpoint in the region, or the region is down."""
        return self.region not in lightsail_backends[self.current_account] or bool(self._take(Down))

    def _answer(self) -> Answer:
        params, unreadable = self._params()
        found = self._found()
        cut_off = self._take(Lose, lambda lose: lose.before)
        garble = None if cut_off else self._take(Garble)
        arrives = not (cut_off or (garble and garble.before))
        outcome = self._outcome(params, unreadable, found) if arrives else Outcome()
        done = arrives and outcome.error is None
        late = self._take(Slow)
        lost = cut_off or (done and self._take(Lose, lambda lose: not lose.before))
        call = self._call(params, found.caller, outcome.error, accepted=done)
        desk.calls.append(call)
        return Answer(
            status_of_answer(outcome, garble),
            garbled(garble.kind, outcome.body) if garble else Page(JSON, json.dumps(outcome.body)),
            outcome.headers,
            call.request_id,
            desk.lateness(late.seconds if late else 0),
            lost=bool(lost),
        )

    def _found(self) -> Found:
        token = self.headers.get("X-Amz-Security-Token", "")
        return look(Signed(self.access_key, token, self.current_account), self._take(Refused))

    def _params(self) -> tuple[Params, LightsailError | None]:
        try:
            return fields_of(self.body), None
        except LightsailError as error:
            return {}, error

    def _outcome(self, params: Params, unreadable: LightsailError | None, found: Found) -> Outcome:
        try:
            if unreadable:
                raise unreadable
            return Outcome(body=self._perform(params, found))
        except LightsailError as refusal:
            return Outcome(refusal.status, refusal.body(), refusal.headers(), refusal.code)

    def _perform(self, params: Params, found: Found) -> Wire:
        if not self._target.startswith(TARGET_PREFIX) or self._site.action not in ACTIONS:
            raise unknown_operation(self._target)
        self._admit(found.credentials)
        action = Action(self._site.action)
        backend: LightsailBackend = lightsail_backends[self.current_account][self.region]
        backend.ledger.settle()
        authorize(found.caller, action, params, backend)
        body = ACTIONS[action](backend, params)
        shape = self._take(Shape)
        return reshaped(action, shape, body, lambda twin: backend.ledger.twin(twin).wire(desk.now())) if shape else body

    def _admit(self, credentials: Credentials) -> None:
        """What AWS looks at before a service does, and what is planned to be refused."""
        if credentials is not Credentials.FINE:
            code, _, message = REFUSALS[credentials]
            raise LightsailError(code, message)
        if wait := desk.excess(self.current_account, self.region):
            self._happened.append("limit")
            raise throttled(wait)
        if fail := self._take(Fail):
            raise LightsailError(fail.code, fail.message, status=fail.status, retry_after=fail.retry_after)

    def _take(self, kind: type[Kind], which: Callable[[Kind], bool] = lambda _: True) -> Kind | None:
        what = desk.plans.take(kind, self._site, which)
        if what:
            self._happened.append(NAMES[kind])
        return what

    def _call(self, params: Params, caller: Caller, error: str | None, *, accepted: bool) -> Call:
        session = caller.session
        return Call(
            action=self._site.action,
            account=self.current_account,
            region=self.region,
            params=params,
            at=desk.now(),
            request_id=str(uuid4()),
            accepted=accepted,
            error=error,
            role=session.role if session else None,
            session_name=session.name if session else None,
            source_identity=session.source_identity if session else None,
            session_tags=dict(session.tags) if session else {},
            mischief=tuple(self._happened),
        )

    def _headers(self, answer: Answer) -> dict[str, str]:
        headers = {"x-amzn-RequestId": answer.request_id, "Content-Type": answer.page.content_type, **answer.headers}
        if not self.is_werkzeug_request:  # the server writes its own, from the same clock
            headers["Date"] = http_date(desk.now())
        return headers

    def _drop(self) -> TYPE_RESPONSE:
        """No answer: the connection ends, or without a connection the client sees that it did."""
        return dropped(self.normalized_request.environ, self.uri)


def dropped(environ: Mapping[str, object], uri: str) -> TYPE_RESPONSE:
    """The connection ends instead of an answer."""
    connection = environ.get("werkzeug.socket")
    if not isinstance(connection, socket.socket):
        raise ConnectionClosedError(endpoint_url=uri)
    with suppress(OSError):  # the client may have gone first
        connection.shutdown(socket.SHUT_RDWR)
    return 200, {}, ""  # written to a closed connection, which werkzeug takes in silence


def status_of_answer(outcome: Outcome, garble: Garble | None) -> int:
    """The status that was planned; else that of a refusal, or what is usual for such garbage."""
    if garble and garble.status:
        return garble.status
    return usual_status(garble.kind) if garble and not outcome.error else outcome.status


def fields_of(body: str) -> Params:
    """The fields of a request; none where there is no body."""
    try:
        fields = json.loads(body or "{}")
    except ValueError as error:
        raise not_json() from error
    if not isinstance(fields, dict):
        raise not_json()
    return fields
