"""Modals and the home tab on the page, for any app: an unmodified Bolt app asks for a name to be typed."""

from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from playwright.sync_api import Page, expect
from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.sandbox import company
from bot.sandbox.page import Page as SandboxPage
from bot.sandbox.slack import LocalSlack

Json = dict[str, Any]
NAME = "web-1"


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


MODAL: Json = {
    "type": "modal",
    "callback_id": "name",
    "title": words("Are you sure?"),
    "submit": words("Delete"),
    "close": words("Keep"),
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": words("Type the name"),
            "element": {"type": "plain_text_input", "action_id": "name"},
        }
    ],
}
HOME: Json = {"type": "home", "blocks": [{"type": "header", "text": words("Nothing waits for you.")}]}


def asks_for_a_name(ack: Ack, body: Json, client: WebClient) -> None:
    ack()
    client.views_open(trigger_id=body["trigger_id"], view=MODAL)


def compares(ack: Ack, view: Json, body: Json, client: WebClient) -> None:
    typed = view["state"]["values"]["name"]["name"]["value"]
    if typed != NAME:
        ack(response_action="errors", errors={"name": f"“{typed}” is not {NAME}."})
        return
    ack()
    client.chat_postMessage(channel=body["user"]["id"], text="It is gone.")


def shows_home(event: Json, client: WebClient) -> None:
    client.views_publish(user_id=event["user"], view=HOME)


@pytest.fixture
def url(served: Callable[[WSGIApplication], str]) -> Iterator[str]:
    with LocalSlack() as slack:
        staff = company.people(slack)
        slack.mount(SandboxPage(slack=slack, may=staff.may()))
        client = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        app = App(client=client, signing_secret=slack.signing_secret, process_before_response=True)
        app.command("/snapshot")(asks_for_a_name)
        app.view("name")(compares)
        app.event("app_home_opened")(shows_home)
        slack.deliver_to(served(SlackRequestHandler(app)))
        yield slack.base_url


@pytest.fixture
def page(new_page: Callable[..., Page], url: str) -> Page:
    return new_page(url)


def open_modal(page: Page) -> None:
    box = page.get_by_label("Message #ops")
    box.fill("/snapshot delete")
    box.press("Escape")
    box.press("Enter")


def test_a_modal_says_at_the_input_what_is_wrong_and_takes_the_right_answer(page: Page) -> None:
    open_modal(page)
    modal = page.get_by_role("dialog", name="Are you sure?")
    box = modal.get_by_label("Type the name")

    box.fill("web-2")
    modal.get_by_role("button", name="Delete").click()
    expect(modal.get_by_text("“web-2” is not web-1.")).to_be_visible()
    expect(box).to_have_value("web-2")
    box.fill("web-1")
    modal.get_by_role("button", name="Delete").click()

    expect(modal).to_be_hidden()


def test_what_is_missing_is_said_before_anything_is_sent(page: Page) -> None:
    open_modal(page)
    modal = page.get_by_role("dialog", name="Are you sure?")

    modal.get_by_role("button", name="Delete").click()

    expect(modal.get_by_role("alert").filter(visible=True)).not_to_be_empty()
    expect(modal).to_be_visible()


def test_escape_closes_a_modal(page: Page) -> None:
    open_modal(page)
    modal = page.get_by_role("dialog", name="Are you sure?")
    expect(modal).to_be_visible()

    page.keyboard.press("Escape")

    expect(modal).to_be_hidden()


def test_the_home_tab_shows_what_the_app_publishes(page: Page) -> None:
    page.get_by_role("link", name="Lightkeeper").click()

    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
