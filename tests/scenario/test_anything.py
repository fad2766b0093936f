"""Anything at all, typed and clicked by somebody who may nothing: answered or refused, and nothing changes."""

import copy
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox import company
from bot.sandbox.slack import Message, Person, message_problems
from bot.slack.card import LOOK
from bot.slack.commands import Delete, render
from bot.slack.words import entities
from tests.conftest import World
from tests.scenario.conftest import Stage
from tests.wire import Wire, form

NAME = company.OLD_RELEASE
SOME, MANY_COMMANDS, MANY_PAYLOADS = 250, 5000, 2500  # in each mode
NOWHERE = "Name or service not known>"  # slack_sdk, about a response_url whose host was spoilt
Payload = dict[str, Any]


def thorough(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)


# What is typed

snapshots = st.sampled_from([NAME, company.PROTECTED, company.TWICE, "web-9", "D-7F2KQ", "web-1-2024-5-1", "a" * 255])
typed = st.sampled_from(
    ["delete ", "help", "delet ", "Delete ", "/snapshot ", "rm ", " ", "\n", "\t", "\u00a0", "\u200b"]
)
options = st.sampled_from(
    [" --region ", " --reason ", "—reason ", " --region=eu-west-1", "us-east-1", "mars-1", " --x "]
)
marks = st.sampled_from(
    ['"', "'", "“", "”", "‘", "`", "\\", "&lt;", "&amp;", "<", ">", "|", "*", "_", "~", "\u202e", "—"]
)
tokens = st.sampled_from(["<@U1|ann>", "<!channel>", "<http://a.b|a.b>", "<#C1>", "🔥", "👩‍👩‍👧", "שלום", "e\u0301"])
words = st.text(max_size=8) | st.text(min_size=1, max_size=3).map(lambda some: some * 700)
right = st.builds(Delete, snapshots, st.sampled_from([None, None, "us-east-1", "mars-1"]), words | tokens).map(
    lambda command: entities(render(command))  # as Slack delivers it
)
commands = (
    right
    | st.lists(typed | snapshots | options | marks | tokens | words, max_size=9).map("".join)
    | st.builds("delete {}{}{}".format, snapshots, options | words, words | tokens)
)


@contextmanager
def unharmed(world: World, person: Person, caplog: pytest.LogCaptureFixture) -> Iterator[list[bool]]:
    """Collects of each delivery whether an answer is still to come; at the end all have come, and nothing else has."""
    said = [one.reads() for one in world.slack.workspace.messages() if not one.to]
    told = len(world.slack.ephemerals(to=person))
    later: list[bool] = []
    with caplog.at_level(logging.ERROR):
        yield later
        world.slack.wait_for(lambda: len(world.slack.ephemerals(to=person)) >= told + sum(later), 30, "all answers")
    assert [one.reads() for one in world.slack.workspace.messages() if not one.to] == said
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert [error for error in errors if not error.endswith(NOWHERE)] == []
    assert world.deletes() == 0


def type_anything(world: World, mode: str, examples: int, caplog: pytest.LogCaptureFixture) -> None:
    dan = world.staff.dan

    @given(commands)
    @thorough(examples)
    def types(text: str) -> None:
        command = dan.command_form("/snapshot", world.staff.ops) | {"text": text.encode(errors="replace").decode()}
        if mode == "http":
            status, body = wire.send(urlencode(command).encode())
        else:
            answer = world.slack.deliver(command)
            status, body = answer.status or 0, answer.body
        assert status == 200
        assert not body or not message_problems(json.loads(body))
        later.append(not body or mode == "socket")  # the local Slack shows what comes back at once as well

    with Wire(world) as wire, unharmed(world, dan, caplog) as later:
        types()


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_whatever_is_typed_is_answered(stage: Stage, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    type_anything(stage(mode), mode, SOME, caplog)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", ["http", "socket"])
def test_whatever_is_typed_for_long_is_answered(stage: Stage, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    type_anything(stage(mode), mode, MANY_COMMANDS, caplog)


# What is clicked

scalars = st.sampled_from(
    [None, True, 0, -1, 10**30, 1.5, "", " ", "\0", "\ud800", "\u202e", "x" * 300, "y" * 70_000, "D-00000", "U0BOB0000"]
)
junk = st.recursive(
    scalars | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "value"]), inner, max_size=3)
    ),
    max_leaves=5,
)
deep = st.integers(1, 400).map(lambda depth: json.loads("[" * depth + "]" * depth))


