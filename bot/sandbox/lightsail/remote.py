"""The control over HTTP, for whoever is not in the server's process.

`POST /local-lightsail/lose` with `{"action": "DeleteInstanceSnapshot"}` is `Control.lose` with these
arguments, and so on for every verb. The answer is JSON, times and days are ISO 8601, disks are objects with the
fields of `Disk`, and a step that waits for `advance` comes after null seconds.
"""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from bot.sandbox.lightsail.resources import Disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from bot.sandbox.lightsail.control import Control

PREFIX = "/local-lightsail/"


class Remote:
    """In front of moto: answers what is for the control, and hands on the rest."""

    def __init__(self, application: WSGIApplication, control: Control) -> None:
        self._application = application
        self._verbs: Mapping[str, Callable[..., object]] = {
            verb.__name__: verb
            for verb in (
                control.account,
                control.advance,
                control.armed,
                control.calls,
                control.credentials,
                control.down,
                control.expire,
                control.fail,
                control.fail_operation,
                control.garble,
                control.heal,
                control.instance,
                control.instances,
                control.limit,
                control.lose,
                control.operations,
                control.pace,
                control.page_size,
                control.remove,
                control.replace,
                control.reset,
                control.sessions,
                control.shape,
                control.slow,
                control.snapshot,
                control.snapshots,
            )
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as WSGI wants it."""
        if not environ["PATH_INFO"].startswith(PREFIX):
            return self._application(environ, start_response)
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        verb = self._verbs.get(request.path.removeprefix(PREFIX))
        if verb is None or request.method != "POST":
            return said(404, {"error": f"POST one of {', '.join(self._verbs)}"})
        try:
            return said(200, verb(**arguments(request.get_data(as_text=True))))
        except (TypeError, ValueError) as error:
            return said(400, {"error": str(error)})


def arguments(body: str) -> dict[str, object]:
    """The arguments in a JSON object; ValueError where it is none."""
    given = json.loads(body or "{}")
    if not isinstance(given, dict):
        raise ValueError("the arguments must be a JSON object")  # noqa: TRY004 (JSON of another shape is a bad value)
    if "created_at" in given:
        given["created_at"] = datetime.fromisoformat(given["created_at"])
    if "disks" in given:
        given["disks"] = [Disk(**disk) for disk in given["disks"]]
    return given


def said(status: int, what: object) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(what, default=plain), status, content_type="application/json")


def plain(value: object) -> object:
    """JSON for what has none of its own."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
