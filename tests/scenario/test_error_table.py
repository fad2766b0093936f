"""Every error of AWS, at every moment at which it can strike: what Slack shows, and what AWS was made to do."""

import itertools
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest
from botocore.config import Config

from bot.lightsail import client
from bot.sandbox import company
from bot.sandbox.slack import Message
from storage.tables import NoticeKind
from tests.conftest import World

NAME, HOME, AWAY = company.OLD_RELEASE, "us-east-1", "eu-west-1"
SEE, POLL, DELETE = "GetInstanceSnapshot", "GetOperation", "DeleteInstanceSnapshot"
NOWHERE = "lightsail.invalid"
BUSY: list[str] = []  # where a port is open and nobody picks up
pytestmark = pytest.mark.usefixtures("brisk")


class Proof(StrEnum):
    """What an answer to the call proves."""

    REJECTED = "rejected"  # not executed, and never will be
    CREDENTIALS = "credentials"  # the same, and whoever runs the bot has to do something
    PUT_OFF = "put_off"  # not executed, and may be repeated
    OPEN_UNDONE = "open_undone"  # nothing; in truth it was not executed
    OPEN_DONE = "open_done"  # nothing; in truth it was executed
    OPERATION_FAILED = "operation_failed"  # nothing, until the snapshot is seen to be there
    NOT_THERE = "not_there"


