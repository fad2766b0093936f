"""The lines of a deletion's thread, from the facts of its notices. No I/O."""

from collections.abc import Iterable
from datetime import datetime

from bot.errors import explain
from bot.model import ASSUME, DELETE_ACTION
from bot.slack import blocks, endings
from bot.slack.blocks import Message
from bot.slack.rule import change
from bot.slack.voice import MRKDWN, PLAIN, Voice
from storage.tables import Deletion, Notice, NoticeKind, State, Why

_CALLED = (State.DENIED, State.FAILED, State.REFUSED)  # somebody or something else caused their outcome

_BY_AWS = (Why.AWS, Why.UNSENT)
_UNTOLD = {"GetOperation": "how far the operation is", "GetOperationsForResource": "what became of the call"}


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


def for_one(notice: Notice, deletion: Deletion | None = None, link: str | None = None) -> Message:
    """What belongs in no thread of a deletion: for a person, or for a channel. `link` leads to the card."""
    said = _alone(notice, deletion, MRKDWN)
    see = f"<{link}|See the card>" if link else ""
    return Message(text=_alone(notice, deletion, PLAIN), blocks=[blocks.section(" ".join(filter(None, (said, see))))])


def line(deletion: Deletion, notice: Notice, voice: Voice) -> str:
    """One notice."""
    match notice.kind:
        case NoticeKind.CONFIRMED:
            return f"Confirmed by {voice.typed(deletion.decided_name or '')} {voice.time(notice.at, seconds=True)}"
        case NoticeKind.STATUS:
            return _status(deletion, notice, voice)
        case NoticeKind.DELAYED:
            return _with_detail(_delayed(notice, voice), notice.facts, voice)
        case NoticeKind.NO_ANSWER:
            return _with_detail(_no_answer(notice), notice.facts, voice)
        case NoticeKind.UNKNOWN:
            look = datetime.fromisoformat(notice.facts["next"])
            return (
                f"⚠️ It is not known whether the snapshot is deleted. I keep looking, next at {voice.time(look)}; "
                f"nobody need do anything. {voice.bold('Look again')} on the card asks AWS at once."
            )
        case NoticeKind.ENDED:
            ended = _ended(deletion, voice)
            has_message = not endings.is_by_rules(deletion.facts)  # the sentence has it
            facts = {**deletion.facts, "message": ""} if has_message else deletion.facts
            return _with_detail(ended, facts, voice) if facts.get("aws_action") and deletion.why in _BY_AWS else ended
        case NoticeKind.APPROVED:
            facts = notice.facts
            count = f" ({facts['given']} of {facts['needed']})" if facts["needed"] != "1" else ""
            return f"Approved by {voice.typed(facts['by_name'])}{count} {voice.time(notice.at, seconds=True)}"
        case NoticeKind.REASON:
            facts = notice.facts
            return f"{voice.typed(facts['by_name'])} says why: “{voice.typed(facts['reason'])}”"
        case NoticeKind.WAITING:
            return _waiting(deletion, voice)
        case NoticeKind.EXPIRES_SOON:
            asker = blocks.mention(deletion.requester_id) if voice.mrkdwn else voice.person(deletion.requester_name)
            return f"⌛ {asker}, this still lacks an approval and expires at {voice.time(deletion.expires_at)}."
        case NoticeKind():  # what no thread is told
            return _alone(notice, deletion, voice)


def _status(deletion: Deletion, notice: Notice, voice: Voice) -> str:
    """An operation's news, with what of it is not as one would expect."""
    facts = notice.facts
    status = f"AWS: {voice.code(facts['status'])}" if facts["status"] else "AWS told of an operation, but no status"
    kind, resource = facts.get("type", ""), facts.get("resource", "")
    parts = [
        status,
        "" if facts.get("is_only") else f"operation {voice.typed(blocks.cut(facts['operation'], 9))}",
        f"which is {voice.code(kind)}" if kind not in ("", DELETE_ACTION) else "",
        f"on {voice.name(resource)}" if resource not in ("", deletion.name) else "",
        voice.time(notice.at, seconds=True),
        _error(facts, voice),
        f"details: {voice.typed(blocks.cut(facts['details'], 500))}" if facts.get("details") else "",
    ]
    return " · ".join(filter(None, parts))


def _error(facts: dict[str, str], voice: Voice) -> str:
    code, words = facts.get("error_code", ""), voice.typed(blocks.cut(facts.get("error_details", ""), 1000))
    if not code:
        return f"error: {words}" if words else ""
    return f"error {voice.code(blocks.cut(code, 100))}" + (f": {words}" if words else "")


def _delayed(notice: Notice, voice: Voice) -> str:
    until = notice.facts.get("until")  # not kept by the version before
    when = f"until {voice.time(datetime.fromisoformat(until))}" if until else "for up to 15 minutes"
    return f"⏳ Nothing is deleted yet. {explain(notice.facts['code'])} I try again {when}."


