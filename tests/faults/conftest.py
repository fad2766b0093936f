"""A warm image of the bot, for tests that start many."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.lightsail import LocalLightsail
from tests.conftest import World
from tests.faults.children import Nursery
from tests.faults.many import Many
from tests.faults.replicas import Image, Replicas


@pytest.fixture(scope="session")
def nursery(lightsail: LocalLightsail, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    folder = tmp_path_factory.mktemp("nursery")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in lightsail.environment().items():
            environment.setenv(name, value)
        made = Nursery(folder / "children.log")
    with made:
        yield made


@pytest.fixture(scope="session")
def image(lightsail: LocalLightsail) -> Iterator[Image]:
    made = Image(lightsail)
    yield made
    made.close()


@pytest.fixture
def replicas(image: Image, world: World, tmp_path: Path) -> Iterator[Replicas]:
    with Replicas(image, world, tmp_path) as made:
        yield made


@pytest.fixture
def unsparing(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS is asked as often as there is something to ask: how it is spared is another story."""
    monkeypatch.setattr("bot.steps.LOOKS_PER_SECOND", 1000)


@pytest.fixture
def many(unsparing: None, world: World) -> Many:
    del unsparing
    world.start(last_guard=False)
    return Many(world)
