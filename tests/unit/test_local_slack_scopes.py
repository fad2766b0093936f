"""What the app's token may do."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.sandbox.slack import SCOPES, Channel, LocalSlack
from bot.sandbox.slack.wire import Json

MANIFEST = Path(__file__).parents[2] / "manifest.yml"

Call: TypeAlias = Callable[[WebClient], SlackResponse]


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(scopes=["commands"]) as slack:
        yield slack


def client_of(slack: LocalSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])


def refusal(call: Callable[[], object]) -> Json:
    with pytest.raises(SlackApiError) as caught:
        call()
    answer: Json = caught.value.response.data
    return answer


def test_the_token_has_the_scopes_of_the_manifest() -> None:
    manifest = yaml.safe_load(MANIFEST.read_text())

    assert sorted(SCOPES) == sorted(manifest["oauth_config"]["scopes"]["bot"])


def test_every_answer_tells_the_scopes(slack: LocalSlack) -> None:
    headers = client_of(slack).auth_test().headers

    assert (headers["x-oauth-scopes"], headers["x-accepted-oauth-scopes"]) == ("commands", "")


def test_the_token_of_the_app_has_its_own(slack: LocalSlack) -> None:
    headers = client_of(slack).apps_connections_open(app_token=slack.app_token).headers

    assert headers["x-oauth-scopes"] == headers["x-accepted-oauth-scopes"] == "connections:write"


NEEDED: dict[str, tuple[Call, str]] = {
    "chat.delete": (lambda client: client.chat_delete(channel="C", ts="1.0"), "chat:write"),
    "chat.postEphemeral": (lambda client: client.chat_postEphemeral(channel="C", user="U", text="x"), "chat:write"),
    "chat.postMessage": (lambda client: client.chat_postMessage(channel="C", text="x"), "chat:write"),
    "chat.update": (lambda client: client.chat_update(channel="C", ts="1.0", text="x"), "chat:write"),
    "conversations.join": (lambda client: client.conversations_join(channel="C"), "channels:join"),
    "files.completeUploadExternal": (
        lambda client: client.files_completeUploadExternal(files=[{"id": "F"}]),
        "files:write",
    ),
    "files.getUploadURLExternal": (
        lambda client: client.files_getUploadURLExternal(filename="x", length=1),
        "files:write",
    ),
    "files.info": (lambda client: client.files_info(file="F"), "files:read"),
    "usergroups.list": (lambda client: client.usergroups_list(), "usergroups:read"),
    "usergroups.users.list": (lambda client: client.usergroups_users_list(usergroup="S"), "usergroups:read"),
    "users.info": (lambda client: client.users_info(user="U"), "users:read"),
    "users.list": (lambda client: client.users_list(), "users:read"),
}


@pytest.mark.parametrize(("call", "scope"), NEEDED.values(), ids=NEEDED.keys())
def test_a_method_needs_its_scope(slack: LocalSlack, call: Call, scope: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        call(client_of(slack))
    response = caught.value.response

    assert response.data == {"ok": False, "error": "missing_scope", "needed": scope, "provided": "commands"}
    assert response.headers["x-accepted-oauth-scopes"] == scope


READING: dict[str, tuple[Callable[[WebClient, str], SlackResponse], str]] = {
    "conversations.history": (lambda client, channel: client.conversations_history(channel=channel), "history"),
    "conversations.info": (lambda client, channel: client.conversations_info(channel=channel), "read"),
    "conversations.members": (lambda client, channel: client.conversations_members(channel=channel), "read"),
    "conversations.replies": (
        lambda client, channel: client.conversations_replies(channel=channel, ts="1.0"),
        "history",
    ),
}


@pytest.mark.parametrize(("call", "what"), READING.values(), ids=READING.keys())
@pytest.mark.parametrize("kind", ["channels", "groups", "im", "mpim"])
def test_each_kind_of_conversation_has_scopes_of_its_own(
    call: Callable[[WebClient, str], SlackResponse], what: str, kind: str
) -> None:
    others = [f"{each}:{what}" for each in ("channels", "groups", "im", "mpim") if each != kind]
    with LocalSlack(scopes=others) as slack:
        answer = refusal(lambda: call(client_of(slack), conversation(slack, kind).id))
    with LocalSlack(scopes=[f"{kind}:{what}"]) as slack:
        allowed = conversation(slack, kind)
        said = slack.person("Ann").says("hello", allowed)
        told = client_of(slack).api_call(
            f"conversations.{METHODS[what]}", params={"channel": allowed.id, "ts": said.ts}
        )

    assert (answer["error"], answer["needed"]) == ("missing_scope", f"{kind}:{what}")
    assert told["ok"]


METHODS = {"history": "replies", "read": "info"}


def conversation(slack: LocalSlack, kind: str) -> Channel:
    ann, bob = slack.person("Ann"), slack.person("Bob")
    if kind == "im":
        return slack.dm(ann)
    if kind == "mpim":
        group = slack.workspace.group_dm([ann.id, bob.id])
        assert group
        return group
    return slack.channel("ops", members=[ann], private=kind == "groups")


def test_what_the_app_cannot_see_is_not_there_whatever_its_scopes() -> None:
    with LocalSlack(scopes=["channels:read"]) as slack:
        secret = slack.channel("secret", private=True, bot=False)

        assert refusal(lambda: client_of(slack).conversations_info(channel=secret.id))["error"] == "channel_not_found"


def test_without_any_scope_for_conversations_all_of_them_are_named(slack: LocalSlack) -> None:
    answer = refusal(lambda: client_of(slack).conversations_info(channel="C404"))

    assert answer["needed"] == "channels:read,groups:read,mpim:read,im:read"


def test_each_type_of_a_list_needs_its_scope() -> None:
    with LocalSlack(scopes=["channels:read"]) as slack:
        client = client_of(slack)
        answer = refusal(lambda: client.conversations_list(types="public_channel,im,mpim"))

        assert answer["needed"] == "im:read,mpim:read"
        assert client.conversations_list()["ok"]


@pytest.mark.parametrize(("several", "scope"), [(False, "im:write"), (True, "mpim:write")])
def test_opening_a_conversation_needs_its_scope(slack: LocalSlack, *, several: bool, scope: str) -> None:
    users = [slack.person(name).id for name in ("Ann", "Bob")[: 1 + several]]
    answer = refusal(lambda: client_of(slack).conversations_open(users=users))

    assert answer["needed"] == scope


def test_a_message_to_a_person_needs_no_scope_for_conversations() -> None:
    with LocalSlack(scopes=["chat:write"]) as slack:
        assert client_of(slack).chat_postMessage(channel=slack.person("Ann").id, text="hello")["ok"]


def test_a_public_channel_needs_a_scope_or_the_bot_in_it() -> None:
    with LocalSlack(scopes=["chat:write"]) as slack:
        client, ops = client_of(slack), slack.channel("ops", bot=False)
        answer = refusal(lambda: client.chat_postMessage(channel=ops.id, text="hello"))
        slack.channel("ops", bot=True)

        assert answer["error"] == "not_in_channel"
        assert client.chat_postMessage(channel=ops.id, text="hello")["ok"]
