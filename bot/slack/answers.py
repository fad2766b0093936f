"""Words for one person alone: what came of a command or a click, and the way forward. No I/O."""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot import ask, decide
from bot.errors import AwsError, CredentialsError, RejectedError, described
from bot.judge import Ground, Verdict
from bot.model import Snapshot
from bot.slack import blocks, endings
from bot.slack.blocks import Button, Message
from bot.slack.grammar import Delete, Mistake, render
from bot.slack.voice import MRKDWN, PLAIN
from storage.tables import Action, Deletion, State

PICK = "pick_snapshot"
_LABEL_NAME = 45  # characters of a name in a label of 75, so that its size and date are always to be seen
_VALUE_LIMIT = 2000  # characters; https://docs.slack.dev/reference/block-kit/block-elements/button-element

_REASON_TO_PASTE = 150  # characters


@dataclass(frozen=True, slots=True)
class Picked:
    """The snapshot of a button that stands for a corrected command."""

    name: str
    region: str
    reason: str

    def value(self) -> str:
        """As a button carries it; of a reason that is too long, what fits."""
        if len(whole := self._with(self.reason)) <= _VALUE_LIMIT:
            return whole
        lengths = range(len(self.reason))
        too_long = bisect_right(lengths, _VALUE_LIMIT, key=lambda kept: len(self._with(f"{self.reason[:kept]}…")))
        return self._with(f"{self.reason[: max(0, too_long - 1)]}…")

    def _with(self, reason: str) -> str:
        return json.dumps([self.name, self.region, reason], ensure_ascii=False)

    @classmethod
    def of(cls, value: str) -> "Picked":
        """Read a button's value back.

        Raises:
            ValueError: it is none of ours.
        """
        match json.loads(value):
            case [str(name), str(region), str(reason)]:
                return cls(name, region, reason)
            case _:
                raise ValueError("not a button of ours")


def _say(*lines: str) -> Message:
    """Lines of mrkdwn, and the same without its marks."""
    said = [line for line in lines if line]
    return Message(text=blocks.plain(" ".join(said)), blocks=[blocks.section(*said)])


def help_text() -> Message:
    """What there is, short enough for a phone."""
    return _say(
        "*Lightkeeper deletes Lightsail snapshots, safely.*",
        "`/snapshot delete NAME` asks for a confirmation, then deletes, and tells you every step in a thread.",
        "   `--region eu-west-1` where the name exists twice",
        '   `--reason "old release"` so that others know why',
        "`/snapshot help` shows this.",
        "NAME is the snapshot's name, or the id of an earlier request, such as `D-7F2KQ`.",
    )


def mistake(wrong: Mistake) -> Message:
    """What is wrong, and the command to paste instead."""
    instead = blocks.escape(wrong.instead.replace("`", "'"))
    return _say(
        blocks.escape(wrong.problem),
        f"Try: `/snapshot {instead}`" if wrong.instead != "help" else "Try: `/snapshot help`",
    )


def looking(regions: Sequence[str]) -> Message:
    """For what takes longer than two seconds."""
    where = regions[0] if len(regions) == 1 else f"{len(regions)} regions"
    return _say(f"Looking in {where}…")


def asked(answer: ask.Answer, link: str | None = None) -> Message | None:
    """What came of a command; nothing where the card is the answer."""
    match answer:
        case ask.Asked() | ask.AskedBefore(redelivered=True):
            return None
        case ask.AskedBefore(deletion=deletion):
            return _asked_before(deletion, link)
        case ask.NotAllowed(verdict=verdict, request=request):
            return refused(verdict, request.actor.id, request.name)
        case ask.NoSuchSnapshot():
            return _not_found(answer)
        case ask.SeveralSnapshots(request=request, hits=hits):
            words = f"{blocks.code(request.name)} exists {_times(len(hits))}. Which one?"
            return _choice(words, hits, request, by_region=True)
        case ask.RegionsSilent():
            return _silent(answer)
        case ask.NoSuchRegion(request=request, regions=regions):
            known = ", ".join(regions)
            return _say(
                f"I don't look in {blocks.code(request.region or '')}, only in {known}.",
                f"To look in all of these: {_command(request, None)}",
            )
        case ask.NoRoom(problem=problem):
            return _no_room(problem)


