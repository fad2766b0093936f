"""Who there is for an app: people, those who left, those from elsewhere, and user groups."""

from collections.abc import Iterator

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import SCOPES, Channel, LocalSlack, Message, NotVisibleError, Person
from bot.sandbox.slack.wire import Json
from tests.unit.conftest import Clock, connected, patient

BUTTON: Json = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}


@pytest.fixture
def slack(clock: Clock) -> Iterator[LocalSlack]:
    with LocalSlack(clock=clock, scopes=[*SCOPES, "usergroups:read", "users:read"]) as slack:
        yield slack


@pytest.fixture
def zoe(slack: LocalSlack) -> Person:
    return slack.stranger("Zoe")


@pytest.fixture
def shared(slack: LocalSlack, ann: Person, zoe: Person) -> Channel:
    return slack.channel("shared", members=[ann, zoe])


@pytest.fixture
def bolt(slack: LocalSlack) -> Iterator[App]:
    app = App(client=WebClient(slack.bot_token, base_url=slack.api_url))
    with connected(patient(app, slack.app_token), slack):
        yield app


def refused(error: str) -> pytest.RaisesExc[SlackApiError]:
    return pytest.raises(SlackApiError, check=lambda caught: caught.response["error"] == error)


def card(slack: LocalSlack, channel: Channel) -> Message:
    return slack.workspace.post(
        channel.id, slack.bot_user_id, "Go?", blocks=[{"type": "actions", "elements": [BUTTON]}]
    )


# User groups


def test_a_group_is_the_same_each_time(slack: LocalSlack, ann: Person) -> None:
    group = slack.group("On Call", members=[ann])

    assert slack.group("On Call") == group
    assert (group.id, group.handle, group.members) == ("S0ONCALL0000", "on-call", (ann.id,))


