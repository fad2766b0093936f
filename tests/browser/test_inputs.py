"""What people enter and choose in a browser, and what the app is told of it."""

import re

import pytest
from playwright.sync_api import Locator, expect

from bot.sandbox.slack.wire import Json
from tests.browser.stage import Stage, actions, dialog, field, marked, option, plain, section

ONE, TWO, THREE = option("One"), option("Two", description=plain("The second")), option("Three")
BOTH = [ONE, TWO]
OPTIONS: Json = {"options": [ONE, TWO, THREE]}
ANN, BOB, OPS, DEV = "U0ANN0000", "U0BOB0000", "C0OPS0000", "C0DEV0000"
MOMENT = 1732363200  # 23 November 2024, 13:00 in Berlin

# What Slack says of each element: its initial field, and its state with and without.
# https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
ELEMENTS: list[tuple[str, Json, Json, Json]] = [
    ("plain_text_input", {"initial_value": "a"}, {"value": "a"}, {"value": None}),
    ("number_input", {"initial_value": "7"}, {"value": "7"}, {"value": None}),
    ("email_text_input", {"initial_value": "a@b.example"}, {"value": "a@b.example"}, {"value": None}),
    ("url_text_input", {"initial_value": "https://a.example"}, {"value": "https://a.example"}, {"value": None}),
    ("datepicker", {"initial_date": "2024-11-23"}, {"selected_date": "2024-11-23"}, {"selected_date": None}),
    ("timepicker", {"initial_time": "09:05"}, {"selected_time": "09:05"}, {"selected_time": None}),
    ("datetimepicker", {"initial_date_time": MOMENT}, {"selected_date_time": MOMENT}, {"selected_date_time": None}),
    ("checkboxes", {"initial_options": [TWO]}, {"selected_options": [TWO]}, {"selected_options": []}),
    ("radio_buttons", {"initial_option": TWO}, {"selected_option": TWO}, {"selected_option": None}),
    ("static_select", {"initial_option": TWO}, {"selected_option": TWO}, {"selected_option": None}),
    ("external_select", {"initial_option": TWO}, {"selected_option": TWO}, {"selected_option": None}),
    ("users_select", {"initial_user": BOB}, {"selected_user": BOB}, {"selected_user": None}),
    ("channels_select", {"initial_channel": OPS}, {"selected_channel": OPS}, {"selected_channel": None}),
    (
        "conversations_select",
        {"initial_conversation": OPS},
        {"selected_conversation": OPS},
        {"selected_conversation": None},
    ),
    ("multi_static_select", {"initial_options": BOTH}, {"selected_options": BOTH}, {"selected_options": []}),
    ("multi_external_select", {"initial_options": [ONE]}, {"selected_options": [ONE]}, {"selected_options": []}),
    ("multi_users_select", {"initial_users": [ANN]}, {"selected_users": [ANN]}, {"selected_users": []}),
    ("multi_channels_select", {"initial_channels": [DEV]}, {"selected_channels": [DEV]}, {"selected_channels": []}),
    (
        "multi_conversations_select",
        {"initial_conversations": [BOB, OPS]},
        {"selected_conversations": [BOB, OPS]},
        {"selected_conversations": []},
    ),
]


@pytest.mark.parametrize("is_begun", [True, False])
def test_the_state_is_what_the_inputs_begin_with(stage: Stage, *, is_begun: bool) -> None:
    stage.show(
        *(field(kind, {"type": kind, **OPTIONS, **(begun if is_begun else {})}) for kind, begun, _, _ in ELEMENTS)
    )

    assert stage.state() == {
        f"{kind}-block": {kind: {"type": kind, **(full if is_begun else empty)}} for kind, _, full, empty in ELEMENTS
    }


def test_every_input_is_called_by_its_label_and_described_by_its_hint(stage: Stage) -> None:
    main = stage.show(*(field(kind, {"type": kind, **OPTIONS}, hint=plain(f"{kind}!")) for kind, *_ in ELEMENTS))

    for kind, *_ in ELEMENTS:
        expect(main.get_by_label(kind, exact=True)).to_have_accessible_description(f"{kind}!")


def test_inputs_outside_of_a_form_are_called_by_their_text_or_placeholder(stage: Stage) -> None:
    select = {"type": "static_select", "action_id": "a", "placeholder": plain("Pick one"), **OPTIONS}
    main = stage.show(section("Region", accessory=select), actions(select, {"type": "datepicker", "action_id": "b"}))

    expect(main.get_by_role("combobox", name="Region")).to_be_visible()
    expect(main.get_by_role("combobox", name="Pick one")).to_be_visible()
    expect(main.get_by_label("Date")).to_be_visible()


