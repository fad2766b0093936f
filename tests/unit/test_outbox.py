"""What the outbox makes of a Slack that answers late, or not at all."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from sqlmodel import select

from bot.slack import gallery
from bot.slack.finding import NOTICES
from bot.slack.outbox import LOOK_AFTER, Outbox
from storage import deletions
from storage.database import Database
from storage.file_lease import FileLease
from storage.tables import Deletion, Delivery, Notice, NoticeKind, State
from tests.faults.pretend import Clock, Edges, Slack, SlackFault

if TYPE_CHECKING:
    from slack_sdk import WebClient

LONG = "so " * 300  # more than one of these is too much for a message, in these tests


class Story:
    """One deletion with its card, and an outbox that does what is due in the test's own thread."""

    def __init__(self, database: Database) -> None:
        self.clock = Clock()
        self.slack = Slack(self.clock, Edges(), lambda *_: None)
        self.database = database
        self.lease = FileLease(database, self.clock)
        self.lease.lock()
        self.lease.start()
        client = cast("WebClient", self.slack)
        self.outbox = Outbox(database, self.lease, client, self.clock, self.clock.seconds)
        asked = gallery.deletion(State.ASKING)
        asked.asked_at = self.clock()
        with database.transaction() as tx:
            self.id = deletions.add(tx, asked).deletion.id

    def deliver(self) -> None:
        for job in self.outbox._due():
            job.run()

    def tell(self, details: str = "") -> None:
        with self.database.transaction() as tx:
            deletion = self.deletion()
            version = len(self.notices()) + 1
            facts = {"code": "ServiceException", "aws_action": "GetOperation", "message": details}
            tx.add(
                Notice(
                    key=f"{deletion.id}/{version}",
                    deletion_id=deletion.id,
                    kind=NoticeKind.NO_ANSWER,
                    facts=facts,
                    at=self.clock(),
                )
            )

    def deletion(self) -> Deletion:
        with self.database.reading() as tx:
            return tx.get_one(Deletion, self.id)

    def notices(self) -> list[Notice]:
        with self.database.reading() as tx:
            return list(tx.exec(select(Notice).order_by("id")))

    def said(self) -> list[str]:
        return [number for one in self.slack.said for number in one.carries(NOTICES, "notices")]


@pytest.fixture
def story(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setattr("bot.slack.outbox._LENGTH", 1000)
    made = Story(database)
    yield made
    made.outbox.stop()
    made.lease.release()


def test_lines_are_said_once_though_what_came_with_them_was_told_apart(story: Story) -> None:
    """Two lines fit into a message together; with a third that is long they are sent one by one."""
    story.deliver()
    story.tell()
    story.tell()
    story.slack.trouble("chat.postMessage", SlackFault.LOST, 1)
    story.deliver()
    story.tell(LONG)
    story.clock.skip(LOOK_AFTER)
    story.slack.trouble("chat.postMessage", SlackFault.LOST_DONE, 1)
    story.deliver()
    for _ in range(6):
        story.clock.skip(LOOK_AFTER)
        story.deliver()

    assert story.said() == ["1", "2", "3"]
    assert [one.delivery for one in story.notices()] == [Delivery.SENT] * 3
