"""Slack's Web API through slack_sdk, and what its answers prove."""

import http.client
import logging
import math
import re
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.request import Request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.clock import boot_clock

TIMEOUT = 10  # seconds a call

# Slack had an error of its own, after which a message may be there or not.
# Source: https://docs.slack.dev/reference/methods/chat.postMessage#errors, and chat.update's
_PASSING = {
    "external_channel_migrating",
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
    "update_failed",
}
_TOO_FAST = {"message_limit_exceeded", "rate_limited", "ratelimited"}
# They are about the bot and not about a message: whoever runs it has to do something; the messages wait meanwhile.
_LOCKED_OUT = {
    "access_denied",
    "accesslimited",
    "account_inactive",
    "deprecated_endpoint",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_auth",
    "method_deprecated",
    "missing_scope",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
}
_LOCKED_OUT_WAIT = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Done:
    """Slack did it."""

    response: SlackResponse

    def field(self, name: str) -> str:
        """A field of the answer."""
        return str(self.response[name])


@dataclass(frozen=True, slots=True)
class Wait:
    """Slack did not do it, and may when asked again after so many seconds."""

    seconds: float
    problem: str

    @property
    def is_lock_out(self) -> bool:
        """Whether it is the bot that Slack does not let in, and not this message."""
        return self.problem in _LOCKED_OUT


@dataclass(frozen=True, slots=True)
class Never:
    """Slack did not do it, and never will."""

    problem: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """Slack may or may not have done it."""

    problem: str


Result = Done | Wait | Never | Unsure


class TooLateError(Exception):
    """The process was paused between its word that it would send and the sending."""


class _Client(WebClient):
    """slack_sdk's client, which sends nothing any more that somebody else may be sending by now."""

    limits = threading.local()

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        """The last thing that is done before the request leaves."""
        if boot_clock() > getattr(self.limits, "send_by", math.inf):
            raise TooLateError("paused before it was sent")
        return super()._perform_urllib_http_request_internal(url, req)


def web_client(token: str | None, base_url: str) -> WebClient:
    """A client that makes each call once: whether to repeat one is the outbox's to decide.

    The TLS context is made once: slack_sdk otherwise reads the certificates anew for every call. It logs every call
    that fails, which in an outage are many; what is to be known of them is in their results.
    """
    silent = logging.getLogger(f"{__name__}.calls")
    silent.disabled = True
    return _Client(
        token=token,
        base_url=base_url,
        timeout=TIMEOUT,
        ssl=ssl.create_default_context(),
        retry_handlers=[],
        logger=silent,
    )


def attempt(call: Callable[[], SlackResponse], *, send_by: float = math.inf) -> Result:
    """Make a call, and say what its answer proves.

    Args:
        call: uses a client of `web_client`.
        send_by: the boot clock after which it must not be sent any more.
    """
    _Client.limits.send_by = send_by
    try:
        return Done(call())
    except TooLateError as error:
        return Wait(0.0, str(error))
    except SlackApiError as error:
        return _refused(error.response)
    except (SlackClientError, OSError, http.client.HTTPException, ValueError) as error:
        return Unsure(f"{type(error).__name__}: {error}")
    finally:
        _Client.limits.send_by = math.inf  # the thread goes on to other calls


def _refused(response: SlackResponse) -> Result:
    problem = str(response.get("error") or f"HTTP {response.status_code}")
    if response.status_code == http.HTTPStatus.TOO_MANY_REQUESTS or problem in _TOO_FAST:
        after = str(response.headers.get("Retry-After", ""))
        return Wait(float(after) if after.isdecimal() else 1.0, "ratelimited")
    if problem in _LOCKED_OUT:
        return Wait(_LOCKED_OUT_WAIT, problem)
    is_slacks_word = response.status_code == http.HTTPStatus.OK and re.fullmatch("[a-z0-9_]+", problem)
    return Never(problem) if is_slacks_word and problem not in _PASSING else Unsure(problem)
