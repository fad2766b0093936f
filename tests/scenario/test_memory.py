"""Looking things up: snapshots, the story of one deletion, histories, and what goes on; what each of four sees."""

import csv
import io
from datetime import timedelta

import pytest
from sqlmodel import insert

from bot.sandbox import company
from bot.sandbox.slack import Message, Person
from bot.slack import files
from storage.tables import Deletion, State, Why
from tests.conftest import World

NAME = company.OLD_RELEASE


def ready(world: World) -> None:
    world.start(lightkeeper_admins=world.staff.cleo.id)
    world.grant(world.staff.ann)
    world.grant(world.staff.bob, "view", "db-*")


def says(world: World, person: Person, command: str, words: str) -> Message:
    """Type a command, and wait for the answer to the person alone."""
    assert person.types(f"/snapshot {command}", world.staff.ops).error is None
    return world.hears(person, words)


def deleted(world: World) -> Message:
    card = world.ask(world.staff.ann, NAME, options='--reason "old release"')
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "✅ Deleted")
    world.told(card, "Checked")
    return card


def remembered(world: World, count: int, name: str = "web-{}", state: State = State.DELETED) -> None:
    """Put deletions into the database, as if they had been asked for a minute apart."""
    rows = []
    for number in range(count):
        at = world.clock() - timedelta(minutes=count - number)
        called = name.format(number)
        snapshot = {
            "arn": f"arn:{called}",
            "name": called,
            "region": "us-east-1",
            "created_at": at.isoformat(),
            "state": "available",
            "size_gb": 40,
        }
        row = Deletion(
            id=f"D-{called.upper()}",
            state=state,
            team_id=world.slack.team_id,
            channel_id=world.staff.ops.id,
            trigger_id=called,
            requester_id=world.staff.ann.id,
            requester_name="ann",
            asked_at=at,
            expires_at=at,
            arn=f"arn:{called}",
            name=called,
            region="us-east-1",
            snapshot=snapshot,
            why=Why.CONFIRMED,
        )
        rows.append(row.model_dump())
    with world.database.transaction() as tx:
        tx.execute(insert(Deletion), rows)


# Show


def test_a_snapshot_is_shown_with_all_that_aws_has(world: World) -> None:
    ready(world)
    shown = says(world, world.staff.ann, f"show {NAME}", NAME).reads()

    assert "40 GB, up to $2.00 a month" in shown
    assert "State available" in shown
    assert "env=staging" in shown
    assert "Its instance web-1 still exists" in shown
    assert "Nothing stands in the way" in shown
    assert f"/snapshot delete {NAME} --region us-east-1" in shown


def test_what_guards_a_snapshot_is_shown(world: World) -> None:
    ready(world)
    shown = says(world, world.staff.bob, f"show {company.PROTECTED}", "What guards it").reads()

    assert "❌ It is protected by its tag" in shown


def test_a_name_in_two_regions_asks_which(world: World) -> None:
    ready(world)
    which = says(world, world.staff.ann, f"show {company.TWICE}", "exists twice").reads()

    assert f"/snapshot show {company.TWICE} --region eu-west-1" in which
    says(world, world.staff.ann, f"show {company.TWICE} --region eu-west-1", "State available")


def test_the_story_of_a_deletion_is_told_from_its_record(world: World) -> None:
    ready(world)
    card = deleted(world)
    world.staff.bob.clicks("Don't delete", message=card) if "Don't delete" in card.buttons() else None
    number = world.deletion().id
    told = says(world, world.staff.ann, f"show {number}", number).reads()

    for words in ("Asked by ann", "“old release”", "Confirmed by ann", "Calling AWS", "AWS took the call", "Checked"):
        assert words in told, words


def test_who_may_not_see_a_snapshot_is_shown_neither_it_nor_its_story(world: World) -> None:
    ready(world)
    deleted(world)
    number = world.deletion().id

    says(world, world.staff.bob, f"show {number}", "You may not see")
    says(world, world.staff.dan, f"show {company.PROTECTED}", "You may not see")


def test_all_can_see_what_is_shown_in_public(world: World) -> None:
    ready(world)
    world.staff.ann.types(f"/snapshot show {NAME} --public", world.staff.ops)

    def is_posted() -> bool:
        return any("State available" in one.reads() for one in world.slack.messages(world.staff.ops))

    world.slack.wait_for(is_posted, what="word to all")


# History


def test_a_bot_that_was_asked_for_nothing_says_so(world: World) -> None:
    ready(world)
    says(world, world.staff.ann, "history", "Nothing was asked for yet")
    says(world, world.staff.ann, "status", "Nothing is going on.")


def test_history_tells_what_became_of_it_with_a_link_to_the_thread(world: World) -> None:
    ready(world)
    card = deleted(world)
    answer = says(world, world.staff.ann, "history", "✅ Deleted")
    words = str(answer.blocks)

    assert f"archives/{card.channel}/p{card.ts.replace('.', '')}|{world.deletion().id}" in words
    assert "Asked by ann" in answer.reads()


