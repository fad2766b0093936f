"""The bot, unmodified, against a pretended Slack and Lightsail: plays one whole deletion and shows it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox import company
from bot.sandbox.company import Company
from bot.sandbox.lightsail import LocalLightsail
from bot.sandbox.slack import Event, EventKind, LocalSlack, Message, NotVisibleError

APP = Path(__file__).parent.parent.parent / "app.py"
START_WITHIN = 15.0  # seconds
PACE = [("NotStarted", 0.0), ("Started", 1.5), ("Succeeded", 1.5)]
REASON = "old release"


def run(*, once: bool) -> int:
    """Play one deletion; without `once`, stay up until Ctrl-C. Returns 0 if it went as it should."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="lightkeeper-") as folder,
            LocalSlack() as slack,
            LocalLightsail() as aws,
        ):
            staff = company.people(slack)
            company.snapshots(aws, datetime.now(UTC))
            aws.pace(PACE)
            slack.listen(lambda event: _show(slack, event))
            with _bot(Path(folder), slack, aws, staff):
                went_right = _play(slack, aws, staff)
                if not once:
                    _stay(slack, aws, staff)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0 if not once else 130
    return 0 if went_right else 1


def _play(slack: LocalSlack, aws: LocalLightsail, staff: Company) -> bool:
    """One deletion from the command to the end of its thread; says what is not as it should be."""
    name, arn = company.OLD_RELEASE, _arn(aws, company.OLD_RELEASE)
    _type(staff, f'/snapshot delete {name} --reason "{REASON}"')
    (card,) = slack.wait_for(lambda: slack.messages(staff.ops), 15, "card")
    time.sleep(1)  # as long as a quick reader needs
    print(f"{_clock()}  Ann presses [ Delete snapshot ] and, in the dialog, [ Delete it ]\n")
    staff.ann.clicks("Delete snapshot", message=card)
    ended = slack.wait_for(lambda: _ended(slack, staff, card), 30, "end of the deletion")
    thread = "\n".join(message.reads() for message in slack.thread(staff.ops, card.ts))
    order = [
        thread.find(word) for word in ("Confirmed by", "NotStarted", "Started ·", "Succeeded", "the snapshot is gone")
    ]
    checks = {
        "the card says Deleted": ended.reads().startswith("✅ Deleted"),
        "the thread tells every status, in order": -1 not in order and order == sorted(order),
        "the snapshot is gone": all(snapshot.arn != arn for snapshot in aws.snapshots()),
        "AWS was called once": len(aws.calls("DeleteInstanceSnapshot")) == 1,
    }
    for check, right in checks.items():
        print(f"{'✓' if right else '✗'} {check}")
    return all(checks.values())


def _ended(slack: LocalSlack, staff: Company, card: Message) -> Message | None:
    """The card, once it and its thread have come to their end."""
    now = slack.message(staff.ops, card.ts)
    told = any(
        "is gone" in reply.reads() or "Not deleted" in reply.reads() for reply in slack.thread(staff.ops, card.ts)
    )
    return now if told and not now.buttons() and "Deleting" not in now.reads() else None


def _stay(slack: LocalSlack, aws: LocalLightsail, staff: Company) -> None:
    """Let the visitor be Ann, in #ops."""
    print(
        "\nNow you are Ann, in #ops. Type a command, or the label of a button, such as:\n"
        f"  /snapshot help\n  /snapshot delete {company.PROTECTED}      (protected)\n"
        f"  /snapshot delete web-1-2024-5-1             (a typo)\n  Delete snapshot\n"
        f"Slack: {slack.api_url}   Lightsail: {aws.url}   Ctrl-C ends it all.\n"
    )
    for typed in sys.stdin:
        words = typed.strip()
        try:
            if words.startswith("/"):
                _type(staff, words)
            elif words:
                staff.ann.clicks(words, channel=staff.ops)
        except NotVisibleError as error:
            print(str(error).partition("\n")[0])
    while True:  # nobody is at the keyboard
        time.sleep(3600)


def _type(staff: Company, command: str) -> None:
    print(f"{_clock()}  Ann types in #ops: {command}\n")
    staff.ann.types(command, staff.ops)


def _show(slack: LocalSlack, event: Event) -> None:
    """Print what somebody in Slack would see happen."""
    message = event.message
    where = "thread" if message.thread_ts else "#ops"
    how = {
        EventKind.POSTED: f"Lightkeeper in {where}",
        EventKind.WHISPERED: "Lightkeeper to Ann alone",
        EventKind.EDITED: "Lightkeeper edits its card",
        EventKind.DELETED: "Lightkeeper deletes",
    }[event.kind]
    if message.user == slack.bot_user_id:
        print(f"{_clock()}  {how}:")
        print("".join(f"          {line}\n" for line in message.reads().splitlines()), flush=True)


@contextmanager
def _bot(folder: Path, slack: LocalSlack, aws: LocalLightsail, staff: Company) -> Iterator[None]:
    """The bot as users run it, in HTTP mode, with the permissions of the company."""
    port = _free_port()
    environment = {
        **_clean(os.environ),
        **slack.environment(),
        **aws.environment(),
        "DATABASE_URL": f"sqlite:///{folder / 'lightkeeper.db'}",
        "LIGHTSAIL_REGIONS": ",".join(company.REGIONS),
        "LIGHTKEEPER_ADMINS": staff.cleo.id,
        "PYTHON_DOTENV_DISABLED": "1",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    grant = _app("grant", staff.ann.id, "delete", "--note", "demo")
    subprocess.run(grant, env=environment, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  (our own program)
    log = folder / "bot.log"
    with log.open("wb") as output:
        bot = subprocess.Popen(  # noqa: S603  (the same)
            _app("serve", "--http"), env=environment, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_ready(bot, f"http://127.0.0.1:{port}/readyz", log)
            slack.deliver_to(f"http://127.0.0.1:{port}/slack/events")
            yield
        finally:
            bot.terminate()
            bot.wait(10)


def _wait_ready(bot: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + START_WITHIN
    while time.monotonic() < end and bot.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310  (loopback, ours)
                if answer.status == 200:  # noqa: PLR2004  (HTTP's OK)
                    return
        except OSError:
            time.sleep(0.05)
    raise OSError(f"The bot did not start. It said:\n{log.read_text(encoding='utf-8')}")


def _app(*arguments: str) -> list[str]:
    return [sys.executable, str(APP), *arguments]


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what would lead the bot to a real Slack or AWS."""
    ours = ("AWS_", "SLACK_", "LIGHT", "DATABASE_URL", "CONFIRMATION_TTL", "PROTECTED_TAGS")
    return {name: value for name, value in environment.items() if not name.startswith(ours)}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _arn(aws: LocalLightsail, name: str) -> str:
    return next(snapshot.arn for snapshot in aws.snapshots() if snapshot.name == name)


def _clock() -> str:
    return f"{datetime.now(UTC):%H:%M:%S}"
