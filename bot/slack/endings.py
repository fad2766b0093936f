"""How a deletion ended, in one sentence for the card and the thread."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.attributes import ATTRIBUTES, RESERVED, shown
from bot.errors import ABOUT_CREDENTIALS, described, explain
from bot.guards import Guard, Objection
from bot.judge import Ground
from bot.model import ASSUME, DELETE_ACTION, Snapshot
from bot.slack import blocks
from bot.slack.voice import Voice
from storage.tables import Deletion, State, Why

_NAMED = 20  # deletions by id, in one message
GUARD_ADVICE = {
    Guard.FROZEN: "An admin ends the freeze with `/snapshot unfreeze`. Ask again then.",
    Guard.TOO_YOUNG: "Ask again then.",
    Guard.DAILY_LIMIT: "Ask again tomorrow, or have somebody else ask.",
    Guard.LAST: "Ask for it again, and I ask a second person.",
    Guard.APPROVAL_TAG: "Ask for it again, and I ask a second person.",
    Guard.PROTECTED: "If it may really go: take that tag off in the Lightsail console, then ask again.",
    Guard.NOT_AVAILABLE: "Ask again when the Lightsail console shows it as available.",
}


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
    again = f"`/snapshot delete {deletion.id}`"
    match deletion.why:
        case Why.NOBODY | Why.STALE | Why.UNSENT:
            return f"Still wanted? {again} asks again."
        case Why.REPLACED:
            return f"To delete the new one: {again} asks for it."
        case Why.AWS:
            return _mend(deletion, again)
        case Why.FORBIDDEN:
            return f"Once it is allowed, {again} asks again."
        case Why.SHOWN_NOWHERE:
            return "Ask again in a channel that I am in, or in a direct message with me."
        case _:
            return ""


def _mend(deletion: Deletion, again: str) -> str:
    """Who has to do what after AWS refused."""
    facts = deletion.facts
    code, action = facts.get("code", ""), facts.get("aws_action", "")
    if facts.get("about") == ABOUT_CREDENTIALS:
        return f"Whoever runs the bot has to mend its AWS credentials. After that, {again} asks again."
    if action == ASSUME:
        return _mend_role(facts, again)
    if is_by_rules(facts):
        return _mend_tags(deletion, again)
    if code in ("AccessDeniedException", "NotAuthorized"):
        return (
            f"For whoever runs the bot: its AWS role needs `lightsail:{blocks.escape(action)}` for this snapshot. "
            f"A rule about tags can be the reason; {_tags(deletion)}. After that, {again} asks again."
        )
    if code == "InvalidInputException":
        return "Asking again would end the same way. Delete it in the Lightsail console, if it must go."
    return f"Still wanted? {again} asks again."


def is_by_rules(facts: Mapping[str, str]) -> bool:
    """Whether it was AWS's own rules that refused, which were told for whom it is."""
    return facts.get("code") in ("AccessDeniedException", "NotAuthorized") and "carried" in facts


def _mend_role(facts: Mapping[str, str], again: str) -> str:
    """AWS did not let the bot have the role under which it deletes."""
    if facts.get("code") == "PackedPolicyTooLarge":
        return (
            f"An admin can take some away: `/snapshot attributes @user --remove KEY`. After that, {again} asks again."
        )
    return (
        "For whoever runs the bot: the role's trust policy has to let it call `sts:AssumeRole`, `sts:TagSession` and "
        f"`sts:SetSourceIdentity`; `python app.py doctor` looks. After that, {again} asks again."
    )


def _mend_tags(deletion: Deletion, again: str) -> str:
    """What AWS's rules went by, and who can change it."""
    facts = deletion.facts
    tags = {key: value for key, value in json.loads(facts["carried"]).items() if key not in RESERVED}
    carried = blocks.code(shown(tags)) if tags else "nothing that admins said"
    admins = " or ".join(map(blocks.mention, facts["admins"].split(",")[:3])) if facts.get("admins") else "An admin"
    return (
        f"Such rules can go by tags: {_tags(deletion)}; {blocks.mention(deletion.requester_id)} carried {carried}. "
        f"{admins} can change what they carry (`/snapshot attributes`), whoever runs the bot what "
        f"{blocks.code(facts.get('role', ''))} may with `lightsail:{DELETE_ACTION}`. After that, {again} asks again."
    )


