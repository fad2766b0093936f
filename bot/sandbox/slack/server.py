"""The HTTP front of the local Slack, on loopback."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from werkzeug.exceptions import BadRequest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from bot.sandbox.slack import uploads
from bot.sandbox.slack.faults import RESPONSE_URL, UPLOAD, Fault, Faults, Garbled
from bot.sandbox.slack.files import Files
from bot.sandbox.slack.replies import Refusal, Replies
from bot.sandbox.slack.sockets import SocketMode
from bot.sandbox.slack.web import WebApi
from bot.sandbox.slack.wire import Json, as_object, string

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BACKLOG = 1024  # two hundred people click in the same instant
POLL_SECONDS = 0.02
PAGE = b"<!DOCTYPE html><html><head><title>Server Error</title></head><body>Something went wrong.</body></html>"


class HungUpError(ConnectionError):
    """The connection is to be closed without an answer."""


class QuietHandler(WSGIRequestHandler):
    """Logs nothing, and really closes what is dropped."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's own name
        """Keep silent."""

    def connection_dropped(
        self,
        error: BaseException,  # noqa: ARG002 - werkzeug's own signature
        environ: object = None,  # noqa: ARG002
    ) -> None:
        """End the connection, which HTTP/1.1 would keep for another request."""
        self.close_connection = True


@dataclass
class Front:
    """Routes requests: the Web API, response URLs, files and Socket Mode."""

    web: WebApi
    replies: Replies
    sockets: SocketMode
    files: Files
    faults: Faults
    stopping: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; raises ConnectionError where there is to be no answer."""
        request = Request(environ)
        is_upload = request.path.startswith("/upload/")  # whose bytes are a file, even where they look like a form
        _ = request.get_data(parse_form_data=not is_upload)  # an answer to a request half read would be a reset
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        match request.path.split("/")[1:]:
            case ["api", method]:
                return self._called(method, request)
            case ["commands" | "actions", _, _, _] if request.method == "POST":
                return self._replied(request)
            case ["upload", "v1", ticket] if request.method == "POST":
                return self._under_fault(UPLOAD, {}, lambda: uploads.take(self.files, ticket, request))
            case ["files-pri", name, *_]:
                return uploads.give(self.files, name.partition("-")[2], lambda: self.web.may_read(_token(request, {})))
            case ["files", name, *_]:
                return uploads.give(self.files, name, lambda: True)
            case ["link"]:
                return self._connect(request)
            case _:
                return Response("Not Found", 404)

    def _under_fault(self, method: str, arguments: Json, answer: Callable[[], Response]) -> Response:
        fault = self.faults.take(method, arguments)
        if fault is None:
            return answer()
        refusal = _refusal(fault)
        if refusal is not None:
            return refusal
        kept = answer() if fault.accepted else _json({"ok": True})
        self.stopping.wait(fault.seconds)
        if fault.lost:
            raise HungUpError
        return _garbled(fault.garbled, fault.status, kept) if fault.garbled else kept

    def _called(self, method: str, request: Request) -> Response:
        try:
            arguments = _arguments(request)
        except BadRequest:
            return _json({"ok": False, "error": "invalid_json"})
        return self._under_fault(method, arguments, lambda: self._call(method, request, arguments))

    def _call(self, method: str, request: Request, arguments: Json) -> Response:
        answered = self.web.call(method, _token(request, arguments), arguments)
        return _json(answered.form, answered.status, answered.headers)

    def _replied(self, request: Request) -> Response:
        payload = request.get_json(force=True, silent=True)
        arguments = {**as_object(payload), **self.replies.about(request.path)}
        return self._under_fault(RESPONSE_URL, arguments, lambda: self._reply(request.path, payload))

    def _reply(self, path: str, payload: object) -> Response:
        match self.replies.use(path, payload if isinstance(payload, dict) else None):
            case Refusal(status, error, messages):
                form: Json = {"ok": False, "error": error}
                if messages:
                    form["response_metadata"] = {"messages": [f"[ERROR] {each}" for each in messages]}
                return _json(form, status)
            case None:
                return Response("ok", 200)

    def _connect(self, request: Request) -> Response:
        if not self.sockets.admits(request.args.get("ticket", "")):
            return Response("Forbidden", 403)
        self.sockets.serve(request.environ)
        raise HungUpError  # there is no HTTP to say after the last frame


def _refusal(fault: Fault) -> Response | None:
    if fault.garbled:
        return None
    if fault.retry_after is not None:
        headers = {"Retry-After": str(fault.retry_after)}
        return _json({"ok": False, "error": "ratelimited"}, 429, headers)
    if fault.status is not None:
        return Response("", fault.status)
    return _json({"ok": False, "error": fault.error}) if fault.error else None


def _garbled(how: Garbled, status: int | None, kept: Response) -> Response:
    """Something else in the place of an answer."""
    match how:
        case Garbled.PAGE:
            return Response(PAGE, status or 200, content_type="text/html; charset=utf-8")
        case Garbled.CUT:
            said = kept.get_data()
            return Response(said[: len(said) // 2], status or kept.status_code, content_type=kept.content_type)


def _json(form: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(form), status, headers, content_type="application/json; charset=utf-8")


def _arguments(request: Request) -> Json:
    """From the query, a form or a JSON object; raises BadRequest for JSON that is none."""
    body = as_object(request.get_json()) if request.is_json and request.get_data() else request.form.to_dict()
    return {**request.args.to_dict(), **body}


def _token(request: Request, arguments: Json) -> str | None:
    authorization = request.authorization
    if authorization is not None and authorization.type == "bearer":
        return authorization.token
    return string(arguments.get("token")) or None


class HttpServer:
    """Listens on 127.0.0.1; port 0 takes a free one. OSError if the port is taken."""

    def __init__(self, front: Front, port: int) -> None:
        self._front = front
        with socket.create_server(("127.0.0.1", port), backlog=BACKLOG) as listening:
            # Werkzeug would end the whole process over a port in use; it takes a socket that is open instead.
            self._server = make_server(
                "127.0.0.1",
                listening.getsockname()[1],
                front,
                threaded=True,
                request_handler=QuietHandler,
                fd=listening.fileno(),
            )
        self.port = self._server.port
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            args=(POLL_SECONDS,),
            name="local-slack",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests, end what is kept back, close."""
        self._front.stopping.set()
        self._server.shutdown()
        self._thread.join()
