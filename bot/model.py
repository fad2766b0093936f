"""What AWS and Slack told us, as plain values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from bot.errors import AwsError

PRICE_PER_GB_MONTH = 0.05  # US dollars; https://aws.amazon.com/lightsail/pricing/
ASSUME = "AssumeRole"  # the action of STS that gives a role
DELETE_ACTION = "DeleteInstanceSnapshot"  # the API's, and the type of its operations
SUCCEEDED = ("Succeeded", "Completed")  # statuses of an operation; others may come

REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
PATTERN = re.compile(r"[A-Za-z0-9_.*?\[\]!-]{1,255}")  # that a snapshot's name can match

Tags = Mapping[str, str]
TagConditions = Mapping[str, str | None]  # all are to be met; None: the key alone, whatever its value
TagList = Sequence[tuple[str, str | None]]  # one is enough


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in Slack. The id is the identity; the name only helps people to read."""

    team: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """For whom a deletion is carried out, as AWS is told where it has a role of its own for each.

    `attributes` are those that admins gave the person; with a `problem`, AWS can't be told them.
    """

    deletion: str
    person: str  # Slack's id of who asked; alone, they have confirmed it
    approver: str | None = None  # the last one, where others had to agree
    attributes: Tags = field(default_factory=dict)
    problem: str = ""

    @property
    def session_name(self) -> str:
        """What the session of the role is called."""
        return f"lightkeeper-{self.deletion}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the session, which IAM knows as `aws:PrincipalTag/…`."""
        approver = {"slack_approver": self.approver} if self.approver else {}
        return {"slack_user": self.person, **approver, **self.attributes}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An instance snapshot as Lightsail describes it.

    Source: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_InstanceSnapshot.html
    """

    arn: str
    name: str
    region: str
    created_at: datetime
    state: str
    size_gb: int | None = None
    tags: Tags = field(default_factory=dict)  # a key-only tag has the value ""
    progress: str | None = None
    instance_name: str | None = None
    instance_arn: str | None = None
    blueprint_id: str | None = None
    bundle_id: str | None = None
    is_automatic: bool = False
    support_code: str | None = None

    @property
    def account(self) -> str:
        """The AWS account, from the ARN; empty where the ARN has none."""
        parts = self.arn.split(":")
        return parts[4] if len(parts) > 4 else ""  # noqa: PLR2004  (arn:partition:service:region:account:…)

    @property
    def monthly_price(self) -> float | None:
        """What it costs a month at the most, in US dollars: snapshots are incremental."""
        return None if self.size_gb is None else self.size_gb * PRICE_PER_GB_MONTH

    def is_same_as(self, other: "Snapshot") -> bool:
        """Whether both are one snapshot: a name can be given again, an ARN with its time can't."""
        return (self.arn, self.created_at) == (other.arn, other.created_at)

    def to_json(self) -> dict[str, object]:
        """As JSON can hold it; `from_json` reads it back."""
        return {**asdict(self), "created_at": self.created_at.isoformat()}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Snapshot":
        """Read back what `to_json` gave."""
        return cls(**{**stored, "created_at": datetime.fromisoformat(str(stored["created_at"]))})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is left around a snapshot, as far as it could be read."""

    instance_exists: bool | None = None
    others: int | None = None  # other snapshots of the same instance
    newest_other: datetime | None = None
    siblings: tuple[str, ...] | None = None  # the ARNs of these; none where the snapshot is of no instance
    automatic: int | None = None  # snapshots that AWS makes and drops by itself, which go with the instance

    def to_json(self) -> dict[str, object]:
        """As JSON can hold it; `from_json` reads it back."""
        newest = self.newest_other.isoformat() if self.newest_other else None
        return {**asdict(self), "newest_other": newest}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Surroundings":
        """Read back what `to_json` gave; of nothing, nothing is known."""
        newest = stored.get("newest_other")
        siblings = stored.get("siblings")
        known = {
            **stored,
            "newest_other": datetime.fromisoformat(str(newest)) if newest else None,
            "siblings": tuple(siblings) if isinstance(siblings, (list, tuple)) else None,
        }
        return cls(**known)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Freeze:
    """Nothing is deleted until somebody ends it."""

    by: str
    by_name: str
    since: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a look at a name showed, and what AWS's clock said then."""

    snapshot: Snapshot | None
    aws_time: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Where a name was found, and which regions did not answer, with why."""

    hits: Sequence[Snapshot]
    silent: Mapping[str, AwsError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as Lightsail reports it. Every field but the id may be missing; a status that is missing is "".

    Source: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_Operation.html
    """

    id: str
    status: str
    resource_name: str | None = None
    resource_type: str | None = None
    created_at: datetime | None = None
    availability_zone: str | None = None
    region_name: str | None = None
    is_terminal: bool | None = None
    operation_details: str | None = None
    operation_type: str | None = None
    status_changed_at: datetime | None = None
    error_code: str | None = None
    error_details: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What Lightsail answered to a call that it has taken."""

    operations: Sequence[Operation]
    request_id: str = ""  # AWS's own, by which its support finds the call


def has_tags(tags: Tags, conditions: TagConditions) -> bool:
    """Whether the tags meet every condition; no condition is met by any tags."""
    return all(key in tags and value in (None, tags[key]) for key, value in conditions.items())
