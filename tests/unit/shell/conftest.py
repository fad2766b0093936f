"""A shell on a machine where nothing is set but a database."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import app
from storage.database import Database


class Said(NamedTuple):
    """The exit status, and what was printed."""

    status: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture(autouse=True)
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated: Path) -> Path:
    """A machine where nothing is set but a database, which has its schema."""
    for name in list(os.environ):
        if re.match(r"SLACK_|LIGHT|DATABASE_URL|AWS_|PORT$|HOST$|GRACE_PERIOD|MIN_AGE", name):
            monkeypatch.delenv(name)
    file = tmp_path / "lightkeeper.db"
    shutil.copy(migrated, file)
    monkeypatch.setenv("PYTHON_DOTENV_DISABLED", "1")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    return file


@pytest.fixture
def without_file(path: Path) -> None:
    """The first command ever."""
    path.unlink()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def shell(*arguments: str) -> Said:
        try:
            status = app.main(arguments)
        except SystemExit as wrong:  # so argparse ends on what it does not understand
            status = int(wrong.code or 0)
        return Said(status, *capsys.readouterr())

    return shell


@pytest.fixture
def stored(path: Path) -> Iterator[Database]:
    """What the commands left behind."""
    made = Database(f"sqlite:///{path}")
    yield made
    made.close()
