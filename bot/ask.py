"""A command becomes a deletion, or an answer that says why not and what to do next."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sqlmodel import Session

from bot.errors import AwsError
from bot.guards import Guarding
from bot.judge import Rules, Ruling, Verdict, judge, without_permission
from bot.model import Actor, Found, Snapshot, Surroundings
from bot.policy import Approvers, Right
from bot.rules import Rulebook, instance_of
from storage import audit, deletions, directory, receipts
from storage.database import Database
from storage.lease import Lease
from storage.tables import EVERYBODY, Action, Deletion, State

_NEAREST = 3
_CALLED = 5  # people are called; more would only learn to look away


class Snapshots(Protocol):
    """What asking needs of Lightsail."""

    @property
    def regions(self) -> Sequence[str]:
        """The regions that are looked at."""

    def find(self, name: str, regions: Sequence[str]) -> Found:
        """Look for a name."""

    def names(self, regions: Sequence[str]) -> list[Snapshot]:
        """List what there is."""

    def around(self, snapshot: Snapshot) -> Surroundings:
        """Say what else there is of the same instance.

        Raises:
            AwsError: AWS did not say.
        """


class RoomProblem(StrEnum):
    """Why the bot cannot show a card in a channel, or to the asker."""

    NOT_INVITED = "not_invited"
    BETWEEN_PEOPLE = "between_people"  # a direct message of others
    ARCHIVED = "archived"
    SHARED = "shared"  # with people of another company
    DEACTIVATED = "deactivated"  # the asker


class Rooms(Protocol):
    """What asking needs of Slack."""

    def problem(self, channel: str, person: str) -> RoomProblem | None:
        """What keeps the bot from asking that person there, if anything."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants which snapshot deleted, where they said so, and why."""

    actor: Actor
    channel: str
    trigger: str
    name: str
    region: str | None = None
    reason: str = ""
    is_rehearsal: bool = False  # say what would come of it, and change nothing


@dataclass(frozen=True, slots=True)
class Asked:
    """A card is on its way."""

    deletion: Deletion


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """The snapshot has a live deletion."""

    deletion: Deletion


@dataclass(frozen=True, slots=True)
class Repeated:
    """The very same command came before, and was answered then."""


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The gate says no, or not alone."""

    verdict: Verdict
    request: Request


@dataclass(frozen=True, slots=True)
class TooFewApprovers:
    """Others have to agree, and there are not enough who could."""

    verdict: Verdict
    request: Request
    count: int


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would come of it; nothing was changed."""

    request: Request
    snapshot: Snapshot
    verdict: Verdict
    guarding: Guarding
    approvers: Approvers
    own: Right  # to delete it without anybody else


@dataclass(frozen=True, slots=True)
class NoSuchSnapshot:
    """Nothing has the name; these are near it, and the asker may see them."""

    request: Request
    regions: Sequence[str]
    nearest: Sequence[Snapshot]


@dataclass(frozen=True, slots=True)
class SeveralSnapshots:
    """The name exists in several regions."""

    request: Request
    hits: Sequence[Snapshot]


@dataclass(frozen=True, slots=True)
class RegionsSilent:
    """Some regions did not say, so the name may exist there too; what the asker may see in the others."""

    request: Request
    silent: Mapping[str, AwsError]
    hits: Sequence[Snapshot] = ()
    empty: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class NoSuchRegion:
    """The bot does not look at that region."""

    request: Request
    regions: Sequence[str]


@dataclass(frozen=True, slots=True)
class NoRoom:
    """The bot may not speak where it was asked."""

    problem: RoomProblem


Answer = (
    Asked
    | AskedBefore
    | Repeated
    | NotAllowed
    | TooFewApprovers
    | Rehearsed
    | NoSuchSnapshot
    | SeveralSnapshots
    | RegionsSilent
    | NoSuchRegion
    | NoRoom
)


