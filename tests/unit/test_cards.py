"""Copies of cards."""

from datetime import UTC, datetime

import pytest

from storage import cards
from storage.database import Database
from storage.tables import CardCopy, Deletion, Delivery
from tests.conftest import on_both

pytestmark = on_both

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)


@pytest.fixture
def one(database: Database) -> Database:
    with database.transaction() as tx:
        tx.add(
            Deletion(
                id="D-1",
                team_id="T1",
                channel_id="C1",
                trigger_id="1.2",
                requester_id="U1",
                requester_name="ann",
                asked_at=NOW,
                expires_at=NOW,
                arn="arn",
                name="web-1",
                region="us-east-1",
                snapshot={},
            )
        )
    return database


def copy(database: Database, delivery: Delivery, wanted: int = 1, shown: int = 0, ts: str | None = None) -> int:
    with database.transaction() as tx:
        made = CardCopy(
            deletion_id="D-1", channel_id="C1", delivery=delivery, wanted_version=wanted, shown_version=shown, ts=ts
        )
        tx.add(made)
        tx.flush()
        assert made.id is not None
        return made.id


def test_copies_that_may_not_be_in_slack_are_to_be_posted_oldest_first(one: Database) -> None:
    waiting, sending = copy(one, Delivery.WAITING), copy(one, Delivery.SENDING)
    copy(one, Delivery.SENT, ts="1.1")
    copy(one, Delivery.DROPPED)

    with one.reading() as tx:
        assert [each.id for each in cards.unposted(tx)] == [waiting, sending]


def test_copies_that_show_an_older_version_are_to_be_edited_oldest_first(one: Database) -> None:
    first = copy(one, Delivery.SENT, wanted=3, shown=2, ts="1.1")
    second = copy(one, Delivery.SENT, wanted=3, shown=0, ts="1.2")
    copy(one, Delivery.SENT, wanted=3, shown=3, ts="1.3")

    with one.reading() as tx:
        assert [each.copy.id for each in cards.outdated(tx)] == [first, second]


@pytest.mark.parametrize("delivery", [Delivery.WAITING, Delivery.SENDING, Delivery.DROPPED])
def test_what_is_not_in_slack_is_not_edited(one: Database, delivery: Delivery) -> None:
    copy(one, delivery, wanted=2)

    with one.reading() as tx:
        assert cards.outdated(tx) == []


def test_the_thread_is_under_the_first_copy(one: Database) -> None:
    first = copy(one, Delivery.SENT, ts="1.1")
    copy(one, Delivery.SENT, ts="1.2")

    with one.reading() as tx:
        found = cards.of_deletion(tx, "D-1")
    assert found is not None
    assert found.id == first


def test_a_deletion_without_a_card_has_none(one: Database) -> None:
    with one.reading() as tx:
        assert cards.of_deletion(tx, "D-1") is None


def test_a_message_is_found_by_its_channel_and_time(one: Database) -> None:
    copy(one, Delivery.SENT, ts="1.1")

    with one.reading() as tx:
        assert cards.at(tx, "C1", "1.1") is not None
        assert cards.at(tx, "C2", "1.1") is None
        assert cards.at(tx, "C1", "1.2") is None
