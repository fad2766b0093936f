"""How long 200 simultaneous clicks wait for their ack, beside the same clicks at an app that only acknowledges.

Run by hand or by `make bench`. Each app is a process of its own; the clicking people and their Slack are a third.
Prints the median and the slowest of both, and their ratios.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from waitress.server import create_server

from bot.sandbox import company
from bot.sandbox.lightsail import LocalLightsail
from bot.sandbox.slack import LocalSlack, Message
from bot.serve import THREADS
from bot.slack.client import web_client
from tests.conftest import Clock, World

ROOT = Path(__file__).parent.parent.parent
CLICKS, PEOPLE = 200, 20
ROUNDS = 3


def main() -> None:
    with LocalLightsail() as aws, tempfile.TemporaryDirectory() as folder, LocalSlack(ack_seconds=30) as slack:
        company.snapshots(aws, datetime.now(UTC))
        aws.pace("at-once")
        world = World(slack, aws, Clock(), f"sqlite:///{Path(folder) / 'bench.db'}", "http")
        with _app(world, "app.py", "serve", "--http") as ours, _app(world, __file__, "bare") as bare:
            world.grant(world.staff.ann)
            acks: dict[str, list[float]] = {ours: [], bare: []}
            for _ in range(ROUNDS):
                slack.deliver_to(ours)
                card = world.ask(world.staff.ann, company.OLD_RELEASE)
                for url in (bare, ours):
                    slack.deliver_to(url)
                    acks[url] += _acks(world, card)
                world.told(card, "the snapshot is gone")
                aws.snapshot(company.OLD_RELEASE, of="web-1")
        for name, pick in (("median", statistics.median), ("slowest", max)):
            mine, base = (pick(acks[url]) * 1000 for url in (ours, bare))
            ratio = mine / base
            print(f"{name} ack of {CLICKS} clicks at once: {mine:.0f} ms; ack alone {base:.0f} ms; ratio {ratio:.1f}")


@contextmanager
def _app(world: World, *arguments: str) -> Iterator[str]:
    """Run an app; gives the URL for deliveries."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    environment = {
        **os.environ,
        **world.slack.environment(),
        **world.aws.environment(),
        "PYTHON_DOTENV_DISABLED": "1",
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": world.url,
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, *arguments], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        world.slack.wait_for(lambda: _listens(port), 30, "app")
        yield f"http://127.0.0.1:{port}/slack/events"
    finally:
        process.terminate()
        process.wait(15)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _acks(world: World, card: Message) -> list[float]:
    crowd = [world.staff.ann, *(world.slack.person(f"Person{number}") for number in range(PEOPLE - 1))]
    world.slack.channel("ops", members=crowd)
    with ThreadPoolExecutor(CLICKS) as pool:
        clicks = pool.map(lambda number: crowd[number % PEOPLE].clicks("Delete snapshot", message=card), range(CLICKS))
        return [click.seconds for click in clicks]


def bare() -> None:
    """An app that acknowledges every click and does nothing else."""
    app = App(
        client=web_client(os.environ["SLACK_BOT_TOKEN"], os.environ["SLACK_API_URL"]),
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        process_before_response=True,
    )

    def acknowledge(ack: Ack) -> None:
        ack()

    app.action("delete_snapshot")(acknowledge)
    port = int(os.environ["PORT"])
    create_server(SlackRequestHandler(app), host="127.0.0.1", port=port, threads=THREADS).run()


if __name__ == "__main__":
    bare() if sys.argv[1:] == ["bare"] else main()
