"""What an error of AWS, of botocore, or of its parsers proves: executed, not executed, or neither."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    InvalidConfigError,
    LoginError,
    MetadataRetrievalError,
    MissingDependencyException,
    NoAuthTokenError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
    UnknownCredentialError,
)

from bot.errors import (
    TOO_LATE,
    UNREADABLE,
    AmbiguousError,
    AwsError,
    CredentialsError,
    NotExecutedError,
    NotThereError,
    RejectedError,
)
from bot.lightsail.reading import aws_time
from bot.spell import Spell

_NOT_EXECUTED = {
    "AccountSetupInProgressException",
    "RegionSetupInProgressException",
    # Every spelling of throttling that botocore knows, in botocore.retries.standard.
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
}
_AMBIGUOUS = {
    "InternalFailure",
    "OperationFailureException",
    "RequestAbortedException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceException",
    "ServiceUnavailable",
}
# Source: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/CommonErrors.html, and what AWS says elsewhere.
_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "OptInRequired",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnauthenticatedException",
    "UnrecognizedClientException",
}
_NO_CREDENTIALS = (
    ConfigNotFound,
    CredentialRetrievalError,
    InvalidConfigError,
    LoginError,
    MetadataRetrievalError,
    MissingDependencyException,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
    UnknownCredentialError,
)
# The name was not resolved, or the port is closed. ProxyConnectionError is none of them: a proxy that hangs up after
# it has taken the whole request is reported by it, too.
NEVER_CONNECTED = (ConnectTimeoutError, EndpointConnectionError)
_ANSWERS = (NotThereError, RejectedError)
_log = logging.getLogger(__name__)


class TooLateError(Exception):
    """The call was about to be sent too long after its intent; it was not sent."""


@contextmanager
def translated(action: str, region: str, about: str, trouble: Spell) -> Iterator[None]:
    """Errors of AWS, botocore and its parsers in our words, by what they prove; each is in the log under its id.

    Where AWS gives no answer, or lets nobody in, that is one trouble of the region, however many calls it meets.
    """
    try:
        yield
    except Exception as error:  # of an answer of another shape a parser makes whatever it likes
        told = _in_our_words(action, error, secrets.token_hex(4))
        said = f"{told.action} in {region}: {told.code}, AWS request {told.request_id or 'none'}: {error}"
        if not isinstance(error, (BotoCoreError, ClientError, TooLateError)):
            _log.warning("error %s: %.700s", told.error_id, said, exc_info=error)
        elif isinstance(error, TooLateError) or (isinstance(told, _ANSWERS) and not isinstance(told, CredentialsError)):
            level = logging.INFO if isinstance(told, NotThereError) else logging.WARNING
            _log.log(level, "error %s: %.700s", told.error_id, said)
        else:
            told.error_id = trouble.failed(said, f"{action} {about}")
        if isinstance(told, _ANSWERS) and not isinstance(told, CredentialsError):
            trouble.worked(f"{action} {about}")
        raise told from error
    trouble.worked(f"{action} {about}")


def told_of(action: str, error: Exception) -> AwsError:
    """The same without a word in the log, for a call whose failure is itself the answer."""
    return _in_our_words(action, error, "")


def _in_our_words(action: str, error: Exception, error_id: str) -> AwsError:
    name = type(error).__name__
    match error:
        case ClientError():
            return _from_answer(action, error, error_id)
        case TooLateError():
            return NotExecutedError(action, TOO_LATE, error_id=error_id)
        case ParamValidationError():
            return RejectedError(action, "InvalidInputException", error_id=error_id)
        case BotoCoreError():
            kind = CredentialsError if isinstance(error, _NO_CREDENTIALS) else AmbiguousError
            return kind(action, name, error_id=error_id)
        case _:
            return AmbiguousError(action, UNREADABLE, error_id=error_id)


def _from_answer(action: str, error: ClientError, error_id: str) -> AwsError:
    said = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    code, status = str(said.get("Code") or ""), metadata.get("HTTPStatusCode", 0)
    is_awss_word = not (code.isdecimal() or not code)  # botocore puts the status where there is no code: not AWS's API
    request_id = metadata.get("RequestId", "")
    if not is_awss_word:
        facts = (action, f"HTTP {status}", "", request_id, error_id)
    else:
        facts = (error.operation_name, code, str(said.get("Message") or ""), request_id, error_id)
    if code in ("NotFoundException", "DoesNotExist") and error.operation_name == action:
        return NotThereError(*facts, aws_time=aws_time(error.response))
    if code in _NOT_EXECUTED or status == HTTPStatus.TOO_MANY_REQUESTS:
        return NotExecutedError(*facts)
    if code in _AMBIGUOUS or not is_awss_word or not 400 <= status < 500:  # noqa: PLR2004  (a client's error)
        return AmbiguousError(*facts)
    is_of_the_role = error.operation_name != action  # AWS did not let the bot have its role: it never came to the call
    return CredentialsError(*facts) if code in _CREDENTIALS or is_of_the_role else RejectedError(*facts)