def refused(verdict: Verdict, person: str, name: str, wanted: Action = Action.DELETE) -> Message:
    """Why the gate said no, and who can change that."""
    called, verb = blocks.code(name), "see" if wanted is Action.VIEW else "delete"
    grant = f"`python app.py grant {person} {wanted} '{blocks.escape(name)}'`"
    whom = _whom(verdict)
    match verdict.ground:
        case Ground.FRESH_BOT:
            return _say(
                "You can't do that yet: nobody has permissions on this bot.",
                f"Your Slack id is `{person}`. Whoever runs the bot: set `LIGHTKEEPER_ADMINS={person}` and restart, "
                f"or run `python app.py grant {person} admin`.",
            )
        case Ground.ADMIN_ONLY:
            return _say(
                "Admins hand out permissions; they don't delete.",
                f"Give yourself one where the bot runs: {grant}. It will be on the record.",
            )
        case Ground.GUARD if verdict.objection:
            return _say(
                f"{called} can't be deleted. "
                + endings.guard_words(verdict.objection.guard, verdict.objection.fact, MRKDWN)
            )
        case Ground.REQUEST_ONLY:
            return _say(
                f"You may ask for {called} to be deleted, but a second person would have to approve it, "
                "and this version can't ask for one yet.",
                f"{_sentence(whom)} can let you delete it alone: {grant}.",
            )
        case Ground.DENIED:
            number = verdict.row.id if verdict.row else "?"
            return _say(
                f"You may not {verb} {called}: permission {number} denies it.",
                f"{_sentence(whom)} can change that.",
            )
        case Ground.NO_PERMISSION | Ground.PERMITTED | Ground.GUARD:
            return _say(
                f"You may not {verb} {called} (no permission matches).",
                f"Ask {whom} to run {grant} where the bot runs.",
            )


def decided(outcome: decide.Outcome, person: str) -> Message | None:
    """What came of a person's click; nothing where the card shows it."""
    match outcome:
        case decide.Taken() | decide.Looking():
            return None
        case decide.Late(deletion=deletion, now=now):
            return _late(deletion, now)
        case decide.NotYours(deletion=deletion):
            asker = blocks.escape(deletion.requester_name)
            return _say(f"Only {asker} can confirm this one. You can stop it with *Don't delete*, if you may see it.")
        case decide.Forbidden(deletion=deletion, verdict=verdict, wanted=wanted):
            return refused(verdict, person, deletion.name, wanted)
        case decide.NotOurs():
            return _say("That button belongs to nothing I know. Nothing was changed.")


def seen(deletion: Deletion) -> Message:
    """What came of a look at what was not known."""
    if deletion.state is not State.UNKNOWN:
        return _ended(deletion)
    look = f"Next look {blocks.local_time(deletion.due_at)}." if deletion.due_at else "I look no more by myself."
    return _say(f"I looked: AWS still has no final answer about {blocks.code(deletion.name)}. {look}")


def still_looking() -> Message:
    """AWS takes longer than somebody waits."""
    return _say("I'm looking, and AWS takes its time. The card will tell.")


def busy() -> Message:
    """The database could not be had in time."""
    return _say("The database is busy, so nothing was changed. Please try again.")


def stopping() -> Message:
    """The process is about to end; the next one answers."""
    return _say("I'm just being restarted, so nothing was asked. Please try again in a moment.")


def unknown_button() -> Message:
    """A button of another version of the bot."""
    return _say("I don't know that button; it may be from another version of the bot. Nothing was changed.")


def picked(name: str) -> Message:
    """Takes the place of a question that was answered."""
    return _say(f"You picked {blocks.code(name)}.")


def broken(error_id: str) -> Message:
    """Something that nobody foresaw."""
    return _say(f"Something went wrong on my side; nothing more was done. Error `{error_id}` is in the bot's log.")


def elsewhere() -> Message:
    """A workspace or channel that the settings do not list."""
    return _say(
        "I'm not allowed to work here. Whoever runs the bot decides where, with `SLACK_TEAMS` and `SLACK_CHANNELS`."
    )


def _no_room(problem: ask.RoomProblem) -> Message:
    match problem:
        case ask.RoomProblem.NOT_INVITED:
            return _say(
                "I can't post here, so nothing was asked. Invite me with `/invite @Lightkeeper`, then ask again."
            )
        case ask.RoomProblem.ARCHIVED:
            return _say("This channel is archived, so I can't post here. Ask in another channel.")


