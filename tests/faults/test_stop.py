"""SIGTERM in the middle of something: what is in hand is finished, the rest is left to the next process."""

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from bot.sandbox import company
from bot.sandbox.slack import Message
from storage.tables import CardCopy, Delivery, Notice, Operation, State
from tests.conftest import World, on_both
from tests.faults.replicas import Replica, Replicas, until

NAME = company.OLD_RELEASE
IN_THE_MIDDLE = "stopped in the middle of something"


def asked(world: World, replicas: Replicas) -> tuple[Replica, Message]:
    world.grant(world.staff.ann)
    (bot,) = replicas.start(1)
    return bot, world.ask(world.staff.ann, NAME)


def stopped(bot: Replica) -> str:
    """Its last words, once it has ended by itself."""
    bot.send(signal.SIGTERM)
    bot.wait_gone()
    return bot.log()


def goes_on(world: World, replicas: Replicas, card: Message) -> str:
    """The thread, once the next process has come to the end."""
    (bot,), epoch = replicas.all, replicas.lease().epoch
    bot.start()
    bot.wait_ready()
    replicas.holder(after=epoch)
    replicas.skip(11)  # where the one before did not end in good order, an edit of it may still be on its way
    world.reads(card, "✅ Deleted")
    return world.told(card, "the snapshot is gone")


@on_both
def test_the_answer_to_a_call_in_hand_is_kept(world: World, replicas: Replicas) -> None:
    bot, card = asked(world, replicas)
    world.aws.slow("DeleteInstanceSnapshot", 1.5)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.slack.wait_for(world.deletes, what="accepted call")
    said = stopped(bot)
    with world.database.reading() as tx:
        stored = tx.exec(select(Operation)).all()
    goes_on(world, replicas, card)

    assert IN_THE_MIDDLE not in said
    assert said.count("stopped") == 1
    assert [one.status for one in stored] == ["Succeeded"]
    assert world.aws.calls("GetOperationsForResource") == []
    assert world.deletes() == 1


@on_both
def test_a_message_in_hand_is_not_in_doubt(world: World, replicas: Replicas) -> None:
    bot, card = asked(world, replicas)
    world.slack.slow("chat.postMessage", 1.5)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "Confirmed by")
    said = stopped(bot)
    with world.database.reading() as tx:
        deliveries = {one.delivery for one in (*tx.exec(select(CardCopy)), *tx.exec(select(Notice)))}
    thread = goes_on(world, replicas, card)

    assert IN_THE_MIDDLE not in said
    assert Delivery.SENDING not in deliveries
    assert [thread.count(words) for words in ("Confirmed by", "Succeeded", "Checked")] == [1, 1, 1]


@on_both
def test_what_waits_to_be_said_waits_for_the_next_process(world: World, replicas: Replicas) -> None:
    bot, card = asked(world, replicas)
    world.slack.fail("chat.postMessage", retry_after=60, when=lambda call: "thread_ts" in call)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.slack.wait_for(lambda: world.deletion().state is State.DELETED, what="end")
    said = stopped(bot)
    before = world.thread(card)
    thread = goes_on(world, replicas, card)

    assert IN_THE_MIDDLE not in said
    assert before == ""
    assert [thread.count(words) for words in ("Confirmed by", "Succeeded", "Checked")] == [1, 1, 1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_takes_longer_than_eight_seconds_is_left_to_the_next_process(world: World, replicas: Replicas) -> None:
    bot, card = asked(world, replicas)
    world.aws.slow("DeleteInstanceSnapshot", 60)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.slack.wait_for(world.deletes, what="accepted call")
    said = stopped(bot)
    goes_on(world, replicas, card)

    assert IN_THE_MIDDLE in said
    assert world.deletes() == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_click_in_hand_is_acknowledged_before_the_socket_closes(world: World, replicas: Replicas) -> None:
    world.grant(world.staff.ann)
    (bot,) = replicas.start(1, MODE="socket", SLACK_APP_TOKEN=world.slack.app_token)
    world.slack.deliver_to(None)
    world.slack.wait_connected()
    card = world.ask(world.staff.ann, NAME)
    with ThreadPoolExecutor(1) as pool:
        with world.database.transaction() as tx:
            tx.exec(select(CardCopy).with_for_update()).all()  # so that a move of the deletion waits
            click = pool.submit(lambda: world.staff.ann.clicks("Don't delete", message=card))
            until(lambda: waits_for_a_lock(world), "click that waits")
            bot.send(signal.SIGTERM)
            until(lambda: "stopping" in bot.log(), "stop")
        acknowledged = click.result()
    bot.wait_gone()

    assert acknowledged.ok
    assert world.slack.connections() == 0
    assert IN_THE_MIDDLE not in bot.log()


def waits_for_a_lock(world: World) -> bool:
    with world.database.reading() as tx:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return tx.connection().exec_driver_sql(waiting).first() is not None
