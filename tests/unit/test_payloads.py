"""What Slack sends, read into values that are whole."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Actor
from bot.slack import payloads
from bot.slack.payloads import FORM, JSON, MalformedError, Pressed, Typed

COMMAND = {
    "token": "x",
    "team_id": "T1",
    "channel_id": "C1",
    "user_id": "U1",
    "user_name": "ann",
    "command": "/snapshot",
    "text": "help",
    "response_url": "https://hooks.slack.com/commands/T1/2/3",
    "trigger_id": "1.2.3",
}
CLICK: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U1", "username": "ann", "name": "ann", "team_id": "T1"},
    "team": {"id": "T1", "domain": "acme"},
    "container": {"type": "message", "message_ts": "1.2", "channel_id": "C1", "is_ephemeral": False},
    "response_url": "https://hooks.slack.com/actions/T1/2/3",
    "trigger_id": "1.2.3",
    "actions": [{"action_id": "delete_snapshot", "block_id": "b", "value": "D-7F2KQ", "type": "button"}],
    "message": {"text": "…"},
    "enterprise": None,
}
ANN = Actor("T1", "U1", "ann")


def pressed(**user: object) -> Pressed:
    return payloads.pressed({**CLICK, "user": {**CLICK["user"], **user}})


def test_a_command_is_read() -> None:
    said = payloads.read(FORM, urlencode(COMMAND).encode())

    assert payloads.typed(said) == Typed(ANN, "C1", "1.2.3", COMMAND["response_url"], "/snapshot", "help")


def test_a_click_is_read() -> None:
    said = payloads.read(FORM, urlencode({"payload": json.dumps(CLICK)}).encode())

    assert payloads.pressed(said) == Pressed(
        ANN, "T1", "C1", "1.2", "1.2.3", CLICK["response_url"], "delete_snapshot", "D-7F2KQ", is_private=False
    )


def test_json_is_read() -> None:
    assert payloads.read(JSON, b'{"type": "event_callback"}') == {"type": "event_callback"}


def test_a_command_without_text_has_none() -> None:
    without = {name: part for name, part in COMMAND.items() if name != "text"}

    assert payloads.typed(without).text == ""


def test_who_clicks_in_a_shared_channel_belongs_to_another_workspace_than_the_bot() -> None:
    said = pressed(team_id="T2")

    assert (said.actor.team, said.team) == ("T2", "T1")


def test_where_slack_does_not_say_whose_workspace_it_is_it_is_the_bots() -> None:
    assert pressed(team_id=None).actor.team == "T1"


def test_in_an_organization_the_workspace_is_that_of_who_clicks() -> None:
    assert payloads.pressed({**CLICK, "team": None}).team == "T1"


@pytest.mark.parametrize("name", ["", " ", None, 7, "\u202e", "\u200b\u2060", "\x00"])
def test_who_has_no_name_is_called_by_the_id(name: object) -> None:
    assert pressed(username=name, name=name).actor.name == "U1"
    assert payloads.typed(COMMAND | {"user_name": name}).actor.name == "U1"


@pytest.mark.parametrize(
    ("name", "read"), [("an\nn", "an n"), ("a\u202enn", "ann"), ("x" * 200, "x" * 79 + "…"), ("שלום", "שלום")]
)
def test_a_name_is_one_that_can_be_read_and_kept(name: str, read: str) -> None:
    assert pressed(username=name).actor.name == read


@pytest.mark.parametrize(("text", "read"), [("a\0b", "ab"), ("\ud800x", "?x"), ("a\nb", "a\nb")])
def test_what_databases_refuse_is_taken_out_of_a_text(text: str, read: str) -> None:
    assert payloads.typed(COMMAND | {"text": text}).text == read


def test_only_what_somebody_reads_is_given_on() -> None:
    assert payloads.essential(CLICK).keys() == CLICK.keys() - {"message", "enterprise"}
    assert payloads.essential(dict(COMMAND)).keys() == COMMAND.keys() - {"token"}


def test_what_nobody_listens_to_is_given_on_as_it_is() -> None:
    body = {"type": "shortcut", "x": 1}

    assert payloads.essential(body) == body


def test_what_went_wrong_is_told_without_what_was_sent() -> None:
    with pytest.raises(MalformedError) as told:
        payloads.read(JSON, b'{"xoxb-secret": xoxb-secret}')

    assert "secret" not in str(told.value)


names = st.sampled_from([*COMMAND, *CLICK, "id"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(names, some, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(names, json_values, max_size=9))
@settings(max_examples=200, deadline=None)
def test_a_body_of_any_shape_is_read_or_refused(body: dict[str, Any]) -> None:
    try:
        payloads.essential({**CLICK, **body})
        payloads.essential({**COMMAND, **body})
    except MalformedError:
        return


@given(st.sampled_from([FORM, JSON]), st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(kind: str, raw: bytes) -> None:
    try:
        assert isinstance(payloads.read(kind, raw), dict)
    except MalformedError:
        return
