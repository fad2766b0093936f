"""Words as Slack takes them: escaped, cut, dated, and within Block Kit's limits."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

Block = dict[str, object]

SECTION_LIMIT = 3000  # characters; https://docs.slack.dev/reference/block-kit/blocks/section-block
CONFIRM_LIMIT = 300
BUTTON_TEXT_LIMIT = 75
NAME_LIMIT = 255  # of a snapshot; longer things that people type are cut


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says: `text` for notifications and screen readers, plain; `blocks` for eyes."""

    text: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Button:
    """A button; with `confirm`, Slack asks once more in a dialog of title, text, yes and no."""

    label: str
    action: str
    value: str
    style: str | None = None
    confirm: tuple[str, str, str, str] | None = None


def escape(text: str) -> str:
    """What people typed, so that it pings and links nobody.

    Source: https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(mrkdwn: str) -> str:
    """The same without marks: links by their label, dates by their fallback."""
    return re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", mrkdwn).replace("*", "").replace("`", "")


def cut(text: str, limit: int) -> str:
    """At most so many characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def cut_mrkdwn(text: str, limit: int) -> str:
    """The same for mrkdwn, and never within a token or an entity: half of one shows as rubbish."""
    return text if len(text) <= limit else re.sub(r"(?:<[^<>]*|&[a-z]*)$", "", text[: limit - 1]).rstrip() + "…"


def code(name: str) -> str:
    """A name as code; a backtick or a new line in it would end the code."""
    return f"`{escape(cut(' '.join(name.split()), NAME_LIMIT).replace('`', 'ˋ'))}`"


def quote(reason: str) -> str:
    """What a person gave as reason, in quotation marks and without any formatting of its own."""
    text = " ".join(cut(reason, 500).split())
    for mark in "*_~`":
        text = text.replace(mark, f"{mark}\u2060")  # a word joiner: the mark stays, its meaning goes
    return f"“{escape(text)}”"


def mention(user: str) -> str:
    """A person, whom Slack shows by name."""
    return f"<@{user}>"


def day(moment: datetime) -> str:
    """A date that stays true: `1 May 2024`."""
    return f"{moment.astimezone(UTC):%-d %b %Y}"


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


def section(*lines: str) -> Block:
    """A paragraph of mrkdwn, a line each."""
    text = cut_mrkdwn("\n".join(line for line in lines if line), SECTION_LIMIT)
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def context(text: str) -> Block:
    """A small grey line of mrkdwn."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut_mrkdwn(text, SECTION_LIMIT)}]}


def buttons(row: Iterable[Button]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": [_button(one) for one in row]}


def _button(button: Button) -> Block:
    made: Block = {
        "type": "button",
        "action_id": button.action,
        "text": _plain(cut(button.label, BUTTON_TEXT_LIMIT)),
        "value": button.value,
    }
    if button.style:
        made["style"] = button.style
    if button.confirm:
        title, text, yes, no = button.confirm
        made["confirm"] = {
            "title": _plain(cut(title, 100)),
            "text": _plain(cut(text, CONFIRM_LIMIT)),
            "confirm": _plain(yes),
            "deny": _plain(no),
            "style": "danger",
        }
    return made


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
