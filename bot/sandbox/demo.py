"""The bot, unmodified, against a pretended Slack and Lightsail: to play with on a page, or to see one deletion."""

import json
import os
import signal
import socket
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.sandbox import company
from bot.sandbox.company import Company
from bot.sandbox.lightsail import LocalLightsail
from bot.sandbox.page import Page
from bot.sandbox.runner import Runner
from bot.sandbox.slack import Event, EventKind, LocalSlack, Message

USUAL_PORT = 8765
REASON = "old release"
COMMAND = f'/snapshot delete {company.OLD_RELEASE} --reason "{REASON}"'
_POLICIES = Path(__file__).parents[2] / "docs" / "aws"
_ACCOUNT, _EXTERNAL_ID = "123456789012", "CHANGE-ME"  # of the documentation; the first one is moto's own, too
INTERRUPTED = 130  # a shell's exit status of a program that Ctrl-C ended


@dataclass(frozen=True)
class Stage:
    """The bot and its pretended surroundings."""

    slack: LocalSlack
    aws: LocalLightsail
    staff: Company
    runner: Runner


def once(pace: str, *, is_judged: bool = False) -> int:
    """Play one deletion in the terminal. Returns 0 if it went as it should."""
    _end_on_signals()
    try:
        with set_up(0, pace, is_judged=is_judged) as stage:
            stage.slack.listen(lambda event: _show(stage.slack, event))
            with stage.runner:
                return 0 if _play(stage) else 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return INTERRUPTED


def stay(port: int | None, pace: str, *, is_shown: bool, is_judged: bool = False) -> int:
    """Serve the page until Ctrl-C, in the browser at once if `is_shown` and there is one. Returns 0.

    Raises:
        OSError: the port is taken, or the bot does not start.
    """
    _end_on_signals()
    try:
        with set_up(_port(port), pace, is_judged=is_judged) as stage, stage.runner:
            _ask_first(stage)
            print(_welcome(stage), flush=True)
            if is_shown:
                _open(f"{stage.slack.base_url}/")
            threading.Event().wait()
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


def _end_on_signals() -> None:
    """On Ctrl-C even where a script has put this into its background, which has it ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _welcome(stage: Stage) -> str:
    url = stage.slack.base_url
    return (
        f"\nThe sandbox is at  {url}/\n"
        f"  every message:   {url}/gallery\n  the bot's log:   {stage.runner.log}\n"
        "Nothing in it is real but the bot. Ctrl-C ends everything."
    )


def _page(stage: Stage) -> Page:
    def gallery() -> Any:  # noqa: ANN401  (JSON of the bot's own making)
        return stage.runner.json("gallery", "--json")

    return Page(
        slack=stage.slack,
        may=stage.staff.may(),
        commands=company.COMMANDS,
        aws=stage.aws,
        regions=company.REGIONS,
        runner=stage.runner,
        gallery=gallery,
    )


def _ask_first(stage: Stage) -> None:
    """Have a card there for the visitor to decide on."""
    stage.staff.ann.types(COMMAND, stage.staff.ops)
    stage.slack.wait_for(lambda: stage.slack.messages(stage.staff.ops), 15, "card")


def _open(url: str) -> None:
    """In a browser with a window; where there is none, some systems would open one in this terminal."""
    displays = [os.environ.get(each) for each in ("DISPLAY", "WAYLAND_DISPLAY")]
    if sys.stdout.isatty() and (sys.platform in {"darwin", "win32"} or any(displays)):
        webbrowser.open(url)


@contextmanager
def set_up(port: int, pace: str, *, is_judged: bool = False, **settings: str) -> Iterator[Stage]:
    """Slack with its page and AWS up, the company in them, the bot with these settings not started yet.

    Where it `is_judged`, each deletion runs under a role, with the policies of the documentation.
    """
    with ExitStack() as open_things:
        folder = Path(open_things.enter_context(tempfile.TemporaryDirectory(prefix="lightkeeper-")))
        slack = open_things.enter_context(LocalSlack(port=port))
        aws = open_things.enter_context(LocalLightsail())
        staff = company.people(slack)
        company.snapshots(aws, datetime.now(UTC), of_teams=is_judged)
        aws.pace(pace)
        bot_port = _free_port()
        role = _role(aws) if is_judged else {}
        environment = {**_environment(folder, slack, aws, staff, bot_port), **role, **settings}
        runner = Runner(folder, environment, "http")
        (rules := folder / "permissions.yaml").write_text(json.dumps(staff.rules(of_teams=is_judged)), encoding="utf-8")
        runner.run("permissions", "apply", str(rules), "--yes", "--team", slack.team_id)
        slack.deliver_to(f"http://127.0.0.1:{bot_port}/slack/events")
        stage = Stage(slack, aws, staff, runner)
        slack.mount(_page(stage))
        yield stage


def _role(aws: LocalLightsail) -> Mapping[str, str]:
    """The role of the documentation, which whoever has the keys of this account may assume; and the bot's settings."""
    policy, trust = ((_POLICIES / f"{name}.json").read_text(encoding="utf-8") for name in ("deleting", "trust"))
    bot, anybody = (f"arn:aws:iam::{_ACCOUNT}:{who}" for who in ("role/lightkeeper-bot", "root"))
    role = aws.account(_ACCOUNT, role="lightkeeper", policy=policy, trust=trust.replace(bot, anybody))
    return {"LIGHTSAIL_ROLE_ARN": role.arn, "LIGHTSAIL_EXTERNAL_ID": _EXTERNAL_ID}


