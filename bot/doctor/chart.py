"""What the checks go by: the settings as far as they can be used, and the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.settings import Settings


def utc_now() -> datetime:
    """This machine's clock, as signatures are made by it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Chart:
    """The settings; those of the names in `unusable` are only their defaults."""

    settings: Settings
    is_socket: bool
    problems: tuple[str, ...] = ()
    unusable: frozenset[str] = frozenset()
    now: Callable[[], datetime] = utc_now

    @classmethod
    def of_environment(cls, now: Callable[[], datetime] = utc_now) -> "Chart":
        """From the environment, whatever is wrong with it."""
        settings, problems, unusable = Settings.as_far_as_usable()
        return cls(settings, settings.slack_app_token is not None, tuple(problems), unusable, now)
