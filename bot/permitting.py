"""Who may do what is changed, by admins: each change is committed, on the record and on its way to the channel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.judge import Rules, Verdict, without_permission
from bot.model import Actor, TagConditions
from bot.notifying import Notifying
from bot.rulefile import rule_of
from bot.rules import Rulebook
from storage import audit, directory, permissions, receipts
from storage.database import Database
from storage.permissions import LastAdminError, NoSuchPermissionError
from storage.tables import EVERYBODY, Action, Effect, Permission


@dataclass(frozen=True, slots=True)
class Wanted:
    """A permission that somebody wants to be there."""

    subject: str  # U…, S… or *
    effect: Effect
    action: Action
    pattern: str = "*"
    region: str | None = None
    tags: TagConditions = field(default_factory=dict)
    lasting: timedelta | None = None
    note: str = ""

    @property
    def is_about_everything(self) -> bool:
        """Whether every snapshot matches."""
        return self.pattern.strip("*") == "" and self.region is None and not self.tags


@dataclass(frozen=True, slots=True)
class Granted:
    """The permission is there; `own` where an admin gave it to themselves."""

    row: Permission
    own: bool


@dataclass(frozen=True, slots=True)
class Unsure:
    """It would be about every snapshot, so the person has to say so once more."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Standing:
    """There is such a permission already."""

    row: Permission


@dataclass(frozen=True, slots=True)
class NoSubject:
    """Nobody can be given anything under that id; `why`, where Slack said it."""

    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Revoked:
    """The permission counts no more."""

    row: Permission


@dataclass(frozen=True, slots=True)
class NoSuchPermission:
    """No permission with that number counts; `row`, where one did."""

    number: int
    row: Permission | None


@dataclass(frozen=True, slots=True)
class LastAdmin:
    """Nobody could hand out permissions any more."""


