"""The environment as one frozen object, with every problem of it reported at once."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, InstanceOf, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError
from bot.guards import Guarding
from bot.scoped import Scoped, scoped
from bot.spans import duration

T = TypeVar("T")

MOST_APPROVALS = 5
LEAST_KEPT = timedelta(days=30)  # of the audit
OFF = "off"


def _words(text: object) -> object:
    return [word.strip() for word in text.split(",") if word.strip()] if isinstance(text, str) else text


def _tags(text: object) -> object:
    """`no_delete,env=prod,env=staging` as pairs; a key alone is met by any value."""
    if not isinstance(text, str):
        return text
    if text.strip().lower() == OFF:
        return []
    pairs = [word.partition("=") for word in text.split(",") if word.strip()]
    if not all(key.strip() for key, _, _ in pairs):
        raise ValueError("should be tags such as no_delete,env=prod; one has no key")
    return [(key.strip(), value.strip() if equals else None) for key, equals, value in pairs]


def _age(text: str) -> timedelta:
    return timedelta() if text.lower() == OFF else duration(text)


def _retention(text: object) -> timedelta:
    kept = _age(text) if isinstance(text, str) else duration(text)
    if kept and kept < LEAST_KEPT:
        raise ValueError(f"should be off, or at least {LEAST_KEPT.days}d")
    return kept


def _limit(text: str) -> int | None:
    if text.lower() == OFF:
        return None
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        raise ValueError("should be a number such as 20, or off")
    return int(text)


def _approvals(text: str) -> int:
    if not re.fullmatch(rf"[1-{MOST_APPROVALS}]", text):
        raise ValueError(f"should be a number from 1 to {MOST_APPROVALS}")
    return int(text)


def _switch(text: object) -> object:
    if isinstance(text, str) and text.strip().lower() in ("on", OFF):
        return text.strip().lower() == "on"
    if isinstance(text, bool):
        return text
    raise ValueError("should be on or off")


def _by_case(read: Callable[[str], T], default: T) -> BeforeValidator:
    return BeforeValidator(lambda text: scoped(text, read, default) if isinstance(text, str) else text)


Switch = Annotated[bool, BeforeValidator(_switch)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]


class ShellSettings(BaseSettings):
    """What the shell commands need."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    slack_bot_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    database_url: str = Field(default="sqlite:///lightkeeper.db", repr=False)  # may hold a password
    lightkeeper_admins: Annotated[frozenset[str], NoDecode, BeforeValidator(_words)] = frozenset()
    notify_channel: str | None = None

    @field_validator("slack_api_url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        if not re.match(r"https?://\S+$", url):
            raise ValueError("should be an address such as https://slack.com/api/")
        return url.rstrip("/") + "/"

    @field_validator("slack_bot_token")
    @classmethod
    def _is_bot_token(cls, token: SecretStr | None) -> SecretStr | None:
        return _starts(token, "xoxb-", "OAuth & Permissions, “Bot User OAuth Token”")

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, url: str) -> str:
        scheme, _, rest = url.partition("://")
        is_known = scheme in ("sqlite", "postgresql", "postgres")
        if not is_known or not rest.strip("/") or ":memory:" in rest or not _has_port(url):
            raise ValueError("should be sqlite:///lightkeeper.db or postgresql://user:password@host/name")
        return f"postgresql://{rest}" if scheme == "postgres" else url

    @field_validator("lightkeeper_admins")
    @classmethod
    def _are_people(cls, ids: frozenset[str]) -> frozenset[str]:
        if strange := sorted(id_ for id_ in ids if not re.fullmatch(r"[UW][A-Z0-9]{2,}", id_)):
            raise ValueError(
                f"should be Slack user ids such as U024BE7LH, not {', '.join(strange)}; "
                "find one in Slack under Profile, “Copy member ID”"
            )
        return ids

    @field_validator("notify_channel")
    @classmethod
    def _is_channel(cls, id_: str | None) -> str | None:
        return _channel(id_)

    @classmethod
    def unmet(cls) -> list[str]:
        """Problems that no single field shows."""
        return []

    @classmethod
    def load(cls) -> Self:
        """Read the settings from the environment.

        Raises:
            SettingsError: some are missing or malformed; each is named, no secret is shown.
        """
        problems = cls.unmet()
        try:
            settings = cls()
        except ValidationError as error:
            problems += [_problem(detail) for detail in error.errors(include_url=False, include_input=False)]
        if problems:
            raise SettingsError("\n".join(["Lightkeeper's settings can't be used:", *(f"  {p}" for p in problems)]))
        return settings


