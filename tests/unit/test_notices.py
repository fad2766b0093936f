"""What must be said in a deletion's thread."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from storage import notices
from storage.database import Database
from storage.tables import Deletion, Delivery, Notice, NoticeKind

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


@pytest.fixture
def two(database: Database) -> Database:
    with database.transaction() as tx:
        for number in ("D-1", "D-2"):
            tx.add(
                Deletion(
                    id=number,
                    team_id="T1",
                    channel_id="C1",
                    trigger_id=number,
                    requester_id="U1",
                    requester_name="ann",
                    asked_at=NOW,
                    expires_at=NOW,
                    arn=number,
                    name="web-1",
                    region="us-east-1",
                    snapshot={},
                )
            )
    return database


def add(database: Database, key: str, deletion: str = "D-1", *, once: bool = False) -> None:
    with database.transaction() as tx:
        how = notices.add_once if once else notices.add
        how(tx, key, deletion, NoticeKind.DELAYED, at=NOW, facts={"key": key})


def unsaid(database: Database, deletion: str = "D-1") -> list[str]:
    with database.reading() as tx:
        return [notice.key for notice in notices.unsaid(tx, deletion)]


def mark(database: Database, key: str, delivery: Delivery) -> None:
    with database.transaction() as tx:
        tx.exec(select(Notice).where(Notice.key == key)).one().delivery = delivery


def test_what_is_to_be_said_comes_oldest_first(two: Database) -> None:
    for key in ("b", "a", "c"):
        add(two, key)

    assert unsaid(two) == ["b", "a", "c"]


def test_each_deletion_has_its_own(two: Database) -> None:
    add(two, "a", "D-1")
    add(two, "b", "D-2")

    assert (unsaid(two, "D-1"), unsaid(two, "D-2")) == (["a"], ["b"])


@pytest.mark.parametrize(
    ("delivery", "waits"),
    [(Delivery.WAITING, True), (Delivery.SENDING, True), (Delivery.SENT, False), (Delivery.DROPPED, False)],
)
def test_what_may_not_have_been_said_waits(two: Database, delivery: Delivery, *, waits: bool) -> None:
    add(two, "a")
    mark(two, "a", delivery)

    assert unsaid(two) == (["a"] if waits else [])


def test_the_same_is_never_said_twice(two: Database) -> None:
    add(two, "a")

    with pytest.raises(IntegrityError):
        add(two, "a")


def test_what_is_to_be_said_once_is_added_once(two: Database) -> None:
    add(two, "a", once=True)
    add(two, "a", once=True)

    assert unsaid(two) == ["a"]


def test_what_was_said_once_is_not_added_again(two: Database) -> None:
    add(two, "a", once=True)
    mark(two, "a", Delivery.SENT)
    add(two, "a", once=True)

    assert unsaid(two) == []


def test_what_is_for_one_person_belongs_to_no_deletion(two: Database) -> None:
    with two.transaction() as tx:
        for key, person in (("a", "U1"), ("b", "U2")):
            notices.add_for(tx, person, key, NoticeKind.CREDENTIALS, at=NOW, facts={})
    mark(two, "a", Delivery.SENT)
    add(two, "c")

    with two.reading() as tx:
        assert [(notice.key, notice.recipient) for notice in notices.for_people(tx)] == [("b", "U2")]
        assert notices.deletions_with_unsaid(tx) == ["D-1"]


def test_deletions_with_something_to_say_come_in_the_order_of_their_oldest(two: Database) -> None:
    add(two, "a", "D-2")
    add(two, "b", "D-1")
    add(two, "c", "D-2")

    with two.reading() as tx:
        assert notices.deletions_with_unsaid(tx) == ["D-2", "D-1"]
