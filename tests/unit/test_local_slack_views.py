"""Modals and home tabs: the methods that show them, and what people do in them."""

import json
import threading
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from werkzeug.wrappers import Request, Response

from bot.sandbox.slack import (
    Channel,
    Confirm,
    Kind,
    LocalSlack,
    NotFilledInError,
    NotVisibleError,
    Person,
    View,
    view_problems,
)
from bot.sandbox.slack.wire import Json
from tests.unit.conftest import Clock

NUMBERS = count()
Serve = Callable[[Callable[..., object]], None]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(label: str = "Go", **fields: object) -> Json:
    return {"type": "button", "text": plain(label), **fields}


def actions(*elements: Json, block_id: str = "row") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def entry(block_id: str = "name", label: str = "Name", **fields: object) -> Json:
    element = {"type": "plain_text_input", "action_id": f"{block_id}_typed"}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **fields}


def modal(*blocks: Json, title: str = "Delete", **fields: object) -> Json:
    submit = {"submit": plain("Send")} if any(each["type"] == "input" for each in blocks) else {}
    return {"type": "modal", "title": plain(title), "blocks": list(blocks), **submit, **fields}


def home(*blocks: Json, **fields: object) -> Json:
    return {"type": "home", "blocks": list(blocks), **fields}


@pytest.fixture
def slack(clock: Clock) -> Iterator[LocalSlack]:
    with LocalSlack(clock=clock, retry_seconds=()) as slack:
        yield slack


def refused(error: str, *messages: str) -> pytest.RaisesExc[SlackApiError]:
    def check(caught: SlackApiError) -> bool:
        told = (caught.response.get("response_metadata") or {}).get("messages", [])
        return bool(caught.response["error"] == error and told == [f"[ERROR] {each}" for each in messages])

    return pytest.raises(SlackApiError, check=check)


def trigger(ann: Person, ops: Channel) -> str:
    return ann.command_form("/snapshot", ops)["trigger_id"]


def opens(client: WebClient, ann: Person, ops: Channel, view: Json) -> View:
    client.views_open(trigger_id=trigger(ann, ops), view=view)
    return in_front(ann)


def in_front(ann: Person) -> View:
    shown = ann.modal()
    assert shown is not None
    return shown


def trigger_in(slack: LocalSlack, ann: Person) -> str:
    """One that comes from the modal in front."""
    return slack._desk.submission(ann.user, in_front(ann), {})["trigger_id"]  # type: ignore[no-any-return]


def pushes(slack: LocalSlack, client: WebClient, ann: Person, view: Json) -> View:
    client.views_push(trigger_id=trigger_in(slack, ann), view=view)
    return in_front(ann)


def answers(body: str = "", status: int = 200, kind: str = "application/json") -> Callable[..., object]:
    """A program that answers everything like this."""

    @Request.application
    def application(request: Request) -> Response:
        request.get_data()
        return Response(body, status, content_type=kind)

    return application


def keeps(got: list[Json]) -> Callable[..., object]:
    """A program that keeps the payloads of what it hears."""

    @Request.application
    def application(request: Request) -> Response:
        got.append(json.loads(request.form["payload"]))
        return Response("")

    return application


# Opening


def test_a_modal_opens_in_front_of_who_typed(client: WebClient, ann: Person, ops: Channel) -> None:
    view = opens(client, ann, ops, modal(entry(), title="Delete web-1"))

    assert (view.type, view.user, view.title) == ("modal", ann.id, "Delete web-1")
    assert view.reads() == "Name\n[ … ]\n[ Send ]"
    assert ann.modal() == view


def test_a_modal_is_in_front_of_nobody_else(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal())

    assert slack.person("Bob").modal() is None


