"""What can go wrong, in the user's words; each error says by its class what it proves."""

from datetime import datetime


class LightkeeperError(Exception):
    """Something went wrong; `str()` of it may be shown in Slack."""


class SettingsError(LightkeeperError):
    """The settings can't be used; every problem is named."""


class AwsError(LightkeeperError):
    """AWS did not do what was asked.

    Attributes:
        action: the API action, such as `DeleteInstanceSnapshot`.
        code: AWS's error code, `HTTP 502` where something else answered, or botocore's name for what went wrong.
        message: AWS's own words.
        request_id: AWS's id for the call, or "".
        error_id: what the bot's log calls it, or "" where nobody need look it up.
    """

    def __init__(self, action: str, code: str, message: str = "", request_id: str = "", error_id: str = "") -> None:
        self.action = action
        self.code = code
        self.message = message
        self.request_id = request_id
        self.error_id = error_id
        super().__init__(described(code) + (f" AWS says: “{message.removesuffix('.')}”." if message else ""))

    def facts(self) -> dict[str, str]:
        """What to keep of it."""
        return {
            "code": self.code,
            "message": self.message,
            "request_id": self.request_id,
            "aws_action": self.action,
            "error_id": self.error_id,
        }


class NotThereError(AwsError):
    """There is nothing of that name; `aws_time` is what AWS's clock said then."""

    def __init__(
        self, action: str, code: str, message: str = "", request_id: str = "", error_id: str = "", *, aws_time: datetime
    ) -> None:
        super().__init__(action, code, message, request_id, error_id)
        self.aws_time = aws_time


class NotExecutedError(AwsError):
    """The call was not executed, and may be repeated later."""


class RejectedError(AwsError):
    """AWS answered, and will answer so again: the call was not executed."""


class CredentialsError(RejectedError):
    """AWS does not accept who the bot says it is, or the bot can't even say so: nothing was executed."""

    def facts(self) -> dict[str, str]:
        """See `AwsError.facts`."""
        return {**super().facts(), "about": ABOUT_CREDENTIALS}


class AmbiguousError(AwsError):
    """No answer that proves anything: the call may or may not have been executed."""


ABOUT_CREDENTIALS = "credentials"  # what `facts` of a CredentialsError say it is about
NO_OPERATION = "NoOperation"  # AWS took the call, and named no operation
TOO_LATE = "TooLate"
UNREADABLE = "UnreadableAnswer"  # not JSON, cut off, or of another shape than documented

_ACCESS = "The bot's AWS role may not do this."
_ACCEPT = "AWS does not accept the bot's credentials."
_EXPIRED = "The bot's AWS credentials have expired."
_SIGNATURE = "AWS does not accept the bot's signature: its secret key is wrong, or its clock."
_NOBODY = "The bot has no AWS credentials that it can use."
_SLOWER = "AWS asked to slow down."
_OWN = "AWS had an error of its own."
_LATE = "AWS did not answer in time."
_BROKE_OFF = "The line to AWS broke off before the answer came."
_UNREACHED = "AWS could not be reached."

_WORDS = {
    "AccessDenied": _ACCESS,
    "AccessDeniedException": _ACCESS,
    "AccountSetupInProgressException": "AWS is still setting up the account.",
    "ConnectTimeoutError": _UNREACHED,
    "ConnectionClosedError": _BROKE_OFF,
    "CredentialRetrievalError": _NOBODY,
    "EndpointConnectionError": _UNREACHED,
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "HTTPClientError": _BROKE_OFF,
    "IncompleteReadError": _BROKE_OFF,
    "IncompleteSignature": _SIGNATURE,
    "IncompleteSignatureException": _SIGNATURE,
    "InternalFailure": _OWN,
    "InvalidClientTokenId": _ACCEPT,
    "InvalidInputException": "AWS did not accept the request.",
    "InvalidSignatureException": _SIGNATURE,
    "InvalidToken": _ACCEPT,
    "MalformedPolicyDocument": "AWS could not read the policy that the bot sent with it.",
    "MissingAuthenticationToken": _NOBODY,
    "MissingAuthenticationTokenException": _NOBODY,
    "NoCredentialsError": _NOBODY,
    "NotAuthorized": _ACCESS,
    "NotFoundException": "There is nothing of that name.",
    "OperationFailureException": "AWS could not carry out the operation.",
    "OptInRequired": "The bot's AWS account is not signed up for this.",
    "PackedPolicyTooLarge": "What the person carries takes more room than AWS has: give fewer or shorter attributes.",
    "PartialCredentialsError": "The bot has only half of its AWS credentials.",
    "ProxyConnectionError": "The proxy on the way to AWS could not be reached.",
    "ReadTimeoutError": _LATE,
    "RegionDisabledException": "AWS's STS is not switched on in that region.",
    "RegionSetupInProgressException": "AWS is still setting up the region.",
    "RequestAbortedException": _BROKE_OFF,
    "RequestExpired": _SIGNATURE,
    "RequestTimeout": _LATE,
    "RequestTimeoutException": _LATE,
    "SSLError": "No safe line to AWS could be had.",
    "ServiceException": _OWN,
    "ServiceUnavailable": _OWN,
    "SignatureDoesNotMatch": _SIGNATURE,
    "SlowDown": _SLOWER,
    "TooManyRequestsException": _SLOWER,
    "UnauthenticatedException": _ACCEPT,
    "UnrecognizedClientException": _ACCEPT,
    "ValidationError": "AWS did not accept the request.",
    NO_OPERATION: "AWS took the call, but did not say what it made of it.",
    TOO_LATE: "The bot was paused between its decision and the call, and did not call.",
    UNREADABLE: "AWS's answer could not be read.",
}


def explain(code: str) -> str:
    """What went wrong between the bot and AWS, in a sentence, by its code."""
    if words := _WORDS.get(code):
        return words
    if "Throttl" in code or code.endswith("LimitExceeded"):
        return _SLOWER
    if code.startswith("HTTP "):
        return "Something on the way to AWS answered in its place."
    if code.endswith("Error"):  # botocore's name for what went wrong before there was an answer
        return "The bot did not get as far as AWS."
    return "AWS answered with an error that this version does not know."


def described(code: str) -> str:
    """The same with the code itself, for those who want to look it up."""
    return f"{explain(code)[:-1]} ({code})."