def _tags(deletion: Deletion) -> str:
    tags = Snapshot.from_json(deletion.snapshot).tags
    return f"its tags are {blocks.code(shown(tags))}" if tags else "it has no tags"


def saved(deletion: Deletion) -> str:
    """What the deletion saves at the most: snapshots are incremental."""
    price = Snapshot.from_json(deletion.snapshot).monthly_price
    return f"Up to ${price:,.2f} a month saved." if price else ""


def _deleted(deletion: Deletion) -> str:
    if deletion.why is not Why.LOST:
        size = Snapshot.from_json(deletion.snapshot).size_gb
        return f" · {size} GB · {deletion.region}" if size else f" · {deletion.region}"
    return f": it is gone. {in_doubt(deletion)}"


def in_doubt(deletion: Deletion) -> str:
    """Why nobody can say who has deleted it, and what has the name now."""
    words = f"{_unsaid(deletion)}, so we cannot say whether it was our call or somebody else's."
    if made := deletion.facts.get("other_created_at"):
        words += f" A new snapshot of that name, taken {_moment(made)}, was left alone."
    return words


def _unsaid(deletion: Deletion) -> str:
    """What AWS left open about our call."""
    if "adopted" in deletion.facts:
        return "AWS's answer to our call was lost"
    if "operation" in deletion.facts:
        last = deletion.facts.get("status", "").rpartition(", ")[2]
        return "AWS never gave a final answer" + (f" (its last word: {blocks.escape(last)})" if last else "")
    code = deletion.facts.get("code", "")
    if not code or code.endswith("Error"):  # botocore's name for what kept the answer from us
        return "AWS's answer to our call was lost"
    return blocks.escape(described(code)[:-1])


def _reason(deletion: Deletion, voice: Voice) -> str:
    facts = deletion.facts
    match deletion.why:
        case Why.PERSON:
            verb = "cancelled" if deletion.state is State.CANCELLED else "denied"
            why = f": “{voice.typed(blocks.cut(facts['reason'], 1000))}”" if facts.get("reason") else ""
            return f"{verb} by {voice.typed(facts.get('by_name', ''))}{why}."
        case Why.NOBODY:
            return f"{_missing(deletion)} by {voice.time(deletion.expires_at)}."
        case Why.STALE:
            return "it was confirmed, but could not begin within 15 minutes. After that, I want to be asked again."
        case Why.GONE:
            return "it was already gone when we looked. Nothing is left to do."
        case Why.REPLACED:
            shown = blocks.day(Snapshot.from_json(deletion.snapshot).created_at)
            taken = _moment(facts.get("other_created_at", ""))
            return f"it was replaced. The one of {shown} was confirmed; the one with that name now was taken {taken}."
        case Why.FORBIDDEN:
            return f"it is not allowed any more. {_forbidden(deletion, voice)}"
        case Why.AWS:
            return _refusal(deletion, voice)
        case Why.UNSENT:
            last = f" {voice.typed(described(facts['code']))}" if facts.get("code") else ""
            still = ", and it is still there" if deletion.state is State.FAILED else ""
            return f"AWS did not carry it out within 15 minutes{still}.{last}"
        case Why.SHOWN_NOWHERE:
            return "the question could not be posted in time, so nobody could confirm."
        case Why.CONFIRMED | Why.LOST | None:
            return "it is not known why."


def _missing(deletion: Deletion) -> str:
    """What did not come in time."""
    if not deletion.approvals_needed:
        return "nobody confirmed"
    if not deletion.approved_by:
        return "nobody approved"
    return f"only {len(deletion.approved_by)} of {deletion.approvals_needed} approved"


def _refusal(deletion: Deletion, voice: Voice) -> str:
    facts = deletion.facts
    code, said = facts.get("code", ""), facts.get("message", "")
    if status := facts.get("ended_as"):
        words = f"AWS's operation ended as {voice.code(status)}."
    elif facts.get("operation"):
        words = f"AWS's operation failed ({voice.typed(code)})." if code else "AWS's operation failed."
    elif is_by_rules(facts):
        return f"AWS's own rules do not let {voice.typed(deletion.requester_name)} delete it ({voice.typed(code)})."
    elif facts.get("aws_action") == ASSUME and facts.get("about") != ABOUT_CREDENTIALS:
        words = f"AWS did not give the bot its role for this ({voice.typed(code)}). {explain(code)}"
    elif facts.get("about") == ABOUT_CREDENTIALS:
        words = f"the bot could not get in. {voice.typed(described(code))}"
    else:
        words = f"AWS refused ({voice.typed(code)}). {explain(code)}"
    return f"{words} AWS says: “{voice.typed(blocks.cut(said.removesuffix('.'), 300))}”." if said else words


