"""The first thing that anybody runs."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import URLError

import pytest

APP = Path(__file__).parent.parent.parent / "app.py"


def test_the_demo_plays_one_deletion_and_says_that_it_went_right(tmp_path: Path) -> None:
    played = subprocess.run(
        [sys.executable, str(APP), "demo", "--once"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    said = played.stdout
    order = [
        "Delete snapshot web-1-2024-05-01?",
        "Confirmed by ann",
        "NotStarted",
        "Started",
        "Succeeded",
        "✅ Deleted",
    ]
    positions = [said.find(words) for words in order]
    assert played.returncode == 0, said + played.stderr
    assert -1 not in positions
    assert positions[:-1] == sorted(positions[:-1])  # the card may tell of the end before its thread does
    assert said.count("✓") == 4


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts the sandbox with these options, and returns the page's address; ends it with Ctrl-C."""
    with ExitStack() as running:

        def start(*options: str) -> str:
            demo = running.enter_context(
                subprocess.Popen(
                    [sys.executable, str(APP), "demo", "--no-open", "--port", "0", *options],
                    cwd=tmp_path,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            running.callback(demo.send_signal, signal.SIGINT)
            assert demo.stdout
            line = next(line for line in demo.stdout if "http://" in line)
            return line.split()[-1]

        yield start


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def test_the_sandbox_shows_a_page_with_a_card_to_decide_on(visit: Callable[..., str]) -> None:
    url = visit()

    with urllib.request.urlopen(f"{url}page/events", timeout=10) as stream:
        assert stream.readline() == b"event: hello\n"
        hello = json.loads(stream.readline().removeprefix(b"data: "))

    assert "<title>" in get(url)
    assert [message["text"][:42] for message in hello["messages"]] == ["ann asks to delete snapshot web-1-2024-05-"]


def test_the_gallery_is_made_by_the_bot_that_runs(visit: Callable[..., str]) -> None:
    shown = json.loads(get(f"{visit()}page/gallery.json"))

    assert len(shown["messages"]) > 40
    assert shown["problems"] == {}


def test_control_c_ends_everything(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(APP), "demo", "--no-open", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout
        heard = "".join(iter(demo.stdout.readline, "Nothing in it is real but the bot. Ctrl-C ends everything.\n"))
        demo.send_signal(signal.SIGINT)
        heard += demo.stdout.read()

    url = next(word for word in heard.split() if word.startswith("http://"))
    assert demo.returncode == 0
    assert heard.endswith("Stopped.\n")
    with pytest.raises(URLError):
        get(url)


def test_a_port_that_is_taken_is_said_in_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        tried = subprocess.run(
            [sys.executable, str(APP), "demo", "--no-open", "--port", port],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert tried.returncode == 1
    assert "in use" in tried.stderr
    assert "Traceback" not in tried.stderr
