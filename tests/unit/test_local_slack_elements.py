"""Everything that people choose from and write in: the rules, what is told to the app, and what a client refuses."""

import json
from collections.abc import Callable

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient
from werkzeug.wrappers import Request, Response

from bot.sandbox.slack import (
    Channel,
    Confirm,
    LocalSlack,
    Message,
    NotFilledInError,
    NotVisibleError,
    Person,
    View,
    client_errors,
    problems,
    view_problems,
)
from bot.sandbox.slack.wire import Json
from bot.sandbox.slack.words import message_text

Serve = Callable[[Callable[..., object]], None]
MOMENT = 1732363201  # 23 November 2024, 12:00:01 UTC


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str, text: str | None = None, **fields: object) -> Json:
    return {"text": plain(text or value.title()), "value": value, **fields}


EU, US = option("eu", "Europe"), option("us", "America")
CONFIRM = {"title": plain("Sure?"), "text": plain("No undo"), "confirm": plain("Yes"), "deny": plain("No")}


def element(kind: str, **fields: object) -> Json:
    return {"type": kind, "action_id": "it", **fields}


def static(**fields: object) -> Json:
    return element("static_select", **{"options": [EU, US], **fields})


def some(**fields: object) -> Json:
    return element("multi_static_select", options=[EU, US], **fields)


def boxes(**fields: object) -> Json:
    return element("checkboxes", options=[EU, US], **fields)


def number(**fields: object) -> Json:
    return element("number_input", is_decimal_allowed=False, **fields)


def typed(**fields: object) -> Json:
    return element("plain_text_input", **fields)


def actions(*elements: Json) -> Json:
    return {"type": "actions", "block_id": "b", "elements": list(elements)}


def section(accessory: Json) -> Json:
    return {"type": "section", "block_id": "b", "text": mrkdwn("Which?"), "accessory": accessory}


def entry(held: Json, **fields: object) -> Json:
    return {"type": "input", "block_id": "b", "label": plain("It"), "element": held, **fields}


def modal(*blocks: Json) -> Json:
    return {"type": "modal", "title": plain("Form"), "submit": plain("Send"), "blocks": list(blocks)}


def home(*blocks: Json) -> Json:
    return {"type": "home", "blocks": list(blocks)}


def post(slack: LocalSlack, ops: Channel, *blocks: Json) -> Message:
    return slack.workspace.post(ops.id, slack.bot_user_id, "Which?", blocks=list(blocks))


def open_form(client: WebClient, ann: Person, ops: Channel, *blocks: Json) -> View:
    client.views_open(trigger_id=ann.command_form("/snapshot", ops)["trigger_id"], view=modal(*blocks))
    shown = ann.modal()
    assert shown is not None
    return shown


def keeps(got: list[Json], answer: str = "") -> Callable[..., object]:
    """A program that keeps the payloads of what it hears, and answers this."""

    @Request.application
    def application(request: Request) -> Response:
        got.append(json.loads(request.form["payload"]))
        return Response(answer, content_type="application/json")

    return application


# The rules

FULL: dict[str, Json] = {
    "static_select": static(placeholder=plain("x" * 150), initial_option=EU, confirm=CONFIRM, focus_on_load=False),
    "grouped select": element(
        "static_select", option_groups=[{"label": plain("Near"), "options": [EU]}], initial_option=EU
    ),
    "external_select": element("external_select", min_query_length=0, initial_option=EU, placeholder=plain("x")),
    "users_select": element("users_select", initial_user="U0ANN0000", confirm=CONFIRM),
    "conversations_select": element(
        "conversations_select",
        default_to_current_conversation=True,
        response_url_enabled=True,
        initial_conversation="C1",
        filter={"include": ["public", "im"], "exclude_bot_users": True, "exclude_external_shared_channels": True},
    ),
    "channels_select": element("channels_select", initial_channel="C1", response_url_enabled=False),
    "multi_static_select": some(initial_options=[EU, US], max_selected_items=2),
    "multi_external_select": element("multi_external_select", initial_options=[EU], min_query_length=3),
    "multi_users_select": element("multi_users_select", initial_users=["U1"], max_selected_items=1),
    "multi_conversations_select": element("multi_conversations_select", initial_conversations=["C1"]),
    "multi_channels_select": element("multi_channels_select", initial_channels=["C1"]),
    "checkboxes": boxes(initial_options=[US], confirm=CONFIRM),
    "radio_buttons": element(
        "radio_buttons",
        options=[{"text": mrkdwn("*Europe*"), "value": "eu", "description": mrkdwn("_near_")}],
        focus_on_load=True,
    ),
    "datepicker": element("datepicker", initial_date="2024-02-29", placeholder=plain("When")),
    "timepicker": element("timepicker", initial_time="23:59", timezone="Europe/Berlin"),
}
PRESSED: dict[str, Json] = {
    "button": element("button", text=plain("Go"), url="https://a.example", confirm=CONFIRM),
    "overflow": element("overflow", options=[option("1", url="https://a.example")] * 5, confirm=CONFIRM),
}
MOMENTS: dict[str, Json] = {"datetimepicker": element("datetimepicker", initial_date_time=MOMENT)}
WRITTEN: dict[str, Json] = {
    "plain_text_input": typed(
        multiline=True,
        min_length=0,
        max_length=3000,
        initial_value="",
        dispatch_action_config={"trigger_actions_on": ["on_enter_pressed", "on_character_entered"]},
    ),
}
IN_MODALS: dict[str, Json] = {
    "number_input": number(initial_value="-1", min_value="-2.5", max_value="10"),
    "email_text_input": element("email_text_input", initial_value="ann@a.example", placeholder=plain("x")),
    "url_text_input": element("url_text_input", focus_on_load=True),
}


