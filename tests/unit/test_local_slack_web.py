"""The Web API of the local Slack, called by Slack's own client."""

import json
import re
import urllib.request
from collections.abc import Iterator
from itertools import pairwise

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import SCOPES, Channel, LocalSlack
from bot.sandbox.slack.wire import Json

BLOCKS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*hello*"}},
    {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]},
]
METADATA: Json = {"event_type": "notice", "event_payload": {"id": "N-1"}}


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(scopes=[*SCOPES, "im:write", "mpim:write", "users:read"]) as slack:
        yield slack


def refused(error: str) -> pytest.RaisesExc[SlackApiError]:
    return pytest.raises(SlackApiError, check=lambda caught: caught.response["error"] == error)


def call(slack: LocalSlack, method: str, body: bytes, content_type: str, token: str | None = None) -> Json:
    headers = {"Content-Type": content_type} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(slack.api_url + method, body, headers)
    with urllib.request.urlopen(request) as response:
        answer: Json = json.load(response)
    return answer


# Who calls


def test_the_app_learns_who_it_is(slack: LocalSlack, client: WebClient) -> None:
    me = client.auth_test()

    assert (me["team_id"], me["user_id"]) == (slack.team_id, slack.bot_user_id)
    assert (me["team"], me["url"], me["user"]) == ("Acme", "https://acme.slack.com/", "lightkeeper")
    assert "chat:write" in me.headers["x-oauth-scopes"]


def test_a_call_without_a_token_is_refused(slack: LocalSlack) -> None:
    with refused("not_authed"):
        WebClient(base_url=slack.api_url).auth_test()


def test_a_call_with_a_false_token_is_refused(slack: LocalSlack) -> None:
    with refused("invalid_auth"):
        WebClient("xoxb-false", base_url=slack.api_url).auth_test()


def test_an_unknown_method_is_refused(client: WebClient) -> None:
    with refused("unknown_method"):
        client.api_call("chat.shout")


def test_a_connection_needs_the_token_of_the_app(slack: LocalSlack, client: WebClient) -> None:
    with refused("not_allowed_token_type"):
        client.apps_connections_open(app_token=slack.bot_token)


def test_a_message_needs_the_token_of_the_bot(slack: LocalSlack, client: WebClient) -> None:
    with refused("not_allowed_token_type"):
        client.auth_test(token=slack.app_token)


def test_a_page_that_does_not_exist_is_not_found(slack: LocalSlack) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as caught:
        urllib.request.urlopen(slack.base_url + "/elsewhere")
    caught.value.close()


# How arguments come


def test_arguments_come_as_a_form(slack: LocalSlack, ops: Channel) -> None:
    body = f"token={slack.bot_token}&channel={ops.id}&text=hi&blocks=".encode() + json.dumps(BLOCKS).encode()

    assert call(slack, "chat.postMessage", body, "application/x-www-form-urlencoded")["ok"]
    assert slack.messages(ops)[0].buttons() == ["Go"]


def test_arguments_come_in_the_query(slack: LocalSlack, ops: Channel) -> None:
    answer = call(slack, f"conversations.info?channel={ops.id}", b"", "text/plain", slack.bot_token)

    assert answer["channel"]["name"] == "ops"


def test_broken_json_is_refused(slack: LocalSlack) -> None:
    assert call(slack, "chat.postMessage", b"{", "application/json", slack.bot_token) == {
        "ok": False,
        "error": "invalid_json",
    }


@pytest.mark.parametrize("field", ["blocks", "metadata"])
def test_broken_json_in_a_form_is_refused(client: WebClient, ops: Channel, field: str) -> None:
    with refused(f"invalid_{field}_format"):
        client.api_call("chat.postMessage", params={"channel": ops.id, "text": "hi", field: "["})


def test_empty_blocks_in_a_form_are_none(client: WebClient, slack: LocalSlack, ops: Channel) -> None:
    client.api_call("chat.postMessage", params={"channel": ops.id, "text": "hi", "blocks": ""})

    assert slack.messages(ops)[0].blocks == []


