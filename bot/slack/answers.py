"""Words for one person alone: what came of a command or a click, and the way forward. No I/O."""

import json
import shlex
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot import ask, decide, freezing, guards
from bot.errors import AwsError, CredentialsError, RejectedError, described
from bot.guards import Guard, Guarding, Objection
from bot.judge import Ground, Ruling, Verdict
from bot.model import Snapshot
from bot.slack import blocks, endings, words
from bot.slack.blocks import Button, Message, say
from bot.slack.commands import Delete, Grant, Meant, render
from bot.slack.grammar import ME, Mistake, parse
from bot.slack.voice import MRKDWN, PLAIN
from storage.tables import Action, Deletion, State

PICK = "pick_snapshot"
_LABEL_NAME = 45  # characters of a name in a label of 75, so that its size and date are always to be seen
_COMMAND_LIMIT = 2500  # characters of a command to paste; the grammar gives none as long
_BUTTONS = 25  # in a row; https://docs.slack.dev/reference/block-kit/blocks/actions-block
_CHANNELS = 5  # that are named
_VALUES_LIMIT = 10_000  # characters in all: Slack refuses long messages, without saying from where on

_REASON_TO_PASTE = 150  # characters


@dataclass(frozen=True, slots=True)
class Picked:
    """The snapshot of a button that stands for a corrected command."""

    name: str
    region: str
    reason: str

    def value(self, limit: int = blocks.VALUE_LIMIT) -> str:
        """As a button carries it; of a reason that is too long, what fits."""
        if blocks.size(whole := self._with(self.reason)) <= limit:
            return whole
        too_long = bisect_right(range(limit), limit, key=lambda kept: blocks.size(self._shortened(kept)))
        return self._shortened(max(1, too_long - 1))

    def _shortened(self, kept: int) -> str:
        return self._with(blocks.cut(self.reason, kept))

    def _with(self, reason: str) -> str:
        return json.dumps([self.name, self.region, reason], ensure_ascii=False)

    @classmethod
    def of(cls, value: str) -> "Picked":
        """Read a button's value back.

        Raises:
            ValueError: it is none of ours.
        """
        match blocks.carried(value):
            case [str(name), str(region), str(reason)] if isinstance(parse(render(Delete(name, region))), Delete):
                return cls(name, region, reason)
            case _:
                raise ValueError("not a button of ours")


def help_text() -> Message:
    """What there is, short enough for a phone."""
    return say(
        "*Lightkeeper deletes Lightsail snapshots, safely.*",
        "`/snapshot delete NAME` asks you, deletes it, and tells every step in a thread",
        '  and if you like: `--reason "old release"` `--region eu-west-1` `--dry-run`',
        "`/snapshot show NAME`: all that AWS has, or the story of a request by its id",
        "`/snapshot history [NAME] [--since 30d]`: what was asked for",
        "`/snapshot status`: what goes on now",
        "`/snapshot can @user delete NAME`: whether, and why",
        "`/snapshot permissions`: who may do what; `attributes`: what AWS is told",
        "`/snapshot freeze [reason]` stops all deletions at once",
        "For NAME, the id of an earlier request will do, such as `D-7F2KQ`.",
        "*Admins:* `/snapshot grant @user delete web-*`, `revoke 7`, `unfreeze`, `doctor`",
    )


def mistake(wrong: Mistake) -> Message:
    """What is wrong, and the command to paste instead."""
    return say(words.entities(wrong.problem), f"Try: {_command(wrong.instead)}")


def looking(regions: Sequence[str]) -> Message:
    """For what takes longer than two seconds."""
    where = regions[0] if len(regions) == 1 else f"{len(regions)} regions"
    return say(f"Looking in {where}…")


