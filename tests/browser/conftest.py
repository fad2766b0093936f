"""A real browser, and the page's files served to it as the sandbox serves them."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request, expect, sync_playwright

from tests.browser.stage import Stage

PATIENCE = 20_000.0  # milliseconds; the machines are shared and noisy
STATIC = Path(__file__).parents[2] / "bot" / "sandbox" / "page" / "static"
POLICY = "default-src 'self'; img-src 'self' data: http://127.0.0.1:* https:; style-src 'self'"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}
BLANK = """<!doctype html>
<html lang="en">
<title>Blank</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/tokens.css">
<link rel="stylesheet" href="/static/message.css">
<meta name="viewport" content="width=device-width, initial-scale=1">
<main></main>
</html>
"""
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the first is far lighter
QUIET = [
    "--no-sandbox",  # a container's root may not have one
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class StaticSite:
    """The folder of static files under its own address, and an empty page beside it."""

    url: str

    @property
    def blank(self) -> str:
        return f"{self.url}/blank"

    @property
    def gallery(self) -> str:
        return f"{self.url}/gallery"


class _Files(BaseHTTPRequestHandler):
    timeout = 5  # seconds; browsers open connections that they never use

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/blank":
            self._answer(BLANK.encode(), TYPES[".html"])
        elif (file := self._file(path)) is not None:
            self._answer(file.read_bytes(), TYPES[file.suffix])
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output to the tests."""

    def _file(self, path: str) -> Path | None:
        known = {file.name: file for file in STATIC.iterdir()}
        return known.get("gallery.html" if path == "/gallery" else path.removeprefix("/static/"))

    def _answer(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="session")
def static_site() -> Iterator[StaticSite]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Files) as server:
        thread = threading.Thread(target=server.serve_forever, name="static files")
        thread.start()
        try:
            yield StaticSite(f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()


def executable() -> str | None:
    """Where the Chromium is that the tests use."""
    named = os.environ.get("LIGHTKEEPER_CHROMIUM")
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


def _missing(reason: str) -> NoReturn:
    """A laptop may have no browser; where the tests decide what lands, they must all have run."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The installed Chromium; `LIGHTKEEPER_CHROMIUM` names another one."""
    found = executable()
    if found is None:
        _missing(f"There is no browser: none of {', '.join(NAMES)} can be run. LIGHTKEEPER_CHROMIUM may name one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True)
class Reader:
    """Who looks at a page; a test that wants somebody else parametrizes `reader`, indirectly."""

    locale: str = "en-US"
    time_zone: str = "Europe/Berlin"
    width: int = 1280
    is_dark: bool = False


@pytest.fixture
def reader(request: pytest.FixtureRequest) -> Reader:
    return getattr(request, "param", Reader())


def _context(chromium: Browser, reader: Reader) -> BrowserContext:
    context = chromium.new_context(
        viewport={"width": reader.width, "height": 800},
        locale=reader.locale,
        timezone_id=reader.time_zone,
        color_scheme="dark" if reader.is_dark else "light",
    )
    context.set_default_timeout(15_000)
    return context


@contextmanager
def _watched(page: Page) -> Iterator[None]:
    """Fail the test for whatever the page reports as an error."""
    wrong: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(f"console: {message.text} ({message.location.get('url')})")

    def error(raised: Error) -> None:
        wrong.append(f"error: {raised}")

    def request(sent: Request) -> None:
        wrong.append(f"request: {sent.url} ({sent.failure})")

    page.on("console", console)
    page.on("pageerror", error)
    page.on("requestfailed", request)
    yield
    page.remove_listener("console", console)
    page.remove_listener("pageerror", error)
    page.remove_listener("requestfailed", request)
    if wrong:
        pytest.fail("\n".join(["The page reported:", *wrong]))


@pytest.fixture
def page(chromium: Browser, reader: Reader) -> Iterator[Page]:
    """A new page of a new context."""
    with _context(chromium, reader) as context:
        made = context.new_page()
        with _watched(made):
            yield made


@pytest.fixture(scope="session")
def common_page(chromium: Browser) -> Iterator[Page]:
    """One page for all who change nothing but its document: a new one costs most of such a test's time."""
    with _context(chromium, Reader()) as context:
        yield context.new_page()


@pytest.fixture
def stage(common_page: Page, static_site: StaticSite) -> Iterator[Stage]:
    """A stage for who is content with its page as it is."""
    with _watched(common_page):
        yield _prepared(common_page, static_site)
        common_page.goto("about:blank")


@pytest.fixture
def own_stage(page: Page, static_site: StaticSite) -> Stage:
    """A stage whose clock, network, zone or width is the test's own."""
    return _prepared(page, static_site)


def _prepared(page: Page, static_site: StaticSite) -> Stage:
    made = Stage(page)
    made.prepare(static_site.blank)
    return made


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address in a browser window of its own, with Playwright's options for it."""
    expect.set_options(timeout=PATIENCE)
    with ExitStack() as windows:

        def open_page(url: str, **options: Any) -> Page:  # noqa: ANN401  (as Playwright names and types them)
            given = {"locale": "en-GB", "timezone_id": "UTC", "viewport": {"width": 1440, "height": 900}, **options}
            context = windows.enter_context(chromium.new_context(**given))
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            windows.enter_context(_watched(page))
            page.goto(url)
            return page

        yield open_page
