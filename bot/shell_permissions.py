"""The shell commands about permissions."""

import argparse
import json
import sys
from pathlib import Path

from sqlmodel import Session

from bot import rulefile, shell
from bot.attributes import MOST
from bot.errors import SettingsError
from bot.notifying import Notifying
from bot.rulefile import Plan, RuleFile, RuleFileError
from bot.settings import ShellSettings
from storage import attributes, permissions
from storage.tables import Action, Audit, Effect, Permission

EVERYTHING = "*"


class ChangedMeanwhileError(Exception):
    """Somebody else has changed permissions since; the words say what."""


def grant(options: argparse.Namespace) -> None:
    """Give somebody a permission.

    Raises:
        SettingsError: it makes no sense as typed.
        LastAdminError: nobody could grant any more.
    """
    settings, now = ShellSettings.load(), shell.now()
    pairs = [tag.partition("=") for tag in options.tag]
    is_scoped = options.pattern != EVERYTHING or options.region or pairs
    if options.action is Action.ADMIN and is_scoped and not options.deny:
        raise SettingsError("admin is about everything: it takes no pattern, region or tag.")
    if len({key for key, _, _ in pairs}) < len(pairs):
        raise SettingsError("--tag: one key can't have two values at once; make a grant for each.")
    row = Permission(
        team_id=shell.team_of(options.team, settings),
        subject=options.subject,
        effect=Effect.DENY if options.deny else Effect.ALLOW,
        action=options.action,
        pattern=options.pattern,
        region=options.region,
        tags={key: value if equals else None for key, equals, value in pairs},
        valid_until=None if options.lasting is None else now + options.lasting,
        note=options.note,
        granted_by=shell.login(),
        granted_at=now,
    )
    with shell.database(settings) as database, database.transaction() as tx:
        permissions.grant(tx, row, settings.lightkeeper_admins)
        Notifying(settings.notify_channel).permission(tx, "granted", row, at=now, by_name=shell.login())
        print(_line(row))


def revoke(options: argparse.Namespace) -> None:
    """Take a permission back.

    Raises:
        NoSuchPermissionError: there is none that counts.
        LastAdminError: nobody could grant any more.
    """
    settings, now = ShellSettings.load(), shell.now()
    team, admins = shell.team_of(options.team, settings), settings.lightkeeper_admins
    with shell.database(settings) as database, database.transaction() as tx:
        row = permissions.revoke(tx, team, options.number, by=shell.login(), now=now, admins=admins)
        Notifying(settings.notify_channel).permission(tx, "revoked", row, at=now, by_name=shell.login())
        print("Revoked:", _line(row))


def show(options: argparse.Namespace) -> None:
    """List who may do what."""
    settings = ShellSettings.load()
    team = shell.team_of(options.team, settings)
    with shell.database(settings) as database, database.reading() as tx:
        rows = permissions.current(tx, team, shell.now())
    for admin in sorted(settings.lightkeeper_admins):
        print(f"   -  {admin} allow admin (LIGHTKEEPER_ADMINS)")
    for row in rows:
        print(_line(row))
    if not rows and not settings.lightkeeper_admins:
        print("Nobody has permissions. The first: python app.py grant U024BE7LH delete 'web-*'")


def export(options: argparse.Namespace) -> None:
    """Print them as a file that `apply` takes."""
    settings = ShellSettings.load()
    team = shell.team_of(options.team, settings)
    with shell.database(settings) as database, database.reading() as tx:
        rows = permissions.current(tx, team, shell.now())
        print(rulefile.write(rows, permissions.revision(tx, team), attributes.of(tx, team)), end="")


def apply(options: argparse.Namespace) -> None:
    """Make the permissions what a file says, after showing what would change.

    Raises:
        RuleFileError: the file has mistakes.
        ChangedMeanwhileError: somebody else has changed them since it was exported, or since the change was shown.
        LastAdminError: nobody could grant any more.
        OSError: the file can't be read.
    """
    settings = ShellSettings.load()
    wanted = _read(options.file)
    team = shell.team_of(options.team, settings)
    with shell.database(settings) as database:
        with database.reading() as tx:
            rows = {row.id or 0: row for row in permissions.current(tx, team, shell.now())}
            shown = rulefile.plan(rows.values(), wanted, shell.now(), attributes.of(tx, team))
            changes = _since(tx, team, wanted)
        _print_plan(shown, rows, prune=options.prune)
        if not shown.changes(prune=options.prune):
            print("Nothing to change.")
            return
        if changes:
            raise ChangedMeanwhileError(_changed(options.file, changes))
        if not options.yes and not _agreed():
            print("Nothing was changed. To apply it: add --yes")
            return
        with database.transaction() as tx:
            _carry_out(tx, team, wanted, shown, settings, prune=options.prune)
    print("Applied.")


