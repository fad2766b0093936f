"""The hand on who may call: other accounts, their roles, and the sessions of those who assumed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.base_backend import backend_lock

from bot.sandbox.lightsail.accounts import HOUR, role_of
from bot.sandbox.lightsail.desk import desk
from bot.sandbox.lightsail.reach import used_desk

if TYPE_CHECKING:
    from bot.sandbox.lightsail.accounts import Document, Role, Session


class Access:
    """Declares roles, and looks at sessions."""

    def account(
        self,
        account: str,
        *,
        role: str | None = None,
        external_id: str | None = None,
        policy: Document | None = None,
        trust: Document | None = None,
        max_session_seconds: int = HOUR,
    ) -> Role:
        """Let a role of the account be assumed by who has the external id, if it asks for one, and is trusted.

        The role is given by its ARN or its name, and may do what its policy allows, or everything without one.
        To declare it again changes it, for sessions that there are too.

        Raises:
            ValueError: one of these makes no sense, or the policy says what the local Lightsail cannot judge.
        """
        declared = role_of(
            account,
            role,
            external_id=external_id,
            policy=policy,
            trust=trust,
            max_session_seconds=max_session_seconds,
        )
        with backend_lock:
            return used_desk().accounts.declare(declared)

    def sessions(self, account: str | None = None) -> list[Session]:
        """Every session that was begun, of one account or of all, from oldest to newest."""
        with backend_lock:
            return desk.accounts.sessions(account)

    def expire(self, account: str | None = None) -> list[Session]:
        """End now the sessions of one account or of all; those that ended are told as they were."""
        with backend_lock:
            return desk.accounts.expire(account, desk.now())
