"""A deletion's story from its record: whole, and of the version before, which kept less."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.slack import gallery, story
from storage.tables import Audit, NoticeKind, State, Why

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def row(event: str, actor: str = "U1", minutes: int = 0, **facts: str) -> Audit:
    at = NOW + timedelta(minutes=minutes)
    return Audit(at=at, team_id="T1", actor=actor, event=event, deletion_id="D-7F2KQ", facts=facts)


def test_a_record_of_the_version_before_is_told_with_what_the_deletion_knows() -> None:
    standing = gallery.deletion(State.DELETED, why=Why.CONFIRMED)
    rows = [
        row("asked", arn="arn"),
        row("approved", "U2"),
        row("ready", "U2", before="pending"),
        row("unknown", "bot", before="deleting"),
        row("deleted", "bot", before="unknown", why="confirmed"),
    ]
    said = story.tell(rows, standing)

    assert said[0].startswith("Asked by U1")
    assert said[1].startswith("Approved by U2")
    assert said[-1] == "Checked: the snapshot is gone. Up to $2.00 a month saved."


def test_what_somebody_stopped_is_told_with_the_reason_that_came_later() -> None:
    rows = [
        row("asked", requester_name="ann", name="web-1", snapshot='{"name": "web-1"}'),
        row("denied", "U2", 1, before="pending", why="person", by="U2", by_name="bob"),
        row("explained", "U2", 2, by_name="bob", reason="needed"),
    ]
    deletion, told = story.retold(rows)

    assert deletion
    assert (deletion.state, deletion.facts["reason"]) == (State.DENIED, "needed")
    assert [one.kind for one in told] == [NoticeKind.ENDED, NoticeKind.REASON]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("click_late", "<@U1> clicked, too late"),
        ("click_somethingnew", "<@U1> clicked"),
        ("deleting", "Calling AWS"),
        ("undelivered", "Slack did not take a message (is_archived)"),
        ("outcome_told", ""),
    ],
)
def test_what_no_thread_is_told_is_a_line_of_the_story(event: str, words: str) -> None:
    said = story.tell([row("asked"), row(event, problem="is_archived")], gallery.deletion(State.PENDING))

    assert [line for line in said[1:] if words in line] == ([said[-1]] if words else [])


def test_without_its_beginning_there_is_no_story() -> None:
    assert story.tell([row("deleted", why="confirmed")], gallery.deletion(State.DELETED)) == []
