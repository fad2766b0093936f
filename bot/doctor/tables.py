"""How the database is."""

import os
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.doctor.chart import Chart
from bot.doctor.finding import Area, Finding, State
from storage import health
from storage.health import Health, NoFileError
from storage.migrations import Schema

_POOLED = (
    "A pooler stands before it that gives each transaction another connection, such as PgBouncer with "
    "pool_mode=transaction"
)


def findings(chart: Chart) -> list[Finding]:
    """Whether it can be reached, has the schema, and is not behind a pooler; and who carries deletions forward."""
    if "database_url" in chart.unusable:
        return [_finding(State.NOTE, "Not looked at: DATABASE_URL can't be used")]
    url = chart.settings.database_url
    try:
        seen = health.examine(url)
    except NoFileError:
        return [_without_file(Path(sa.make_url(url).database or ""))]
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).partition("\n")[0]
        advice = "See that the address in DATABASE_URL is right, that the database runs, and that it lets this user in."
        return [_finding(State.RED, f"It can't be used: {said[:300]}", advice)]
    return [_schema(seen), *_pooler(seen), *_lease(seen)]


def _without_file(file: Path) -> Finding:
    folder = file.resolve().parent
    if not os.access(folder, os.W_OK | os.X_OK):
        why = "can't be written to" if folder.is_dir() else "is not there"
        advice = "Make the folder, let the bot write to it, or set DATABASE_URL to another one."
        return _finding(State.RED, f"{file} can't be made: its folder {why}", advice)
    return _finding(State.NOTE, f"{file} is not there yet: it is made at the first start")


def _schema(seen: Health) -> Finding:
    what = f"{seen.dialect} {seen.version}"
    is_by_itself = seen.dialect == "SQLite"
    match seen.schema:
        case Schema.CURRENT:
            return _finding(State.GREEN, f"{what}, with the schema of this version")
        case Schema.NEWER:
            advice = "Run the version of Lightkeeper that made it, or a later one."
            return _finding(State.RED, f"{what}: its schema is newer than this version", advice)
        case Schema.NONE | Schema.OLDER if is_by_itself:
            which = "no schema yet" if seen.schema is Schema.NONE else "an older schema"
            advice = (
                "The next start brings it up to date by itself; so does `python app.py migrate`. Keep a copy first."
            )
            return _finding(State.YELLOW, f"{what}, with {which}", advice)
        case Schema.NONE | Schema.OLDER:
            which = "it has no schema yet" if seen.schema is Schema.NONE else "its schema is older than this version"
            return _finding(State.RED, f"{what}: {which}", "Run `python app.py migrate`; the bot does not start so.")


def _pooler(seen: Health) -> list[Finding]:
    if not seen.is_pooled:
        return []
    return [
        _finding(
            State.RED,
            _POOLED,
            "Use the database's own address, or pool_mode=session: else two processes could both call AWS.",
        )
    ]


def _lease(seen: Health) -> list[Finding]:
    if seen.schema is not Schema.CURRENT:
        return []
    if not seen.holder:
        return [_finding(State.NOTE, "Nobody holds the lease: no bot serves this database now")]
    since = f" on {seen.held_since:%Y-%m-%d at %H:%M} UTC" if seen.held_since else ""
    return [_finding(State.NOTE, f"The lease was last taken by {seen.holder}{since}")]


def _finding(state: State, title: str, advice: str = "") -> Finding:
    return Finding(Area.DATABASE, state, title, advice)
