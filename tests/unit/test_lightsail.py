"""Lightsail through boto3, against the local Lightsail over HTTP."""

import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from botocore.retries.standard import ThrottledRetryableChecker

from bot.clock import boot_clock
from bot.errors import AmbiguousError, AwsError, CredentialsError, NotExecutedError, NotThereError, RejectedError
from bot.lightsail import SEND_WITHIN, SHARED_FOR, Lightsail, default_region, known_regions
from bot.model import Operation, Snapshot, Surroundings
from bot.sandbox.lightsail import Control, LocalLightsail

BEGIN = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
TAKEN = datetime(2024, 5, 1, 3, 0, tzinfo=UTC)
HOME, AWAY = "us-east-1", "eu-west-1"
NAME = "web-1-2024-05-01"


class Watch:
    """AWS's clock and that of the machine; both stand still until they are told to go on."""

    def __init__(self) -> None:
        self.booted = 100.0
        self.now = BEGIN

    def aws_clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.booted += seconds
        self.now += timedelta(seconds=seconds)


class Server:
    """The local Lightsail with a client, which takes long to make."""

    def __init__(self, local: LocalLightsail) -> None:
        self.watch = Watch()
        self.local = local
        self.lightsail = Lightsail([HOME, AWAY], self._boot_clock)

    def _boot_clock(self) -> float:
        return self.watch.booted  # a new watch for each test


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as environment, LocalLightsail() as local:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            environment.delenv(name)
        for name, value in local.environment().items():
            environment.setenv(name, value)
        made = Server(local)
        yield made
        made.lightsail.close()


@pytest.fixture
def watch(server: Server) -> Watch:
    server.watch = Watch()
    return server.watch


@pytest.fixture
def aws(watch: Watch) -> Iterator[Control]:
    """There is one local Lightsail in a process: it gets its clock back."""
    yield Control(clock=watch.aws_clock)
    Control()


@pytest.fixture
def lightsail(server: Server, aws: Control) -> Lightsail:
    aws.instance("web-1")
    aws.snapshot(NAME, of="web-1", size_gb=40, created_at=TAKEN, tags={"env": "staging", "no_delete": ""})
    server.lightsail._listing.clear()
    return server.lightsail


def delete(lightsail: Lightsail, intended: float = 100.0, name: str = NAME) -> list[Operation]:
    return list(lightsail.delete(HOME, name, intended).operations)


def deletes(aws: Control) -> int:
    return len(aws.calls("DeleteInstanceSnapshot"))


def names(aws: Control) -> list[str]:
    return [snapshot.name for snapshot in aws.snapshots()]


# Looking


def test_a_snapshot_is_seen_with_all_that_is_told_of_it(lightsail: Lightsail, aws: Control) -> None:
    (there,) = aws.snapshots()
    seen = lightsail.see(HOME, NAME).snapshot

    assert seen is not None
    assert seen == Snapshot(
        arn=there.arn,
        name=NAME,
        region=HOME,
        created_at=TAKEN,
        state="available",
        size_gb=40,
        tags={"env": "staging", "no_delete": ""},
        instance_name="web-1",
        instance_arn=seen.instance_arn,
        blueprint_id="ubuntu_24_04",
        bundle_id="micro_3_0",
        is_automatic=False,
        support_code=there.support_code,
    )
    assert seen.account == "123456789012"


@pytest.mark.parametrize("name", [NAME, "no-such-name"])
def test_a_look_tells_the_clock_of_aws(lightsail: Lightsail, watch: Watch, name: str) -> None:
    watch.wait(3600)

    assert lightsail.see(HOME, name).aws_time == BEGIN + timedelta(hours=1)


def test_what_is_not_there_is_not_seen(lightsail: Lightsail) -> None:
    assert lightsail.see(HOME, "no-such-name").snapshot is None


def test_a_look_that_is_refused_is_no_absence(lightsail: Lightsail, aws: Control) -> None:
    aws.fail("GetInstanceSnapshot", code="AccessDeniedException")

    with pytest.raises(RejectedError, match="may not do this"):
        lightsail.see(HOME, NAME)


