"""A deletion's story, from its rows of the audit alone. No I/O."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.attributes import shown
from bot.slack import blocks, lines
from bot.slack.voice import MRKDWN
from storage.tables import LIVE, Audit, Deletion, Notice, NoticeKind, State, Why

_TOLD = "told_"
_ABOUT_THE_MOVE = ("before", "why")
_CLICKS = {
    "late": "clicked, too late",
    "looking": "had AWS looked at again",
    "notyours": "clicked, and it was not theirs to confirm",
    "forbidden": "clicked, and may not",
    "approvedbefore": "approved once more, which counts once",
    "totype": "was asked to type the name",
    "stranger": "clicked, and is of another company",
    "notours": "clicked on something that is no card of it",
}


def retold(rows: Iterable[Audit]) -> tuple[Deletion | None, list[Notice]]:
    """The deletion as the record knows it, and what its thread was told, in order."""
    deletion: Deletion | None = None
    told: list[Notice] = []
    for row in rows:
        if row.event == "asked":
            deletion = _asked(row)
        elif deletion is not None and (notice := _apply(deletion, row)):
            told.append(notice)
    return deletion, told


def tell(rows: Sequence[Audit], standing: Deletion) -> list[str]:
    """The whole story, a line of mrkdwn for each thing that was done, said or refused.

    The record of the version before has not all of it; where it lacks something, the deletion itself is asked.
    """
    known, _ = retold(rows)
    if known is None:
        return []
    deletion = known if known.snapshot else standing
    growing: Deletion | None = None
    said: list[str] = []
    for row in rows:
        if row.event == "asked":
            growing = _asked(row)
            said.append(_as_asked(growing))
        elif growing is not None:
            notice = _apply(growing, row)
            line = lines.line(deletion, notice, MRKDWN) if notice else _aside(row)
            said += [line] if line else []
    return said


def _asked(row: Audit) -> Deletion:
    facts = row.facts
    return Deletion(
        id=row.deletion_id or "",
        state=State.ASKING,
        team_id=row.team_id,
        channel_id=facts.get("channel", ""),
        trigger_id="",
        requester_id=row.actor,
        requester_name=facts.get("requester_name", row.actor),
        reason=facts.get("reason", ""),
        asked_at=row.at,
        expires_at=datetime.fromisoformat(facts["expires_at"]) if "expires_at" in facts else row.at,
        arn=facts.get("arn", ""),
        name=facts.get("name", ""),
        region=facts.get("region", ""),
        snapshot=json.loads(facts.get("snapshot", "{}")),
        approvals_needed=int(facts.get("approvals_needed", "0")),
        approvers=json.loads(facts.get("approvers", "[]")),
    )


def _apply(deletion: Deletion, row: Audit) -> Notice | None:
    """Have the deletion follow, and return what its thread is told of it."""
    facts = dict(row.facts)
    match row.event:
        case "approved":
            deletion.approved_by = [*deletion.approved_by, facts.get("by_name", row.actor)]
            return _notice(NoticeKind.APPROVED, row, {"by_name": row.actor, "given": "1", "needed": "1", **facts})
        case "explained":
            deletion.facts = {**deletion.facts, "reason": facts["reason"]}
            return _notice(NoticeKind.REASON, row, {"by_name": row.actor, **facts})
        case "operation":
            return _notice(NoticeKind.STATUS, row, facts)
        case event if event in list(State):
            return _moved(deletion, row, State(event), facts)
        case event if event.startswith(_TOLD):
            return _notice(NoticeKind(event.removeprefix(_TOLD)), row, facts)
        case _:
            return None


def _moved(deletion: Deletion, row: Audit, to: State, facts: dict[str, str]) -> Notice | None:
    deletion.state = to
    if to is State.READY and row.actor != "bot":
        deletion.decided_by, deletion.decided_at = row.actor, row.at
        deletion.decided_name = facts.get("by_name", row.actor)
        return None if deletion.approvals_needed else _notice(NoticeKind.CONFIRMED, row, {"by": row.actor})
    if to is State.UNKNOWN:
        return _notice(NoticeKind.UNKNOWN, row, {**facts, "next": facts.get("due_at", row.at.isoformat())})
    if to in LIVE:
        return None
    deletion.why = Why(facts["why"])
    deletion.facts = {name: fact for name, fact in facts.items() if name not in _ABOUT_THE_MOVE}
    return _notice(NoticeKind.ENDED, row, {})


def _notice(kind: NoticeKind, row: Audit, facts: dict[str, str]) -> Notice:
    return Notice(key="", deletion_id=row.deletion_id, kind=kind, facts=facts, at=row.at)


def _as_asked(deletion: Deletion) -> str:
    who, when = blocks.person(deletion.requester_name), blocks.local_day_time(deletion.asked_at)
    return f"Asked by {who} {when}" + (f": {blocks.quote(deletion.reason)}" if deletion.reason else "")


def _aside(row: Audit) -> str:
    """What no thread is told, as far as somebody who looks it up wants to know it."""
    facts, when = row.facts, blocks.local_time(row.at, seconds=True)
    match row.event:
        case State.DELETING:
            attempt = facts.get("attempt", "1")
            return f"Calling AWS {when}" + (f", for the {attempt}. time" if attempt != "1" else "")
        case "on_behalf":
            tags = blocks.code(shown(json.loads(facts["tags"])))
            return (
                f"For {blocks.mention(facts['person'])}, as {blocks.code(facts['session'])}, carrying {tags} · {when}"
            )
        case "call_taken" if facts.get("request_id"):
            return f"AWS took the call · AWS request {blocks.code(facts['request_id'])} · {when}"
        case "undelivered":
            return f"Slack did not take a message ({blocks.escape(facts.get('problem', ''))}) · {when}"
        case event if event.startswith("click_"):
            what = _CLICKS.get(event.removeprefix("click_"), "clicked")
            return f"{blocks.mention(row.actor)} {what} · {when}"
        case _:
            return ""
