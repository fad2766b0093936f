"""The local Lightsail under mock_aws and as a server, with a clock that stands still, and clients for it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, Protocol, cast

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from bot.sandbox.lightsail import Control, LocalLightsail, Step, install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from types_boto3_lightsail import LightsailClient
    from types_boto3_lightsail.type_defs import OperationTypeDef

BEGIN = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
KEY = "AKIALIGHTKEEPERLOCAL"
HOME_ACCOUNT = "123456789012"
AWAY_ACCOUNT = "210987654321"
FAILING: list[tuple[str, float | None] | Step] = [
    ("NotStarted", 0),
    Step("Failed", 1, "SnapshotInUse", "An instance is being made from it."),
]

P = ParamSpec("P")


class Watch:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@cache
def shared() -> boto3.session.Session:
    """One session, which has read botocore's models once: that takes far longer than anything else here."""
    return boto3.session.Session()


class Keys(NamedTuple):
    id: str
    secret: str
    token: str | None = None


def keys_of(credentials: Mapping[str, str]) -> Keys:
    return Keys(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])


STATIC = Keys(KEY, "secret")


def lightsail_of(
    region: str,
    url: str | None,
    keys: Keys,
    read_timeout: float = 5,
    attempts: int = 1,
) -> LightsailClient:
    config = Config(retries={"mode": "standard", "total_max_attempts": attempts}, read_timeout=read_timeout)
    return shared().client(
        "lightsail",
        region_name=region,
        endpoint_url=url,
        aws_access_key_id=keys.id,
        aws_secret_access_key=keys.secret,
        aws_session_token=keys.token,
        config=config,
    )


@cache
def client_of(region: str, url: str | None, read_timeout: float = 5) -> LightsailClient:
    return lightsail_of(region, url, STATIC, read_timeout)


class Sts(Protocol):
    """What is used of boto3's client, whose types are not installed."""

    def assume_role(self, **asked: object) -> dict[str, Any]: ...

    def get_caller_identity(self) -> dict[str, str]: ...


def sts_of(url: str | None, credentials: Mapping[str, str] | None = None) -> Sts:
    keys = keys_of(credentials) if credentials else STATIC
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    client = shared().client(
        "sts",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=keys.id,
        aws_secret_access_key=keys.secret,
        aws_session_token=keys.token,
        config=config,
    )
    return cast("Sts", client)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="module")
def server() -> Iterator[LocalLightsail]:
    with LocalLightsail() as local:
        yield local


@pytest.fixture(params=["mock_aws", "server"])
def url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Where it answers: nowhere but in this process, and on a port."""
    with ExitStack() as stack:
        if request.param == "server":
            yield request.getfixturevalue("server").url
            return
        install()
        stack.enter_context(mock_aws())
        yield None


@pytest.fixture
def connect(url: str | None) -> Callable[[str], LightsailClient]:
    return lambda region: client_of(region, url)


@pytest.fixture
def aws(url: str | None, watch: Watch) -> Iterator[Control]:  # noqa: ARG001 (moto comes first)
    """There is one local Lightsail in a process: it gets its clock back."""
    yield Control(clock=watch)
    Control()


@pytest.fixture
def client(connect: Callable[[str], LightsailClient]) -> LightsailClient:
    return connect("us-east-1")


@pytest.fixture
def sts(url: str | None) -> Sts:
    return sts_of(url)


@pytest.fixture
def acting(url: str | None) -> Callable[..., LightsailClient]:
    """A client with the credentials that STS gave."""

    def act(credentials: Mapping[str, str], region: str = "us-east-1") -> LightsailClient:
        return lightsail_of(region, url, keys_of(credentials))

    return act


@pytest.fixture
def snapshot(aws: Control) -> str:
    aws.instance("web-1")
    return aws.snapshot("web-1-2024-05-01", of="web-1").name


def delete(client: LightsailClient, name: str) -> OperationTypeDef:
    (operation,) = client.delete_instance_snapshot(instanceSnapshotName=name)["operations"]
    return operation


def seen(client: LightsailClient, operation: OperationTypeDef) -> OperationTypeDef:
    return client.get_operation(operationId=operation["id"])["operation"]


def refused(ask: Callable[P, object], *args: P.args, **params: P.kwargs) -> ClientError:
    with pytest.raises(ClientError) as caught:
        ask(*args, **params)
    return caught.value


def code_of(ask: Callable[P, object], *args: P.args, **params: P.kwargs) -> str:
    return refused(ask, *args, **params).response["Error"]["Code"]


def status_of(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]


def sent(request: urllib.request.Request) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