REFUSED = (Proof.REJECTED, Proof.CREDENTIALS)


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong with the next calls of an action in a region; `times` None is until `heal`."""

    name: str
    code: str  # as people read it
    proves: Proof
    words: str
    strike: Callable[[World, str, int | None, str], None]
    prepare: Callable[[pytest.MonkeyPatch], None] = lambda _: None

    def __str__(self) -> str:
        return self.name


def says(code: str, proves: Proof, words: str, status: int | None = None) -> Trouble:
    """An error that AWS words itself."""

    def strike(world: World, action: str, times: int | None, region: str) -> None:
        world.aws.fail(action, code, status=status, times=times, region=region, message="Said by AWS.")

    return Trouble(f"{code}-{status}" if status else code, code, proves, words, strike)


def garbles(kind: str, status: int, code: str, words: str, *, before: bool) -> Trouble:
    """An answer that is none: of something in between, cut off, or of another shape."""

    def strike(world: World, action: str, times: int | None, region: str) -> None:
        world.aws.garble(action, kind, status=status, before=before, times=times, region=region)

    proves = Proof.OPEN_UNDONE if before else Proof.OPEN_DONE
    return Trouble(f"{kind}-{status}-{'undone' if before else 'done'}", code, proves, words, strike)


def loses(*, before: bool) -> Trouble:
    """A line that breaks off."""

    def strike(world: World, action: str, times: int | None, region: str) -> None:
        is_look = action != DELETE  # one that finds nothing would be answered
        world.aws.lose(action, before=before or is_look, times=times, region=region)

    proves = Proof.OPEN_UNDONE if before else Proof.OPEN_DONE
    words = "The line to AWS broke off before the answer came"
    return Trouble(f"broken-off-{'undone' if before else 'done'}", "ConnectionClosedError", proves, words, strike)


def is_late() -> Trouble:
    """An answer that takes longer than the bot waits."""

    def strike(world: World, action: str, times: int | None, region: str) -> None:
        world.aws.slow(action, 20, times=times, region=region)

    def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("_READS", "_DELETES"):
            monkeypatch.setattr(client, name, getattr(client, name).merge(Config(read_timeout=0.4)))

    words = "AWS did not answer in time"
    return Trouble("late", "ReadTimeoutError", Proof.OPEN_DONE, words, strike, hurry)


def is_unreachable(name: str, code: str, host: Callable[[], str]) -> Trouble:
    """No connection at all: nobody listens there, nobody picks up, or the name is not known."""

    def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
        for config in ("_READS", "_DELETES"):
            monkeypatch.setattr(client, config, getattr(client, config).merge(Config(connect_timeout=0.3)))

    def strike(world: World, action: str, times: int | None, region: str) -> None:
        url = f"http://{host()}/"
        left = itertools.repeat(url) if times is None else itertools.repeat(url, times)

        def divert(request: Any, **_: object) -> None:  # noqa: ANN401  (botocore's request)
            request.url = next(left, request.url)

        for each in clients(world, region):
            each.meta.events.register(f"request-created.lightsail.{action}", divert, unique_id=f"divert {action}")

    words = "AWS could not be reached"
    return Trouble(name, code, Proof.PUT_OFF, words, strike, hurry)


def clients(world: World, region: str) -> tuple[Any, Any]:
    assert world.bot
    return world.bot.lightsail._readers[region], world.bot.lightsail._deleters[region]


def heal(world: World) -> None:
    world.aws.heal()
    for each, action in itertools.product(clients(world, HOME), (SEE, POLL, DELETE)):
        each.meta.events.unregister(f"request-created.lightsail.{action}", unique_id=f"divert {action}")


ROLE = "The bot's AWS role may not do this"
KEYS = "AWS does not accept the bot's credentials"
EXPIRED = "The bot's AWS credentials have expired"
SIGNATURE = "AWS does not accept the bot's signature"
INPUT = "AWS did not accept the request"
SLOWER = "AWS asked to slow down"
OWN = "AWS had an error of its own"
BETWEEN = "Something on the way to AWS answered in its place"
UNREADABLE = "AWS's answer could not be read"
UNKNOWN = "AWS answered with an error that this version does not know"

TROUBLES = [
    # What DeleteInstanceSnapshot documents
    says("AccessDeniedException", Proof.REJECTED, ROLE),
    says("AccountSetupInProgressException", Proof.PUT_OFF, "AWS is still setting up the account"),
    says("InvalidInputException", Proof.REJECTED, INPUT),
    says("NotFoundException", Proof.NOT_THERE, "There is nothing of that name"),
    says("OperationFailureException", Proof.OPERATION_FAILED, "AWS could not carry out the operation"),
    says("RegionSetupInProgressException", Proof.PUT_OFF, "AWS is still setting up the region"),
    says("ServiceException", Proof.OPEN_UNDONE, OWN),
    says("UnauthenticatedException", Proof.CREDENTIALS, KEYS),
    # What any service of AWS may say
    says("ExpiredTokenException", Proof.CREDENTIALS, EXPIRED),
    says("UnrecognizedClientException", Proof.CREDENTIALS, KEYS),
    says("InvalidClientTokenId", Proof.CREDENTIALS, KEYS),
    says("InvalidSignatureException", Proof.CREDENTIALS, SIGNATURE),
    says("RequestExpired", Proof.CREDENTIALS, SIGNATURE),
    says("NotAuthorized", Proof.REJECTED, ROLE),
    says("ThrottlingException", Proof.PUT_OFF, SLOWER),
    says("Throttling", Proof.PUT_OFF, SLOWER),
    says("TooManyRequestsException", Proof.PUT_OFF, SLOWER),
    says("InternalFailure", Proof.OPEN_UNDONE, OWN),
    says("ServiceUnavailable", Proof.OPEN_UNDONE, OWN),
    says("RequestTimeoutException", Proof.OPEN_UNDONE, "AWS did not answer in time"),
    says("BrandNewException", Proof.REJECTED, UNKNOWN),
    says("BrandNewException", Proof.OPEN_UNDONE, UNKNOWN, status=500),
    # Answers that are none
    garbles("html", 502, "HTTP 502", BETWEEN, before=True),
    garbles("html", 502, "HTTP 502", BETWEEN, before=False),
    garbles("html", 403, "HTTP 403", BETWEEN, before=True),
    garbles("html", 200, "UnreadableAnswer", UNREADABLE, before=True),
    garbles("empty", 200, "UnreadableAnswer", UNREADABLE, before=False),
    garbles("empty", 503, "HTTP 503", BETWEEN, before=True),
    garbles("truncated", 200, "UnreadableAnswer", UNREADABLE, before=False),
    garbles("wrong-shape", 200, "UnreadableAnswer", UNREADABLE, before=False),
    loses(before=True),
    loses(before=False),
    is_late(),
    is_unreachable("nobody-listens", "EndpointConnectionError", lambda: "127.0.0.1:1"),
    is_unreachable("nobody-picks-up", "ConnectTimeoutError", lambda: BUSY[0]),
    is_unreachable("no-such-host", "EndpointConnectionError", lambda: NOWHERE),
]
every_trouble = pytest.mark.parametrize("trouble", TROUBLES, ids=str)
LOOKS = 4  # moments at which AWS is asked, and nothing is done


def some_troubles(moment: int) -> pytest.MarkDecorator:
    """What AWS says where it is asked is read alike at every moment: each trouble takes its turn at one of the four.

    The first of each kind strikes at all of them; the rest of the table is for `make soak`.
    """
    firsts = {each.proves: each for each in reversed(TROUBLES)}.values()
    is_in_turn = [number % LOOKS == moment or each in firsts for number, each in enumerate(TROUBLES)]
    marks = [() if each else (pytest.mark.soak,) for each in is_in_turn]
    cases = [pytest.param(each, marks=given) for each, given in zip(TROUBLES, marks, strict=True)]
    return pytest.mark.parametrize("trouble", cases, ids=str)


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """One name is known nowhere; whether a resolver answers on this machine must not matter."""
    look_up = socket.getaddrinfo

    def known(host: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  (it has many shapes)
        if host == NOWHERE:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", known)


@pytest.fixture(scope="module", autouse=True)
def _busy() -> Iterator[None]:
    """A port whose queue is full: who connects to it now waits."""
    with ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(4):
            caller = sockets.enter_context(socket.socket())
            caller.settimeout(0)  # it will never be answered
            caller.connect_ex(address)
        BUSY[:] = [f"127.0.0.1:{address[1]}"]
        yield


@pytest.fixture
def stage(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Trouble], World]]:
    """A started bot, whose admins are Cleo, by the settings, and Bob, by a permission; Ann may delete."""

    def make(trouble: Trouble) -> World:
        trouble.prepare(monkeypatch)
        world.start(lightkeeper_admins=world.staff.cleo.id)
        world.grant(world.staff.ann)
        world.grant(world.staff.bob, "admin")
        return world

    yield make
    world.aws.heal()  # or late answers would keep the bot from stopping


Stage = Callable[[Trouble], World]


def confirmed(world: World, card: Message) -> None:
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.slack.wait_for(lambda: "Delete snapshot" not in world.now(card).buttons(), what="decision")


def admins_hear(world: World, trouble: Trouble) -> None:
    """Both admins are told of the credentials once, and of nothing else."""
    if trouble.proves is not Proof.CREDENTIALS:
        assert NoticeKind.CREDENTIALS not in {notice.kind for notice in world.notices()}
        return
    for admin in (world.staff.cleo, world.staff.bob):
        (told,) = world.slack.wait_for(lambda who=admin: world.direct(who), what=f"word to {admin.name}")  # type: ignore[misc]
        assert f"AWS does not let me in ({HOME}). {trouble.words}" in told
        assert trouble.code in told


def calls(world: World) -> int:
    return len(world.aws.calls(DELETE))


@some_troubles(0)
def test_at_the_look_up(stage: Stage, trouble: Trouble) -> None:
    world = stage(trouble)
    trouble.strike(world, SEE, None, HOME)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    if trouble.proves is Proof.NOT_THERE:
        answer = world.hears(world.staff.ann, f"There is no snapshot {NAME} in {HOME} or {AWAY}.").reads()
    else:
        answer = world.hears(world.staff.ann, "Nothing was asked: AWS did not say everywhere").reads()
        assert f"• {HOME}: {trouble.words}" in answer
        assert f"({trouble.code})" in answer
        assert f"I found none that you may see in {AWAY}." in answer
        assert re.search(r"Error [0-9a-f]{8} in the bot's log\.", answer)

    assert world.slack.messages(world.staff.ops) == []
    assert calls(world) == 0
    admins_hear(world, trouble)


@some_troubles(1)
def test_at_the_read_before_the_call(stage: Stage, trouble: Trouble) -> None:
    world = stage(trouble)
    card = world.ask(world.staff.ann, NAME)
    trouble.strike(world, SEE, None, HOME)
    confirmed(world, card)

    if trouble.proves is Proof.NOT_THERE:
        world.reads(card, "❌ Not deleted by us")
    elif trouble.proves in REFUSED:
        ended = world.reads(card, "❌ Not deleted").reads()
        assert trouble.words in ended
        assert f"({trouble.code})" in ended
        assert f"Details: {SEE}: {trouble.code} · AWS request" in world.told(card, "Details")
    else:
        waiting = world.reads(card, "Waiting for AWS").reads()
        assert trouble.words in waiting
        assert f"({trouble.code}). Nothing is deleted yet." in waiting
        assert f"{SEE}: {trouble.code}" in world.comes_to_tell(card, "Nothing is deleted yet.")
    assert calls(world) == 0
    admins_hear(world, trouble)
    if world.deletion().ended_at is None:
        heal(world)
        world.comes_to(card, "✅ Deleted")
        assert (calls(world), world.deletes()) == (1, 1)


@every_trouble
def test_at_the_call(stage: Stage, trouble: Trouble) -> None:
    world = stage(trouble)
    card = world.ask(world.staff.ann, NAME)
    trouble.strike(world, DELETE, 1, HOME)
    confirmed(world, card)

    match trouble.proves:
        case Proof.REJECTED | Proof.CREDENTIALS | Proof.NOT_THERE | Proof.OPERATION_FAILED:
            ended = world.comes_to(card, "❌ Not deleted").reads()
            thread = world.told(card, f"Details: {DELETE}: {trouble.code}")
            (call,) = world.aws.calls(DELETE)
            assert trouble.words in ended
            assert f"({trouble.code})" in ended
            assert "AWS says: “Said by AWS”." in ended
            assert f"AWS request {call.request_id}" in thread
            assert world.deletes() == 0
            assert world.exists(NAME)
        case Proof.PUT_OFF:
            world.comes_to(card, "✅ Deleted")
            assert [event for event in world.audit() if event in ("ready", "deleting")] == ["ready", "deleting"] * 2
            assert "It is not clear" not in world.told(card, "Checked: the snapshot is gone.")
            assert world.deletes() == 1
        case Proof.OPEN_UNDONE | Proof.OPEN_DONE:
            thread = world.comes_to_tell(card, "It is not clear whether the call was carried out.")
            assert trouble.words in thread
            assert f"Details: {DELETE}: {trouble.code}" in thread
            world.comes_to(card, "✅ Deleted")
            world.told(card, "Checked: the snapshot is gone.")
            assert world.deletes() == 1
            assert calls(world) == (2 if trouble.proves is Proof.OPEN_UNDONE else 1)
    admins_hear(world, trouble)


@some_troubles(2)
def test_while_following(stage: Stage, trouble: Trouble) -> None:
    world = stage(trouble)
    world.aws.pace("manual")
    card = world.ask(world.staff.ann, NAME)
    confirmed(world, card)
    world.told(card, "AWS: NotStarted")
    trouble.strike(world, POLL, None, HOME)

    thread = world.comes_to_tell(card, "AWS does not say how far the operation is.")
    shown = world.now(card).reads()
    assert trouble.words in thread
    assert f"Details: {POLL}: {trouble.code}" in thread
    assert "Not deleted" not in shown + thread
    assert "✅" not in shown + thread
    heal(world)
    (operation,) = world.aws.operations()
    world.aws.advance(operation.id)
    world.aws.advance(operation.id)
    world.comes_to(card, "✅ Deleted")

    assert "AWS: Succeeded" in world.told(card, "Checked: the snapshot is gone.")
    assert calls(world) == 1
    admins_hear(world, trouble)


@some_troubles(3)
def test_at_the_absence_check(stage: Stage, trouble: Trouble) -> None:
    world = stage(trouble)
    world.aws.pace("manual")
    card = world.ask(world.staff.ann, NAME)
    confirmed(world, card)
    world.told(card, "AWS: NotStarted")
    trouble.strike(world, SEE, None, HOME)
    (operation,) = world.aws.operations()
    world.aws.advance(operation.id)
    world.aws.advance(operation.id)

    thread = world.comes_to_tell(card, "AWS: Succeeded")
    if trouble.proves is not Proof.NOT_THERE:
        thread = world.comes_to_tell(card, "AWS does not say whether the snapshot is still there.")
        assert trouble.words in thread
        assert f"Details: {SEE}: {trouble.code}" in thread
        assert "Deleted" not in world.now(card).reads()
        heal(world)
    world.comes_to(card, "✅ Deleted")

    world.told(card, "Checked: the snapshot is gone.")
    assert calls(world) == 1
    admins_hear(world, trouble)