@dataclass(frozen=True, slots=True)
class NotAdmin:
    """Only admins may."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Repeated:
    """The very same command came before, and was answered then."""


Answer = Granted | Unsure | Standing | NoSubject | Revoked | NoSuchPermission | LastAdmin | NotAdmin | Repeated


@dataclass(frozen=True, slots=True)
class Listed:
    """Some rows of a list, and how many there are in all."""

    rows: tuple[Permission, ...]
    count: int
    start: int
    now: datetime
    admins: tuple[str, ...] = ()  # whom the environment names, where the list is about them, too
    handles: dict[str, str] = field(default_factory=dict)  # of groups
    is_own: bool = False  # only what is about the person who asks


@dataclass(frozen=True, slots=True)
class Permitting:
    """How admins hand out permissions."""

    database: Database
    rulebook: Rulebook
    now: Callable[[], datetime]
    wake: Callable[[], None]
    notifying: Notifying = Notifying()  # noqa: RUF009  (it is frozen)

    def grant(self, actor: Actor, trigger: str, wanted: Wanted, *, is_sure: bool = False) -> Answer:
        """Add a permission; one about every snapshot only for who is sure.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        now = self.now()
        with self.database.transaction() as tx:
            if not receipts.take(tx, trigger, now):
                return Repeated()
            permissions.alone(tx, actor.team)
            rules = self.rulebook.rules(tx, actor.team, now)
            if not rules.policy.is_admin(actor.id):
                return self._refused(tx, actor, rules, "grant_refused", now, subject=wanted.subject)
            if why := is_nobody(rules, wanted.subject):
                return NoSubject(wanted.subject, why)
            row = _row(wanted, actor, now)
            if same := next((one for one in rules.policy.rows if _says_the_same(one, row)), None):
                return Standing(same)
            if wanted.is_about_everything and not is_sure:
                return Unsure(wanted)
            try:
                permissions.grant(tx, row, self.rulebook.admins)
            except LastAdminError:
                return LastAdmin()
            own = wanted.subject == actor.id and wanted.effect is Effect.ALLOW
            self._tell(tx, "granted", row, actor, now, own="yes" if own else "")
        self.wake()
        return Granted(row, own)

    def revoke(self, actor: Actor, trigger: str, number: int) -> Answer:
        """Take a permission back.

        Raises:
            UnchangedError: nothing was changed.
            DatabaseLostError: whether it counted is not known.
        """
        now = self.now()
        with self.database.transaction() as tx:
            if not receipts.take(tx, trigger, now):
                return Repeated()
            permissions.alone(tx, actor.team)
            rules = self.rulebook.rules(tx, actor.team, now)
            if not rules.policy.is_admin(actor.id):
                return self._refused(tx, actor, rules, "revoke_refused", now, permission=str(number))
            try:
                row = permissions.revoke(tx, actor.team, number, by=actor.id, now=now, admins=self.rulebook.admins)
            except NoSuchPermissionError:
                return NoSuchPermission(number, permissions.get(tx, actor.team, number))
            except LastAdminError:
                return LastAdmin()
            self._tell(tx, "revoked", row, actor, now)
        self.wake()
        return Revoked(row)

    def listed(self, actor: Actor, subject: str | None, start: int, at_most: int) -> Listed | NotAdmin:
        """Some of the rows, those that count first: all of them for admins, their own for everybody else."""
        now = self.now()
        with self.database.reading() as tx:
            rules = self.rulebook.rules(tx, actor.team, now)
            if not rules.policy.is_admin(actor.id):
                if subject not in (None, actor.id):
                    return NotAdmin(without_permission(rules, actor.id))
                subject = actor.id
            own = not rules.policy.is_admin(actor.id)
            subjects = None if subject is None else subjects_of(rules, subject)
            rows = permissions.page(tx, actor.team, now, subjects=subjects, start=start, at_most=at_most)
            count = permissions.count(tx, actor.team, subjects=subjects)
            handles = directory.handles(tx, actor.team)
        admins = sorted(one for one in self.rulebook.admins if subject in (None, one))
        return Listed(tuple(rows), count, start, now, tuple(admins), handles, own)

    def _refused(self, tx: Session, actor: Actor, rules: Rules, event: str, now: datetime, **facts: str) -> NotAdmin:
        verdict = without_permission(rules, actor.id)
        audit.record(tx, at=now, team=actor.team, actor=actor.id, event=event, ground=verdict.ground, **facts)
        return NotAdmin(verdict)

    def _tell(self, tx: Session, what: str, row: Permission, actor: Actor, now: datetime, **more: str) -> None:
        self.notifying.permission(tx, what, row, at=now, by_name=actor.name, **more)


def subjects_of(rules: Rules, subject: str) -> list[str]:
    """Whose rows are about somebody: their own, those of their groups, and those of everybody."""
    groups = [group for group, members in (rules.policy.groups or {}).items() if subject in members]
    return [subject, *sorted(groups), EVERYBODY]


def is_nobody(rules: Rules, subject: str) -> str:
    """Why nobody can be given anything under an id, if so."""
    if subject in rules.policy.barred:
        return "barred"
    groups = rules.policy.groups
    return "group" if subject.startswith("S") and groups is not None and subject not in groups else ""


def _row(wanted: Wanted, actor: Actor, now: datetime) -> Permission:
    return Permission(
        team_id=actor.team,
        subject=wanted.subject,
        effect=wanted.effect,
        action=wanted.action,
        pattern=wanted.pattern,
        region=wanted.region,
        tags=dict(wanted.tags),
        valid_until=None if wanted.lasting is None else now + wanted.lasting,
        note=wanted.note,
        granted_by=actor.id,
        granted_at=now,
    )


def _says_the_same(one: Permission, other: Permission) -> bool:
    """Whether a row gives or takes the same for at least as long."""
    lasts = one.valid_until is None or (other.valid_until is not None and one.valid_until >= other.valid_until)
    return lasts and rule_of(one).key == rule_of(other).key