class Settings(ShellSettings):
    """What serving needs."""

    slack_bot_token: SecretStr
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_teams: Annotated[frozenset[str], NoDecode, BeforeValidator(_words)] = frozenset()
    slack_channels: Annotated[frozenset[str], NoDecode, BeforeValidator(_words)] = frozenset()
    lightsail_regions: Words = ()
    lightsail_role_arn: str | None = None
    lightsail_external_id: str | None = None
    host: str = "0.0.0.0"
    port: int = Field(default=3000, ge=0, le=65535)
    confirmation_ttl: Annotated[timedelta, BeforeValidator(duration)] = timedelta(minutes=15)
    protected_tags: Annotated[tuple[tuple[str, str | None], ...], NoDecode, BeforeValidator(_tags)] = (
        ("no_delete", None),
        ("protected", "true"),
    )
    approval_tags: Annotated[tuple[tuple[str, str | None], ...], NoDecode, BeforeValidator(_tags)] = ()
    last_guard: Switch = True
    state_guard: Switch = True
    min_age: Annotated[InstanceOf[Scoped[timedelta]], NoDecode, _by_case(_age, timedelta())] = Scoped(timedelta())
    grace_period: Annotated[InstanceOf[Scoped[timedelta]], NoDecode, _by_case(_age, timedelta())] = Scoped(timedelta())
    daily_limit: Annotated[InstanceOf[Scoped[int | None]], NoDecode, _by_case(_limit, None)] = Scoped(None)
    min_approvals: Annotated[InstanceOf[Scoped[int]], NoDecode, _by_case(_approvals, 1)] = Scoped(1)
    approval_ttl: Annotated[timedelta, BeforeValidator(duration)] = timedelta(hours=8)
    approvals_channel: str | None = None
    audit_retention: Annotated[timedelta, BeforeValidator(_retention)] = timedelta()  # nothing: all is kept

    @property
    def guarding(self) -> Guarding:
        """What the guards go by."""
        return Guarding(
            protected_tags=self.protected_tags,
            approval_tags=self.approval_tags,
            guards_last=self.last_guard,
            guards_state=self.state_guard,
            min_age=self.min_age,
            daily_limit=self.daily_limit,
            min_approvals=self.min_approvals,
            grace_period=self.grace_period,
        )

    @classmethod
    def as_far_as_usable(cls) -> tuple[Self, list[str], frozenset[str]]:
        """The settings with defaults for those that can't be used, every problem, and the names of those."""
        problems = cls.unmet()
        try:
            return cls(), problems, frozenset()
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
        unusable = {str(detail["loc"][0]) for detail in details}
        usual = {name: field.default for name, field in cls.model_fields.items() if name in unusable}
        usual |= {"slack_bot_token": SecretStr("xoxb-")} if "slack_bot_token" in unusable else {}
        return cls(**usual), [*problems, *map(_problem, details)], frozenset(unusable)

    @field_validator("slack_app_token")
    @classmethod
    def _is_app_token(cls, token: SecretStr | None) -> SecretStr | None:
        return _starts(token, "xapp-", "Basic Information, “App-Level Tokens”, scope connections:write")

    @field_validator("slack_teams")
    @classmethod
    def _are_workspaces(cls, ids: frozenset[str]) -> frozenset[str]:
        return _ids(ids, r"[TE][A-Z0-9]+", "ids of workspaces such as T024BE7LD, from their address in a browser")

    @field_validator("slack_channels")
    @classmethod
    def _are_channels(cls, ids: frozenset[str]) -> frozenset[str]:
        return _ids(ids, r"[CDG][A-Z0-9]+", "ids of channels such as C024BE7LR, from “View channel details”")

    @field_validator("confirmation_ttl")
    @classmethod
    def _is_some_time(cls, ttl: timedelta) -> timedelta:
        if not timedelta(seconds=1) <= ttl <= timedelta(days=1):
            raise ValueError("should be between 1s and 1d")
        return ttl

    @field_validator("approval_ttl")
    @classmethod
    def _is_time_to_ask(cls, ttl: timedelta) -> timedelta:
        if not timedelta(minutes=1) <= ttl <= timedelta(days=7):
            raise ValueError("should be between 1m and 7d")
        return ttl

    @field_validator("lightsail_role_arn")
    @classmethod
    def _is_role(cls, arn: str | None) -> str | None:
        if arn is not None and not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}", arn):
            raise ValueError("should be a role's ARN such as arn:aws:iam::123456789012:role/lightkeeper")
        return arn

    @field_validator("lightsail_external_id")
    @classmethod
    def _is_external_id(cls, text: str | None) -> str | None:
        if text is not None and not re.fullmatch(r"[\w+=,.@:/-]{2,1224}", text, re.ASCII):
            raise ValueError("should be 2 to 1224 letters, digits or any of _+=,.@:/-")
        return text

    @field_validator("approvals_channel")
    @classmethod
    def _is_channel_of_approvals(cls, id_: str | None) -> str | None:
        return _channel(id_)

    @classmethod
    def unmet(cls) -> list[str]:
        """See `ShellSettings.unmet`."""
        problems = []
        if not os.environ.get("SLACK_APP_TOKEN") and not os.environ.get("SLACK_SIGNING_SECRET"):
            problems.append(
                "SLACK_APP_TOKEN (xapp-…, for Socket Mode) or SLACK_SIGNING_SECRET (for HTTP): one is needed"
            )
        if os.environ.get("LIGHTSAIL_EXTERNAL_ID") and not os.environ.get("LIGHTSAIL_ROLE_ARN"):
            problems.append("LIGHTSAIL_EXTERNAL_ID: belongs to a role; set LIGHTSAIL_ROLE_ARN as well, or unset it")
        return problems