def test_an_input_that_may_stay_empty_says_so(stage: Stage) -> None:
    main = stage.show(field("Reason", {"type": "plain_text_input"}, optional=True))

    expect(main.locator("label")).to_have_text("Reason (optional)")


# Errors


def test_an_error_stands_at_its_input(stage: Stage) -> None:
    errors = {"Name-block": "Too short", "Checks-block": "Choose one", "Menu-block": "Which?"}
    parts = {"Name": "plain_text_input", "Checks": "checkboxes", "Menu": "static_select", "Fine": "plain_text_input"}
    main = stage.show(*(field(name, {"type": kind, **OPTIONS}) for name, kind in parts.items()), errors=errors)

    expect(main.get_by_role("alert")).to_have_text(list(errors.values()))
    expect(main.locator("[aria-invalid=true]")).to_have_count(3)
    expect(main.get_by_label("Name")).to_have_accessible_description("Too short")
    expect(main.get_by_label("Fine")).to_have_accessible_description("")


def test_errors_can_change_while_the_rest_stays(stage: Stage) -> None:
    main = stage.show(field("Name", {"type": "plain_text_input"}), errors={"Name-block": "Too short"})
    main.get_by_label("Name").fill("web-1")

    stage.page.evaluate("""async () => {
      const { showErrors } = await import("/static/blocks.js");
      showErrors(document.querySelector("main"), {});
    }""")

    expect(main.get_by_role("alert")).to_have_count(0)
    expect(main.locator("[aria-invalid]")).to_have_count(0)
    expect(main.get_by_label("Name")).to_have_value("web-1")


# Text


def test_text_has_its_limits_and_its_placeholder(stage: Stage) -> None:
    part = {"type": "plain_text_input", "min_length": 2, "max_length": 10, "placeholder": plain("web-1")}
    main = stage.show(field("Name", part), field("Long", {**part, "multiline": True}))

    name = main.get_by_placeholder("web-1").first
    expect(name).to_have_attribute("minlength", "2")
    name.press_sequentially("twelve chars")
    expect(name).to_have_value("twelve cha")
    expect(main.get_by_text("0 of 10 characters left")).to_be_visible()
    expect(main.locator("textarea")).to_have_attribute("maxlength", "10")


