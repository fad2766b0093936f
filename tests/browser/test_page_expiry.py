"""The sandbox's page, where the bot's settings give people little time."""

from playwright.sync_api import expect

from bot.sandbox import company, demo
from tests.browser.visitor import DELETE, NewPage, command, seen_by, send


def test_a_card_that_nobody_confirms_expires(new_page: NewPage) -> None:
    with demo.set_up(0, "fast", CONFIRMATION_TTL="2s") as stage, stage.runner:
        page = seen_by(new_page, stage, stage.staff.ann)

        send(page, command(company.OLD_RELEASE))

        expect(page.get_by_text("nobody confirmed by").first).to_be_visible()
        expect(page.get_by_role("button", name=DELETE)).to_have_count(0)
        page.close()