def asked(answer: ask.Answer, link: str | None = None) -> Message | None:
    """What came of a command; nothing where the card is the answer."""
    match answer:
        case ask.Asked() | ask.Repeated():
            return None
        case ask.AskedBefore(deletion=deletion):
            return _asked_before(deletion, link)
        case ask.NotAllowed(verdict=verdict, request=request):
            return refused(verdict, request.actor.id, request.name)
        case ask.TooFewApprovers():
            return _too_few(answer)
        case ask.Rehearsed():
            return _rehearsed(answer)
        case ask.NoSuchSnapshot():
            return _not_found(answer)
        case ask.SeveralSnapshots(request=request, hits=hits):
            said = f"{blocks.code(request.name)} exists {_times(len(hits))}. Which one?"
            return _choice(said, hits, request, by_region=True)
        case ask.RegionsSilent():
            return _silent(answer)
        case ask.NoSuchRegion(request=request, regions=regions):
            known = ", ".join(regions)
            return say(
                f"I don't look in {blocks.code(request.region or '')}. Nothing was asked. My regions: {known}.",
                f"To look in all of them: {_paste(request, None)}",
            )
        case ask.NoRoom(problem=problem):
            return _no_room(problem)


def not_looked_up(answer: ask.Answer, meant: Callable[[str, str | None], Meant]) -> Message:
    """Why nothing can be shown of a snapshot; `meant` makes the command that would, of a name and a region."""
    match answer:
        case ask.SeveralSnapshots(request=request, hits=hits):
            said = f"{blocks.code(request.name)} exists {_times(len(hits))}. Which one?"
            return say(said, *(_command(render(meant(hit.name, hit.region))) for hit in hits))
        case ask.NoSuchSnapshot(request=request, regions=regions, nearest=nearest):
            near = [_command(render(meant(hit.name, hit.region))) for hit in nearest]
            said = f"There is no snapshot {blocks.code(request.name)} in {' or '.join(regions)}."
            return say(f"{said} Did you mean:" if near else said, *near)
        case ask.NotAllowed(verdict=verdict, request=request):
            return refused(verdict, request.actor.id, request.name, Action.VIEW)
        case ask.RegionsSilent(request=request, silent=silent):
            again = _command(render(meant(request.name, request.region)))
            return say(
                f"AWS did not say what it has of {blocks.code(request.name)}.",
                *_troubles(silent),
                f"Try again in a few minutes: {again}",
            )
        case ask.NoSuchRegion(request=request, regions=regions):
            said = f"I don't look in {blocks.code(request.region or '')}. My regions: {', '.join(regions)}."
            return say(said, f"To look in all of them: {_command(render(meant(request.name, None)))}")
        case _:
            return say("There is nothing to show.")


def refused(verdict: Verdict, person: str, name: str, wanted: Action = Action.DELETE) -> Message:
    """Why the gate said no, and who can change that."""
    called, verb = blocks.code(name) if name else "any snapshot", _VERBS.get(wanted, "delete")
    whom, grant = _whom(verdict), _grant(verdict, person, wanted, name or "web-*")
    match verdict.ground:
        case Ground.FRESH_BOT:
            return say(
                "You can't do that yet: nobody has permissions on this bot.",
                f"Your Slack id is `{person}`. Whoever runs the bot: set `LIGHTKEEPER_ADMINS={person}` and restart, "
                f"or run `python app.py grant {person} admin`.",
            )
        case Ground.ADMIN_ONLY:
            return say(
                "Admins hand out permissions; they don't delete.",
                f"Give yourself one: {_command(render(Grant(ME, wanted, name or 'web-*')))} It will be on the record.",
            )
        case Ground.GUARD if verdict.objection:
            no = "needs a second person now" if not verdict.objection.guard.refuses else "can't be deleted"
            return say(
                f"{called} {no}. {endings.guard_words(verdict.objection, MRKDWN)}",
                endings.GUARD_ADVICE[verdict.objection.guard],
            )
        case Ground.REQUEST_ONLY:
            return say(
                f"You can't delete {called} alone any more: a second person has to agree.",
                f"Ask for it again, and I ask one: {_command(render(Delete(name)))}",
            )
        case Ground.OWN_REQUEST:
            return say("You asked for this one, so somebody else has to approve it. Nothing was changed.")
        case Ground.BARRED:
            return say(
                "Your Slack account is deactivated, or is none of this company's people. Nothing was changed.",
                "Somebody else has to do it.",
            )
        case Ground.GROUPS_UNKNOWN:
            return say(
                "Slack has not told me lately who is in which user group, so I can't say whether you may.",
                "Nothing was changed. Please try again in a minute.",
            )
        case Ground.DENIED:
            number = verdict.row.id if verdict.row else "NUMBER"
            return say(
                f"You may not {verb} {called}: rule {number} forbids it.",
                f"Ask {whom} to lift that rule, with this: `/snapshot revoke {number}`",
            )
        case Ground.NO_PERMISSION | Ground.PERMITTED | Ground.GUARD:
            return say(
                f"You may not {verb} {called}: nobody has given you permission yet.",
                f"Ask {whom} to run this{grant}",
            )


