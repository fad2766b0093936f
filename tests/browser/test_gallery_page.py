"""The gallery in a browser, with the bot's own messages."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bot.sandbox.slack.blockkit import message_problems
from bot.sandbox.slack.wire import Json
from bot.slack import gallery
from tests.browser.conftest import Reader, StaticSite
from tests.browser.stage import button, dialog, field, plain, section

PHONE = Reader(width=360)
WARNED = {"name": "card: warned", "text": "A warning", "blocks": [section("Careful, <@U1>")]}
ASKING = {
    "name": "card: asking",
    "text": "Delete it?",
    "blocks": [{"type": "actions", "elements": [button("Delete", style="danger", confirm=dialog("danger"))]}],
}
FORM = {
    "type": "modal",
    "title": plain("Delete one"),
    "submit": plain("Delete"),
    "blocks": [
        field("Name", {"type": "external_select", "min_query_length": 0}),
        field("Who", {"type": "users_select"}),
    ],
}
HOME = {"type": "home", "blocks": [{"type": "header", "text": plain("At home")}]}
SMALL = {
    "messages": [ASKING, WARNED],
    "views": [{"name": "view: form", "view": FORM}, {"name": "view: home", "view": HOME}],
    "problems": {"card: warned": ["must be more than 0 characters"]},
    "names": {"U1": "ann", "C1": "ops"},
}


def visit(page: Page, site: StaticSite, content: Json) -> None:
    page.route("**/page/gallery.json", lambda route: route.fulfill(json=content))
    page.goto(site.gallery)
    expect(page.get_by_role("article").first).to_be_visible()


@pytest.fixture
def small(page: Page, static_site: StaticSite) -> Page:
    visit(page, static_site, SMALL)
    return page


def test_every_message_and_view_has_its_frame(small: Page) -> None:
    names = ["card: asking", "card: warned", "view: form", "view: home"]

    expect(small.get_by_role("article").get_by_role("heading", level=2)).to_have_text(names)
    expect(small.get_by_role("status").first).to_have_text("4 shown")
    expect(small.get_by_text("Notification: Delete it?")).to_be_visible()
    expect(small.get_by_text("@ann")).to_be_visible()
    expect(small.get_by_role("region", name="Delete one").get_by_role("button")).to_have_text(["Cancel", "Delete"])
    expect(small.get_by_role("heading", name="At home")).to_be_visible()


def test_problems_are_told_and_can_be_looked_at_alone(small: Page) -> None:
    expect(small.get_by_role("list", name="Problems")).to_have_text("must be more than 0 characters")

    small.get_by_label("Only with problems").check()

    expect(small.get_by_role("article")).to_have_count(1)
    expect(small.get_by_role("status").first).to_have_text("1 of 4 shown")


def test_frames_are_found_by_their_words(small: Page) -> None:
    small.get_by_label("Find").fill("CAREFUL")

    expect(small.get_by_role("article").get_by_role("heading", level=2)).to_have_text(["card: warned"])


def test_a_click_asks_and_then_says_that_nothing_happens(small: Page) -> None:
    frame = small.get_by_role("article").first
    frame.get_by_role("button", name="Delete", exact=True).click()

    small.get_by_role("alertdialog").get_by_role("button", name="Do it").click()

    expect(frame.get_by_role("status")).to_have_text("Nothing happens here: this is the gallery.")


def test_no_in_the_dialog_says_nothing(small: Page) -> None:
    frame = small.get_by_role("article").first
    frame.get_by_role("button", name="Delete", exact=True).click()

    small.keyboard.press("Enter")

    expect(small.get_by_role("alertdialog")).to_have_count(0)
    expect(frame.get_by_text("Nothing happens here")).to_have_count(0)


def test_a_view_can_be_tried_too(small: Page) -> None:
    form = small.get_by_role("article").nth(2)

    form.get_by_role("combobox", name="Name").click()
    expect(form.get_by_text("Nothing happens here: this is the gallery.")).to_be_visible()
    small.keyboard.press("Escape")
    form.get_by_role("combobox", name="Who").click()
    expect(form.get_by_role("option")).to_have_text(["ann"])
    small.keyboard.press("Escape")
    form.get_by_role("button", name="Delete").click()

    expect(form.get_by_role("status")).to_have_text("Nothing happens here: this is the gallery.")


def test_a_theme_is_chosen_and_kept(small: Page) -> None:
    root = small.locator("html")
    small.get_by_label("Dark").check()
    expect(root).to_have_attribute("data-theme", "dark")

    small.reload()
    expect(root).to_have_attribute("data-theme", "dark")
    small.get_by_label("System").check()

    expect(root).not_to_have_attribute("data-theme", "dark")


def test_frames_become_as_narrow_as_a_phone(small: Page) -> None:
    small.get_by_label("Phone width").check()

    widths = small.get_by_role("article").evaluate_all("(all) => all.map((each) => each.offsetWidth)")
    assert widths == [360] * 4


def test_the_json_of_a_message_is_copied(small: Page) -> None:
    small.context.grant_permissions(["clipboard-read", "clipboard-write"])

    small.get_by_role("button", name="Copy JSON of card: warned").click()

    expect(small.get_by_text("Copied")).to_be_visible()
    copied = json.loads(small.evaluate("navigator.clipboard.readText()"))
    assert copied == {name: WARNED[name] for name in ("text", "blocks")}


def test_a_gallery_that_cannot_be_loaded_says_so(page: Page, static_site: StaticSite) -> None:
    page.route("**/page/gallery.json", lambda route: route.fulfill(body="not json"))

    page.goto(static_site.gallery)

    expect(page.get_by_role("alert")).to_contain_text("Reload the page to try again.")


# The bot's own messages


def ours() -> Iterator[Json]:
    for name, message in gallery.messages():
        yield {"name": name, "text": message.text, "blocks": list(message.blocks)}


@pytest.mark.parametrize("reader", [Reader(), PHONE], indirect=True, ids=["desk", "phone"])
def test_all_of_the_bots_messages_are_shown(page: Page, static_site: StaticSite, reader: Reader) -> None:
    messages = list(ours())
    problems = {one["name"]: found for one in messages if (found := message_problems(one))}
    visit(page, static_site, {"messages": messages, "views": [], "problems": problems, "names": {}})

    expect(page.get_by_role("article")).to_have_count(len(messages))
    expect(page.get_by_text("Not shown here")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= reader.width
