"""What someone meets before the first line of Python runs: make, the process list, the settings to copy."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
SETTING = re.compile(r"^#([A-Z][A-Z0-9_]*)=(.+)$")

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not on this machine")


def make(*arguments: str, cwd: Path = ROOT, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run make as a shell would: not as a part of the make that may be running these tests."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        [shutil.which("make") or "make", *arguments],
        cwd=cwd,
        env=outer | {"PATH": path or os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def checkout(folder: Path) -> Path:
    """Copy what make looks at before it has set anything up."""
    for name in ("Makefile", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, folder)
    return folder


def program(folder: Path, name: str, *lines: str) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    file.chmod(0o755)


def example() -> list[tuple[str, str]]:
    """Every setting of the example with the value it shows."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return [(found[1], found[2]) for line in lines if (found := SETTING.match(line))]


@needs_make
def test_make_alone_lists_every_task() -> None:
    tasks = re.search(r"^\.PHONY: (help .+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert tasks is not None

    listed = re.findall(r"^  make (\w+) +\S", make().stdout, re.MULTILINE)

    assert listed == tasks[1].split()


@needs_make
def test_options_reach_the_demo() -> None:
    assert "app.py demo --once" in make("--dry-run", "demo", "ARGS=--once").stdout


@needs_make
def test_coverage_is_measured_where_it_is_asked_for() -> None:
    assert "--cov" in make("--dry-run", "test", "COVERAGE=1").stdout
    assert "--cov" not in make("--dry-run", "test", "COVERAGE=").stdout


@needs_make
def test_a_python_that_is_too_old_is_told_in_one_line(tmp_path: Path) -> None:
    machine = tmp_path / "bin"
    program(machine, "python3", 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi')

    outcome = make("test", cwd=checkout(tmp_path), path=str(machine))

    [told] = [line for line in outcome.stderr.splitlines() if not line.startswith("make:")]
    assert outcome.returncode != 0
    assert told.startswith("Lightkeeper needs Python 3.11 or newer, Python 3.9.2 was found. Install one")


@needs_make
def test_a_newer_python_of_another_name_is_found(tmp_path: Path) -> None:
    machine = tmp_path / "bin"
    program(machine, "python3", "exit 1")
    program(machine, "python3.12", "exit 0")
    program(machine, "uv", 'echo "uv $*"')

    assert "--python python3.12" in make("lock", cwd=checkout(tmp_path), path=str(machine)).stdout


@needs_make
def test_no_python_is_ever_downloaded(tmp_path: Path) -> None:
    machine = tmp_path / "bin"
    program(machine, "python3", "exit 0")
    program(machine, "uv", 'echo "$UV_PYTHON_DOWNLOADS"')

    assert "never" in make("lock", cwd=checkout(tmp_path), path=str(machine)).stdout.splitlines()


@pytest.mark.parametrize(
    ("process", "command"),
    [
        ("release", "python app.py migrate"),
        ("web", "python app.py serve --http"),
        ("worker", "python app.py serve --socket"),
    ],
)
def test_the_process_list_names_the_command(process: str, command: str) -> None:
    assert f"{process}: {command}" in (ROOT / "Procfile").read_text().splitlines()


def test_a_copied_example_sets_nothing_by_itself() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == []


def test_every_setting_in_the_example_is_explained_by_the_line_above() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    settings = [index for index, line in enumerate(lines) if SETTING.match(line)]

    assert settings
    assert [lines[index] for index in settings if not lines[index - 1].startswith("# ")] == []


def test_the_example_names_the_settings_there_are() -> None:
    names = {name for name, _ in example()}

    assert {name for name in names if not name.startswith("AWS_")} == {field.upper() for field in Settings.model_fields}


def test_what_the_example_shows_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in example():
        monkeypatch.setenv(name, value)

    assert Settings.load().confirmation_ttl == Settings.model_fields["confirmation_ttl"].default
