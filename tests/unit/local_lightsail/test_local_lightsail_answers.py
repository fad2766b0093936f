"""What every answer has, whole or broken."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, cast

import pytest
from botocore.retries.standard import ExponentialBackoff

from bot.sandbox.lightsail import Control, LocalLightsail
from tests.unit.local_lightsail.conftest import (
    BEGIN,
    KEY,
    STATIC,
    Watch,
    delete,
    lightsail_of,
    refused,
    sent,
    status_of,
)

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from types_boto3_lightsail import LightsailClient


def test_every_answer_has_a_request_id_that_the_record_knows(client: LightsailClient, aws: Control) -> None:
    told = client.get_instances()["ResponseMetadata"]
    denied = refused(client.get_instance, instanceName="web-1").response["ResponseMetadata"]

    assert [call.request_id for call in aws.calls()] == [told["RequestId"], denied["RequestId"]]
    assert told["HTTPHeaders"]["x-amzn-requestid"] == told["RequestId"]


@pytest.mark.usefixtures("aws")
def test_every_answer_is_dated_by_the_clock(client: LightsailClient, watch: Watch) -> None:
    watch.wait(86_400)
    headers = client.get_instances()["ResponseMetadata"]["HTTPHeaders"]

    assert parsedate_to_datetime(headers["date"]) == BEGIN + timedelta(days=1)


def test_what_is_not_served_is_answered_with_a_json_error(client: LightsailClient, aws: Control) -> None:
    error = refused(client.get_bundles)

    assert error.response["Error"]["Code"] == "UnknownOperationException"
    assert [(call.action, call.error) for call in aws.calls()] == [
        ("GetBundles", "UnknownOperationException"),
    ]


def raw(server: LocalLightsail, body: str) -> tuple[int, dict[str, object]]:
    scope = "20261123/us-east-1/lightsail/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}",
        "X-Amz-Target": "Lightsail_20161128.GetInstances",
        "Content-Type": "application/x-amz-json-1.1",
    }
    return sent(urllib.request.Request(server.url, body.encode(), headers))


def test_a_request_without_a_body_is_one_without_fields(server: LocalLightsail, watch: Watch) -> None:
    aws = Control(clock=watch)

    assert raw(server, "") == (200, {"instances": []})
    assert aws.calls()[0].params == {}


@pytest.mark.parametrize("body", ["{", "[]"])
def test_a_request_that_is_no_json_object_is_told_so(server: LocalLightsail, body: str) -> None:
    status, told = raw(server, body)

    assert (status, told["__type"]) == (400, "SerializationException")


# ---- the errors of botocore's model, and those before it

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


def test_the_errors_above_are_all_that_botocore_knows_of_a_deletion(client: LightsailClient) -> None:
    model = client.meta.service_model.operation_model("DeleteInstanceSnapshot")

    assert {shape.name for shape in model.error_shapes} == set(MODELLED)


@pytest.mark.parametrize("code", MODELLED)
def test_an_error_of_the_model_has_its_status_its_class_and_its_fields(
    client: LightsailClient,
    aws: Control,
    snapshot: str,
    code: str,
) -> None:
    aws.fail("DeleteInstanceSnapshot", code, message="Said by AWS.")

    with pytest.raises(getattr(client.exceptions, code)) as caught:
        delete(client, snapshot)

    error: ClientError = caught.value
    fields = cast("dict[str, object]", error.response)
    assert error.response["Error"] == {"Code": code, "Message": "Said by AWS."}
    assert status_of(error) == MODELLED[code]
    assert (fields["code"], fields["message"]) == (code, "Said by AWS.")
    assert fields["docs"]
    assert fields["tip"]
    assert aws.operations() == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("ExpiredTokenException", 400),
        ("UnrecognizedClientException", 400),
        ("InvalidSignatureException", 400),
        ("InvalidClientTokenId", 403),
        ("OptInRequired", 403),
        ("RequestTimeoutException", 408),
        ("TooManyRequestsException", 429),
        ("InternalFailure", 500),
        ("ServiceUnavailable", 503),
        ("NobodyKnowsException", 400),
    ],
)
def test_an_error_of_every_service_has_its_status_and_no_more_fields(
    client: LightsailClient,
    aws: Control,
    code: str,
    status: int,
) -> None:
    aws.fail("GetInstances", code)

    error = refused(client.get_instances)

    assert (error.response["Error"]["Code"], status_of(error)) == (code, status)
    assert "docs" not in error.response


@pytest.mark.parametrize(("code", "status"), [("NobodyKnowsException", 418), ("ServiceException", 400)])
def test_a_status_that_is_said_wins(client: LightsailClient, aws: Control, code: str, status: int) -> None:
    aws.fail("GetInstances", code, status=status)

    assert status_of(refused(client.get_instances)) == status


def test_a_throttled_call_says_when_to_come_back_in_the_header_that_botocore_reads(
    client: LightsailClient,
    aws: Control,
) -> None:
    aws.fail("GetInstances", "ThrottlingException", retry_after=1.5)

    metadata = refused(client.get_instances).response["ResponseMetadata"]

    assert metadata["HTTPHeaders"][vars(ExponentialBackoff)["_RETRY_AFTER_HEADER"]] == "1500"


def test_botocore_tries_a_throttled_call_again_by_itself(aws: Control, url: str | None) -> None:
    aws.fail("GetInstances", "ThrottlingException", retry_after=0.01)

    lightsail_of("us-east-1", url, STATIC, attempts=2).get_instances()

    assert [call.error for call in aws.calls()] == ["ThrottlingException", None]
