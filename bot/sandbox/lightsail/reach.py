"""How the hand behind the local Lightsail gets hold of what it sets up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.models import DEFAULT_ACCOUNT_ID

from bot.sandbox.lightsail.accounts import ACCOUNT
from bot.sandbox.lightsail.desk import desk
from bot.sandbox.lightsail.models import lightsail_backends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sandbox.lightsail.desk import Desk
    from bot.sandbox.lightsail.models import LightsailBackend

HOME = "us-east-1"
HOME_ACCOUNT: str = DEFAULT_ACCOUNT_ID


def used_desk() -> Desk:
    """The desk, so that moto resets it: moto resets what was used, and only that."""
    lightsail_backends[HOME_ACCOUNT][HOME]
    return desk


def served(region: str) -> str:
    """The region. ValueError where AWS has no Lightsail there."""
    if region not in lightsail_backends[HOME_ACCOUNT]:
        raise ValueError(f"Lightsail has no endpoint in {region}")
    return region


def settled(region: str, account: str) -> LightsailBackend:
    """A region of an account, as it is now. ValueError where it makes no sense."""
    if not ACCOUNT.fullmatch(account):
        raise ValueError(f"an account has 12 digits: {account}")
    backend: LightsailBackend = lightsail_backends[account][served(region)]
    backend.ledger.settle()
    return backend


def used_regions(account: str | None) -> Iterator[LightsailBackend]:
    """Every region of one account or of all in which anything was ever done, by account and region."""
    for owner, region, _ in sorted(lightsail_backends.iter_backends(), key=lambda found: found[:2]):
        if account in {None, owner}:
            yield settled(region, owner)