def test_the_members_of_a_group_are_told(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    bob = slack.person("Bob")
    group = slack.group("admins", members=[ann])
    slack.group("admins", members=[bob, ann])

    assert client.usergroups_users_list(usergroup=group.id)["users"] == [bob.id, ann.id]


def test_groups_are_listed(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    admins = slack.group("admins", members=[ann])
    (told,) = client.usergroups_list(include_users=True, include_count=True)["usergroups"]

    assert (told["id"], told["name"], told["handle"]) == (admins.id, "admins", "admins")
    assert (told["users"], told["user_count"]) == ([ann.id], "1")
    assert (told["team_id"], told["date_delete"]) == (slack.team_id, 0)


def test_the_people_of_a_group_are_listed_on_demand(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    slack.group("admins", members=[ann])
    (told,) = client.usergroups_list()["usergroups"]

    assert not {"users", "user_count"} & told.keys()


def test_a_disabled_group_is_told_on_demand(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    group = slack.group("admins", members=[ann], disabled=True)

    assert client.usergroups_list()["usergroups"] == []
    with refused("no_such_subteam"):
        client.usergroups_users_list(usergroup=group.id)
    (told,) = client.usergroups_list(include_disabled=True)["usergroups"]
    assert told["date_delete"] == group.deleted > 0
    assert client.usergroups_users_list(usergroup=group.id, include_disabled=True)["users"] == [ann.id]


def test_a_group_is_enabled_again(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    slack.group("admins", members=[ann], disabled=True)
    group = slack.group("admins", disabled=False)

    assert client.usergroups_users_list(usergroup=group.id)["users"] == [ann.id]


def test_a_change_of_a_group_has_its_time(slack: LocalSlack, clock: Clock, ann: Person) -> None:
    made = slack.group("admins")
    clock.now += 60
    changed = slack.group("admins", members=[ann])

    assert (changed.created, changed.updated) == (made.created, made.updated + 60)


def test_a_group_that_does_not_exist_is_refused(client: WebClient) -> None:
    with refused("no_such_subteam"):
        client.usergroups_users_list(usergroup="S404")


def test_a_group_is_mentioned_by_its_handle(slack: LocalSlack, ann: Person) -> None:
    group = slack.group("admins")
    said = ann.says(f"<!subteam^{group.id}> look", slack.channel("ops"))

    assert said.reads() == "@admins look"


# Everybody


def test_everybody_is_listed_page_by_page(slack: LocalSlack, client: WebClient) -> None:
    for name in ("Ann", "Bob", "Cleo"):
        slack.person(name)
    pages = [[each["real_name"] for each in page["members"]] for page in client.users_list(limit=2)]

    assert pages == [["Lightkeeper", "Slackbot"], ["Ann", "Bob"], ["Cleo"]]


def test_who_left_is_listed_as_such(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    bob = slack.person("Bob")
    slack.deactivate(ann)

    assert {each["id"]: each["deleted"] for each in client.users_list()["members"]}[ann.id]
    assert client.users_info(user=ann.id)["user"]["deleted"]
    assert not client.users_info(user=bob.id)["user"]["deleted"]


def test_who_left_neither_types_nor_clicks_nor_writes(slack: LocalSlack, ann: Person) -> None:
    ops = slack.channel("ops", members=[ann])
    message = card(slack, ops)
    slack.deactivate(ann)

    for does in (
        lambda: ann.types("/snapshot", ops),
        lambda: ann.clicks("Go", message=message),
        lambda: ann.says("hello", ops),
    ):
        with pytest.raises(NotVisibleError, match="deactivated"):
            does()


def test_nobody_writes_to_who_left(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    slack.deactivate(ann)

    with refused("channel_not_found"):
        client.chat_postMessage(channel=ann.id, text="hello")


# People of other workspaces


def test_a_stranger_is_the_same_each_time_and_nobody_here(slack: LocalSlack, zoe: Person) -> None:
    assert slack.stranger("Zoe") == zoe
    assert slack.person("Zoe") != zoe
    assert slack.stranger("Zoe", team="Initech") != zoe


def test_a_channel_with_a_stranger_is_shared(slack: LocalSlack, client: WebClient, shared: Channel) -> None:
    told = client.conversations_info(channel=shared.id)["channel"]

    assert told["is_shared"]
    assert told["is_ext_shared"]
    assert told["shared_team_ids"] == [slack.team_id, "T0OTHER0000"]
    assert told["connected_team_ids"] == ["T0OTHER0000"]
    assert told["conversation_host_id"] == slack.team_id


def test_other_channels_are_not_shared(slack: LocalSlack, client: WebClient) -> None:
    told = client.conversations_info(channel=slack.channel("ops").id)["channel"]

    assert (told["is_ext_shared"], told["shared_team_ids"]) == (False, [slack.team_id])
    assert "connected_team_ids" not in told


def test_somebody_in_a_shared_channel_has_her_own_workspace(client: WebClient, zoe: Person, shared: Channel) -> None:
    told = client.users_info(user=zoe.id)["user"]

    assert shared.is_ext_shared
    assert (told["team_id"], told["is_stranger"]) == ("T0OTHER0000", False)
    assert zoe.id in {each["id"] for each in client.users_list()["members"]}


def test_somebody_in_no_channel_of_ours_is_a_stranger(client: WebClient, zoe: Person) -> None:
    assert client.users_info(user=zoe.id)["user"]["is_stranger"]
    assert zoe.id not in {each["id"] for each in client.users_list()["members"]}


def test_a_stranger_sees_what_is_shared_and_nothing_else(slack: LocalSlack, zoe: Person, shared: Channel) -> None:
    slack.workspace.post(slack.channel("ops").id, slack.bot_user_id, "secret")
    slack.workspace.post(shared.id, slack.bot_user_id, "hello")

    assert [each.text for each in zoe.sees()] == ["hello"]
    with pytest.raises(NotVisibleError, match="not in #ops"):
        zoe.says("hello", slack.channel("ops"))


def test_what_a_stranger_says_tells_where_she_is_from(client: WebClient, zoe: Person, shared: Channel) -> None:
    zoe.says("hello", shared)
    (told,) = client.conversations_history(channel=shared.id)["messages"]

    assert (told["team"], told["user_team"], told["source_team"]) == ("T0OTHER0000",) * 3


def test_a_stranger_has_no_commands(zoe: Person, shared: Channel) -> None:
    with pytest.raises(NotVisibleError, match="another workspace"):
        zoe.types("/snapshot", shared)


def test_a_forged_command_of_a_stranger_tells_where_she_is_from(zoe: Person, shared: Channel) -> None:
    assert zoe.command_form("/snapshot", shared)["team_id"] == "T0OTHER0000"


def test_a_strangers_click_reaches_bolt_with_her_workspace(
    slack: LocalSlack, zoe: Person, shared: Channel, bolt: App
) -> None:
    clicked: list[Json] = []

    def go(ack: Ack, body: Json) -> None:
        clicked.append(body)
        ack()

    bolt.action("go")(go)
    delivery = zoe.clicks("Go", message=card(slack, shared))

    assert delivery.ok
    assert (clicked[0]["user"]["team_id"], clicked[0]["team"]["id"]) == ("T0OTHER0000", slack.team_id)


def test_nobody_writes_to_a_stranger(client: WebClient, zoe: Person) -> None:
    with refused("channel_not_found"):
        client.chat_postMessage(channel=zoe.id, text="hello")
