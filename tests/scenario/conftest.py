"""Bots that go on from test to test, for what changes nothing: most of a test's time is a bot's start and stop."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from bot.sandbox import company
from bot.sandbox.lightsail import LocalLightsail
from bot.sandbox.slack import LocalSlack
from tests.conftest import Clock, World

Stage = Callable[[str], World]


@pytest.fixture(scope="module")
def stage(lightsail: LocalLightsail, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Starts a bot in `http` or `socket` mode, or returns the one that was; Ann may delete, Cleo may grant."""
    worlds: dict[str, World] = {}
    with pytest.MonkeyPatch.context() as environment, ExitStack() as slacks:
        for name, value in lightsail.environment().items():
            environment.setenv(name, value)

        def begun(mode: str) -> World:
            if mode not in worlds:
                file = tmp_path_factory.mktemp(mode) / "lightkeeper.db"
                slack = slacks.enter_context(LocalSlack(limits=False))
                world = World(slack, lightsail, Clock(), f"sqlite:///{file}", mode)
                worlds[mode] = world
                world.start()
                world.grant(world.staff.ann)
                world.grant(world.staff.cleo, "admin")
            worlds[mode].wait_until_over()
            return worlds[mode]

        yield begun
        for world in worlds.values():
            world.stop()
            world.database.close()


@pytest.fixture(autouse=True)
def fresh(request: pytest.FixtureRequest) -> None:
    """AWS as it was in the beginning, for tests on a stage: tests of other files have it to themselves."""
    if "stage" in request.fixturenames:
        lightsail: LocalLightsail = request.getfixturevalue("lightsail")
        request.getfixturevalue("stage")
        lightsail.reset()
        lightsail.pace("at-once")
        company.snapshots(lightsail, Clock()())
