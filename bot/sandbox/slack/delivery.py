"""Telling the app what a person did, over HTTP or Socket Mode, and showing the person how it answered."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.sandbox.slack.faults import DELIVERY, Faults
from bot.sandbox.slack.refusals import refusal
from bot.sandbox.slack.sockets import NobodyConnectedError, SocketMode
from bot.sandbox.slack.wire import Json, as_object, objects, string
from bot.sandbox.slack.words import text_of
from bot.sandbox.slack.workspace import SLACKBOT, Workspace

ACK_SECONDS = 3.0
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
EVENTS = ("event_callback", "url_verification")
ANSWERED = ("view_submission", "block_suggestion")  # the app's answer to these says more than that they came


class Kind(StrEnum):
    """What a person did, as Socket Mode names it."""

    COMMAND = "slash_commands"
    CLICK = "interactive"  # a choice and a submitted modal too
    EVENT = "events_api"


@dataclass(frozen=True)
class Confirm:
    """The texts of a confirm dialog."""

    title: str
    text: str
    confirm: str
    deny: str


@dataclass(frozen=True)
class Delivery:
    """What was delivered and how the app answered.

    `status` is None when there was no answer. `error` is Slack's own word for what went wrong:
    `operation_timeout`, `dispatch_failed`, `invalid_command_response`; None if all went well. Where Slack shows
    no word, it is one of ours: `invalid_view_response`, `invalid_options_response`, `challenge_failed`. `person`
    is a user id, `confirm` the dialog that came before a click; `is_final` if the app wants no other attempt.
    """

    kind: Kind
    person: str
    status: int | None
    body: str
    seconds: float
    error: str | None = None
    confirm: Confirm | None = None
    is_final: bool = False

    @property
    def ok(self) -> bool:
        """Whether the app took it in time."""
        return self.error is None


@dataclass(frozen=True)
class Answer:
    """What came back from the app; `is_final` if it wants the same not to be sent again."""

    status: int | None = None
    body: str = ""
    error: str | None = None
    is_final: bool = False


@dataclass(frozen=True)
class Parcel:
    """What a person did, as it goes over the wire, and read back from it.

    An event that was sent before has the number of its `attempt` and the `reason` for another one.
    """

    kind: Kind
    body: str
    fields: Json
    attempt: int = 0
    reason: str = ""

    @classmethod
    def of(cls, payload: Mapping[str, object] | str) -> "Parcel":
        """From the fields of a command, the payload of a click or an event, or the body of any."""
        if isinstance(payload, str):
            return cls._of_body(payload)
        if "command" in payload:
            return cls(Kind.COMMAND, urlencode(payload), dict(payload))
        if payload.get("type") in EVENTS:
            return cls(Kind.EVENT, json.dumps(payload), dict(payload))
        return cls(Kind.CLICK, urlencode({"payload": json.dumps(payload)}), dict(payload))

    @classmethod
    def _of_body(cls, body: str) -> "Parcel":
        if body.startswith("{"):
            return cls(Kind.EVENT, body, as_object(json.loads(body)))
        form = dict(parse_qsl(body, keep_blank_values=True))
        if "payload" in form:
            return cls(Kind.CLICK, body, as_object(json.loads(form["payload"])))
        return cls(Kind.COMMAND, body, dict(form))

    @property
    def person(self) -> str:
        """The id of the person who did it, as the payload has it."""
        told = self.fields.get("user_id") or as_object(self.fields.get("user")).get("id")
        return string(told or as_object(self.fields.get("event")).get("user"))

    @property
    def type(self) -> str:
        """What happened, such as `block_actions`; nothing for a command."""
        return string(self.fields.get("type"))

    @property
    def headers(self) -> dict[str, str]:
        """What stands above the body in HTTP, but for the signature."""
        told = {"Content-Type": JSON if self.kind is Kind.EVENT else FORM}
        if self.attempt:
            told |= {"X-Slack-Retry-Num": str(self.attempt), "X-Slack-Retry-Reason": self.reason}
        return told

    @property
    def envelope(self) -> Json:
        """What stands around the payload in Socket Mode."""
        accepts = self.kind is Kind.COMMAND or self.type in ANSWERED
        tries = {"retry_attempt": self.attempt, "retry_reason": self.reason} if self.kind is Kind.EVENT else {}
        return {"accepts_response_payload": accepts, **tries}

    @property
    def confirm(self) -> Confirm | None:
        """The dialog in front of what was clicked."""
        asked = [each["confirm"] for each in objects(self.fields.get("actions")) if each.get("confirm")]
        if not asked:
            return None
        return Confirm(*(text_of(asked[0].get(part), {}) for part in ("title", "text", "confirm", "deny")))


def sign(secret: str, body: str, timestamp: float | None = None) -> dict[str, str]:
    """The headers that prove a request is Slack's; `timestamp` is in seconds since 1970, now if not given."""
    # Now is the true time, whatever the workspace's clock says: the app compares it with its own.
    moment = str(int(time.time() if timestamp is None else timestamp))
    digest = hmac.new(secret.encode(), f"v0:{moment}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}"}


def post(urls: Sequence[str], body: str, headers: Mapping[str, str], seconds: float) -> Answer:
    """Send a body over HTTP to the first of the addresses where somebody listens, and wait this long for the answer.

    What breaks off later goes nowhere else, as with a load balancer: the app may have taken it.
    """
    for url in urls:
        with suppress(ConnectionRefusedError):
            return _post(url, body, headers, seconds)
    return Answer(error="dispatch_failed")


