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
        code: AWS's error code, or botocore's name for what went wrong on the way.
        message: AWS's own words.
        request_id: AWS's id for the call, or "".
    """

    def __init__(self, action: str, code: str, message: str = "", request_id: str = "") -> None:
        self.action = action
        self.code = code
        self.message = message
        self.request_id = request_id
        super().__init__(f"{explain(code)} ({code})" + (f" AWS says: {message}" if message else ""))

    def facts(self) -> dict[str, str]:
        """What to keep of it."""
        return {
            "code": self.code,
            "message": self.message,
            "request_id": self.request_id,
            "aws_action": self.action,
        }


class NotThereError(AwsError):
    """There is nothing of that name; `aws_time` is what AWS's clock said then."""

    def __init__(self, action: str, code: str, message: str = "", request_id: str = "", *, aws_time: datetime) -> None:
        super().__init__(action, code, message, request_id)
        self.aws_time = aws_time


class NotExecutedError(AwsError):
    """The call was not executed, and may be repeated later."""


class RejectedError(AwsError):
    """AWS answered, and will answer so again: the call was not executed."""


class AmbiguousError(AwsError):
    """No answer that proves anything: the call may or may not have been executed."""


_WORDS = {
    "AccessDeniedException": "The bot's AWS role may not do this.",
    "AccountSetupInProgressException": "AWS is still setting up the account.",
    "InvalidInputException": "AWS did not accept the request.",
    "NotFoundException": "There is nothing of that name.",
    "OperationFailureException": "AWS could not carry out the operation.",
    "RegionSetupInProgressException": "AWS is still setting up the region.",
    "ServiceException": "AWS had an error of its own.",
    "ThrottlingException": "AWS asked to slow down.",
    "TooLate": "The bot was paused between its decision and the call, and did not call.",
    "UnauthenticatedException": "AWS does not accept the bot's credentials.",
}


def explain(code: str) -> str:
    """An AWS error code, or botocore's name for having got no answer, in a sentence."""
    if code.endswith("Error"):
        return "AWS could not be reached, or did not answer in time."
    return _WORDS.get(code, "AWS answered with an error.")