def test_a_name_is_found_in_every_region(lightsail: Lightsail, aws: Control) -> None:
    aws.snapshot(NAME, of="web-1", region=AWAY)
    found = lightsail.find(NAME, [HOME, AWAY])

    assert sorted(hit.region for hit in found.hits) == [AWAY, HOME]
    assert found.silent == {}


def test_only_the_regions_that_were_asked_for_are_looked_at(lightsail: Lightsail, aws: Control) -> None:
    lightsail.find(NAME, [AWAY])

    assert [call.region for call in aws.calls("GetInstanceSnapshot")] == [AWAY]


def test_a_name_that_is_nowhere_is_not_found(lightsail: Lightsail) -> None:
    found = lightsail.find("no-such-name", [HOME, AWAY])

    assert (list(found.hits), found.silent) == ([], {})


def test_a_region_that_does_not_answer_is_named_beside_what_was_found(lightsail: Lightsail, aws: Control) -> None:
    aws.fail("GetInstanceSnapshot", code="AccessDeniedException", region=AWAY)
    found = lightsail.find(NAME, [HOME, AWAY])

    assert [hit.name for hit in found.hits] == [NAME]
    assert {region: error.code for region, error in found.silent.items()} == {AWAY: "AccessDeniedException"}


def test_all_pages_of_all_regions_are_listed(lightsail: Lightsail, aws: Control) -> None:
    aws.page_size(2)
    for number in range(5):
        aws.snapshot(f"db-{number}", of="db", region=AWAY)

    assert sorted(one.name for one in lightsail.names([HOME, AWAY])) == [*(f"db-{number}" for number in range(5)), NAME]


def test_a_list_leaves_out_the_regions_that_do_not_answer(lightsail: Lightsail, aws: Control) -> None:
    aws.fail("GetInstanceSnapshots", code="AccessDeniedException", region=AWAY)

    assert [one.name for one in lightsail.names([HOME, AWAY])] == [NAME]


# Around


def around(lightsail: Lightsail) -> Surroundings:
    seen = lightsail.see(HOME, NAME).snapshot
    assert seen is not None
    return lightsail.around(seen)


def test_the_other_snapshots_of_the_instance_are_counted_on_all_pages(lightsail: Lightsail, aws: Control) -> None:
    aws.page_size(1)
    for days in (1, 3, 2):
        aws.snapshot(f"web-1-later-{days}", of="web-1", created_at=TAKEN + timedelta(days=days))
    aws.snapshot("db-1", of="db")

    found = around(lightsail)

    assert (found.instance_exists, found.others) == (True, 3)
    assert found.newest_other == TAKEN + timedelta(days=3)
    assert found.siblings is not None
    assert len(set(found.siblings)) == 3
    assert found.automatic is None  # they matter where nothing else is left


def test_the_last_snapshot_of_an_instance_that_is_gone_is_told(lightsail: Lightsail, aws: Control) -> None:
    aws.remove("web-1")

    assert around(lightsail) == Surroundings(instance_exists=False, others=0, siblings=(), automatic=0)


def test_whether_the_instance_exists_is_left_out_where_it_can_not_be_read(lightsail: Lightsail, aws: Control) -> None:
    aws.fail("GetInstance", code="AccessDeniedException")

    assert around(lightsail).instance_exists is None


def test_without_a_list_nobody_can_say_whether_it_is_the_last_one(lightsail: Lightsail, aws: Control) -> None:
    aws.fail("GetInstanceSnapshots", code="AccessDeniedException")

    with pytest.raises(RejectedError):
        around(lightsail)


def test_many_deletions_share_one_look_at_what_else_there_is(lightsail: Lightsail, aws: Control, watch: Watch) -> None:
    seen = lightsail.see(HOME, NAME).snapshot
    assert seen is not None
    first = [lightsail.siblings(seen).others for _ in range(3)]
    aws.snapshot("web-1-later", of="web-1")
    watch.wait(SHARED_FOR + 1)
    second = lightsail.siblings(seen).others

    assert (first, second) == ([0, 0, 0], 1)
    assert len(aws.calls("GetInstanceSnapshots")) == 2


