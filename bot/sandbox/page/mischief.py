"""The ways in which a visitor can try to break the bot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.sandbox.lightsail import Control
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.wire import Json

DELETE = "DeleteInstanceSnapshot"


@dataclass(frozen=True, slots=True)
class Mischief:
    """Something that can be made to go wrong, once or a few times."""

    group: str
    label: str
    help: str
    arm: Callable[[], object]
    armed: Callable[[], int]


def of_slack(slack: LocalSlack) -> Mapping[str, Mischief]:
    """What can go wrong between the bot and Slack."""
    return {}


def of_aws(aws: Control) -> Mapping[str, Mischief]:
    """What can go wrong between the bot and AWS."""
    return {}


def forms(mischiefs: Mapping[str, Mischief]) -> list[Json]:
    """As the page shows them."""
    return [
        {"id": name, "group": each.group, "label": each.label, "help": each.help, "armed": each.armed()}
        for name, each in mischiefs.items()
    ]
