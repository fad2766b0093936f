"""A real Chromium, headless, and the sandbox to look at with it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bot.sandbox import demo
from bot.sandbox.demo import Stage

PATIENCE = 20_000.0  # milliseconds; the machines are shared and noisy
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own. Without one the tests skip, but not where CI is set: there they fail."""
    path = os.environ.get("LIGHTKEEPER_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None and not os.environ.get("CI"):
        pytest.skip("There is no Chromium: install one, or name it in LIGHTKEEPER_CHROMIUM.")
    assert path, "CI has no Chromium; .ci/run should have installed it."
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0  # who may not have Chromium's own sandbox
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*QUIET, *(["--no-sandbox"] if is_root else [])], timeout=60_000
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser window of its own; the test fails if the page has an error of any kind."""
    expect.set_options(timeout=PATIENCE)
    wrong: list[str] = []
    with ExitStack() as windows:

        def open_page(url: str, **options: object) -> Page:
            context: BrowserContext = chromium.new_context(
                **{"locale": "en-GB", "timezone_id": "UTC", "viewport": {"width": 1440, "height": 900}, **options}  # type: ignore[arg-type]
            )
            windows.callback(context.close)
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda line: wrong.append(line.text) if line.type in {"error", "warning"} else None)
            page.goto(url)
            return page

        yield open_page
    assert wrong == []


@pytest.fixture
def sandbox() -> Iterator[Callable[..., Stage]]:
    """Starts the whole sandbox, the bot as a process of its own, with settings of the bot."""
    with ExitStack() as running:

        def start(pace: str = "fast", **settings: str) -> Stage:
            stage = running.enter_context(demo.set_up(0, pace, **settings))
            running.enter_context(stage.runner)
            return stage

        yield start
