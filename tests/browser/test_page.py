"""The sandbox's page, used as a visitor uses it."""

import itertools
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from bot.sandbox import demo
from bot.sandbox.demo import Stage
from tests.browser.visitor import DELETE, STOP, NewPage, command, confirm, conversation, seen_by, send, thread

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Stage]:
    """One for all: its start takes longer than a test, and each has a snapshot of its own."""
    with demo.set_up(0, "fast") as stage, stage.runner:
        yield stage


@pytest.fixture
def name(sandbox: Stage) -> str:
    """Of a snapshot that no other test knows."""
    sandbox.aws.pace("fast")
    return sandbox.aws.snapshot(f"page-{next(NUMBERS)}-x", of="web-1").name


def calls(sandbox: Stage, name: str) -> int:
    """How often AWS was asked to delete it."""
    return [call.params["instanceSnapshotName"] for call in sandbox.aws.calls("DeleteInstanceSnapshot")].count(name)


def test_a_snapshot_is_deleted_by_typing_and_clicking(new_page: NewPage, sandbox: Stage, name: str) -> None:
    page = seen_by(new_page, sandbox, sandbox.staff.ann)

    send(page, command(name))
    confirm(page)

    expect(conversation(page)).to_contain_text(f"✅ Deleted {name}")
    for words in ("Confirmed by ann", "NotStarted", "Succeeded", "the snapshot is gone"):
        expect(thread(page)).to_contain_text(words)
    assert calls(sandbox, name) == 1


def test_who_may_not_is_told_so_and_nobody_else_hears_it(new_page: NewPage, sandbox: Stage, name: str) -> None:
    dan, ann = (seen_by(new_page, sandbox, person) for person in (sandbox.staff.dan, sandbox.staff.ann))

    send(dan, command(name))

    expect(dan.get_by_text("Only visible to you")).to_be_visible()
    expect(conversation(dan)).to_contain_text("You may not delete")
    expect(conversation(ann)).not_to_contain_text("You may not delete")


def test_a_change_of_mind_keeps_the_snapshot(new_page: NewPage, sandbox: Stage, name: str) -> None:
    page = seen_by(new_page, sandbox, sandbox.staff.ann)
    send(page, command(name))

    page.get_by_role("button", name=DELETE).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name=STOP).click()

    expect(page.get_by_text("cancelled by ann").first).to_be_visible()
    assert calls(sandbox, name) == 0


def test_the_bot_is_killed_in_mid_deletion_and_recovers(new_page: NewPage, sandbox: Stage, name: str) -> None:
    sandbox.aws.pace("manual")
    page = seen_by(new_page, sandbox, sandbox.staff.ann)
    send(page, command(name))
    confirm(page)
    expect(thread(page)).to_contain_text("NotStarted")

    thread(page).get_by_role("tab", name="Behind the scenes").click()
    thread(page).get_by_role("button", name="Kill (-9)").click()
    expect(page.get_by_text("The bot is not running.")).to_be_visible()
    for _ in range(2):
        thread(page).get_by_role("button", name="Next status").click()
    page.get_by_role("button", name="Start it").click()

    expect(conversation(page)).to_contain_text(f"✅ Deleted {name}")
    assert calls(sandbox, name) == 1


def test_a_lost_answer_of_aws_is_told_as_it_is(new_page: NewPage, sandbox: Stage, name: str) -> None:
    page = seen_by(new_page, sandbox, sandbox.staff.ann)
    send(page, command(name))

    thread(page).get_by_role("tab", name="Try to break it").click()
    thread(page).get_by_role("button", name="Arm: Lose the next answer").click()
    expect(thread(page)).to_contain_text("1 armed")
    confirm(page)

    expect(conversation(page)).to_contain_text(f"✅ Deleted {name}")
    assert calls(sandbox, name) == 1


def test_two_people_see_the_same_thread(new_page: NewPage, sandbox: Stage, name: str) -> None:
    ann, bob = (seen_by(new_page, sandbox, person) for person in (sandbox.staff.ann, sandbox.staff.bob))
    send(ann, command(name))

    bob.get_by_role("button", name=STOP).click()

    for page in (ann, bob):
        expect(page.get_by_text("denied by bob").first).to_be_visible()
    bob.get_by_label("Why? (optional)").fill("needed for the audit")
    bob.get_by_role("button", name="Say why").click()
    for page in (bob, ann):
        expect(conversation(page)).to_contain_text(f"{name}: denied by bob: “needed for the audit”")


def test_the_last_snapshot_of_an_instance_is_approved_by_typing_its_name(
    new_page: NewPage, sandbox: Stage, name: str
) -> None:
    last = sandbox.aws.snapshot(f"{name}-last", of=f"{name}-server").name
    ann, bob = (seen_by(new_page, sandbox, person) for person in (sandbox.staff.ann, sandbox.staff.bob))
    send(ann, command(last))

    bob.get_by_role("button", name="Approve").click()
    form = bob.get_by_role("dialog", name="Approve the deletion")
    form.get_by_label("Type its name to approve").fill(last[:-1])
    form.get_by_role("button", name="Approve").click()
    expect(form).to_contain_text("Something is missing at the end")
    form.get_by_label("Type its name to approve").fill(last)
    form.get_by_role("button", name="Approve").click()

    for page in (ann, bob):
        expect(conversation(page)).to_contain_text(f"✅ Deleted {last}")


def test_the_box_completes_commands_and_names(new_page: NewPage, sandbox: Stage, name: str) -> None:
    page = seen_by(new_page, sandbox, sandbox.staff.ann)
    box = page.get_by_label("Message #ops")

    box.press_sequentially("/snapshot del")
    page.get_by_role("option", name=re.compile("delete")).click()
    box.press_sequentially(name[:-2])
    page.get_by_role("option", name=re.compile(name)).click()

    expect(box).to_have_value(re.compile(rf"^/snapshot delete {name}\s*$"))


def test_everything_fits_on_a_phone(new_page: NewPage, sandbox: Stage, name: str) -> None:
    page = new_page(sandbox.slack.base_url, viewport={"width": 360, "height": 740})
    send(page, command(name))

    confirm(page)

    expect(conversation(page)).to_contain_text(f"✅ Deleted {name}")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_gallery_shows_every_message(new_page: NewPage, sandbox: Stage) -> None:
    page = new_page(f"{sandbox.slack.base_url}/gallery")

    expect(page.get_by_text("card: pending", exact=True)).to_be_visible()
    assert page.get_by_text("Not shown here").count() == 0