def _grant(verdict: Verdict, person: str, wanted: Action, pattern: str) -> str:
    """The command that gives the right: in Slack where there is an admin, else in a shell."""
    if verdict.ask:
        return f": {_command(render(Grant(person, wanted, pattern)))}"
    shell = blocks.code(f"python app.py grant {person} {wanted} {shlex.quote(pattern)}", _COMMAND_LIMIT)
    return f", where the bot runs: {shell}"


_VERBS = {Action.VIEW: "see", Action.APPROVE: "approve the deletion of"}


def decided(outcome: decide.Outcome, person: str) -> Message | None:
    """What came of a person's click; nothing where the card shows it."""
    match outcome:
        case decide.Taken() | decide.Stopped() | decide.Looking() | decide.ToType():  # shown on the card, or in a form
            return None
        case decide.ApprovedBefore(deletion=deletion):
            count = f"{len(deletion.approved_by)} of {deletion.approvals_needed}"
            return say(f"You have approved this already ({count}). It waits for somebody else now.")
        case decide.Late(deletion=deletion, now=now):
            return _late(deletion, now)
        case decide.NotYours(deletion=deletion):
            asker = blocks.person(deletion.requester_name)
            return say(
                f"Only {asker} can confirm this one, so nothing was changed.",
                "To stop it, press *Don't delete*. To delete it yourself, wait until this one has ended, then ask.",
            )
        case decide.Forbidden(deletion=deletion, verdict=verdict, wanted=wanted):
            return refused(verdict, person, deletion.name, wanted)
        case decide.Stranger():
            return say(
                "Only people of the company that runs me can decide this, so nothing was changed.",
                "Ask one of them to press the button.",
            )
        case decide.NotOurs():
            return say("I know no request that this button belongs to. Nothing was changed.", _ANEW)
        case decide.Repeated():
            return None


def froze(answer: freezing.Answer, person: str) -> Message | None:
    """What came of a freeze, or of its end."""
    match answer:
        case freezing.Frozen(freeze=freeze, with_aws=ids):
            said = endings.freeze(freeze.by_name, freeze.reason, ids, MRKDWN)
            return say(said, "An admin ends it with `/snapshot unfreeze`.")
        case freezing.FrozenBefore(freeze=freeze):
            said = endings.frozen(freeze.by_name, freeze.began_at, freeze.reason, MRKDWN)
            return say(f"{said} Nothing was changed.", "An admin ends it with `/snapshot unfreeze`.")
        case freezing.Unfrozen(freeze=freeze):
            return say(endings.unfreeze(freeze.ended_name or "", MRKDWN))
        case freezing.NotFrozen():
            return say("Deletions are not frozen, so there is nothing to end.")
        case freezing.NotAllowed(verdict=verdict, wanted=wanted):
            return _may_not_freeze(verdict, person, wanted)
        case freezing.Repeated():
            return None


