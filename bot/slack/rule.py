"""A permission in words. No I/O."""

import json
from collections.abc import Mapping
from datetime import datetime

from bot.attributes import shown
from bot.slack import blocks
from bot.slack.voice import MRKDWN, Voice
from storage.tables import EVERYBODY, Action, Effect, Permission

_SHOWN = 15  # changes in one message


def rule(row: Permission, handles: Mapping[str, str] | None = None) -> str:
    """A row in one sentence, with its number."""
    return sentence(row.to_facts(), MRKDWN, handles or {})


def sentence(facts: Mapping[str, str], voice: Voice, handles: Mapping[str, str]) -> str:
    """The same from its facts."""
    verb = "may" if facts["effect"] == Effect.ALLOW else "may not"
    tags = ", ".join(
        key if value is None else f"{key}={value}" for key, value in json.loads(facts["tags"] or "{}").items()
    )
    until = facts["until"]
    about = _about(Action(facts["action"]), facts["pattern"], voice)
    parts = [
        f"{voice.bold('Rule ' + facts['permission'])}: {who(facts['subject'], voice, handles)} {verb} {about}",
        f"in {voice.typed(facts['region'])}" if facts["region"] else "",
        f"with the tag {voice.code(tags)}" if tags else "",
        f"until {_moment(until, voice)}" if until else "",
    ]
    note = f" (“{voice.typed(blocks.cut(facts['note'], 300))}”)" if facts["note"] else ""
    return " ".join(filter(None, parts)) + note


def who(subject: str, voice: Voice, handles: Mapping[str, str]) -> str:
    """Whom a row is about; groups are named, so that not all of them are called."""
    if subject == EVERYBODY:
        return "everybody"
    if subject.startswith("S"):
        return f"@{voice.typed(handles[subject])}" if subject in handles else f"the group {voice.code(subject)}"
    return blocks.mention(subject) if voice.mrkdwn else subject


def change(facts: Mapping[str, str], voice: Voice) -> str:
    """The news for the channel that a permission was granted or revoked."""
    if facts["what"] == "applied":
        return _applied(facts, voice)
    if facts["what"] == "attributes":
        return _attributes(facts, voice)
    verb = {"granted": "granted", "revoked": "took back"}[facts["what"]]
    own = " ⚠️ They gave it to themselves." if facts.get("own") else ""
    return f"🔑 {voice.person(facts['by_name'])} {verb}: {sentence(facts, voice, {})}.{own}"


def _applied(facts: Mapping[str, str], voice: Voice) -> str:
    """Many changes that were made together, as many of them as somebody reads."""
    rows = json.loads(facts["rows"])
    signs = {"granted": "+", "revoked": "-"}
    said = [f"{signs[row['what']]} {sentence(row, voice, {})}" for row in rows[:_SHOWN]]
    more = [f"… and {len(rows) - _SHOWN} more: {voice.code('/snapshot permissions')}"] if len(rows) > _SHOWN else []
    count = "1 change" if len(rows) == 1 else f"{len(rows)} changes"
    head = f"🔑 {voice.person(facts['by_name'])} applied a file of permissions, {count}:"
    return ("\n" if voice.mrkdwn else " / ").join([head, *said, *more])


def _attributes(facts: Mapping[str, str], voice: Voice) -> str:
    put, dropped = json.loads(facts["put"]), json.loads(facts["dropped"])
    parts = [
        f"carries {voice.code(shown(put))}" if put else "",
        f"carries {voice.code(', '.join(dropped))} no more" if dropped else "",
    ]
    whom = who(facts["subject"], voice, {})
    return f"🏷️ {voice.person(facts['by_name'])} changed what AWS is told: {whom} {' and '.join(filter(None, parts))}."


def _about(action: Action, pattern: str, voice: Voice) -> str:
    if action is Action.ADMIN:
        return f"hand out permissions ({voice.bold('admin')})"
    what = "every snapshot" if pattern == "*" else voice.code(pattern)
    of = "the deletion of " if action in (Action.REQUEST, Action.APPROVE) else ""
    return f"{voice.bold(action.value)} {of}{what}"


def _moment(iso: str, voice: Voice) -> str:
    moment = datetime.fromisoformat(iso)
    return blocks.local_day_time(moment) if voice.mrkdwn else f"{blocks.day(moment)} {blocks.utc_time(moment)}"