@pytest.mark.parametrize("held", (FULL | PRESSED).values(), ids=(FULL | PRESSED).keys())
def test_what_is_chosen_stands_beside_a_section_and_in_a_row(held: Json) -> None:
    for block in (section(held), actions(held)):
        assert problems([block]) == []
        assert view_problems(modal(block)) == []
        assert view_problems(home(block)) == []


@pytest.mark.parametrize("held", (FULL | WRITTEN).values(), ids=(FULL | WRITTEN).keys())
def test_what_is_filled_in_stands_in_an_input(held: Json) -> None:
    block = entry(held, hint=plain("x"), optional=True, dispatch_action=True)

    assert problems([block]) == []
    assert view_problems(modal(block)) == []
    assert view_problems(home(block)) == []


@pytest.mark.parametrize("held", PRESSED.values(), ids=PRESSED.keys())
def test_what_is_pressed_stands_in_no_input(held: Json) -> None:
    assert problems([entry(held)]) == [f"unsupported type: {held['type']} [json-pointer:/blocks/0/element/type]"]


@pytest.mark.parametrize("held", (WRITTEN | IN_MODALS).values(), ids=(WRITTEN | IN_MODALS).keys())
def test_what_is_written_stands_in_inputs_alone(held: Json) -> None:
    refused = f"unsupported type: {held['type']}"

    assert problems([actions(held)]) == [f"{refused} [json-pointer:/blocks/0/elements/0/type]"]
    assert problems([section(held)]) == [f"{refused} [json-pointer:/blocks/0/accessory/type]"]


@pytest.mark.parametrize("held", IN_MODALS.values(), ids=IN_MODALS.keys())
def test_some_inputs_stand_in_modals_alone(held: Json) -> None:
    refused = f"unsupported type: {held['type']}"

    assert view_problems(modal(entry(held))) == []
    assert problems([entry(held)]) == [f"{refused} [json-pointer:/blocks/0/element/type]"]
    assert view_problems(home(entry(held))) == [f"{refused} [json-pointer:/view/blocks/0/element/type]"]


def test_a_moment_is_chosen_in_rows_and_inputs_but_not_in_home_tabs() -> None:
    held = MOMENTS["datetimepicker"]

    assert problems([actions(held)]) == problems([entry(held)]) == view_problems(modal(actions(held))) == []
    assert problems([section(held)]) == ["unsupported type: datetimepicker [json-pointer:/blocks/0/accessory/type]"]
    assert view_problems(home(entry(held))) == [
        "unsupported type: datetimepicker [json-pointer:/view/blocks/0/element/type]",
    ]