def _may_not_freeze(verdict: Verdict, person: str, wanted: Action) -> Message:
    if verdict.ground in (Ground.FRESH_BOT, Ground.BARRED, Ground.GROUPS_UNKNOWN):
        return refused(verdict, person, "")
    whom, grant = _whom(verdict), _grant(verdict, person, wanted, "web-*")
    if wanted is Action.ADMIN:
        return say(f"Only admins end a freeze. Ask {whom} to do it.")
    return say(
        "You may not freeze deletions: that takes the right to ask for one.",
        f"Ask {whom} to do it, or to run this{grant}",
    )


def left() -> Message:
    """Takes the place of a question that was answered with no."""
    return say("Left as it was: nothing was changed.")


def form_lost() -> Message:
    """Slack did not open the form in time."""
    return say("Slack did not open the form in time, so nothing was changed. Please press the button again.")


def seen(deletion: Deletion) -> Message:
    """What came of a look at what was not known."""
    if deletion.state is not State.UNKNOWN:
        return _ended(deletion)
    said = f"I looked: AWS still has no final answer about {blocks.code(deletion.name)}."
    if deletion.due_at:
        return say(f"{said} Next look {blocks.local_time(deletion.due_at)}; you need do nothing.")
    return say(said, "I look no more by myself. The Lightsail console shows whether it is still there.")


def still_looking() -> Message:
    """AWS takes longer than somebody waits."""
    return say("AWS takes its time. You need not wait: the card changes as soon as I know.")


def busy() -> Message:
    """The database could not be had in time."""
    return say("The database is busy, so nothing was changed. Please try again.")


def full() -> Message:
    """The database has no room left."""
    return say(
        "The bot's database has no room left, so nothing was changed. Please tell whoever runs the bot: "
        "it needs more disk space."
    )


def away() -> Message:
    """The database can't be reached."""
    return say("The bot can't reach its database, so nothing was changed. Please try again in a minute.")


def lost() -> Message:
    """Whether something was committed is not known."""
    return say(
        "The line to the bot's database broke, so I can't say whether that counted. Please wait a minute: "
        "if you see nothing happen by then, do it again. Nothing is ever done twice."
    )


def stopping() -> Message:
    """The process is about to end; the next one answers."""
    return say("I'm just being restarted, so nothing was asked. Please try again in a moment.")


def unknown_button() -> Message:
    """A button of another version of the bot."""
    return say("I don't know that button: another version of me made it. Nothing was changed.", _ANEW)


_ANEW = "To delete a snapshot, type `/snapshot delete` and its name."


def unknown_command() -> Message:
    """A command of another version of the bot."""
    return say("I don't know that command. Try: `/snapshot help`")


def picked(name: str) -> Message:
    """Takes the place of a question that was answered."""
    return say(f"You picked {blocks.code(name)}.")


def broken(error_id: str) -> Message:
    """Something that nobody foresaw."""
    return say(
        "Something went wrong on my side, and I stopped there. If there is a card, it shows what was done.",
        f"Tell whoever runs the bot: error `{error_id}` in its log says more.",
    )


def elsewhere(channels: Collection[str]) -> Message:
    """A workspace or channel that the settings do not list; `channels` are those that they do."""
    if not channels:
        return say("I don't work here, so nothing was asked. Whoever runs the bot decides where I do.")
    known = " or ".join(f"<#{channel}>" for channel in sorted(channels)[:_CHANNELS])
    return say(f"I don't work in this channel, so nothing was asked. Ask in {known}.")


