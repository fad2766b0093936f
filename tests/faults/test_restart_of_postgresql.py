"""PostgreSQL is restarted, or its connections are ended, under load: nothing is lost, and nothing is done twice."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from bot.sandbox import company
from bot.sandbox.slack import Delivery
from storage import migrations
from storage.database import Database
from tests import postgres
from tests.conftest import World
from tests.faults.crowd import Crowd, broken, finish
from tests.faults.replicas import Replicas, say
from tests.postgres import Server

DOWN = 3.0  # seconds
IN_WORDS = re.compile("can't reach its database|database broke|database is busy")
_END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'lightkeeper%'
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One that no other test uses."""
    with postgres.serving() as made:
        yield made


@pytest.fixture
def database_url(server: Server) -> str:
    url = server.new()
    database = Database(url)
    migrations.upgrade(database)
    database.close()
    return url


# A fast stop ends connections with the words that they hear in the last test here, too.
@pytest.mark.parametrize("mode", [pytest.param("fast", marks=pytest.mark.soak), "immediate"])
def test_a_restart_of_postgresql_under_load_loses_nothing_and_repeats_nothing(
    world: World, replicas: Replicas, server: Server, mode: str
) -> None:
    world.aws.pace([("Started", 0), ("Succeeded", 0.5)])
    replicas.start(2)
    dan = world.slack.person("Dan")
    with Crowd(world, 16, every=2.0) as crowd:
        time.sleep(1.5)
        server.stop(mode)
        down = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            command = f"/snapshot delete {company.OLD_RELEASE}"
            typed = list(pool.map(lambda _: dan.types(command, world.staff.ops), range(4)))
        heard = replicas_answer(world, typed)
        time.sleep(max(0.0, down + DOWN - time.monotonic()))
        server.start()
    world.database.engine.dispose()
    finish(world, replicas, 40, skipping=11)

    say(f"{mode}: {crowd.trials} things tried again; acks {max(one.seconds for one in typed):.2f} s at most")
    assert not (problems := broken(world, crowd)), "\n".join([*problems, replicas.logs()])
    assert all(one.ok for one in typed)
    assert all(IN_WORDS.search(words) for words in heard)


def replicas_answer(world: World, typed: list[Delivery]) -> list[str]:
    """What Dan is told, once for each command."""
    dan = world.slack.person("Dan")
    return world.slack.wait_for(
        lambda: said if len(said := [one.text for one in world.slack.ephemerals(dan)]) >= len(typed) else None,
        20,
        "answer to each command",
    )


def test_connections_that_are_ended_under_load_cost_nothing_but_another_try(world: World, replicas: Replicas) -> None:
    world.aws.pace([("Started", 0), ("Succeeded", 0.5)])
    replicas.start(2)
    with Crowd(world, 16, every=2.0) as crowd, psycopg.connect(world.url, autocommit=True) as administrator:
        for _ in range(6):
            time.sleep(0.7)
            administrator.execute(_END_ALL)
        replicas.skip(11)
    finish(world, replicas, 40, skipping=11)

    say(f"ended connections: {crowd.trials} things tried again")
    assert not (problems := broken(world, crowd)), "\n".join([*problems, replicas.logs()])
