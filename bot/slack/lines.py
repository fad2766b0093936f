"""The lines of a deletion's thread, from the facts of its notices. No I/O."""

from collections.abc import Iterable
from datetime import datetime

from bot.errors import explain
from bot.slack import blocks, endings
from bot.slack.blocks import Message
from bot.slack.voice import MRKDWN, PLAIN, Voice
from storage.tables import Deletion, Notice, NoticeKind, State, Why

_CALLED = (State.DENIED, State.FAILED, State.REFUSED)  # somebody or something else caused their outcome


def message(deletion: Deletion, notices: Iterable[Notice]) -> Message:
    """Everything that waits for one thread, a line each."""
    told = list(notices)
    return Message(
        text=blocks.cut_mrkdwn(" / ".join(line(deletion, notice, PLAIN) for notice in told), blocks.SECTION_LIMIT),
        blocks=[blocks.section(line(deletion, notice, MRKDWN)) for notice in told][:50],
    )


def direct(deletion: Deletion) -> Message:
    """The outcome for the asker alone, where the thread can't take it."""
    words = f"I could not post this where you asked ({deletion.id}):"
    return Message(
        text=f"{words} {endings.sentence(deletion, PLAIN)}",
        blocks=[blocks.section(words, endings.sentence(deletion, MRKDWN), endings.advice(deletion))],
    )


def line(deletion: Deletion, notice: Notice, voice: Voice) -> str:
    """One notice."""
    match notice.kind:
        case NoticeKind.CONFIRMED:
            return f"Confirmed by {voice.typed(deletion.decided_name or '')} {voice.time(notice.at, seconds=True)}"
        case NoticeKind.STATUS:
            return _status(notice, voice)
        case NoticeKind.DELAYED:
            code = notice.facts.get("code", "")
            return f"{explain(code)} ({voice.typed(code)}) Nothing was deleted yet; trying again for up to 15 minutes."
        case NoticeKind.UNKNOWN:
            look = datetime.fromisoformat(notice.facts["next"])
            return (
                f"⚠️ AWS gave no final answer yet. We keep looking, next at {voice.time(look)}; nobody need do anything."
            )
        case NoticeKind.ENDED:
            return _ended(deletion, voice)


def _status(notice: Notice, voice: Voice) -> str:
    facts = notice.facts
    operation = voice.typed(blocks.cut(facts["operation"], 9))
    words = f"AWS: {voice.code(facts['status'])} · operation {operation} · {voice.time(notice.at, seconds=True)}"
    error = ": ".join(filter(None, (facts.get("error_code"), facts.get("error_details"))))
    return f"{words} · {voice.typed(blocks.cut(error, 1000))}" if error else words


def _ended(deletion: Deletion, voice: Voice) -> str:
    if deletion.why is Why.CONFIRMED:
        return f"Checked: the snapshot is gone. {endings.saved(deletion)}".strip()
    asker = blocks.mention(deletion.requester_id) + " " if voice.mrkdwn and deletion.state in _CALLED else ""
    advice = endings.advice(deletion)
    words = (f"{asker}{endings.sentence(deletion, voice)}", advice if voice.mrkdwn else blocks.plain(advice))
    return " ".join(filter(None, words))
