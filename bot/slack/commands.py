"""What people can want of `/snapshot`, as values, and how each is typed. No I/O."""

from dataclasses import dataclass
from datetime import timedelta

from storage.tables import EVERYBODY, Action

ALL = "*"  # a pattern that every name matches
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
Tags = tuple[tuple[str, str | None], ...]  # None: the key alone


@dataclass(frozen=True, slots=True)
class Help:
    """The person wants to know what there is."""


@dataclass(frozen=True, slots=True)
class Delete:
    """The person wants a snapshot deleted. The name may be the id of a deletion."""

    name: str
    region: str | None = None
    reason: str = ""
    is_rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Freeze:
    """The person wants nothing deleted for now."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unfreeze:
    """The person wants deletions to go on."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An admin gives a right, or takes one. The subject is an id, `*`, `me`, or `@name` where Slack gave no id."""

    subject: str
    action: Action
    pattern: str = ALL
    region: str | None = None
    tags: Tags = ()
    lasting: timedelta | None = None
    is_deny: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Revoke:
    """An admin takes a permission back."""

    number: int


@dataclass(frozen=True, slots=True)
class Permissions:
    """The person wants to see who may do what."""

    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Attributes:
    """What AWS's rules are told of somebody: an admin changes it, or somebody wants to see it."""

    subject: str | None = None
    put: tuple[tuple[str, str], ...] = ()
    drop: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether it changes anything."""
        return bool(self.put or self.drop)


@dataclass(frozen=True, slots=True)
class Can:
    """The person wants to know whether somebody may do something, and why."""

    subject: str
    action: Action
    name: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """The person wants to see all there is about a snapshot, or about a deletion by its id."""

    name: str
    region: str | None = None
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """The person wants to see what was asked for: all of it, or of a snapshot's name, or by somebody."""

    name: str | None = None
    subject: str | None = None
    since: timedelta | None = None
    is_public: bool = False
    is_export: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """The person wants to see what waits, runs, or is not known."""

    is_public: bool = False


@dataclass(frozen=True, slots=True)
class Doctor:
    """An admin wants to know whether all that the bot stands on is well."""


Meant = (
    Help
    | Doctor
    | Delete
    | Freeze
    | Unfreeze
    | Grant
    | Revoke
    | Permissions
    | Attributes
    | Can
    | Show
    | History
    | Status
)


def render(command: Meant) -> str:
    """The command as it is typed."""
    match command:
        case Help() | Unfreeze() | Doctor():
            return type(command).__name__.lower()
        case Delete(name=name, region=region, reason=reason):
            return _line("delete", name, _in(region), _said("reason", reason), command.is_rehearsal and "--dry-run")
        case Freeze(reason=reason):
            return _line("freeze", reason and _quote(reason))
        case Grant():
            return _grant(command)
        case Revoke(number=number):
            return f"revoke {number}"
        case Permissions(subject=subject):
            return _line("permissions", subject)
        case Attributes(subject=subject, put=put, drop=drop):
            said = [_tag(key, value) for key, value in put]
            return _line("attributes", subject, *said, drop and f"--remove {_quoted_if_needed(','.join(drop))}")
        case Can():
            return _line("can", command.subject, command.action, command.name, _in(command.region))
        case Show():
            return _line("show", command.name, _in(command.region), _public(is_public=command.is_public))
        case History():
            since = f"--since {span(command.since)}" if command.since else ""
            public = _public(is_public=command.is_public)
            return _line(
                "history", command.name, _mention(command.subject), since, public, command.is_export and "--export"
            )
        case Status():
            return _line("status", _public(is_public=command.is_public))


def span(time: timedelta) -> str:
    """A time as it is typed, such as `8h`; in whole seconds."""
    seconds = round(time.total_seconds())
    return next(f"{seconds // size}{unit}" for unit, size in _UNITS if seconds % size == 0)


def _mention(subject: str | None) -> str | None:
    """Somebody, where a snapshot's name could stand as well: an id alone would be one."""
    if subject is None or not subject.isupper():
        return subject
    return f"<!subteam^{subject}>" if subject.startswith("S") else f"<@{subject}>"


def _grant(grant: Grant) -> str:
    return _line(
        "grant",
        grant.subject if grant.subject != EVERYBODY else ALL,
        grant.action,
        grant.pattern != ALL and grant.pattern,
        _in(grant.region),
        *(f"--tag {_tag(key, value)}" for key, value in grant.tags),
        grant.lasting and f"--for {span(grant.lasting)}",
        grant.is_deny and "--deny",
        _said("note", grant.note),
    )


def _tag(key: str, value: str | None) -> str:
    return _quoted_if_needed(key if value is None else f"{key}={value}")


def _quoted_if_needed(text: str) -> str:
    return _quote(text) if " " in text else text


def _line(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part)


def _in(region: str | None) -> str:
    return f"--region {region}" if region else ""


def _said(option: str, words: str) -> str:
    return f"--{option} {_quote(words)}" if words else ""


def _public(*, is_public: bool) -> str:
    return "--public" if is_public else ""


def _quote(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
