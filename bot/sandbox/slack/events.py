"""The Events API: what Slack tells the app without being asked, again and again if need be.

Sources: https://docs.slack.dev/apis/events-api and https://docs.slack.dev/reference/events/app_home_opened
"""

import http
import json
import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace

from bot.sandbox.slack.delivery import Answer, Deliveries, Delivery, Parcel
from bot.sandbox.slack.payloads import VERIFICATION_TOKEN
from bot.sandbox.slack.views import View, view_json
from bot.sandbox.slack.wire import Json, as_object
from bot.sandbox.slack.workspace import Team, User, Workspace

RETRY_SECONDS = (0.0, 60.0, 300.0)  # after which an event is sent once more


class Events:
    """Sends events; those that the app does not take in time come again, `retry_seconds` after each failure."""

    def __init__(
        self,
        workspace: Workspace,
        deliveries: Deliveries,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self._workspace = workspace
        self._deliveries = deliveries
        self._retry_seconds = tuple(retry_seconds)
        self._lock = threading.Lock()
        self._coming: set[threading.Timer] = set()
        self._is_stopped = False
        deliveries.settle("event_callback", _settled)
        deliveries.settle("url_verification", _verified)

    def home_opened(self, user: User, view: View | None) -> Delivery:
        """Tell the app that somebody looks at her home tab, with what is there, if anything."""
        event: Json = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": self._workspace.dm(user.id).id,
            "tab": "home",
            "event_ts": self._workspace.moment(),
        }
        if view is not None:
            event["view"] = view_json(self._workspace.team, view)
        return self.send(event)

    def send(self, event: Json) -> Delivery:
        """Tell the app of an event; returns how it took it the first time."""
        payload = event_payload(self._workspace.team, event, int(self._workspace.clock()))
        return self._try(Parcel.of(payload))

    def verify_url(self) -> Delivery:
        """Ask for proof that the app hears us at its URL; `challenge_failed` if it gives none."""
        if not self._deliveries.urls:
            raise ValueError("In Socket Mode there is no URL to verify.")
        challenge = {"token": VERIFICATION_TOKEN, "challenge": secrets.token_hex(20), "type": "url_verification"}
        return self._deliveries.deliver(challenge)

    def stop(self) -> None:
        """Send nothing again."""
        with self._lock:
            self._is_stopped = True
            coming = list(self._coming)
        for timer in coming:
            timer.cancel()
        for timer in coming:
            timer.join()

    def _try(self, parcel: Parcel) -> Delivery:
        delivery = self._deliveries.send(parcel)
        if not (delivery.ok or delivery.is_final) and parcel.attempt < len(self._retry_seconds):
            again = replace(
                parcel, attempt=parcel.attempt + 1, reason=_reason(delivery, is_by_http=bool(self._deliveries.urls))
            )
            self._later(again, self._retry_seconds[parcel.attempt])
        return delivery

    def _later(self, parcel: Parcel, seconds: float) -> None:
        timer = threading.Timer(seconds, lambda: self._due(timer, parcel))
        timer.daemon = True
        with self._lock:
            if self._is_stopped:
                return
            self._coming.add(timer)
            timer.start()

    def _due(self, timer: threading.Timer, parcel: Parcel) -> None:
        try:
            self._try(parcel)
        finally:
            with self._lock:
                self._coming.discard(timer)


def event_payload(team: Team, event: Json, moment: int) -> Json:
    """An event in its wrapping; `moment` is in seconds since 1970."""
    bot = {"enterprise_id": None, "team_id": team.id, "user_id": team.bot_user_id, "is_bot": True}
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team.id,
        "api_app_id": team.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": moment,
        "authorizations": [{**bot, "is_enterprise_install": False}],
        "is_ext_shared_channel": False,
    }


def _settled(_parcel: Parcel, answer: Answer) -> str | None:
    """Any 2xx takes an event, not 200 alone."""
    is_taken = answer.status is not None and answer.status // 100 == http.HTTPStatus.OK // 100
    return None if is_taken and answer.error == "dispatch_failed" else answer.error


def _verified(parcel: Parcel, answer: Answer) -> str | None:
    """The app says the challenge back, as it is or in JSON."""
    try:
        said = as_object(json.loads(answer.body)).get("challenge")
    except ValueError:
        said = answer.body.strip()
    return answer.error or (None if said == parcel.fields.get("challenge") else "challenge_failed")


def _reason(delivery: Delivery, *, is_by_http: bool) -> str:
    """Why an event comes again, in Slack's words."""
    if delivery.error == "operation_timeout":
        return "http_timeout" if is_by_http else "timeout"
    return "connection_failed" if delivery.status is None else "http_error"
