"""What shell commands have in common: the database, the workspace, and who is typing."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from bot.errors import SettingsError
from bot.settings import ShellSettings
from bot.slack.client import Done, attempt, web_client
from storage import migrations
from storage.database import Database
from storage.file_lease import FileLease


@contextmanager
def database(settings: ShellSettings) -> Iterator[Database]:
    """The database with the schema of this version: a new SQLite file gets it at once."""
    opened = Database(settings.database_url)
    try:
        if not migrations.is_current(opened):
            if not opened.is_sqlite:
                raise SettingsError("The database has another schema than this version. Run: python app.py migrate")
            upgrade(opened)
        yield opened
    finally:
        opened.close()


def upgrade(database: Database) -> None:
    """On SQLite not while another process serves it: that one may know another schema."""
    if not database.is_sqlite:
        migrations.upgrade(database)
        return
    lease = FileLease(database, now)
    lease.lock()
    try:
        migrations.upgrade(database)
    finally:
        lease.release()


def team_of(named: str | None, settings: ShellSettings) -> str:
    """The workspace, as named, or as Slack knows the bot's token.

    Raises:
        SettingsError: neither is to be had.
    """
    if named:
        return named
    if settings.slack_bot_token is None:
        raise SettingsError("Which workspace? Set SLACK_BOT_TOKEN, so that Slack can be asked, or pass --team T….")
    client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    match attempt(client.auth_test):
        case Done() as done:
            return done.field("team_id")
        case failed:
            raise SettingsError(f"Slack did not say which workspace this is ({failed.problem}); pass --team T….")


def login() -> str:
    """Who is typing, as the record names them."""
    return f"shell:{getpass.getuser()}"


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)
