"""The text behind `/snapshot` as words: as in a shell, with what phones and Slack made of it taken back. No I/O."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DASHES = "-‐‑‒–—―−﹣－"
OPTIONS = ("deny", "dry-run", "export", "for", "note", "public", "reason", "region", "since", "tag")
_OPTION = re.compile(rf"(?:[{DASHES}]{{2,}}|[–—―])(?P<name>[A-Za-z][A-Za-z0-9_-]{{0,39}})(?P<equals>=?)")
_ONE_DASH = re.compile(rf"[{DASHES}](?P<name>{'|'.join(OPTIONS)})(?P<equals>=?)(?!\w)", re.IGNORECASE)
_UNIT = re.compile(r"(?P<space>\s+)|(?P<link><[^<>]*>)|(?P<quote>[\"“”„‟«'‘‚])|(?P<plain>[^\s<\"“”„‟«'‘‚]+|<)")
_LINK = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_JOINERS = re.compile("[`\u200c\u200d\ufe00-\ufe0f]")

# What ends a quotation, and what ends it where that is missing: phones change one mark of a pair and not the other.
# A single mark is an apostrophe as well: it ends a quotation only at the end of a word.
_ENDS = {
    mark: tuple(map(re.compile, ends))
    for mark, ends in {
        '"': (r'(?<!\\)(?:\\\\)*(")', "([“”])"),
        "“": ("(”)", '(["“])'),
        "”": ("(”)", '(")'),
        "„": ("([“”])", '(")'),
        "‟": ("([“”])", '(")'),
        "«": ("(»)", '(")'),
        "'": (r"(')(?=\s|$)", r"(’)(?=\s|$)"),
        "‘": (r"(’)(?=\s|$)", r"(['‘])(?=\s|$)"),
        "‚": (r"([‘’])(?=\s|$)", r"(')(?=\s|$)"),
    }.items()
}
_SINGLE = "'‘‚"


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a word."""

    typed: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed; what was in quotation marks is no option, whatever it begins with."""

    text: str
    name: str  # the same as it would be meant in a name
    raw: str = ""  # as Slack delivered it: a mention has the id in it
    option: str = ""  # such as `--reason`; then the text is its value
    has_value: bool = False  # else the value is the next word


def words(text: str, problems: list[str]) -> Iterator[Word]:
    """Words as in a shell, but that an apostrophe within a word is one."""
    parts: list[_Part] = []  # of the word that is being read
    missing: set[re.Pattern[str]] = set()  # ends that come no more: to look for them each time takes forever
    at = 0
    while found := _UNIT.match(text, at):
        at = found.end()
        if found["space"]:
            yield from _word(parts, problems)
            parts = []
        elif found["quote"] and _opens(found["quote"], parts):
            inside, at = _quoted(found["quote"], text, at, missing, problems)
            parts.append(inside)
        else:
            parts.append(_Part(found[0]))
    yield from _word(parts, problems)


def _opens(mark: str, parts: Sequence[_Part]) -> bool:
    return mark not in _SINGLE or not parts or (len(parts) == 1 and parts[0].typed.endswith("="))


def _quoted(mark: str, text: str, at: int, missing: set[re.Pattern[str]], problems: list[str]) -> tuple[_Part, int]:
    """What stands between quotation marks, and where to read on."""
    for end in _ENDS[mark]:
        if end not in missing:
            if found := end.search(text, at):
                inside = text[at : found.start(1)]
                return _Part(re.sub(r'\\(["\\])', r"\1", inside) if mark == '"' else inside, quoted=True), found.end()
            missing.add(end)
    problems.append("A quotation mark is not closed.")
    begins_something = at < len(text) and not text[at].isspace()
    rest = text[at:].rstrip() if begins_something else ""
    return _Part(rest, quoted=begins_something), at + len(rest)


def _word(parts: Sequence[_Part], problems: list[str]) -> Iterator[Word]:
    if found := _option(parts[0]) if parts else None:
        parts = [_Part(parts[0].typed[found.end() :]), *parts[1:]]
    word = Word(
        text=as_typed("".join(part.typed if part.quoted else part.typed.replace("`", "") for part in parts)),
        name=_as_name(as_typed("".join(part.typed for part in parts), name=True)),
        raw="".join(part.typed for part in parts),
        option=f"--{found['name'].lower()}" if found else "",
        has_value=found is not None and (found["equals"] == "=" or len(parts) > 1),
    )
    if found and found.re is _ONE_DASH:
        problems.append(f"Two dashes go before an option: `{word.option}`.")
    if found or word.text.strip(DASHES) or any(part.quoted for part in parts):
        yield word


def _option(part: _Part) -> re.Match[str] | None:
    """The option that a word begins with; what was in quotation marks is none."""
    found = None if part.quoted else _OPTION.match(part.typed) or _ONE_DASH.match(part.typed)
    return found if found and (found["equals"] or found.end() == len(part.typed)) else None


def as_typed(text: str, *, name: bool = False) -> str:
    """Take back what Slack made of it: links, mentions, entities. In a name, an address is not meant as one.

    Source: https://docs.slack.dev/interactivity/implementing-slash-commands (escaping)
    """

    def plain(found: re.Match[str]) -> str:
        sign, target, label = found[1], found[2], found[3]
        shown = label or (re.sub(r"^(?:https?://|mailto:|tel:)", "", target).rstrip("/") if name else target)
        return f"{'@' if sign == '!' else sign}{shown}"

    typed = _LINK.sub(plain, text)
    return typed.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _as_name(text: str) -> str:
    """What of a name is not meant: marks of code, what joins emoji, and dashes that a phone made longer."""
    return re.sub(f"[{DASHES}]", "-", _JOINERS.sub("", text)).strip()
