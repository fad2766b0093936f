"""Who calls: the roles that may be assumed, the sessions of those who did, and what they may do."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.sandbox.lightsail.policy import Verdict, policy_of
from bot.sandbox.lightsail.trust import trust_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.sandbox.lightsail.policy import Context, Value

ACCOUNT = re.compile(r"\d{12}", re.ASCII)
ROLE = re.compile(r"arn:aws:iam::(?P<account>\d{12}):role/(?:[\w+=,.@-]+/)*(?P<name>[\w+=,.@-]{1,64})", re.ASCII)
DEFAULT_ROLE = "lightkeeper"
HOUR = 3600

Document = str | dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role that may be assumed; without a policy it may do everything."""

    account: str
    arn: str
    external_id: str | None = None
    policy: Document | None = None
    trust: Document | None = None
    max_session_seconds: int = HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What came of assuming a role; without a policy of its own it may do what the role may."""

    account: str
    role: str
    name: str
    arn: str
    source_identity: str | None
    tags: Mapping[str, str]
    policy: Document | None
    begun_at: datetime
    expires_at: datetime
    access_key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who has signed a call: the holder of a role's session, or of the static keys, who may do everything."""

    account: str
    arn: str
    session: Session | None = None


class Accounts:
    """The roles and sessions of all accounts."""

    def __init__(self) -> None:
        self._roles: dict[str, Role] = {}
        self._sessions: dict[str, tuple[str, Session]] = {}

    def declare(self, role: Role) -> Role:
        """Let a role be assumed from now on; its sessions have its new policy at once."""
        if role.policy is not None:
            policy_of(role.policy)
        if role.trust is not None:
            trust_of(role.trust)
        self._roles[role.arn] = role
        return role

    def role(self, arn: str) -> Role | None:
        """The role with that ARN."""
        return self._roles.get(arn)

    def begin(self, session: Session, token: str) -> None:
        """Accept its credentials from now on."""
        self._sessions[session.access_key_id] = (token, session)

    def session(self, access_key_id: str, token: str) -> Session | None:
        """The session that has both the key and the token."""
        known, session = self._sessions.get(access_key_id, ("", None))
        return session if known == token else None

    def sessions(self, account: str | None) -> list[Session]:
        """Those of one account or of all, from oldest to newest."""
        return [session for _, session in self._sessions.values() if account in {None, session.account}]

    def expire(self, account: str | None, now: datetime) -> list[Session]:
        """End the sessions that have not ended by themselves."""
        ended = [session for session in self.sessions(account) if session.expires_at > now]
        for session in ended:
            token, _ = self._sessions[session.access_key_id]
            self._sessions[session.access_key_id] = (token, replace(session, expires_at=now))
        return ended

    def objection(self, caller: Caller, action: str, resource: str, context: Context) -> str | None:
        """Why the caller may not, in IAM's words; None where nothing stands against it.

        A session may do what both its role's policy and its own allow.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
        """
        if caller.session is None:
            return None
        verdicts = {
            kind: policy_of(document).verdict(action, resource, context)
            for kind, document in self._policies(caller.session)
        }
        for kind, verdict in verdicts.items():
            if verdict is Verdict.DENIED:
                return f"with an explicit deny in {'a' if kind == 'session' else 'an'} {kind} policy"
        for kind, verdict in verdicts.items():
            if verdict is Verdict.SILENT:
                return f"because no {kind} policy allows the {action} action"
        return None

    def _policies(self, session: Session) -> Iterable[tuple[str, Document]]:
        role = self._roles.get(session.role)
        told = {"identity-based": role.policy if role else None, "session": session.policy}
        return [(kind, document) for kind, document in told.items() if document is not None]


def role_of(
    account: str,
    role: str | None,
    *,
    external_id: str | None,
    policy: Document | None,
    trust: Document | None,
    max_session_seconds: int,
) -> Role:
    """A role of that account, by its name or ARN. ValueError where one of the facts makes no sense."""
    if not ACCOUNT.fullmatch(account):
        raise ValueError(f"an account has 12 digits: {account}")
    arn = role if role and role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role or DEFAULT_ROLE}"
    found = ROLE.fullmatch(arn)
    if not found or found["account"] != account:
        raise ValueError(f"not a role of {account}: {arn}")
    if not HOUR <= max_session_seconds <= 12 * HOUR:
        raise ValueError("a role's sessions last up to 1 to 12 hours")
    return Role(
        account=account,
        arn=arn,
        external_id=external_id,
        policy=policy,
        trust=trust,
        max_session_seconds=max_session_seconds,
    )


def denied(caller: Caller, action: str, resource: str, why: str = "") -> str:
    """What AWS says to somebody who may not."""
    said = f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource}"
    return f"{said} {why}".rstrip()


def traits(caller: Caller) -> dict[str, Value]:
    """What the conditions of a policy can ask of the caller."""
    session = caller.session
    if session is None:
        return {"aws:principalarn": caller.arn, "aws:principalaccount": caller.account}
    identity = {"aws:sourceidentity": session.source_identity} if session.source_identity else {}
    return {
        "aws:principalarn": session.role,
        "aws:principalaccount": session.account,
        "aws:tokenissuetime": session.begun_at,
        **identity,
        **{f"aws:principaltag/{key.lower()}": value for key, value in session.tags.items()},
    }
