"""The shell command about attributes, which AWS is told of people."""

import argparse
from itertools import groupby

from bot import shell
from bot.attributes import MOST, fitting, shown
from bot.errors import SettingsError
from bot.notifying import Notifying
from bot.settings import ShellSettings
from storage import attributes, permissions


def do(options: argparse.Namespace) -> None:
    """Show them, or change those of one subject.

    Raises:
        SettingsError: it makes no sense as typed, or AWS would not take it.
    """
    settings = ShellSettings.load()
    pairs = [pair.partition("=") for pair in options.pairs]
    if bare := next((key for key, equals, _ in pairs if not equals), None):
        raise SettingsError(f"{bare!r}: an attribute is written key=value, such as team=blue.")
    put, problem = fitting([(key.strip(), value.strip()) for key, _, value in pairs])
    if problem:
        raise SettingsError(problem)
    if both := {key.lower() for key in put} & {key.lower() for key in options.remove}:
        raise SettingsError(f"{', '.join(sorted(both))} can't be set and removed at once.")
    if options.remove and options.subject is None:
        raise SettingsError("Whose? A user or group goes in front.")
    team = shell.team_of(options.team, settings)
    with shell.database(settings) as database:
        if put or options.remove:
            with database.transaction() as tx:
                now, by = shell.now(), shell.login()
                permissions.alone(tx, team)
                before = {row.key: row.value for row in attributes.of(tx, team, options.subject)}
                after = attributes.merged(before, put, options.remove)
                if len(after) > MOST:
                    raise SettingsError(f"That would be {len(after)} attributes; {MOST} is the most.")
                dropped = sorted(key for key in before if key not in after)
                new = {key: value for key, value in after.items() if before.get(key) != value}
                if new or dropped:
                    attributes.change(tx, team, options.subject, new, dropped, by=by, now=now)
                    channel = Notifying(settings.notify_channel)
                    channel.attributes(tx, options.subject, new, dropped, at=now, by_name=by)
        with database.reading() as tx:
            rows = attributes.of(tx, team, options.subject)
    for subject, found in groupby(rows, key=lambda row: row.subject):
        print(subject, shown({row.key: row.value for row in found}))
    if not rows:
        print("No attributes. The first: python app.py attributes U024BE7LH team=blue")
