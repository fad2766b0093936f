"""A message as plain text, as a person reads it."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bot.sandbox.slack.wire import Json, as_object, objects, string

Names = Mapping[str, str]

_VERBATIM = re.compile(r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`|<(?P<token>[^<>\n]+)>", re.DOTALL)
_MARKS = (
    re.compile(r"(?<![\w*])\*(?=\S)([^*\n]*?[^*\s])\*(?![\w*])"),
    re.compile(r"(?<![\w_])_(?=\S)([^_\n]*?[^_\s])_(?![\w_])"),
    re.compile(r"(?<![\w~])~(?=\S)([^~\n]*?[^~\s])~(?![\w~])"),
)
_FIRST_SLOT = 0xE000  # private use: no text from the wire has a meaning for these characters
_SLOTS = re.compile("[\ue000-\uf8ff]")
_TEENS = (11, 12, 13)


def message_text(text: str, blocks: list[Json], names: Names) -> str:
    """What a client shows: the blocks, or the text where there are none.

    `names` tells ids of people and channels as names, without their @ or #.
    """
    if not blocks:
        return mrkdwn(text, names)
    return "\n".join(line for block in blocks for line in _block(block, names))


def mrkdwn(text: str, names: Names) -> str:
    """Slack's markup as it is shown: marks gone, links by their label, mentions by name, entities decoded.

    Dates are shown in UTC, and never as "yesterday": a text is the same whenever it is read.
    """
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(_verbatim(match, names))
        return chr(_FIRST_SLOT + len(kept) - 1)

    bare = _VERBATIM.sub(keep, _SLOTS.sub("", text))
    for marks in _MARKS:
        bare = marks.sub(r"\1", bare)
    return _SLOTS.sub(lambda match: kept[ord(match[0]) - _FIRST_SLOT], _decoded(bare))


def _verbatim(match: re.Match[str], names: Names) -> str:
    if match["token"] is None:
        return _decoded((match["block"] or match["code"]).strip("\n"))
    return _token(match["token"], names)


def _token(token: str, names: Names) -> str:
    """What stands between < and >."""
    target, _, shown = token.partition("|")
    kind, rest = target[:1], target[1:]
    if kind == "@":
        return "@" + names.get(rest, _decoded(shown) or rest)
    if kind == "#":
        return "#" + names.get(rest, _decoded(shown) or rest)
    if kind == "!":
        return _special(rest, _decoded(shown), names)
    return _decoded(shown or target)


def _special(target: str, shown: str, names: Names) -> str:
    kind, *arguments = target.split("^")
    if kind == "date":
        return _date(arguments, shown)
    if kind == "subteam" and arguments and arguments[0] in names:
        return "@" + names[arguments[0]]
    return shown or f"@{kind}"


def _date(arguments: list[str], fallback: str) -> str:
    try:
        moment = datetime.fromtimestamp(int(arguments[0]), tz=UTC)
        return re.sub(r"\{(\w+)\}", lambda match: _DATE_FORMATS[match[1]](moment), arguments[1])
    except (IndexError, KeyError, ValueError, OverflowError, OSError):
        return fallback


def _ordinal(day: int) -> str:
    ending = "th" if day in _TEENS else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _clock(moment: datetime, rest: str) -> str:
    return f"{moment.hour % 12 or 12}:{moment:{rest} %p}"


_DATE_FORMATS: dict[str, Callable[[datetime], str]] = {
    "date_num": lambda moment: f"{moment:%Y-%m-%d}",
    "date": lambda moment: f"{moment:%B} {_ordinal(moment.day)}, {moment.year}",
    "date_short": lambda moment: f"{moment:%b} {moment.day}, {moment.year}",
    "date_long": lambda moment: f"{moment:%A, %B} {_ordinal(moment.day)}, {moment.year}",
    "time": lambda moment: _clock(moment, "%M"),
    "time_secs": lambda moment: _clock(moment, "%M:%S"),
}
_DATE_FORMATS |= {f"{name}_pretty": _DATE_FORMATS[name] for name in ("date", "date_short", "date_long")}


def _decoded(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def text_of(value: object, names: Names) -> str:
    """A text object as it is shown; plain text is shown as it is, entities and all."""
    words = as_object(value)
    shown = string(words.get("text"))
    return mrkdwn(shown, names) if words.get("type") == "mrkdwn" else shown


def _block(block: Json, names: Names) -> list[str]:
    show = _BLOCKS.get(string(block.get("type")))
    return show(block, names) if show else []


def _section(block: Json, names: Names) -> list[str]:
    lines = [text_of(words, names) for words in objects([block.get("text"), *_listed(block.get("fields"))])]
    return [*lines, *_row([block.get("accessory")], names, "  ")]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _row(elements: object, names: Names, between: str) -> list[str]:
    shown = [_element(element, names) for element in objects(elements)]
    return [between.join(shown)] if shown else []


def _element(element: Json, names: Names) -> str:
    match element.get("type"):
        case "button":
            return f"[ {text_of(element.get('text'), names)} ]"
        case "static_select":
            return f"[ {text_of(element.get('placeholder'), names)} ▾ ]"
        case "plain_text_input":
            return f"[ {text_of(element.get('placeholder'), names)}… ]"
        case "image":
            return f"[image: {string(element.get('alt_text'))}]"
        case _:
            return text_of(element, names)


def _rich(block: Json, names: Names) -> list[str]:
    return [line for element in objects(block.get("elements")) for line in _rich_lines(element, names)]


def _rich_lines(element: Json, names: Names) -> list[str]:
    parts = objects(element.get("elements"))
    if element.get("type") == "rich_text_list":
        return [f"• {line}" for part in parts for line in _rich_lines(part, names)]
    lines = "".join(_rich_part(part, names) for part in parts).split("\n")
    return [f"> {line}" for line in lines] if element.get("type") == "rich_text_quote" else lines


def _rich_part(part: Json, names: Names) -> str:
    kind = string(part.get("type"))
    match kind:
        case "user" | "channel" | "usergroup":
            name = string(part.get(f"{kind}_id"))
            return ("#" if kind == "channel" else "@") + names.get(name, name)
        case "emoji":
            return f":{part.get('name')}:"
        case "broadcast":
            return f"@{part.get('range')}"
        case "date":
            arguments = [str(part.get("timestamp")), string(part.get("format"))]
            return _date(arguments, string(part.get("fallback")))
        case _:
            return string(part.get("text")) or string(part.get("url"))


def _table(block: Json, names: Names) -> list[str]:
    return [" | ".join(_cell(cell, names) for cell in objects(row)) for row in _listed(block.get("rows"))]


def _cell(cell: Json, names: Names) -> str:
    return " ".join(_rich(cell, names)) if cell.get("type") == "rich_text" else string(cell.get("text"))


def _input(block: Json, names: Names) -> list[str]:
    hint = [text_of(block["hint"], names)] if block.get("hint") else []
    return [text_of(block.get("label"), names), *_row([block.get("element")], names, "  "), *hint]


_BLOCKS: dict[str, Callable[[Json, Names], list[str]]] = {
    "actions": lambda block, names: _row(block.get("elements"), names, "  "),
    "context": lambda block, names: _row(block.get("elements"), names, " "),
    "divider": lambda _block, _names: ["───"],
    "header": lambda block, names: [text_of(block.get("text"), names)],
    "image": lambda block, names: _row([{**block, "type": "image"}], names, ""),
    "input": _input,
    "rich_text": _rich,
    "section": _section,
    "table": _table,
}