def _asked_before(deletion: Deletion, link: str | None) -> Message:
    name, when = blocks.code(deletion.name), blocks.local_time(deletion.asked_at)
    by = blocks.escape(deletion.requester_name)
    where = f" <{link}|See it>." if link else ""
    unknown = " AWS has not said yet whether it is gone." if deletion.state is State.UNKNOWN else ""
    return _say(f"{name} was already asked about at {when} by {by} ({deletion.id}).{unknown}{where}")


def _not_found(answer: ask.NoSuchSnapshot) -> Message:
    where = " or ".join(answer.regions)
    words = f"No snapshot {blocks.code(answer.request.name)} in {where}."
    if not answer.nearest:
        return _say(words, "Names are case-sensitive; copy it from the Lightsail console if in doubt.")
    return _choice(f"{words} Did you mean:", answer.nearest, answer.request, by_region=False)


def _choice(words: str, hits: Sequence[Snapshot], request: ask.Request, *, by_region: bool) -> Message:
    row = []
    for number, hit in enumerate(hits):
        facts = [f"{hit.size_gb} GB"] if hit.size_gb else []
        label = " · ".join(
            [hit.region if by_region else blocks.cut(hit.name, _LABEL_NAME), *facts, blocks.day(hit.created_at)]
        )
        row.append(Button(label, f"{PICK}:{number}", Picked(hit.name, hit.region, request.reason).value()))
    said = _say(words)
    return replace(said, blocks=[*said.blocks, blocks.buttons(row[:25])])


def _silent(answer: ask.RegionsSilent) -> Message:
    """Where AWS did not say, why, and how to go on without it."""
    request, name = answer.request, blocks.code(answer.request.name)
    found = [f"It is in {hit.region}: {_command(request, hit.region)}" for hit in answer.hits]
    empty = f"I found none that you may see in {', '.join(answer.empty)}." if answer.empty else ""
    everywhere = " everywhere" if found or empty else ""
    is_refused = all(isinstance(error, RejectedError) for error in answer.silent.values())
    when = "Once that is mended" if is_refused else "Try again in a few minutes"
    return _say(
        f"Nothing was asked: AWS did not say{everywhere} whether it has {name}.",
        *_troubles(answer.silent),
        *found,
        empty,
        "" if found else f"{when}: {_command(request, request.region)}",
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


def _command(request: ask.Request, region: str | None) -> str:
    """The command to paste; a long reason would bury it."""
    reason = request.reason if len(request.reason) <= _REASON_TO_PASTE else ""
    return f"`/snapshot {blocks.escape(render(Delete(request.name, region, reason)).replace('`', chr(39)))}`"


def _late(deletion: Deletion, now: datetime) -> Message:
    match deletion.state:
        case State.ASKING:
            return _say("One moment: the card was only just posted. Please press again.")
        case State.PENDING:
            return _say(
                f"This expired at {blocks.local_time(deletion.expires_at)}; nothing was deleted.", _again(deletion)
            )
        case State.READY | State.DELETING:
            decided_at = deletion.decided_at or now
            seconds = max(0, round((now - decided_at).total_seconds()))
            when = f"{seconds} s ago" if seconds < 60 else f"at {blocks.local_time(decided_at)}"  # noqa: PLR2004
            return _say(
                f"{blocks.escape(deletion.decided_name or '')} confirmed {when}; AWS is being asked to delete it."
            )
        case State.UNKNOWN:
            return _say("It was confirmed, and AWS has not said yet whether it is deleted. The card will tell.")
        case State.DELETED | State.FAILED | State.CANCELLED | State.DENIED | State.EXPIRED | State.REFUSED:
            return _ended(deletion)


def _ended(deletion: Deletion) -> Message:
    return Message(
        text=endings.sentence(deletion, PLAIN),
        blocks=[blocks.section(endings.sentence(deletion, MRKDWN), endings.advice(deletion))],
    )


def _again(deletion: Deletion) -> str:
    return f"Still wanted? `/snapshot delete {deletion.id}` asks again."


def _whom(verdict: Verdict) -> str:
    """Admins by name, or whoever runs the bot."""
    people = [blocks.mention(person) for person in verdict.ask[:3]]
    return " or ".join(people) if people else "whoever runs the bot"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"  # noqa: PLR2004
