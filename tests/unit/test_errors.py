"""What can go wrong, in the user's words."""

from datetime import UTC, datetime

import pytest

from bot.errors import AmbiguousError, AwsError, CredentialsError, LightkeeperError, NotThereError, explain

DOCUMENTED = [
    "AccessDeniedException",
    "AccountSetupInProgressException",
    "InvalidInputException",
    "NotFoundException",
    "OperationFailureException",
    "RegionSetupInProgressException",
    "ServiceException",
    "ThrottlingException",
    "UnauthenticatedException",
]


def test_an_error_says_what_it_means_with_the_code_and_the_words_of_aws() -> None:
    error = AwsError("DeleteInstanceSnapshot", "ThrottlingException", "Rate exceeded", "b1f0")

    assert str(error) == "AWS asked to slow down (ThrottlingException). AWS says: “Rate exceeded”."


def test_an_error_without_words_of_aws_says_its_code() -> None:
    error = AmbiguousError("DeleteInstanceSnapshot", "ReadTimeoutError")

    assert str(error) == "AWS did not answer in time (ReadTimeoutError)."


@pytest.mark.parametrize("code", DOCUMENTED)
def test_each_documented_code_has_a_sentence_of_its_own(code: str) -> None:
    others = {explain(other) for other in DOCUMENTED if other != code}

    assert explain(code) not in {explain("BrandNewException"), *others}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("BrandNewException", "AWS answered with an error that this version does not know."),
        ("BrandNewError", "The bot did not get as far as AWS."),
        ("HTTP 502", "Something on the way to AWS answered in its place."),
        ("EC2ThrottledException", "AWS asked to slow down."),
        ("RequestLimitExceeded", "AWS asked to slow down."),
        ("", "AWS answered with an error that this version does not know."),
    ],
)
def test_a_code_without_a_sentence_of_its_own_has_one_of_its_kind(code: str, words: str) -> None:
    assert explain(code) == words


def test_what_is_kept_of_an_error_names_the_action_the_code_and_the_request() -> None:
    error = AwsError("DeleteInstanceSnapshot", "ThrottlingException", "Rate exceeded", "b1f0", "1f2e")

    assert error.facts() == {
        "code": "ThrottlingException",
        "message": "Rate exceeded",
        "request_id": "b1f0",
        "aws_action": "DeleteInstanceSnapshot",
        "error_id": "1f2e",
    }


def test_of_trouble_with_the_credentials_it_is_kept_that_it_is_that() -> None:
    error = CredentialsError("DeleteInstanceSnapshot", "ExpiredTokenException")

    assert error.facts()["about"] == "credentials"


def test_what_is_not_there_comes_with_the_clock_of_aws() -> None:
    then = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)

    assert NotThereError("GetInstanceSnapshot", "NotFoundException", aws_time=then).aws_time == then


def test_every_error_of_aws_is_one_that_may_be_shown() -> None:
    assert issubclass(AwsError, LightkeeperError)