def _no_answer(notice: Notice) -> str:
    why = explain(notice.facts["code"])
    match notice.facts["aws_action"]:
        case action if action == ASSUME:
            return f"AWS does not give me the role for this. {why} I keep trying, and look at the snapshot meanwhile."
        case action if action != DELETE_ACTION:
            what = _UNTOLD.get(action, "whether the snapshot is still there")
            return f"AWS does not say {what}. {why} I keep looking."
        case _ if "earlier" in notice.facts:
            return f"The second call was not taken. {why} Whether the first one was is still not known: I keep looking."
        case _:
            return (
                f"⚠️ It is not clear whether the call was carried out. {why} "
                "I check whether the snapshot is still there before I try again."
            )


def _waiting(deletion: Deletion, voice: Voice) -> str:
    """To those who can approve, at half-time."""
    who = " ".join(filter(_is_call, map(blocks.approver, deletion.approvers))) if voice.mrkdwn else ""
    rest = f"this still waits for approval, until {voice.time(deletion.expires_at)}."
    return f"⌛ {who}: {rest}" if who else f"⌛ {rest[0].upper()}{rest[1:]}"


def _is_call(approver: str) -> bool:
    return approver.startswith("<")


def _alone(notice: Notice, deletion: Deletion | None, voice: Voice) -> str:
    facts = notice.facts
    match notice.kind:
        case NoticeKind.WAITING if deletion:
            return _waiting(deletion, voice)
        case NoticeKind.OUTCOME if deletion:
            return _outcome(notice, deletion, voice)
        case NoticeKind.FROZEN:
            with_aws = list(filter(None, facts["ids"].split(", ")))
            return endings.freeze(facts["by_name"], facts["reason"], with_aws, voice)
        case NoticeKind.PERMISSION:
            return change(facts, voice)
        case NoticeKind.UNFROZEN:
            return endings.unfreeze(facts["by_name"], voice)
        case _:
            return _credentials(notice, voice)


def _outcome(notice: Notice, deletion: Deletion, voice: Voice) -> str:
    """One line for the channel that gets every outcome: what, how much, who."""
    who = f"Asked by {voice.person(deletion.requester_name)}"
    if deletion.approved_by:
        who += f", approved by {', '.join(map(voice.person, deletion.approved_by))}"
    if notice.facts["state"] == State.UNKNOWN:
        said = f"⚠️ {voice.bold('Not known yet')} {voice.name(deletion.name)}: AWS gave no final answer. I keep looking."
    else:
        said = endings.sentence(deletion, voice)
    said = said if said.endswith(".") else f"{said}."
    saved = endings.saved(deletion) if deletion.state is State.DELETED else ""
    return " ".join(filter(None, (said, saved, f"{who}. {deletion.id}")))


def _credentials(notice: Notice, voice: Voice) -> str:
    """To an admin: AWS does not accept the bot's credentials."""
    words = (
        f"⚠️ {voice.bold('AWS does not let me in')} ({voice.typed(notice.facts['regions'])}). "
        f"{explain(notice.facts['code'])} Nothing can be looked up or deleted there until whoever runs me mends that; "
        "then I go on by myself. You hear this only once. "
        f"If your AWS account has not enabled that region, leave it out of {voice.code('LIGHTSAIL_REGIONS')}."
    )
    return _with_detail(words, notice.facts, voice)


def _with_detail(words: str, facts: dict[str, str], voice: Voice) -> str:
    """The words, and below them what somebody needs who has to find out more."""
    code, action = facts.get("code", ""), facts.get("aws_action", "")
    said = blocks.cut(" ".join(facts.get("message", "").split()), 500)
    parts = [
        voice.code(f"{action}: {code}" if action else code) if code else "",
        f"AWS says: “{voice.typed(said)}”" if said else "",
        f"AWS request {voice.typed(facts['request_id'])}" if facts.get("request_id") else "",
        f"error {voice.code(facts['error_id'])} in the bot's log" if facts.get("error_id") else "",
    ]
    detail = " · ".join(filter(None, parts))
    new_line = "\n" if voice.mrkdwn else " "
    return f"{words}{new_line}Details: {detail}" if detail else words


def _ended(deletion: Deletion, voice: Voice) -> str:
    if deletion.why is Why.CONFIRMED:
        return f"Checked: the snapshot is gone. {endings.saved(deletion)}".strip()
    if deletion.why is Why.LOST and "adopted" in deletion.facts:
        return f"Checked: the snapshot is gone. {endings.in_doubt(deletion)}"
    asker = blocks.mention(deletion.requester_id) + " " if voice.mrkdwn and deletion.state in _CALLED else ""
    advice = endings.advice(deletion)
    words = (f"{asker}{endings.sentence(deletion, voice)}", advice if voice.mrkdwn else blocks.plain(advice))
    return " ".join(filter(None, words))
