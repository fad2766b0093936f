"""The hand that breaks things: refusals, lost, late and broken answers, dead regions, bad credentials, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from moto.core.base_backend import backend_lock

from bot.sandbox.lightsail.actions import Action
from bot.sandbox.lightsail.desk import Limit, desk
from bot.sandbox.lightsail.errors import status_of
from bot.sandbox.lightsail.mischief import (
    ROLE_ACTION,
    Credentials,
    Down,
    Fail,
    Garbage,
    Garble,
    Lose,
    Plan,
    Refused,
    Shape,
    Slow,
)
from bot.sandbox.lightsail.reach import HOME_ACCOUNT, served, used_desk
from bot.sandbox.lightsail.shapes import check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.sandbox.lightsail.mischief import Armed, What


class Trouble:
    """Plans for the next calls of an action, in one region and account or in all.

    A plan is for so many `times`, or until `heal` where that is None. Plans of one kind come true one after
    the other, those of different kinds at the same call: `fail` and `garble` together are a broken refusal.
    """

    def fail(
        self,
        action: str,
        code: str,
        *,
        status: int | None = None,
        times: int | None = 1,
        message: str = "Refused by the local Lightsail.",
        region: str | None = None,
        account: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Refuse the next calls before anything is done.

        The HTTP status is the one that AWS has for the code, 400 for a code that nobody knows, unless it is
        said. After so many seconds a client may retry: botocore's `x-amz-retry-after`.
        """
        right = status_of(code) if status is None else status
        what = Fail(code=code, status=right, message=message, retry_after=retry_after)
        plan(what, action, region, account, times)

    def lose(
        self,
        action: str,
        *,
        before: bool = False,
        times: int | None = 1,
        region: str | None = None,
        account: str | None = None,
    ) -> None:
        """Drop the connection instead of answering: after what can be was carried out, or before anything is."""
        plan(Lose(before=before), action, region, account, times)

    def slow(
        self,
        action: str,
        seconds: float,
        *,
        times: int | None = 1,
        region: str | None = None,
        account: str | None = None,
    ) -> None:
        """Carry out the next calls when they arrive, and answer so many seconds later."""
        plan(Slow(seconds=seconds), action, region, account, times)

    def garble(
        self,
        action: str,
        kind: str = Garbage.HTML,
        *,
        status: int | None = None,
        before: bool = False,
        times: int | None = 1,
        region: str | None = None,
        account: str | None = None,
    ) -> None:
        """Answer the next calls with garbage, after what can be was carried out, or before anything is.

        Kinds are html, empty, truncated, not-json and wrong-shape. The HTTP status is 502 for html and 200 for
        the others, unless it is said; where the call was refused, its own.
        """
        garbage = Garbage(kind)
        plan(Garble(kind=garbage, status=status, before=before), action, region, account, times)

    def shape(
        self,
        action: str,
        *,
        operations: int | Literal["missing"] | None = None,
        drop: Sequence[str] = (),
        extra: Mapping[str, object] | None = None,
        status: str | None = None,
        times: int | None = 1,
        region: str | None = None,
        account: str | None = None,
    ) -> None:
        """Carry out the next calls, and answer in another shape.

        Args:
            action: one that answers with operations or snapshots.
            operations: how many entries the answer's list has, operations or snapshots, or "missing" for no
                list or entry at all. An operation that is there only for the number can be asked for, and does
                nothing.
            drop: the fields that are left out of every entry; "*" is all but an operation's id and status,
                or a snapshot's name and ARN.
            extra: fields that are put over those of every entry; None is JSON's null.
            status: in the place of an operation's status or a snapshot's state. An operation's `isTerminal`
                follows a status that AWS documents, and stays as it was with any other.
            times: how many calls, None for all until `heal`.
            region: one, or all.
            account: one, or all.

        Raises:
            ValueError: that answer cannot have this shape.
        """
        drops = (drop,) if isinstance(drop, str) else tuple(drop)
        shape = Shape(operations=operations, drop=drops, extra=extra, status=status)
        check(Action(action), shape)
        plan(shape, action, region, account, times)

    def down(self, region: str, *, up: bool = False) -> None:
        """Let every call of Lightsail in the region end without an answer, until it is up; none is recorded."""
        with backend_lock:
            plans = used_desk().plans
            plans.withdraw(Down, region=served(region))
            if not up:
                plans.add(Plan(what=Down(), region=region, times=None))

    def credentials(self, state: str, *, account: str = HOME_ACCOUNT) -> None:
        """What AWS finds of every credential of the account: fine, expired, unknown or invalid_signature.

        Those of the home account are the static keys, with which roles are assumed. Sessions end by the clock
        too; `expire` ends those that there are, and lets new ones begin.
        """
        wanted = Credentials(state)
        with backend_lock:
            plans = used_desk().plans
            plans.withdraw(Refused, account=account)
            if wanted is not Credentials.FINE:
                plans.add(Plan(what=Refused(credentials=wanted), account=account, times=None))

    def limit(self, per_second: float | None, *, burst: float | None = None) -> None:
        """Throttle what comes faster, in each region of each account; None is no limit.

        So many at once are let through, by default as many as in a second, at least one. The clock is that of
        the local Lightsail. ValueError for a limit that lets nothing through.
        """
        limit = None if per_second is None else Limit(per_second, max(1, per_second) if burst is None else burst)
        with backend_lock:
            used_desk().limit(limit)

    def armed(self) -> list[Armed]:
        """All that is still planned, in the order in which it was."""
        with backend_lock:
            return desk.armed()

    def heal(self) -> None:
        """Forget all that is planned: everything answers again, and late answers are sent now."""
        with backend_lock:
            used_desk().heal()


def plan(what: What, action: str, region: str | None, account: str | None, times: int | None) -> None:
    """Let it happen to these calls, to STS's AssumeRole as well. ValueError for an action that is not served."""
    served = action if action == ROLE_ACTION else Action(action)
    planned = Plan(what=what, action=served, region=region, account=account, times=times)
    with backend_lock:
        used_desk().plans.add(planned)