def _forbidden(deletion: Deletion, voice: Voice) -> str:
    facts = deletion.facts
    if facts.get("guard"):
        objection = Objection(Guard(facts["guard"]), facts.get("fact", ""), facts)
        needs = f" {_second_person(deletion)}" if not objection.guard.refuses else ""
        return f"{guard_words(objection, voice)}{needs}"
    if facts.get("ground") == ATTRIBUTES:
        return f"AWS can't be told what {voice.typed(deletion.requester_name)} carries. {voice.typed(facts['fact'])}"
    if facts.get("ground") == Ground.REQUEST_ONLY:
        return _second_person(deletion)
    return f"{voice.typed(deletion.requester_name)} may not delete it now."


def _second_person(deletion: Deletion) -> str:
    if deletion.approvals_needed:
        return "A second person has to agree, and who did may not any more."
    return "A second person has to agree now."


def guard_words(objection: Objection, voice: Voice) -> str:
    """Why a guard stands in the way."""
    fact, more = objection.fact, objection.more
    match objection.guard:
        case Guard.FROZEN:
            return f"{frozen(more['by'], datetime.fromisoformat(more['since']), fact, voice)} Looking still works."
        case Guard.PROTECTED:
            return f"It is protected by its tag {voice.code(fact)}; no permission overrides that."
        case Guard.NOT_AVAILABLE:
            return f"AWS says its state is {voice.code(fact)}; only available snapshots can be deleted."
        case Guard.TOO_YOUNG:
            return f"It is too young: it may go from {_moment(fact)} on."
        case Guard.DAILY_LIMIT:
            return (
                f"Nobody may ask for more than {voice.typed(fact)} deletions in 24 hours, and that many were asked for."
            )
        case Guard.LAST:
            return f"It is the last snapshot of {voice.code(fact)}{_instance(more)}"
        case Guard.APPROVAL_TAG:
            return f"Its tag {voice.code(fact)} asks for a second person."


def frozen(by: str, since: datetime, reason: str, voice: Voice) -> str:
    """That nothing is deleted for now."""
    why = f": “{voice.typed(blocks.cut(reason, 300))}”" if reason else ""
    return f"Deletions are frozen by {voice.typed(by)} since {voice.time(since)}{why}."


def freeze(by_name: str, reason: str, with_aws: Sequence[str], voice: Voice) -> str:
    """The news that nothing is deleted for now, and what that comes too late for."""
    why = f": “{voice.typed(blocks.cut(reason, 500))}”" if reason else ""
    said = f"🧊 {voice.bold('Deletions are frozen')} by {voice.person(by_name)}{why}. Looking still works."
    if not with_aws:
        return said
    calls = "1 call is" if len(with_aws) == 1 else f"{len(with_aws)} calls are"
    more = ", …" if len(with_aws) > _NAMED else ""
    return f"{said} {calls} already with AWS and cannot be stopped: {', '.join(with_aws[:_NAMED])}{more}."


def unfreeze(by_name: str, voice: Voice) -> str:
    """The news that deletions go on."""
    rest = "What expired or was refused meanwhile has to be asked for again."
    return f"{voice.bold('Deletions go on')}: {voice.person(by_name)} ended the freeze. {rest}"


def _instance(more: Mapping[str, str]) -> str:
    """What else there is of an instance whose last snapshot it is."""
    match more.get("exists"):
        case "no":
            return ", and that instance is gone: nothing brings it back after this."
        case "yes" if (automatic := more.get("automatic", "0")) != "0":
            return f". Its {automatic} automatic ones stay only as long as the instance does."
        case "yes":
            return ", which has no automatic ones either."
        case _:
            return "."


def _moment(iso: str) -> str:
    """A moment that was kept as text."""
    if not iso:
        return "at an unknown time"
    moment = datetime.fromisoformat(iso)  # always our own writing
    return f"{blocks.day(moment)} {blocks.utc_time(moment)}"
