"""The control over HTTP."""

from __future__ import annotations

import inspect
import json
import urllib.error
import urllib.request
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast

import pytest

from bot.sandbox.lightsail import Control, Disk, LocalLightsail
from tests.unit.local_lightsail.conftest import (
    AWAY_ACCOUNT,
    BEGIN,
    Watch,
    client_of,
    delete,
    sent,
    sts_of,
)


def post(server: LocalLightsail, verb: str, body: str = "") -> tuple[int, dict[str, object]]:
    return sent(urllib.request.Request(f"{server.url}/local-lightsail/{verb}", body.encode()))


def rows(server: LocalLightsail, verb: str, body: str = "") -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", post(server, verb, body)[1])


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


def test_every_verb_of_the_control_can_be_posted(server: LocalLightsail) -> None:
    verbs = {name for name, _ in inspect.getmembers(Control, inspect.isfunction) if not name.startswith("_")}

    status, told = post(server, "no-such-verb")

    assert status == 404
    assert set(str(told["error"]).removeprefix("POST one of ").split(", ")) == verbs


def test_a_snapshot_with_disks_is_put_there_over_http(server: LocalLightsail, watch: Watch) -> None:
    aws = Control(clock=watch)
    disks = [{"name": "data", "size_gb": 8}, {"name": "logs", "size_gb": 16, "path": "/dev/xvdg"}]

    status, _ = post(server, "snapshot", json.dumps({"name": "web-1-a", "of": "web-1", "disks": disks}))

    (row,) = aws.snapshots()
    assert status == 200
    assert row.from_attached_disks == (Disk("data", 8), Disk("logs", 16, "/dev/xvdg"))


def test_an_instance_with_automatic_snapshots_is_put_there_over_http(server: LocalLightsail, watch: Watch) -> None:
    Control(clock=watch)

    _, made = post(server, "instance", '{"name": "web-1", "auto_snapshots": ["2026-11-22"]}')

    (auto,) = cast("list[dict[str, object]]", made["auto_snapshots"])
    assert (auto["date"], auto["created_at"]) == ("2026-11-22", "2026-11-22T06:00:00+00:00")
    told = client_of("us-east-1", server.url).get_auto_snapshots(resourceName="web-1")
    assert [auto["date"] for auto in told["autoSnapshots"]] == ["2026-11-22"]


def test_an_operation_is_moved_over_http(server: LocalLightsail, watch: Watch) -> None:
    Control(clock=watch).snapshot("web-1-a", of="web-1")
    post(server, "pace", '{"pace": "manual"}')
    operation = delete(client_of("us-east-1", server.url), "web-1-a")

    _, begun = post(server, "operations")
    _, moved = post(server, "advance", json.dumps({"operation_id": operation["id"]}))
    _, failed = post(server, "fail_operation", json.dumps({"operation_id": operation["id"], "code": "X"}))

    (view,) = cast("list[dict[str, object]]", begun)
    assert (view["status"], view["can_advance"], view["next_at"]) == ("NotStarted", True, None)
    assert (moved["status"], moved["status_changed_at"]) == ("Started", BEGIN.isoformat())
    assert (failed["status"], failed["error_code"]) == ("Failed", "X")
    assert post(server, "advance", json.dumps({"operation_id": operation["id"]}))[0] == 400


def test_a_held_step_is_null_over_http(server: LocalLightsail, watch: Watch) -> None:
    aws = Control(clock=watch)
    aws.snapshot("web-1-a", of="web-1")
    post(server, "pace", '{"pace": [["Started", 0], ["Succeeded", null]]}')
    delete(client_of("us-east-1", server.url), "web-1-a")

    assert [(view.status, view.next_status) for view in aws.operations()] == [("Started", "Succeeded")]