def test_each_sees_what_they_may_see(world: World) -> None:
    ready(world)
    remembered(world, 3)
    remembered(world, 1, "db-{}")
    seen = {
        person.name: says(world, person, "history", words).reads().count("Deleted")
        for person, words in (
            (world.staff.ann, "History"),
            (world.staff.bob, "History"),
            (world.staff.cleo, "History"),
        )
    }
    says(world, world.staff.dan, "history", "You may not see any snapshot")

    assert seen == {"Ann": 4, "Bob": 1, "Cleo": 4}


def test_a_long_history_is_read_page_by_page(world: World) -> None:
    ready(world)
    remembered(world, 25)
    ann = world.staff.ann
    first = says(world, ann, "history", "web-24")
    assert first.buttons() == ["Older"]
    ann.clicks("Older", message=first)
    second = world.hears(ann, "web-14")
    assert "web-15" not in second.reads()
    assert second.buttons() == ["Newest", "Older"]
    ann.clicks("Older", message=second)
    last = world.hears(ann, "web-0")
    assert last.buttons() == ["Newest"]
    ann.clicks("Newest", message=last)
    world.hears(ann, "web-24")


def test_history_is_of_a_name_of_a_person_and_of_a_time(world: World) -> None:
    ready(world)
    remembered(world, 3)
    ann = world.staff.ann
    assert says(world, ann, "history web-1", "History of web-1").reads().count("Deleted") == 1
    assert says(world, ann, "history D-web-2", "History of D-web-2").reads().count("Deleted") == 1
    assert says(world, ann, f"history <@{ann.id}|ann>", "History of @Ann").reads().count("Deleted") == 3
    assert "Deleted" not in says(world, ann, "history @Bob", "History of @Bob").reads()
    world.clock.skip(days=2)
    says(world, ann, "history --since 1d", "Nothing was asked for yet that you may see.")


def test_in_a_public_history_each_turns_pages_for_themselves(world: World) -> None:
    ready(world)
    remembered(world, 12)
    world.staff.ann.types("/snapshot history --public", world.staff.ops)

    def posted() -> Message | None:
        return next((one for one in world.slack.messages(world.staff.ops) if "History" in one.reads()), None)

    page = world.slack.wait_for(posted, what="history for all")
    world.staff.bob.clicks("Older", message=page)
    world.hears(world.staff.bob, "Nothing older.")
    world.staff.cleo.clicks("Older", message=page)
    world.hears(world.staff.cleo, "web-0")
    assert "web-11" in world.now(page).reads()


def test_a_grant_that_ends_between_two_pages_ends_them(world: World) -> None:
    ready(world)
    row = world.grant(world.staff.dan, "view", "web-*")
    remembered(world, 12)
    first = says(world, world.staff.dan, "history", "web-11")
    world.revoke(row)
    world.staff.dan.clicks("Older", message=first)

    world.hears(world.staff.dan, "You may not see any snapshot")


def test_a_history_goes_out_as_a_file_that_no_spreadsheet_runs(world: World) -> None:
    ready(world)
    deleted(world)
    says(world, world.staff.ann, "history --export", "rows are in a direct message to you")
    (file,) = world.slack.files()
    rows = list(csv.reader(io.StringIO((file.content or b"").decode())))

    assert tuple(rows[0]) == files.COLUMNS
    assert [row[2] for row in rows[1:]][:2] == ["asked", "pending"]
    assert "deleted" in [row[2] for row in rows]
    assert all(row[1] != world.staff.cleo.id for row in rows)


@pytest.mark.parametrize("method", ["chat.postMessage", "files.getUploadURLExternal"])
def test_a_file_that_slack_does_not_take_is_told(world: World, method: str) -> None:
    ready(world)
    remembered(world, 1)
    says(world, world.staff.ann, "permissions", "Rules about you")
    world.slack.fail(method, error="missing_scope")

    says(world, world.staff.cleo, "history --export", "Slack did not take the file (missing_scope).")


def test_there_is_nothing_to_export_for_who_may_see_nothing(world: World) -> None:
    ready(world)
    says(world, world.staff.bob, "history --export", "There is nothing to export that you may see.")
    says(world, world.staff.dan, "history --export", "You may not see any snapshot")


@pytest.mark.parametrize("count", [1, 100, 10_000])
def test_tables_of_any_length_are_within_slacks_limits(world: World, count: int) -> None:
    ready(world)
    remembered(world, count, "w" * 230 + "{}")

    says(world, world.staff.ann, "history", "History")
    says(world, world.staff.ann, f"history --since {min(count, 3000)}d", "History of the last")


# Status


def test_status_tells_what_waits_and_what_is_not_known(world: World) -> None:
    ready(world)
    world.ask(world.staff.ann, NAME)
    remembered(world, 1, "db-{}", State.UNKNOWN)
    world.staff.cleo.types("/snapshot freeze INC-9", world.staff.ops)
    world.slack.wait_for(lambda: "frozen" in world.audit(), what="freeze")
    told = says(world, world.staff.ann, "status", "Going on now").reads()

    assert "Waits for ann to confirm" in told
    assert "Not known yet whether it is deleted: db-0" in told
    assert "Deletions are frozen by cleo" in told
    assert "db-0" in says(world, world.staff.bob, "status", "Going on now").reads()
    assert NAME not in says(world, world.staff.bob, "status", "Going on now").reads()
