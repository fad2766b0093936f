"""The shell command about the audit."""

import argparse
import sys

from bot import shell
from bot.settings import ShellSettings
from bot.slack import files
from storage import audit


def export(options: argparse.Namespace) -> None:
    """Print the record of all teams, or of one, oldest first."""
    settings = ShellSettings.load()
    since = shell.now() - options.since if options.since else None
    with shell.database(settings) as database, database.reading() as tx:
        for line in files.lines(audit.rows(tx, options.team, since), options.format):
            sys.stdout.write(line)