def _ids(ids: frozenset[str], form: str, words: str) -> frozenset[str]:
    """Ids as they are; a name in their place would match nothing, and lock everybody out."""
    if strange := sorted(one for one in ids if not re.fullmatch(form, one)):
        raise ValueError(f"should be {words}, not {', '.join(strange)}")
    return ids


def _channel(id_: str | None) -> str | None:
    if id_ is not None:
        _ids(frozenset({id_}), r"[CG][A-Z0-9]+", "the id of a channel such as C024BE7LR, from “View channel details”")
    return id_


def _has_port(url: str) -> bool:
    """Whether what stands where a port would is one, or nothing."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _starts(token: SecretStr | None, prefix: str, where: str) -> SecretStr | None:
    if token is not None and not token.get_secret_value().startswith(prefix):
        raise ValueError(f"should begin with {prefix}; in your Slack app under {where}")
    return token


def _problem(detail: Any) -> str:  # noqa: ANN401  (pydantic's own dictionary)
    name = ".".join(str(part) for part in detail["loc"]).upper()
    words = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "missing":
        words = "missing; " + _EXAMPLES.get(name, "set it")
    return f"{name}: {words}" if name else words


_EXAMPLES = {"SLACK_BOT_TOKEN": "should be the bot's token, xoxb-…, from OAuth & Permissions"}
