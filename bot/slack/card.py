"""The card of a deletion in every state: a sentence, the facts, the buttons. No I/O."""

from bot.errors import described
from bot.guards import Objection
from bot.limits import CALL_WITHIN
from bot.model import SUCCEEDED, Snapshot, Surroundings
from bot.slack import blocks, endings
from bot.slack.blocks import Button, Message
from bot.slack.voice import MRKDWN, PLAIN, Voice
from storage.tables import Deletion, Place, State, Why

DELETE, STOP, LOOK, APPROVE = "delete_snapshot", "dont_delete", "look_again", "approve_deletion"
DELETE_LABEL, STOP_LABEL, LOOK_LABEL, APPROVE_LABEL = "Delete snapshot", "Don't delete", "Look again", "Approve"

_OPERATION = 9  # characters of an operation's id, as in the thread; the record has all of it


def card(deletion: Deletion, place: Place = Place.REQUEST) -> Message:
    """The card as it is true of the deletion now, in one of its places."""
    match deletion.state:
        case State.ASKING | State.PENDING if deletion.approvals_needed:
            return _question_to_others(deletion, place)
        case State.ASKING | State.PENDING:
            return _question(deletion)
        case State.READY | State.DELETING | State.UNKNOWN:
            return _under_way(deletion)
        case State.DELETED | State.FAILED | State.CANCELLED | State.DENIED | State.EXPIRED | State.REFUSED:
            return _ending(deletion)


def _question(deletion: Deletion) -> Message:
    by = blocks.escape(deletion.requester_name)
    until = deletion.expires_at
    return Message(
        text=f"{by} asks to delete snapshot {PLAIN.name(deletion.name)} ({blocks.escape(deletion.region)}). "
        f"Confirm by {blocks.utc_time(until)}. {deletion.id}",
        blocks=[
            blocks.section(f"*Delete snapshot {blocks.code(deletion.name)}?*  This cannot be undone."),
            blocks.section(*_facts(deletion)),
            blocks.buttons([_delete_button(deletion), _stop_button(deletion)]),
            blocks.context(f"{deletion.id} · only {by} can confirm · until {blocks.local_time(until)}"),
        ],
    )


def _question_to_others(deletion: Deletion, place: Place) -> Message:
    """Whose word is needed, and the button in the one place where they can give it."""
    by, elsewhere = blocks.escape(deletion.requester_name), deletion.approvals_channel
    is_here = elsewhere is None or place is Place.APPROVALS
    row = [_approve_button(deletion), _stop_button(deletion)] if is_here else [_stop_button(deletion)]
    where = _who_can(deletion) if is_here else f"waits for approval in <#{elsewhere}>"
    given = f"{len(deletion.approved_by)} of {deletion.approvals_needed} approvals{_given(deletion)}"
    until = blocks.local_day_time(deletion.expires_at)
    parts = (deletion.id, given if deletion.approvals_needed > 1 else "", where, f"until {until}")
    return Message(
        text=f"{by} asks to delete snapshot {PLAIN.name(deletion.name)} ({blocks.escape(deletion.region)}). "
        f"It needs {_others(deletion)}. {deletion.id}",
        blocks=[
            blocks.section(f"*Delete snapshot {blocks.code(deletion.name)}?*  This cannot be undone."),
            blocks.section(*_facts(deletion)),
            blocks.section(f"*It needs {_others(deletion)}.* {_why_others(deletion)}"),
            blocks.buttons(row),
            blocks.context(" · ".join(filter(None, parts))),
        ],
    )


def _others(deletion: Deletion) -> str:
    needed = deletion.approvals_needed
    return "a second person's approval" if needed == 1 else f"the approval of {needed} others"


def _why_others(deletion: Deletion) -> str:
    why = [endings.guard_words(Objection.from_json(one), MRKDWN) for one in deletion.objections]
    return " ".join(why) or f"{blocks.escape(deletion.requester_name)} may ask for it, and not delete it alone."


