"""Words of people and of AWS, made to say nothing but themselves: on one line, cut, without Slack's marks. No I/O."""

import unicodedata

import regex  # knows grapheme clusters of today's Unicode, which the standard library does not

LIMIT = 500  # of what somebody said, as Slack may count it
NAME_LIMIT = 255  # of a snapshot's name
PERSON_LIMIT = 80  # of a person's name
_MARKS_ON_A_LETTER = 8  # accents; more of them climb over the lines above

# What nobody sees and nobody can mean: controls, half characters, and all that Unicode says may be ignored, such as
# marks that turn the direction of writing. Joiners and variants are what emoji and some scripts are made of.
_FLAG = r"\U0001F3F4[\U000E0020-\U000E007E]+\U000E007F"  # Scotland and its neighbours are spelled in ignorable letters
_INVISIBLE = regex.compile(
    rf"(?V1)({_FLAG})|[[\p{{Cc}}\p{{Cs}}\p{{Noncharacter_Code_Point}}\p{{Default_Ignorable_Code_Point}}]"
    r"--[\t\n\r\u200C\u200D\uFE00-\uFE0F]]"
)
_PILE = regex.compile(rf"(\p{{M}}{{{_MARKS_ON_A_LETTER}}})\p{{M}}+")
_CLUSTER = regex.compile(r"\X")
_PIECE = regex.compile(r"<[^<>]*>|&(?:amp|lt|gt);|\X")  # what is whole or useless in mrkdwn
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"  # https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates

# Slack has no way to escape these: only another character is certain to have no meaning, on every client.
# Source: https://docs.slack.dev/messaging/formatting-message-text
_LOOK_ALIKE = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_EDGE = regex.compile(r"(?<![^\W_])_|_(?![^\W_])")  # an underscore within a word has no meaning
_QUOTATION = regex.compile(r"^>")


def visible(text: str) -> str:
    """The same without what nobody can see."""
    return str(_INVISIBLE.sub(r"\1", text))


def one_line(text: str) -> str:
    """The same on one line, without what nobody can see, and without towers of accents."""
    return str(_PILE.sub(r"\1", " ".join(visible(" ".join(text.split())).split())))


def size(text: str) -> int:
    """How long it is where counting is least kind: Slack does not say whether an emoji is one character or two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """At most so long, with an ellipsis where something is missing, and never within what looks like one character."""
    return text if size(text) <= limit else _first(_CLUSTER.findall(text[:limit]), limit - 1).rstrip() + "…"


def cut_mrkdwn(text: str, limit: int) -> str:
    """The same for mrkdwn, and never within a token or an entity, nor before the end of code or of an isolate."""
    if size(text) <= limit:
        return text
    kept = _first(_PIECE.findall(text), limit - 3).rstrip()
    is_isolate = kept.count(_ISOLATE) > kept.count(_END_OF_ISOLATE)
    return kept + "…" + _END_OF_ISOLATE * is_isolate + "`" * (kept.count("`") % 2)


def _first(pieces: list[str], limit: int) -> str:
    """As many whole pieces as fit."""
    kept = []
    for piece in pieces:
        limit -= size(piece)
        if limit < 0:
            break
        kept.append(piece)
    return "".join(kept)


def entities(text: str) -> str:
    """Slack's three control characters as what stands for them.

    Source: https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def isolated(text: str) -> str:
    """Words that are written from right to left, so that they leave the order of the sentence around them alone."""
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text):
        return f"{_ISOLATE}{text}{_END_OF_ISOLATE}"
    return text


def shown(text: str, limit: int = LIMIT) -> str:
    """What somebody said, for Slack's plain text."""
    return isolated(cut(one_line(text), limit))


def typed(text: str, limit: int = LIMIT) -> str:
    """What somebody said, for mrkdwn: it pings, links and formats nothing."""
    unmarked = _EDGE.sub("ˍ", cut(one_line(text), limit).translate(_LOOK_ALIKE))
    return isolated(entities(_QUOTATION.sub("›", unmarked)))


def code(text: str, limit: int = NAME_LIMIT) -> str:
    """What somebody said to the letter, as code; a backtick in it would end the code."""
    return f"`{isolated(entities(cut(one_line(text), limit).replace('`', 'ˋ'))) or ' '}`"