def paths(value: object, so_far: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where a part of it is, for every part."""
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    else:
        return [so_far]
    found = [so_far] if so_far else []
    return found + [path for step, part in inside for path in paths(part, (*so_far, step))]


@st.composite
def mutations(draw: st.DrawFn) -> Callable[[Payload], Payload]:
    """One to three things that go wrong with a payload: parts removed, moved, doubled, or of another kind."""
    plan = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["remove", "replace", "move", "double", "rename", "nest"]),
                st.integers(0, 10**6),
                st.integers(0, 10**6),
                junk | deep,
            ),
            min_size=1,
            max_size=3,
        )
    )

    def mutate(payload: Payload) -> Payload:
        made = copy.deepcopy(payload)
        for kind, here, there, value in plan:
            places = paths(made)
            if places:
                _change(made, kind, places[here % len(places)], places[there % len(places)], value)
        return made

    return mutate


def _change(made: Payload, kind: str, here: tuple[str | int, ...], there: tuple[str | int, ...], value: object) -> None:
    owner, last = _owner(made, here)
    part = owner[last]
    if kind == "remove":
        del owner[last]
    elif kind == "replace":
        owner[last] = value
    elif kind == "move":
        other, name = _owner(made, there)
        owner[last] = copy.deepcopy(other[name])
    elif kind == "double":
        owner[last] = [part, copy.deepcopy(part)]
    elif kind == "nest":
        owner[last] = {"id": part}
    elif isinstance(owner, dict):
        owner[f"{last}s"] = owner.pop(last)


def _owner(made: Payload, path: tuple[str | int, ...]) -> tuple[Any, Any]:
    owner: Any = made
    for step in path[:-1]:
        owner = owner[step]
    return owner, path[-1]


@st.composite
def spoils(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Now and then something that goes wrong with the bytes, before Slack signs them."""
    at, kind = draw(st.integers(0, 10**6)), draw(st.sampled_from([""] * 6 + ["cut", "byte", "again", "deep", "repeat"]))

    def spoil(body: bytes) -> bytes:
        where = at % (len(body) + 1)
        match kind:
            case "cut":
                return body[:where]
            case "byte":
                return body[:where] + bytes([at % 256]) + body[where + 1 :]
            case "again":
                return body + b"&" + body
            case "deep":
                return body[:where] + b"%5B" * 2000 + body[where:]
            case "repeat":
                return body.replace(b"%22value%22%3A", b"%22value%22%3A1%2C%22value%22%3A")
            case _:
                return body

    return spoil


def send_anything(world: World, mode: str, examples: int, caplog: pytest.LogCaptureFixture) -> None:
    dan, ann = world.staff.dan, world.staff.ann
    card = world.ask(ann, NAME)

    @given(st.sampled_from(["confirm", "stop", "look", "pick", "command"]), mutations(), spoils())
    @thorough(examples)
    def sends(kind: str, mutate: Callable[[Payload], Payload], spoil: Callable[[bytes], bytes]) -> None:
        payload = mutate(_true(world, card, kind))
        if mode == "socket":
            assert _by_socket(world, payload) == 200
            return
        body = urlencode(payload, errors="replace").encode() if kind == "command" else form(payload)
        status, said = wire.send(spoil(body))
        assert status == 200 or 400 <= status < 500
        assert not said.startswith("{") or not message_problems(json.loads(said))

    with Wire(world) as wire, unharmed(world, dan, caplog):
        sends()
    world.slack.deliver(dan.click_payload(card, "Delete snapshot"))
    world.hears(dan, "Only ann can confirm this one")
    ann.clicks("Don't delete", message=card)
    world.told(card, "cancelled by ann")


def _true(world: World, card: Message, kind: str) -> Payload:
    """What Slack would send for somebody who may nothing."""
    dan = world.staff.dan
    match kind:
        case "command":
            return dict(dan.command_form(f"/snapshot delete {NAME}", world.staff.ops))
        case "pick":
            payload = dan.click_payload(card, "Don't delete")
            payload["actions"][0] |= {"action_id": "pick_snapshot:0", "value": f'["{NAME}", "us-east-1", ""]'}
            return payload
        case "look":
            payload = dan.click_payload(card, "Don't delete")
            payload["actions"][0]["action_id"] = LOOK
            return payload
        case "stop":
            return dan.click_payload(card, "Don't delete")
        case _:
            return dan.click_payload(card, "Delete snapshot")


def _by_socket(world: World, payload: Payload) -> int | None:
    """Whatever comes is acknowledged; the local Slack shows nobody what came of it, as it may not know to whom."""
    frame = world.slack._sockets.deliver("interactive", payload, 3, {})
    return 200 if "envelope_id" in frame else None


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_whatever_is_clicked_is_answered_or_refused(stage: Stage, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    send_anything(stage(mode), mode, SOME, caplog)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", ["http", "socket"])
def test_whatever_is_clicked_for_long_is_answered_or_refused(
    stage: Stage, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    send_anything(stage(mode), mode, MANY_PAYLOADS, caplog)
