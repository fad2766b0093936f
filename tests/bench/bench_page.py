"""How soon the sandbox's page is there, and how it bears a channel of 1,000 messages; prints figures and ratios."""

import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Browser, Page, sync_playwright

from bot.sandbox import company, demo
from bot.sandbox.demo import Stage
from bot.sandbox.page import Page as SandboxPage
from bot.sandbox.slack import LocalSlack
from tests.browser.conftest import QUIET, executable

MESSAGES = 1_000
TIMES = 20


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=QUIET)
        until_first_card(browser)
        few, many = responsiveness(browser, 10), responsiveness(browser, MESSAGES)
        for what in few:
            small, large = few[what], many[what]
            print(
                f"{what}: {small:.0f} ms with 10 messages, {large:.0f} ms with {MESSAGES:,} (ratio {large / small:.1f})"
            )
        browser.close()


def until_first_card(browser: Browser) -> None:
    """From the start of everything to a card in the browser; the baseline is a page without a bot."""
    started = time.perf_counter()
    with demo.set_up(0, "fast") as stage, stage.runner:
        _ask(stage)
        _open(browser, stage.slack.base_url).get_by_role("button", name="Delete snapshot").wait_for()
        seconds = time.perf_counter() - started
    started = time.perf_counter()
    with LocalSlack() as slack:
        slack.mount(SandboxPage(slack=slack, may=company.people(slack).may()))
        _open(browser, slack.base_url).get_by_label("Message #ops").wait_for()
        bare = time.perf_counter() - started
    ratio = seconds / bare
    print(f"start to first card: {seconds:.1f} s (goal 10), a page without a bot {bare:.1f} s (ratio {ratio:.1f})")


def responsiveness(browser: Browser, count: int) -> dict[str, float]:
    """Milliseconds until the page is there, until a new message is, and until a key shows, at the median."""
    with LocalSlack() as slack:
        staff = company.people(slack)
        slack.mount(SandboxPage(slack=slack, may=staff.may()))
        for number in range(count):
            slack.workspace.post(staff.ops.id, staff.bob.id, f"Message {number} of *many*, with `code`.")
        started = time.perf_counter()
        page = _open(browser, slack.base_url)
        page.get_by_text(f"Message {count - 1} of").wait_for()
        opened = time.perf_counter() - started
        page.get_by_text("Message 0 of").wait_for(state="attached")  # the older ones come when there is time

        def message(number: int) -> None:
            slack.workspace.post(staff.ops.id, staff.bob.id, f"News {number}.")
            page.get_by_text(f"News {number}.", exact=True).wait_for()

        def key(_: int) -> None:
            page.get_by_label("Message #ops").press("x")

        return {"open": opened * 1000, "new message": _median(message), "key": _median(key)}


def _median(do: Callable[[int], None]) -> float:
    taken = []
    for number in range(TIMES):
        started = time.perf_counter()
        do(number)
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def _open(browser: Browser, url: str) -> Page:
    page = browser.new_page()
    page.goto(url)
    return page


def _ask(stage: Stage) -> None:
    stage.staff.ann.types(demo.COMMAND, stage.staff.ops)


if __name__ == "__main__":
    main()
