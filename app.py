"""Lightkeeper: wires the bot, and starts what the command line asks for."""

import secrets
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime

from dotenv import load_dotenv
from slack_bolt import App
from slack_sdk import WebClient

from bot import cli, lightsail, serve
from bot.ask import Asking
from bot.attributing import Attributing
from bot.clock import boot_clock
from bot.decide import Deciding
from bot.doctor.chart import Chart
from bot.doctor.checkup import examine
from bot.errors import SettingsError
from bot.examining import Examining
from bot.follower import Follower
from bot.freezing import Freezing
from bot.lightsail import Lightsail
from bot.looking import Looking
from bot.memory import Memory
from bot.notifying import Notifying
from bot.outages import Watched
from bot.permitting import Permitting
from bot.retention import Retention
from bot.rules import Rulebook
from bot.serve import Service
from bot.settings import Settings
from bot.slack.client import Done, Never, Unsure, Wait, attempt, web_client
from bot.slack.desk import Desk
from bot.slack.directory import Directory
from bot.slack.files import Files
from bot.slack.listeners import Listeners
from bot.slack.outbox import Outbox
from bot.slack.pages import Links
from bot.slack.people import People
from bot.slack.rooms import Rooms
from bot.steps import Steps
from storage import migrations, pooler
from storage.advisory_lease import AdvisoryLease
from storage.clock import SharedClock
from storage.database import Database
from storage.file_lease import FileLease
from storage.lease import Lease

WORKERS = 16  # that ask AWS and answer people
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that sounds or looks like something else


def utc_now() -> datetime:
    """The time, as every part of the bot is given it."""
    return datetime.now(UTC)


def new_id() -> str:
    """An id for a deletion that people can read aloud: `D-7F2KQ`."""
    return "D-" + "".join(secrets.choice(_ALPHABET) for _ in range(5))


def build(settings: Settings, *, mode: str | None = None, now: Callable[[], datetime] | None = None) -> Service:
    """The bot, wired, with its database ready and its lease taken.

    Args:
        settings: what the environment says.
        mode: `http` or `socket`; without, Socket Mode where there is a token for it.
        now: the clock; without, this machine's, which a database that is shared puts right.

    Raises:
        SettingsError: it can't be served so; the message says what to do.
        LeaseHeldError: another process serves the same database.
    """
    app_token = _app_token(settings, mode)
    regions = _regions(settings)
    own = now or utc_now  # by which this machine signs
    now = now or SharedClock(utc_now)
    with ExitStack() as undo:
        database = Database(settings.database_url)
        undo.callback(database.close)
        lease = _ready_lease(database, now)
        undo.callback(lease.release)
        client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        app, team, home = _bolt(client, settings)
        snapshots = Lightsail(regions, role=settings.lightsail_role_arn, external_id=settings.lightsail_external_id)
        watched = Watched(snapshots, database, settings.lightkeeper_admins, now, lease.wake)
        rules = Rulebook(settings.lightkeeper_admins, settings.guarding)
        notifying = Notifying(settings.notify_channel)
        pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="ask")
        tellers = ThreadPoolExecutor(WORKERS, thread_name_prefix="answer")  # told even while every look-up is slow
        asking = Asking(
            database,
            watched,
            Rooms(client),
            lease,
            rules,
            settings.confirmation_ttl,
            now,
            new_id,
            settings.approval_ttl,
            settings.approvals_channel,
        )
        deciding = Deciding(database, lease, rules, now, notifying)
        freezing = Freezing(database, rules, now, lease.wake, notifying)
        desk = Desk(
            Permitting(database, rules, now, lease.wake, notifying),
            Attributing(database, rules, now, lease.wake, notifying),
            Looking(asking, has_role=settings.lightsail_role_arn is not None),
            Memory(database, rules, now),
            People(client, database),
            Files(client),
            Links(home),
            now,
            Examining(database, rules, now, lambda: examine(Chart(settings, app_token is not None, now=own))),
        )
        teams, channels = settings.slack_teams, settings.slack_channels
        Listeners(asking, deciding, freezing, desk, database, client, pool, tellers, teams, channels).register(app)
        steps = Steps(lease, watched, rules, now, boot_clock, notifying=notifying, role=settings.lightsail_role_arn)
        follower = Follower(database, lease, steps, now, regions=len(regions))
        outbox = Outbox(database, lease, client, now, time.monotonic)
        directory = Directory(lease, client, team, now, time.monotonic)
        loops = (follower, outbox, directory, Retention(lease, settings.audit_retention or None, now))
        secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else None
        service = Service(
            database, lease, snapshots, app, pool, tellers, loops, settings.host, settings.port, app_token, secret
        )
        undo.pop_all()
    return service


def _bolt(client: WebClient, settings: Settings) -> tuple[App, str, str]:
    """Bolt's app, once Slack has accepted the token; the workspace whose token it is, and its address.

    Raises:
        SettingsError: it has not; the message says what Slack said.
    """
    match attempt(client.auth_test):
        case Done() as done:
            team, home = done.field("team_id"), done.field("url")
        case Unsure(problem=problem):
            raise SettingsError(f"Slack does not answer at {settings.slack_api_url} ({problem}).")
        case Wait(problem=problem) | Never(problem=problem):
            raise SettingsError(f"Slack does not accept SLACK_BOT_TOKEN ({problem}).")
    app = App(
        name="lightkeeper",  # else Bolt reads the source of every caller to find one
        client=client,
        signing_secret=settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else "",
        process_before_response=True,
        raise_error_for_unhandled_request=True,
    )
    return app, team, home


def _app_token(settings: Settings, mode: str | None) -> str | None:
    if mode != "http" and settings.slack_app_token:
        return settings.slack_app_token.get_secret_value()
    if mode == "socket":
        raise SettingsError("Socket Mode needs SLACK_APP_TOKEN (xapp-…).")
    if settings.slack_signing_secret is None:
        raise SettingsError("HTTP mode needs SLACK_SIGNING_SECRET: without it, anybody could pretend to be Slack.")
    return None


def _regions(settings: Settings) -> list[str]:
    """The regions to look at, each with an endpoint."""
    places = lightsail.places(settings.lightsail_regions)
    if places.problem:
        raise SettingsError(places.problem)
    return places.regions


def _ready_lease(database: Database, now: Callable[[], datetime]) -> Lease:
    """The lease of a database whose schema is at its head: SQLite migrates by itself, PostgreSQL by a release.

    Raises:
        SettingsError: the database can't be used so.
        LeaseHeldError: another process serves the same file.
    """
    if database.is_sqlite:
        lease = FileLease(database, now)
        lease.lock()
        try:
            migrations.upgrade(database)
        except BaseException:
            lease.release()
            raise
        return lease
    if not migrations.is_current(database):
        raise SettingsError("The database has another schema than this version. Run: python app.py migrate")
    if pooler.is_between(database):
        raise SettingsError(
            "DATABASE_URL leads to a pooler that gives each transaction another connection (such as PgBouncer with "
            "pool_mode=transaction): two processes could then both call AWS. Use the database's own address, or "
            "pool_mode=session."
        )
    return AdvisoryLease(database, now)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    load_dotenv()
    return cli.run(
        sys.argv[1:] if arguments is None else arguments, lambda mode: serve.run(build(Settings.load(), mode=mode))
    )


if __name__ == "__main__":
    sys.exit(main())