def _environment(folder: Path, slack: LocalSlack, aws: LocalLightsail, staff: Company, port: int) -> Mapping[str, str]:
    return {
        **_clean(os.environ),
        **slack.environment(),
        **aws.environment(),
        "DATABASE_URL": f"sqlite:///{folder / 'lightkeeper.db'}",
        "LIGHTSAIL_REGIONS": ",".join(company.REGIONS),
        "LIGHTKEEPER_ADMINS": staff.admins(),
        "PYTHON_DOTENV_DISABLED": "1",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }


def _play(stage: Stage) -> bool:
    """One deletion from the command to the end of its thread; says what is not as it should be."""
    slack, aws, staff = stage.slack, stage.aws, stage.staff
    name, arn = company.OLD_RELEASE, _arn(aws, company.OLD_RELEASE)
    print(f"{_clock()}  Ann types in #ops: {COMMAND}\n")
    staff.ann.types(COMMAND, staff.ops)
    (card,) = slack.wait_for(lambda: slack.messages(staff.ops), 15, "card")
    time.sleep(1)  # as long as a quick reader needs
    print(f"{_clock()}  Ann presses [ Delete snapshot ] and, in the dialog, [ Delete it ]\n")
    staff.ann.clicks("Delete snapshot", message=card)
    ended = slack.wait_for(lambda: _ended(slack, staff, card), 60, f"end of the deletion of {name}")
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


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what would lead the bot to a real Slack or AWS."""
    ours = ("AWS_", "SLACK_", "LIGHT", "DATABASE_URL", "CONFIRMATION_TTL", "PROTECTED_TAGS")
    return {name: value for name, value in environment.items() if not name.startswith(ours)}


def _port(wanted: int | None) -> int:
    """The wanted one, else the usual one, so that an open page finds its sandbox again, else any."""
    if wanted is not None:
        return wanted
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does it
        try:
            one.bind(("127.0.0.1", USUAL_PORT))
        except OSError:
            return 0
    return USUAL_PORT


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _arn(aws: LocalLightsail, name: str) -> str:
    return next(snapshot.arn for snapshot in aws.snapshots() if snapshot.name == name)


def _clock() -> str:
    return f"{datetime.now(UTC):%H:%M:%S}"
