"""A warm image of the bot, for tests that start many."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.lightsail import LocalLightsail
from tests.conftest import World
from tests.faults.children import Nursery
from tests.faults.crowd import Crowd


@pytest.fixture(scope="session")
def nursery(lightsail: LocalLightsail, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    folder: Path = tmp_path_factory.mktemp("nursery")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in lightsail.environment().items():
            environment.setenv(name, value)
        made = Nursery(folder / "children.log")
    with made:
        yield made


@pytest.fixture
def unsparing(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS is asked as often as there is something to ask: how it is spared is another story."""
    monkeypatch.setattr("bot.steps.LOOKS_PER_SECOND", 1000)


@pytest.fixture
def crowd(unsparing: None, world: World) -> Crowd:
    del unsparing
    world.start()
    return Crowd(world)
