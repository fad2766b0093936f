"""The shell commands."""

import argparse
import getpass
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic.util.exc import CommandError
from slack_bolt.error import BoltError
from slack_sdk.errors import SlackClientError
from sqlalchemy.exc import DBAPIError

from bot import logs
from bot.errors import LightkeeperError, SettingsError
from bot.settings import ShellSettings
from bot.slack import gallery
from bot.slack.client import Done, attempt, web_client
from bot.spans import duration
from storage import migrations, permissions
from storage.database import Database, DatabaseLostError, UnchangedError
from storage.file_lease import FileLease
from storage.lease import LeaseHeldError
from storage.permissions import LastAdminError, NoSuchPermissionError
from storage.tables import EVERYBODY, Action, Effect, Permission

EVERYTHING = "*"
Serve = Callable[[str | None], None]
_EXPECTED = (
    LightkeeperError,
    UnchangedError,
    DatabaseLostError,
    LeaseHeldError,
    LastAdminError,
    NoSuchPermissionError,
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
            _grant(options)
        case "revoke":
            _revoke(options)
        case "permissions":
            _permissions(options)
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
    demo.add_argument("--no-open", action="store_true", help="leave the browser alone")
    shown = commands.add_parser("gallery", help="print every message of the bot, checked against Slack's limits")
    shown.add_argument("--json", action="store_true", help="in one JSON object, for programs")
    commands.add_parser("migrate", help="bring the database schema to this version")
    _add_grant(commands.add_parser("grant", help="give somebody a permission"))
    revoke = commands.add_parser("revoke", help="take a permission back")
    revoke.add_argument("number", metavar="NUMBER", type=int, help="as `permissions` lists it")
    _add_team(revoke)
    _add_team(commands.add_parser("permissions", help="list who may do what"))
    commands.add_parser("version", help="print the version")
    return parser


def _add_grant(grant: argparse.ArgumentParser) -> None:
    grant.add_argument("subject", metavar="USER", type=_subject, help="a Slack user id (U024BE7LH), or * for everybody")
    grant.add_argument("action", metavar="ACTION", type=Action, choices=list(Action), help=", ".join(Action))
    grant.add_argument(
        "pattern", metavar="PATTERN", nargs="?", default=EVERYTHING, help="of snapshot names, such as web-*"
    )
    grant.add_argument("--region", help="only there")
    grant.add_argument(
        "--tag", action="append", default=[], metavar="K=V", help="only with this tag; a key alone is fine"
    )
    grant.add_argument("--deny", action="store_true", help="take the right away instead; any deny wins")
    grant.add_argument("--for", dest="lasting", type=_span, metavar="8h", help="only for so long")
    grant.add_argument("--note", default="", help="why")
    _add_team(grant)


def _add_team(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--team", metavar="T", help="the Slack workspace's id; without, Slack is asked (SLACK_BOT_TOKEN)"
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


@contextmanager
def _database(settings: ShellSettings) -> Iterator[Database]:
    """The database with the schema of this version: a new SQLite file gets it at once."""
    database = Database(settings.database_url)
    try:
        if not migrations.is_current(database):
            if not database.is_sqlite:
                raise SettingsError("The database has another schema than this version. Run: python app.py migrate")
            _upgrade(database)
        yield database
    finally:
        database.close()


def _upgrade(database: Database) -> None:
    """On SQLite not while another process serves it: that one may know another schema."""
    if not database.is_sqlite:
        migrations.upgrade(database)
        return
    lease = FileLease(database, _now)
    lease.lock()
    try:
        migrations.upgrade(database)
    finally:
        lease.release()


def _migrate() -> None:
    database = Database(ShellSettings.load().database_url)
    try:
        _upgrade(database)
    finally:
        database.close()
    print("The database is up to date.")


def _grant(options: argparse.Namespace) -> None:
    settings = ShellSettings.load()
    now = _now()
    pairs = [tag.partition("=") for tag in options.tag]
    is_scoped = options.pattern != EVERYTHING or options.region or pairs
    if options.action is Action.ADMIN and is_scoped and not options.deny:
        raise SettingsError("admin is about everything: it takes no pattern, region or tag.")
    if len({key for key, _, _ in pairs}) < len(pairs):
        raise SettingsError("--tag: one key can't have two values at once; make a grant for each.")
    row = Permission(
        team_id=_team(options, settings),
        subject=options.subject,
        effect=Effect.DENY if options.deny else Effect.ALLOW,
        action=options.action,
        pattern=options.pattern,
        region=options.region,
        tags={key: value if equals else None for key, equals, value in pairs},
        valid_until=None if options.lasting is None else now + options.lasting,
        note=options.note,
        granted_by=_login(),
        granted_at=now,
    )
    with _database(settings) as database, database.transaction() as tx:
        print(_line(permissions.grant(tx, row)))


def _revoke(options: argparse.Namespace) -> None:
    settings = ShellSettings.load()
    team = _team(options, settings)
    with _database(settings) as database, database.transaction() as tx:
        admins = settings.lightkeeper_admins
        print("Revoked:", _line(permissions.revoke(tx, team, options.number, by=_login(), now=_now(), admins=admins)))


def _permissions(options: argparse.Namespace) -> None:
    settings = ShellSettings.load()
    team = _team(options, settings)
    with _database(settings) as database, database.reading() as tx:
        rows = permissions.current(tx, team, _now())
    for admin in sorted(settings.lightkeeper_admins):
        print(f"   -  {admin} allow admin (LIGHTKEEPER_ADMINS)")
    for row in rows:
        print(_line(row))
    if not rows and not settings.lightkeeper_admins:
        print("Nobody has permissions. The first: python app.py grant U024BE7LH delete 'web-*'")


def _line(row: Permission) -> str:
    tags = ",".join(key if value is None else f"{key}={value}" for key, value in row.tags.items())
    parts = [
        f"{row.id:>4}  {row.subject} {row.effect} {row.action} {row.pattern}",
        row.region and f"in {row.region}",
        tags and f"tagged {tags}",
        row.valid_until and f"until {row.valid_until:%Y-%m-%d %H:%M} UTC",
        row.note and f"“{row.note}”",
    ]
    return " ".join(part for part in parts if part)


def _team(options: argparse.Namespace, settings: ShellSettings) -> str:
    """The workspace, as named, or as Slack knows the bot's token.

    Raises:
        SettingsError: neither is to be had.
    """
    if options.team:
        return str(options.team)
    if settings.slack_bot_token is None:
        raise SettingsError("Which workspace? Set SLACK_BOT_TOKEN, so that Slack can be asked, or pass --team T….")
    client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    match attempt(client.auth_test):
        case Done() as done:
            return done.field("team_id")
        case failed:
            raise SettingsError(f"Slack did not say which workspace this is ({failed.problem}); pass --team T….")


def _login() -> str:
    return f"shell:{getpass.getuser()}"


def _now() -> datetime:
    return datetime.now(UTC)


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
        return demo.once(options.pace)
    return demo.stay(options.port, options.pace, is_shown=not options.no_open)


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
