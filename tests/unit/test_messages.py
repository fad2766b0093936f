"""Laws over everything the bot says, whatever people and AWS put into it."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import ask, decide
from bot.ask import Request
from bot.errors import AmbiguousError
from bot.guards import Guard, Objection
from bot.judge import Ground, Ruling, Verdict
from bot.model import Actor, Snapshot, Surroundings
from bot.sandbox.slack import message_problems
from bot.slack import answers, blocks, gallery, lines, outbox, words
from bot.slack.blocks import Message
from bot.slack.card import card
from bot.slack.grammar import Mistake, parse
from storage.tables import Action, Deletion, Effect, Notice, NoticeKind, Place, State, Why

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
MISLEADS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066\u2067\x00-\x08\x0b-\x1f]")
LINK = "https://acme.slack.com/archives/C1/p1"
TOO_LONG = 10_000  # characters of blocks; Slack does not say how many it takes, and people measured less than 12,000
OURS = re.compile(
    r"<!date\^\d+\^[^<>|]*\|[^<>|]*>|<@U024BE7LH>|<@U061F7AUR>|<!subteam\^S0614TZR7>|<#C061EG9SL>|"
    rf"<{re.escape(LINK)}\|See the card>"
)

evil = st.sampled_from(
    ["<!channel>", "<!here>", "<@U061F7AUR>", "<#C1>", "<https://evil.example|see>", "<!date^1^{time}|x>", "&lt;!x&gt;"]
)
marks = st.sampled_from(["*", "_", "~", "`", "```", "\n", "\t", "&", "<", ">", "|", '"', "\\", "“", "{time}", "\u202e"])
scripts = st.sampled_from(["web-1", "🔥", "👩‍👩‍👧", "שלום", "مرحبا", "日本語", "é", " "])
hostile = st.lists(evil | marks | scripts | st.text(max_size=5), min_size=1, max_size=8).map("".join)
people = hostile.map(lambda name: name[:80])
names = hostile.map(lambda name: name[:255])
reasons = st.just("") | st.tuples(hostile, st.sampled_from([1, 3000])).map(lambda told: (told[0] * told[1])[:3000])
snapshots = st.builds(
    Snapshot,
    arn=st.sampled_from(["arn", "arn:aws:lightsail:us-east-1:123456789012:InstanceSnapshot/1", "a:b:c:d:<!here>`*x:e"]),
    name=names,
    region=st.sampled_from(["us-east-1", "eu-west-1"]),
    created_at=st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    state=st.sampled_from(["available", "pending"]),
    size_gb=st.none() | st.integers(0, 10**6),
    tags=st.dictionaries(hostile, hostile | st.just(""), max_size=3),
    instance_name=st.none() | names,
)
around = st.builds(
    Surroundings,
    instance_exists=st.none() | st.booleans(),
    others=st.none() | st.integers(0, 3),
    newest_other=st.none() | st.just(NOW),
)
moments = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
codes = hostile | st.sampled_from(
    ["AccessDeniedException", "ThrottlingException", "ReadTimeoutError", "BrandNewException", "Failed"]
)
facts = st.fixed_dictionaries(
    {
        "by": people,
        "by_name": people,
        "since": moments.map(datetime.isoformat),
        "fact": moments.map(datetime.isoformat),
        "guard": st.sampled_from(Guard),
        "ground": st.sampled_from(Ground),
    },
    optional={
        "reason": reasons,
        "code": codes,
        "message": reasons,
        "request_id": hostile,
        "error_id": st.just("1f2e3d4c"),
        "aws_action": st.sampled_from(["DeleteInstanceSnapshot", "GetInstanceSnapshot"]),
        "about": st.just("credentials"),
        "adopted": st.just("yes"),
        "operation": st.just("6f1e9a52-6c1b-4b8b-9f5e-0b6f2f3a4c5d") | hostile,
        "status": hostile,
        "ended_as": hostile,
        "other_created_at": moments.map(datetime.isoformat),
    },
)
objections = st.builds(
    Objection,
    st.sampled_from([one for one in Guard if one not in (Guard.TOO_YOUNG, Guard.FROZEN)]),
    hostile,
    st.fixed_dictionaries({"exists": st.sampled_from(["yes", "no", ""]), "automatic": st.sampled_from(["0", "7"])}),
) | st.sampled_from([one for one in gallery.objections() if one.guard in (Guard.TOO_YOUNG, Guard.FROZEN)])
handles = hostile.map(lambda handle: f"@{handle[:80]}")
approvers = st.sampled_from(["U061F7AUR", "S0614TZR7", "@ops", "#7", "*"]) | handles
whys = st.none() | st.sampled_from(Why)


@st.composite
def deletions(draw: st.DrawFn, states: Sequence[State] = tuple(State)) -> Deletion:
    made = gallery.deletion(
        draw(st.sampled_from(states)),
        why=draw(whys),
        facts=draw(facts),
        of=draw(snapshots),
        around=draw(around),
        reason=draw(reasons),
        objections=draw(st.lists(objections, max_size=7)),
        approvals_needed=draw(st.integers(0, 5)),
        approved_by=draw(st.lists(people, max_size=5)),
        approvers=draw(st.lists(approvers, max_size=5)),
        approvals_channel=draw(st.sampled_from([None, "C061EG9SL"])),
        is_typed=draw(st.booleans()),
    )
    made.requester_name = draw(people)
    made.decided_name = draw(st.none() | people)
    made.decided_by = draw(st.none() | st.sampled_from(["U024BE7LH", "U061F7AUR"]))
    made.intended_at, made.due_at, made.decided_at, made.run_at, made.ended_at = (
        draw(st.none() | moments) for _ in range(5)
    )
    made.expires_at = draw(moments)
    return made


told_by_aws = {
    "until": st.just(NOW.isoformat()),
    "earlier": st.just("yes"),
    "message": reasons,
    "request_id": hostile,
    "error_id": st.just("1f2e3d4c"),
    "error_code": codes | hostile,
    "error_details": reasons,
    "details": reasons,
    "type": hostile,
    "resource": names,
}


@st.composite
def notices(draw: st.DrawFn) -> Notice:
    told = {
        "operation": draw(st.just("6f1e9a52-6c1b-4b8b-9f5e-0b6f2f3a4c5d") | hostile),
        "status": draw(hostile | st.sampled_from(["NotStarted", "Succeeded", "Brand`New*Status"])),
        "next": draw(moments).isoformat(),
        "regions": "us-east-1, eu-west-1",
        "by_name": draw(people),
        "reason": draw(reasons),
        "given": "1",
        "needed": draw(st.sampled_from(["1", "2"])),
        "ids": draw(st.sampled_from(["", "D-7F2KQ", ", ".join(["D-7F2KQ"] * 300)])),
        "state": draw(st.sampled_from(State)),
        "what": draw(st.sampled_from(["granted", "revoked"])),
        "permission": "7",
        "subject": draw(st.sampled_from(["U024BE7LH", "S0614TZR7", "*"])),
        "effect": draw(st.sampled_from(Effect)),
        "action": draw(st.sampled_from(Action)),
        "pattern": draw(st.sampled_from(["*", "web-*", "a" * 255])),
        "region": draw(st.sampled_from(["", "us-east-1"])),
        "tags": draw(st.sampled_from(["", '{"env": "prod", "no_delete": null}'])),
        "until": draw(st.just("") | moments.map(datetime.isoformat)),
        "note": draw(reasons),
        "own": draw(st.sampled_from(["", "yes"])),
        "code": draw(codes),
        "aws_action": draw(st.sampled_from(["DeleteInstanceSnapshot", "GetOperation", "GetInstanceSnapshot"])),
        **draw(st.fixed_dictionaries({}, optional=told_by_aws)),
    }
    return gallery.notice(draw(st.sampled_from(NoticeKind)), **told)


requests = st.builds(
    Request,
    st.builds(Actor, st.just("T1"), st.just("U024BE7LH"), people),
    st.just("C1"),
    st.just("1.2"),
    names,
    st.none() | hostile,
    reasons,
)
verdicts = st.builds(
    Verdict,
    st.sampled_from(Ruling),
    st.sampled_from(Ground),
    st.lists(objections, max_size=3),
    ask=st.sampled_from([(), ("U061F7AUR",), ("U061F7AUR", "U024BE7LH", "U061F7AUR", "U024BE7LH")]),
)


def mrkdwn(part: object) -> Iterator[str]:
    """Every text of the blocks in which Slack reads marks."""
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield str(part["text"])
        for inner in part.values():
            yield from mrkdwn(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from mrkdwn(inner)


def faults(message: Message | None) -> list[str]:
    """What Slack would refuse, and what could ping or link that we did not write."""
    if message is None:
        return []
    found = message_problems({"text": message.text, "blocks": list(message.blocks)})
    for text in (message.text, *mrkdwn(list(message.blocks))):
        if "<" in OURS.sub("", text):
            found.append(f"somebody else's token in {text!r}")
    if "<!date" in message.text:
        found.append(f"a date token in plain text: {message.text!r}")
    for text in texts([message.text, *message.blocks]):
        if MISLEADS.search(text) or text.count("\u2068") != text.count("\u2069"):
            found.append(f"something that turns the direction of the sentence: {text!r}")
        if words.size(text) > blocks.SECTION_LIMIT:
            found.append(f"more than Slack may count: {text!r}")
    return found


def texts(part: object) -> Iterator[str]:
    """Every text of a message that is to be seen."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        yield from (text for name, inner in part.items() if name != "value" for text in texts(inner))
    elif isinstance(part, list):
        yield from (text for inner in part for text in texts(inner))


