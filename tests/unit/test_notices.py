"""What must be said in a deletion's thread."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from storage import audit, deletions, notices
from storage.database import Database
from storage.tables import CardCopy, Deletion, Delivery, Notice, NoticeKind
from storage.turns import EVERYBODY, FIRST, Turn
from tests.conftest import on_both

pytestmark = on_both

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


def add_deletion(database: Database, number: str) -> None:
    with database.transaction() as tx:
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


@pytest.fixture
def two(database: Database) -> Database:
    for number in ("D-1", "D-2"):
        add_deletion(database, number)
    return database


def add(database: Database, key: str, deletion: str = "D-1", *, once: bool = False) -> None:
    with database.transaction() as tx:
        if once:
            about = tx.get_one(Deletion, deletion)
            deletions.tell_once(tx, about, key, NoticeKind.DELAYED, at=NOW, facts={"key": key})
        else:
            notices.add(tx, key, deletion, NoticeKind.DELAYED, at=NOW, facts={"key": key})


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
    with two.reading() as tx:
        record = [row.event for row in audit.of(tx, "D-1")]

    assert unsaid(two) == ["a"]
    assert record == ["told_delayed"]


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


def card(database: Database, deletion: str, ts: str | None = "1.1", *, delivery: Delivery = Delivery.SENT) -> None:
    with database.transaction() as tx:
        tx.add(CardCopy(deletion_id=deletion, channel_id="C1", ts=ts, delivery=delivery))


def threads(database: Database, turn: Turn = EVERYBODY) -> Sequence[tuple[str, str, bool]]:
    with database.reading() as tx:
        return notices.threads(tx, turn)


@pytest.fixture
def posted(two: Database) -> Database:
    for deletion in ("D-1", "D-2"):
        card(two, deletion)
    return two


def test_deletions_with_something_to_say_come_in_the_order_of_their_oldest(posted: Database) -> None:
    add(posted, "a", "D-2")
    add(posted, "b", "D-1")
    add(posted, "c", "D-2")

    assert threads(posted) == [("D-2", "C1", False), ("D-1", "C1", False)]


def test_what_was_said_is_no_thread_to_go_on_with(posted: Database) -> None:
    add(posted, "a")
    mark(posted, "a", Delivery.SENT)

    assert threads(posted) == []


def test_a_thread_waits_for_its_card(two: Database) -> None:
    card(two, "D-1", ts=None, delivery=Delivery.SENDING)
    add(two, "a", "D-1")
    add(two, "b", "D-2")

    assert threads(two) == []


def test_where_the_card_can_be_posted_nowhere_the_asker_is_told(two: Database) -> None:
    card(two, "D-1", ts=None, delivery=Delivery.DROPPED)
    add(two, "a")

    assert threads(two) == [("D-1", "U1", False)]


def test_what_its_thread_does_not_take_is_for_the_asker(posted: Database) -> None:
    add(posted, "a")
    with posted.transaction() as tx:
        tx.exec(select(Notice)).one().channel_id = "U1"

    assert threads(posted) == [("D-1", "U1", False)]


@pytest.mark.parametrize(("minutes", "is_due"), [(0, False), (1, True)])
def test_what_is_being_said_has_its_turn_when_somebody_has_to_look(
    posted: Database, minutes: int, *, is_due: bool
) -> None:
    add(posted, "a")
    add(posted, "b")
    with posted.transaction() as tx:
        row = tx.exec(select(Notice).where(Notice.key == "a")).one()
        row.delivery, row.sending_since = Delivery.SENDING, NOW

    turn = Turn(began_by=NOW + timedelta(minutes=minutes, seconds=-30))
    assert threads(posted, turn) == ([("D-1", "C1", True)] if is_due else [])


def test_who_rests_or_writes_where_something_is_in_hand_is_passed_over(posted: Database) -> None:
    add(posted, "a", "D-1")
    add(posted, "b", "D-2")

    assert threads(posted, Turn(resting=["D-1"])) == [("D-2", "C1", False)]
    assert threads(posted, Turn(channels=["C1"])) == []


def test_what_did_not_work_comes_after_the_others(posted: Database) -> None:
    add(posted, "a", "D-1")
    add(posted, "b", "D-2")

    assert [number for number, _, _ in threads(posted, Turn(late=["D-1"]))] == ["D-2", "D-1"]


def test_no_channel_is_read_to_its_end(database: Database) -> None:
    for number in range(3 * FIRST):
        add_deletion(database, f"D-{number}")
        card(database, f"D-{number}")
        add(database, f"{number}", f"D-{number}")

    assert [number for number, _, _ in threads(database)] == [f"D-{number}" for number in range(FIRST)]
