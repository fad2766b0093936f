"""Block Kit: texts, times, sections and buttons, within Slack's limits whatever they are made from. No I/O."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.slack import words
from bot.slack.words import LIMIT, PERSON_LIMIT

Block = dict[str, object]

TEXT_LIMIT = (
    3000  # characters; beyond 4,000 Slack advises against: https://docs.slack.dev/reference/methods/chat.postMessage
)
SECTION_LIMIT = 3000  # characters; https://docs.slack.dev/reference/block-kit/blocks/section-block
CONFIRM_LIMIT = 300
BUTTON_TEXT_LIMIT = 75
VALUE_LIMIT = 2000  # https://docs.slack.dev/reference/block-kit/block-elements/button-element
BLOCKS_LIMIT = 50
NAME_LIMIT = words.NAME_LIMIT

cut, cut_mrkdwn, shown, size = words.cut, words.cut_mrkdwn, words.shown, words.size


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says: `text` for notifications and screen readers, plain; `blocks` for eyes.

    It keeps Slack's limits by itself: what is refused would not be said at all.
    """

    text: str
    blocks: Sequence[Block]

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", words.cut_mrkdwn(self.text, TEXT_LIMIT) if self.text.strip() else "…")
        object.__setattr__(self, "blocks", self.blocks[:BLOCKS_LIMIT])


@dataclass(frozen=True, slots=True)
class Button:
    """A button; with `confirm`, Slack asks once more in a dialog of title, text, yes and no."""

    label: str
    action: str
    value: str
    style: str | None = None
    confirm: tuple[str, str, str, str] | None = None


def escape(text: str, limit: int = LIMIT) -> str:
    """What people or AWS said, on one line, cut, and so that it pings, links and formats nothing."""
    return words.typed(text, limit)


def person(name: str) -> str:
    """What somebody is called."""
    return words.typed(name, PERSON_LIMIT)


def plain(mrkdwn: str) -> str:
    """The same without marks: links by their label, dates by their fallback."""
    return re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", mrkdwn).replace("*", "").replace("`", "")


def code(name: str, limit: int = NAME_LIMIT) -> str:
    """A name as code."""
    return words.code(name, limit)


def quote(reason: str) -> str:
    """What a person gave as reason, in quotation marks and without any formatting of its own."""
    return f"“{words.typed(reason)}”"


def mention(user: str) -> str:
    """A person, whom Slack shows by name."""
    return f"<@{user}>"


def approver(whom: str) -> str:
    """Somebody who can approve: a person or group by id, who is called; or what they are called, or how many."""
    if whom == "*":
        return "anybody else"
    if whom.startswith("#"):
        return "one other person" if whom == "#1" else f"{whom[1:]} people"
    if whom.startswith("@"):
        return words.typed(whom, PERSON_LIMIT)
    return f"<!subteam^{whom}>" if whom.startswith("S") else mention(whom)


def day(moment: datetime) -> str:
    """A date that stays true: `1 May 2024`."""
    return f"{moment.astimezone(UTC):%-d %b %Y}"


def span(time: timedelta) -> str:
    """How long something takes: `10 minutes`."""
    seconds = round(time.total_seconds())
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}" + ("s" if seconds != size else "")
    return ""


def utc_time(moment: datetime) -> str:
    """A time for plain text: `10:30 UTC`."""
    return f"{moment.astimezone(UTC):%H:%M} UTC"


def local_time(moment: datetime, *, seconds: bool = False) -> str:
    """A time in each reader's own zone.

    Source: https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    token = "{time_secs}" if seconds else "{time}"
    fallback = f"{moment.astimezone(UTC):%H:%M:%S} UTC" if seconds else utc_time(moment)
    return f"<!date^{int(moment.timestamp())}^{token}|{fallback}>"


def local_day_time(moment: datetime) -> str:
    """A day and time in each reader's own zone."""
    return f"<!date^{int(moment.timestamp())}^{{date_short}} {{time}}|{day(moment)} {utc_time(moment)}>"


def carried(value: str) -> object:
    """What a button carries as JSON; None where it is nested too deeply to be ours.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return json.loads(value)
    except RecursionError:
        return None


def say(*lines: str) -> Message:
    """Lines of mrkdwn, and the same without its marks."""
    said = [line for line in lines if line]
    return Message(text=plain(" ".join(said)), blocks=[section(*said)])


def section(*lines: str) -> Block:
    """A paragraph of mrkdwn, a line each."""
    return {"type": "section", "text": _mrkdwn("\n".join(line for line in lines if line))}


def context(text: str) -> Block:
    """A small grey line of mrkdwn."""
    return {"type": "context", "elements": [_mrkdwn(text)]}


def buttons(row: Iterable[Button]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": [_button(one) for one in row]}


def _button(button: Button) -> Block:
    made: Block = {
        "type": "button",
        "action_id": button.action,
        "text": _plain(button.label, BUTTON_TEXT_LIMIT),
        "value": button.value,
    }
    if button.style:
        made["style"] = button.style
    if button.confirm:
        title, text, yes, no = button.confirm
        made["confirm"] = {
            "title": _plain(title, 100),
            "text": _plain(text, CONFIRM_LIMIT),
            "confirm": _plain(yes, 30),
            "deny": _plain(no, 30),
            "style": "danger",
        }
    return made


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": cut(text, limit) if text.strip() else "…", "emoji": False}


def _mrkdwn(text: str) -> Block:
    """Verbatim: Slack is to find no links, channels and people in what somebody said.

    Source: https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """
    return {"type": "mrkdwn", "text": words.cut_mrkdwn(text, SECTION_LIMIT) if text.strip() else "…", "verbatim": True}