def _no_room(problem: ask.RoomProblem) -> Message:
    match problem:
        case ask.RoomProblem.NOT_INVITED:
            return say(
                "I'm not in this channel, so I can't post here. Nothing was asked.",
                "Type `/invite @Lightkeeper`, then ask again. In a group message, ask me in a direct message instead.",
            )
        case ask.RoomProblem.BETWEEN_PEOPLE:
            return say(
                "I can't post between the two of you. Nothing was asked.",
                "Ask in a channel, or in a direct message with me.",
            )
        case ask.RoomProblem.ARCHIVED:
            return say("This channel is archived, so I can't post here. Nothing was asked.", "Ask in another channel.")
        case ask.RoomProblem.SHARED:
            return say(
                "People of another company read this channel, so I don't show snapshots here. Nothing was asked.",
                "Ask in a channel of your own company, or in a direct message with me.",
            )
        case ask.RoomProblem.DEACTIVATED:
            return say("Your Slack account is deactivated. Nothing was asked.", "Somebody else has to ask.")


def _asked_before(deletion: Deletion, link: str | None) -> Message:
    name, when = blocks.code(deletion.name), blocks.local_time(deletion.asked_at)
    by = blocks.person(deletion.requester_name)
    match deletion.state:
        case State.UNKNOWN:
            rest = "AWS has not said yet whether it is gone. I keep looking; you need do nothing."
        case State.READY | State.DELETING:
            rest = "It is being deleted; the card will say how that ended."
        case _:
            whom = "approval" if deletion.approvals_needed else by
            until = blocks.local_time(deletion.expires_at)
            rest = f"It waits for {whom} until {until}. Press *Don't delete* to stop it."
    see = f"<{link}|See the card>." if link else ""
    return say(f"Nothing was asked: {by} asked for {name} at {when} ({deletion.id}). {see}".strip(), rest)


def _too_few(answer: ask.TooFewApprovers) -> Message:
    verdict, name = answer.verdict, blocks.code(answer.request.name)
    needed = verdict.approvals
    others = "a second person's approval" if needed == 1 else f"the approval of {needed} others"
    grant = blocks.code(f"python app.py grant USER approve {shlex.quote(answer.request.name)}", _COMMAND_LIMIT)
    return say(
        f"Nothing was asked: {name} needs {others}, and {_able(answer.count)}.",
        *(endings.guard_words(one, MRKDWN) for one in verdict.objections),
        f"Ask {_whom(verdict)} to let somebody approve, with this, where the bot runs: {grant}",
    )


def _able(count: int) -> str:
    """How many could give an approval."""
    return {0: "nobody else may give it", 1: "only one other may give it"}.get(
        count, f"only {count} others may give it"
    )


def _rehearsed(answer: ask.Rehearsed) -> Message:
    """Every guard's and every permission's word."""
    snapshot, verdict, guarding = answer.snapshot, answer.verdict, answer.guarding
    found = {one.guard: one for one in reversed(verdict.objections)}
    size = f" · {snapshot.size_gb} GB" if snapshot.size_gb else ""
    return say(
        f"*Dry run, nothing was asked:* {blocks.code(snapshot.name)}{size} · {blocks.escape(snapshot.region)} · "
        f"taken {blocks.day(snapshot.created_at)}",
        _own_right(answer),
        *(_word_of(guard, found.get(guard), snapshot, guarding) for guard in Guard),
        *_outlook(answer),
    )


def _own_right(answer: ask.Rehearsed) -> str:
    own, verdict = answer.own, answer.verdict
    row = f" (rule {own.by.id})" if own.by else ""
    if own.allowed:
        return f"✅ You may delete it yourself{row}."
    if verdict.ruling is Ruling.SECOND_PERSON:
        return f"👥 You may ask for it, and not delete it alone{row}."
    return f"❌ You may not delete it{row}." if verdict.ground is not Ground.GUARD else "👥 You may see it."


def _word_of(guard: Guard, objection: Objection | None, snapshot: Snapshot, guarding: Guarding) -> str:
    if objection:
        return f"{'❌' if guard.refuses else '👥'} {endings.guard_words(objection, MRKDWN)}"
    return f"✅ {_ALL_WELL[guard]}" if guards.is_on(guard, snapshot, guarding) else f"➖ {_OFF[guard]}"


