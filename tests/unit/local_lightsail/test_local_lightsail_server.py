"""The server, and its place in moto."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ConnectionClosedError
from moto import backend_index, backends, mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

from bot.sandbox.lightsail import Control, LocalLightsail, install
from bot.sandbox.lightsail.models import lightsail_backends
from bot.sandbox.lightsail.sts import LocalTokenResponse
from tests.unit.local_lightsail.conftest import (
    Watch,
    client_of,
    refused,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_the_environment_is_all_that_a_process_needs(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    server: LocalLightsail,
    watch: Watch,
) -> None:
    Control(clock=watch).snapshot("web-1-a", of="web-1")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)

    session = boto3.session.Session()
    client = session.client("lightsail")

    assert [row["name"] for row in client.get_instance_snapshots()["instanceSnapshots"]] == ["web-1-a"]
    assert session.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_the_server_is_quiet(
    server: LocalLightsail,
    watch: Watch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    aws = Control(clock=watch)
    aws.lose("GetInstances")
    client = client_of("us-east-1", server.url)
    with pytest.raises(ConnectionClosedError):
        client.get_instances()
    client.get_instances()
    refused(client.get_bundles)

    assert capfd.readouterr() == ("", "")


def test_the_server_has_one_date_in_its_answer(server: LocalLightsail, watch: Watch) -> None:
    Control(clock=watch)
    with urllib.request.urlopen(f"{server.url}/moto-api/data.json") as answer:
        assert answer.headers.get_all("Date") == ["Mon, 23 Nov 2026 10:15:00 GMT"]


def test_a_stopped_server_has_left_its_port_and_can_be_asked_what_it_saw() -> None:
    with LocalLightsail() as aws:
        aws.snapshot("web-1-a", of="web-1")
        client_of("us-east-1", aws.url).get_instances()
    port = int(aws.url.rpartition(":")[2])

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert [call.action for call in aws.calls()] == ["GetInstances"]
    assert [row.name for row in aws.snapshots()] == ["web-1-a"]


def test_a_server_that_stops_does_not_wait_for_late_answers() -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        with LocalLightsail() as aws:
            aws.slow("GetInstances", 20)
            late = pool.submit(client_of("us-east-1", aws.url).get_instances)
            while not aws.calls():
                time.sleep(0.005)

        assert late.result()["instances"] == []
    assert time.monotonic() - started < 15


def test_a_port_can_be_chosen_and_is_free_again_after_a_stop() -> None:
    with LocalLightsail() as first:
        port = int(first.url.rpartition(":")[2])

    with LocalLightsail(port=port) as second:
        assert second.url == first.url


def test_a_port_that_is_taken_is_an_error_and_not_the_end_of_the_process(server: LocalLightsail) -> None:
    with pytest.raises(OSError, match="in use"):
        LocalLightsail(port=int(server.url.rpartition(":")[2]))


def test_a_reset_of_moto_is_a_reset_of_lightsail(server: LocalLightsail, watch: Watch) -> None:
    aws = Control(clock=watch)
    aws.snapshot("web-1-a", of="web-1")
    aws.fail("GetInstances", code="ServiceException")

    request = urllib.request.Request(f"{server.url}/moto-api/reset", method="POST")
    urllib.request.urlopen(request).close()

    assert aws.snapshots() == []
    assert client_of("us-east-1", server.url).get_instances()["instances"] == []


def test_the_end_of_mock_aws_forgets_planned_faults() -> None:
    install()
    with mock_aws():
        Control().fail("GetInstances", code="ServiceException")
    with mock_aws():
        assert client_of("us-east-1", None).get_instances()["instances"] == []


def test_installing_twice_is_installing_once() -> None:
    install()
    before = list(backend_index.backend_url_patterns)
    install()

    assert backend_index.backend_url_patterns == before


def test_moto_has_the_two_hooks_and_the_lock_that_the_local_lightsail_relies_on() -> None:
    fresh = "from moto.backend_index import *; assert 'lightsail' not in dict(backend_url_patterns)"
    subprocess.run([sys.executable, "-c", fresh], check=True)
    install()

    assert backends.get_service_from_url("https://lightsail.eu-west-1.amazonaws.com/") == "lightsail"
    assert backends.get_backend("lightsail") is lightsail_backends  # type: ignore[call-overload]
    assert "/" in lightsail_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].flask_paths


def test_the_server_of_a_fresh_process_starts_without_a_word() -> None:
    script = """
from urllib.request import Request, urlopen
from bot.sandbox.lightsail import LocalLightsail
with LocalLightsail() as aws:
    urlopen(Request(aws.url + "/moto-api/reset", method="POST")).close()
"""
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert (told.stdout, told.stderr) == ("", "")


def test_moto_has_the_hook_in_sts_that_the_local_lightsail_relies_on() -> None:
    install()

    assert sts_backends[DEFAULT_ACCOUNT_ID]["aws"].flask_paths["/"] == LocalTokenResponse.dispatch
    assert issubclass(LocalTokenResponse, TokenResponse)