# Saying something


def test_a_message_comes_back_as_it_is_kept(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    answer = client.chat_postMessage(channel=ops.id, text="hello", blocks=BLOCKS, metadata=METADATA)
    kept = slack.messages(ops)[0]

    assert (answer["channel"], answer["ts"]) == (ops.id, kept.ts)
    assert answer["message"]["blocks"] == kept.blocks
    assert answer["message"]["bot_id"] == slack.team.bot_id
    assert (kept.text, kept.user, kept.metadata) == ("hello", slack.bot_user_id, METADATA)


def test_blocks_get_the_ids_they_lack(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    client.chat_postMessage(channel=ops.id, text="hello", blocks=[{**BLOCKS[0], "block_id": "mine"}, BLOCKS[1]])
    section, actions = slack.messages(ops)[0].blocks

    assert section["block_id"] == "mine"
    assert actions["block_id"]
    assert actions["elements"][0]["action_id"]
    assert actions["elements"][0]["text"]["emoji"] is True
    assert section["text"]["verbatim"] is False


def test_the_time_of_a_message_is_unique_and_grows(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    slack.unlimited()  # nobody may post twenty messages at once
    times = [client.chat_postMessage(channel=ops.id, text="hello")["ts"] for _ in range(20)]

    assert all(re.fullmatch(r"\d{10}\.\d{6}", ts) for ts in times)
    assert all(before < after for before, after in pairwise(times))


def test_times_grow_while_the_clock_stands_still() -> None:
    with LocalSlack(clock=lambda: 1732363201.0) as slack:
        ops, ann = slack.channel("ops"), slack.person("Ann")

        assert [ann.says("hi", ops).ts for _ in range(2)] == ["1732363201.000000", "1732363201.000100"]


def test_a_message_to_a_person_opens_their_conversation(slack: LocalSlack, client: WebClient) -> None:
    ann = slack.person("Ann")
    answer = client.chat_postMessage(channel=ann.id, text="hello")

    assert answer["channel"] == slack.dm(ann).id
    assert [message.text for message in ann.sees()] == ["hello"]
    assert slack.person("Bob").sees() == []


def test_a_public_channel_needs_no_invitation_to_write(slack: LocalSlack, client: WebClient) -> None:
    ops = slack.channel("ops", bot=False)
    client.chat_postMessage(channel=ops.id, text="hello")

    assert len(slack.messages(ops)) == 1


def test_a_private_channel_without_invitation_does_not_exist(slack: LocalSlack, client: WebClient) -> None:
    secret = slack.channel("secret", private=True, bot=False)
    with refused("channel_not_found"):
        client.chat_postMessage(channel=secret.id, text="hello")

    slack.channel("secret", bot=True)
    assert client.chat_postMessage(channel=secret.id, text="hello")["ok"]


def test_an_unknown_channel_is_refused(client: WebClient) -> None:
    with refused("channel_not_found"):
        client.chat_postMessage(channel="C404", text="hello")


def test_an_archived_channel_is_refused(slack: LocalSlack, client: WebClient) -> None:
    with refused("is_archived"):
        client.chat_postMessage(channel=slack.channel("old", archived=True).id, text="hello")


def test_a_message_without_words_is_refused(client: WebClient, ops: Channel) -> None:
    with refused("no_text"):
        client.api_call("chat.postMessage", json={"channel": ops.id, "text": " ", "blocks": BLOCKS})


def test_too_many_words_are_refused(client: WebClient, ops: Channel) -> None:
    with refused("msg_too_long"):
        client.chat_postMessage(channel=ops.id, text="x" * 40_001)


def test_faulty_blocks_are_refused_with_a_pointer(client: WebClient, ops: Channel) -> None:
    with refused("invalid_blocks") as caught:
        client.chat_postMessage(channel=ops.id, text="hello", blocks=[{"type": "section"}])

    problem = "must define either `text` or `fields` [json-pointer:/blocks/0/type]"
    assert caught.value.response["errors"] == [problem]
    assert caught.value.response["response_metadata"]["messages"] == [f"[ERROR] {problem}"]


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"event_type": "notice"}, "invalid_metadata_format"),
        ({"event_type": "notice", "event_payload": {"x": "x" * 16_000}}, "metadata_too_large"),
    ],
)
def test_faulty_metadata_is_refused(client: WebClient, ops: Channel, metadata: Json, error: str) -> None:
    with refused(error):
        client.chat_postMessage(channel=ops.id, text="hello", metadata=metadata)


