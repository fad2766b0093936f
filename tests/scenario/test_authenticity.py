"""What is not Slack's, or not whole, is refused, changes nothing, and gives nothing away."""

import io
import json
import logging
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlmodel import select

from bot.logs import FORMAT, Discreet
from bot.sandbox import company
from bot.sandbox.slack import Person
from bot.sandbox.slack.delivery import FORM
from bot.serve import MAX_BODY, MAX_HEADERS
from storage.tables import Receipt
from tests.conftest import World
from tests.scenario.conftest import Stage
from tests.wire import EVENTS, Wire, form

NAME = company.OLD_RELEASE
Payload = dict[str, Any]


class Still:
    """A bot with a card that waits, and all about it that could change."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.card = world.ask(world.staff.ann, NAME)
        self.wire = Wire(world)

    def command(self, text: str = f"delete {NAME}") -> dict[str, str]:
        return self.world.staff.ann.command_form(f"/snapshot {text}", self.world.staff.ops)

    def click(self, button: str = "Delete snapshot") -> Payload:
        return self.world.staff.ann.click_payload(self.card, button)

    def answer(self, payload: Payload, person: Person) -> str:
        """What the person is told about a click."""
        told = len(self.world.slack.ephemerals(to=person))
        assert self.world.slack.deliver(payload).status == 200
        self.world.slack.wait_for(lambda: len(self.world.slack.ephemerals(to=person)) > told, what="answer")
        return self.world.slack.ephemerals(to=person)[-1].reads()

    def state(self) -> tuple[object, ...]:
        """What everybody reads, what is stored, and what AWS was asked."""
        said = [message.reads() for message in self.world.slack.workspace.messages() if not message.to]
        return said, self.world.deletion().state, len(self.world.aws.calls())

    def record(self) -> tuple[object, ...]:
        with self.world.database.reading() as tx:
            return self.world.audit(), len(tx.exec(select(Receipt)).all())


@pytest.fixture(scope="module")
def begin(stage: Stage) -> Iterator[Callable[[str], Still]]:
    """The same bot for all of these tests: what they send changes nothing."""
    begun: dict[str, Still] = {}

    def bot(mode: str) -> Still:
        if mode not in begun:
            begun[mode] = Still(stage(mode))
        return begun[mode]

    yield bot
    for still in begun.values():
        still.wire.close()


@pytest.fixture
def still(begin: Callable[[str], Still]) -> Iterator[Still]:
    """A bot in HTTP mode, that is after the test as it was before."""
    bot = begin("http")
    before = (bot.state(), bot.record())
    yield bot
    assert (bot.state(), bot.record()) == before


@pytest.fixture(params=["http", "socket"])
def either(request: pytest.FixtureRequest, begin: Callable[[str], Still]) -> Iterator[Still]:
    """A bot in either mode, which may write down that it was asked, and no more."""
    bot = begin(request.param)
    before = bot.state()
    yield bot
    assert bot.state() == before


# Who sent it, and when


def _headers(still: Still, body: bytes, **changes: str | None) -> dict[str, str]:
    headers = still.wire.signed(body)
    names = {"signature": "X-Slack-Signature", "moment": "X-Slack-Request-Timestamp", "kind": "Content-Type"}
    changed = headers | {names[name]: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in changed.items() if (name, None) not in _gone(names, changes)}


def _gone(names: dict[str, str], changes: dict[str, str | None]) -> set[tuple[str, None]]:
    return {(names[name], None) for name, value in changes.items() if value is None}


UNPROVED: dict[str, Callable[[Still, bytes], dict[str, str]]] = {
    "no signature": lambda still, body: _headers(still, body, signature=None),
    "no time": lambda still, body: _headers(still, body, moment=None),
    "neither": lambda still, body: _headers(still, body, signature=None, moment=None),
    "an empty signature": lambda still, body: _headers(still, body, signature=""),
    "a forged signature": lambda still, body: _headers(still, body, signature="v0=" + "0" * 64),
    "a signature of letters beyond ASCII": lambda still, body: _headers(still, body, signature="v0=\xe9\xff"),
    "a very long signature": lambda still, body: _headers(still, body, signature="v0=" + "f" * 20_000),
    "another version": lambda still, body: _headers(
        still, body, signature=still.wire.signed(body)["X-Slack-Signature"].replace("v0", "v1")
    ),
    "a signature of another body": lambda still, body: still.wire.signed(body + b"&"),
    "a signature with another secret": lambda still, body: still.wire.signed(body, secret="0" * 32),
    "a signature with no secret": lambda still, body: still.wire.signed(body, secret=""),
    "a signature of another time": lambda still, body: _headers(
        still, body, moment=still.wire.signed(body, at=-1)["X-Slack-Request-Timestamp"]
    ),
    "six minutes old": lambda still, body: still.wire.signed(body, at=-360),
    "a year old": lambda still, body: still.wire.signed(body, at=-31_536_000),
    "of the future": lambda still, body: still.wire.signed(body, at=360),
    "a time in words": lambda still, body: _headers(still, body, moment="noon"),
    "a time with a fraction": lambda still, body: _headers(still, body, moment="1795428900.5"),
    "a time before all times": lambda still, body: _headers(still, body, moment="-1795428900"),
    "a time after all times": lambda still, body: _headers(still, body, moment="9" * 5000),
    "a time in other digits": lambda still, body: _headers(still, body, moment="\xb9\xb2\xb3"),
    "two times": lambda still, body: _headers(still, body, moment="1795428900, 1795428900"),
    "no time at all": lambda still, body: _headers(still, body, moment=""),
}


@pytest.mark.parametrize("row", UNPROVED)
@pytest.mark.parametrize("kind", ["command", "click"])
def test_what_is_not_proved_to_be_of_slack_and_of_now_is_refused(still: Still, row: str, kind: str) -> None:
    body = urlencode(still.command()).encode() if kind == "command" else form(still.click())

    assert still.wire.send(body, UNPROVED[row](still, body)) == (401, "Unauthorized\n")


def test_who_sends_junk_is_not_told_that_it_is_junk(still: Still) -> None:
    assert still.wire.send(b"payload=" + b"[" * 5000, {"Content-Type": FORM}).status == 401


# How it was sent


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_only_a_post_is_heard(still: Still, method: str) -> None:
    assert still.wire.send(b"", method=method).status == 405


@pytest.mark.parametrize(
    "path",
    ["/", "/slack", "/slack/events/", "/slack/event", "/SLACK/EVENTS", "/slack/events%00"],
)
def test_only_the_one_path_is_heard(still: Still, path: str) -> None:
    assert still.wire.send(urlencode(still.command()).encode(), path=path).status == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_asked_for_and_not_posted(still: Still, path: str) -> None:
    assert still.wire.send(b"x", path=path).status == 405
    assert still.wire.send(b"", {}, method="GET", path=path).status == 200


@pytest.mark.parametrize("kind", [None, "", "text/plain", "multipart/form-data; boundary=x", "application/xml", "*/*"])
def test_another_type_of_content_is_refused(still: Still, kind: str | None) -> None:
    body = urlencode(still.command()).encode()

    assert still.wire.send(body, _headers(still, body, kind=kind)).status == 415


def test_a_form_is_no_json_and_json_is_no_form(still: Still) -> None:
    command = urlencode(still.command()).encode()
    click = json.dumps(still.click()).encode()

    assert still.wire.send(command, _headers(still, command, kind="application/json")).status == 400
    assert still.wire.send(click).status == 400


def _raw(still: Still, head: str, body: bytes = b"") -> int:
    """Send bytes; the status that comes back, or 0 where the line is closed without a word."""
    with socket.create_connection(("127.0.0.1", still.wire.port), timeout=10) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + body)
        answer = line.makefile("rb").readline()
    return int(answer.split()[1]) if answer else 0


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(still: Still) -> None:
    head = f"POST {EVENTS} HTTP/1.1\nHost: x\nContent-Type: {FORM}\nContent-Length: {MAX_BODY * 1000}\n\n"

    assert _raw(still, head) == 413


def test_a_body_that_does_not_say_how_long_it_is_is_refused_as_soon_as_it_is_too_long(still: Still) -> None:
    head = f"POST {EVENTS} HTTP/1.1\nHost: x\nContent-Type: {FORM}\nTransfer-Encoding: chunked\n\n"
    chunks = b"%x\r\n%s\r\n" % (MAX_BODY + 1, b"x" * (MAX_BODY + 1))

    assert _raw(still, head, chunks) == 413


def test_headers_that_are_too_long_are_refused(still: Still) -> None:
    assert _raw(still, f"POST {EVENTS} HTTP/1.1\nHost: x\nX-Long: {'x' * MAX_HEADERS}\n\n") == 431


@pytest.mark.parametrize(
    "head",
    [
        f"POST {EVENTS} HTTP/1.1\nHost: x\nContent-Length: many\n\n",
        f"POST {EVENTS} HTTP/1.1\nHost: x\nContent-Length: -1\n\n",
        f"POST {EVENTS} HTTP/1.1\nHost: x\nContent-Length: 1\nContent-Length: 2\n\n",
        f"POST {EVENTS} HTTP/1.1\nHost x\n\n",
        "this is no HTTP\n\n",
    ],
)
def test_what_is_no_http_is_refused(still: Still, head: str) -> None:
    assert _raw(still, head) == 400


# What was sent


def _cut(payload: Payload, *path: str | int) -> Payload:
    """A payload without one of its parts."""
    return _with(payload, _GONE, *path)


def _with(payload: Payload, value: object, *path: str | int) -> Payload:
    """A payload with another value in one place."""
    made: Any = json.loads(json.dumps(payload))
    place = made
    for step in path[:-1]:
        place = place[step]
    if value is _GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return dict(made)


_GONE = object()
DEEP = '{"type": "block_actions", "actions": ' + "[" * 100_000 + "]" * 100_000 + "}"

UNREADABLE: dict[str, Callable[[Still], bytes]] = {
    "nothing": lambda _: b"",
    "no payload": lambda _: b"payload=",
    "no JSON": lambda _: form("{"),
    "half of the JSON": lambda still: form(json.dumps(still.click())[:-9]),
    "a list": lambda still: form([still.click()]),
    "null": lambda _: form("null"),
    "a number": lambda _: form("1"),
    "a text": lambda _: form('"block_actions"'),
    "an empty object": lambda _: form({}),
    "not a number": lambda still: form(json.dumps(still.click())[:-1] + ', "x": NaN}'),
    "a number of many digits": lambda still: form(json.dumps(still.click())[:-1] + ', "x": ' + "9" * 5000 + "}"),
    "very deep JSON": lambda _: form(DEEP),
    "a name twice": lambda still: form(json.dumps(still.click())[:-1] + ', "user": {"id": "U1"}}'),
    "a name twice, deep inside": lambda still: form(
        json.dumps(still.click()).replace('"value":', '"value": "D-00000", "value":')
    ),
    "two payloads": lambda still: form(still.click()) + b"&" + form(still.click("Don't delete")),
    "two texts": lambda still: urlencode([*still.command().items(), ("text", "help")]).encode(),
    "a form without an end": lambda still: urlencode(still.command()).encode() + b"&x=" * 200,
    "no UTF-8": lambda still: urlencode(still.command()).encode() + b"&x=\xff\xfe",
    "no UTF-8 behind percents": lambda still: urlencode(still.command()).encode() + b"&x=%ff%fe",
    "UTF-16": lambda still: urlencode(still.command()).encode("utf-16"),
    "only zeros": lambda _: b"\0" * 1000,
}

_COMMAND_PARTS = ("team_id", "channel_id", "user_id", "command", "response_url", "trigger_id")
_CLICK_PARTS: tuple[tuple[str | int, ...], ...] = (
    ("type",),
    ("user",),
    ("user", "id"),
    ("container",),
    ("container", "channel_id"),
    ("container", "message_ts"),
    ("actions",),
    ("actions", 0),
    ("actions", 0, "action_id"),
    ("trigger_id",),
    ("response_url",),
)
_WRONG: list[Any] = [None, 1, True, [], {}, ["x"], {"x": 1}, "", "x" * 300, "U1\n", "\ud800", "\0"]


@pytest.mark.parametrize("row", UNREADABLE)
def test_what_cannot_be_read_as_one_thing_is_refused(still: Still, row: str) -> None:
    assert still.wire.send(UNREADABLE[row](still)).status == 400


@pytest.mark.parametrize("part", _COMMAND_PARTS)
def test_a_command_of_which_a_part_is_missing_is_refused(still: Still, part: str) -> None:
    command = still.command()

    assert still.wire.send(urlencode(_cut(command, part)).encode()).status == 400
    assert still.wire.send(urlencode(command | {part: ""}).encode()).status == 400


@pytest.mark.parametrize("part", _CLICK_PARTS, ids=str)
def test_a_click_of_which_a_part_is_missing_or_of_another_kind_is_refused(still: Still, part: tuple[str | int]) -> None:
    click = still.click()
    odd = [_cut(click, *part), *(_with(click, wrong, *part) for wrong in _WRONG)]
    taken = [one for one in odd if still.wire.send(form(one)).status != 400]

    assert [part] * len(taken) == [("type",)] * len(taken)  # a type that nobody knows is heard, and means nothing
    assert all(isinstance(one["type"], str) and one["type"] for one in taken)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x", "file:///etc/passwd", "//x/y", "https://", "http://[x/", "http://x:0/"]
)
def test_an_address_that_nobody_can_be_answered_at_is_refused(still: Still, url: str) -> None:
    assert still.wire.send(urlencode(still.command() | {"response_url": url}).encode()).status == 400


@pytest.mark.parametrize("part", _CLICK_PARTS, ids=str)
def test_over_a_socket_what_is_not_whole_is_acknowledged_and_does_nothing(
    begin: Callable[[str], Still], part: tuple[str | int]
) -> None:
    bot = begin("socket")
    before = (bot.state(), bot.record())

    for odd in (_cut(bot.click(), *part), *(_with(bot.click(), wrong, *part) for wrong in _WRONG[:3] + _WRONG[6:])):
        assert bot.world.slack.deliver(odd).status == 200
    assert (bot.state(), bot.record()) == before


# Who may say what


STRANGE: dict[str, Payload] = {
    "a form that was filled in": {"type": "view_submission", "view": {"id": "V1", "callback_id": "x", "state": {}}},
    "a form that was closed": {"type": "view_closed", "view": {"id": "V1", "callback_id": "x"}},
    "a shortcut": {"type": "shortcut", "callback_id": "delete_everything"},
    "a shortcut on a message": {"type": "message_action", "callback_id": "delete_everything", "message": {}},
    "options": {"type": "block_suggestion", "action_id": "delete_snapshot", "value": "x"},
    "an old button": {"type": "interactive_message", "callback_id": "x", "actions": [{"name": "delete_snapshot"}]},
    "an old dialog": {"type": "dialog_submission", "callback_id": "x", "submission": {}},
    "a step of a workflow": {"type": "workflow_step_edit", "callback_id": "x"},
    "an event": {"type": "event_callback", "event": {"type": "message", "text": "delete"}},
    "something of tomorrow": {"type": "thought"},
    "parts of any kind": {"type": "shortcut", "callback_id": "x", "enterprise": 5, "authorizations": {"x": 1}},
    "a shortcut without a name": {"type": "shortcut"},
}


@pytest.mark.parametrize("row", STRANGE)
def test_what_nobody_listens_to_is_acknowledged_or_refused_and_does_nothing(either: Still, row: str) -> None:
    kept = {name: either.click()[name] for name in ("user", "team", "trigger_id", "response_url")}

    assert either.world.slack.deliver(kept | STRANGE[row]).status in (200, 400)


def test_slack_may_ask_whether_the_address_is_right(still: Still) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()
    answer = still.wire.send(body, _headers(still, body, kind="application/json"))

    assert (answer.status, "abc" in answer.body) == (200, True)


def test_an_unknown_command_gets_an_answer(either: Still) -> None:
    ann, slack = either.world.staff.ann, either.world.slack
    slack.deliver(either.command() | {"command": "/backup"})

    assert "Try: /snapshot help" in slack.ephemerals(to=ann)[-1].reads()


NOTHING_KNOWN = "I know no request that this button belongs to."
FORGED: dict[str, tuple[tuple[object, ...], str]] = {
    "an action of another version": (("delete_everything", "actions", 0, "action_id"), "I don't know that button"),
    "a choice that was never offered": (("pick_snapshot:7", "actions", 0, "action_id"), "I don't know that button"),
    "the id of no deletion": (("D-00000", "actions", 0, "value"), NOTHING_KNOWN),
    "a command as id": (("' OR 1=1 --", "actions", 0, "value"), NOTHING_KNOWN),
    "half a character as id": (("\ud800\0", "actions", 0, "value"), NOTHING_KNOWN),
    "no id": ((_GONE, "actions", 0, "value"), NOTHING_KNOWN),
    "another message": (("1.000001", "container", "message_ts"), NOTHING_KNOWN),
    "another channel": (("C0GENERAL0000", "container", "channel_id"), NOTHING_KNOWN),
    "another workspace": (("T0STRANGER", "user", "team_id"), "Only people of the company that runs me"),
}


@pytest.mark.parametrize("row", FORGED)
def test_a_click_that_is_not_what_it_seems_is_answered_and_changes_nothing(either: Still, row: str) -> None:
    (value, *path), words = FORGED[row]
    payload = _with(either.click(), value, *path)  # type: ignore[arg-type]

    assert words in either.answer(payload, either.world.staff.ann)


@pytest.mark.parametrize(
    ("button", "words"), [("Delete snapshot", "Only ann can confirm this one"), ("Don't delete", "You may not see")]
)
def test_a_click_of_somebody_who_may_not_is_answered_and_changes_nothing(
    either: Still, button: str, words: str
) -> None:
    bob = either.world.staff.bob

    assert words in either.answer(bob.click_payload(either.card, button), bob)


def test_a_message_that_is_no_card_of_ours_has_no_say(either: Still) -> None:
    slack, ann = either.world.slack, either.world.staff.ann
    copy = slack.workspace.post(either.card.channel, ann.id, "Click here", blocks=either.card.blocks)
    try:
        assert NOTHING_KNOWN in either.answer(ann.click_payload(copy, "Delete snapshot"), ann)
    finally:
        slack.workspace.delete(copy)


# Again


def _again(world: World, payload: Payload | dict[str, str]) -> None:
    """Send the very same bytes twice, as somebody could who has seen them."""
    wire = Wire(world)
    body = form(payload) if "actions" in payload else urlencode(payload).encode()
    headers = wire.signed(body)
    first, second = wire.send(body, headers), wire.send(body, headers)
    wire.close()
    assert (first.status, second.status) == (200, 200)


def _quiet(world: World) -> int:
    """How many answers there are once nothing is in hand."""
    assert world.bot
    for pool in (world.bot.pool, world.bot.answers):
        for done in [pool.submit(lambda: None) for _ in range(64)]:
            done.result(10)
    return len(world.slack.ephemerals())


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_the_same_command_twice_is_one(world: World, mode: str) -> None:
    world.start(mode=mode)
    world.grant(world.staff.ann)
    command = world.staff.ann.command_form(f"/snapshot delete {NAME}", world.staff.ops)

    if mode == "http":
        _again(world, command)
    else:
        world.slack.deliver(command)
        world.slack.deliver(command)
    world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="card")

    assert _quiet(world) == 0
    assert len(world.slack.messages(world.staff.ops)) == 1


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_the_same_click_twice_is_one(world: World, mode: str) -> None:
    world.start(mode=mode)
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    click = world.staff.ann.click_payload(card, "Delete snapshot")

    if mode == "http":
        _again(world, click)
    else:
        world.slack.deliver(click)
        world.slack.deliver(click)
    world.reads(card, "✅ Deleted")

    assert _quiet(world) == 0
    assert world.deletes() == 1


def test_a_click_that_was_refused_counts_no_more_when_it_comes_again_after_a_grant(world: World) -> None:
    world.start()
    world.grant(world.staff.cleo, "admin")
    row = world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.revoke(row)
    click = world.staff.ann.click_payload(card, "Delete snapshot")
    world.slack.deliver(click)
    world.hears(world.staff.ann, "You may not delete")

    world.grant(world.staff.ann)
    answer = world.slack.deliver(click)

    assert (answer.status, _quiet(world)) == (200, 1)
    assert world.deletion().state == "pending"


def test_a_command_that_was_refused_counts_no_more_when_it_comes_again_after_a_grant(world: World) -> None:
    world.start()
    world.grant(world.staff.cleo)
    command = world.staff.ann.command_form(f"/snapshot delete {NAME}", world.staff.ops)
    world.slack.deliver(command)
    world.hears(world.staff.ann, "You may not delete")

    world.grant(world.staff.ann)
    world.slack.deliver(command)

    assert _quiet(world) == 1
    assert world.slack.messages(world.staff.ops) == []


def test_a_restart_does_not_forget_what_came_before(world: World) -> None:
    world.start()
    world.grant(world.staff.cleo, "admin")
    row = world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.revoke(row)
    click = world.staff.ann.click_payload(card, "Delete snapshot")
    world.slack.deliver(click)
    world.hears(world.staff.ann, "You may not delete")

    world.stop()
    world.grant(world.staff.ann)
    world.start()
    world.slack.deliver(click)

    assert _quiet(world) == 1
    assert world.deletion().state == "pending"


# What is written down about it


@pytest.mark.parametrize("delivery", ["http"])  # only there a signature can be missing
def test_the_log_gives_nothing_away(world: World) -> None:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(Discreet(FORMAT))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)  # more than is logged when it serves
    try:
        secrets = _busy_day(world)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
    written = log.getvalue()

    assert "refused a request: no signature of Slack's" in written
    assert "refused a request: no channel_id" in written
    assert re.search(r"error [0-9a-f]{8}", written)
    assert [secret for secret in secrets if secret in written] == []


def _busy_day(world: World) -> list[str]:
    """All that can be said and refused, and what of it is secret."""
    bot = world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    wire = Wire(world)
    command = world.staff.ann.command_form("/snapshot help", world.staff.ops)
    click = world.staff.ann.click_payload(card, "Delete snapshot")
    odd = world.staff.ann.click_payload(card, "Delete snapshot") | {"response_url": click["response_url"] + "x"}
    broken = world.staff.ann.click_payload(card, "Don't delete")
    body = urlencode(command).encode()
    headers = wire.signed(body)
    wire.send(body, headers)
    wire.send(body, headers | {"X-Slack-Signature": "v0=" + "a" * 64})
    wire.send(urlencode(_cut(command, "channel_id")).encode())
    wire.send(form(_with(odd, "x", "actions", 0, "value")))  # nobody can be answered there
    wire.send(form(STRANGE["a shortcut"] | {"trigger_id": click["trigger_id"]}))
    wire.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(bot.app.client), "chat_getPermalink", None)
        patch.setattr("bot.decide.deletions.claim", _explode(broken["response_url"]))
        world.slack.deliver(broken)
        world.hears(world.staff.ann, "Something went wrong")
    world.slack.deliver(click)
    world.reads(card, "✅ Deleted")
    _quiet(world)
    world.stop()
    payloads = (command, click, odd, broken)
    addresses = [str(one["response_url"]).rsplit("/", 1)[-1] for one in payloads]
    triggers = [str(one["trigger_id"]) for one in payloads]
    tokens = [world.slack.bot_token, world.slack.app_token, world.slack.signing_secret]
    return [*addresses, *triggers, *tokens, headers["X-Slack-Signature"], "v0=" + "a" * 64]


def _explode(words: str) -> Callable[..., None]:
    def explode(*_: object, **__: object) -> None:
        raise RuntimeError(f"could not reach {words}")

    return explode
