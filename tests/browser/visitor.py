"""What a visitor of the sandbox's page does, and where she looks."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from bot.sandbox.demo import Stage
from bot.sandbox.slack import Person

NewPage = Callable[..., Page]
DELETE, STOP = "Delete snapshot", "Don't delete"


def command(name: str) -> str:
    return f'/snapshot delete {name} --reason "old release"'


def seen_by(new_page: NewPage, stage: Stage, person: Person, **options: object) -> Page:
    page = new_page(f"{stage.slack.base_url}/?as={person.id}", **options)
    expect(page.get_by_role("radio", name=person.name)).to_be_checked()
    return page


def send(page: Page, line: str) -> None:
    box = page.get_by_label("Message #ops")
    box.fill(line)
    box.press("Escape")  # what it offers to complete
    box.press("Enter")


def conversation(page: Page) -> Locator:
    return page.get_by_role("main")


def thread(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Thread and behind the scenes")


def confirm(page: Page) -> None:
    page.get_by_role("button", name=DELETE).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete it").click()