def test_the_app_is_told_what_it_opened(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    view = modal(entry(), callback_id="delete", private_metadata="D-1", close=plain("Back"), notify_on_close=True)
    told = client.views_open(trigger_id=trigger(ann, ops), view=view)["view"]
    (block,) = told.pop("blocks")

    assert block["label"] == {"type": "plain_text", "text": "Name", "emoji": True}
    assert told == {
        "id": in_front(ann).id,
        "team_id": slack.team_id,
        "type": "modal",
        "title": {"type": "plain_text", "text": "Delete", "emoji": True},
        "submit": {"type": "plain_text", "text": "Send", "emoji": True},
        "close": {"type": "plain_text", "text": "Back", "emoji": True},
        "callback_id": "delete",
        "private_metadata": "D-1",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": True,
        "hash": in_front(ann).hash,
        "state": {"values": {}},
        "root_view_id": in_front(ann).id,
        "previous_view_id": None,
        "app_id": slack.team.app_id,
        "app_installed_team_id": slack.team_id,
        "bot_id": slack.team.bot_id,
    }


def test_blocks_and_elements_get_ids(client: WebClient, ann: Person, ops: Channel) -> None:
    block = {"type": "input", "label": plain("Name"), "element": {"type": "number_input", "is_decimal_allowed": False}}
    (shown,) = opens(client, ann, ops, modal(block)).blocks

    assert shown["block_id"]
    assert shown["element"]["action_id"]


def test_a_view_can_be_json_in_a_form(client: WebClient, ann: Person, ops: Channel) -> None:
    client.api_call("views.open", params={"trigger_id": trigger(ann, ops), "view": json.dumps(modal())})

    assert in_front(ann).title == "Delete"


def test_another_modal_takes_the_place_of_the_first(client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal(title="One"))
    second = opens(client, ann, ops, modal(title="Two"))

    assert (second.title, second.previous_view_id) == ("Two", None)
    ann.closes()
    assert ann.modal() is None


def test_a_trigger_works_once(client: WebClient, ann: Person, ops: Channel) -> None:
    used = trigger(ann, ops)
    client.views_open(trigger_id=used, view=modal())

    with refused("exchanged_trigger_id"):
        client.views_open(trigger_id=used, view=modal())


def test_a_trigger_works_for_three_seconds(client: WebClient, clock: Clock, ann: Person, ops: Channel) -> None:
    in_time, late = trigger(ann, ops), trigger(ann, ops)
    clock.now += 3
    client.views_open(trigger_id=in_time, view=modal())
    clock.now += 0.1

    with refused("expired_trigger_id"):
        client.views_open(trigger_id=late, view=modal())


def test_a_trigger_that_was_never_given_out_is_refused(client: WebClient) -> None:
    with refused("invalid_trigger_id"):
        client.views_open(trigger_id="1.2.abc", view=modal())


def test_a_view_that_is_wrong_does_not_use_up_the_trigger(client: WebClient, ann: Person, ops: Channel) -> None:
    kept = trigger(ann, ops)
    with refused("invalid_arguments", "must be less than 25 characters [json-pointer:/view/title/text]"):
        client.views_open(trigger_id=kept, view=modal(title="x" * 25))
    client.views_open(trigger_id=kept, view=modal())

    assert in_front(ann).title == "Delete"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"view": modal()}, "missing required field: trigger_id"),
        ({"trigger_id": "1.2.abc"}, "missing required field: view"),
        ({"trigger_id": "1.2.abc", "view": "{"}, "must provide an object [json-pointer:/view]"),
        ({"trigger_id": "1.2.abc", "view": home()}, "unsupported type: home [json-pointer:/view/type]"),
    ],
)
def test_what_is_missing_is_told(client: WebClient, arguments: Json, message: str) -> None:
    with refused("invalid_arguments", message):
        client.api_call("views.open", json=arguments)


def test_a_view_has_a_size(client: WebClient, ann: Person, ops: Channel) -> None:
    fields = {"type": "section", "fields": [plain("x" * 2000)] * 2}

    with refused("view_too_large"):
        client.views_open(trigger_id=trigger(ann, ops), view=modal(*[fields] * 63))


