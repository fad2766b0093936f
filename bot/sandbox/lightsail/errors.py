"""What Lightsail says when it does not do what it was asked."""

from __future__ import annotations


class LightsailError(ValueError):
    """An error answer: the exception's name on the wire, a short reason, and words.

    Every client error of Lightsail is HTTP 400, also NotFoundException (API reference, "Errors").
    """

    def __init__(self, code: str, message: str, *, reason: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = reason or code
        self.status = status

    def body(self) -> dict[str, object]:
        """The answer's JSON; `code` is the reason, as in Lightsail, and not the exception's name."""
        return {
            "__type": self.code,
            "code": self.reason,
            "docs": "https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/",
            "message": self.message,
            "tip": "Check the name and the Region, then try again.",
        }


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


def not_json() -> LightsailError:
    """The request's body cannot be read."""
    return LightsailError("SerializationException", "The request is not a JSON object.")


def unknown_operation(target: str) -> LightsailError:
    """The X-Amz-Target header names nothing that is served here."""
    return LightsailError("UnknownOperationException", f"Not served by the local Lightsail: {target}")
