"""The page's address space: files, the stream of events, and what visitors send."""

import json
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from werkzeug.security import safe_join
from werkzeug.wrappers import Request, Response

from bot.sandbox.page.deeds import REFUSALS
from bot.sandbox.slack.wire import Json

STATIC = Path(__file__).parent / "static"
HEADERS = {
    # Only what is served here runs or is shown; a message may show an image of anywhere, as in Slack.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: http://127.0.0.1:* https:; "
    "style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Cache-Control": "no-store",  # whoever changes a file sees it at once
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Site:
    """Routes requests to files, streams and deeds."""

    stream: Callable[[str], Response]
    gallery: Callable[[], Json]
    deeds: Mapping[str, Callable[[Json], Json]]
    files: Mapping[str, str] = field(default_factory=lambda: {"/": "index.html", "/gallery": "gallery.html"})

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        answer = self._answer(request) if is_ours(request) else Response("Forbidden", 403)
        answer.headers.update(HEADERS)
        return answer

    def _answer(self, request: Request) -> Response:
        match request.method, request.path.split("/")[1:]:
            case "GET", ["page", "events"]:
                return self.stream(request.args.get("as", ""))
            case "GET", ["page", "gallery.json"]:
                return as_json(self.gallery())
            case "POST", ["page", deed] if deed in self.deeds:
                return self._do(self.deeds[deed], request)
            case "GET", ["static", name]:
                return file(name)
            case "GET", _ if request.path in self.files:
                return file(self.files[request.path])
            case _:
                return Response("Not Found", 404)

    @staticmethod
    def _do(deed: Callable[[Json], Json], request: Request) -> Response:
        given = request.get_json(silent=True)
        if not isinstance(given, dict):
            return Response("A JSON object was expected", 400)
        try:
            return as_json({"ok": True, **deed(given)})
        except REFUSALS as refusal:
            return as_json({"ok": False, "error": str(refusal).partition("\n")[0]})


def is_ours(request: Request) -> bool:
    """Whether it comes from this page in a browser on this machine, and not from another site that it shows.

    Other sites can reach a loopback address by a name of theirs, and send forms to it: both show in these headers.
    """
    host = request.host.rsplit(":", 1)[0].strip("[]")
    origin = request.headers.get("Origin")
    return host in LOOPBACK and origin in {None, f"http://{request.host}"}


def file(name: str) -> Response:
    """One of the page's files."""
    path = safe_join(str(STATIC), name)
    if path is None or not Path(path).is_file():
        return Response("Not Found", 404)
    kind = mimetypes.guess_type(name)[0] if not name.endswith(".js") else "text/javascript"  # some systems don't know
    return Response(Path(path).read_bytes(), mimetype=kind)


def as_json(what: object) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(what), content_type="application/json; charset=utf-8")