def test_a_snapshot_of_no_known_instance_has_no_surroundings(lightsail: Lightsail, aws: Control) -> None:
    seen = lightsail.see(HOME, NAME).snapshot
    assert seen is not None
    before = len(aws.calls())

    assert lightsail.around(replace(seen, instance_name=None)) == Surroundings()
    assert len(aws.calls()) == before


# Deleting


def test_a_deletion_is_called_once_and_gives_its_operations(lightsail: Lightsail, aws: Control) -> None:
    aws.pace("at-once")
    (operation,) = delete(lightsail)

    assert (operation.status, operation.is_terminal, operation.resource_name) == ("Succeeded", True, NAME)
    assert (operation.operation_type, operation.region_name) == ("DeleteInstanceSnapshot", HOME)
    assert operation.created_at == BEGIN
    assert (deletes(aws), names(aws)) == (1, [])


def test_an_operation_is_seen_as_it_moves_on(lightsail: Lightsail, aws: Control, watch: Watch) -> None:
    aws.pace([("NotStarted", 0), ("Started", 1), ("Succeeded", 1)])
    (operation,) = delete(lightsail)
    seen = [operation.status]
    for _ in range(2):
        watch.wait(1)
        seen.append(lightsail.operation(HOME, operation.id).status)

    assert seen == ["NotStarted", "Started", "Succeeded"]


def test_an_operation_that_aws_does_not_know_is_an_error(lightsail: Lightsail) -> None:
    with pytest.raises(NotThereError):
        lightsail.operation(HOME, "4e4e2f0a-9f2b-4e5c-8d2a-1f0e6b7c8d9a")


def test_all_pages_of_the_operations_on_a_name_are_read(lightsail: Lightsail, aws: Control) -> None:
    aws.pace("at-once")
    made = []
    for _ in range(3):
        made += delete(lightsail)
        aws.snapshot(NAME, of="web-1")
    aws.page_size(1)
    listed = lightsail.operations_on(HOME, NAME)

    assert {one.id for one in made} <= {one.id for one in listed}
    assert len(aws.calls("GetOperationsForResource")) >= 3


def test_operations_on_a_name_that_aws_does_not_list_are_an_error(lightsail: Lightsail, aws: Control) -> None:
    aws.fail("GetOperationsForResource", code="NotFoundException")

    with pytest.raises(NotThereError):
        lightsail.operations_on(HOME, "no-such-name")


# What an error proves


@pytest.mark.parametrize(
    ("code", "status", "proof"),
    [
        ("NotFoundException", 400, NotThereError),
        ("NotFoundException", 404, NotThereError),
        ("DoesNotExist", 400, NotThereError),
        ("InvalidInputException", 400, RejectedError),
        ("AccessDeniedException", 400, RejectedError),
        ("AccessDeniedException", 403, RejectedError),
        ("UnauthenticatedException", 400, CredentialsError),
        ("ExpiredTokenException", 400, CredentialsError),
        ("UnrecognizedClientException", 403, CredentialsError),
        ("InvalidSignatureException", 403, CredentialsError),
        ("IncompleteSignature", 403, CredentialsError),
        ("InvalidClientTokenId", 403, CredentialsError),
        ("RequestExpired", 400, CredentialsError),
        ("OptInRequired", 403, CredentialsError),
        ("NotAuthorized", 401, RejectedError),
        ("BrandNewException", 400, RejectedError),
        ("AccountSetupInProgressException", 400, NotExecutedError),
        ("RegionSetupInProgressException", 400, NotExecutedError),
        ("ThrottlingException", 400, NotExecutedError),
        ("ThrottlingException", 429, NotExecutedError),
        ("Throttling", 400, NotExecutedError),
        ("TooManyRequestsException", 429, NotExecutedError),
        ("RequestLimitExceeded", 503, NotExecutedError),
        ("RequestTimeoutException", 408, AmbiguousError),
        ("RequestAbortedException", 400, AmbiguousError),
        ("OperationFailureException", 400, AmbiguousError),
        ("ServiceException", 500, AmbiguousError),
        ("InternalFailure", 500, AmbiguousError),
        ("ServiceUnavailable", 503, AmbiguousError),
        ("BrandNewException", 500, AmbiguousError),
        ("BrandNewException", 502, AmbiguousError),
    ],
)
def test_an_error_says_what_it_proves_after_one_call(
    lightsail: Lightsail, aws: Control, code: str, status: int, proof: type[AwsError]
) -> None:
    aws.fail("DeleteInstanceSnapshot", code=code, status=status, message="in AWS's words", times=5)

    with pytest.raises(proof) as caught:
        delete(lightsail)
    assert type(caught.value) is proof
    facts = caught.value.facts()
    assert (facts["code"], facts["message"], facts["aws_action"]) == (code, "in AWS's words", "DeleteInstanceSnapshot")
    assert facts["request_id"] == aws.calls("DeleteInstanceSnapshot")[0].request_id
    assert deletes(aws) == 1


