"""A bot that stops, or is stopped, and the one that comes after it."""

import urllib.error
import urllib.request

import pytest

from bot.sandbox import company
from bot.slack.socket import SocketMode
from storage.lease import LeaseHeldError
from tests.conftest import World

NAME = company.OLD_RELEASE


def test_a_card_outlives_the_process_that_posted_it(world: World) -> None:
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)

    world.stop()
    world.start()
    world.staff.ann.clicks("Delete snapshot", message=card)

    world.reads(card, "✅ Deleted")


def test_an_operation_is_followed_by_the_next_process(world: World) -> None:
    world.aws.pace([("Started", 0), ("Succeeded", 1)])
    world.start()
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.told(card, "AWS: Started")

    world.stop()
    world.start()
    thread = world.told(card, "the snapshot is gone")

    assert thread.count("AWS: Started") == 1
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_processes_on_one_sqlite_file_are_refused_in_words(world: World) -> None:
    world.start()

    with pytest.raises(LeaseHeldError, match="another Lightkeeper already serves"):
        world.start()


def test_health_and_readiness_can_be_asked(world: World) -> None:
    bot = world.start()

    answers = {path: _get(f"http://127.0.0.1:{bot.port}{path}") for path in ("/healthz", "/readyz", "/other")}

    assert answers == {"/healthz": (200, "alive\n"), "/readyz": (200, "ready\n"), "/other": (404, "not found\n")}


def test_a_bot_without_its_socket_is_alive_but_not_ready(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bot = world.start(mode="socket")
    monkeypatch.setattr(SocketMode, "is_connected", property(lambda _: False))  # a real cut would soon be mended

    assert _get(f"http://127.0.0.1:{bot.port}/healthz")[0] == 200
    assert _get(f"http://127.0.0.1:{bot.port}/readyz") == (503, "not connected to Slack\n")


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
