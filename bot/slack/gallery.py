"""Every card, line and private answer with sample facts, so that whoever changes a word sees them all. No I/O."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot import ask, attributing, decide, freezing, permitting
from bot.ask import Request, RoomProblem
from bot.attributes import ATTRIBUTES, Carried
from bot.doctor.finding import Area, Finding
from bot.doctor.finding import State as How
from bot.errors import ABOUT_CREDENTIALS, NO_OPERATION, AmbiguousError, CredentialsError, RejectedError
from bot.guards import Guard, Guarding, Objection
from bot.judge import Ground, Ruling, Verdict
from bot.looking import ByTags, Judged, Shown
from bot.memory import Page, Story
from bot.model import Actor, Snapshot, Surroundings
from bot.permitting import Wanted
from bot.policy import Approvers, Right
from bot.scoped import Scoped
from bot.slack import answers, attributes, checkup, lines, pages, rights
from bot.slack.blocks import Message
from bot.slack.card import card
from bot.slack.commands import History, Permissions, Status
from bot.slack.grammar import parse
from bot.slack.pages import Links, Turn
from storage.history import Mark
from storage.tables import (
    Action,
    Attribute,
    Audit,
    CardCopy,
    Deletion,
    Effect,
    Freeze,
    Notice,
    NoticeKind,
    Permission,
    Place,
    State,
    Why,
)

_ASKED = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
_TAKEN = datetime(2024, 5, 1, 3, 0, tzinfo=UTC)
_ANN = Actor("T024BE7LD", "U024BE7LH", "ann")
NAMES = {_ANN.id: "Ann", "U061F7AUR": "Bob", "U012AB3CD": "Cleo", "C024BE7LR": "ops"}
_SNAPSHOT = Snapshot(
    arn="arn:aws:lightsail:us-east-1:123456789012:InstanceSnapshot/4e4e2f0a-9f2b-4e5c-8d2a-1f0e6b7c8d9a",
    name="web-1-2024-05-01",
    region="us-east-1",
    created_at=_TAKEN,
    state="available",
    size_gb=40,
    tags={"env": "staging"},
    instance_name="web-1",
)
_REFUSED = {
    "code": "AccessDeniedException",
    "message": "User is not authorized",
    "request_id": "b1f0…",
    "aws_action": "DeleteInstanceSnapshot",
    "error_id": "1f2e3d4c",
}
_BY_TAGS = {
    **_REFUSED,
    "carried": json.dumps({"slack_user": "U024BE7LH", "team": "blue"}),
    "admins": "U061F7AUR,U012AB3CD",
    "role": "arn:aws:iam::123456789012:role/lightkeeper",
}
_UNCLEAR = {"ground": ATTRIBUTES, "guard": "", "person": "U024BE7LH", "fact": "Two of their user groups differ."}
_SLOW = {**_REFUSED, "code": "ThrottlingException", "message": "Rate exceeded"}
_OWN_ERROR = {**_REFUSED, "code": "ServiceException", "message": "Please try again"}
_EXPIRED = {**_REFUSED, "code": "ExpiredTokenException", "message": "The token has expired", "about": ABOUT_CREDENTIALS}
_NEW = {**_REFUSED, "code": "BrandNewException", "message": "In words of its own"}
_REPLACED = {"other_arn": "arn:…", "other_created_at": "2026-11-23T09:12:00+00:00"}
_DONE = {"operation": "6f1e9a52-6c1b-4b8b-9f5e-0b6f2f3a4c5d", "status": "Succeeded"}
_BOB = {"by": "U061F7AUR", "by_name": "bob"}
_PROTECTED = {"ground": Ground.GUARD, "guard": Guard.PROTECTED, "fact": "no_delete", "person": _ANN.id}
_STRIPPED = {"ground": Ground.NO_PERMISSION, "guard": "", "fact": "", "person": _ANN.id}

_ENDINGS: list[tuple[State, Why, dict[str, str]]] = [
    (State.DELETED, Why.CONFIRMED, _DONE),
    (State.DELETED, Why.LOST, {}),
    (State.DELETED, Why.LOST, {**_OWN_ERROR, "code": NO_OPERATION}),
    (State.DELETED, Why.LOST, {**_DONE, "status": "Started", **_REPLACED}),
    (State.DELETED, Why.LOST, {**_DONE, "adopted": "yes"}),
    (State.CANCELLED, Why.PERSON, {"by": _ANN.id, "by_name": "ann"}),
    (State.DENIED, Why.PERSON, _BOB),
    (State.DENIED, Why.PERSON, {**_BOB, "reason": "needed for the audit"}),
    (State.EXPIRED, Why.NOBODY, {}),
    (State.EXPIRED, Why.STALE, {}),
    (State.EXPIRED, Why.UNSENT, _SLOW),
    (State.REFUSED, Why.GONE, {}),
    (State.REFUSED, Why.REPLACED, _REPLACED),
    (State.REFUSED, Why.FORBIDDEN, _PROTECTED),
    (State.REFUSED, Why.FORBIDDEN, _STRIPPED),
    (State.REFUSED, Why.AWS, _REFUSED),
    (State.REFUSED, Why.SHOWN_NOWHERE, {"problem": "is_archived"}),
    (State.REFUSED, Why.AWS, _EXPIRED),
    (State.FAILED, Why.AWS, _REFUSED),
    (State.FAILED, Why.AWS, _EXPIRED),
    (State.FAILED, Why.AWS, _NEW),
    (State.FAILED, Why.AWS, {**_REFUSED, "code": "InvalidInputException", "message": "Not a valid name"}),
    (State.FAILED, Why.AWS, {"code": "SnapshotInUse", "message": "It is being copied.", **_DONE}),
    (State.FAILED, Why.AWS, {"code": "", "message": "", "ended_as": "Cancelled", **_DONE}),
    (State.FAILED, Why.AWS, _BY_TAGS),
    (State.FAILED, Why.AWS, {**_BY_TAGS, "admins": ""}),
    (State.REFUSED, Why.AWS, {**_REFUSED, "code": "AccessDenied", "aws_action": "AssumeRole"}),
    (State.REFUSED, Why.AWS, {**_REFUSED, "code": "PackedPolicyTooLarge", "aws_action": "AssumeRole"}),
    (State.REFUSED, Why.FORBIDDEN, _UNCLEAR),
    (State.FAILED, Why.REPLACED, {**_BY_TAGS, **_REPLACED}),
    (State.FAILED, Why.GONE, {}),
    (State.FAILED, Why.UNSENT, _OWN_ERROR),
]

_RULES = [
    Permission(
        id=number,
        team_id=_ANN.team,
        subject=subject,
        effect=effect,
        action=action,
        pattern="web-*" if action is Action.DELETE else "*",
        region="us-east-1" if action is Action.DELETE else None,
        tags={"env": "staging", "no_delete": None} if action is Action.DELETE else {},
        valid_until=_ASKED + timedelta(hours=8) if effect is Effect.ALLOW else None,
        note="for the summer",
        granted_by="shell:root" if number == 1 else _ANN.id,
        granted_at=_ASKED,
        revoked_by=_ANN.id if number == 3 else None,  # noqa: PLR2004
        revoked_at=_ASKED if number == 3 else None,  # noqa: PLR2004
    )
    for number, (subject, effect, action) in enumerate(
        [
            ("U061F7AUR", Effect.ALLOW, Action.DELETE),
            ("S0614TZR7", Effect.DENY, Action.APPROVE),
            ("*", Effect.ALLOW, Action.VIEW),
            ("U012AB3CD", Effect.ALLOW, Action.ADMIN),
            ("S061G1ABC", Effect.DENY, Action.REQUEST),
        ],
        1,
    )
]

_STATUSES: list[dict[str, str]] = [
    {"error_code": "SnapshotInUse", "error_details": "It is being copied.", "status": "Failed"},
    {"error_details": "It is being copied.", "status": "Failed"},
    {"details": "Debian-1GB-Ohio-1"},
    {"type": "DeleteDisk", "resource": "disk-1"},
    {"status": ""},
]


def messages() -> Iterator[tuple[str, Message]]:
    """Each message with a name that says when it is shown."""
    yield from _cards()
    yield from _threads()
    yield from _answers_to_commands()
    yield from _answers_to_clicks()
    yield from _answers_of_the_desk()


def _cards() -> Iterator[tuple[str, Message]]:
    for state in (State.ASKING, State.PENDING, State.READY, State.DELETING, State.UNKNOWN):
        yield f"card: {state}", card(deletion(state))
    yield "card: ready, AWS asks to wait", card(deletion(State.READY, facts=_SLOW))
    yield "card: deleting, the answer proves nothing", card(deletion(State.DELETING, facts=_OWN_ERROR))
    for status in ("Started", "Succeeded"):
        yield f"card: unknown, {status}", card(deletion(State.UNKNOWN, facts={**_DONE, "status": status}))
    tired = deletion(State.UNKNOWN, facts={**_DONE, "status": "Started"})
    tired.due_at = None
    yield "card: unknown, after a week", card(tired)
    alone = Surroundings(instance_exists=False, others=0)
    yield "card: pending, the last of its instance", card(deletion(State.PENDING, around=alone))
    bare = Snapshot("arn", "web-1", "us-east-1", _TAKEN, "available")
    yield "card: pending, little is known", card(deletion(State.PENDING, of=bare, around=Surroundings(), reason=""))
    for name, one in second_persons():
        yield f"card: pending, {name}", card(one)
        if one.approvals_channel:
            yield f"card: pending, {name}, in the channel of approvals", card(one, Place.APPROVALS)
    approved = deletion(State.READY, approved_by=["bob", "cleo"], approvals_needed=2)
    yield "card: ready, approved", card(approved)
    graced = deletion(State.READY)
    graced.run_at = _ASKED + timedelta(minutes=11)
    yield "card: ready, in its grace period", card(graced)
    hostile = deletion(State.PENDING, reason="<!channel> *now* `rm` <https://evil.example|see> " + "x" * 3000)
    yield "card: pending, a hostile reason", card(hostile)
    for state, why, facts in _ENDINGS:
        yield f"card: {state}, {why}", card(deletion(state, why=why, facts=facts))


def _threads() -> Iterator[tuple[str, Message]]:
    running = deletion(State.DELETING)
    yield "thread: confirmed", lines.message(running, [notice(NoticeKind.CONFIRMED)])
    statuses = [
        notice(NoticeKind.STATUS, operation=_DONE["operation"], status=one) for one in ("NotStarted", "Started")
    ]
    yield "thread: two statuses at once", lines.message(running, statuses)
    for facts in _STATUSES:
        yield f"thread: status, {', '.join(facts)}", lines.message(running, [status_notice(**facts)])
    until = {"until": (_ASKED + timedelta(minutes=16)).isoformat()}
    yield "thread: delayed", lines.message(running, [notice(NoticeKind.DELAYED, **_SLOW, **until)])
    for action in ("DeleteInstanceSnapshot", "GetOperation", "GetInstanceSnapshot"):
        silence = notice(NoticeKind.NO_ANSWER, **{**_OWN_ERROR, "aws_action": action})
        yield f"thread: no answer to {action}", lines.message(running, [silence])
    second = notice(NoticeKind.NO_ANSWER, **_SLOW, earlier="yes")
    yield "thread: the second call was not executed", lines.message(running, [second])
    two = {"by_name": "bob", "given": "1", "needed": "2"}
    yield "thread: approved, 1 of 2", lines.message(running, [notice(NoticeKind.APPROVED, **two)])
    yield "thread: approved", lines.message(running, [notice(NoticeKind.APPROVED, **{**two, "needed": "1"})])
    for _, one in second_persons():
        for kind in (NoticeKind.WAITING, NoticeKind.EXPIRES_SOON):
            yield f"thread: {kind}, {', '.join(one.approvers)}", lines.message(one, [notice(kind)])
    reason = notice(NoticeKind.REASON, by_name="bob", reason="needed for the audit")
    yield "thread: why it was stopped", lines.message(running, [reason])
    yield from _news()
    trouble = notice(NoticeKind.CREDENTIALS, **_EXPIRED, regions="us-east-1, eu-west-1")
    yield "direct message to an admin: the credentials", lines.for_one(trouble)
    look = {"next": (_ASKED + timedelta(minutes=6)).isoformat()}
    yield "thread: not known", lines.message(running, [notice(NoticeKind.UNKNOWN, **look)])
    for state, why, facts in _ENDINGS:
        ended = deletion(state, why=why, facts=facts)
        yield f"thread: {state}, {why}", lines.message(ended, [notice(NoticeKind.ENDED)])
    nowhere = deletion(State.REFUSED, why=Why.SHOWN_NOWHERE)
    yield "direct message: the outcome, where the thread can't take it", lines.direct(nowhere)


def _news() -> Iterator[tuple[str, Message]]:
    link = "https://acme.slack.com/archives/C1/p1"
    for state, why, facts in _ENDINGS:
        ended = deletion(state, why=why, facts=facts)
        news = notice(NoticeKind.OUTCOME, deletion=ended.id, state=state)
        yield f"channel of outcomes: {state}, {why}", lines.for_one(news, ended, link)
    unknown = notice(NoticeKind.OUTCOME, deletion="D-7F2KQ", state=State.UNKNOWN)
    yield "channel of outcomes: unknown", lines.for_one(unknown, deletion(State.UNKNOWN), link)
    for ids in ("", "D-7F2KQ", "D-7F2KQ, D-9Q2XM"):
        frozen = notice(NoticeKind.FROZEN, by_name="ann", reason="INC-9", ids=ids)
        yield f"channel of outcomes: frozen, {ids or 'nothing'} with AWS", lines.for_one(frozen)
    for what in ("granted", "revoked"):
        news = notice(NoticeKind.PERMISSION, by_name="cleo", what=what, own="yes", **_RULES[0].to_facts())
        yield f"channel of outcomes: {what}", lines.for_one(news)
    yield "channel of outcomes: unfrozen", lines.for_one(notice(NoticeKind.UNFROZEN, by_name="cleo"))


def second_persons() -> Iterator[tuple[str, Deletion]]:
    """Deletions that wait for others, with all kinds of these."""
    last, prod = (
        Objection(Guard.LAST, "web-1", {"exists": "yes", "automatic": "7"}),
        Objection(Guard.APPROVAL_TAG, "env=prod"),
    )
    people = ["U061F7AUR", "U012AB3CD"]
    yield "a second person", deletion(State.PENDING, approvals_needed=1, approvers=people)
    yield "the last one", deletion(State.PENDING, approvals_needed=1, approvers=["*"], objections=[last], is_typed=True)
    yield (
        "elsewhere",
        deletion(
            State.PENDING, approvals_needed=1, approvers=["S0614TZR7"], objections=[prod], approvals_channel="C061EG9SL"
        ),
    )
    yield (
        "1 of 2",
        deletion(
            State.PENDING,
            approvals_needed=2,
            approvers=["@ops-leads", "#7"],
            objections=[prod, last],
            approved_by=["bob"],
        ),
    )


def _answers_to_commands() -> Iterator[tuple[str, Message]]:
    yield "private: help", answers.help_text()
    for text in (
        "frob",
        "delet web-1",
        "delete web-1 old release",
        "delete",
        "delete web-1.",
        'delete web-1 --reason "x',
    ):
        yield f"private: /snapshot {text}", answers.mistake(parse(text))  # type: ignore[arg-type]
    yield "private: looking", answers.looking(["us-east-1", "eu-west-1"])
    for verdict in verdicts():
        name = f"private: refused, {verdict.ground}" + (f", {verdict.objection.guard}" if verdict.objection else "")
        yield name, answers.refused(verdict, _ANN.id, _SNAPSHOT.name)
    request = Request(_ANN, "C024BE7LR", "1.2", _SNAPSHOT.name, reason="old release")
    regions = ["us-east-1", "eu-west-1"]
    down = AmbiguousError("GetInstanceSnapshot", "ConnectTimeoutError", error_id="1f2e3d4c")
    expired = CredentialsError("GetInstanceSnapshot", "ExpiredTokenException", "The token has expired", "b1f0…")
    denied = RejectedError("GetInstanceSnapshot", "AccessDeniedException", "User is not authorized", "b1f0…")
    standing = deletion(State.PENDING)
    outcomes: list[tuple[str, ask.Answer]] = [
        ("not found", ask.NoSuchSnapshot(request, regions, [])),
        ("not found, near names", ask.NoSuchSnapshot(request, regions, [_SNAPSHOT])),
        ("several", ask.SeveralSnapshots(request, [_SNAPSHOT, _SNAPSHOT])),
        ("a silent region, found in another", ask.RegionsSilent(request, {"eu-west-1": down}, [_SNAPSHOT])),
        ("a silent region, not found", ask.RegionsSilent(request, {"eu-west-1": down}, [], ["us-east-1"])),
        ("every region silent", ask.RegionsSilent(request, dict.fromkeys(regions, expired))),
        ("the one region refuses", ask.RegionsSilent(replace(request, region="us-east-1"), {"us-east-1": denied})),
        ("an unknown region", ask.NoSuchRegion(replace(request, region="ap-south-1"), regions)),
        ("asked before", ask.AskedBefore(standing)),
        *(
            (f"too few who can approve, {verdict.approvals}", ask.TooFewApprovers(verdict, request, 0))
            for verdict in _together()
        ),
        *((f"dry run, {name}", rehearsed) for name, rehearsed in _rehearsals(request)),
        ("asked before, not known yet", ask.AskedBefore(deletion(State.UNKNOWN))),
        *((f"no room, {problem}", ask.NoRoom(problem)) for problem in RoomProblem),
    ]
    for name, answer in outcomes:
        if message := answers.asked(answer, link="https://acme.slack.com/archives/C1/p1"):
            yield f"private: {name}", message
    yield from _freezes()
    yield "private: picked", answers.picked(_SNAPSHOT.name)
    yield "private: not in this channel", answers.elsewhere({"C024BE7LR", "C061EG9SL"})
    yield "private: not in this workspace", answers.elsewhere(())
    yield "private: an unknown command", answers.unknown_command()
    yield "private: the database is busy", answers.busy()
    yield "private: the database is full", answers.full()
    yield "private: the database is away", answers.away()
    yield "private: the line to the database broke", answers.lost()
    yield "private: the bot is being restarted", answers.stopping()
    yield "private: something broke", answers.broken("1f2e3d4c")


def _together() -> Iterator[Verdict]:
    found = list(objections())
    yield Verdict(Ruling.SECOND_PERSON, Ground.REQUEST_ONLY, ask=("U061F7AUR",), approvals=1)
    yield Verdict(Ruling.SECOND_PERSON, Ground.GUARD, found[-1:], ask=("U061F7AUR",), approvals=2)


def _rehearsals(request: Request) -> Iterator[tuple[str, ask.Rehearsed]]:
    able = Approvers({"U061F7AUR": frozenset({"U061F7AUR"})})
    guarding = Guarding(protected_tags=[("no_delete", None)], grace_period=Scoped(timedelta(minutes=10)))
    own, none = Right(allowed=True), Right(allowed=False)
    alone = Verdict(Ruling.ALLOWED, Ground.PERMITTED)
    yield "alone", ask.Rehearsed(request, _SNAPSHOT, alone, guarding, able, own)
    for verdict in _together():
        yield f"with {verdict.approvals}", ask.Rehearsed(request, _SNAPSHOT, verdict, guarding, able, none)
    for verdict in verdicts():
        if verdict.ruling is Ruling.REFUSED:
            name = f"refused, {verdict.ground}" + (f", {verdict.objection.guard}" if verdict.objection else "")
            yield name, ask.Rehearsed(request, _SNAPSHOT, verdict, guarding, able, none)


def _answers_of_the_desk() -> Iterator[tuple[str, Message]]:
    wanted = Wanted("U061F7AUR", Effect.ALLOW, Action.DELETE, lasting=timedelta(hours=8))
    fresh, few = (
        Verdict(Ruling.REFUSED, ground, ask=("U061F7AUR",)) for ground in (Ground.FRESH_BOT, Ground.ADMIN_ONLY)
    )
    changes: list[tuple[str, permitting.Answer]] = [
        *((f"granted, {row.id}", permitting.Granted(row, own=row.id == 1)) for row in _RULES),
        *((f"sure? {action}", permitting.Unsure(replace(wanted, action=action))) for action in Action),
        ("sure? denied", permitting.Unsure(replace(wanted, effect=Effect.DENY, subject="*"))),
        ("granted before", permitting.Standing(_RULES[0])),
        *((f"nobody, {why}", permitting.NoSubject("S0614TZR7", why)) for why in ("barred", "group", "name")),
        ("revoked", permitting.Revoked(_RULES[1])),
        ("no such rule", permitting.NoSuchPermission(12, None)),
        ("an ended rule", permitting.NoSuchPermission(1, _RULES[0])),
        ("the last admin", permitting.LastAdmin()),
        ("not an admin", permitting.NotAdmin(few)),
        ("not an admin, of a fresh bot", permitting.NotAdmin(fresh)),
    ]
    for name, change in changes:
        if message := rights.answer(change, _ANN.id):
            yield f"private: {name}", message
    some = permitting.Listed(tuple(_RULES), 32, 15, _ASKED, ("U012AB3CD",), {"S0614TZR7": "ops"})
    more, less = pages.button("More", Turn("permissions", "30")), pages.button("Back", Turn("permissions", "0"))
    yield "private: rules, in the middle", rights.listed(some, Permissions(), more, less)
    own = replace(some, rows=(), is_own=True, start=0, count=0)
    yield "private: rules, none", rights.listed(own, Permissions(), None, None)
    yield from _attributes(few)
    yield from _look_ups()
    yield from _checkups()
    yield "private: left", answers.left()


def _attributes(refused: Verdict) -> Iterator[tuple[str, Message]]:
    team = {"team": "blue", "env": "pre prod"}
    for name, change in (
        ("changed", attributing.Changed("U061F7AUR", team, team, [])),
        ("taken away", attributing.Changed("S0614TZR7", {}, {}, ["team"])),
        ("so already", attributing.Changed("*", team, {}, [])),
        ("too many", attributing.TooMany(11)),
        ("of nobody", permitting.NoSubject("@nobody", "name")),
        ("not an admin", permitting.NotAdmin(refused)),
    ):
        if message := attributes.answer(change, _ANN.id):
            yield f"private: attributes, {name}", message
    rows = tuple(
        Attribute(team_id=_ANN.team, subject=subject, key=key, value=value, set_by="x", set_at=_ASKED)
        for subject in ("U061F7AUR", "S0614TZR7")
        for key, value in team.items()
    )
    yield "private: attributes", attributes.listed(attributing.Told(rows, is_own=False), None)
    yield "private: attributes, none", attributes.listed(attributing.Told((), is_own=False), None)
    yield "private: attributes, own", attributes.listed(attributing.Told(rows[:2], is_own=True), None)
    allowed = Verdict(Ruling.ALLOWED, Ground.PERMITTED, row=_RULES[0])
    for name, told in (("", Carried(team)), (", unclear", Carried(problem="Two of their user groups differ."))):
        by_tags = ByTags(Guarding((("no_delete", None),), (("env", "prod"),)), _RULES[:1], told)
        judged = Judged("U061F7AUR", Action.DELETE, _SNAPSHOT, allowed, [], by_tags)
        yield f"private: can delete, and AWS decides{name}", pages.judged(judged)


def _look_ups() -> Iterator[tuple[str, Message]]:
    links = Links("https://acme.slack.com/")
    states = (State.PENDING, State.READY, State.DELETING, State.UNKNOWN)
    rows = [*map(deletion, states), *(deletion(state, why=why, facts=facts) for state, why, facts in _ENDINGS[:6])]
    posted = {"D-7F2KQ": CardCopy(deletion_id="D-7F2KQ", channel_id="C024BE7LR", ts="1.2")}
    freeze = Freeze(team_id=_ANN.team, by=_ANN.id, by_name="ann", reason="INC-9", began_at=_ASKED)
    page = Page(rows, posted, Mark(_ASKED, "D-7F2KQ"), is_unfinished=True, freeze=freeze, now=_ASKED)
    query = History("web-1", since=timedelta(days=30))
    yield "private: history", pages.history(page, query, "2026-11-23T10:15:00+00:00 D-7F2KQ", links)
    yield "private: history, none", pages.history(Page([]), History(), "", links)
    yield "private: status", pages.status(page, Status(), "", links)
    yield "private: status, nothing", pages.status(Page([]), Status(), "", links)
    around, last = Surroundings(instance_exists=True, others=1), Objection(Guard.LAST, "web-1", {"exists": "no"})
    shown = Shown(_SNAPSHOT, around, [_SNAPSHOT] * 12, [], Guarding(), deletion(State.PENDING), posted["D-7F2KQ"])
    yield "private: a snapshot", pages.shown(shown, links)
    bare = Snapshot("arn", "web-1", "us-east-1", _TAKEN, "available")
    guarded = Shown(bare, Surroundings(), [], [last], Guarding(), None, None)
    yield "private: a snapshot, little is known", pages.shown(guarded, links)
    asked = Audit(at=_ASKED, team_id=_ANN.team, actor=_ANN.id, event="asked", deletion_id="D-7F2KQ")
    asked.facts = {"name": _SNAPSHOT.name, "snapshot": json.dumps(_SNAPSHOT.to_json()), "reason": "old release"}
    late = Audit(at=_ASKED, team_id=_ANN.team, actor="U061F7AUR", event="click_late", deletion_id="D-7F2KQ")
    story = Story(deletion(State.PENDING), [asked, *[late] * 60], None)
    yield "private: a story", pages.told(story, links)
    yield "private: a story that is not kept", pages.told(replace(story, record=[]), links)
    for action in Action:
        for verdict in verdicts():
            judged = Judged("U061F7AUR", action, None if action is Action.ADMIN else _SNAPSHOT, verdict, [last])
            guard = f", {verdict.objection.guard}" if verdict.objection else ""
            yield f"private: can {action}, {verdict.ground}{guard}", pages.judged(judged)
        for verdict in (*_together(), Verdict(Ruling.ALLOWED, Ground.PERMITTED, row=_RULES[0])):
            judged = Judged("U061F7AUR", action, None if action is Action.ADMIN else _SNAPSHOT, verdict, [last])
            yield f"private: can {action}, {verdict.ruling}", pages.judged(judged)


def _checkups() -> Iterator[tuple[str, Message]]:
    arn = "arn:aws:sts::123456789012:assumed-role/lightkeeper/i-0abc"
    well = [
        Finding(Area.AWS, How.GREEN, f"Account 123456789012, as {arn}"),
        Finding(Area.DATABASE, How.GREEN, "PostgreSQL 18.1, with the schema of this version"),
        Finding(Area.AWS, How.NOTE, "DeleteInstanceSnapshot was not tried: it would delete"),
    ]
    denied = "Allow `lightsail:GetOperation`: docs/aws/reading.json allows all that reading needs."
    ill = [
        Finding(Area.AWS, How.RED, "us-east-1, eu-west-1: AWS denies GetOperation", denied),
        Finding(Area.CLOCK, How.YELLOW, "12 s behind AWS's", "Have the machine keep its time by NTP."),
    ]
    yield "private: doctor, all is well", checkup.checked(well)
    yield "private: doctor, yellow", checkup.checked([*well, ill[1]])
    yield "private: doctor, red", checkup.checked([*well, *ill])
    yield "private: doctor, very ill", checkup.checked([*well, *ill * 30])


def _freezes() -> Iterator[tuple[str, Message]]:
    freeze = Freeze(team_id=_ANN.team, by=_ANN.id, by_name="ann", reason="INC-9", began_at=_ASKED, ended_name="cleo")
    outcomes: list[tuple[str, freezing.Answer]] = [
        ("frozen", freezing.Frozen(freeze, ["D-7F2KQ"])),
        ("frozen before", freezing.FrozenBefore(freeze)),
        ("unfrozen", freezing.Unfrozen(freeze)),
        ("not frozen", freezing.NotFrozen()),
        *(
            (f"may not freeze, {one.ground}", freezing.NotAllowed(one, Action.REQUEST))
            for one in verdicts()
            if not one.objections
        ),
        *(
            (f"may not unfreeze, {one.ground}", freezing.NotAllowed(one, Action.ADMIN))
            for one in verdicts()
            if not one.objections
        ),
    ]
    for name, answer in outcomes:
        if message := answers.froze(answer, _ANN.id):
            yield f"private: {name}", message


def _answers_to_clicks() -> Iterator[tuple[str, Message]]:
    now = _ASKED + timedelta(minutes=1, seconds=2)
    late = [deletion(state) for state in (State.ASKING, State.PENDING, State.READY, State.DELETING, State.UNKNOWN)]
    late += [deletion(state, why=why, facts=facts) for state, why, facts in _ENDINGS]
    for one in late:
        if message := answers.decided(decide.Late(one, now), _ANN.id):
            yield f"private: too late, {one.state}" + (f", {one.why}" if one.why else ""), message
    pending = deletion(State.PENDING)
    for outcome in (
        decide.NotYours(pending),
        decide.Forbidden(pending, next(verdicts())),
        decide.Forbidden(pending, list(verdicts())[3], Action.VIEW),
        decide.Forbidden(pending, list(verdicts())[3], Action.APPROVE),
        decide.ApprovedBefore(deletion(State.PENDING, approvals_needed=2, approved_by=["ann"])),
        decide.Stranger(),
        decide.NotOurs(),
    ):
        if message := answers.decided(outcome, _ANN.id):
            yield f"private: click, {type(outcome).__name__}", message
    yield "private: a form that was not opened in time", answers.form_lost()
    yield "private: an unknown button", answers.unknown_button()
    tired = deletion(State.UNKNOWN)
    tired.due_at = None
    for name, one in (("", deletion(State.UNKNOWN)), (", after a week", tired)):
        yield f"private: looked again{name}", answers.seen(one)
    yield "private: looked again, gone", answers.seen(deletion(State.DELETED, why=Why.CONFIRMED, facts=_DONE))
    yield "private: still looking", answers.still_looking()


def verdicts() -> Iterator[Verdict]:
    """A verdict on every ground that refuses."""
    row = Permission(
        id=7,
        team_id=_ANN.team,
        subject="*",
        effect=Effect.DENY,
        action=Action.DELETE,
        granted_by="x",
        granted_at=_ASKED,
    )
    helpers = ("U061F7AUR", "U012AB3CD")
    for ground in (Ground.FRESH_BOT, Ground.NO_PERMISSION, Ground.ADMIN_ONLY):
        yield Verdict(Ruling.REFUSED, ground, ask=helpers)
    yield Verdict(Ruling.REFUSED, Ground.NO_PERMISSION)
    yield Verdict(Ruling.REFUSED, Ground.DENIED, row=row, ask=helpers)
    yield Verdict(Ruling.SECOND_PERSON, Ground.REQUEST_ONLY, ask=helpers)
    for ground in (Ground.OWN_REQUEST, Ground.BARRED, Ground.GROUPS_UNKNOWN):
        yield Verdict(Ruling.REFUSED, ground)
    for objection in objections():
        ruling = Ruling.REFUSED if objection.guard.refuses else Ruling.SECOND_PERSON
        yield Verdict(ruling, Ground.GUARD, [objection])


def objections() -> Iterator[Objection]:
    """An objection of every guard."""
    yield Objection(Guard.PROTECTED, "no_delete")
    yield Objection(Guard.NOT_AVAILABLE, "pending")
    yield Objection(Guard.FROZEN, "INC-9", {"by": "ann", "since": _ASKED.isoformat()})
    yield Objection(Guard.TOO_YOUNG, (_ASKED + timedelta(days=3)).isoformat())
    yield Objection(Guard.DAILY_LIMIT, "20")
    yield Objection(Guard.APPROVAL_TAG, "env=prod")
    for exists, automatic in (("yes", "7"), ("yes", "0"), ("no", "0"), ("", "0")):
        yield Objection(Guard.LAST, "web-1", {"exists": exists, "automatic": automatic})


def deletion(
    state: State,
    *,
    why: Why | None = None,
    facts: dict[str, str] | None = None,
    of: Snapshot = _SNAPSHOT,
    around: Surroundings | None = None,
    reason: str = "old release",
    objections: Sequence[Objection] = (),
    **more: Any,  # noqa: ANN401  (columns)
) -> Deletion:
    """A deletion with sample facts."""
    decided = state not in (State.ASKING, State.PENDING, State.CANCELLED, State.DENIED, State.EXPIRED)
    newest = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    return Deletion(
        id="D-7F2KQ",
        state=state,
        team_id=_ANN.team,
        channel_id="C024BE7LR",
        trigger_id="1.2",
        requester_id=_ANN.id,
        requester_name=_ANN.name,
        reason=reason,
        asked_at=_ASKED,
        expires_at=_ASKED + timedelta(minutes=15),
        arn=of.arn,
        name=of.name,
        region=of.region,
        snapshot=of.to_json(),
        surroundings=(around or Surroundings(instance_exists=True, others=3, newest_other=newest)).to_json(),
        decided_by=_ANN.id if decided else None,
        decided_name=_ANN.name if decided else None,
        decided_at=_ASKED + timedelta(minutes=1) if decided else None,
        run_at=_ASKED + timedelta(minutes=1) if decided else None,
        intended_at=_ASKED + timedelta(minutes=1) if decided else None,
        due_at=_ASKED + timedelta(minutes=6),
        why=why,
        facts=facts or {},
        ended_at=_ASKED + timedelta(minutes=2) if why else None,
        objections=[one.to_json() for one in objections],
        **more,
    )


def status_notice(**facts: str) -> Notice:
    """A notice of an operation's status."""
    return notice(NoticeKind.STATUS, **{"operation": _DONE["operation"], "status": "Started", **facts})


def notice(kind: NoticeKind, **facts: str) -> Notice:
    """A notice with sample facts."""
    return Notice(
        id=1, key="k", deletion_id="D-7F2KQ", kind=kind, at=_ASKED + timedelta(minutes=1, seconds=1), facts=facts
    )