def _post(url: str, body: str, headers: Mapping[str, str], seconds: float) -> Answer:
    address = urlsplit(url)
    started = time.perf_counter()
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
    try:
        connection.request("POST", address.path or "/", body.encode(), dict(headers))
        response = connection.getresponse()
        is_final = response.getheader("X-Slack-No-Retry") == "1"
        answer = Answer(response.status, response.read().decode(errors="replace"), is_final=is_final)
    except TimeoutError:
        return Answer(error="operation_timeout")
    except ConnectionRefusedError:
        raise
    except (OSError, http.client.HTTPException):
        return Answer(error="dispatch_failed")
    finally:
        connection.close()
    if time.perf_counter() - started > seconds:  # it came in drops, each of them in time
        return replace(answer, error="operation_timeout")
    return answer if answer.status == http.HTTPStatus.OK else replace(answer, error="dispatch_failed")


Settle = Callable[[Parcel, Answer], str | None]


class Deliveries:
    """Sends what people do, keeps a record of each, and shows them what comes back."""

    def __init__(
        self,
        workspace: Workspace,
        sockets: SocketMode,
        signing_secret: str,
        faults: Faults,
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._secret = signing_secret
        self._faults = faults
        self._ack_seconds = ack_seconds
        self._lock = threading.Lock()
        self._records: list[Delivery] = []
        self._settlers: dict[str, Settle] = {}
        self._turns = count()
        self.urls: Sequence[str] = ()  # each has its turn to be the first that is tried; none: Socket Mode

    def settle(self, kind: str, settle: Settle) -> None:
        """Have this do what the answers to payloads of a type ask for; it returns what went wrong, if anything."""
        self._settlers[kind] = settle

    def deliver(
        self,
        payload: Mapping[str, object] | str,
        headers: Mapping[str, str] | None = None,
    ) -> Delivery:
        """Send this over HTTP if there is a URL, else in an envelope; `headers` replace the signature."""
        return self.send(Parcel.of(payload), headers)

    def send(self, parcel: Parcel, headers: Mapping[str, str] | None = None) -> Delivery:
        """The same with what is packed already."""
        started = time.perf_counter()
        answer = self._sent(parcel, headers)
        seconds = time.perf_counter() - started
        error = answer.error
        if parcel.kind is Kind.COMMAND:
            error = self._show(parcel, answer)
        elif parcel.type in self._settlers:
            error = self._settlers[parcel.type](parcel, answer)
        record = Delivery(
            parcel.kind,
            parcel.person,
            answer.status,
            answer.body,
            seconds,
            error,
            parcel.confirm,
            answer.is_final,
        )
        with self._lock:
            self._records.append(record)
        self._workspace.touch()
        return record

    def records(self) -> list[Delivery]:
        """All that was delivered, in the order in which it was answered."""
        with self._lock:
            return list(self._records)

    def _sent(self, parcel: Parcel, headers: Mapping[str, str] | None) -> Answer:
        """Send it, unless it is to get lost, once or twice; of two answers, the first counts."""
        fault = self._faults.take(DELIVERY, parcel.fields)
        if fault and fault.lost:
            time.sleep(self._ack_seconds)
            return Answer(error="operation_timeout")
        copies = 2 if fault and fault.twice else 1
        return self._by_http(parcel, headers, copies) if self.urls else self._by_socket(parcel, copies)

    def _by_http(self, parcel: Parcel, headers: Mapping[str, str] | None, copies: int) -> Answer:
        signed = sign(self._secret, parcel.body) if headers is None else headers
        headers = parcel.headers | dict(signed)
        if copies == 1:
            return post(self._in_turn(), parcel.body, headers, self._ack_seconds)
        with ThreadPoolExecutor(copies) as pool:
            sent = [pool.submit(post, self._in_turn(), parcel.body, headers, self._ack_seconds) for _ in range(copies)]
            return sent[0].result()  # the pool waits for the others

    def _in_turn(self) -> Sequence[str]:
        """The addresses, beginning with the one whose turn it is."""
        first = next(self._turns) % len(self.urls)
        return [*self.urls[first:], *self.urls[:first]]

    def _by_socket(self, parcel: Parcel, copies: int) -> Answer:
        try:
            frame = self._sockets.deliver(parcel.kind, parcel.fields, self._ack_seconds, parcel.envelope, copies)
        except NobodyConnectedError:
            return Answer(error="dispatch_failed")
        except TimeoutError:
            return Answer(error="operation_timeout")
        return Answer(int(http.HTTPStatus.OK), json.dumps(frame["payload"]) if frame.get("payload") else "")

    def _show(self, parcel: Parcel, answer: Answer) -> str | None:
        """Show the person who typed a command what the app answered at once; returns what went wrong."""
        error = answer.error
        if error is None and answer.body.strip():
            error = self._said(parcel, _message(answer.body))
        if error is not None:
            words = f'{parcel.fields.get("command")} failed with the error "{error}"'
            self._tell(parcel, SLACKBOT, {"text": words})
        return error

    def _said(self, parcel: Parcel, message: Json) -> str | None:
        if refusal(self._workspace, message):
            return "invalid_command_response"
        self._tell(parcel, self._workspace.team.bot_user_id, message)
        return None

    def _tell(self, parcel: Parcel, user: str, message: Json) -> None:
        channel = string(parcel.fields.get("channel_id"))
        if self._workspace.find_channel(channel) is None:
            return  # a forged request; nobody sits there to read it
        everybody = message.get("response_type") == "in_channel"
        self._workspace.post(
            channel,
            user,
            string(message.get("text")),
            blocks=objects(message.get("blocks")),
            to=None if everybody else parcel.person,
        )


def _message(body: str) -> Json:
    """An acknowledgement's body: JSON, or words."""
    try:
        return as_object(json.loads(body)) if body.lstrip().startswith("{") else {"text": body}
    except ValueError:
        return {"text": body}
