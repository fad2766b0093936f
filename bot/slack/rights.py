"""Lists of permissions, and what came of changing one. No I/O."""

from dataclasses import replace

from bot import permitting
from bot.judge import Ground, Verdict
from bot.permitting import Listed, Wanted
from bot.slack import blocks
from bot.slack.blocks import Block, Button, Message, say
from bot.slack.commands import Grant, Permissions, Revoke, render
from bot.slack.rule import rule, who
from bot.slack.voice import MRKDWN
from storage.tables import Action, Effect, Permission

SURE, LEAVE = "grant_all", "leave_it"
PER_PAGE = 15  # rows
_EVERY = {
    Action.VIEW: "see every snapshot",
    Action.REQUEST: "ask for the deletion of every snapshot",
    Action.DELETE: "delete every snapshot",
    Action.APPROVE: "approve the deletion of every snapshot",
    Action.ADMIN: "hand out permissions to everybody",
}


def answer(said: permitting.Answer, person: str) -> Message | None:
    """What came of a change that somebody wanted."""
    match said:
        case permitting.Granted(row=row, own=own):
            to_oneself = "You gave this to yourself: that is marked on the record." if own else ""
            undo = f"To take it back: {blocks.code(f'/snapshot {render(Revoke(row.id or 0))}')}"
            return say(f"✅ Done: {rule(row)}", to_oneself, undo)
        case permitting.Unsure(wanted=wanted):
            return _sure(wanted)
        case permitting.Standing(row=row):
            return say("Nothing was changed: that is so already.", rule(row))
        case permitting.NoSubject(subject=subject, why=why):
            return no_subject(subject, why)
        case permitting.Revoked(row=row):
            return say(f"✅ Taken back: {rule(row)}", "It counts for nothing from now on, and stays on the record.")
        case permitting.NoSuchPermission(number=number, row=row):
            what = f"Rule {number} has ended already, so nothing was changed." if row else f"There is no rule {number}."
            return say(what, "`/snapshot permissions` lists them with their numbers.")
        case permitting.LastAdmin():
            return say(
                "Nothing was changed: that would leave nobody who can hand out permissions.",
                "Grant `admin` to somebody else first.",
            )
        case permitting.NotAdmin(verdict=verdict):
            return not_admin(verdict, person)
        case permitting.Repeated():
            return None


def not_admin(verdict: Verdict, person: str) -> Message:
    """Only admins may do it."""
    if verdict.ground is Ground.FRESH_BOT:
        return say(
            "You can't do that yet: nobody has permissions on this bot.",
            f"Your Slack id is `{person}`. Whoever runs the bot: set `LIGHTKEEPER_ADMINS={person}` and restart, "
            f"or run `python app.py grant {person} admin`.",
        )
    whom = " or ".join(map(blocks.mention, verdict.ask[:3])) or "whoever runs the bot"
    return say(f"Only admins can do that. Ask {whom}.", "`/snapshot permissions` shows what is about you.")


def listed(answer: Listed, query: Permissions, more: Button | None, less: Button | None) -> Message:
    """Some rows of the list, with buttons to the others."""
    of = f" about {who(query.subject, MRKDWN, answer.handles)}" if query.subject and not answer.is_own else ""
    if answer.is_own:
        of = " about you"
    environment = [
        f"{blocks.mention(one)} is an admin by the bot's settings (`LIGHTKEEPER_ADMINS`)." for one in answer.admins
    ]
    if not answer.rows:
        empty = f"*No rules{of}.*"
        return say(empty, *environment, "The first: `/snapshot grant @ann delete web-*`" if not of else "")
    last = answer.start + len(answer.rows)
    head = f"*Rules{of}*" + (f" · {answer.start + 1} to {last} of {answer.count}" if answer.count > PER_PAGE else "")
    shown: list[Block] = [blocks.section(head, *(environment if answer.start == 0 else ()))]
    shown += [blocks.section(_in_list(row, answer)) for row in answer.rows]
    row = [button for button in (less, more) if button]
    return Message(text=blocks.plain(head), blocks=[*shown, *([blocks.buttons(row)] if row else [])])


def _in_list(row: Permission, answer: Listed) -> str:
    said = rule(row, answer.handles)
    by = f"granted by {_by(row.granted_by)}, {blocks.day(row.granted_at)}"
    if row.revoked_at:
        return f"⚪ _ended_ · {said} · taken back by {_by(row.revoked_by or '')}, {blocks.day(row.revoked_at)}"
    if row.valid_until and row.valid_until <= answer.now:
        return f"⚪ _ended_ · {said} · {by}"
    return f"{said} · {by}"


def _by(actor: str) -> str:
    return blocks.mention(actor) if actor[:1] in ("U", "W") else blocks.code(actor)


def _sure(wanted: Wanted) -> Message:
    whom = who(wanted.subject, MRKDWN, {})
    verb = "may" if wanted.effect is Effect.ALLOW else "may *not*"
    lasting = f" for {blocks.span(wanted.lasting)}" if wanted.lasting else ""
    said = say(
        f"*Are you sure?* Then {whom} {verb} {_EVERY[wanted.action]}{lasting}.",
        "To limit it, put a pattern behind the action, such as `web-*`." if wanted.action is not Action.ADMIN else "",
    )
    label = "Yes, grant it" if wanted.effect is Effect.ALLOW else "Yes, deny it"
    row = [Button(label, SURE, render(command_of(wanted)), "primary"), Button("Leave it", LEAVE, "leave")]
    return replace(said, blocks=[*said.blocks, blocks.buttons(row)])


def command_of(wanted: Wanted) -> Grant:
    """The command that asks for a permission."""
    return Grant(
        wanted.subject,
        wanted.action,
        wanted.pattern,
        wanted.region,
        tuple(wanted.tags.items()),
        wanted.lasting,
        wanted.effect is Effect.DENY,
        wanted.note,
    )


def no_subject(subject: str, why: str) -> Message:
    """Nobody is meant by it."""
    match why:
        case "barred":
            said = f"{blocks.mention(subject)} is deactivated, a bot, or of another company, and may do nothing here."
        case "group":
            said = f"Slack knows no group {blocks.code(subject)}, or has not told me of it yet."
        case _:
            said = f"I know nobody called {blocks.code(subject)}."
    return say(
        f"Nothing was changed. {said}", "Choose a person or group from the list that Slack shows while you type `@`."
    )