def test_a_reply_goes_under_its_parent(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    ts = client.chat_postMessage(channel=ops.id, text="card")["ts"]
    client.chat_postMessage(channel=ops.id, text="reply", thread_ts=ts)

    assert [message.text for message in slack.messages(ops)] == ["card"]
    assert [message.text for message in slack.thread(ops, ts)] == ["reply"]


def test_a_thread_that_does_not_exist_is_refused(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    ann = slack.person("Ann")
    ts = client.chat_postMessage(channel=ops.id, text="card")["ts"]
    reply = client.chat_postMessage(channel=ops.id, text="reply", thread_ts=ts)["ts"]
    whisper = client.chat_postEphemeral(channel=ops.id, user=ann.id, text="psst")["message_ts"]

    for thread_ts in ("1.000000", 1.5, reply, whisper):
        with refused("thread_not_found"):
            client.api_call("chat.postMessage", json={"channel": ops.id, "text": "reply", "thread_ts": thread_ts})


# Whispering


def test_an_ephemeral_message_has_one_reader(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    ann, bob = slack.person("Ann"), slack.person("Bob")
    client.chat_postEphemeral(channel=ops.id, user=ann.id, text="psst")

    assert [message.text for message in ann.sees(ops)] == ["psst"]
    assert bob.sees(ops) == []
    assert slack.messages(ops) == []
    assert [message.to for message in slack.ephemerals()] == [ann.id]


def test_an_ephemeral_message_to_somebody_outside_is_refused(
    slack: LocalSlack,
    client: WebClient,
    ops: Channel,
) -> None:
    with refused("user_not_in_channel"):
        client.chat_postEphemeral(channel=ops.id, user=slack.person("Bob").id, text="psst")


# Editing


def test_an_edit_keeps_what_was_said_before(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    ts = client.chat_postMessage(channel=ops.id, text="one", metadata=METADATA)["ts"]
    client.chat_update(channel=ops.id, ts=ts, text="two", blocks=BLOCKS)
    answer = client.chat_update(channel=ops.id, ts=ts, text="three")
    now = slack.message(ops, ts)

    assert (now.text, now.blocks, now.metadata) == ("three", [], METADATA)
    assert [message.text for message in now.edits] == ["one", "two"]
    assert answer["message"]["edited"]["user"] == slack.bot_user_id
    assert (answer["ts"], answer["text"]) == (ts, "three")


def test_empty_metadata_takes_the_old_away(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    ts = client.chat_postMessage(channel=ops.id, text="one", metadata=METADATA)["ts"]
    client.chat_update(channel=ops.id, ts=ts, text="two", metadata={})

    assert slack.message(ops, ts).metadata is None


def test_only_what_is_there_can_be_edited(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    ann = slack.person("Ann")
    whisper = client.chat_postEphemeral(channel=ops.id, user=ann.id, text="psst")["message_ts"]

    for ts in ("1.000000", whisper):
        with refused("message_not_found"):
            client.chat_update(channel=ops.id, ts=ts, text="two")


def test_others_messages_cannot_be_edited(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    with refused("cant_update_message"):
        client.chat_update(channel=ops.id, ts=slack.person("Ann").says("mine", ops).ts, text="yours")


def test_nothing_is_edited_in_an_archived_channel(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    ts = client.chat_postMessage(channel=ops.id, text="one")["ts"]
    slack.channel("ops", archived=True)

    with refused("is_inactive"):
        client.chat_update(channel=ops.id, ts=ts, text="two")


# Looking things up


def test_a_message_has_a_link(client: WebClient, ops: Channel) -> None:
    ts = client.chat_postMessage(channel=ops.id, text="card")["ts"]
    reply = client.chat_postMessage(channel=ops.id, text="reply", thread_ts=ts)["ts"]
    archive = f"https://acme.slack.com/archives/{ops.id}"

    link = client.chat_getPermalink(channel=ops.id, message_ts=ts)["permalink"]
    assert link == f"{archive}/p{ts.replace('.', '')}"
    link = client.chat_getPermalink(channel=ops.id, message_ts=reply)["permalink"]
    assert link == f"{archive}/p{reply.replace('.', '')}?thread_ts={ts}&cid={ops.id}"


def test_no_message_has_no_link(client: WebClient, ops: Channel) -> None:
    with refused("message_not_found"):
        client.chat_getPermalink(channel=ops.id, message_ts="1.000000")


def test_a_channel_tells_what_it_is(slack: LocalSlack, client: WebClient) -> None:
    shared = slack.channel("shared", private=True, shared=True, archived=True)
    told = client.conversations_info(channel=shared.id)["channel"]

    assert told["is_member"]
    assert told["is_private"]
    assert told["is_ext_shared"]
    assert told["is_archived"]
    assert not told["is_im"]


def test_a_channel_tells_that_the_bot_is_not_in_it(slack: LocalSlack, client: WebClient) -> None:
    assert not client.conversations_info(channel=slack.channel("ops", bot=False).id)["channel"]["is_member"]


def test_a_private_channel_is_not_told_to_outsiders(slack: LocalSlack, client: WebClient) -> None:
    with refused("channel_not_found"):
        client.conversations_info(channel=slack.channel("secret", private=True, bot=False).id)


def test_a_conversation_with_a_person_is_opened_once(slack: LocalSlack, client: WebClient) -> None:
    ann = slack.person("Ann")
    first = client.conversations_open(users=[ann.id])["channel"]
    again = client.conversations_open(users=ann.id, return_im=True)["channel"]

    assert first == {"id": slack.dm(ann).id}
    assert (again["id"], again["user"], again["is_im"]) == (first["id"], ann.id, True)


@pytest.mark.parametrize(
    ("users", "error"),
    [
        ("", "users_list_not_supplied"),
        ("U404", "user_not_found"),
        ("USLACKBOT", "cannot_dm_bot"),
        ("U1,U2,U3,U4,U5,U6,U7,U8,U9", "too_many_users"),
    ],
)
def test_a_conversation_needs_people(client: WebClient, users: str, error: str) -> None:
    with refused(error):
        client.conversations_open(users=users)


def test_a_person_is_told(slack: LocalSlack, client: WebClient) -> None:
    told = client.users_info(user=slack.person("Zoë Ünal").id)["user"]

    assert (told["id"], told["name"], told["real_name"]) == ("U0ZOEUNAL0000", "zoeunal", "Zoë Ünal")
    assert told["team_id"] == slack.team_id


def test_an_unknown_person_is_refused(client: WebClient) -> None:
    with refused("user_not_found"):
        client.users_info(user="U404")


# Reading


def test_a_thread_is_read_page_by_page(client: WebClient, ops: Channel) -> None:
    ts = client.chat_postMessage(channel=ops.id, text="0")["ts"]
    for number in range(1, 5):
        client.chat_postMessage(channel=ops.id, text=str(number), thread_ts=ts)
    pages = [
        ([each["text"] for each in page["messages"]], page["has_more"])
        for page in client.conversations_replies(channel=ops.id, ts=ts, limit=2)
    ]

    assert pages == [(["0", "1"], True), (["2", "3"], True), (["4"], False)]


def test_a_parent_tells_of_its_replies(client: WebClient, slack: LocalSlack, ops: Channel) -> None:
    ts = client.chat_postMessage(channel=ops.id, text="card")["ts"]
    last = client.chat_postMessage(channel=ops.id, text="reply", thread_ts=ts)["ts"]
    parent, reply = client.conversations_replies(channel=ops.id, ts=ts)["messages"]

    assert (parent["reply_count"], parent["latest_reply"]) == (1, last)
    assert (reply["thread_ts"], reply["parent_user_id"]) == (ts, slack.bot_user_id)


def test_a_thread_is_found_by_any_of_its_messages(client: WebClient, ops: Channel) -> None:
    ts = client.chat_postMessage(channel=ops.id, text="card")["ts"]
    reply = client.chat_postMessage(channel=ops.id, text="reply", thread_ts=ts)["ts"]

    assert len(client.conversations_replies(channel=ops.id, ts=reply)["messages"]) == 2


def test_metadata_is_read_on_demand(client: WebClient, ops: Channel) -> None:
    ts = client.chat_postMessage(channel=ops.id, text="card", metadata=METADATA)["ts"]

    (told,) = client.conversations_replies(channel=ops.id, ts=ts, include_all_metadata=True)["messages"]
    assert told["metadata"] == METADATA
    (told,) = client.conversations_replies(channel=ops.id, ts=ts)["messages"]
    assert "metadata" not in told


def test_a_thread_without_a_parent_is_not_found(client: WebClient, ops: Channel) -> None:
    with refused("thread_not_found"):
        client.conversations_replies(channel=ops.id, ts="1.000000")


def test_what_people_say_is_read_too(slack: LocalSlack, client: WebClient, ops: Channel) -> None:
    slack.person("Ann").says("hello", ops)
    (told,) = client.conversations_history(channel=ops.id)["messages"]

    assert (told["user"], told["text"]) == (slack.person("Ann").id, "hello")
    assert "bot_id" not in told


def test_history_is_newest_first_and_without_replies(client: WebClient, ops: Channel, slack: LocalSlack) -> None:
    first = client.chat_postMessage(channel=ops.id, text="first")["ts"]
    client.chat_postMessage(channel=ops.id, text="reply", thread_ts=first)
    client.chat_postEphemeral(channel=ops.id, user=slack.person("Ann").id, text="psst")
    client.chat_postMessage(channel=ops.id, text="second")

    assert [each["text"] for each in client.conversations_history(channel=ops.id)["messages"]] == [
        "second",
        "first",
    ]


def test_history_is_read_between_two_times(client: WebClient, ops: Channel) -> None:
    one, _, three = (client.chat_postMessage(channel=ops.id, text=text)["ts"] for text in ("1", "2", "3"))

    def read(*, inclusive: bool) -> list[str]:
        page = client.conversations_history(channel=ops.id, oldest=one, latest=three, inclusive=inclusive)
        return [each["text"] for each in page["messages"]]

    assert read(inclusive=False) == ["2"]
    assert read(inclusive=True) == ["3", "2", "1"]


def test_reading_needs_an_invitation(slack: LocalSlack, client: WebClient) -> None:
    with refused("not_in_channel"):
        client.conversations_history(channel=slack.channel("ops", bot=False).id)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"limit": "many"}, "invalid_limit"),
        ({"limit": 1001}, "invalid_limit"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"cursor": "!"}, "invalid_cursor"),
        ({"cursor": "bmV4dF90czox"}, "invalid_cursor"),
    ],
)
def test_faulty_arguments_of_reading_are_refused(
    client: WebClient,
    ops: Channel,
    arguments: Json,
    error: str,
) -> None:
    client.chat_postMessage(channel=ops.id, text="hello")

    with refused(error):
        client.conversations_history(channel=ops.id, **arguments)