@dataclass(frozen=True, slots=True)
class Asking:
    """How commands become deletions."""

    database: Database
    snapshots: Snapshots
    rooms: Rooms
    lease: Lease
    rulebook: Rulebook
    ttl: timedelta
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    approval_ttl: timedelta = timedelta(hours=8)
    approvals_channel: str | None = None  # where those are who can approve; none: where it was asked

    def ask(self, request: Request) -> Answer:
        """Look the snapshot up, ask the gate, and put a card on its way; a refusal goes on the record.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        answer = self._answer(request)
        if isinstance(answer, NotAllowed | TooFewApprovers):
            self._put_on_record(answer)
        return answer

    def _answer(self, request: Request) -> Answer:
        with self.database.transaction() as tx:
            receipts.forget(tx, self.now())
            if not receipts.take(tx, request.trigger, self.now()):
                return Repeated()
        with self.database.reading() as tx:
            request = by_number(tx, request)
            rules = self.rulebook.rules(tx, request.actor.team, self.now())
        if not _could_ever(rules, request):
            return NotAllowed(without_permission(rules, request.actor.id), request)
        found = self.look_up(request, rules)
        if not isinstance(found, Snapshot):
            return found
        verdict = self._verdict(request, found, Surroundings())
        if verdict.ruling is Ruling.REFUSED and not request.is_rehearsal:  # before AWS is asked for more
            return NotAllowed(verdict, request)
        try:
            around = self.snapshots.around(found)
        except AwsError as error:
            if rules.guarding.guards_last:  # it can't be told whether it is the last one
                return RegionsSilent(request, {found.region: error})
            around = Surroundings()
        verdict = self._verdict(request, found, around)
        approvers = rules.policy.approvers(found, request.actor.id)
        if request.is_rehearsal:
            own = rules.policy.right(request.actor.id, Action.DELETE, found)
            return Rehearsed(request, found, verdict, rules.guarding, approvers, own)
        if verdict.ruling is Ruling.REFUSED:
            return NotAllowed(verdict, request)
        if approvers.count is not None and approvers.count < verdict.approvals:
            return TooFewApprovers(verdict, request, approvers.count)
        if problem := self.rooms.problem(request.channel, request.actor.id):
            return NoRoom(problem)
        return self._write(request, found, around, verdict, approvers)

    def _verdict(self, request: Request, snapshot: Snapshot, around: Surroundings) -> Verdict:
        team, person, now = request.actor.team, request.actor.id, self.now()
        with self.database.reading() as tx:
            situation = self.rulebook.asked(tx, team, person, snapshot, around, now)
            return judge(self.rulebook.rules(tx, team, now), person, situation)

    def _put_on_record(self, refused: NotAllowed | TooFewApprovers) -> None:
        actor, ground = refused.request.actor, refused.verdict.ground
        with self.database.transaction() as tx:
            facts = {"name": refused.request.name, "ground": ground}
            audit.record(tx, at=self.now(), team=actor.team, actor=actor.id, event="ask_refused", **facts)

    def look_up(self, request: Request, rules: Rules) -> Snapshot | Answer:
        """The one snapshot of that name that the person may see, or why there is none."""
        regions = [request.region] if request.region else list(self.snapshots.regions)
        if request.region and request.region not in self.snapshots.regions:
            return NoSuchRegion(request, self.snapshots.regions)
        found = self.snapshots.find(request.name, regions)
        hits = [hit for hit in found.hits if _may_view(rules, request.actor, hit)]
        if found.silent:
            told = {*found.silent, *(hit.region for hit in hits)}
            return RegionsSilent(request, found.silent, hits, [region for region in regions if region not in told])
        match hits:
            case [] if found.hits:
                return NotAllowed(self._verdict(request, found.hits[0], Surroundings()), request)
            case []:
                return NoSuchSnapshot(request, regions, self._nearest(request, regions, rules))
            case [hit]:
                return hit
            case _:
                return SeveralSnapshots(request, hits)

    def _nearest(self, request: Request, regions: Sequence[str], rules: Rules) -> list[Snapshot]:
        seen = [one for one in self.snapshots.names(regions) if _may_view(rules, request.actor, one)]
        names = difflib.get_close_matches(
            request.name.casefold(), {one.name.casefold() for one in seen}, n=_NEAREST, cutoff=0.6
        )
        return sorted(
            (one for one in seen if one.name.casefold() in names),
            key=lambda one: names.index(one.name.casefold()),
        )[:_NEAREST]

    def _write(
        self, request: Request, snapshot: Snapshot, around: Surroundings, verdict: Verdict, approvers: Approvers
    ) -> Answer:
        now, alone = self.now(), verdict.allowed
        expires_at = now + (self.ttl if alone else self.approval_ttl)
        elsewhere = None if alone or self.approvals_channel == request.channel else self.approvals_channel
        with self.database.transaction() as tx:
            number = self.new_id()
            while deletions.get(tx, number):
                number = self.new_id()
            asked = Deletion(
                id=number,
                team_id=request.actor.team,
                channel_id=request.channel,
                trigger_id=request.trigger,
                requester_id=request.actor.id,
                requester_name=request.actor.name,
                reason=request.reason,
                asked_at=now,
                expires_at=expires_at,
                due_at=expires_at,
                approvals_needed=verdict.approvals,
                is_typed=verdict.typed,
                objections=[one.to_json() for one in verdict.objections],
                approvers=[] if alone else _shown(approvers, directory.handles(tx, request.actor.team)),
                approvals_channel=elsewhere,
                arn=snapshot.arn,
                name=snapshot.name,
                region=snapshot.region,
                snapshot=snapshot.to_json(),
                surroundings=around.to_json(),
                instance=instance_of(snapshot),
            )
            stands, fresh = deletions.add(tx, asked)
            if stands.state is State.UNKNOWN:  # to ask again is to ask for a look
                deletions.look_again(tx, stands, now, shown=True)
        self.lease.wake()
        return Asked(stands) if fresh else AskedBefore(stands)


def _shown(approvers: Approvers, handles: Mapping[str, str]) -> list[str]:
    """Who can approve, for a card: by id those who are to be called, else what they are called, or how many."""
    if approvers.count is not None and approvers.count <= _CALLED:
        return list(approvers.people)
    groups = [f"@{handles[one]}" if one in handles else one for one in approvers.people if one.startswith("S")]
    others = [one for one in approvers.people if not one.startswith("S")]
    if EVERYBODY in others:
        return [EVERYBODY]
    return [*groups, *(others if len(others) <= _CALLED and not groups else [f"#{len(others)}"] if others else [])]


def by_number(tx: Session, request: Request) -> Request:
    """A deletion's id is accepted wherever a name is."""
    deletion = deletions.get(tx, request.name.upper())
    if deletion is None or deletion.team_id != request.actor.team:
        return request
    return replace(request, name=deletion.name, region=deletion.region)


def _could_ever(rules: Rules, request: Request) -> bool:
    return rules.policy.could_match(request.actor.id, Action.REQUEST, request.name)


def _may_view(rules: Rules, actor: Actor, snapshot: Snapshot) -> bool:
    return rules.policy.may_view(actor.id, snapshot).allowed