def test_a_number_has_its_limits(stage: Stage) -> None:
    whole = {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"}
    main = stage.show(field("Whole", whole), field("Any", {"type": "number_input", "is_decimal_allowed": True}))

    for name, expected in (("min", "1"), ("max", "9"), ("step", "1"), ("inputmode", "numeric")):
        expect(main.get_by_label("Whole")).to_have_attribute(name, expected)
    expect(main.get_by_label("Any")).to_have_attribute("step", "any")


def test_an_input_of_a_form_tells_nothing_by_itself(stage: Stage) -> None:
    main = stage.show(field("Name", {"type": "plain_text_input"}), field("Pick", {"type": "static_select", **OPTIONS}))

    main.get_by_label("Name").fill("a")
    main.get_by_label("Name").press("Enter")
    choose(main, "Pick", "Two")

    assert stage.acts() == []
    assert stage.state()["Pick-block"]["Pick"]["selected_option"] == TWO


def test_enter_tells_the_app_where_it_wants_that(stage: Stage) -> None:
    main = stage.show(field("Name", {"type": "plain_text_input"}, dispatch_action=True))
    expect(main.get_by_text("Press Enter to send it")).to_be_visible()

    main.get_by_label("Name").press_sequentially("web")
    main.get_by_label("Name").press("Enter")
    main.get_by_label("Name").press("Enter")

    assert stage.chosen() == ["web"]
    assert stage.acts()[0]["state"]["Name-block"]["Name"]["value"] == "web"


def test_text_that_was_not_taken_can_be_sent_again(stage: Stage) -> None:
    main = stage.show(
        field("Name", {"type": "plain_text_input"}, dispatch_action=True), answer={"ok": False, "error": "Away"}
    )
    main.get_by_label("Name").fill("web")
    main.get_by_label("Name").press("Enter")
    expect(main.get_by_role("alert")).to_have_text("Away")

    main.get_by_label("Name").press("Enter")

    assert stage.chosen() == ["web", "web"]


def test_many_lines_are_told_with_control_and_enter(stage: Stage) -> None:
    main = stage.show(field("Name", {"type": "plain_text_input", "multiline": True}, dispatch_action=True))

    main.get_by_label("Name").press_sequentially("a\nb")
    main.get_by_label("Name").press("Control+Enter")

    assert stage.chosen() == ["a\nb"]


def test_letters_are_told_once_they_rest(own_stage: Stage) -> None:
    own_stage.page.clock.install()
    config = {"trigger_actions_on": ["on_character_entered"]}
    part = {"type": "plain_text_input", "dispatch_action_config": config}
    main = own_stage.show(field("Name", part, dispatch_action=True))

    for letter in "web":
        main.get_by_label("Name").press(letter)
        own_stage.page.clock.run_for(100)
    assert own_stage.acts() == []
    own_stage.page.clock.run_for(1000)

    assert own_stage.chosen() == ["web"]


# Dates


def test_a_date_that_is_typed_is_told_once_it_is_left(stage: Stage) -> None:
    main = stage.show(actions({"type": "datepicker", "action_id": "day"}))

    main.get_by_label("Date").focus()
    stage.page.keyboard.type("11232024")
    assert stage.acts() == []
    main.get_by_label("Date").blur()

    stage.page.wait_for_function("stage.acts.length === 1")
    assert stage.chosen() == ["2024-11-23"]


def test_enter_tells_a_date_too(stage: Stage) -> None:
    main = stage.show(actions({"type": "datetimepicker", "action_id": "at"}))

    main.get_by_label("Date and time").fill("2024-11-23T13:00")
    main.get_by_label("Date and time").press("Enter")

    assert stage.chosen() == [MOMENT]


# Checkboxes and radio buttons


def test_options_may_be_marked_and_described(stage: Stage) -> None:
    options = [{"text": marked("*One* `a`"), "value": "1", "description": marked("_more_")}]
    main = stage.show(field("Checks", {"type": "checkboxes", "options": options}))

    expect(main.get_by_role("checkbox", name="One a")).to_have_accessible_description("more")
    expect(main.locator("strong")).to_have_text("One")


def test_each_check_is_told_with_all_that_are_checked(stage: Stage) -> None:
    main = stage.show(actions({"type": "checkboxes", "action_id": "c", **OPTIONS}))

    main.get_by_role("checkbox", name="Three").check()
    expect(main.get_by_role("group")).to_have_attribute("aria-busy", "false")
    main.get_by_role("checkbox", name="One").check()

    stage.page.wait_for_function("stage.acts.length === 2")
    assert stage.chosen() == [[THREE], [ONE, THREE]]


def test_a_radio_button_is_told_as_one_option(stage: Stage) -> None:
    main = stage.show(actions({"type": "radio_buttons", "action_id": "r", "initial_option": ONE, **OPTIONS}))

    main.get_by_role("radio", name="Two").check()

    stage.page.wait_for_function("stage.acts.length === 1")
    assert stage.chosen() == [TWO]


def test_no_in_the_dialog_takes_a_choice_back(stage: Stage) -> None:
    part = {"type": "radio_buttons", "action_id": "r", "initial_option": ONE, "confirm": dialog(), **OPTIONS}
    main = stage.show(actions(part))
    main.get_by_role("radio", name="Two").click()

    stage.page.get_by_role("button", name="Stop").click()

    expect(main.get_by_role("radio", name="One")).to_be_checked()
    assert stage.acts() == []


# Menus


def choose(main: Locator, menu: str, name: str) -> None:
    main.get_by_role("combobox", name=menu).click()
    main.get_by_role("option", name=name).click()


def test_a_choice_in_a_message_is_told_at_once(stage: Stage) -> None:
    main = stage.show(actions({"type": "static_select", "action_id": "s", "placeholder": plain("Pick"), **OPTIONS}))

    choose(main, "Pick", "Two")

    expect(main.get_by_role("combobox")).to_have_value("Two")
    expect(main.get_by_role("listbox")).to_be_hidden()
    assert stage.chosen() == [TWO]
    assert stage.acts()[0]["state"] == {"A": {"s": {"type": "static_select", "selected_option": TWO}}}


def test_the_same_choice_again_is_not_told(stage: Stage) -> None:
    main = stage.show(actions({"type": "static_select", "action_id": "s", "initial_option": TWO, **OPTIONS}))

    choose(main, "Choose one", "Two")

    assert stage.acts() == []


def test_no_in_the_dialog_takes_a_choice_in_a_menu_back(stage: Stage) -> None:
    part = {"type": "static_select", "action_id": "s", "initial_option": ONE, "confirm": dialog(), **OPTIONS}
    main = stage.show(actions(part))
    choose(main, "Choose one", "Two")

    stage.page.get_by_role("button", name="Stop").click()

    expect(main.get_by_role("combobox")).to_have_value("One")
    assert stage.acts() == []


def test_a_choice_that_was_not_taken_is_taken_back(stage: Stage) -> None:
    part = {"type": "static_select", "action_id": "s", "initial_option": ONE, **OPTIONS}
    main = stage.show(actions(part), answer={"ok": False, "error": "Away"})

    choose(main, "Choose one", "Two")

    expect(main.get_by_role("alert")).to_have_text("Away")
    expect(main.get_by_role("combobox")).to_have_value("One")


def test_a_menu_is_used_by_the_keyboard_alone(stage: Stage) -> None:
    menu = stage.show(field("Pick", {"type": "static_select", **OPTIONS})).get_by_role("combobox", name="Pick")
    menu.focus()
    expect(menu).to_have_attribute("aria-expanded", "false")

    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        stage.page.keyboard.press(key)
    active = stage.page.locator(f"#{menu.get_attribute('aria-activedescendant')}")
    expect(active).to_contain_text("One")
    stage.page.keyboard.press("ArrowUp")
    stage.page.keyboard.press("Enter")

    expect(menu).to_have_value("Three")
    expect(menu).to_be_focused()
    expect(menu).to_have_attribute("aria-expanded", "false")


def test_typing_narrows_a_menu(stage: Stage) -> None:
    main = stage.show(field("Pick", {"type": "static_select", **OPTIONS}))

    main.get_by_role("combobox", name="Pick").press_sequentially("t")
    expect(main.get_by_role("option")).to_have_text([re.compile("Two"), "Three"])
    stage.page.keyboard.type("hr")
    stage.page.keyboard.press("Enter")

    expect(main.get_by_role("combobox")).to_have_value("Three")


def test_what_matches_nothing_is_said_and_left(stage: Stage) -> None:
    menu = stage.show(field("Pick", {"type": "static_select", "initial_option": ONE, **OPTIONS})).get_by_role(
        "combobox"
    )

    menu.fill("zzz")
    expect(stage.page.get_by_text("Nothing matches")).to_be_visible()
    menu.press("Tab")

    expect(menu).to_have_value("One")


def test_escape_closes_the_menu_and_not_the_dialog_around_it(stage: Stage) -> None:
    stage.show(field("Pick", {"type": "static_select", **OPTIONS}))
    stage.page.evaluate("""() => {
      const around = document.createElement("dialog");
      around.append(document.querySelector(".blocks"));
      document.body.append(around);
      around.showModal();
    }""")
    stage.page.get_by_role("combobox").click()

    stage.page.keyboard.press("Escape")

    expect(stage.page.get_by_role("listbox")).to_be_hidden()
    expect(stage.page.get_by_role("dialog")).to_be_visible()


def test_a_choice_that_may_stay_empty_can_be_taken_away(stage: Stage) -> None:
    part = {"type": "static_select", "initial_option": ONE, **OPTIONS}
    main = stage.show(field("Pick", part, optional=True))

    main.get_by_role("button", name="Choose nothing").click()

    expect(main.get_by_role("combobox")).to_have_value("")
    assert stage.state()["Pick-block"]["Pick"]["selected_option"] is None


def test_options_stand_in_their_groups(stage: Stage) -> None:
    groups = [{"label": plain("Europe"), "options": [ONE]}, {"label": plain("Asia"), "options": [TWO, THREE]}]
    main = stage.show(field("Pick", {"type": "static_select", "option_groups": groups}))

    main.get_by_role("combobox").click()

    expect(main.get_by_role("group", name="Asia").get_by_role("option")).to_have_count(2)


# Menus of several


def test_several_are_told_when_the_menu_closes(stage: Stage) -> None:
    main = stage.show(actions({"type": "multi_static_select", "action_id": "m", **OPTIONS}))
    choose(main, "Choose some", "Three")
    main.get_by_role("option", name="One").click()
    assert stage.acts() == []

    stage.page.keyboard.press("Escape")

    assert stage.chosen() == [[THREE, ONE]]
    expect(main.get_by_role("list", name="Chosen").get_by_role("listitem")).to_have_text(["Three×", "One×"])


def test_one_of_several_is_removed_by_its_button_or_by_backspace(stage: Stage) -> None:
    part = {"type": "multi_static_select", "initial_options": [ONE, TWO, THREE], **OPTIONS}
    main = stage.show(field("Pick", part))

    main.get_by_role("button", name="Remove One").click()
    main.get_by_role("combobox").press("Backspace")

    assert stage.state()["Pick-block"]["Pick"]["selected_options"] == [TWO]


def test_an_option_that_is_chosen_twice_is_left_out(stage: Stage) -> None:
    main = stage.show(field("Pick", {"type": "multi_static_select", "initial_options": [ONE, TWO], **OPTIONS}))

    choose(main, "Pick", "Two")

    expect(main.get_by_role("option", name="Two")).to_have_attribute("aria-selected", "false")
    assert stage.state()["Pick-block"]["Pick"]["selected_options"] == [ONE]


def test_no_more_than_the_most_can_be_chosen(stage: Stage) -> None:
    part = {"type": "multi_static_select", "initial_options": [ONE, TWO], "max_selected_items": 2, **OPTIONS}
    main = stage.show(field("Pick", part))

    choose(main, "Pick", "Three")

    expect(main.get_by_text("At most 2 can be chosen")).to_be_visible()
    assert stage.state()["Pick-block"]["Pick"]["selected_options"] == [ONE, TWO]


# Menus of people, channels, and of what the app suggests


def test_people_and_channels_are_chosen_by_name_and_told_by_id(stage: Stage) -> None:
    kinds = ("users_select", "channels_select", "conversations_select")
    main = stage.show(actions(*({"type": kind, "action_id": kind, "placeholder": plain(kind)} for kind in kinds)))

    for menu, name in zip(kinds, ("Bob", "#dev", "#ops"), strict=True):
        choose(main, menu, name)

    stage.page.wait_for_function("stage.acts.length === 3")
    assert stage.chosen() == [BOB, DEV, OPS]


def test_a_conversation_may_begin_with_the_one_it_is_asked_in(stage: Stage) -> None:
    part = {"type": "conversations_select", "default_to_current_conversation": True}

    expect(stage.show(field("Where", part)).get_by_role("combobox")).to_have_value("#ops")


def test_the_app_is_asked_once_typing_rests(own_stage: Stage) -> None:
    own_stage.page.clock.install()
    suggestions = {"web": {"ok": True, "options": [ONE]}}
    main = own_stage.show(field("Find", {"type": "external_select"}), suggestions=suggestions)
    menu = main.get_by_role("combobox")

    menu.click()
    expect(main.get_by_text("Type 3 letters or more")).to_be_visible()
    for letter in "web":
        menu.press(letter)
        own_stage.page.clock.run_for(100)
    own_stage.page.clock.run_for(1000)

    expect(main.get_by_role("option")).to_have_text(["One"])
    assert own_stage.asked() == ["web"]
    menu.press("Enter")
    assert own_stage.state()["Find-block"]["Find"]["selected_option"] == ONE


def test_the_app_is_asked_at_once_where_nothing_need_be_typed(stage: Stage) -> None:
    groups = {"ok": True, "option_groups": [{"label": plain("Near"), "options": [TWO]}]}
    part = {"type": "multi_external_select", "min_query_length": 0}
    main = stage.show(field("Find", part), suggestions={"": groups})

    choose(main, "Find", "Two")

    assert stage.state()["Find-block"]["Find"]["selected_options"] == [TWO]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"ok": False, "error": "The bot is away."}, "The bot is away."),
        ({"ok": False}, "The list could not be loaded. Please try again."),
        ({"ok": True, "options": []}, "Nothing matches"),
    ],
)
def test_an_empty_list_says_why(stage: Stage, answer: Json, words: str) -> None:
    main = stage.show(field("Find", {"type": "external_select", "min_query_length": 0}), suggestions={"": answer})

    main.get_by_role("combobox").click()

    expect(main.get_by_text(words)).to_be_visible()


def test_an_answer_that_comes_too_late_is_not_shown(stage: Stage) -> None:
    main = stage.show(field("Find", {"type": "external_select", "min_query_length": 0}))
    stage.page.evaluate("""(options) => {
      stage.suggestions = {
        "": { then: (resolve) => { stage.waiting = () => resolve({ ok: true, options: [options[0]] }); } },
        web: { ok: true, options: [options[1]] },
      };
    }""", [ONE, TWO])  # fmt: skip
    main.get_by_role("combobox").click()
    main.get_by_role("combobox").fill("web")
    expect(main.get_by_role("option")).to_contain_text(["Two"])

    stage.answer({})

    stage.page.evaluate("new Promise((resolve) => setTimeout(resolve))")
    expect(main.get_by_role("option")).to_contain_text(["Two"])
