"""The control over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast

import pytest

from bot.sandbox.lightsail import Control, LocalLightsail
from tests.unit.local_lightsail.conftest import (
    BEGIN,
    Watch,
    client_of,
    delete,
    sent,
)


def post(server: LocalLightsail, verb: str, body: str = "") -> tuple[int, dict[str, object]]:
    return sent(urllib.request.Request(f"{server.url}/local-lightsail/{verb}", body.encode()))


def test_a_snapshot_is_put_there_over_http(server: LocalLightsail, watch: Watch) -> None:
    aws = Control(clock=watch)
    when = "2024-05-01T09:30:00+00:00"
    arguments = {"name": "web-1-a", "of": "web-1", "created_at": when, "tags": {"env": "prod"}}

    status, told = post(server, "snapshot", json.dumps(arguments))

    (row,) = aws.snapshots()
    assert (row.name, row.created_at, row.tags) == (
        "web-1-a",
        datetime(2024, 5, 1, 9, 30, tzinfo=UTC),
        {"env": "prod"},
    )
    assert (status, told) == (200, {**asdict(row), "created_at": when, "from_attached_disks": []})


def test_a_pace_is_set_over_http(server: LocalLightsail, watch: Watch) -> None:
    Control(clock=watch).snapshot("web-1-a", of="web-1")

    status, _ = post(server, "pace", '{"pace": [["Pondering", 0]]}')

    assert status == 200
    assert str(delete(client_of("us-east-1", server.url), "web-1-a")["status"]) == "Pondering"


def test_the_calls_are_told_over_http(server: LocalLightsail, watch: Watch) -> None:
    Control(clock=watch)
    client_of("us-east-1", server.url).get_instances()

    _, told = post(server, "calls")

    (call,) = cast("list[dict[str, object]]", told)
    assert (call["action"], call["at"]) == ("GetInstances", BEGIN.isoformat())


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("explode", "", 404),
        ("remove", '{"name": "never-there"}', 400),
        ("remove", "{}", 400),
        ("remove", "[]", 400),
        ("remove", "{", 400),
        ("snapshots", '{"region": "us-west-1"}', 400),
    ],
)
def test_a_mistake_over_http_is_told(server: LocalLightsail, verb: str, body: str, status: int) -> None:
    code, told = post(server, verb, body)

    assert code == status
    assert told["error"]


def test_the_control_over_http_does_nothing_on_get(server: LocalLightsail) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        urllib.request.urlopen(f"{server.url}/local-lightsail/reset")
    caught.value.close()
