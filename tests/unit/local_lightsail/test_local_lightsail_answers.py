"""What every answer has, whole or broken."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.lightsail import Control, LocalLightsail
from tests.unit.local_lightsail.conftest import (
    BEGIN,
    KEY,
    Watch,
    refused,
    sent,
)

if TYPE_CHECKING:
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
