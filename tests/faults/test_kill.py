"""The process is killed in the middle, and the next one goes on: `app.py serve` for real, kill -9 for real."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import update

from bot.sandbox import company
from bot.slack.outbox import LOOK_AFTER
from storage.tables import CardCopy
from tests.conftest import World

APP = Path(__file__).parent.parent.parent / "app.py"
NAME = company.OLD_RELEASE


class Process:
    """The bot as users run it."""

    def __init__(self, world: World, folder: Path) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self._port = int(one.getsockname()[1])
        self._world = world
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "LIGHT"))},
            **world.slack.environment(),
            **world.aws.environment(),
            "PYTHON_DOTENV_DISABLED": "1",
            "DATABASE_URL": world.url,
            "LIGHTSAIL_REGIONS": ",".join(company.REGIONS),
            "HOST": "127.0.0.1",
            "PORT": str(self._port),
        }

    def start(self) -> None:
        log = (self._folder / "bot.log").open("ab")
        with log:
            command = [sys.executable, str(APP), "serve", "--http"]
            self._process = subprocess.Popen(command, env=self._environment, cwd=self._folder, stdout=log, stderr=log)
        self._world.slack.wait_for(self._is_ready, 30, "ready bot")
        self._world.slack.deliver_to(f"http://127.0.0.1:{self._port}/slack/events")

    def end(self, number: signal.Signals) -> int:
        assert self._process
        self._process.send_signal(number)
        status = self._process.wait(15)
        self._process = None
        return status

    def stop(self) -> None:
        if self._process:
            self.end(signal.SIGKILL)

    def log(self) -> str:
        return (self._folder / "bot.log").read_text(encoding="utf-8")

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/readyz", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture
def process(world: World, tmp_path: Path) -> Iterator[Process]:
    made = Process(world, tmp_path)
    made.start()
    yield made
    made.stop()


def test_a_kill_while_aws_is_called_leads_to_one_deletion_that_is_told(world: World, process: Process) -> None:
    world.aws.pace([("Started", 0), ("Succeeded", 1)])
    world.grant(world.staff.ann)
    card = world.ask(world.staff.ann, NAME)
    world.aws.slow("DeleteInstanceSnapshot", 30)  # accepted at once, answered when nobody listens any more

    world.staff.ann.clicks("Delete snapshot", message=card)
    world.slack.wait_for(world.deletes, what="accepted call")
    process.end(signal.SIGKILL)
    process.start()
    thread = world.told(card, "the snapshot is gone")

    assert thread.count("Confirmed by") == 1
    assert thread.count("AWS: Succeeded") == 1
    assert len(world.aws.calls("DeleteInstanceSnapshot")) == 1
    world.reads(card, "✅ Deleted")


def test_a_kill_before_the_cards_answer_does_not_post_it_twice(world: World, process: Process) -> None:
    world.grant(world.staff.ann)
    world.slack.slow("chat.postMessage", 30)

    world.staff.ann.types(f"/snapshot delete {NAME}", world.staff.ops)
    (card,) = world.slack.wait_for(lambda: world.slack.messages(world.staff.ops), what="card")
    process.end(signal.SIGKILL)
    with world.database.transaction() as tx:  # as if the next start came some seconds later
        tx.exec(update(CardCopy).values(sending_since=world.clock() - 2 * LOOK_AFTER))
    process.start()
    world.slack.wait_for(lambda: world.deletion().state == "pending", 30, "pending deletion")
    world.staff.ann.clicks("Delete snapshot", message=card)
    world.reads(card, "✅ Deleted")

    assert len(world.slack.messages(world.staff.ops)) == 1


def test_sigterm_ends_the_process_cleanly_and_in_time(process: Process) -> None:
    started = time.monotonic()

    status = process.end(signal.SIGTERM)

    assert status == 0
    assert "stopped" in process.log()
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_second_process_is_refused_in_words(world: World, process: Process, tmp_path: Path) -> None:
    second = subprocess.run(
        [sys.executable, str(APP), "serve", "--http"],
        env=process._environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert second.returncode == 1
    assert "another Lightkeeper already serves" in second.stderr
    assert world.url.removeprefix("sqlite:///") in second.stderr