def _who_can(deletion: Deletion) -> str:
    asker, who = blocks.escape(deletion.requester_name), " or ".join(map(blocks.approver, deletion.approvers))
    return f"asked by {asker} · {who or 'nobody'} can approve"


def _given(deletion: Deletion) -> str:
    names = ", ".join(map(blocks.person, deletion.approved_by))
    return f" ({names}), waiting for another" if names else ""


def _under_way(deletion: Deletion) -> Message:
    rows = [blocks.section(_progress(deletion, MRKDWN)), blocks.section(*_facts(deletion))]
    if deletion.state is State.READY:
        rows.append(blocks.buttons([_stop_button(deletion)]))
    if deletion.state is State.UNKNOWN:
        rows.append(blocks.buttons([Button(LOOK_LABEL, LOOK, deletion.id)]))
    rows.append(blocks.context(f"{deletion.id} · {_by(deletion)}"))
    return Message(text=f"{_progress(deletion, PLAIN)} {deletion.id}", blocks=rows)


def _progress(deletion: Deletion, voice: Voice) -> str:
    name = voice.name(deletion.name)
    since = voice.time(deletion.intended_at) if deletion.intended_at else "an unknown time"
    code = deletion.facts.get("code", "")
    if deletion.state is State.UNKNOWN:
        words = (_last_word(deletion, since, voice), _meanwhile(deletion, voice))
        return f"⚠️ {voice.bold('Not known yet')} {name}: {' '.join(words)}"
    if deletion.state is State.DELETING:
        doubt = f" {voice.typed(described(code))} I check whether it is still there before I try again." if code else ""
        return f"⏳ {voice.bold('Deleting')} {name} since {since}.{doubt}"
    if code:
        until = voice.time((deletion.run_at or deletion.asked_at) + CALL_WITHIN)
        return (
            f"⏳ {voice.bold('Waiting for AWS')} to delete {name}: {voice.typed(described(code))} "
            f"Nothing is deleted yet. Trying until {until}."
        )
    word = voice.bold("Approved" if deletion.approvals_needed else "Confirmed")
    if deletion.run_at and deletion.decided_at and deletion.run_at > deletion.decided_at:
        return (
            f"⏳ {word}: {name} will be deleted at {voice.time(deletion.run_at)}. "
            f"Until then, {voice.bold(STOP_LABEL)} stops it."
        )
    return f"⏳ {word}: {name} is about to be deleted."


def _by(deletion: Deletion) -> str:
    """Whose word it was."""
    if deletion.approvals_needed:
        return f"approved by {', '.join(map(blocks.person, deletion.approved_by))}"
    return f"confirmed by {blocks.escape(deletion.decided_name or '')}"


def _last_word(deletion: Deletion, since: str, voice: Voice) -> str:
    statuses = [status for status in deletion.facts.get("status", "").split(", ") if status]
    if statuses and all(status in SUCCEEDED for status in statuses):
        return f"AWS says {voice.code(statuses[0])}, but still shows the snapshot."
    if "operation" in deletion.facts:
        last = f" (its last word: {voice.code(statuses[-1])})" if statuses else ""
        return f"AWS took the call at {since}, but gave no final answer{last}. It may or may not be deleted."
    return f"AWS was called at {since}, but gave no clear answer. It may or may not be deleted."


def _meanwhile(deletion: Deletion, voice: Voice) -> str:
    rest = "You need do nothing; until I know, nobody can ask for it again."
    if deletion.due_at is None:
        return f"I have looked for a week and look no more by myself. {voice.bold(LOOK_LABEL)} asks AWS once more."
    return f"{rest} Next look {voice.time(deletion.due_at)}."


def _ending(deletion: Deletion) -> Message:
    return Message(
        text=f"{endings.sentence(deletion, PLAIN)} {deletion.id}",
        blocks=[
            blocks.section(endings.sentence(deletion, MRKDWN), _who(deletion), endings.advice(deletion)),
            blocks.context(_record(deletion)),
        ],
    )


