"""The shell commands."""

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from alembic.util.exc import CommandError
from slack_bolt.error import BoltError
from slack_sdk.errors import SlackClientError
from sqlalchemy.exc import DBAPIError

from bot import logs, shell, shell_attributes, shell_audit, shell_doctor, shell_permissions
from bot.errors import LightkeeperError, SettingsError
from bot.settings import ShellSettings
from bot.shell_permissions import ChangedMeanwhileError
from bot.slack import gallery
from bot.spans import duration
from storage.database import Database, DatabaseLostError, UnchangedError
from storage.lease import LeaseHeldError
from storage.permissions import LastAdminError, NoSuchPermissionError
from storage.tables import EVERYBODY, Action

Serve = Callable[[str | None], None]
_EXPECTED = (
    LightkeeperError,
    UnchangedError,
    DatabaseLostError,
    LeaseHeldError,
    LastAdminError,
    NoSuchPermissionError,
    ChangedMeanwhileError,
    OSError,
    BoltError,  # the token is refused
    SlackClientError,  # the app token is
    CommandError,  # the database is newer than this version
)


def run(arguments: Sequence[str], serve: Serve) -> int:
    """Do what the arguments ask for; returns the exit status: 0, or 1 with the reason on stderr."""
    is_command = arguments and arguments[0] not in ("--http", "--socket")
    options = _parser().parse_args(list(arguments) if is_command else ["serve", *arguments])
    try:
        return _do(options, serve)
    except DBAPIError as error:
        print(f"The database can't be used: {error.orig}", file=sys.stderr)
    except _EXPECTED as error:
        print(error, file=sys.stderr)
    return 1


def _do(options: argparse.Namespace, serve: Serve) -> int:
    match options.command:
        case "serve":
            logs.set_up()
            serve(options.mode)
        case "demo":
            return _demo(options)
        case "gallery":
            return _gallery(as_json=options.json)
        case "migrate":
            _migrate()
        case "grant":
            shell_permissions.grant(options)
        case "revoke":
            shell_permissions.revoke(options)
        case "permissions":
            options.do(options)
        case "attributes":
            shell_attributes.do(options)
        case "doctor":
            return shell_doctor.run(as_json=options.json)
        case "audit":
            shell_audit.export(options)
        case _:
            print(_version())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="app.py", description="Lightkeeper: delete Lightsail snapshots from Slack, safely."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve Slack (also without any command)")
    serve.set_defaults(mode=None)
    how = serve.add_mutually_exclusive_group()
    how.add_argument("--http", dest="mode", action="store_const", const="http", help="Slack calls us, on PORT")
    how.add_argument("--socket", dest="mode", action="store_const", const="socket", help="we call Slack")
    demo = commands.add_parser("demo", help="play with a pretended Slack and Lightsail; needs neither")
    demo.add_argument("--once", action="store_true", help="play one whole deletion, then exit 0 if it went right")
    demo.add_argument("--port", type=_port, help="of the page; without, 8765 or any that is free")
    demo.add_argument(
        "--pace",
        choices=("fast", "real", "manual"),
        default="fast",
        help="how AWS works: in a second or two, as long as AWS, or when you say so on the page",
    )
    demo.add_argument("--iam", action="store_true", help="have AWS judge each deletion by the policies in docs/aws")
    demo.add_argument("--no-open", action="store_true", help="leave the browser alone")
    shown = commands.add_parser("gallery", help="print every message of the bot, checked against Slack's limits")
    shown.add_argument("--json", action="store_true", help="in one JSON object, for programs")
    commands.add_parser("migrate", help="bring the database schema to this version")
    _add_grant(commands.add_parser("grant", help="give somebody a permission"))
    revoke = commands.add_parser("revoke", help="take a permission back")
    revoke.add_argument("number", metavar="NUMBER", type=int, help="as `permissions` lists it")
    _add_team(revoke)
    _add_permissions(commands.add_parser("permissions", help="list who may do what; or as a file"))
    _add_attributes(commands.add_parser("attributes", help="what AWS's rules are told of people; or change it"))
    _add_audit(commands.add_parser("audit", help="who did what, as a file"))
    _add_doctor(commands)
    commands.add_parser("version", help="print the version")
    return parser


def _add_grant(grant: argparse.ArgumentParser) -> None:
    grant.add_argument("subject", metavar="USER", type=_subject, help="a Slack user id (U024BE7LH), or * for everybody")
    grant.add_argument("action", metavar="ACTION", type=Action, choices=list(Action), help=", ".join(Action))
    grant.add_argument(
        "pattern",
        metavar="PATTERN",
        nargs="?",
        default=shell_permissions.EVERYTHING,
        help="of snapshot names, such as web-*",
    )
    grant.add_argument("--region", help="only there")
    grant.add_argument(
        "--tag", action="append", default=[], metavar="K=V", help="only with this tag; a key alone is fine"
    )
    grant.add_argument("--deny", action="store_true", help="take the right away instead; any deny wins")
    grant.add_argument("--for", dest="lasting", type=_span, metavar="8h", help="only for so long")
    grant.add_argument("--note", default="", help="why")
    _add_team(grant)