def too_long(message: Message) -> list[str]:
    """What Slack would refuse to post, though each of its parts is short enough."""
    length = len(json.dumps(list(message.blocks), ensure_ascii=False))
    return faults(message) + [f"{length} characters"] * (length > TOO_LONG)


@given(deletions())
@settings(max_examples=150, deadline=None)
def test_every_card_is_one_that_slack_takes_and_that_pings_nobody(deletion: Deletion) -> None:
    assert not too_long(card(deletion))
    assert not too_long(card(deletion, Place.APPROVALS))


@given(deletions(), st.lists(notices(), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_every_thread_is_one_that_slack_takes_and_that_pings_nobody(deletion: Deletion, told: list[Notice]) -> None:
    assert not faults(lines.message(deletion, told))


@given(notices())
@settings(max_examples=40, deadline=None)
def test_what_one_person_is_told_is_one_that_slack_takes_and_that_pings_nobody(told: Notice) -> None:
    assert not faults(lines.for_one(told))


@given(deletions(), notices())
@settings(max_examples=60, deadline=None)
def test_what_a_channel_is_told_is_one_that_slack_takes_and_that_pings_nobody(deletion: Deletion, told: Notice) -> None:
    assert not faults(lines.for_one(told, deletion, LINK))


@given(deletions(), st.lists(notices(), min_size=1, max_size=40), st.sampled_from([1, 30]))
@settings(max_examples=20, deadline=None)
def test_as_many_lines_as_fit_are_one_message(deletion: Deletion, told: list[Notice], times: int) -> None:
    fitting = outbox._fitting(deletion, (told * times)[:40])

    assert fitting
    assert not too_long(lines.message(deletion, fitting))


def test_of_forty_lines_with_long_errors_the_first_come_first() -> None:
    told = [
        gallery.notice(NoticeKind.STATUS, operation="6f1e", status=f"{number}", error_details="&" * 3000)
        for number in range(40)
    ]
    fitting = outbox._fitting(gallery.deletion(State.DELETING), told)

    assert 0 < len(fitting) < 40
    assert fitting == told[: len(fitting)]


@given(deletions())
@settings(max_examples=30, deadline=None)
def test_an_outcome_that_goes_to_the_asker_alone_is_one_that_slack_takes(deletion: Deletion) -> None:
    assert not too_long(lines.direct(deletion))


@given(verdicts, names)
@settings(max_examples=70, deadline=None)
def test_every_refusal_is_one_that_slack_takes_and_that_pings_only_whom_to_ask(verdict: Verdict, name: str) -> None:
    assert not faults(answers.refused(verdict, "U024BE7LH", name))


@given(deletions(), st.none() | st.just(LINK))
@settings(max_examples=40, deadline=None)
def test_what_was_asked_before_is_told_in_a_message_that_slack_takes(deletion: Deletion, link: str | None) -> None:
    assert not faults(answers.asked(ask.AskedBefore(deletion), link))


@given(requests, st.lists(snapshots, max_size=30))
@example(Request(Actor("T1", "U024BE7LH", "ann"), "C1", "1.2", "web-1", reason="é" * 3000), [gallery._SNAPSHOT])
@example(Request(Actor("T1", "U024BE7LH", "ann"), "C1", "1.2", "web-1", reason='"' * 3000), [gallery._SNAPSHOT])
@settings(max_examples=50, deadline=None)
def test_a_choice_is_one_that_slack_takes(request: Request, found: list[Snapshot]) -> None:
    assert not faults(answers.asked(ask.NoSuchSnapshot(request, ["us-east-1"], found)))
    assert not found or not faults(answers.asked(ask.SeveralSnapshots(request, found)))


@given(requests, codes | hostile, hostile, st.lists(snapshots, max_size=3))
@settings(max_examples=40, deadline=None)
def test_a_region_that_is_silent_or_unknown_is_told_in_a_message_that_slack_takes(
    request: Request, code: str, said: str, hits: list[Snapshot]
) -> None:
    silent = {region: AmbiguousError("GetInstanceSnapshot", code, said) for region in ("us-east-1", "eu-west-1")}

    assert not faults(answers.asked(ask.RegionsSilent(request, silent, hits, ["ap-south-1"])))
    assert not faults(answers.asked(ask.NoSuchRegion(request, ["us-east-1"])))


@given(deletions(), verdicts)
@settings(max_examples=70, deadline=None)
def test_every_answer_to_a_click_is_one_that_slack_takes(deletion: Deletion, verdict: Verdict) -> None:
    for outcome in (
        decide.Late(deletion, NOW + timedelta(seconds=5)),
        decide.Late(deletion, NOW + timedelta(hours=1)),
        decide.NotYours(deletion),
        decide.Looking(deletion),
        decide.Forbidden(deletion, verdict),
        decide.Forbidden(deletion, verdict, Action.VIEW),
        decide.Forbidden(deletion, verdict, Action.APPROVE),
        decide.ApprovedBefore(deletion),
    ):
        assert not faults(answers.decided(outcome, "U024BE7LH"))
    assert not faults(answers.seen(deletion))


@given(
    st.lists(st.sampled_from(["delete ", "delet ", "web-1", " --", "--reason ", '"', "=", " "]) | hostile).map("".join)
)
@example("delete web-1 --<!channel>")
@example("delete web-1 --&lt;!channel&gt;")
@settings(max_examples=100, deadline=None)
def test_every_mistake_is_answered_in_a_message_that_slack_takes(typed: str) -> None:
    said = parse(typed.replace("<", "&lt;"))

    if isinstance(said, Mistake):
        assert not faults(answers.mistake(said))


@given(st.frozensets(st.from_regex(r"[CD][A-Z0-9]{2,12}", fullmatch=True), max_size=9))
@settings(max_examples=20, deadline=None)
def test_channels_are_named_in_a_message_that_slack_takes(channels: frozenset[str]) -> None:
    message = answers.elsewhere(channels)

    assert not message_problems({"text": message.text, "blocks": list(message.blocks)})
