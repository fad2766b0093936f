"""The first thing that anybody runs."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest

APP = Path(__file__).parent.parent.parent / "app.py"


@pytest.mark.parametrize("options", [[], ["--iam"]], ids=["plain", "judged by IAM"])
def test_the_demo_plays_one_deletion_and_says_that_it_went_right(tmp_path: Path, options: list[str]) -> None:
    played = subprocess.run(
        [sys.executable, str(APP), "demo", "--once", *options],
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


def test_the_sandbox_shows_a_page_with_a_card_to_decide_on_until_control_c_ends_everything(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, str(APP), "demo", "--no-open", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout
        heard = "".join(iter(demo.stdout.readline, "Nothing in it is real but the bot. Ctrl-C ends everything.\n"))
        url = next(word for word in heard.split() if word.startswith("http://"))
        page = get(url)
        with urllib.request.urlopen(f"{url}page/events", timeout=10) as stream:
            assert stream.readline() == b"event: hello\n"
            hello = json.loads(stream.readline().removeprefix(b"data: "))
        gallery = json.loads(get(f"{url}page/gallery.json"))  # made by the bot that runs
        demo.send_signal(signal.SIGINT)
        heard += demo.stdout.read()

    assert "<title>" in page
    assert [message["text"][:42] for message in hello["messages"]] == ["ann asks to delete snapshot web-1-2024-05-"]
    assert len(gallery["messages"]) > 40
    assert gallery["problems"] == {}
    assert demo.returncode == 0
    assert heard.endswith("Stopped.\n")
    with pytest.raises(URLError):
        get(url)


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


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
