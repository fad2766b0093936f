"""The first thing that anybody runs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

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
    assert positions == sorted(positions)
    assert said.count("✓") == 4


def test_a_visitor_can_go_on_as_ann_until_control_c(tmp_path: Path) -> None:
    heard = ""
    with subprocess.Popen(
        [sys.executable, str(APP), "demo"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as demo:
        assert demo.stdin
        assert demo.stdout
        for line in demo.stdout:
            heard += line
            if line.startswith("Slack: "):
                demo.stdin.write("/snapshot help\nno such button\n")
                demo.stdin.flush()
            if "sees no button" in line:
                demo.send_signal(signal.SIGINT)

    assert demo.returncode == 0
    assert "Lightkeeper to Ann alone" in heard
    assert heard.endswith("Stopped.\n")
