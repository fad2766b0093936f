"""Socket Mode that is never without a line it could have had, and whose answers outlive the line they are given on.

slack_sdk's own client takes a session that is about to be opened for one that was lost: it asks for another, and closes
the first under what Slack has already sent there. When Slack renews a connection it hangs up before there is a new one.
"""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App, BoltResponse
from slack_sdk.errors import SlackApiError

from bot.slack.client import Done, Wait, attempt
from bot.slack.door import let_in_by_socket
from bot.slack.line import Frame, Line

CONCURRENCY = 16  # envelopes at once
ANSWER_WITHIN = 3.0  # seconds; later Slack does not listen
STEADY = 1.0  # seconds that a line must have been open for the next one to be asked for at once
PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds between attempts, doubled each time
_log = logging.getLogger(__name__)


class SocketMode:
    """Bolt's app at Slack's other door."""

    def __init__(self, app: App, app_token: str) -> None:
        self._app = app
        self._token = app_token
        self._changed = threading.Condition()
        self._lines: list[Line] = []  # the newest last
        self._ending = threading.Event()
        self._workers = ThreadPoolExecutor(CONCURRENCY, "envelope")
        self._keeper: threading.Thread | None = None

    @property
    def is_connected(self) -> bool:
        """Whether Slack can reach us."""
        return bool(self._open())

    def connect(self) -> None:
        """Get leave to connect, and stay connected from then on.

        Raises:
            SlackApiError: Slack refuses.
        """
        self._keeper = threading.Thread(target=self._keep, args=(self._first_url(),), name="socket", daemon=True)
        self._keeper.start()

    def close(self) -> None:
        """Finish what is in hand, and hang up."""
        self._ending.set()
        self._workers.shutdown()
        with self._changed:
            lines = list(self._lines)
        for line in lines:
            line.close()
        if self._keeper:
            self._keeper.join(ANSWER_WITHIN)

    # Lines

    def _first_url(self) -> str:
        while True:
            try:
                return str(self._app.client.apps_connections_open(app_token=self._token)["url"])
            except SlackApiError as error:
                if error.response.get("error") != "ratelimited":
                    raise
                self._ending.wait(float(error.response.headers.get("Retry-After", "30")))

    def _keep(self, url: str | None) -> None:
        pause = 0.0
        while not self._ending.wait(pause):
            url = url or self._url()
            is_steady = url is not None and self._use(url)
            pause = 0.0 if is_steady else min(max(2 * pause, PAUSE), LONGEST_PAUSE)
            url = None

    def _url(self) -> str | None:
        match attempt(lambda: self._app.client.apps_connections_open(app_token=self._token)):
            case Done() as done:
                return done.field("url")
            case Wait(seconds, problem):
                _log.warning("Slack gives no connection: %s", problem)
                self._ending.wait(seconds)
            case refused:
                _log.warning("Slack gives no connection: %s", refused.problem)
        return None

    def _use(self, url: str) -> bool:
        """Be on a line until Slack asks to leave it or it ends; whether it was open long enough to ask for another."""
        line = Line(url, self._hear, self._notify)
        with self._changed:
            if self._ending.is_set():
                return False
            self._lines.append(line)
        threading.Thread(target=self._run, args=(line,), name="line", daemon=True).start()
        return line.wait_left() >= STEADY

    def _run(self, line: Line) -> None:
        line.run()
        with self._changed:
            self._lines.remove(line)

    def _open(self) -> list[Line]:
        with self._changed:
            return [line for line in self._lines if line.is_open]

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # Envelopes

    def _hear(self, line: Line, envelope: Frame) -> None:
        if not self._ending.is_set():
            self._workers.submit(self._answer, line, envelope)

    def _answer(self, line: Line, envelope: Frame) -> None:
        try:
            payload = envelope.get("payload")
            answer = let_in_by_socket(self._app, payload if isinstance(payload, dict) else {})
            self._acknowledge(line, {"envelope_id": envelope["envelope_id"], **_payload(answer)})
        except Exception:  # nobody else would learn of it  # noqa: BLE001
            _log.exception("an envelope was not acknowledged")

    def _acknowledge(self, line: Line, answer: Frame) -> None:
        """Answer where the envelope came from, and on the newest line, too, if Slack may hang up there meanwhile."""
        is_said = line.send(answer)
        if is_said and not line.is_to_leave:
            return
        with self._changed:
            self._changed.wait_for(lambda: self._others(line), 0.0 if is_said else ANSWER_WITHIN)
        if not any(other.send(answer) for other in self._others(line)) and not is_said:
            _log.warning("an envelope was not acknowledged: there is no connection to Slack")

    def _others(self, line: Line) -> list[Line]:
        return [other for other in reversed(self._open()) if other is not line]


def _payload(answer: BoltResponse) -> Frame:
    if not answer.body:
        return {}
    is_json = answer.first_headers().get("content-type", "").startswith("application/json")
    return {"payload": json.loads(answer.body) if is_json else {"text": answer.body}}
