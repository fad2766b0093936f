"""The small client of the local Slack: people, channels, and what was said."""

import io
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import replace

import pytest

from bot.sandbox.slack import Channel, Event, EventKind, LocalSlack, Message, NotVisibleError, Person
from bot.sandbox.slack.wire import Json


def card(*labels: str) -> list[Json]:
    buttons = [{"type": "button", "text": {"type": "plain_text", "text": label}} for label in labels]
    return [{"type": "actions", "elements": buttons}]


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(ack_seconds=0.1) as slack:
        yield slack


@pytest.fixture
def bob(slack: LocalSlack) -> Person:
    return slack.person("Bob")


def says(slack: LocalSlack, channel: Channel, text: str, *labels: str, to: Person | None = None) -> Message:
    reader = to.id if to else None
    return slack.workspace.post(
        channel.id, slack.bot_user_id, text, blocks=card(*labels) if labels else None, to=reader
    )


# People and channels


def test_a_person_is_the_same_each_time(slack: LocalSlack) -> None:
    assert slack.person("Ann") == slack.person("Ann")
    assert slack.person("Ann").id == "U0ANN0000"
    assert slack.person("Ann").name == "Ann"


@pytest.mark.parametrize("name", ["Ann", "Zoë", "李", "A person with a name that does not end"])
def test_an_id_looks_like_slacks(slack: LocalSlack, name: str) -> None:
    assert re.fullmatch(r"[UW][A-Z0-9]{6,}", slack.person(name).id)


def test_names_that_look_the_same_have_ids_of_their_own(slack: LocalSlack) -> None:
    assert [slack.person(name).id for name in ("Ann", "ann", "Änn")] == ["U0ANN0000", "U0ANN0001", "U0ANN0002"]


def test_a_channel_is_the_same_each_time(slack: LocalSlack, ann: Person, bob: Person, ops: Channel) -> None:
    again = slack.channel("ops", members=[bob], archived=True)

    assert (again.id, again.is_archived) == (ops.id, True)
    assert again.members == {ann.id, bob.id, slack.bot_user_id}
    assert slack.channel("ops") == again


def test_the_bot_is_put_out_of_a_channel(slack: LocalSlack, ops: Channel) -> None:
    assert slack.bot_user_id in ops.members
    assert slack.bot_user_id not in slack.channel("ops", bot=False).members
    assert slack.bot_user_id not in slack.channel("ops").members


def test_a_direct_conversation_has_one_reader(slack: LocalSlack, ann: Person, bob: Person) -> None:
    says(slack, slack.dm(ann), "hello")

    assert len(ann.sees()) == 1
    assert bob.sees() == []


def test_a_private_channel_is_for_its_members(slack: LocalSlack, ann: Person, bob: Person) -> None:
    secret = slack.channel("secret", members=[ann], private=True)
    says(slack, secret, "hello")

    assert [len(person.sees(secret)) for person in (ann, bob)] == [1, 0]


def test_who_types_in_a_public_channel_has_joined_it(slack: LocalSlack, bob: Person, ops: Channel) -> None:
    bob.says("hello", ops)

    assert bob.id in slack.channel("ops").members


def test_nobody_types_in_a_private_channel_from_outside(slack: LocalSlack, ann: Person, bob: Person) -> None:
    secret = slack.channel("secret", members=[ann], private=True)

    with pytest.raises(NotVisibleError, match="Bob is not in #secret"):
        bob.types("/snapshot", secret)


def test_a_command_begins_with_a_slash(ann: Person, ops: Channel) -> None:
    with pytest.raises(ValueError, match="begins with /"):
        ann.types("snapshot", ops)


# Buttons