_ALL_WELL = {
    Guard.FROZEN: "Deletions are not frozen.",
    Guard.PROTECTED: "No tag protects it.",
    Guard.NOT_AVAILABLE: "Its state is available.",
    Guard.TOO_YOUNG: "It is old enough.",
    Guard.DAILY_LIMIT: "You are below the daily limit.",
    Guard.LAST: "It is not the last one of an instance.",
    Guard.APPROVAL_TAG: "No tag asks for a second person.",
}
_OFF = {
    Guard.FROZEN: "",
    Guard.PROTECTED: "No tags protect anything here.",
    Guard.NOT_AVAILABLE: "Its state is not looked at here.",
    Guard.TOO_YOUNG: "No age is too young here.",
    Guard.DAILY_LIMIT: "There is no daily limit here.",
    Guard.LAST: "The last one of an instance is not guarded here.",
    Guard.APPROVAL_TAG: "No tags ask for a second person here.",
}


def _outlook(answer: ask.Rehearsed) -> list[str]:
    """What would come of it if it were asked."""
    verdict = answer.verdict
    command = _command(render(Delete(answer.request.name, answer.request.region, answer.request.reason)))
    if verdict.ruling is Ruling.REFUSED:
        advice = endings.GUARD_ADVICE[verdict.objection.guard] if verdict.objection else ""
        return [f"*It would be refused.* {advice}".strip()]
    wait = guards.grace(answer.snapshot, answer.guarding)
    grace = f" After that I would wait {blocks.span(wait)}, in which it can still be stopped." if wait else ""
    if verdict.allowed:
        return [f"*You could confirm it yourself.*{grace} To ask: {command}"]
    typed = ", who has to type its name" if verdict.typed else ""
    who = "one other person" if verdict.approvals == 1 else f"{verdict.approvals} others"
    count = answer.approvers.count
    if count is not None and count < verdict.approvals:
        return [f"*It would need the approval of {who}{typed}, and {_able(count)}.*"]
    return [f"*It would need the approval of {who}{typed}.*{grace} To ask: {command}"]


def _not_found(answer: ask.NoSuchSnapshot) -> Message:
    where = " or ".join(answer.regions)
    said = f"There is no snapshot {blocks.code(answer.request.name)} in {where}."
    if not answer.nearest:
        return say(said, "It may be gone already. If not, copy its name from the Lightsail console: capitals count.")
    return _choice(f"{said} Did you mean:", answer.nearest, answer.request, by_region=False)


