"""What people look up: histories, what goes on, snapshots, and the story of one deletion. No I/O."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import attributes, guards
from bot.guards import Guard, Guarding, Objection
from bot.judge import Ground, Ruling
from bot.looking import ByTags, Judged, Shown
from bot.memory import Page, Story
from bot.model import Snapshot, Surroundings, TagList
from bot.slack import blocks, endings, story
from bot.slack.blocks import Block, Button, Message, say
from bot.slack.commands import Delete, Grant, History, Revoke, Status, render
from bot.slack.rule import rule, who
from bot.slack.voice import MRKDWN
from storage.history import Mark
from storage.tables import Action, CardCopy, Deletion, Effect, State

PAGE = "page"
_TAGGED = 5  # rules that ask for tags, in one answer
PER_PAGE = 10
_SIBLINGS = 10
_LINES = 40  # of a story
_ICONS = {State.UNKNOWN: "⚠️", State.DELETING: "⏳", State.READY: "⏳"}


@dataclass(frozen=True, slots=True)
class Turn:
    """Which part of what was looked up a button leads to."""

    command: str
    start: str = ""  # "" is the beginning

    def value(self) -> str:
        """As a button carries it."""
        return json.dumps([self.command, self.start], ensure_ascii=False)

    @classmethod
    def of(cls, value: str) -> "Turn":
        """Read a button's value back.

        Raises:
            ValueError: it is none of ours.
        """
        match blocks.carried(value):
            case [str(command), str(start)]:
                return cls(command, start)
            case _:
                raise ValueError("not a button of ours")


def written(mark: Mark) -> str:
    """Where a page begins, as a button carries it."""
    return f"{mark.asked_at.isoformat()} {mark.number}"


def mark(text: str) -> Mark | None:
    """Read it back.

    Raises:
        ValueError: it is none of ours.
    """
    if not text:
        return None
    moment, _, number = text.partition(" ")
    asked_at = datetime.fromisoformat(moment)
    if asked_at.tzinfo is None:
        raise ValueError("not a mark of ours")
    return Mark(asked_at, number)


def button(label: str, turn: Turn) -> Button:
    """A button to another part."""
    return Button(label, f"{PAGE}:{label.lower()}", turn.value())


@dataclass(frozen=True, slots=True)
class Links:
    """Where messages are, by the workspace's address.

    Source: https://docs.slack.dev/reference/methods/chat.getPermalink, whose example shows how they are made.
    """

    home: str  # https://acme.slack.com/

    def to(self, card: CardCopy | None) -> str | None:
        """The address of a card, where Slack has it."""
        if card is None or card.ts is None or not self.home:
            return None
        return f"{self.home}archives/{card.channel_id}/p{card.ts.replace('.', '')}"


def history(page: Page, query: History, start: str, links: Links) -> Message:
    """What was asked for, newest first."""
    about = [
        f"of {blocks.code(query.name)}" if query.name else "",
        f"of {who(query.subject, MRKDWN, {})}" if query.subject else "",
        f"of the last {blocks.span(query.since)}" if query.since else "",
    ]
    head = " ".join(filter(None, ("*History*", *about)))
    if not page.rows and not page.more:
        nothing = "Nothing older." if start else "Nothing was asked for yet that you may see."
        return say(head, nothing)
    return _page(head, page, render(query), start, links)


def status(page: Page, query: Status, start: str, links: Links) -> Message:
    """What waits, runs, or is not known."""
    head = "*Going on now*"
    frozen = page.freeze
    ice = f"🧊 {endings.frozen(frozen.by_name, frozen.began_at, frozen.reason, MRKDWN)}" if frozen else ""
    if not page.rows and not page.more:
        return say("*Nothing is going on.* No deletion waits, runs, or is unknown.", ice)
    return _page(f"{head}\n{ice}" if ice else head, page, render(query), start, links)


def _page(head: str, page: Page, command: str, start: str, links: Links) -> Message:
    shown: list[Block] = [blocks.section(head)]
    shown += [blocks.section(*_row(one, page.now, links.to(page.cards.get(one.id)))) for one in page.rows]
    if page.is_unfinished:
        shown.append(blocks.context("I looked through many that you may not see. *Older* goes on."))
    turns = [button("Newest", Turn(command))] if start else []
    turns += [button("Older", Turn(command, written(page.more)))] if page.more else []
    return Message(text=blocks.plain(head), blocks=[*shown, *([blocks.buttons(turns)] if turns else [])])


def _row(deletion: Deletion, now: datetime | None, link: str | None) -> Iterable[str]:
    number = f"<{link}|{deletion.id}>" if link else deletion.id
    decided = deletion.decided_name or ""
    by = f"Asked by {blocks.person(deletion.requester_name)} {blocks.local_day_time(deletion.asked_at)}"
    if decided and decided != deletion.requester_name:
        by += f", {'approved' if deletion.approvals_needed else 'confirmed'} by {blocks.person(decided)}"
    return (_headline(deletion, now), f"{by} · {number}")


def _headline(deletion: Deletion, now: datetime | None) -> str:
    name = f"{blocks.code(deletion.name)} · {blocks.escape(deletion.region)}"
    match deletion.state:
        case State.ASKING | State.PENDING:
            until = blocks.local_time(deletion.expires_at)
            if deletion.approvals_needed:
                count = f" ({len(deletion.approved_by)} of {deletion.approvals_needed})"
                return f"🕐 *Waits for approval*{count} until {until}: {name}"
            return f"🕐 *Waits for {blocks.person(deletion.requester_name)}* to confirm until {until}: {name}"
        case State.READY:
            waits = deletion.run_at is not None and now is not None and deletion.run_at > now
            when = f"at {blocks.local_time(deletion.run_at)}" if waits and deletion.run_at else "now"
            return f"⏳ *To be deleted {when}*: {name}"
        case State.DELETING:
            return f"⏳ *With AWS*: {name}"
        case State.UNKNOWN:
            look = f" Next look {blocks.local_time(deletion.due_at)}." if deletion.due_at else ""
            return f"⚠️ *Not known yet* whether it is deleted: {name}.{look}"
        case _:
            return endings.sentence(deletion, MRKDWN)


def told(answer: Story, links: Links) -> Message:
    """A deletion's whole story, as the record has it."""
    deletion = answer.deletion
    lines = story.tell(answer.record, deletion) or ["Its record is not kept any more."]
    left = len(lines) - _LINES
    if left > 0:
        lines = [
            *lines[: _LINES // 2],
            f"… and {left} lines more: `/snapshot history --export` …",
            *lines[-_LINES // 2 :],
        ]
    link = links.to(answer.card)
    see = f" · <{link}|See the card>" if link else ""
    head = f"{_headline(deletion, None)}\n{deletion.id} · asked for the one taken {_taken(deletion)}{see}"
    return Message(text=blocks.plain(head), blocks=[blocks.section(head), *(blocks.section(line) for line in lines)])


def _taken(deletion: Deletion) -> str:
    return blocks.day(Snapshot.from_json(deletion.snapshot).created_at)


def shown(answer: Shown, links: Links) -> Message:
    """A snapshot with all that AWS has, what is left of its instance, and what guards it."""
    one, around = answer.snapshot, answer.around
    price = f", up to ${one.monthly_price:,.2f} a month" if one.monthly_price else ""
    tags = ", ".join(f"{key}={value}" if value else key for key, value in sorted(one.tags.items()))
    going = answer.deletion
    link = links.to(answer.card)
    facts = [
        f"{one.size_gb} GB{price}" if one.size_gb else "",
        f"{blocks.escape(one.region)} · account {blocks.escape(one.account)}",
        f"Taken {blocks.local_day_time(one.created_at)}",
        f"State {blocks.code(one.state)}" + (f", progress {blocks.escape(one.progress)}" if one.progress else ""),
        f"Tags {blocks.code(tags)}" if tags else "No tags",
        f"Made from {blocks.escape(_made_from(one))}" if _made_from(one) else "",
        "Made by AWS's automatic snapshots" if one.is_automatic else "",
        f"ARN {blocks.code(one.arn)}",
        f"For AWS's support: {blocks.code(one.support_code)}" if one.support_code else "",
    ]
    head = blocks.section(f"*{blocks.code(one.name)}*", *facts)
    said = [head, blocks.section(*_instance(one, around, answer.siblings))]
    said.append(blocks.section("*What guards it*", *_guards(answer.objections, answer.guarding, one)))
    if going:
        number = f"<{link}|{going.id}>" if link else going.id
        said.append(blocks.section(f"{_headline(going, None)} · {number}"))
    else:
        said.append(blocks.context(f"To delete it: {blocks.code(f'/snapshot {render(Delete(one.name, one.region))}')}"))
    return Message(text=f"Snapshot {blocks.escape(one.name)}", blocks=said)


def _made_from(one: Snapshot) -> str:
    return " · ".join(filter(None, (one.instance_name, one.blueprint_id, one.bundle_id)))


def _instance(one: Snapshot, around: Surroundings, siblings: Sequence[Snapshot]) -> list[str]:
    if one.instance_name is None:
        return ["It belongs to no instance."]
    state = {True: "still exists", False: "is gone", None: "may or may not exist: AWS did not say"}[
        around.instance_exists
    ]
    head = f"*Its instance* {blocks.code(one.instance_name)} {state}. "
    head += f"{len(siblings) or 'No'} other {'snapshot' if len(siblings) == 1 else 'snapshots'} of it" + (
        ":" if siblings else "."
    )
    rows = [
        f"• {blocks.code(each.name)} · {f'{each.size_gb} GB · ' if each.size_gb else ''}{blocks.day(each.created_at)}"
        for each in siblings[:_SIBLINGS]
    ]
    more = [f"… and {len(siblings) - _SIBLINGS} older ones"] if len(siblings) > _SIBLINGS else []
    return [head, *rows, *more]


def _guards(objections: Sequence[Objection], guarding: Guarding, one: Snapshot) -> list[str]:
    found = {each.guard: each for each in reversed(objections)}
    stands = [f"{'❌' if guard.refuses else '👥'} {endings.guard_words(each, MRKDWN)}" for guard, each in found.items()]
    watching = [guard for guard in Guard if guard not in found and guards.is_on(guard, one, guarding)]
    if stands:
        return stands
    return [f"✅ Nothing stands in the way ({len(watching)} guards looked)."]


def judged(answer: Judged) -> Message:
    """Whether somebody may do something: what decides, and what would change it."""
    verdict, whom = answer.verdict, who(answer.subject, MRKDWN, {})
    what = _what(answer)
    row = rule(verdict.row) if verdict.row else ""
    is_asking = answer.action is Action.REQUEST and verdict.ruling is not Ruling.REFUSED
    tags = _by_tags(answer)
    if verdict.allowed or is_asking:
        return say(f"✅ *Yes:* {whom} may {what}.", row and f"By {row}.", *_caveats(answer), *tags)
    if verdict.ruling is Ruling.SECOND_PERSON:
        needed = "one other person has" if verdict.approvals == 1 else f"{verdict.approvals} others have"
        said = f"👥 *Not alone:* {whom} may ask to {what}, and {needed} to agree."
        return say(said, row, *_caveats(answer), *_change(answer), *tags)
    return say(
        f"❌ *No:* {whom} may not {what}.", row and f"Because of {row}.", *_change(answer), *_caveats(answer), *tags
    )


def _by_tags(answer: Judged) -> list[str]:
    """The tags that count, the bot's rules and AWS's side by side; what AWS makes of them is AWS's to say."""
    told, snapshot = answer.by_tags, answer.snapshot
    if told is None or snapshot is None:
        return []
    has = blocks.code(attributes.shown(snapshot.tags)) if snapshot.tags else "none"
    return [f"*Tags of the snapshot:* {has}", _of_the_bot(told), *_of_aws(told, who(answer.subject, MRKDWN, {}))]


def _of_the_bot(told: ByTags) -> str:
    guarding = told.guarding
    parts = [
        f"never with {_either(guarding.protected_tags)}" if guarding.protected_tags else "",
        f"a second person with {_either(guarding.approval_tags)}" if guarding.approval_tags else "",
        *(f"Rule {row.id} asks for {_either(list(row.tags.items()), ' and ')}" for row in told.rows[:_TAGGED]),
        f"{len(told.rows) - _TAGGED} more rules ask for tags" if len(told.rows) > _TAGGED else "",
    ]
    said = "; ".join(filter(None, parts))
    return f"*The bot:* {said}" if said else ""


def _of_aws(told: ByTags, whom: str) -> list[str]:
    carried = told.carried
    if carried is None:
        return []
    if carried.problem:
        return [f"*AWS* can't be told what they carry, so nothing would be deleted: {blocks.escape(carried.problem)}"]
    carries = blocks.code(attributes.shown(carried.tags)) if carried.tags else "nothing that admins said"
    return [f"*AWS:* {whom} carries {carries}. What its own rules make of it, only AWS can say."]


def _either(tags: TagList, joint: str = " or ") -> str:
    return joint.join(blocks.code(key if value is None else f"{key}={value}") for key, value in tags)


def _what(answer: Judged) -> str:
    name = blocks.code(answer.snapshot.name) if answer.snapshot else ""
    return {
        Action.VIEW: f"see {name}",
        Action.REQUEST: f"ask for the deletion of {name}",
        Action.DELETE: f"delete {name}",
        Action.APPROVE: f"approve the deletion of {name}, if somebody else asks for it",
        Action.ADMIN: "hand out permissions",
    }[answer.action]


def _caveats(answer: Judged) -> list[str]:
    found = [endings.guard_words(one, MRKDWN) for one in answer.objections]
    is_besides = answer.verdict.ground is not Ground.GUARD and not answer.verdict.allowed
    return [f"Whatever rules say: {words}" for words in found] if is_besides else found


def _change(answer: Judged) -> list[str]:
    """What would change the answer."""
    verdict, snapshot = answer.verdict, answer.snapshot
    pattern = snapshot.name if snapshot else "*"
    grant = _paste(render(Grant(answer.subject, answer.action, pattern)))
    match verdict.ground:
        case Ground.GUARD:
            return [endings.GUARD_ADVICE[one.guard] for one in verdict.objections[:1] if one.guard.refuses]
        case Ground.BARRED:
            return ["Slack says that this account is deactivated, a bot, or of another company."]
        case Ground.GROUPS_UNKNOWN:
            return ["Slack has not told me lately who is in which user group. Ask again in a minute."]
        case _ if verdict.row is not None and verdict.row.effect is Effect.DENY:
            return [f"This would change it: {_paste(render(Revoke(verdict.row.id or 0)))}"]
        case Ground.ADMIN_ONLY:
            return [f"Admins hand out permissions, and need one themselves: {grant}"]
        case _:
            return [f"No rule gives that. This would: {grant}"]


def _paste(text: str) -> str:
    return blocks.code(f"/snapshot {text}", blocks.SECTION_LIMIT // 2)
