"""How a deletion ended, in one sentence for the card and the thread."""

from datetime import datetime

from bot.errors import explain
from bot.guards import Guard
from bot.judge import Ground
from bot.model import Snapshot
from bot.slack import blocks
from bot.slack.voice import Voice
from storage.tables import Deletion, State, Why


def sentence(deletion: Deletion, voice: Voice) -> str:
    """An icon, what happened, and why; every ending that is no deletion begins with “Not deleted”."""
    name = voice.name(deletion.name)
    if deletion.state is State.DELETED:
        return f"✅ {voice.bold('Deleted')} {name}{_deleted(deletion)}"
    icon = "⌛" if deletion.state is State.EXPIRED else "❌"
    head = "Not deleted by us" if deletion.why is Why.GONE else "Not deleted"
    return f"{icon} {voice.bold(head)} {name}: {_reason(deletion, voice)}"


def advice(deletion: Deletion) -> str:
    """What to do next, where there is something."""
    match deletion.why:
        case Why.NOBODY | Why.STALE | Why.UNSENT:
            return f"Still wanted? `/snapshot delete {deletion.id}` asks again."
        case Why.REPLACED:
            return "To delete the new one, ask for it."
        case Why.SHOWN_NOWHERE:
            return "Ask again in a channel that I am in, or in a direct message with me."
        case Why.AWS if deletion.facts.get("code") == "AccessDeniedException":
            return (
                "Whoever runs the bot can see in AWS IAM what its role may delete; a rule about tags may be the reason."
            )
        case _:
            return ""


def saved(deletion: Deletion) -> str:
    """What the deletion saves at the most: snapshots are incremental."""
    price = Snapshot.from_json(deletion.snapshot).monthly_price
    return f"Up to ${price:,.2f} a month saved." if price else ""


def _deleted(deletion: Deletion) -> str:
    if deletion.why is not Why.LOST:
        size = Snapshot.from_json(deletion.snapshot).size_gb
        return f" · {size} GB · {deletion.region}" if size else f" · {deletion.region}"
    known = "AWS never gave a final answer" if deletion.facts.get("operation") else "AWS's answer to our call was lost"
    words = f": it is gone. {known}, so we cannot say whether it was our call or somebody else's."
    if made := deletion.facts.get("other_created_at"):
        words += f" A new snapshot of that name, taken {_moment(made)}, was left alone."
    return words


def _reason(deletion: Deletion, voice: Voice) -> str:
    facts = deletion.facts
    match deletion.why:
        case Why.PERSON:
            verb = "cancelled" if deletion.state is State.CANCELLED else "denied"
            return f"{verb} by {voice.typed(facts.get('by_name', ''))}."
        case Why.NOBODY:
            return f"nobody confirmed by {voice.time(deletion.expires_at)}."
        case Why.STALE:
            return "it was confirmed, but its turn came more than 15 minutes later."
        case Why.GONE:
            return "already gone when we looked."
        case Why.REPLACED:
            shown = blocks.day(Snapshot.from_json(deletion.snapshot).created_at)
            taken = _moment(facts.get("other_created_at", ""))
            return f"replaced. The one of {shown} was confirmed; the one that has the name now was taken {taken}."
        case Why.FORBIDDEN:
            return f"it is not allowed any more. {_forbidden(deletion, voice)}"
        case Why.AWS:
            code, said = facts.get("code", ""), facts.get("message", "")
            shown = voice.typed(code)
            failed = f"AWS's operation failed ({shown})."
            words = failed if facts.get("operation") else f"AWS refused ({shown}). {explain(code)}"
            return f"{words} AWS says: {voice.typed(blocks.cut(said, 500))}" if said else words
        case Why.UNSENT:
            last = f" ({voice.typed(facts['code'])})" if facts.get("code") else ""
            still = ", and it is still there" if deletion.state is State.FAILED else ""
            return f"AWS did not carry it out within 15 minutes{last}{still}."
        case Why.SHOWN_NOWHERE:
            return "the question could not be posted in time, so nobody could confirm."
        case Why.CONFIRMED | Why.LOST | None:
            return "it is not known why."


def _forbidden(deletion: Deletion, voice: Voice) -> str:
    facts = deletion.facts
    if facts.get("ground") == Ground.GUARD:
        return guard_words(Guard(facts["guard"]), facts.get("fact", ""), voice)
    return f"{voice.typed(deletion.decided_name or deletion.requester_name)} may not delete it now."


def guard_words(guard: Guard, fact: str, voice: Voice) -> str:
    """Why a guard stands in the way."""
    match guard:
        case Guard.PROTECTED:
            return f"It is protected by its tag {voice.code(fact)}; no permission overrides that."
        case Guard.NOT_AVAILABLE:
            return f"AWS says its state is {voice.code(fact)}; only available snapshots can be deleted."


def _moment(iso: str) -> str:
    """A moment that was kept as text."""
    if not iso:
        return "at an unknown time"
    moment = datetime.fromisoformat(iso)
    return f"{blocks.day(moment)} {blocks.utc_time(moment)}"
