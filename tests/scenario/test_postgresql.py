"""What is different on PostgreSQL: between two statements of a transaction others commit."""

import threading
import time

import pytest
from sqlmodel import Session

from bot.sandbox import company
from storage import notices
from tests.conftest import World

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_an_end_that_comes_while_the_outbox_reads_is_told_as_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsaid = notices.unsaid

    def unsaid_when_all_is_over(tx: Session, deletion: str) -> object:
        end = time.monotonic() + 10
        while threading.current_thread().name.startswith("outbox_") and time.monotonic() < end:
            if world.deletion().ended_at:
                break
            time.sleep(0.01)
        return unsaid(tx, deletion)

    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, company.OLD_RELEASE)
    monkeypatch.setattr("bot.slack.outbox.notices.unsaid", unsaid_when_all_is_over)
    world.staff.ann.clicks("Delete snapshot", message=card)

    assert "Not deleted" not in world.told(card, "the snapshot is gone")
