"""The sandbox's page, used as a visitor uses it."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from bot.sandbox import company
from bot.sandbox.demo import Stage
from bot.sandbox.slack import Person

NewPage = Callable[..., Page]
Sandbox = Callable[..., Stage]
NAME = company.OLD_RELEASE
COMMAND = f'/snapshot delete {NAME} --reason "old release"'
DELETE, STOP = "Delete snapshot", "Don't delete"


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


def test_a_snapshot_is_deleted_by_typing_and_clicking(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox()
    page = seen_by(new_page, stage, stage.staff.ann)

    send(page, COMMAND)
    confirm(page)

    expect(page.get_by_text("✅ Deleted").first).to_be_visible()
    for words in ("Confirmed by ann", "NotStarted", "Succeeded", "the snapshot is gone"):
        expect(thread(page)).to_contain_text(words)
    assert len(stage.aws.calls("DeleteInstanceSnapshot")) == 1


def test_who_may_not_is_told_so_and_nobody_else_hears_it(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox()
    dan, ann = (seen_by(new_page, stage, person) for person in (stage.staff.dan, stage.staff.ann))

    send(dan, COMMAND)

    expect(dan.get_by_text("Only visible to you")).to_be_visible()
    expect(conversation(dan)).to_contain_text("You may not delete")
    expect(conversation(ann)).not_to_contain_text("You may not delete")


def test_a_change_of_mind_keeps_the_snapshot(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox()
    page = seen_by(new_page, stage, stage.staff.ann)
    send(page, COMMAND)

    page.get_by_role("button", name=DELETE).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name=STOP).click()

    expect(page.get_by_text("cancelled by ann").first).to_be_visible()
    assert stage.aws.calls("DeleteInstanceSnapshot") == []


def test_a_card_that_nobody_confirms_expires(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox(CONFIRMATION_TTL="2s")
    page = seen_by(new_page, stage, stage.staff.ann)

    send(page, COMMAND)

    expect(page.get_by_text("nobody confirmed by").first).to_be_visible()
    expect(page.get_by_role("button", name=DELETE)).to_have_count(0)


def test_the_bot_is_killed_in_mid_deletion_and_recovers(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox("manual")
    page = seen_by(new_page, stage, stage.staff.ann)
    send(page, COMMAND)
    confirm(page)
    expect(thread(page)).to_contain_text("NotStarted")

    thread(page).get_by_role("tab", name="Behind the scenes").click()
    thread(page).get_by_role("button", name="Kill (-9)").click()
    expect(page.get_by_text("The bot is not running.")).to_be_visible()
    for _ in range(2):
        thread(page).get_by_role("button", name="Next status").click()
    page.get_by_role("button", name="Start it").click()

    expect(page.get_by_text("✅ Deleted").first).to_be_visible()
    assert len(stage.aws.calls("DeleteInstanceSnapshot")) == 1


def test_a_lost_answer_of_aws_is_told_as_it_is(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox()
    page = seen_by(new_page, stage, stage.staff.ann)
    send(page, COMMAND)

    thread(page).get_by_role("tab", name="Try to break it").click()
    thread(page).get_by_role("button", name="Arm: Lose the next answer").click()
    expect(thread(page)).to_contain_text("1 armed")
    confirm(page)

    expect(page.get_by_text("✅ Deleted").first).to_be_visible()
    assert len(stage.aws.calls("DeleteInstanceSnapshot")) == 1


def test_two_people_see_the_same_thread(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox()
    ann, bob = (seen_by(new_page, stage, person) for person in (stage.staff.ann, stage.staff.bob))
    send(ann, COMMAND)

    bob.get_by_role("button", name=STOP).click()

    for page in (ann, bob):
        expect(page.get_by_text("denied by bob").first).to_be_visible()
    bob.get_by_label("Why? (optional)").fill("needed for the audit")
    bob.get_by_role("button", name="Say why").click()
    bob.get_by_role("button", name=re.compile(r"\d repl")).click()
    for page in (bob, ann):
        expect(thread(page)).to_contain_text("bob says why: “needed for the audit”")


def test_the_last_snapshot_of_an_instance_is_approved_by_typing_its_name(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox()
    ann, bob = (seen_by(new_page, stage, person) for person in (stage.staff.ann, stage.staff.bob))
    send(ann, f"/snapshot delete {company.TWICE} --region eu-west-1")

    bob.get_by_role("button", name="Approve").click()
    form = bob.get_by_role("dialog", name="Approve the deletion")
    form.get_by_label("Type its name to approve").fill(company.TWICE[:-1])
    form.get_by_role("button", name="Approve").click()
    expect(form).to_contain_text("Something is missing at the end")
    form.get_by_label("Type its name to approve").fill(company.TWICE)
    form.get_by_role("button", name="Approve").click()

    for page in (ann, bob):
        expect(page.get_by_text("approved by bob").first).to_be_visible()


def test_the_box_completes_commands_and_names(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox()
    page = seen_by(new_page, stage, stage.staff.ann)
    box = page.get_by_label("Message #ops")

    box.press_sequentially("/snapshot del")
    page.get_by_role("option", name=re.compile("delete")).click()
    box.press_sequentially("2024-05")
    page.get_by_role("option", name=re.compile(NAME)).click()

    expect(box).to_have_value(re.compile(rf"^/snapshot delete {NAME}\s*$"))


def test_everything_fits_on_a_phone(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox()
    page = new_page(stage.slack.base_url, viewport={"width": 360, "height": 740})
    send(page, COMMAND)

    confirm(page)

    expect(page.get_by_text("✅ Deleted").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_gallery_shows_every_message(new_page: NewPage, sandbox: Sandbox) -> None:
    stage = sandbox()
    page = new_page(f"{stage.slack.base_url}/gallery")

    expect(page.get_by_text("card: pending", exact=True)).to_be_visible()
    assert page.get_by_text("Not shown here").count() == 0
