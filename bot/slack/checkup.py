"""What the doctor found, for an admin in a hurry: the worst first. No I/O."""

from collections.abc import Sequence

from bot.doctor.finding import Finding, State, advised, summary, worst_first
from bot.slack import blocks
from bot.slack.blocks import Block, Message

MOST = 20  # of what is not well; the shell tells all
ILL = (State.RED, State.YELLOW)
TITLE_LIMIT, ADVICE_LIMIT = 500, 700  # characters


def checked(findings: Sequence[Finding]) -> Message:
    """Each that is not well with what to do, then the rest in short."""
    found = worst_first(findings)
    ill = [one for one in found if one.state in ILL]
    rest = [one for one in found if one not in ill]
    head = f"*{summary(found)}*"
    shown: list[Block] = [
        blocks.section(head),
        *(blocks.section(_line(one), _advice(advice)) for one, advice in advised(ill[:MOST])),
    ]
    if len(ill) > MOST:
        shown.append(blocks.section(f"… and {len(ill) - MOST} more: `python app.py doctor` tells all."))
    if rest:
        shown.append(blocks.context("\n".join(map(_line, rest))))
    first = blocks.escape(f"{ill[0].area}: {ill[0].title}", TITLE_LIMIT) if ill else ""
    return Message(text=f"{blocks.plain(head)} {first}".rstrip(), blocks=shown)


def _line(one: Finding) -> str:
    area = f"*{one.area.value}*" if one.state in ILL else one.area.value
    return f"{one.state.sign} {area}: {_mrkdwn(one.title, TITLE_LIMIT)}"


def _advice(advice: str) -> str:
    return f"→ {_mrkdwn(advice, ADVICE_LIMIT)}" if advice else ""


def _mrkdwn(text: str, limit: int) -> str:
    """What stands between backticks as code, and all else as it was said."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return blocks.escape(text, limit)
    return "".join(
        (blocks.code(part, limit) if at % 2 else _spaced(part, limit)) for at, part in enumerate(parts) if part
    )


def _spaced(part: str, limit: int) -> str:
    """With the spaces at its ends, which stand between it and code."""
    before, after = (" " if part[at].isspace() else "" for at in (0, -1))
    return f"{before}{blocks.escape(part, limit)}{after}" if part.strip() else " "
