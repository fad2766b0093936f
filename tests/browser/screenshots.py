"""Takes the README's pictures anew: `PYTHONPATH=. .venv/bin/python tests/browser/screenshots.py [FOLDER]`."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.sandbox import company, demo
from bot.sandbox.demo import Stage
from tests.browser.conftest import QUIET, executable

COMMAND = f'/snapshot delete {company.OLD_RELEASE} --reason "old release"'
PATIENCE = 30_000


def send(page: Page, line: str) -> None:
    box = page.get_by_label("Message #ops")
    box.fill(line)
    box.press("Escape")
    box.press("Enter")


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Delete snapshot").last.click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete it").click()


def opened(browser: Browser, stage: Stage, who: str, width: int, height: int, scheme: str = "light") -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="en-GB",
        timezone_id="UTC",
        device_scale_factor=2 if width < 500 else 1,
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{stage.slack.base_url}/?as={who}")
    return page


def take(browser: Browser, stage: Stage, folder: Path) -> None:
    staff = stage.staff
    ann = opened(browser, stage, staff.ann.id, 1280, 800)
    send(ann, COMMAND)
    expect(ann.get_by_role("button", name="Delete snapshot")).to_be_visible()
    ann.wait_for_timeout(500)
    ann.screenshot(path=folder / "card.png")
    dan = opened(browser, stage, staff.dan.id, 360, 740, "dark")
    send(dan, COMMAND)
    expect(dan.get_by_text("Only visible to you")).to_be_visible()
    dan.wait_for_timeout(500)
    dan.screenshot(path=folder / "refused-on-a-phone.png")
    confirm(ann)
    expect(ann.get_by_text("the snapshot is gone").first).to_be_visible()
    ann.wait_for_timeout(1500)
    ann.screenshot(path=folder / "deleted.png")
    send(ann, "/snapshot delete web-1-2026-8-17")
    send(ann, f"/snapshot delete {company.TWICE}")
    send(ann, f"/snapshot delete {company.PROTECTED}")
    send(ann, "/snapshot help")
    ann.wait_for_timeout(2500)
    ann.screenshot(path=folder / "answers.png")
    ann.get_by_role("tab", name="Behind the scenes").click()
    ann.get_by_role("tab", name="Try to break it").click()
    ann.get_by_role("button", name="Arm: Lose the next answer").click()
    ann.get_by_role("button", name="Arm: The next operation never ends").click()
    name = next(each.name for each in stage.aws.snapshots("us-east-1") if each.name.startswith("web-2"))
    send(ann, f"/snapshot delete {name}")
    expect(ann.get_by_role("button", name="Delete snapshot")).to_be_visible()
    ann.wait_for_timeout(700)
    ann.screenshot(path=folder / "break-it.png")
    phone = opened(browser, stage, staff.ann.id, 360, 740)
    expect(phone.get_by_role("button", name="Delete snapshot")).to_be_visible()
    phone.wait_for_timeout(500)
    phone.screenshot(path=folder / "phone.png")
    confirm(phone)
    phone.wait_for_timeout(4000)
    phone.screenshot(path=folder / "phone-after.png")
    approve(opened(browser, stage, staff.ann.id, 1280, 800), opened(browser, stage, staff.bob.id, 1280, 800), folder)


def approve(ann: Page, bob: Page, folder: Path) -> None:
    send(ann, f'/snapshot delete {company.TWICE} --region eu-west-1 --reason "the blog is static now"')
    bob.get_by_role("button", name="Approve").click()
    form = bob.get_by_role("dialog", name="Approve the deletion")
    form.get_by_label("Type its name to approve").fill(f"{company.TWICE[:-1]}4")
    form.get_by_role("button", name="Approve").click()
    expect(form).to_contain_text("should be")
    bob.wait_for_timeout(500)
    bob.screenshot(path=folder / "approve.png")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright, demo.set_up(0, "fast") as stage, stage.runner:
        browser = playwright.chromium.launch(executable_path=executable(), args=QUIET)
        take(browser, stage, folder)
        browser.close()


if __name__ == "__main__":
    main()
