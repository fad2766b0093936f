"""A warm image of the bot, for tests that start many."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.lightsail import LocalLightsail
from tests.faults.children import Nursery


@pytest.fixture(scope="session")
def nursery(lightsail: LocalLightsail, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    folder: Path = tmp_path_factory.mktemp("nursery")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in lightsail.environment().items():
            environment.setenv(name, value)
        made = Nursery(folder / "children.log")
    with made:
        yield made