def _add_permissions(listing: argparse.ArgumentParser) -> None:
    listing.set_defaults(do=shell_permissions.show)
    _add_team(listing)
    ways = listing.add_subparsers(metavar="export|apply")
    export = ways.add_parser("export", help="print them as a file (YAML)")
    export.set_defaults(do=shell_permissions.export)
    _add_team(export, default=argparse.SUPPRESS)
    apply = ways.add_parser("apply", help="make them what a file says")
    apply.set_defaults(do=shell_permissions.apply)
    apply.add_argument("file", metavar="FILE", help="as `export` writes it; - for what is piped in")
    apply.add_argument("--yes", action="store_true", help="apply it; without, only show what would change")
    apply.add_argument("--prune", action="store_true", help="revoke what the file does not name, too")
    _add_team(apply, default=argparse.SUPPRESS)


def _add_attributes(command: argparse.ArgumentParser) -> None:
    command.add_argument("subject", metavar="USER", nargs="?", type=_subject, help="a Slack user or group id, or *")
    command.add_argument("pairs", metavar="K=V", nargs="*", help="to set, such as team=blue")
    command.add_argument("--remove", action="append", default=[], metavar="K", help="take one away")
    _add_team(command)


def _add_audit(record: argparse.ArgumentParser) -> None:
    ways = record.add_subparsers(metavar="export", required=True)
    export = ways.add_parser("export", help="print the record, oldest first")
    export.add_argument("--since", type=_span, metavar="30d", help="only what is no older")
    export.add_argument("--format", choices=("csv", "jsonl"), default="csv")
    export.add_argument("--team", metavar="T", help="only of this workspace")


def _add_doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    doctor = commands.add_parser(
        "doctor",
        help="see whether settings, AWS, Slack and the database are as they should be",
        description="Looks at settings, AWS, Slack, the database and the clock, changes nothing, and says what to do.",
        epilog="Exits 0 if nothing is red (yellow is worth a look, and the bot works), 1 if something is.",
    )
    doctor.add_argument("--json", action="store_true", help="as one JSON object, for programs")


def _add_team(command: argparse.ArgumentParser, default: str | None = None) -> None:
    command.add_argument(
        "--team",
        metavar="T",
        default=default,
        help="the Slack workspace's id; without, Slack is asked (SLACK_BOT_TOKEN)",
    )


def _subject(text: str) -> str:
    """A person's id, however it was copied."""
    subject = re.sub(r"^<?@?([A-Z0-9*]+)(?:\|[^>]*)?>?$", r"\1", text)
    if subject == EVERYBODY or re.fullmatch(r"[UWS][A-Z0-9]{2,}", subject):
        return subject
    raise argparse.ArgumentTypeError(
        f"{text!r} is no Slack user id such as U024BE7LH; find it in Slack under Profile, “Copy member ID”"
    )


def _port(text: str) -> int:
    if text.isdecimal() and 0 <= (port := int(text)) <= 65535:  # noqa: PLR2004  (the highest there is)
        return port
    raise argparse.ArgumentTypeError(f"{text!r} is no port; one is a number up to 65535")


def _span(text: str) -> timedelta:
    try:
        span = duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if not span:
        raise argparse.ArgumentTypeError("should be some time, such as 8h")
    return span


def _migrate() -> None:
    database = Database(ShellSettings.load().database_url)
    try:
        shell.upgrade(database)
    finally:
        database.close()
    print("The database is up to date.")


def _version() -> str:
    """From `pyproject.toml`: the project is no package that could be asked."""
    text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def _demo(options: argparse.Namespace) -> int:
    try:
        from bot.sandbox import demo  # noqa: PLC0415  (an extra that servers don't install)
    except ImportError as error:
        raise SettingsError("The sandbox is not installed. Run: make demo") from error
    if options.once and options.pace == "manual":
        raise SettingsError("--once plays by itself: nobody is there to move AWS on. Choose --pace fast or real.")
    if options.once:
        return demo.once(options.pace, is_judged=options.iam)
    return demo.stay(options.port, options.pace, is_shown=not options.no_open, is_judged=options.iam)


def _gallery(*, as_json: bool) -> int:
    """Print every message; returns 1 if Slack would refuse one."""
    try:
        from bot.sandbox.slack.blockkit import message_problems  # noqa: PLC0415  (the same)
    except ImportError as error:
        raise SettingsError("The sandbox is not installed. Run: uv sync --extra sandbox") from error
    messages = [
        {"name": name, "text": message.text, "blocks": list(message.blocks)} for name, message in gallery.messages()
    ]
    problems = {str(each["name"]): found for each in messages if (found := message_problems(each))}
    if as_json:
        print(json.dumps({"messages": messages, "views": [], "problems": problems, "names": gallery.NAMES}))
        return 1 if problems else 0
    for each in messages:
        print(f"## {each['name']}\n\ntext: {each['text']}\n{json.dumps(each['blocks'], ensure_ascii=False, indent=2)}")
        print("".join(f"!! {problem}\n" for problem in problems.get(str(each["name"]), [])))
    return 1 if problems else 0