def _choice(question: str, hits: Sequence[Snapshot], request: ask.Request, *, by_region: bool) -> Message:
    row = []
    room = min(blocks.VALUE_LIMIT, _VALUES_LIMIT // max(1, len(hits)))
    for number, hit in enumerate(hits):
        facts = [f"{hit.size_gb} GB"] if hit.size_gb else []
        label = " · ".join(
            [hit.region if by_region else blocks.shown(hit.name, _LABEL_NAME), *facts, blocks.day(hit.created_at)]
        )
        row.append(Button(label, f"{PICK}:{number}", Picked(hit.name, hit.region, request.reason).value(room)))
    said = say(question)
    return replace(said, blocks=[*said.blocks, blocks.buttons(row[:_BUTTONS])])


def _silent(answer: ask.RegionsSilent) -> Message:
    """Where AWS did not say, why, and how to go on without it."""
    request, name = answer.request, blocks.code(answer.request.name)
    found = [f"It is in {hit.region}: {_paste(request, hit.region)}" for hit in answer.hits]
    empty = f"I found none that you may see in {', '.join(answer.empty)}." if answer.empty else ""
    everywhere = " everywhere" if found or empty else ""
    is_refused = all(isinstance(error, RejectedError) for error in answer.silent.values())
    when = "Once that is mended" if is_refused else "Try again in a few minutes"
    return say(
        f"Nothing was asked: AWS did not say{everywhere} whether it has {name}.",
        *_troubles(answer.silent),
        *found,
        empty,
        "" if found else f"{when}: {_paste(request, request.region)}",
    )


def _troubles(silent: Mapping[str, AwsError]) -> list[str]:
    """A line for each thing that went wrong, with the regions where it did."""
    regions: dict[tuple[type[AwsError], str], list[str]] = {}
    for region, error in silent.items():
        regions.setdefault((type(error), error.code), []).append(region)
    return [_trouble(where, silent[where[0]]) for where in regions.values()]


def _trouble(regions: Sequence[str], error: AwsError) -> str:
    who = ""
    if isinstance(error, CredentialsError):
        who = "Only whoever runs the bot can mend that."
    elif error.code in ("AccessDeniedException", "NotAuthorized"):
        who = f"For whoever runs the bot: its AWS role needs `lightsail:{blocks.escape(error.action)}`."
    log = f"Error `{error.error_id}` in the bot's log." if error.error_id else ""
    said = f"AWS says: “{blocks.escape(blocks.cut(error.message.removesuffix('.'), 300))}”." if error.message else ""
    words = (f"• {', '.join(regions)}: {blocks.escape(described(error.code))}", who, log, said)
    return " ".join(filter(None, words))


def _paste(request: ask.Request, region: str | None) -> str:
    """The command to paste that asks in this region; a long reason would bury it."""
    reason = request.reason if len(request.reason) <= _REASON_TO_PASTE else ""
    return _command(render(Delete(request.name, region, reason)))


def _late(deletion: Deletion, now: datetime) -> Message:
    match deletion.state:
        case State.ASKING:
            return say("I was still saving this card, so nothing was changed. Please press again.")
        case State.PENDING:
            return say(
                f"This expired at {blocks.local_time(deletion.expires_at)}; nothing was deleted.", _again(deletion)
            )
        case State.READY | State.DELETING:
            decided_at = deletion.decided_at or now
            seconds = max(0, round((now - decided_at).total_seconds()))
            when = f"{seconds} s ago" if seconds < 60 else f"at {blocks.local_time(decided_at)}"  # noqa: PLR2004
            if deletion.approvals_needed:
                names = ", ".join(map(blocks.person, deletion.approved_by))
                return say(f"{names} approved, the last of them {when}; {_next(deletion, now)}")
            return say(f"{blocks.person(deletion.decided_name or '')} confirmed {when}; {_next(deletion, now)}")
        case State.UNKNOWN:
            return say(
                "It was confirmed, but AWS has not said whether it is deleted. I keep looking, and the card will tell."
            )
        case State.DELETED | State.FAILED | State.CANCELLED | State.DENIED | State.EXPIRED | State.REFUSED:
            return _ended(deletion)


def _next(deletion: Deletion, now: datetime) -> str:
    if deletion.state is State.READY and deletion.run_at and deletion.run_at > now:
        return f"it is deleted at {blocks.local_time(deletion.run_at)}, and *Don't delete* stops it until then."
    return "AWS is being asked to delete it."


def _ended(deletion: Deletion) -> Message:
    return Message(
        text=endings.sentence(deletion, PLAIN),
        blocks=[blocks.section(endings.sentence(deletion, MRKDWN), endings.advice(deletion))],
    )


def _command(text: str) -> str:
    """A command to paste."""
    return blocks.code(f"/snapshot {text}", _COMMAND_LIMIT)


def _again(deletion: Deletion) -> str:
    return f"Still wanted? `/snapshot delete {deletion.id}` asks again."


def _whom(verdict: Verdict) -> str:
    """Admins by name, or whoever runs the bot."""
    people = [blocks.mention(person) for person in verdict.ask[:3]]
    return " or ".join(people) if people else "whoever runs the bot"


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"  # noqa: PLR2004
