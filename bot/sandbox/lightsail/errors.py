"""What Lightsail says when it does not do what it was asked."""

from __future__ import annotations

# What Lightsail's own model names, with the status of the API reference ("Errors" of DeleteInstanceSnapshot). The
# Smithy model of the other SDKs has 403, 404 and 428 for some of them; botocore's model has no status at all.
# https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_DeleteInstanceSnapshot.html
MODELLED = {
    "AccessDeniedException": 400,
    "AccountSetupInProgressException": 400,
    "InvalidInputException": 400,
    "NotFoundException": 400,
    "OperationFailureException": 400,
    "RegionSetupInProgressException": 400,
    "ServiceException": 500,
    "UnauthenticatedException": 400,
}

# What every JSON service of AWS may say, before the service itself sees the call.
# https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/CommonErrors.html
COMMON = {
    "ExpiredTokenException": 400,
    "IncompleteSignature": 400,
    "InternalFailure": 500,
    "InvalidClientTokenId": 403,
    "InvalidSignatureException": 400,
    "NotAuthorized": 400,
    "OptInRequired": 403,
    "RequestExpired": 400,
    "RequestTimeoutException": 408,
    "SerializationException": 400,
    "ServiceUnavailable": 503,
    "ThrottlingException": 400,
    "TooManyRequestsException": 429,
    "UnknownOperationException": 400,
    "UnrecognizedClientException": 400,
    "ValidationException": 400,
}

DOCS = "https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/"
TIP = "Check the name and the Region, then try again."
REGION_DOCS = (
    "https://docs.aws.amazon.com/lightsail/latest/userguide/"
    "understanding-regions-and-availability-zones-in-amazon-lightsail.html"
)
REGION_TIP = "A Region that was just opted into needs a few minutes. Wait, then try again."


def status_of(code: str) -> int:
    """The HTTP status that belongs to an error; 400 for one that is not known here."""
    return (MODELLED | COMMON).get(code, 400)


class LightsailError(ValueError):
    """An error answer: the exception's name on the wire, a short reason, words, and the HTTP status.

    Without a status it is the one that belongs to the name. `retry_after` is in seconds, and goes into the
    header that botocore's standard retries look for, in milliseconds.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        reason: str = "",
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = reason or code
        self.status = status_of(code) if status is None else status
        self.retry_after = retry_after

    def body(self) -> dict[str, object]:
        """The answer's JSON; `code` is the reason, as in Lightsail, and not the exception's name."""
        if self.code not in MODELLED:
            return {"__type": self.code, "message": self.message}
        opting_in = self.code == "RegionSetupInProgressException"
        return {
            "__type": self.code,
            "code": self.reason,
            "docs": REGION_DOCS if opting_in else DOCS,
            "message": self.message,
            "tip": REGION_TIP if opting_in else TIP,
        }

    def headers(self) -> dict[str, str]:
        """What the answer's headers say beyond those of every answer."""
        if self.retry_after is None:
            return {}
        return {"x-amz-retry-after": str(round(self.retry_after * 1000))}


def not_found(kind: str, name: str) -> LightsailError:
    """There is no such thing in this region of this account."""
    return LightsailError("NotFoundException", f"The {kind} does not exist: {name}", reason="DoesNotExist")


def invalid(message: str, *, reason: str = "InvalidInput") -> LightsailError:
    """The request breaks a rule of one of its fields."""
    return LightsailError("InvalidInputException", message, reason=reason)


def name_taken(name: str) -> LightsailError:
    """Names are unique in a region of an account, over all kinds of resources."""
    return invalid(f"Some names are already in use: {name}", reason="NameExists")


def in_progress(kind: str, name: str) -> LightsailError:
    """An earlier call is still at work on this thing."""
    message = f"An earlier operation on the {kind} has not finished: {name}"
    return LightsailError("OperationFailureException", message, reason="OperationInProgress")


def throttled(retry_after: float) -> LightsailError:
    """More calls than the rate allows; the next one is allowed after so many seconds."""
    return LightsailError("ThrottlingException", "Rate exceeded", retry_after=retry_after)


def not_json() -> LightsailError:
    """The request's body cannot be read."""
    return LightsailError("SerializationException", "The request is not a JSON object.")


def unknown_operation(target: str) -> LightsailError:
    """The X-Amz-Target header names nothing that is served here."""
    return LightsailError("UnknownOperationException", f"Not served by the local Lightsail: {target}")