def test_a_role_is_declared_over_http_and_its_sessions_are_told_without_their_secrets(
    server: LocalLightsail,
    watch: Watch,
) -> None:
    Control(clock=watch)
    policy = {"Statement": [{"Effect": "Allow", "Action": "lightsail:Get*", "Resource": "*"}]}
    facts = {"account": AWAY_ACCOUNT, "external_id": "ours", "policy": policy}
    _, role = post(server, "account", json.dumps(facts))
    arn = f"arn:aws:iam::{AWAY_ACCOUNT}:role/lightkeeper"
    told = sts_of(server.url).assume_role(RoleArn=arn, RoleSessionName="ann", ExternalId="ours")

    _, sessions = post(server, "sessions", json.dumps({"account": AWAY_ACCOUNT}))

    (session,) = cast("list[dict[str, object]]", sessions)
    assert role == facts | {"arn": arn, "max_session_seconds": 3600, "trust": None}
    assert (session["name"], session["begun_at"]) == ("ann", BEGIN.isoformat())
    assert told["Credentials"]["SecretAccessKey"] not in json.dumps(sessions)
    assert told["Credentials"]["SessionToken"] not in json.dumps(sessions)


def test_sessions_are_ended_over_http(server: LocalLightsail, watch: Watch) -> None:
    aws = Control(clock=watch)
    arn = aws.account(AWAY_ACCOUNT).arn
    sts_of(server.url).assume_role(RoleArn=arn, RoleSessionName="ann")
    post(server, "expire", json.dumps({"account": AWAY_ACCOUNT}))

    assert [session.expires_at for session in aws.sessions()] == [BEGIN]


def test_things_of_another_account_are_put_there_and_told_over_http(server: LocalLightsail, watch: Watch) -> None:
    aws = Control(clock=watch)
    there = {"account": AWAY_ACCOUNT}
    post(server, "instance", json.dumps({"name": "web-1", **there}))
    post(server, "snapshot", json.dumps({"name": "web-1-a", "of": "web-1", **there}))
    post(server, "replace", json.dumps({"name": "web-1-a", **there}))

    (row,) = rows(server, "snapshots", json.dumps(there))
    assert (row["name"], rows(server, "snapshots")) == ("web-1-a", [])
    post(server, "remove", json.dumps({"name": "web-1", **there}))
    assert rows(server, "instances", json.dumps(there)) == []
    assert len(aws.snapshots(account=AWAY_ACCOUNT)) == 1


@pytest.mark.parametrize(
    ("verb", "facts"),
    [
        ("fail", {"action": "GetInstances", "code": "ServiceException"}),
        ("lose", {"action": "GetInstances", "before": True}),
        ("slow", {"action": "GetInstances", "seconds": 0.1, "times": None}),
        ("garble", {"action": "GetInstances", "kind": "not-json"}),
        ("shape", {"action": "GetOperation", "drop": ["createdAt"], "extra": {"errorCode": "X"}}),
        ("down", {"region": "eu-west-1"}),
        ("credentials", {"state": "expired"}),
        ("limit", {"per_second": 5}),
    ],
)
def test_mischief_is_planned_told_and_healed_over_http(
    server: LocalLightsail,
    watch: Watch,
    verb: str,
    facts: dict[str, object],
) -> None:
    Control(clock=watch)

    assert post(server, verb, json.dumps(facts))[0] == 200
    (plan,) = rows(server, "armed")
    assert (plan["kind"], plan["times"]) == (verb, 1 if verb in {"fail", "lose", "garble", "shape"} else None)
    assert post(server, "heal")[0] == 200
    assert rows(server, "armed") == []


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("garble", '{"action": "GetInstances", "kind": "xml"}'),
        ("shape", '{"action": "GetRegions", "operations": 0}'),
        ("credentials", '{"state": "odd"}'),
        ("account", '{"account": "210987654321", "policy": {"Statement": []}}'),
        ("instance", '{"name": "web-1", "auto_snapshots": ["soon"]}'),
        ("snapshot", '{"name": "web-1-a", "of": "web-1", "disks": [{"title": "data"}]}'),
        ("limit", '{"per_second": 0}'),
        ("advance", '{"operation_id": "none"}'),
    ],
)
def test_another_mistake_over_http_is_told(server: LocalLightsail, verb: str, body: str) -> None:
    code, told = post(server, verb, body)

    assert code == 400
    assert told["error"]
