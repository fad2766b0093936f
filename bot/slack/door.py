"""The door for Slack: what is not Slack's, not of now, or not whole goes no further, over HTTP or a socket."""

import hashlib
import hmac
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from slack_bolt import App, BoltRequest, BoltResponse

from bot.slack import payloads
from bot.slack.payloads import FORM, JSON, Body, MalformedError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

LATE = 300  # seconds; https://docs.slack.dev/authentication/verifying-requests-from-slack
_log = logging.getLogger(__name__)


class _RefusedError(Exception):
    """A request that is not answered; the words are for the log."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        self.status = status
        super().__init__(why)


def let_in(app: App, body: Body) -> BoltResponse:
    """Have a delivery that is known to be Slack's answered.

    Raises:
        MalformedError: it is not whole; nothing was done.
    """
    # To Bolt, a socket's request is one whose body was read and whose sender was proved. Both are done here, for HTTP
    # too: Bolt itself would read a body before it asks who sent it, and by other rules.
    essential = payloads.essential(body)
    try:
        response = app.dispatch(BoltRequest(body=essential, mode="socket_mode"))
    except Exception as error:  # of Bolt, that looks into parts of any shape for who may listen  # noqa: BLE001
        raise MalformedError(f"odd parts ({type(error).__name__})") from None
    return response if response.status == HTTPStatus.OK else BoltResponse(status=HTTPStatus.OK)


def let_in_by_socket(app: App, body: Body) -> BoltResponse:
    """The same for Socket Mode, where whoever is connected is Slack, and all that is not acknowledged comes again."""
    try:
        return let_in(app, body)
    except MalformedError as why:
        _log.warning("acknowledged an envelope and did nothing: %s", why)
        return BoltResponse(status=HTTPStatus.OK)


def log_error(error: Exception) -> str:
    """Log an error that nobody foresaw; the id is what people can be told."""
    error_id = secrets.token_hex(4)
    _log.error("error %s", error_id, exc_info=error)
    return error_id


@dataclass(frozen=True, slots=True)
class Door:
    """A WSGI application for what Slack sends over HTTP."""

    app: App
    secret: str
    now: Callable[[], float] = time.time  # seconds since 1970

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; never with a 5xx, whatever comes."""
        try:
            response = let_in(self.app, self._read(environ))
        except _RefusedError as refused:
            response = _refusal(refused.status, str(refused))
        except MalformedError as why:
            response = _refusal(HTTPStatus.BAD_REQUEST, str(why))
        status = HTTPStatus(response.status)
        start_response(f"{status.value} {status.phrase}", list(response.first_headers().items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body.encode()]

    def _read(self, environ: "WSGIEnvironment") -> Body:
        """The body, once it is proved to be Slack's. How much of it there may be is the server's to limit."""
        if environ["REQUEST_METHOD"] != "POST":
            raise _RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "not a POST")
        content_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if content_type not in (FORM, JSON):
            raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "neither a form nor JSON")
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self._prove(environ, raw)
        return payloads.read(content_type, raw)

    def _prove(self, environ: "WSGIEnvironment", raw: bytes) -> None:
        """See that whoever sent it knows the secret, and did so a moment ago.

        Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
        """
        moment = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        if not re.fullmatch("[0-9]{1,12}", moment):
            raise _RefusedError(HTTPStatus.UNAUTHORIZED, "no time")
        if abs(self.now() - int(moment)) > LATE:
            raise _RefusedError(HTTPStatus.UNAUTHORIZED, "its time is not now")
        true = hmac.new(self.secret.encode(), b"v0:%s:%s" % (moment.encode(), raw), hashlib.sha256).hexdigest()
        given = environ.get("HTTP_X_SLACK_SIGNATURE", "").encode("latin-1", "replace")
        if not hmac.compare_digest(f"v0={true}".encode(), given):
            raise _RefusedError(HTTPStatus.UNAUTHORIZED, "no signature of Slack's")


def _refusal(status: HTTPStatus, why: str) -> BoltResponse:
    _log.warning("refused a request: %s", why)
    headers = {"Allow": "POST"} if status is HTTPStatus.METHOD_NOT_ALLOWED else {}
    return BoltResponse(status=status, body=f"{status.phrase}\n", headers=dict(headers))