MANY = [option(str(number)) for number in range(101)]
WRONG: dict[str, tuple[Json, str, str]] = {
    "101 options": (static(options=MANY), "no more than 100 items allowed", "/options"),
    "no options": (element("static_select", options=[]), "no less than 1 items allowed", "/options"),
    "101 groups": (
        element("static_select", option_groups=[{"label": plain("x"), "options": [EU]}] * 101),
        "no more than 100 items allowed",
        "/option_groups",
    ),
    "options and groups": (
        static(option_groups=[{"label": plain("x"), "options": [EU]}]),
        "must define either `options` or `option_groups`",
        "",
    ),
    "nothing to choose": (
        element("multi_static_select"),
        "must define either `options` or `option_groups`",
        "",
    ),
    "long label": (
        element("static_select", option_groups=[{"label": plain("x" * 76), "options": [EU]}]),
        "must be less than 76 characters",
        "/option_groups/0/label/text",
    ),
    "long option": (
        static(options=[option("x", "x" * 76)]),
        "must be less than 76 characters",
        "/options/0/text/text",
    ),
    "long value": (static(options=[option("x" * 151, "x")]), "must be less than 151 characters", "/options/0/value"),
    "long description": (
        static(options=[option("x", description=plain("x" * 76))]),
        "must be less than 76 characters",
        "/options/0/description/text",
    ),
    "marked option": (
        static(options=[{"text": mrkdwn("x"), "value": "x"}]),
        "unsupported type: mrkdwn",
        "/options/0/text/type",
    ),
    "link in a select": (
        static(options=[option("x", url="https://a.example")]),
        "invalid additional property: url",
        "/options/0",
    ),
    "long placeholder": (
        static(placeholder=plain("x" * 151)),
        "must be less than 151 characters",
        "/placeholder/text",
    ),
    "unknown beginning": (
        static(initial_option=option("asia")),
        "must match one of the options",
        "/initial_option",
    ),
    "unknown beginnings": (
        boxes(initial_options=[EU, option("asia")]),
        "must match one of the options",
        "/initial_options/1",
    ),
    "none at most": (some(max_selected_items=0), "must be more than 0", "/max_selected_items"),
    "limit of a single one": (
        static(max_selected_items=1),
        "invalid additional property: max_selected_items",
        "",
    ),
    "query of no length": (
        element("external_select", min_query_length=-1),
        "must be more than -1",
        "/min_query_length",
    ),
    "users that are none": (
        element("multi_users_select", initial_users="U1"),
        "must provide an array",
        "/initial_users",
    ),
    "empty filter": (
        element("conversations_select", filter={"include": []}),
        "no less than 1 items allowed",
        "/filter/include",
    ),
    "unknown filter": (
        element("conversations_select", filter={"include": ["dm"]}),
        "must be one of: im, mpim, private, public",
        "/filter/include/0",
    ),
    "response_url of several": (
        element("multi_channels_select", response_url_enabled=True),
        "invalid additional property: response_url_enabled",
        "",
    ),
    "eleven boxes": (element("checkboxes", options=MANY[:11]), "no more than 10 items allowed", "/options"),
    "eleven buttons": (element("radio_buttons", options=MANY[:11]), "no more than 10 items allowed", "/options"),
    "no boxes": (element("checkboxes"), "missing required field: options", ""),
    "six in an overflow": (element("overflow", options=MANY[:6]), "no more than 5 items allowed", "/options"),
    "placeholder of a button": (
        element("button", text=plain("Go"), placeholder=plain("x")),
        "invalid additional property: placeholder",
        "",
    ),
    "long link": (
        element("button", text=plain("Go"), url="x" * 3001),
        "must be less than 3001 characters",
        "/url",
    ),
    "day that is not": (
        element("datepicker", initial_date="2023-02-29"),
        "must be a date in the form YYYY-MM-DD",
        "/initial_date",
    ),
    "day in words": (
        element("datepicker", initial_date="tomorrow"),
        "must be a date in the form YYYY-MM-DD",
        "/initial_date",
    ),
    "time that is not": (
        element("timepicker", initial_time="24:00"),
        "must be a time in the form HH:mm",
        "/initial_time",
    ),
    "moment in milliseconds": (
        element("datetimepicker", initial_date_time=MOMENT * 1000),
        "must be less than 10000000000",
        "/initial_date_time",
    ),
    "moment in words": (
        element("datetimepicker", initial_date_time="now"),
        "must provide a number",
        "/initial_date_time",
    ),
    "confirm without words": (
        element("datepicker", confirm={"title": plain("x")}),
        "missing required field: text",
        "/confirm",
    ),
}


@pytest.mark.parametrize(("held", "words", "place"), WRONG.values(), ids=WRONG.keys())
def test_an_element_outside_the_rules_is_pointed_at(held: Json, words: str, place: str) -> None:
    assert problems([actions(held)])[0] == f"{words} [json-pointer:/blocks/0/elements/0{place}]"