def _carry_out(tx: Session, team: str, wanted: RuleFile, shown: Plan, settings: ShellSettings, *, prune: bool) -> None:
    """All of it or nothing; allows first, so that who may grant from now on is there before who may no more goes."""
    permissions.alone(tx, team)
    now, admins, by = shell.now(), settings.lightkeeper_admins, shell.login()
    if changes := _since(tx, team, wanted):
        raise ChangedMeanwhileError(_changed("the file", changes))
    if rulefile.plan(permissions.current(tx, team, now), wanted, now, attributes.of(tx, team)) != shown:
        raise ChangedMeanwhileError(
            "Somebody has changed the permissions since this was shown. Nothing was applied: look at the change anew."
        )
    new = sorted((*shown.add, *(rule for _, rule in shown.replace)), key=lambda rule: rule.effect is Effect.DENY)
    gone = [number for number, _ in shown.replace] + (list(shown.unnamed) if prune else [])
    granted = [
        permissions.grant(
            tx,
            Permission(
                team_id=team,
                subject=rule.who,
                effect=rule.effect,
                action=rule.action,
                pattern=rule.names,
                region=rule.region,
                tags=dict(rule.tags),
                valid_until=rule.until,
                note=rule.note,
                granted_by=by,
                granted_at=now,
            ),
            admins,
        )
        for rule in new
    ]
    revoked = [permissions.revoke(tx, team, number, by=by, now=now, admins=admins) for number in gone]
    notifying = Notifying(settings.notify_channel)
    if granted or revoked:
        notifying.applied(tx, granted, revoked, at=now, by_name=by)
    dropped = shown.unnamed_attributes if prune else ()
    for subject in sorted({who for who, *_ in (*shown.put, *dropped)}):
        put = {key: value for who, key, value in shown.put if who == subject}
        before = {row.key: row.value for row in attributes.of(tx, team, subject)}
        gone_keys = {key for who, key in dropped if who == subject}
        if len(after := attributes.merged(before, put, gone_keys)) > MOST:
            raise SettingsError(f"{subject} would have {len(after)} attributes; {MOST} is the most.")
        left = sorted(key for key in before if key not in after)
        attributes.change(tx, team, subject, put, left, by=by, now=now)
        notifying.attributes(tx, subject, put, left, at=now, by_name=by)


def _read(file: str) -> RuleFile:
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    try:
        return rulefile.read(text)
    except RuleFileError as error:
        lines = "\n".join(f"  {line}" for line in str(error).splitlines())
        raise RuleFileError(f"{file} can't be applied, so nothing was changed:\n{lines}") from error


def _print_plan(plan: Plan, rows: dict[int, Permission], *, prune: bool) -> None:
    for rule in plan.add:
        print(f"+     {rulefile.words(rule)}")
    for number, rule in plan.replace:
        print(f"~ {number:>3} {rulefile.words(rulefile.rule_of(rows[number]))}")
        print(f"   -> {rulefile.words(rule)}")
    for number in plan.unnamed:
        mark, more = ("-", "") if prune else ("?", "   (not in the file; stays, without --prune)")
        print(f"{mark} {number:>3} {rulefile.words(rulefile.rule_of(rows[number]))}{more}")
    for who, key, value in plan.put:
        print(f"+     {who} carries {key}={value}")
    for who, key in plan.unnamed_attributes:
        mark, more = ("-", "") if prune else ("?", "   (not in the file; stays, without --prune)")
        print(f"{mark}     {who} carries {key}{more}")
    for rule in plan.past:
        print(f"!     {rulefile.words(rule)}   (line {rule.line}: has ended, left out)")


def _since(tx: Session, team: str, wanted: RuleFile) -> list[Audit]:
    """What was changed after the state on which a file is based."""
    return [] if wanted.revision is None else permissions.changes_since(tx, team, wanted.revision)


def _changed(file: str, changes: list[Audit]) -> str:
    lines = "\n".join(f"  {_change(row)}" for row in changes)
    return (
        f"Nothing was applied: since {file} was exported, somebody has changed permissions.\n{lines}\n"
        "Export again and make your change there; or take the line `revision:` out to apply the file all the same."
    )


def _change(row: Audit) -> str:
    facts = row.facts
    if row.event == attributes.CHANGED:
        said = f"{facts['subject']} {facts['put']} without {facts['dropped']}"
        return f"{row.at:%Y-%m-%d %H:%M} UTC {row.actor} {row.event}: {said}"
    tags = json.loads(facts.get("tags") or "{}")
    tagged = ",".join(key if value is None else f"{key}={value}" for key, value in tags.items())
    parts = [facts.get("subject", ""), facts.get("effect", ""), facts.get("action", ""), facts.get("pattern", "")]
    parts += [f"in {facts['region']}"] if facts.get("region") else []
    parts += [f"tagged {tagged}"] if tagged else []
    return f"{row.at:%Y-%m-%d %H:%M} UTC {row.actor} {row.event} {facts.get('permission', '')}: {' '.join(parts)}"


def _agreed() -> bool:
    return sys.stdin.isatty() and input("Apply this? [y/N] ").strip().lower() in ("y", "yes")


def _line(row: Permission) -> str:
    return f"{row.id:>4}  {rulefile.words(rulefile.rule_of(row))}"
