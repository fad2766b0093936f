"""What AWS is told of people, and what came of changing it. No I/O."""

from itertools import groupby

from bot import attributing, permitting
from bot.attributes import MOST, shown
from bot.attributing import Told
from bot.slack import blocks, rights
from bot.slack.blocks import Message, say
from bot.slack.rule import who
from bot.slack.voice import MRKDWN

_SHOWN = 40  # subjects in one message
_ABOUT = "AWS's own rules can go by them where the bot has a role for each click (`LIGHTSAIL_ROLE_ARN`)."


def answer(
    said: attributing.Changed | attributing.TooMany | permitting.NoSubject | permitting.NotAdmin | permitting.Repeated,
    person: str,
) -> Message | None:
    """What came of a change that somebody wanted."""
    match said:
        case attributing.Changed(subject=subject, now=now, put=put, dropped=dropped):
            whom = who(subject, MRKDWN, {})
            has = f"{whom} carries {blocks.code(shown(now))}." if now else f"{whom} carries no attributes."
            if not put and not dropped:
                return say("Nothing was changed: that is so already.", has)
            return say(f"✅ Done: {has}", "It counts from the next deletion on, and is on the record.")
        case attributing.TooMany(count=count):
            return say(f"Nothing was changed: that would be {count} attributes, and {MOST} is the most.")
        case permitting.NoSubject(subject=subject, why=why):
            return rights.no_subject(subject, why)
        case permitting.NotAdmin(verdict=verdict):
            return rights.not_admin(verdict, person)
        case permitting.Repeated():
            return None


def listed(told: Told, subject: str | None) -> Message:
    """What is said of whom."""
    of = " about you" if told.is_own else f" of {who(subject, MRKDWN, {})}" if subject else ""
    if not told.rows:
        hint = "" if told.is_own else "To give one: `/snapshot attributes @ann team=blue`"
        return say(f"*No attributes{of}.*", _ABOUT, hint)
    by_subject = [(each, list(rows)) for each, rows in groupby(told.rows, key=lambda row: row.subject)]
    lines = [
        f"• {who(each, MRKDWN, {})}: {blocks.code(shown({row.key: row.value for row in rows}))}"
        for each, rows in by_subject[:_SHOWN]
    ]
    more = f"… and {len(by_subject) - _SHOWN} more: `python app.py attributes`" if len(by_subject) > _SHOWN else ""
    return say(f"*Attributes{of}*", *lines, more, _ABOUT)