def test_those_who_wait_see_a_view_come(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    since = slack.workspace.version
    opener = threading.Timer(0.05, lambda: client.views_publish(user_id=ann.id, view=home()))
    opener.start()

    assert slack.workspace.changed(since, seconds=5)
    opener.join()


# One on top of the other


def test_three_modals_make_a_stack(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    first = opens(client, ann, ops, modal(title="One"))
    second = pushes(slack, client, ann, modal(title="Two"))
    third = pushes(slack, client, ann, modal(title="Three"))

    assert [each.root_view_id for each in (first, second, third)] == [first.id] * 3
    assert [each.previous_view_id for each in (first, second, third)] == [None, first.id, second.id]
    with refused("push_limit_reached"):
        client.views_push(trigger_id=trigger_in(slack, ann), view=modal())


def test_the_one_below_is_in_front_again_when_the_upper_one_closes(
    slack: LocalSlack,
    client: WebClient,
    ann: Person,
    ops: Channel,
) -> None:
    first = opens(client, ann, ops, modal(title="One"))
    pushes(slack, client, ann, modal(title="Two"))
    ann.closes()

    assert ann.modal() == first


def test_there_is_nothing_to_push_on(client: WebClient, ann: Person, ops: Channel) -> None:
    with refused("not_found"):
        client.views_push(trigger_id=trigger(ann, ops), view=modal())


def test_nothing_is_pushed_on_what_was_closed(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal())
    late = trigger_in(slack, ann)
    ann.closes()

    with refused("not_found"):
        client.views_push(trigger_id=late, view=modal())


# Changing


def test_a_view_is_changed_by_its_id(client: WebClient, ann: Person, ops: Channel) -> None:
    before = opens(client, ann, ops, modal(title="One"))
    client.views_update(view_id=before.id, view=modal(title="Two"))
    after = in_front(ann)

    assert (after.id, after.title) == (before.id, "Two")
    assert after.hash != before.hash


def test_a_view_is_changed_by_the_id_that_the_app_gave_it(client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal(external_id="delete-1"))
    for title in ("Two", "Three"):
        client.views_update(external_id="delete-1", view=modal(title=title))

    assert (in_front(ann).title, in_front(ann).body["external_id"]) == ("Three", "delete-1")


def test_a_view_keeps_its_own_id_when_it_is_said_again(client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal(external_id="delete-1"))
    client.views_update(external_id="delete-1", view=modal(title="Two", external_id="delete-1"))

    assert in_front(ann).title == "Two"


def test_a_view_below_is_changed_too(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    below = opens(client, ann, ops, modal(title="One"))
    pushes(slack, client, ann, modal(title="Upper"))
    client.views_update(view_id=below.id, view=modal(title="Two"))

    assert in_front(ann).title == "Upper"
    ann.closes()
    assert in_front(ann).title == "Two"


def test_a_hash_guards_against_an_older_view(client: WebClient, ann: Person, ops: Channel) -> None:
    view = opens(client, ann, ops, modal(title="One"))
    client.views_update(view_id=view.id, hash=view.hash, view=modal(title="Two"))

    with refused("hash_conflict"):
        client.views_update(view_id=view.id, hash=view.hash, view=modal(title="Three"))


def test_what_was_closed_cannot_be_changed(client: WebClient, ann: Person, ops: Channel) -> None:
    view = opens(client, ann, ops, modal())
    ann.closes()

    with refused("not_found"):
        client.views_update(view_id=view.id, view=modal())


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ({}, "Must provide either `view_id` or `external_id`"),
        ({"view_id": "V1", "external_id": "x"}, "Cannot provide both `view_id` and `external_id`"),
    ],
)
def test_a_view_is_named_in_one_way(client: WebClient, ids: Json, message: str) -> None:
    with refused("invalid_arguments", message):
        client.api_call("views.update", json={"view": modal(), **ids})


def test_a_modal_cannot_become_a_home_tab(client: WebClient, ann: Person, ops: Channel) -> None:
    view = opens(client, ann, ops, modal())

    with refused("invalid_arguments", "unsupported type: home [json-pointer:/view/type]"):
        client.views_update(view_id=view.id, view=home())


def test_an_id_of_the_apps_own_is_used_once(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal(external_id="mine"))

    with refused("duplicate_external_id"):
        client.views_publish(user_id=ann.id, view=home(external_id="mine"))
    with refused("duplicate_external_id"):
        client.views_push(trigger_id=trigger_in(slack, ann), view=modal(external_id="mine"))


# The home tab


def test_a_home_tab_is_published(slack: LocalSlack, client: WebClient, ann: Person) -> None:
    told = client.views_publish(user_id=ann.id, view=home(actions(button())))["view"]
    shown = ann.home()

    assert shown is not None
    assert (shown.id, shown.hash, shown.type) == (told["id"], told["hash"], "home")
    assert (told["root_view_id"], told["previous_view_id"], told["submit"]) == (told["id"], None, None)
    assert shown.reads() == "[ Go ]"
    assert slack.person("Bob").home() is None


def test_a_home_tab_is_published_again_under_its_id(client: WebClient, ann: Person) -> None:
    first = client.views_publish(user_id=ann.id, view=home())["view"]
    second = client.views_publish(user_id=ann.id, view=home(actions(button())), hash=first["hash"])["view"]

    assert second["id"] == first["id"]
    with refused("hash_conflict"):
        client.views_publish(user_id=ann.id, view=home(), hash=first["hash"])


def test_a_hash_of_nothing_is_wrong(client: WebClient, ann: Person) -> None:
    with refused("hash_conflict"):
        client.views_publish(user_id=ann.id, view=home(), hash="1.abc")


def test_a_home_tab_is_changed_like_other_views(client: WebClient, ann: Person) -> None:
    first = client.views_publish(user_id=ann.id, view=home())["view"]
    client.views_update(view_id=first["id"], view=home(actions(button())))
    shown = ann.home()

    assert shown is not None
    assert shown.buttons() == ["Go"]


@pytest.mark.parametrize("user", ["U404", "USLACKBOT"])
def test_a_home_tab_is_for_a_person(client: WebClient, user: str) -> None:
    with refused("user_not_found"):
        client.views_publish(user_id=user, view=home())


def test_a_home_tab_is_no_modal(client: WebClient, ann: Person) -> None:
    with refused("invalid_arguments", "unsupported type: modal [json-pointer:/view/type]"):
        client.views_publish(user_id=ann.id, view=modal())


# The rules of a view

WRONG: dict[str, tuple[object, list[str]]] = {
    "no object": ("hi", ["must provide an object [json-pointer:/view]"]),
    "no type": ({"blocks": []}, ["missing required field: type [json-pointer:/view]"]),
    "unknown type": ({"type": "tab"}, ["unsupported type: tab [json-pointer:/view/type]"]),
    "no blocks": (
        {"type": "modal", "title": plain("x")},
        ["missing required field: blocks [json-pointer:/view]"],
    ),
    "blocks that are none": (
        {"type": "home", "blocks": None},
        ["must provide an array [json-pointer:/view/blocks]"],
    ),
    "no title": ({"type": "modal", "blocks": []}, ["missing required field: title [json-pointer:/view]"]),
    "long title": (modal(title="x" * 25), ["must be less than 25 characters [json-pointer:/view/title/text]"]),
    "empty title": (modal(title=""), ["must be more than 0 characters [json-pointer:/view/title/text]"]),
    "marked title": (
        modal() | {"title": {"type": "mrkdwn", "text": "x"}},
        ["unsupported type: mrkdwn [json-pointer:/view/title/type]"],
    ),
    "long submit": (
        modal(submit=plain("x" * 25)),
        ["must be less than 25 characters [json-pointer:/view/submit/text]"],
    ),
    "long close": (modal(close=plain("x" * 25)), ["must be less than 25 characters [json-pointer:/view/close/text]"]),
    "long metadata": (
        modal(private_metadata="x" * 3001),
        ["must be less than 3001 characters [json-pointer:/view/private_metadata]"],
    ),
    "long callback id": (
        modal(callback_id="x" * 256),
        ["must be less than 256 characters [json-pointer:/view/callback_id]"],
    ),
    "long external id": (
        modal(external_id="x" * 256),
        ["must be less than 256 characters [json-pointer:/view/external_id]"],
    ),
    "notice that is no truth": (
        modal(notify_on_close="yes"),
        ["must provide a boolean [json-pointer:/view/notify_on_close]"],
    ),
    "unknown field": (
        modal(submit_disabled=True),
        ["invalid additional property: submit_disabled [json-pointer:/view]"],
    ),
    "home tab with a title": (
        home(title=plain("x")),
        ["invalid additional property: title [json-pointer:/view]"],
    ),
    "101 blocks": (
        home(*[{"type": "divider"}] * 101),
        ["no more than 100 items allowed [json-pointer:/view/blocks]"],
    ),
    "input without submit": (
        {"type": "modal", "title": plain("x"), "blocks": [entry()]},
        ["missing required field: submit [json-pointer:/view]"],
    ),
    "the same block twice": (
        modal(entry(), entry()),
        ["`block_id` name already exists [json-pointer:/view/blocks/1/block_id]"],
    ),
    "the same action twice": (
        modal(actions(button(action_id="go"), button(action_id="go"))),
        ["`action_id` go already exists [json-pointer:/view/blocks/0/elements/1/action_id]"],
    ),
    "a block that is wrong": (
        home({"type": "header", "text": plain("x" * 151)}),
        ["must be less than 151 characters [json-pointer:/view/blocks/0/text/text]"],
    ),
    "a table": (
        modal({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}),
        ["unsupported type: table [json-pointer:/view/blocks/0/type]"],
    ),
    "two cursors": (
        home(*(actions({"type": "datepicker", "focus_on_load": True}, block_id=each) for each in "ab")),
        ["only one element can have `focus_on_load` [json-pointer:/view/blocks]"],
    ),
}


@pytest.mark.parametrize(("view", "problems"), WRONG.values(), ids=WRONG.keys())
def test_a_view_outside_the_rules_is_pointed_at(view: object, problems: list[str]) -> None:
    assert view_problems(view) == problems


@pytest.mark.parametrize(
    "view",
    [
        modal(title="x" * 24, close=plain("x" * 24), private_metadata="x" * 3000, callback_id="x" * 255),
        modal(entry(), clear_on_close=True, notify_on_close=True, external_id=""),
        modal(*[{"type": "divider"}] * 100),
        home(entry(), callback_id="tab", private_metadata=""),
    ],
)
def test_a_view_within_the_rules_passes(view: Json) -> None:
    assert view_problems(view) == []


# Sending a form, with Bolt at the other end, over HTTP and in Socket Mode


@pytest.fixture
def form(bolt: App, ann: Person, ops: Channel) -> View:
    return opens(bolt.client, ann, ops, modal(entry(), entry("why", "Why", optional=True), callback_id="delete"))


def answering(bolt: App, **answer: object) -> None:
    def submitted(ack: Ack) -> None:
        ack(answer or "")

    bolt.view("delete")(submitted)


def test_a_form_that_was_taken_closes(bolt: App, slack: LocalSlack, ann: Person, form: View) -> None:
    got: list[Json] = []

    def submitted(ack: Ack, view: Json, body: Json) -> None:
        got.extend([view, body])
        ack()

    bolt.view("delete")(submitted)
    delivery = ann.submits({"Name": "web-1"})
    view, body = got

    assert (delivery.kind, delivery.person, delivery.ok) == (Kind.CLICK, ann.id, True)
    assert ann.modal() is None
    assert (view["id"], view["hash"], view["callback_id"]) == (form.id, form.hash, "delete")
    assert view["state"]["values"] == {
        "name": {"name_typed": {"type": "plain_text_input", "value": "web-1"}},
        "why": {"why_typed": {"type": "plain_text_input", "value": None}},
    }
    assert (body["response_urls"], body["team"]["id"], body["user"]["id"]) == ([], slack.team_id, ann.id)


def test_errors_are_shown_until_the_form_is_taken(bolt: App, ann: Person, form: View) -> None:
    def submitted(ack: Ack, view: Json) -> None:
        typed = view["state"]["values"]["name"]["name_typed"]["value"]
        if typed == "web-1":
            ack()
        else:
            ack(response_action="errors", errors={"name": f"There is no {typed}."})

    bolt.view("delete")(submitted)
    delivery = ann.submits({"Name": "web-2"})

    assert delivery.ok
    assert in_front(ann).errors == {"name": "There is no web-2."}
    assert in_front(ann).id == form.id
    assert in_front(ann).reads() == "Name\n[ … ]\nWhy\n[ … ]\n! There is no web-2.\n[ Send ]"
    ann.submits({"name_typed": "web-1"})
    assert ann.modal() is None


def test_an_answer_changes_the_form(bolt: App, ann: Person, form: View) -> None:
    answering(bolt, response_action="update", view=modal(title="Deleted"))

    assert ann.submits({"Name": "web-1"}).ok
    assert (in_front(ann).id, in_front(ann).title) == (form.id, "Deleted")
    assert in_front(ann).hash != form.hash


def test_an_answer_puts_another_form_in_front(bolt: App, ann: Person, form: View) -> None:
    answering(bolt, response_action="push", view=modal(title="Sure?"))

    assert ann.submits({"Name": "web-1"}).ok
    assert (in_front(ann).title, in_front(ann).previous_view_id) == ("Sure?", form.id)


@pytest.mark.parametrize("bolt", ["http"], indirect=True)
def test_an_answer_closes_everything(bolt: App, slack: LocalSlack, ann: Person, form: View) -> None:
    answering(bolt, response_action="clear")
    pushes(slack, bolt.client, ann, modal(entry(), callback_id="delete"))

    assert form.id in {each.id for each in slack._views.stack(ann.id)}
    assert ann.submits({"Name": "web-1"}).ok
    assert ann.modal() is None


@pytest.mark.parametrize("bolt", ["http"], indirect=True)
def test_a_form_closes_alone(bolt: App, slack: LocalSlack, ann: Person, form: View) -> None:
    answering(bolt)
    pushes(slack, bolt.client, ann, modal(entry(), callback_id="delete"))
    ann.submits({"Name": "web-1"})

    assert in_front(ann).id == form.id


NO_ANSWERS: dict[str, object] = {
    "an unknown reaction": {"response_action": "dance"},
    "no reaction": {"text": "thanks"},
    "errors for what is not there": {"response_action": "errors", "errors": {"size": "Too big"}},
    "errors without words": {"response_action": "errors", "errors": {"name": " "}},
    "errors that are no words": {"response_action": "errors", "errors": {"name": 1}},
    "no view": {"response_action": "update"},
    "a view that is wrong": {"response_action": "update", "view": modal(title="x" * 25)},
    "a home tab": {"response_action": "push", "view": home()},
    "a list": [],
    "a view that is too large": {
        "response_action": "push",
        "view": modal(*[{"type": "section", "fields": [plain("x" * 2000)] * 2}] * 63),
    },
    "an id that is taken": {"response_action": "push", "view": modal(external_id="taken")},
}


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_an_answer_that_makes_no_sense_leaves_the_form_open(
    client: WebClient,
    ann: Person,
    ops: Channel,
    over_http: Serve,
    answer: object,
) -> None:
    client.views_publish(user_id=ann.id, view=home(external_id="taken"))
    form = opens(client, ann, ops, modal(entry()))
    over_http(answers(json.dumps(answer)))
    delivery = ann.submits({"Name": "web-1"})

    assert (delivery.status, delivery.error) == (200, "invalid_view_response")
    assert ann.modal() == form


def test_words_are_no_answer(bolt: App, ann: Person, form: View) -> None:
    bolt.view("delete")(lambda ack: ack("thanks"))

    assert ann.submits({"Name": "web-1"}).error == "invalid_view_response"
    assert ann.modal() == form


@pytest.mark.parametrize("bolt", ["http"], indirect=True)
def test_a_fourth_form_is_too_many_in_an_answer(bolt: App, slack: LocalSlack, ann: Person, form: View) -> None:
    answering(bolt, response_action="push", view=modal())
    for _ in range(2):
        pushes(slack, bolt.client, ann, modal(entry(), callback_id=form.body["callback_id"]))

    assert ann.submits({"Name": "web-1"}).error == "invalid_view_response"


def test_a_form_that_nobody_takes_stays_open(client: WebClient, ann: Person, ops: Channel, over_http: Serve) -> None:
    form = opens(client, ann, ops, modal(entry()))
    over_http(answers(status=500))

    assert ann.submits({"Name": "web-1"}).error == "dispatch_failed"
    assert ann.modal() == form


@pytest.mark.parametrize("bolt", ["http"], indirect=True)
def test_the_trigger_of_a_form_opens_another(bolt: App, ann: Person, form: View) -> None:
    def submitted(ack: Ack, body: Json, client: WebClient) -> None:
        client.views_push(trigger_id=body["trigger_id"], view=modal(title="Next"))
        ack()

    bolt.view("delete")(submitted)
    ann.submits({"Name": "web-1"})

    assert in_front(ann).title == "Next"
    assert (in_front(ann).previous_view_id, in_front(ann).root_view_id) == (None, in_front(ann).id)
    assert in_front(ann).id != form.id


def test_a_form_whose_answer_is_late_stays_open(bolt: App, slack: LocalSlack, ann: Person, form: View) -> None:
    waits = threading.Event()

    def submitted(ack: Ack) -> None:
        waits.wait(5)
        ack()

    bolt.view("delete")(submitted)
    slack._deliveries._ack_seconds = 0.1
    delivery = ann.submits({"Name": "web-1"})
    waits.set()

    assert delivery.error == "operation_timeout"
    assert ann.modal() == form


@pytest.mark.parametrize("bolt", ["http"], indirect=True)
def test_an_answer_to_what_was_closed_meanwhile_changes_nothing(bolt: App, ann: Person, form: View) -> None:
    def submitted(ack: Ack) -> None:
        ann.closes()
        ack(response_action="update", view=modal(title="Too late"))

    bolt.view("delete")(submitted)

    assert ann.submits({"Name": form.title}).ok
    assert ann.modal() is None


def test_a_command_opens_a_form_and_its_answer_a_message(
    bolt: App,
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
) -> None:
    def command(ack: Ack, body: Json, client: WebClient) -> None:
        view = modal(entry(), callback_id="delete", private_metadata=body["channel_id"])
        client.views_open(trigger_id=body["trigger_id"], view=view)
        ack()

    def submitted(ack: Ack, view: Json, client: WebClient) -> None:
        ack()
        typed = view["state"]["values"]["name"]["name_typed"]["value"]
        client.chat_postMessage(channel=view["private_metadata"], text=f"Deleted {typed}")

    bolt.command("/snapshot")(command)
    bolt.view("delete")(submitted)
    ann.types("/snapshot delete", ops)
    ann.submits({"Name": "web-1"})

    slack.wait_for(lambda: [each.text for each in slack.messages(ops)] == ["Deleted web-1"], what="message")
    assert ann.modal() is None


# What a client does not send


def test_a_form_with_gaps_is_not_sent(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal(entry(), title="Delete"))

    with pytest.raises(NotFilledInError, match="Delete cannot be sent") as caught:
        ann.submits({"Name": " "})
    assert caught.value.errors == {"name": "Please fill this in."}
    assert slack.deliveries() == []


def test_a_form_is_sent_with_what_stands_in_it(client: WebClient, ann: Person, ops: Channel, over_http: Serve) -> None:
    got: list[Json] = []
    opens(client, ann, ops, modal(entry()))
    over_http(keeps(got))
    ann.submits(state={"name": {"name_typed": {"type": "plain_text_input", "value": "web-1"}}, "gone": {}})

    assert got[0]["view"]["state"]["values"] == {"name": {"name_typed": {"type": "plain_text_input", "value": "web-1"}}}


def test_a_form_is_sent_with_what_was_chosen_beside_it(
    client: WebClient,
    ann: Person,
    ops: Channel,
    over_http: Serve,
) -> None:
    got: list[Json] = []
    opens(client, ann, ops, modal(actions({"type": "datepicker", "action_id": "day"}), entry(optional=True)))
    over_http(keeps(got))
    ann.submits({"day": "2024-11-23"})

    assert got[0]["view"]["state"]["values"]["row"]["day"]["selected_date"] == "2024-11-23"


def test_an_input_that_is_not_there_cannot_be_filled_in(client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal(entry()))

    with pytest.raises(NotVisibleError, match="There is no input 'Size' in Delete:\nName"):
        ann.submits({"Size": "40"})


def test_an_input_takes_what_it_is_for(client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal(entry()))

    with pytest.raises(NotVisibleError, match="7 is not what a plain_text_input takes"):
        ann.submits({"Name": 7})


def test_there_is_no_form_to_send(ann: Person) -> None:
    for tries in (ann.submits, ann.closes):
        with pytest.raises(NotVisibleError, match="Ann has no modal"):
            tries()


def test_a_modal_without_a_submit_button_is_not_sent(client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal(title="Wait"))

    with pytest.raises(NotVisibleError, match="Wait has nothing to submit"):
        ann.submits()


# Closing


def test_who_closes_a_form_is_told_on_demand(client: WebClient, ann: Person, ops: Channel, over_http: Serve) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    view = opens(client, ann, ops, modal(entry(), callback_id="delete", notify_on_close=True))
    delivery = ann.closes()
    (payload,) = got

    assert delivery is not None
    assert delivery.ok
    assert (payload["type"], payload["is_cleared"]) == ("view_closed", False)
    assert (payload["view"]["id"], payload["view"]["callback_id"]) == (view.id, "delete")
    assert "trigger_id" not in payload
    assert ann.modal() is None


def test_bolt_hears_that_a_form_was_closed(bolt: App, ann: Person, ops: Channel) -> None:
    opens(bolt.client, ann, ops, modal(callback_id="delete", notify_on_close=True))
    heard: list[Json] = []

    def closed(ack: Ack, body: Json) -> None:
        heard.append(body)
        ack()

    bolt.view_closed("delete")(closed)
    delivery = ann.closes()

    assert delivery is not None
    assert delivery.ok
    assert heard[0]["user"]["id"] == ann.id


def test_a_form_closes_silently(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal())

    assert ann.closes() is None
    assert slack.deliveries() == []


def test_a_form_closes_even_if_the_app_does_not_hear_it(client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal(notify_on_close=True))
    delivery = ann.closes()

    assert delivery is not None
    assert delivery.error == "dispatch_failed"
    assert ann.modal() is None


def test_a_form_can_take_those_below_with_it(
    slack: LocalSlack,
    client: WebClient,
    ann: Person,
    ops: Channel,
    over_http: Serve,
) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    opens(client, ann, ops, modal())
    upper = pushes(slack, client, ann, modal(clear_on_close=True, notify_on_close=True))
    ann.closes()

    assert ann.modal() is None
    assert (got[0]["view"]["id"], got[0]["is_cleared"]) == (upper.id, True)


def test_the_cross_closes_everything_in_the_name_of_the_first(
    slack: LocalSlack,
    client: WebClient,
    ann: Person,
    ops: Channel,
    over_http: Serve,
) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    first = opens(client, ann, ops, modal(notify_on_close=True))
    pushes(slack, client, ann, modal(notify_on_close=True))
    ann.closes(everything=True)

    assert ann.modal() is None
    assert [(each["view"]["id"], each["is_cleared"]) for each in got] == [(first.id, True)]


# Pressing things in views


def test_a_press_in_a_modal_tells_the_view(client: WebClient, ann: Person, ops: Channel, over_http: Serve) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    view = opens(client, ann, ops, modal(actions(button(action_id="go", value="D-1")), entry()))
    state = {"name": {"name_typed": {"type": "plain_text_input", "value": "half"}}}
    ann.acts(view, "row", "go", state=state)
    (payload,) = got
    (action,) = payload["actions"]

    assert payload["type"] == "block_actions"
    assert payload["container"] == {"type": "view", "view_id": view.id}
    assert (payload["view"]["id"], payload["view"]["hash"]) == (view.id, view.hash)
    assert payload["view"]["state"]["values"] == state
    assert not {"channel", "message", "response_url", "state"} & payload.keys()
    assert (action["block_id"], action["action_id"], action["value"]) == ("row", "go", "D-1")


def test_a_press_in_a_modal_puts_another_in_front(bolt: App, slack: LocalSlack, ann: Person, ops: Channel) -> None:
    def go(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.views_push(trigger_id=body["trigger_id"], view=modal(title="Next"))

    bolt.action("go")(go)
    below = opens(bolt.client, ann, ops, modal(actions(button(action_id="go"))))

    assert ann.clicks("Go").ok
    slack.wait_for(lambda: in_front(ann).title == "Next", what="modal")
    assert in_front(ann).previous_view_id == below.id


@pytest.mark.parametrize("bolt", ["http"], indirect=True)
def test_a_press_in_the_home_tab_opens_a_modal(bolt: App, slack: LocalSlack, ann: Person) -> None:
    def go(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(title=body["view"]["type"]))

    bolt.action("go")(go)
    bolt.client.views_publish(user_id=ann.id, view=home(actions(button(action_id="go"))))

    assert ann.clicks("Go").ok
    slack.wait_for(ann.modal, what="modal")
    assert in_front(ann).title == "home"


def test_a_dialog_comes_before_a_press_in_a_modal(client: WebClient, ann: Person, ops: Channel) -> None:
    words = {"title": plain("Sure?"), "text": plain("No undo"), "confirm": plain("Yes"), "deny": plain("No")}
    opens(client, ann, ops, modal(actions(button(confirm=words))))

    assert ann.clicks("Go").confirm == Confirm("Sure?", "No undo", "Yes", "No")


def test_a_button_is_looked_for_in_front_first(
    slack: LocalSlack,
    client: WebClient,
    ann: Person,
    ops: Channel,
    over_http: Serve,
) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    client.views_publish(user_id=ann.id, view=home(actions(button())))
    ann.clicks("Go")
    client.chat_postMessage(channel=ops.id, text="Go?", blocks=[actions(button())])
    ann.clicks("Go")
    opens(client, ann, ops, modal(actions(button())))
    ann.clicks("Go")
    ann.clicks("Go", channel=ops)

    assert [(each["container"]["type"], each.get("view", {}).get("type")) for each in got] == [
        ("view", "home"),
        ("message", None),
        ("view", "modal"),
        ("message", None),
    ]
    assert len(slack.deliveries()) == 4


def test_what_is_open_is_told_when_a_button_is_missing(client: WebClient, ann: Person, ops: Channel) -> None:
    opens(client, ann, ops, modal(entry()))

    with pytest.raises(NotVisibleError, match=r"no button 'Go'\.\nAnn has this modal 'Delete':\n  Name"):
        ann.clicks("Go")


def test_others_views_are_not_in_front(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    view = opens(client, ann, ops, modal(actions(button(action_id="go"))))

    with pytest.raises(NotVisibleError, match="Bob does not have this in front"):
        slack.person("Bob").acts(view, "row", "go")


def test_a_modal_below_cannot_be_used(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    below = opens(client, ann, ops, modal(actions(button(action_id="go"))))
    pushes(slack, client, ann, modal())

    with pytest.raises(NotVisibleError, match="Ann does not have this in front"):
        ann.acts(below, "row", "go")


def test_a_message_for_somebody_else_cannot_be_used(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    whisper = slack.workspace.post(ops.id, slack.bot_user_id, "psst", blocks=[actions(button(action_id="go"))], to="U1")

    with pytest.raises(NotVisibleError, match="Ann cannot see this"):
        ann.acts(whisper, "row", "go")


def test_what_is_not_there_cannot_be_used(client: WebClient, ann: Person, ops: Channel) -> None:
    view = opens(client, ann, ops, modal(entry()))

    with pytest.raises(NotVisibleError, match="nothing to use called 'go' in 'row'"):
        ann.acts(view, "row", "go")


def test_an_input_tells_nothing_before_its_form_is_sent(client: WebClient, ann: Person, ops: Channel) -> None:
    view = opens(client, ann, ops, modal(entry()))

    with pytest.raises(NotVisibleError, match="tells the app nothing before"):
        ann.acts(view, "name", "name_typed", chosen="web-1")


# Looking


def test_a_person_is_found_by_her_id(slack: LocalSlack, ann: Person) -> None:
    assert slack.person_of(ann.id) == ann
    assert [slack.person_of(each) for each in ("U404", slack.bot_user_id)] == [None, None]


def test_a_transcript_ends_with_what_is_open(slack: LocalSlack, client: WebClient, ann: Person, ops: Channel) -> None:
    ann.says("hello", ops)
    client.views_publish(user_id=ann.id, view=home({"type": "header", "text": plain("Snapshots")}))
    opens(client, ann, ops, modal(entry(), close=plain("Back")))

    assert slack.transcript().split("\n") == [
        "#ops",
        "  Ann:",
        "    hello",
        "Ann has this modal 'Delete':",
        "  Name",
        "  [ … ]",
        "  [ Back ]  [ Send ]",
        "Ann has this home tab:",
        "  Snapshots",
    ]


def test_a_modal_knows_the_conversation_from_which_it_was_opened(
    client: WebClient,
    ann: Person,
    ops: Channel,
    over_http: Serve,
) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    element = {"type": "conversations_select", "action_id": "room", "default_to_current_conversation": True}
    asking = element | {"response_url_enabled": True}
    block = {"type": "input", "block_id": "where", "label": plain("Where"), "element": asking}
    opens(client, ann, ops, modal(block))
    ann.submits()
    (told,) = got[0]["response_urls"]

    assert got[0]["view"]["state"]["values"]["where"]["room"]["selected_conversation"] == ops.id
    assert {name: told[name] for name in ("block_id", "action_id", "channel_id")} == {
        "block_id": "where",
        "action_id": "room",
        "channel_id": ops.id,
    }
    assert told["response_url"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize("bolt", ["http"], indirect=True)
def test_a_response_url_of_a_form_answers_in_its_conversation(
    slack: LocalSlack,
    bolt: App,
    ann: Person,
    ops: Channel,
) -> None:
    element = {"type": "channels_select", "action_id": "room", "response_url_enabled": True}
    block = {"type": "input", "block_id": "where", "label": plain("Where"), "optional": True, "element": element}
    opens(bolt.client, ann, ops, modal(block, callback_id="delete"))

    def submitted(ack: Ack, respond: Callable[..., object]) -> None:
        ack()
        respond("Done", response_type="in_channel")

    bolt.view("delete")(submitted)
    ann.submits({"Where": ops.id})

    slack.wait_for(lambda: [each.text for each in slack.messages(ops)] == ["Done"], what="message")
