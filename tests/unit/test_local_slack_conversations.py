"""Which conversations there are for an app, and how it gets into them."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import SCOPES, LocalSlack, Person


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(scopes=[*SCOPES, "channels:join", "channels:manage", "im:write", "mpim:write"]) as slack:
        yield slack


@pytest.fixture
def bob(slack: LocalSlack) -> Person:
    return slack.person("Bob")


def refused(error: str) -> pytest.RaisesExc[SlackApiError]:
    return pytest.raises(SlackApiError, check=lambda caught: caught.response["error"] == error)


def names(client: WebClient, **arguments: object) -> list[str]:
    listed = client.api_call("conversations.list", params=arguments)["channels"]
    return [each.get("name", each.get("user")) for each in listed]


# Listing


def test_public_channels_are_listed(slack: LocalSlack, client: WebClient) -> None:
    slack.channel("ops")
    slack.channel("dev", bot=False)
    slack.channel("secret", private=True)

    assert names(client) == ["ops", "dev"]


def test_other_kinds_are_listed_on_demand(slack: LocalSlack, client: WebClient, ann: Person, bob: Person) -> None:
    slack.channel("ops")
    slack.channel("secret", private=True)
    slack.channel("foreign", private=True, bot=False)
    slack.dm(ann)
    group = client.conversations_open(users=[ann.id, bob.id], return_im=True)["channel"]

    assert names(client, types="public_channel, private_channel") == ["ops", "secret"]
    assert names(client, types="im") == [ann.id]
    assert names(client, types="mpim") == [group["name"]]


def test_archived_channels_are_left_out_on_demand(slack: LocalSlack, client: WebClient) -> None:
    slack.channel("ops")
    slack.channel("old", archived=True)

    assert names(client) == ["ops", "old"]
    assert names(client, exclude_archived=True) == ["ops"]


def test_channels_are_listed_page_by_page(slack: LocalSlack, client: WebClient) -> None:
    for name in ("one", "two", "three"):
        slack.channel(name)
    pages = [[each["name"] for each in page["channels"]] for page in client.conversations_list(limit=2)]

    assert pages == [["one", "two"], ["three"]]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [({"types": "huddle"}, "invalid_types"), ({"limit": 0.5}, "invalid_limit"), ({"cursor": "?"}, "invalid_cursor")],
)
def test_faulty_arguments_of_listing_are_refused(client: WebClient, arguments: dict[str, object], error: str) -> None:
    with refused(error):
        names(client, **arguments)


def test_the_members_of_a_channel_are_listed(slack: LocalSlack, client: WebClient, ann: Person, bob: Person) -> None:
    ops = slack.channel("ops", members=[bob, ann])
    pages = [page["members"] for page in client.conversations_members(channel=ops.id, limit=2)]

    assert sorted(each for page in pages for each in page) == sorted([ann.id, bob.id, slack.bot_user_id])
    assert [len(page) for page in pages] == [2, 1]


def test_the_members_of_no_channel_are_refused(slack: LocalSlack, client: WebClient) -> None:
    with refused("channel_not_found"):
        client.conversations_members(channel=slack.channel("secret", private=True, bot=False).id)


# Joining


def test_the_bot_joins_a_public_channel(slack: LocalSlack, client: WebClient) -> None:
    ops = slack.channel("ops", bot=False)
    told = client.conversations_join(channel=ops.id)

    assert told["channel"]["is_member"]
    assert "warning" not in told.data
    assert slack.bot_user_id in slack.channel("ops").members


def test_joining_twice_is_a_warning(slack: LocalSlack, client: WebClient) -> None:
    assert client.conversations_join(channel=slack.channel("ops").id)["warning"] == "already_in_channel"


def test_not_every_conversation_can_be_joined(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    with refused("method_not_supported_for_channel_type"):
        client.conversations_join(channel=slack.dm(ann).id)
    with refused("is_archived"):
        client.conversations_join(channel=slack.channel("old", archived=True, bot=False).id)
    with refused("channel_not_found"):
        client.conversations_join(channel=slack.channel("secret", private=True, bot=False).id)


# Direct conversations of several


def test_a_conversation_of_several_is_opened_once(
    slack: LocalSlack, client: WebClient, ann: Person, bob: Person
) -> None:
    first = client.conversations_open(users=[ann.id, bob.id])
    again = client.conversations_open(users=[bob.id, ann.id], return_im=True)

    assert first["channel"].keys() == {"id"}
    assert "already_open" not in first.data
    assert again["channel"]["id"] == first["channel"]["id"]
    assert (again["no_op"], again["already_open"]) == (True, True)
    assert (again["channel"]["is_mpim"], again["channel"]["is_im"]) == (True, False)
    assert again["channel"]["name"] == "mpdm-ann--bob--lightkeeper-1"
    assert slack.person("Cleo").sees() == []


def test_those_in_a_conversation_of_several_read_and_write_it(
    slack: LocalSlack, client: WebClient, ann: Person, bob: Person
) -> None:
    channel = client.conversations_open(users=[ann.id, bob.id])["channel"]["id"]
    client.chat_postMessage(channel=channel, text="hello")
    found = slack.workspace.find_channel(channel)
    assert found
    bob.says("hi", found)

    assert [each.text for each in ann.sees()] == ["hello", "hi"]
    assert [each["text"] for each in client.conversations_history(channel=channel)["messages"]] == ["hi", "hello"]
    with pytest.raises(AssertionError, match="Cleo is not in"):
        slack.person("Cleo").says("hey", found)


def test_a_conversation_has_eight_people_at_most(slack: LocalSlack, client: WebClient) -> None:
    people = [slack.person(f"Person {number}").id for number in range(9)]

    assert client.conversations_open(users=people[:8])["ok"]
    with refused("too_many_users"):
        client.conversations_open(users=people)


def test_a_conversation_is_looked_for_and_not_made(client: WebClient, ann: Person, bob: Person) -> None:
    for users in (ann.id, f"{ann.id},{bob.id}"):
        with refused("channel_not_found"):
            client.conversations_open(users=users, prevent_creation=True)
        made = client.conversations_open(users=users)["channel"]

        assert client.conversations_open(users=users, prevent_creation=True)["channel"] == made


def test_a_conversation_is_resumed_by_its_id(slack: LocalSlack, client: WebClient, ann: Person, bob: Person) -> None:
    group = client.conversations_open(users=[ann.id, bob.id])["channel"]["id"]

    assert client.conversations_open(channel=slack.dm(ann).id, return_im=True)["channel"]["user"] == ann.id
    assert client.conversations_open(channel=group)["already_open"]


def test_a_channel_is_not_opened(slack: LocalSlack, client: WebClient) -> None:
    with refused("method_not_supported_for_channel_type"):
        client.conversations_open(channel=slack.channel("ops").id)


def test_nobody_talks_to_who_left_or_is_elsewhere(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    slack.deactivate(ann)

    with refused("user_disabled"):
        client.conversations_open(users=ann.id)
    with refused("invalid_user_combination"):
        client.conversations_open(users=slack.stranger("Zoe").id)


# Deleting


def test_the_bot_deletes_what_it_said(slack: LocalSlack, client: WebClient) -> None:
    ops = slack.channel("ops")
    ts = client.chat_postMessage(channel=ops.id, text="hello")["ts"]
    told = client.chat_delete(channel=ops.id, ts=ts)

    assert (told["channel"], told["ts"]) == (ops.id, ts)
    assert slack.messages(ops) == []
    with refused("message_not_found"):
        client.chat_delete(channel=ops.id, ts=ts)


def test_the_bot_deletes_nothing_of_others(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    ops = slack.channel("ops")

    with refused("cant_delete_message"):
        client.chat_delete(channel=ops.id, ts=ann.says("mine", ops).ts)
    with refused("channel_not_found"):
        client.chat_delete(channel="C404", ts="1.000001")


# What only editing and whispering refuse or forget


def test_an_edit_has_4_000_characters_at_most(slack: LocalSlack, client: WebClient) -> None:
    ops = slack.channel("ops")
    ts = client.chat_postMessage(channel=ops.id, text="x" * 4_001)["ts"]

    assert client.chat_update(channel=ops.id, ts=ts, text="x" * 4_000)["ok"]
    with refused("msg_too_long"):
        client.chat_update(channel=ops.id, ts=ts, text="x" * 4_001)


def test_a_whisper_forgets_its_metadata(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    ops = slack.channel("ops", members=[ann])
    metadata = {"event_type": "notice", "event_payload": {}}
    client.api_call(
        "chat.postEphemeral", json={"channel": ops.id, "user": ann.id, "text": "psst", "metadata": metadata}
    )

    assert slack.ephemerals()[0].metadata is None