WRONG_INPUTS: dict[str, tuple[Json, str, str]] = {
    "too long at least": (typed(min_length=3001), "must be less than 3001", "/min_length"),
    "too long at most": (typed(max_length=3001), "must be less than 3001", "/max_length"),
    "nothing at most": (typed(max_length=0), "must be more than 0", "/max_length"),
    "more at least than at most": (
        typed(min_length=5, max_length=4),
        "must not be greater than `max_length`",
        "/min_length",
    ),
    "confirm of a text": (typed(confirm=CONFIRM), "invalid additional property: confirm", ""),
    "unknown dispatch": (
        typed(dispatch_action_config={"trigger_actions_on": ["on_blur"]}),
        "must be one of: on_enter_pressed, on_character_entered",
        "/dispatch_action_config/trigger_actions_on/0",
    ),
    "number of no kind": (element("number_input"), "missing required field: is_decimal_allowed", ""),
    "number that is none": (number(min_value="few"), "must be a number in a string", "/min_value"),
    "number that is no string": (number(max_value=3), "must be a number in a string", "/max_value"),
    "least above most": (
        number(min_value="10", max_value="9.5"),
        "must not be greater than `max_value`",
        "/min_value",
    ),
    "long beginning": (
        element("email_text_input", initial_value="x" * 3001),
        "must be less than 3001 characters",
        "/initial_value",
    ),
    "lines of a link": (
        element("url_text_input", multiline=True),
        "invalid additional property: multiline",
        "",
    ),
}


@pytest.mark.parametrize(("held", "words", "place"), WRONG_INPUTS.values(), ids=WRONG_INPUTS.keys())
def test_an_input_outside_the_rules_is_pointed_at(held: Json, words: str, place: str) -> None:
    assert view_problems(modal(entry(held))) == [f"{words} [json-pointer:/view/blocks/0/element{place}]"]


# What the app is told

CHOICES: dict[str, tuple[Json, object, Json]] = {
    "an option": (static(), US, {"selected_option": US}),
    "a value": (static(), "us", {"selected_option": US}),
    "what is read": (static(), "America", {"selected_option": US}),
    "a marked option": (
        element("radio_buttons", options=[{"text": mrkdwn("*Europe*"), "value": "eu"}]),
        "Europe",
        {"selected_option": {"text": mrkdwn("*Europe*"), "value": "eu"}},
    ),
    "in a group": (
        element("static_select", option_groups=[{"label": plain("Near"), "options": [EU]}]),
        "eu",
        {"selected_option": EU},
    ),
    "nothing any more": (static(initial_option=EU), None, {"selected_option": None}),
    "several": (some(), ["us", EU], {"selected_options": [US, EU]}),
    "one of several": (some(), "us", {"selected_options": [US]}),
    "none of several": (some(initial_options=[EU]), None, {"selected_options": []}),
    "boxes": (boxes(), ["eu"], {"selected_options": [EU]}),
    "a suggestion": (element("external_select"), EU, {"selected_option": EU}),
    "suggestions": (element("multi_external_select"), [EU, US], {"selected_options": [EU, US]}),
    "a person": (element("users_select"), "U0ANN0000", {"selected_user": "U0ANN0000"}),
    "people": (element("multi_users_select"), ["U0ANN0000"], {"selected_users": ["U0ANN0000"]}),
    "a conversation": (element("conversations_select"), "C0OPS0000", {"selected_conversation": "C0OPS0000"}),
    "conversations": (
        element("multi_conversations_select"),
        ["C0OPS0000"],
        {"selected_conversations": ["C0OPS0000"]},
    ),
    "a channel": (element("channels_select"), "C0OPS0000", {"selected_channel": "C0OPS0000"}),
    "channels": (element("multi_channels_select"), ["C0OPS0000"], {"selected_channels": ["C0OPS0000"]}),
    "a day": (element("datepicker"), "2024-02-29", {"selected_date": "2024-02-29"}),
    "a time": (
        element("timepicker", timezone="Europe/Berlin"),
        "07:30",
        {"selected_time": "07:30", "timezone": "Europe/Berlin"},
    ),
    "a moment": (element("datetimepicker"), MOMENT, {"selected_date_time": MOMENT}),
}


