"""Requests to the bot as bytes, with whatever is wrong with them."""

import hashlib
import hmac
import http.client
import json
import time
from typing import NamedTuple, Self
from urllib.parse import urlencode

from bot.sandbox.slack.delivery import FORM
from tests.conftest import World

EVENTS = "/slack/events"


class Answered(NamedTuple):
    """What came back."""

    status: int
    body: str


class Wire:
    """A line to a bot in HTTP mode, that is kept open between requests."""

    def __init__(self, world: World) -> None:
        self.secret = world.slack.signing_secret
        assert world.bot
        self.port = world.bot.port
        self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._line.close()

    def signed(self, body: bytes, *, at: float = 0, secret: str | None = None) -> dict[str, str]:
        """The headers of a form that Slack has sent so many seconds ago, or is yet to send."""
        moment = str(int(time.time() + at))
        signed = b"v0:%s:%s" % (moment.encode(), body)
        digest = hmac.new((self.secret if secret is None else secret).encode(), signed, hashlib.sha256).hexdigest()
        return {"Content-Type": FORM, "X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}"}

    def send(
        self, body: bytes, headers: dict[str, str] | None = None, *, method: str = "POST", path: str = EVENTS
    ) -> Answered:
        """Signed, unless the headers are given."""
        try:
            self._line.request(method, path, body, self.signed(body) if headers is None else headers)
            answer = self._line.getresponse()
            return Answered(answer.status, answer.read().decode())
        except http.client.HTTPException:
            self._line.close()
            raise


def form(payload: object) -> bytes:
    """A click as Slack delivers it over HTTP; a text is put in as it is."""
    return urlencode({"payload": payload if isinstance(payload, str) else json.dumps(payload)}).encode()
