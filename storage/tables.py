"""The rows that Lightkeeper keeps, and the words their columns are made of."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

EVERYBODY = "*"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, on databases that keep time zones and on SQLite, which does not."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive datetimes: what zone they meant can't be known."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give SQLite's naive values the zone they were written in."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _enum(of: type[StrEnum]) -> sa.Enum:
    """Values as text, without a CHECK: a new value is then no migration that old replicas stumble over."""
    return sa.Enum(of, native_enum=False, values_callable=lambda e: [m.value for m in e], length=32)


class Action(StrEnum):
    """What a permission is about."""

    VIEW = "view"
    REQUEST = "request"
    DELETE = "delete"
    APPROVE = "approve"
    ADMIN = "admin"


class Effect(StrEnum):
    """Whether a permission gives or takes."""

    ALLOW = "allow"
    DENY = "deny"


class State(StrEnum):
    """Where a deletion stands."""

    ASKING = "asking"  # the card is not posted yet
    PENDING = "pending"  # waits for a person
    READY = "ready"  # decided; waits for its time and for the follower
    DELETING = "deleting"  # intent committed; AWS called, or about to be
    UNKNOWN = "unknown"  # AWS gave no final answer in time; never called again
    DELETED = "deleted"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DENIED = "denied"
    EXPIRED = "expired"
    REFUSED = "refused"


LIVE = (State.ASKING, State.PENDING, State.READY, State.DELETING, State.UNKNOWN)


class Why(StrEnum):
    """Why a deletion ended as it did; with the facts beside it, the words are chosen when it is told."""

    CONFIRMED = "confirmed"  # AWS said so and the snapshot is gone
    LOST = "lost"  # gone, but AWS's answer to our call never came
    GONE = "gone"  # gone before we called
    REPLACED = "replaced"  # the name belongs to another snapshot now
    FORBIDDEN = "forbidden"  # the verdict changed
    AWS = "aws"  # AWS refused, or its operation failed
    UNSENT = "unsent"  # AWS executed nothing in the time we may call
    SHOWN_NOWHERE = "shown_nowhere"  # the card could be posted nowhere
    NOBODY = "nobody"  # nobody confirmed in time
    STALE = "stale"  # confirmed, but too long ago
    PERSON = "person"  # somebody pressed Don't delete


class Delivery(StrEnum):
    """Where a message to Slack stands."""

    WAITING = "waiting"
    SENDING = "sending"  # maybe in Slack already: look before repeating
    SENT = "sent"
    DROPPED = "dropped"  # Slack will never take it


class Place(StrEnum):
    """What a copy of a card is there for."""

    REQUEST = "request"  # where it was asked; its thread tells everything
    APPROVALS = "approvals"  # where those are who can approve it


class NoticeKind(StrEnum):
    """What a notice tells."""

    CONFIRMED = "confirmed"
    APPROVED = "approved"  # by one person; maybe others have to agree, too
    WAITING = "waiting"  # for those who can approve
    EXPIRES_SOON = "expires_soon"  # to the asker
    REASON = "reason"  # of somebody who stopped it, told after the fact
    OUTCOME = "outcome"  # to the channel that gets every one
    FROZEN = "frozen"
    UNFROZEN = "unfrozen"
    PERMISSION = "permission"  # was granted or revoked
    STATUS = "status"
    DELAYED = "delayed"
    NO_ANSWER = "no_answer"  # AWS was asked and told nothing that proves anything
    UNKNOWN = "unknown"
    ENDED = "ended"
    CREDENTIALS = "credentials"  # to an admin: AWS does not accept the bot's


class Permission(SQLModel, table=True):
    """Allows or denies a subject an action on snapshots that match. Revoked, never removed."""

    id: int | None = Field(default=None, primary_key=True)
    team_id: str = Field(index=True)
    subject: str  # U…, S… or *
    effect: Effect = Field(sa_type=_enum(Effect))
    action: Action = Field(sa_type=_enum(Action))
    pattern: str = "*"
    region: str | None = None
    tags: dict[str, str | None] = Field(default_factory=dict, sa_type=sa.JSON)  # None: the key alone
    valid_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    note: str = ""
    granted_by: str
    granted_at: datetime = Field(sa_type=UtcDateTime)
    revoked_by: str | None = None
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def to_facts(self) -> dict[str, str]:
        """All that it says, as the record and notices keep it."""
        return {
            "permission": str(self.id),
            "subject": self.subject,
            "effect": self.effect.value,
            "action": self.action.value,
            "pattern": self.pattern,
            "region": self.region or "",
            "tags": json.dumps(self.tags, ensure_ascii=False) if self.tags else "",
            "until": self.valid_until.isoformat() if self.valid_until else "",
            "note": self.note,
        }


class Attribute(SQLModel, table=True):
    """Something that is said of a subject for AWS's rules, such as its team."""

    __table_args__ = (sa.UniqueConstraint("team_id", "subject", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    team_id: str
    subject: str  # U…, S… or *
    key: str
    value: str
    set_by: str
    set_at: datetime = Field(sa_type=UtcDateTime)


class Deletion(SQLModel, table=True):
    """One request to delete one snapshot, with the snapshot's identity as it was shown."""

    __table_args__ = (
        sa.Index("ix_deletion_team_id_asked_at", "team_id", "asked_at", "id"),  # the history, newest first
        sa.Index("ix_deletion_name_asked_at", "name", "asked_at"),  # that of one name
        sa.Index(
            "uq_deletion_live_arn",
            "arn",
            unique=True,
            sqlite_where=sa.text("state IN ('asking', 'pending', 'ready', 'deleting', 'unknown')"),
            postgresql_where=sa.text("state IN ('asking', 'pending', 'ready', 'deleting', 'unknown')"),
        ),
    )

    id: str = Field(primary_key=True)
    kind: str = "instance_snapshot"
    version: int = 1
    state: State = Field(default=State.ASKING, sa_type=_enum(State), index=True)
    team_id: str = Field(index=True)
    channel_id: str
    trigger_id: str = Field(unique=True)  # a redelivered command makes no second card
    requester_id: str
    requester_name: str
    reason: str = ""
    asked_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    # The snapshot as shown
    arn: str
    name: str = Field(index=True)
    region: str
    snapshot: dict[str, object] = Field(sa_type=sa.JSON)  # bot.model.Snapshot, all of it
    surroundings: dict[str, object] = Field(default_factory=dict, sa_type=sa.JSON)  # bot.model.Surroundings
    instance: str | None = Field(default=None, index=True)  # of which it is a snapshot, as REGION/NAME
    # Whose word is needed
    approvals_needed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # 0: the asker's own is enough
    is_typed: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})  # the name, by who approves
    objections: list[dict[str, Any]] = Field(  # why another has to agree: bot.guards.Objection
        default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"}
    )
    approvers: list[str] = Field(  # who could agree when it was asked, as Slack shows them
        default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"}
    )
    approved_by: list[str] = Field(  # what those who did are called
        default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"}
    )
    approvals_channel: str | None = None  # where it waits for them; none: on its card
    # The decision
    decided_by: str | None = None
    decided_name: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    run_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # The call
    attempt: int = 0
    intended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    aws_time: datetime | None = Field(default=None, sa_type=UtcDateTime)  # AWS's clock before the intent
    doubtful: bool = False  # a call may have been executed; only AWS's proof that none was takes it back
    looks: int = 0  # since the last state
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    # The end
    why: Why | None = Field(default=None, sa_type=_enum(Why))
    facts: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Approval(SQLModel, table=True):
    """One person's word for somebody else's deletion. It counts as long as that person may give it."""

    __table_args__ = (sa.UniqueConstraint("deletion_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    deletion_id: str = Field(foreign_key="deletion.id", index=True)
    person_id: str
    person_name: str
    has_typed: bool = False  # the snapshot's name
    at: datetime = Field(sa_type=UtcDateTime)


class Freeze(SQLModel, table=True):
    """A time in which nothing is deleted. At most one of a team has no end."""

    __table_args__ = (
        sa.Index(
            "uq_freeze_open_team",
            "team_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    team_id: str
    by: str
    by_name: str
    reason: str = ""
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_by: str | None = None
    ended_name: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Group(SQLModel, table=True):
    """A user group of Slack's, as Slack last told of it."""

    __tablename__ = "user_group"

    id: str = Field(primary_key=True)
    team_id: str = Field(index=True)
    handle: str = ""  # without the @
    members: list[str] = Field(default_factory=list, sa_type=sa.JSON)


class BarredPerson(SQLModel, table=True):
    """Somebody who must not decide, although Slack lets them click: as Slack last told of them."""

    __tablename__ = "barred_person"

    id: str = Field(primary_key=True)
    team_id: str = Field(index=True)
    why: str = ""  # deactivated, a bot, or of another company


class Directory(SQLModel, table=True):
    """When Slack last told of a team's groups and people, all of them."""

    team_id: str = Field(primary_key=True)
    told_at: datetime = Field(sa_type=UtcDateTime)


class Operation(SQLModel, table=True):
    """What Lightsail returned for a call, every documented field of it.

    Source: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_Operation.html
    """

    id: str = Field(primary_key=True)
    deletion_id: str = Field(foreign_key="deletion.id", index=True)
    said: int = 0  # how many statuses of it are notices
    resource_name: str | None = None
    resource_type: str | None = None
    created_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    availability_zone: str | None = None
    region_name: str | None = None
    is_terminal: bool | None = None
    operation_details: str | None = None
    operation_type: str | None = None
    status: str
    status_changed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error_code: str | None = None
    error_details: str | None = None


class Notice(SQLModel, table=True):
    """Something that must be said in a deletion's thread, or to one person: facts first, a message later."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    deletion_id: str | None = Field(default=None, foreign_key="deletion.id", index=True)
    recipient: str | None = None  # a Slack user id, where it belongs in no thread
    kind: NoticeKind = Field(sa_type=_enum(NoticeKind))
    facts: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)
    at: datetime = Field(sa_type=UtcDateTime)
    delivery: Delivery = Field(default=Delivery.WAITING, sa_type=_enum(Delivery), index=True)
    sending_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    channel_id: str | None = None  # where it was said; from Slack's answer
    ts: str | None = None
    problem: str | None = None


class Outage(SQLModel, table=True):
    """A time in which AWS does not accept the bot's credentials in a region. At most one a region has no end."""

    __table_args__ = (
        sa.Index(
            "uq_outage_open_region",
            "region",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    region: str
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    facts: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)


class CardCopy(SQLModel, table=True):
    """One message that shows a deletion, and which version of it."""

    __tablename__ = "card_copy"
    __table_args__ = (  # of all the cards there ever were, those that are to be edited are few
        sa.Index(
            "ix_card_copy_outdated",
            "channel_id",
            sqlite_where=sa.text("shown_version < wanted_version"),
            postgresql_where=sa.text("shown_version < wanted_version"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    deletion_id: str = Field(foreign_key="deletion.id", index=True)
    channel_id: str  # as asked for, until Slack says what it is
    place: Place = Field(
        default=Place.REQUEST, sa_type=_enum(Place), sa_column_kwargs={"server_default": Place.REQUEST.value}
    )
    ts: str | None = None
    wanted_version: int = 1
    shown_version: int = 0
    delivery: Delivery = Field(default=Delivery.WAITING, sa_type=_enum(Delivery), index=True)
    sending_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str | None = None


class Receipt(SQLModel, table=True):
    """A command or click that was acted on, for as long as it could come again."""

    trigger_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class LeaseRow(SQLModel, table=True):
    """The right to carry deletions forward: who has taken it, and how often it was taken."""

    __tablename__ = "lease"

    id: int = Field(primary_key=True)
    epoch: int = 0
    holder: str = ""
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Audit(SQLModel, table=True):
    """Who did or decided what. Rows are added, never changed: the database itself refuses it."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    team_id: str
    actor: str  # a Slack user id, `bot`, or `shell:<login>`
    event: str
    deletion_id: str | None = Field(default=None, index=True)
    facts: dict[str, str] = Field(default_factory=dict, sa_type=sa.JSON)


class AuditRetention(SQLModel, table=True):
    """From when on rows of the audit are kept. One row, or none where all are."""

    __tablename__ = "audit_retention"

    id: int = Field(primary_key=True)
    keep_from: datetime = Field(sa_type=UtcDateTime)