@pytest.mark.parametrize(("held", "chosen", "told"), CHOICES.values(), ids=CHOICES.keys())
def test_a_choice_is_told_and_stands(
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
    over_http: Serve,
    held: Json,
    chosen: object,
    told: Json,
) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    delivery = ann.acts(post(slack, ops, actions(held)), "b", "it", chosen=chosen)
    (action,) = got[0]["actions"]

    assert delivery.ok
    assert (action["type"], action["block_id"], action["action_id"]) == (held["type"], "b", "it")
    assert without_defaults(action).items() >= told.items()
    assert without_defaults(got[0]["state"]["values"]) == {"b": {"it": {"type": held["type"], **told}}}


def without_defaults(value: object) -> Json:
    """The same without what Slack adds to every text."""
    cut = json.dumps(value).replace(', "emoji": true', "").replace('"emoji": true, ', "")
    cut = cut.replace(', "verbatim": false', "").replace('"verbatim": false, ', "")
    told: Json = json.loads(cut)
    return told


def test_a_choice_tells_its_element_too(slack: LocalSlack, ann: Person, ops: Channel, over_http: Serve) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    held = static(placeholder=plain("Where"), initial_option=EU, confirm=CONFIRM)
    delivery = ann.acts(post(slack, ops, section(held)), "b", "it", chosen="us")
    action = without_defaults(got[0]["actions"][0])

    assert (action["placeholder"], action["initial_option"]) == (plain("Where"), EU)
    assert delivery.confirm == Confirm("Sure?", "No undo", "Yes", "No")
    assert "options" not in action


def test_an_overflow_is_told_and_forgets(slack: LocalSlack, ann: Person, ops: Channel, over_http: Serve) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    ann.acts(post(slack, ops, section(element("overflow", options=[EU, US]))), "b", "it", chosen="us")

    assert without_defaults(got[0]["actions"][0]["selected_option"]) == US
    assert got[0]["state"] == {"values": {}}


def test_an_input_that_tells_at_once(slack: LocalSlack, ann: Person, ops: Channel, over_http: Serve) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    message = post(slack, ops, entry(typed(placeholder=plain("x")), dispatch_action=True))
    ann.acts(message, "b", "it", chosen="web-1")
    (action,) = got[0]["actions"]

    assert {name: each for name, each in action.items() if name != "action_ts"} == {
        "type": "plain_text_input",
        "block_id": "b",
        "action_id": "it",
        "value": "web-1",
    }
    assert got[0]["state"]["values"]["b"]["it"]["value"] == "web-1"


def test_what_stands_in_a_message_is_told_with_a_press(
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
    over_http: Serve,
) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    button = {"type": "button", "action_id": "go", "text": plain("Go")}
    message = post(slack, ops, entry(typed()), {"type": "actions", "block_id": "a", "elements": [button]})
    ann.acts(message, "a", "go", state={"b": {"it": {"type": "plain_text_input", "value": "web-1"}}})

    assert got[0]["state"]["values"] == {"b": {"it": {"type": "plain_text_input", "value": "web-1"}}}
    assert {"channel", "message", "response_url", "trigger_id"} <= got[0].keys()


def test_a_link_is_told_too(slack: LocalSlack, ann: Person, ops: Channel, over_http: Serve) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    message = post(slack, ops, actions(element("button", text=plain("Go"), url="https://a.example")))
    ann.clicks("Go", message=message)

    assert got[0]["actions"][0]["url"] == "https://a.example"
    assert "value" not in got[0]["actions"][0]


EMPTY: dict[str, Json] = {
    "static_select": {"selected_option": None},
    "external_select": {"selected_option": None},
    "users_select": {"selected_user": "U0ANN0000"},
    "multi_static_select": {"selected_options": []},
    "multi_users_select": {"selected_users": []},
    "datepicker": {"selected_date": None},
    "datetimepicker": {"selected_date_time": None},
    "plain_text_input": {"value": None},
}


def test_a_form_tells_what_nobody_touched(client: WebClient, ann: Person, ops: Channel, over_http: Serve) -> None:
    got: list[Json] = []
    over_http(keeps(got))
    fields: dict[str, Json] = {"static_select": {"options": [EU]}, "multi_static_select": {"options": [EU]}}
    fields["users_select"] = {"initial_user": ann.id}
    blocks = [entry(element(kind, **fields.get(kind, {})), optional=True) | {"block_id": f"b-{kind}"} for kind in EMPTY]
    open_form(client, ann, ops, *blocks)
    ann.submits()

    assert got[0]["view"]["state"]["values"] == {
        f"b-{kind}": {"it": {"type": kind, **told}} for kind, told in EMPTY.items()
    }


