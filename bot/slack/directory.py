"""Keeps SQL up to date on who is in which user group, and who must not decide, as Slack tells of them."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from slack_sdk import WebClient

from bot.loop import TICK, Loop
from bot.slack.client import Done, Never, Result, attempt
from bot.spell import Spell
from storage import directory
from storage.lease import Lease
from storage.tables import BarredPerson, Group

EVERY = timedelta(seconds=30)
_PAGE = 1000  # people; https://docs.slack.dev/reference/methods/users.list
_ABOUT = "directory"
# What says that a workspace has no user groups: they come with paid plans.
_NO_GROUPS = {"plan_upgrade_required", "paid_teams_only", "feature_not_enabled"}
Json = Mapping[str, Any]
_log = logging.getLogger(__name__)


class Directory(Loop):
    """The loop that asks Slack, in the process that holds the lease."""

    def __init__(
        self,
        lease: Lease,
        client: WebClient,
        team: str,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__(_ABOUT, 1, lease, now)
        self._client = client
        self._team = team
        self._next = now()
        self._silent = Spell("Slack's word on who is in which group", _log, monotonic)

    def start_due(self) -> float:
        """See `Loop.start_due`."""
        now = self._now()
        is_waiting = now < self._next <= now + EVERY  # later only if the clock was set back
        if not is_waiting and _ABOUT not in self._busy():
            self._next = now + EVERY
            self._start(_ABOUT, _ABOUT, self.refresh)
        return TICK

    def refresh(self) -> bool:
        """Ask for all of them, and have that take the place of what was known; False where Slack did not tell."""
        try:
            groups = list(self._groups())
            barred = list(self._barred())
        except _SilentError as error:
            self._silent.failed(str(error))
            return False
        self._silent.worked()
        with self._lease.transaction() as tx:
            directory.store(tx, self._team, groups, barred, self._now())
        return True

    def _groups(self) -> Iterator[Group]:
        result = attempt(lambda: self._client.usergroups_list(include_users=True))
        if isinstance(result, Never) and result.problem in _NO_GROUPS:
            return
        for told in _told(result, "usergroups"):
            members = [str(one) for one in told.get("users", [])]
            yield Group(id=str(told["id"]), team_id=self._team, handle=str(told.get("handle", "")), members=members)

    def _barred(self) -> Iterator[BarredPerson]:
        cursor = ""
        while True:
            result = attempt(partial(self._client.users_list, limit=_PAGE, cursor=cursor))
            for told in _told(result, "members"):
                if why := self._why_barred(told):
                    yield BarredPerson(id=str(told["id"]), team_id=self._team, why=why)
            cursor = _next(result)
            if not cursor:
                return

    def _why_barred(self, person: Json) -> str:
        """Source: https://docs.slack.dev/reference/objects/user-object."""
        if person.get("deleted"):
            return "deactivated"
        if person.get("is_bot"):
            return "a bot"
        return "of another company" if person.get("is_stranger") else ""


class _SilentError(Exception):
    """Slack did not tell; the words say why."""


def _next(result: Result) -> str:
    """Where the next page begins, if there is one."""
    metadata = result.response.get("response_metadata") if isinstance(result, Done) else None
    return str((metadata or {}).get("next_cursor", ""))


def _told(result: Result, what: str) -> list[Json]:
    if isinstance(result, Done):
        return list(result.response[what])
    raise _SilentError(result.problem)