def _who(deletion: Deletion) -> str:
    asker, decider = (blocks.escape(name or "") for name in (deletion.requester_name, deletion.decided_name))
    people = f"Asked by {asker}"
    if deletion.approved_by:
        people = f"{people}, {_by(deletion)}"
    elif decider:
        same = deletion.decided_by == deletion.requester_id
        people = f"Asked and confirmed by {asker}" if same else f"{people}, confirmed by {decider}"
    when = blocks.local_day_time(deletion.ended_at or deletion.asked_at)
    return f"{people}, {when}" + (f": {blocks.quote(deletion.reason)}" if deletion.reason else "")


def _record(deletion: Deletion) -> str:
    taken = Snapshot.from_json(deletion.snapshot).created_at
    parts = [deletion.id, f"taken {blocks.day(taken)}"]
    if operation := deletion.facts.get("operation"):
        parts.append(f"AWS operation {blocks.escape(operation, _OPERATION)}")
    if deletion.why in (Why.AWS, Why.UNSENT) and (request := deletion.facts.get("request_id")):
        parts.append(f"AWS request {blocks.escape(request)}")
    return " · ".join(parts)


def _facts(deletion: Deletion) -> list[str]:
    snapshot = Snapshot.from_json(deletion.snapshot)
    around = Surroundings.from_json(deletion.surroundings)
    return [_size(snapshot), _origin(snapshot, around), _words(deletion, snapshot)]


def _size(snapshot: Snapshot) -> str:
    price = snapshot.monthly_price
    size = f"{snapshot.size_gb} GB, up to ${price:,.2f} a month" if price is not None else "size unknown"
    account = snapshot.account
    short = f"{account[:4]}…{account[-4:]}" if len(account) > 8 else account  # noqa: PLR2004  (both ends)
    return " · ".join(filter(None, (size, blocks.escape(snapshot.region), short and f"account {blocks.escape(short)}")))


def _origin(snapshot: Snapshot, around: Surroundings) -> str:
    taken = f"Taken {blocks.day(snapshot.created_at)}"
    if not snapshot.instance_name:
        return taken
    exists = {True: " (still exists)", False: " (*no longer exists*)", None: ""}[around.instance_exists]
    origin = f"{taken} from {blocks.escape(snapshot.instance_name)}{exists}"
    match around.others:
        case None:
            return origin
        case 0:
            return f"{origin}. *It is the last one of that instance.*"
        case others:
            remain = "1 other remains, of" if others == 1 else f"{others} others remain, the newest of"
            return f"{origin}. {remain} {blocks.day(around.newest_other or snapshot.created_at)}"


def _words(deletion: Deletion, snapshot: Snapshot) -> str:
    reason = f"{blocks.escape(deletion.requester_name)}: {blocks.quote(deletion.reason)}" if deletion.reason else ""
    tags = ", ".join(f"{key}={value}" if value else key for key, value in sorted(snapshot.tags.items()))
    return " · ".join(filter(None, (reason, tags and blocks.escape(blocks.cut(tags, 300)))))


def _delete_button(deletion: Deletion) -> Button:
    snapshot, name = Snapshot.from_json(deletion.snapshot), blocks.shown(deletion.name, 200)
    return Button(
        DELETE_LABEL,
        DELETE,
        deletion.id,
        style="danger",
        confirm=(
            "Delete this snapshot?",
            f"Delete {name}? Taken {blocks.day(snapshot.created_at)}. This cannot be undone.",
            "Delete it",
            "Keep it",
        ),
    )


def _approve_button(deletion: Deletion) -> Button:
    """Where the name has to be typed, that is asked for instead of a yes."""
    snapshot, name = Snapshot.from_json(deletion.snapshot), blocks.shown(deletion.name, 200)
    question = f"Have {name} deleted? Taken {blocks.day(snapshot.created_at)}. This cannot be undone."
    dialog = ("Approve this deletion?", question, "Approve", "Not now")
    return Button(APPROVE_LABEL, APPROVE, deletion.id, style="danger", confirm=None if deletion.is_typed else dialog)


def _stop_button(deletion: Deletion) -> Button:
    return Button(STOP_LABEL, STOP, deletion.id)