# What cannot be chosen

NO_CHOICES: dict[str, tuple[Json, object, str]] = {
    "unknown option": (static(), "asia", "There is no option 'asia', only: Europe, America"),
    "one too many": (some(max_selected_items=1), ["eu", "us"], "No more than 1 can be chosen"),
    "unknown person": (element("users_select"), "U404", "'U404' cannot be chosen"),
    "slackbot": (element("users_select"), "USLACKBOT", "'USLACKBOT' cannot be chosen"),
    "private channel": (element("channels_select"), "C0SECRET0000", "'C0SECRET0000' cannot be chosen"),
    "archived channel": (element("channels_select"), "C0OLD0000", "'C0OLD0000' cannot be chosen"),
    "others' conversation": (element("conversations_select"), "C0HIDDEN0000", "'C0HIDDEN0000' cannot be chosen"),
    "filtered out": (
        element("conversations_select", filter={"include": ["private"]}),
        "C0OPS0000",
        "'C0OPS0000' cannot be chosen",
    ),
    "shared channel": (
        element("conversations_select", filter={"exclude_external_shared_channels": True}),
        "C0SHARED0000",
        "'C0SHARED0000' cannot be chosen",
    ),
    "the app's own conversation": (
        element("conversations_select", filter={"exclude_bot_users": True}),
        "D0ANN0000",
        "'D0ANN0000' cannot be chosen",
    ),
    "words for a suggestion": (element("external_select"), "eu", "'eu' is not what a external_select takes"),
    "no day": (element("datepicker"), "2023-02-30", "'2023-02-30' is not what a datepicker takes"),
    "no time": (element("timepicker"), "7:30", "'7:30' is not what a timepicker takes"),
    "no moment": (element("datetimepicker"), "now", "'now' is not what a datetimepicker takes"),
}


@pytest.mark.parametrize(("held", "chosen", "words"), NO_CHOICES.values(), ids=NO_CHOICES.keys())
def test_what_is_not_offered_cannot_be_chosen(
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
    held: Json,
    chosen: object,
    words: str,
) -> None:
    slack.channel("secret", members=[ann], private=True)
    slack.channel("hidden", private=True)
    slack.channel("old", archived=True)
    slack.channel("shared", shared=True)
    slack.dm(ann)

    with pytest.raises(NotVisibleError, match=words):
        ann.acts(post(slack, ops, actions(held)), "b", "it", chosen=chosen)
    assert slack.deliveries() == []


