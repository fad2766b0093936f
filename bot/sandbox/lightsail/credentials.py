"""What the keys, the token and the signature of a request say about who sent it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.sandbox.lightsail.accounts import Caller
from bot.sandbox.lightsail.desk import desk
from bot.sandbox.lightsail.mischief import Credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.lightsail.mischief import Refused

TEMPORARY = "ASIA"  # how the ids of temporary keys begin


class Signed(NamedTuple):
    """The id of the access key, its session token, and the account and ARN that moto knows for the id.

    The signature itself is never computed: a wrong one can only be planned.
    """

    access_key_id: str
    token: str
    account: str
    arn: str = ""


class Found(NamedTuple):
    """Who sent it, and what is to be said of the credentials."""

    caller: Caller
    credentials: Credentials


# A JSON service's code and words, and those of STS: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
REFUSALS: Mapping[Credentials, tuple[str, str, str]] = {
    Credentials.EXPIRED: (
        "ExpiredTokenException",
        "ExpiredToken",
        "The security token included in the request is expired",
    ),
    Credentials.UNKNOWN: (
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    ),
    Credentials.INVALID_SIGNATURE: (
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
    ),
}


def look(signed: Signed, planned: Refused | None) -> Found:
    """Who sent the call. A temporary key is known if it came of AssumeRole here; every other key is accepted."""
    session = desk.accounts.session(signed.access_key_id, signed.token)
    caller = Caller(
        account=session.account if session else signed.account,
        arn=session.arn if session else signed.arn,
        session=session,
    )
    if planned:
        return Found(caller, planned.credentials)
    if session is None:
        unknown = signed.access_key_id.startswith(TEMPORARY)
        return Found(caller, Credentials.UNKNOWN if unknown else Credentials.FINE)
    expired = session.expires_at <= desk.now()
    return Found(caller, Credentials.EXPIRED if expired else Credentials.FINE)
