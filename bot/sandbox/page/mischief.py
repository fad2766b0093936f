"""The ways in which a visitor can try to break the bot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.sandbox.lightsail import Control, Status, Step
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.wire import Json

DELETE = "DeleteInstanceSnapshot"
REGION = "us-east-1"
SLOW_SECONDS = 4.0
FAILING = (
    Step(Status.NOT_STARTED),
    Step(Status.STARTED, 1.5),
    Step(Status.FAILED, 1.5, "SnapshotInUse", "The snapshot is in use."),
)
POST, EDIT, DELIVERY = "chat.postMessage", "chat.update", "delivery"  # as the local Slack counts its faults


@dataclass(frozen=True, slots=True)
class Mischief:
    """Something that can be made to go wrong; `armed` says how often it is still to come."""

    group: str
    label: str
    help: str
    arm: Callable[[], object]
    armed: Callable[[], int]


def of_aws(aws: Control) -> Mapping[str, Mischief]:
    """What can go wrong between the bot and AWS."""

    def planned(kind: str, code: str | None = None) -> Callable[[], int]:
        return lambda: sum(
            1 if each.times is None else each.times
            for each in aws.armed()
            if each.kind == kind and code in {None, each.details.get("code")}
        )

    def coming(last: str) -> Callable[[], int]:
        return lambda: sum(steps[-1].status == last for steps in aws.coming())

    def slow() -> None:
        for action in ("GetInstanceSnapshot", DELETE):
            aws.slow(action, SLOW_SECONDS)

    def add(label: str, words: str, arm: Callable[[], object], armed: Callable[[], int]) -> Mischief:
        return Mischief("AWS", label, words, arm, armed)

    return {
        "lose-answer": add(
            "Lose the next answer",
            "AWS deletes the snapshot, and its answer never arrives. Was it deleted?",
            lambda: aws.lose(DELETE),
            planned("lose"),
        ),
        "fail-deletion": add(
            "Fail the next deletion",
            "AWS takes the call and begins; then its operation fails.",
            lambda: aws.pace(FAILING, times=1),
            coming(Status.FAILED),
        ),
        "refuse-deletion": add(
            "Refuse the next deletion",
            "The bot's role may not delete: AccessDeniedException.",
            lambda: aws.fail(DELETE, "AccessDeniedException"),
            planned("fail", "AccessDeniedException"),
        ),
        "throttle": add(
            "Throttle the next two calls",
            "AWS asks to slow down, and has done nothing: ThrottlingException.",
            lambda: aws.fail(DELETE, "ThrottlingException", times=2),
            planned("fail", "ThrottlingException"),
        ),
        "slow-aws": add(
            "Slow AWS",
            f"The next look at a snapshot and the next deletion take {SLOW_SECONDS:.0f} seconds longer.",
            slow,
            planned("slow"),
        ),
        "never-ends": add(
            "The next operation never ends",
            "AWS takes the call and says “Started”, and nothing more.",
            lambda: aws.pace("never", times=1),
            coming(Status.STARTED),
        ),
        "region-down": add(
            f"{REGION} is down",
            "Nothing in that region answers, until you disarm it.",
            lambda: aws.down(REGION),
            planned("down"),
        ),
        "expired": add(
            "The credentials expire",
            "AWS refuses everything, until you disarm it.",
            lambda: aws.credentials("expired"),
            planned("credentials"),
        ),
    }


def of_slack(slack: LocalSlack) -> Mapping[str, Mischief]:
    """What can go wrong between the bot and Slack."""

    def count(method: str) -> Callable[[], int]:
        return lambda: slack.faults().get(method, 0)

    def add(label: str, words: str, arm: Callable[[], object], method: str) -> Mischief:
        return Mischief("Slack", label, words, arm, count(method))

    return {
        "too-many": add(
            "Slack says 429",
            "The next message is refused as one too many: come back in five seconds.",
            lambda: slack.fail(POST, retry_after=5),
            POST,
        ),
        "lost-post": add(
            "Lose Slack's next answer",
            "Slack shows the next message, and the bot never hears that it did. Does it say it twice?",
            lambda: slack.drop(POST, accepted=True),
            POST,
        ),
        "edit-fails": add(
            "Slack breaks twice",
            "The next two edits are answered with an error 500.",
            lambda: slack.fail(EDIT, status=500, times=2),
            EDIT,
        ),
        "twice": add(
            "Send the next click twice",
            "Slack delivers the next click or command two times at once.",
            slack.repeat,
            DELIVERY,
        ),
        "lost-click": add(
            "Lose the next click",
            "The next click or command never reaches the bot.",
            slack.lose_delivery,
            DELIVERY,
        ),
    }


def forms(mischiefs: Mapping[str, Mischief]) -> list[Json]:
    """As the page shows them."""
    return [
        {"id": name, "group": each.group, "label": each.label, "help": each.help, "armed": each.armed()}
        for name, each in mischiefs.items()
    ]