def test_a_conversation_passes_its_filter(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    private = slack.channel("secret", members=[ann], private=True)
    menu = element("conversations_select", filter={"include": ["private", "im"]})
    message = post(slack, ops, actions(menu))

    for each in (private, slack.dm(ann)):
        assert ann.acts(message, "b", "it", chosen=each.id).error == "dispatch_failed"


# Options that the app knows


def test_bolt_is_asked_for_options(bolt: App, slack: LocalSlack, ann: Person, ops: Channel) -> None:
    asked: list[Json] = []

    def options(ack: Ack, payload: Json) -> None:
        asked.append(payload)
        ack(options=[EU, US])

    bolt.options("it")(options)
    message = post(slack, ops, section(element("external_select")))

    assert ann.suggests(message, "b", "it", "eur") == [EU, US]
    assert (asked[0]["value"], asked[0]["block_id"], asked[0]["action_id"]) == ("eur", "b", "it")


def test_a_question_from_a_message_tells_the_message(
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
    over_http: Serve,
) -> None:
    got: list[Json] = []
    over_http(keeps(got, json.dumps({"options": []})))
    message = post(slack, ops, actions(element("multi_external_select")))

    assert ann.suggests(message, "b", "it", "euro") == []
    assert (got[0]["type"], got[0]["channel"]["id"]) == ("block_suggestion", ops.id)
    assert (got[0]["container"]["type"], got[0]["message"]["ts"]) == ("message", message.ts)
    assert not {"trigger_id", "response_url", "view"} & got[0].keys()


def test_a_question_from_a_form_tells_the_form(client: WebClient, ann: Person, ops: Channel, over_http: Serve) -> None:
    got: list[Json] = []
    groups = [{"label": plain("Near"), "options": [EU]}]
    over_http(keeps(got, json.dumps({"option_groups": groups})))
    view = open_form(client, ann, ops, entry(element("external_select")))

    assert ann.suggests(view, "b", "it", "eur") == groups
    assert (got[0]["container"], got[0]["view"]["id"]) == ({"type": "view", "view_id": view.id}, view.id)
    assert not {"channel", "message"} & got[0].keys()


@pytest.mark.parametrize(
    ("fields", "text", "asked"),
    [({}, "eu", 0), ({}, "eur", 1), ({"min_query_length": 0}, "", 1), ({"min_query_length": 5}, "euro", 0)],
)
def test_the_app_is_asked_when_enough_is_typed(
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
    over_http: Serve,
    fields: Json,
    text: str,
    asked: int,
) -> None:
    got: list[Json] = []
    over_http(keeps(got, json.dumps({"options": []})))
    ann.suggests(post(slack, ops, actions(element("external_select", **fields))), "b", "it", text)

    assert len(got) == asked


NO_OPTIONS: dict[str, str] = {
    "nothing": "",
    "words": "Europe",
    "a list": json.dumps([EU]),
    "an unknown field": json.dumps({"choices": [EU]}),
    "both": json.dumps({"options": [EU], "option_groups": []}),
    "101 options": json.dumps({"options": MANY}),
    "an option without a value": json.dumps({"options": [{"text": plain("Europe")}]}),
    "a group without a label": json.dumps({"option_groups": [{"options": [EU]}]}),
}


@pytest.mark.parametrize("answer", NO_OPTIONS.values(), ids=NO_OPTIONS.keys())
def test_options_that_are_wrong_are_not_shown(
    slack: LocalSlack,
    ann: Person,
    ops: Channel,
    over_http: Serve,
    answer: str,
) -> None:
    over_http(keeps([], answer))

    assert ann.suggests(post(slack, ops, actions(element("external_select"))), "b", "it", "eur") == []
    assert [each.error for each in slack.deliveries()] == ["invalid_options_response"]


def test_options_that_come_late_are_not_shown(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    assert ann.suggests(post(slack, ops, actions(element("external_select"))), "b", "it", "eur") == []
    assert [each.error for each in slack.deliveries()] == ["dispatch_failed"]


def test_other_menus_are_not_asked_about(slack: LocalSlack, ann: Person, ops: Channel) -> None:
    message = post(slack, ops, actions(static()))

    with pytest.raises(NotVisibleError, match="The app is not asked"):
        ann.suggests(message, "b", "it", "eur")
    with pytest.raises(NotVisibleError, match="nothing to use called 'that'"):
        ann.suggests(message, "b", "that", "eur")


# What a client refuses before it sends a form

REFUSED: dict[str, tuple[Json, Json, str]] = {
    "no text": (typed(), {"value": None}, "Please fill this in."),
    "blanks": (typed(), {"value": " \n"}, "Please fill this in."),
    "no choice": (static(), {"selected_option": None}, "Please choose something."),
    "no choices": (some(), {"selected_options": []}, "Please choose something."),
    "no day": (element("datepicker"), {"selected_date": None}, "Please choose something."),
    "short": (typed(min_length=3), {"value": "ab"}, "Please write at least 3 characters. There are 2."),
    "long": (typed(max_length=3), {"value": "abcd"}, "Please write at most 3 characters. There are 4."),
    "endless": (typed(), {"value": "x" * 3001}, "Please write at most 3000 characters. There are 3001."),
    "no number": (number(), {"value": "two"}, "Please write a number, such as 12."),
    "part of a number": (number(), {"value": "1.5"}, "Please write a whole number."),
    "small": (number(min_value="2"), {"value": "1"}, "Please write 2 or more."),
    "big": (number(max_value="10"), {"value": "11"}, "Please write 10 or less."),
    "no address": (
        element("email_text_input"),
        {"value": "ann at home"},
        "Please write an e-mail address, such as ann@example.com.",
    ),
    "half an address": (
        element("email_text_input"),
        {"value": "ann@home"},
        "Please write an e-mail address, such as ann@example.com.",
    ),
    "no link": (
        element("url_text_input"),
        {"value": "a.example"},
        "Please write a whole link, such as https://example.com.",
    ),
    "broken link": (
        element("url_text_input"),
        {"value": "https://[a"},
        "Please write a whole link, such as https://example.com.",
    ),
    "link with a gap": (
        element("url_text_input"),
        {"value": "https://a.example/b c"},
        "Please write a whole link, such as https://example.com.",
    ),
    "one too many": (some(max_selected_items=1), {"selected_options": [EU, US]}, "Please choose 1 at most."),
}


def state(held: Json, told: Json) -> Json:
    return {"b": {"it": {"type": held["type"], **told}}}


@pytest.mark.parametrize(("held", "told", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_client_says_what_is_wrong(
    slack: LocalSlack,
    client: WebClient,
    ann: Person,
    ops: Channel,
    held: Json,
    told: Json,
    words: str,
) -> None:
    view = open_form(client, ann, ops, entry(held))

    assert client_errors(view, state(held, told)) == {"b": words}
    with pytest.raises(NotFilledInError) as caught:
        ann.submits(state=state(held, told))
    assert caught.value.errors == {"b": words}
    assert slack.deliveries() == []


ACCEPTED: dict[str, tuple[Json, Json]] = {
    "text": (typed(min_length=2, max_length=4), {"value": "abcd"}),
    "number": (number(min_value="-1", max_value="1"), {"value": "-1"}),
    "part of a number": (element("number_input", is_decimal_allowed=True), {"value": "0.5"}),
    "address": (element("email_text_input"), {"value": "ann@mail.example.com"}),
    "link": (element("url_text_input"), {"value": "http://a.example:80/b?c=d"}),
    "choice": (static(), {"selected_option": EU}),
    "choices": (some(max_selected_items=2), {"selected_options": [EU, US]}),
    "moment": (element("datetimepicker"), {"selected_date_time": MOMENT}),
}


@pytest.mark.parametrize(("held", "told"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_client_sends_what_is_right(client: WebClient, ann: Person, ops: Channel, held: Json, told: Json) -> None:
    assert client_errors(open_form(client, ann, ops, entry(held)), state(held, told)) == {}


@pytest.mark.parametrize("held", [typed(min_length=3), static(), some(), number(min_value="1")])
def test_what_is_optional_can_be_left_out(client: WebClient, ann: Person, ops: Channel, held: Json) -> None:
    assert client_errors(open_form(client, ann, ops, entry(held, optional=True)), {}) == {}


def test_what_stands_beside_a_form_is_not_required(client: WebClient, ann: Person, ops: Channel) -> None:
    assert client_errors(open_form(client, ann, ops, actions(static())), {}) == {}


def test_what_nobody_touched_is_as_it_began(client: WebClient, ann: Person, ops: Channel) -> None:
    view = open_form(client, ann, ops, entry(typed(initial_value="web-1")))

    assert client_errors(view, {}) == {}
    assert client_errors(view, state(typed(), {"value": ""})) == {"b": "Please fill this in."}


# As people read them

READ: dict[str, tuple[Json, str]] = {
    "select": (actions(static(placeholder=plain("Where"))), "[ Where ▾ ]"),
    "select with a choice": (actions(static(placeholder=plain("Where"), initial_option=EU)), "[ Europe ▾ ]"),
    "several choices": (actions(some(initial_options=[EU, US])), "[ Europe, America ▾ ]"),
    "a person": (actions(element("users_select", initial_user="U0ANN0000")), "[ Ann ▾ ]"),
    "channels": (actions(element("multi_channels_select", initial_channels=["C0OPS0000", "C1"])), "[ ops, C1 ▾ ]"),
    "overflow": (section(element("overflow", options=[EU])), "Which?\n[ … ]"),
    "boxes": (actions(boxes(initial_options=[US])), "☐ Europe  ☑ America"),
    "radio buttons": (
        actions(element("radio_buttons", options=[EU, US], initial_option=EU)),
        "◉ Europe  ○ America",
    ),
    "a day": (actions(element("datepicker", initial_date="2024-02-29")), "[ 2024-02-29 ▾ ]"),
    "a moment": (actions(element("datetimepicker", initial_date_time=MOMENT)), "[ 2024-11-23 12:00 ▾ ]"),
    "a number": (entry(number(initial_value="3")), "It\n[ 3 ]"),
    "an address": (entry(element("email_text_input", placeholder=plain("ann@…"))), "It\n[ ann@…… ]"),
}


@pytest.mark.parametrize(("block", "read"), READ.values(), ids=READ.keys())
def test_an_element_is_read_with_what_stands_in_it(block: Json, read: str) -> None:
    assert message_text("", [block], {"U0ANN0000": "Ann", "C0OPS0000": "ops"}) == read