@pytest.mark.parametrize("code", ThrottledRetryableChecker()._throttled_error_codes)  # type: ignore[attr-defined]
def test_every_spelling_of_throttling_that_botocore_knows_is_not_executed(
    lightsail: Lightsail, aws: Control, code: str
) -> None:
    aws.fail("DeleteInstanceSnapshot", code=code, status=400)

    with pytest.raises(NotExecutedError):
        delete(lightsail)
    assert names(aws) == [NAME]


def test_an_error_is_in_the_log_under_its_id(
    lightsail: Lightsail, aws: Control, caplog: pytest.LogCaptureFixture
) -> None:
    aws.fail("DeleteInstanceSnapshot", code="BrandNewException", message="in AWS's words")

    with pytest.raises(RejectedError) as caught:
        delete(lightsail)
    request = aws.calls("DeleteInstanceSnapshot")[0].request_id
    error = (
        f"error {caught.value.error_id}: DeleteInstanceSnapshot in us-east-1: BrandNewException, AWS request {request}"
    )
    assert error in caplog.text
    assert "in AWS's words" in caplog.text


def test_what_is_gone_is_told_with_the_clock_of_aws(lightsail: Lightsail) -> None:
    with pytest.raises(NotThereError) as caught:
        delete(lightsail, name="no-such-name")

    assert caught.value.aws_time == BEGIN


def test_a_lost_answer_proves_nothing_and_is_not_asked_for_again(lightsail: Lightsail, aws: Control) -> None:
    aws.pace("at-once")
    aws.lose("DeleteInstanceSnapshot")

    with pytest.raises(AmbiguousError, match="broke off before the answer came"):
        delete(lightsail)
    assert (deletes(aws), names(aws)) == (1, [])


def test_a_name_that_botocore_refuses_is_not_sent(lightsail: Lightsail, aws: Control) -> None:
    with pytest.raises(RejectedError) as caught:
        lightsail.delete(HOME, None, 100.0)  # type: ignore[arg-type]

    assert caught.value.code == "InvalidInputException"
    assert deletes(aws) == 0


def test_the_cause_is_kept(lightsail: Lightsail, aws: Control) -> None:
    aws.fail("DeleteInstanceSnapshot", code="AccessDeniedException")

    with pytest.raises(RejectedError) as caught:
        delete(lightsail)
    assert caught.value.__cause__ is not None