def test_a_button_that_nobody_sees_is_told_with_what_is_seen(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    says(slack, ops, "*hello*", "Stop")

    with pytest.raises(NotVisibleError, match=r"Ann sees no button 'Go'\.\n#ops\n  Lightkeeper:\n    \[ Stop \]"):
        ann.clicks("Go")


def test_a_button_for_somebody_else_is_not_seen(slack: LocalSlack, bob: Person, ann: Person, ops: Channel) -> None:
    whisper = says(slack, ops, "psst", "Go", to=ann)

    with pytest.raises(NotVisibleError, match="Nothing was said"):
        bob.clicks("Go")
    with pytest.raises(NotVisibleError, match="Bob cannot see"):
        bob.clicks("Go", message=whisper)


def test_a_message_that_was_edited_is_clicked_as_it_was_seen(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    seen = says(slack, ops, "Delete?", "Go")
    slack.workspace.edit(seen, "Deleted")

    assert ann.click_payload(seen, "Go")["message"]["text"] == "Delete?"
    assert ann.clicks("Go", message=seen).error == "dispatch_failed"
    with pytest.raises(NotVisibleError, match="No button 'Go' in:\nDeleted"):
        ann.click_payload(slack.message(ops, seen.ts), "Go")


def test_a_click_can_pretend_another_channel(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    message = says(slack, ops, "Delete?", "Go")
    elsewhere = slack.channel("elsewhere")

    assert ann.click_payload(message, "Go", elsewhere)["channel"]["id"] == elsewhere.id


# What was said


def test_a_click_needs_its_channel(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    message = replace(says(slack, ops, "Delete?", "Go"), channel="C404")

    with pytest.raises(NotVisibleError, match="C404"):
        ann.click_payload(message, "Go")


def test_an_id_is_told_as_a_name(slack: LocalSlack, ann: Person) -> None:
    assert [slack.name_of(each) for each in (ann.id, slack.bot_user_id, "U404")] == ["Ann", "Lightkeeper", "U404"]


def test_everything_said_is_on_record(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    heard: list[Event] = []
    slack.listen(heard.append)
    message = says(slack, ops, "one")
    slack.workspace.edit(message, "two")
    says(slack, ops, "psst", to=ann)
    slack.workspace.delete(message)

    assert [(event.kind, event.message.text) for event in heard] == [
        (EventKind.POSTED, "one"),
        (EventKind.EDITED, "two"),
        (EventKind.WHISPERED, "psst"),
        (EventKind.DELETED, "two"),
    ]
    assert slack.history() == heard


def test_ephemeral_messages_are_found_by_reader_and_channel(
    slack: LocalSlack,
    ann: Person,
    bob: Person,
    ops: Channel,
) -> None:
    says(slack, ops, "to Ann", to=ann)
    says(slack, slack.channel("dev"), "to Bob", to=bob)

    assert [message.text for message in slack.ephemerals()] == ["to Ann", "to Bob"]
    assert [message.text for message in slack.ephemerals(to=bob)] == ["to Bob"]
    assert [message.text for message in slack.ephemerals(channel=ops)] == ["to Ann"]


def test_a_transcript_reads_like_the_conversation(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    parent = ann.says("Delete <@U0BOB0000|bob>?", ops)
    says(slack, ops, "Which?", "web-1", to=ann)
    ann.says("web-1", ops, thread_ts=parent.ts)
    orphan = ann.says("lost", ops, thread_ts="1.000000")
    slack.workspace.edit(parent, "Delete it?")
    slack.workspace.post(ops.id, "U404", "who?")

    assert orphan.thread_ts == "1.000000"
    assert slack.transcript().split("\n") == [
        "#ops",
        "  Ann (edited 1 ×):",
        "    Delete it?",
        "      Ann:",
        "        web-1",
        "  Lightkeeper (only Ann sees this):",
        "    [ web-1 ]",
        "  Ann:",
        "    lost",
        "  U404:",
        "    who?",
    ]


# Waiting


def test_waiting_ends_with_the_change(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    threading.Timer(0.05, lambda: ann.says("hello", ops)).start()

    (message,) = slack.wait_for(lambda: slack.messages(ops), what="message")
    assert message.text == "hello"


def test_waiting_in_vain_prints_the_conversation(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    ann.says("hello", ops)

    with pytest.raises(AssertionError, match=r"After 0.01 s there is no card\. What was said:\n#ops\n  Ann:"):
        slack.wait_for(lambda: False, seconds=0.01, what="card")


def test_a_wait_sees_what_happens_outside_of_slack(slack: LocalSlack) -> None:
    end = time.monotonic() + 0.1

    assert slack.wait_for(lambda: time.monotonic() > end)


# Starting and stopping


def test_an_app_finds_its_settings(slack: LocalSlack) -> None:
    settings = slack.environment()

    assert settings == {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
    }
    assert slack.environment(socket=True) == settings | {"SLACK_APP_TOKEN": slack.app_token}
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api/", slack.api_url)
    assert (slack.bot_token[:5], slack.app_token[:5]) == ("xoxb-", "xapp-")


def test_a_port_can_be_chosen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with LocalSlack(port=port, team="Initech", domain="initech") as slack:
        assert slack.base_url == f"http://127.0.0.1:{port}"
        assert (slack.team_id, slack.team.url) == ("T0INITECH0000", "https://initech.slack.com/")


def test_a_port_in_use_is_an_error(slack: LocalSlack) -> None:
    with pytest.raises(OSError, match="in use"):
        LocalSlack(port=int(slack.base_url.rpartition(":")[2]))


def test_it_stops_at_once_and_says_nothing() -> None:
    errors = io.StringIO()
    with redirect_stderr(errors):
        with LocalSlack() as slack:
            before = time.perf_counter()
        assert time.perf_counter() - before < 20

    assert errors.getvalue() == ""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(slack.base_url.rpartition(":")[2])))
