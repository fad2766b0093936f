"""Lightsail through boto3: `client` calls it, `reading` reads its answers, `proofs` says what its errors prove."""

from bot.lightsail.client import SEND_WITHIN, SHARED_FOR, Lightsail, default_region, known_regions
from bot.lightsail.places import places

__all__ = ["SEND_WITHIN", "SHARED_FOR", "Lightsail", "default_region", "known_regions", "places"]