def lightsail_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, without: tuple[str, ...] = (), **variables: str
) -> Lightsail:
    """A client in another environment, far from whatever credentials this machine has."""
    here = {
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in {**here, **variables}.items():
        monkeypatch.setenv(name, value)
    for name in without:
        monkeypatch.delenv(name)
    return Lightsail([HOME])


@pytest.mark.usefixtures("lightsail")
def test_without_credentials_nothing_is_sent(aws: Control, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    poor = lightsail_with(monkeypatch, tmp_path, without=without)

    with pytest.raises(CredentialsError, match=r"has no AWS credentials that it can use \(NoCredentialsError\)"):
        delete(poor, boot_clock())
    assert deletes(aws) == 0
    poor.close()


@pytest.mark.usefixtures("lightsail")
def test_a_role_that_the_bot_may_not_have_is_trouble_with_its_credentials(
    aws: Control, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(
        "[profile bot]\nrole_arn = arn:aws:iam::123456789012:role/lightkeeper\nsource_profile = base\n"
        "region = us-east-1\n[profile base]\naws_access_key_id = AKIALIGHTKEEPERLOCAL\naws_secret_access_key = x\n"
    )
    without = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    aws.credentials("unknown")
    poor = lightsail_with(monkeypatch, tmp_path, without=without, AWS_PROFILE="bot")

    with pytest.raises(CredentialsError) as caught:
        delete(poor, boot_clock())
    assert (caught.value.action, caught.value.code) == ("AssumeRole", "InvalidClientTokenId")
    assert deletes(aws) == 0
    poor.close()


@pytest.mark.usefixtures("lightsail")
@pytest.mark.parametrize("host", ["127.0.0.1", "lightsail.invalid"])
def test_where_nobody_answers_the_call_was_not_executed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    if host != "127.0.0.1":
        monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    lost = lightsail_with(monkeypatch, tmp_path, AWS_ENDPOINT_URL_LIGHTSAIL=f"http://{host}:{port}")

    with pytest.raises(NotExecutedError) as caught:
        delete(lost, boot_clock())
    assert type(caught.value) is NotExecutedError
    assert caught.value.code == "EndpointConnectionError"
    lost.close()


def no_such_host(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


# Answers that are none


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("html", 200, "UnreadableAnswer"),
        ("html", 302, "HTTP 302"),
        ("html", 403, "HTTP 403"),
        ("html", 502, "HTTP 502"),
        ("empty", 200, "UnreadableAnswer"),
        ("empty", 503, "HTTP 503"),
        ("truncated", 200, "UnreadableAnswer"),
        ("not-json", 200, "UnreadableAnswer"),
        ("not-json", 500, "HTTP 500"),
        ("wrong-shape", 200, "UnreadableAnswer"),
    ],
)
def test_an_answer_that_cannot_be_read_proves_nothing(
    lightsail: Lightsail, aws: Control, kind: str, status: int, code: str, *, before: bool
) -> None:
    aws.pace("at-once")
    aws.garble("DeleteInstanceSnapshot", kind, status=status, before=before)

    with pytest.raises(AmbiguousError) as caught:
        delete(lightsail)
    assert (caught.value.code, caught.value.message) == (code, "")
    assert (deletes(aws), names(aws)) == (1, [NAME] if before else [])


@pytest.mark.parametrize("kind", ["html", "empty", "truncated", "not-json", "wrong-shape"])
@pytest.mark.parametrize("action", ["GetInstanceSnapshot", "GetOperation", "GetOperationsForResource"])
def test_a_look_that_cannot_be_read_is_no_answer(lightsail: Lightsail, aws: Control, action: str, kind: str) -> None:
    looks: dict[str, Callable[[], object]] = {
        "GetInstanceSnapshot": lambda: lightsail.see(HOME, NAME),
        "GetOperation": lambda: lightsail.operation(HOME, "4e4e2f0a-9f2b-4e5c-8d2a-1f0e6b7c8d9a"),
        "GetOperationsForResource": lambda: lightsail.operations_on(HOME, NAME),
    }
    aws.garble(action, kind, status=200, before=True, times=None)

    with pytest.raises(AmbiguousError):
        looks[action]()


@pytest.mark.parametrize("extra", [{"arn": None}, {"arn": 5}, {"createdAt": None}, {"createdAt": "soon"}, {"name": ""}])
def test_a_snapshot_without_identity_is_no_answer(lightsail: Lightsail, aws: Control, extra: dict[str, object]) -> None:
    aws.shape("GetInstanceSnapshot", extra=extra)

    with pytest.raises(AmbiguousError):
        lightsail.see(HOME, NAME)


def test_of_a_snapshot_what_is_missing_or_of_a_strange_type_is_not_told(lightsail: Lightsail, aws: Control) -> None:
    aws.shape("GetInstanceSnapshot", extra={"sizeInGb": "40", "state": 3, "isFromAutoSnapshot": "no", "location": {}})
    seen = lightsail.see(HOME, NAME).snapshot

    assert seen is not None
    assert (seen.size_gb, seen.state, seen.is_automatic, seen.region) == (None, "unknown", False, HOME)


def test_the_region_is_that_which_was_asked_whatever_the_answer_says(lightsail: Lightsail, aws: Control) -> None:
    aws.shape("GetInstanceSnapshot", extra={"location": {"regionName": "mars-1", "availabilityZone": "all"}})
    seen = lightsail.see(HOME, NAME).snapshot

    assert seen is not None
    assert seen.region == HOME


def test_an_answer_that_names_no_operation_proves_nothing(lightsail: Lightsail, aws: Control) -> None:
    aws.pace("at-once")
    aws.shape("DeleteInstanceSnapshot", operations=0)

    with pytest.raises(AmbiguousError) as caught:
        delete(lightsail)
    assert caught.value.code == "NoOperation"
    assert caught.value.request_id == aws.calls("DeleteInstanceSnapshot")[0].request_id
    assert names(aws) == []


@pytest.mark.parametrize("number", [None, "", 5])
def test_an_operation_without_an_id_cannot_be_followed(lightsail: Lightsail, aws: Control, number: object) -> None:
    aws.shape("DeleteInstanceSnapshot", operations=2, extra={"id": number})

    with pytest.raises(AmbiguousError, match="NoOperation"):
        delete(lightsail)


def test_several_operations_are_all_given(lightsail: Lightsail, aws: Control) -> None:
    aws.shape("DeleteInstanceSnapshot", operations=3)

    assert len({one.id for one in delete(lightsail)}) == 3


def test_an_operation_of_which_only_the_id_is_told_is_one(lightsail: Lightsail, aws: Control) -> None:
    aws.shape("DeleteInstanceSnapshot", drop=["*"], extra={"status": None})
    (operation,) = delete(lightsail)

    assert operation == Operation(operation.id, "")


def test_fields_of_strange_types_are_not_told(lightsail: Lightsail, aws: Control) -> None:
    strange = {"isTerminal": "false", "status": 7, "errorDetails": ["x"], "resourceName": {"a": 1}, "location": {}}
    aws.shape("DeleteInstanceSnapshot", extra=strange)
    (operation,) = delete(lightsail)

    assert (operation.is_terminal, operation.status, operation.resource_name) == (None, "", None)


def test_pages_that_go_round_in_a_circle_end(lightsail: Lightsail, aws: Control) -> None:
    aws.pace("at-once")
    aws.page_size(1)
    delete(lightsail)
    aws.snapshot(NAME, of="web-1")
    delete(lightsail)
    client, event = lightsail._readers[HOME], "after-call.lightsail.GetOperationsForResource"
    tokens: list[object] = []

    def go_round(parsed: dict[str, object], **_: object) -> None:
        tokens.append(parsed.get("nextPageToken"))
        parsed["nextPageToken"] = tokens[0]

    client.meta.events.register(event, go_round)
    try:
        listed = lightsail.operations_on(HOME, NAME)
    finally:
        client.meta.events.unregister(event, go_round)

    assert len(tokens) == 2
    assert len({one.id for one in listed}) == 2


# Too late


@pytest.mark.parametrize("seconds", [0.0, SEND_WITHIN])
def test_a_call_in_time_is_sent(lightsail: Lightsail, aws: Control, watch: Watch, seconds: float) -> None:
    intended = watch.booted
    watch.wait(seconds)
    delete(lightsail, intended)

    assert deletes(aws) == 1


@pytest.mark.parametrize("seconds", [SEND_WITHIN + 0.01, 3600])
def test_a_call_too_late_is_never_sent(lightsail: Lightsail, aws: Control, watch: Watch, seconds: float) -> None:
    intended = watch.booted
    watch.wait(seconds)

    with pytest.raises(NotExecutedError) as caught:
        delete(lightsail, intended)
    assert type(caught.value) is NotExecutedError
    assert caught.value.code == "TooLate"
    assert (deletes(aws), names(aws)) == (0, [NAME])


def test_each_thread_has_its_own_intent(lightsail: Lightsail, aws: Control, watch: Watch) -> None:
    aws.pace("at-once")
    aws.snapshot("db-1", of="db")
    watch.wait(60)

    def sent(late: bool, name: str) -> bool:  # noqa: FBT001
        try:
            delete(lightsail, watch.booted - 60 * late, name)
        except NotExecutedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(sent, [True, False], [NAME, "db-1"])) == [False, True]
    assert names(aws) == [NAME]


def test_looks_are_never_too_late(lightsail: Lightsail, watch: Watch) -> None:
    watch.wait(3600)

    assert lightsail.see(HOME, NAME).snapshot


def test_the_boot_clock_goes_on() -> None:
    assert 0 < boot_clock() <= boot_clock()


# Regions


@pytest.mark.usefixtures("lightsail")
def test_the_default_region_is_that_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    assert default_region() == "eu-central-1"


def test_regions_with_an_endpoint_are_known() -> None:
    known = known_regions()

    assert {HOME, AWAY, "ap-southeast-2"} <= set(known)
    assert "us-west-1" not in known


# A proxy in between


@contextmanager
def proxy_that_hangs_up() -> Iterator[tuple[str, list[bytes]]]:
    """It takes whole requests, of which the other end may have made something, and never answers."""
    taken: list[bytes] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *_: object) -> None:
            """Keep the tests' output to the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", taken
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("server")
def test_a_proxy_that_hangs_up_on_a_whole_request_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy_that_hangs_up() as (url, taken):
        monkeypatch.setenv("HTTP_PROXY", url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_LIGHTSAIL", "http://aws.test")
        lightsail = Lightsail([HOME])
        with pytest.raises(AwsError) as caught:
            lightsail.delete(HOME, NAME, boot_clock())
        lightsail.close()

    assert len(taken) == 1
    assert type(caught.value) is AmbiguousError


# Many at once


def test_a_list_that_fails_is_asked_for_once_by_all(lightsail: Lightsail, monkeypatch: pytest.MonkeyPatch) -> None:
    there, asked = lightsail.see(HOME, NAME).snapshot, itertools.count()
    assert there

    def fail(_region: str) -> list[Snapshot]:
        next(asked)
        time.sleep(0.2)
        raise AmbiguousError("GetInstanceSnapshots", "ReadTimeoutError")

    monkeypatch.setattr(lightsail, "_list", fail)
    with ThreadPoolExecutor(8) as pool:
        looks = [pool.submit(lightsail.siblings, there) for _ in range(8)]

    assert [type(look.exception()) for look in looks] == [AmbiguousError] * 8
    assert next(asked) == 1


def test_nobody_waits_for_ever_for_another_ones_list(lightsail: Lightsail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.lightsail.client.SHARED_WITHIN", 0.05)
    there, may_end = lightsail.see(HOME, NAME).snapshot, threading.Event()
    assert there

    def hang(_region: str) -> list[Snapshot]:
        may_end.wait(10)
        return []

    monkeypatch.setattr(lightsail, "_list", hang)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lightsail.siblings, there)
        while not lightsail._listing[HOME].lock.locked():
            time.sleep(0.001)
        with pytest.raises(AmbiguousError):
            lightsail.siblings(there)
        may_end.set()

    assert first.result().others == 0


def test_a_deletion_is_followed_in_a_region_that_is_not_looked_in_any_more(aws: Control) -> None:
    aws.snapshot(NAME, of="web-1", region=AWAY)
    lightsail = Lightsail([HOME])
    seen = lightsail.see(AWAY, NAME).snapshot
    (operation,) = lightsail.delete(AWAY, NAME, boot_clock()).operations
    listed = lightsail.operations_on(AWAY, NAME)
    lightsail.close()

    assert seen
    assert [one.id for one in listed] == [operation.id]
    assert lightsail.regions == (HOME,)
