"""The text behind `/snapshot` becomes a command, or a mistake with its correction. No I/O.

Everything is read as kindly as it can be, and what was wrong is noted. Without a note it is the command; with one it
is a mistake, and the kind reading is the command to paste instead.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.slack import words as w

SUBCOMMANDS = ("delete", "freeze", "help", "unfreeze")
MAX_REASON = 3000  # characters
MAX_TEXT = 20_000  # characters, as Slack delivers them; nobody types as many
_FLAGS = ("--dry-run",)
_OPTIONS = ("--region", "--reason", *_FLAGS)
_ALSO = {**dict.fromkeys(("remove", "rm", "del", "destroy", "drop", "erase"), "delete"), "stop": "freeze"}
_FILLERS = ("snapshot", "snapshots", "the", "a", "my")
_NO_NAME = "NAME"  # stands where a name belongs
_SHOWABLE = 2000  # characters of a command to paste: a cut one would be another command
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,253}[A-Za-z0-9]")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
_DASHES = "-‐‑‒–—―−﹣－"
_OPTION = re.compile(rf"(?:[{_DASHES}]{{2,}}|[–—―])(?P<name>[A-Za-z][A-Za-z0-9_-]{{0,39}})(?P<equals>=?)")
_ONE_DASH = re.compile(
    rf"[{_DASHES}](?P<name>{'|'.join(name[2:] for name in _OPTIONS)})(?P<equals>=?)(?!\w)", re.IGNORECASE
)
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
class Help:
    """The person wants to know what there is."""


@dataclass(frozen=True, slots=True)
class Delete:
    """The person wants a snapshot deleted. The name may be the id of a deletion."""

    name: str
    region: str | None = None
    reason: str = ""
    is_rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Freeze:
    """The person wants nothing deleted for now."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unfreeze:
    """The person wants deletions to go on."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """It can't be meant as typed; `instead` is a command that can be pasted."""

    problem: str
    instead: str = "help"


Meant = Help | Delete | Freeze | Unfreeze
Command = Meant | Mistake


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a word."""

    typed: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    """A word as typed; what was in quotation marks is no option, whatever it begins with."""

    text: str
    name: str  # the same as it would be meant in a name
    option: str = ""  # such as `--reason`; then the text is its value
    has_value: bool = False  # else the value is the next word


def parse(text: str) -> Command:
    """What somebody typed, on a desktop or a phone, as Slack delivers it."""
    if len(text) > MAX_TEXT:
        return Mistake("That is too long for me to read.")
    problems: list[str] = []
    words = list(_words(w.visible(text), problems))
    if words and words[0].text.lower() == "/snapshot":  # pasted behind one that was typed
        words = words[1:]
    match words[0].option or words[0].text.lower() if words else "help":
        case "help" | "--help" | "-h" | "?":
            return Help()
        case "delete":
            read: Meant = _delete(words[1:], problems)
        case "freeze":
            read = _freeze(words[1:], problems)
        case "unfreeze":
            read = _unfreeze(words[1:], problems)
        case other:
            read = _unknown(other, words, problems)
    return Mistake(problems[0], _to_paste(read)) if problems else read


def render(command: Meant) -> str:
    """The command as it is typed."""
    match command:
        case Help():
            return "help"
        case Delete(name=name, region=region, reason=reason):
            where = f" --region {region}" if region else ""
            how = " --dry-run" if command.is_rehearsal else ""
            return f"delete {name}{where}" + (f" --reason {_quote(reason)}" if reason else "") + how
        case Freeze(reason=reason):
            return "freeze" + (f" {_quote(reason)}" if reason else "")
        case Unfreeze():
            return "unfreeze"


def _quote(reason: str) -> str:
    escaped = reason.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _to_paste(command: Meant) -> str:
    whole = render(command)
    if isinstance(command, Delete | Freeze) and len(w.entities(whole)) > _SHOWABLE:
        return render(replace(command, reason=""))
    return whole


# Words


def _words(text: str, problems: list[str]) -> Iterator[_Word]:
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


def _word(parts: Sequence[_Part], problems: list[str]) -> Iterator[_Word]:
    if found := _option(parts[0]) if parts else None:
        parts = [_Part(parts[0].typed[found.end() :]), *parts[1:]]
    word = _Word(
        text=_as_typed("".join(part.typed if part.quoted else part.typed.replace("`", "") for part in parts)),
        name=_as_name(_as_typed("".join(part.typed for part in parts), name=True)),
        option=f"--{found['name'].lower()}" if found else "",
        has_value=found is not None and (found["equals"] == "=" or len(parts) > 1),
    )
    if found and found.re is _ONE_DASH:
        problems.append(f"Two dashes go before an option: `{word.option}`.")
    if found or word.text.strip(_DASHES) or any(part.quoted for part in parts):
        yield word


def _option(part: _Part) -> re.Match[str] | None:
    """The option that a word begins with; what was in quotation marks is none."""
    found = None if part.quoted else _OPTION.match(part.typed) or _ONE_DASH.match(part.typed)
    return found if found and (found["equals"] or found.end() == len(part.typed)) else None


def _as_typed(text: str, *, name: bool = False) -> str:
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
    return re.sub(f"[{_DASHES}]", "-", _JOINERS.sub("", text)).strip()


# Commands


def _unknown(first: str, words: Sequence[_Word], problems: list[str]) -> Meant:
    """The nearest command to one that there is not."""
    near = [_ALSO[first]] if first in _ALSO else difflib.get_close_matches(first, SUBCOMMANDS, n=1, cutoff=0.5) or [""]
    before, after = _around_delete(words)
    rest: Sequence[_Word] = words[1:]
    if len(before) < len(words):
        problems.insert(0, "`delete` comes first.")
        rest = [*before, *after] if words[0].option else after or before
    elif near == ["delete"]:
        problems.insert(0, "I don't know that command. Did you mean `delete`?")
    elif near in (["freeze"], ["unfreeze"]):
        problems.insert(0, f"I don't know that command. Did you mean `{near[0]}`?")
        return _freeze(rest, problems) if near == ["freeze"] else Unfreeze()
    elif near == [""] and not words[0].option and _looks_like_a_name(words[0].name):
        problems.insert(0, "What shall I do with it? To delete it, `delete` comes first.")
        rest = words
    else:
        problems.insert(0, "I don't know that command." + (" Did you mean `help`?" if near == ["help"] else ""))
        return Help()
    return _delete(rest, problems)


def _around_delete(words: Sequence[_Word]) -> tuple[Sequence[_Word], Sequence[_Word]]:
    """What stands before the word `delete`, and what behind it."""
    at = next((at for at, word in enumerate(words) if word.text.lower() == "delete"), len(words))
    return words[:at], words[at + 1 :]


def _looks_like_a_name(word: str) -> bool:
    return bool(_NAME.fullmatch(word) and re.search(r"[\d_.-]", word))


def _delete(words: Sequence[_Word], problems: list[str]) -> Help | Delete:
    if any(word.option in ("--help", "--h") for word in words):
        return Help()
    bare, options = _sorted_out(words, problems)
    bare = [word for word in bare if word.text.strip()]
    region = _region(options.get("--region", ""), problems)
    if len(bare) > 1 and bare[0].text.lower() in _FILLERS:
        problems.append("Only the name goes behind `delete`.")
        bare = bare[1:]
    name = _name(bare[0].name if bare else "", problems)
    reason = options.get("--reason", "").strip()
    if extra := " ".join(word.text for word in bare[1:]).strip():
        problems.append("Only one name goes behind `delete`; a reason goes in quotes.")
        reason = " ".join(filter(None, (reason, extra)))[:MAX_REASON].strip()
    if len(reason) > MAX_REASON:
        problems.append(f"The reason has {len(reason)} characters; {MAX_REASON} is the most.")
        reason = ""
    return Delete(name, region, reason, "--dry-run" in options)


def _freeze(words: Sequence[_Word], problems: list[str]) -> Help | Freeze:
    """All that stands behind it is the reason, with or without quotation marks."""
    if any(word.option in ("--help", "--h") for word in words):
        return Help()
    reason = " ".join(word.text for word in words if word.option in ("", "--reason")).strip()
    if strange := next((word.option for word in words if word.option not in ("", "--reason")), None):
        problems.append(f"`freeze` takes no option `{strange}`, only a reason.")
    if len(reason) > MAX_REASON:
        problems.append(f"The reason has {len(reason)} characters; {MAX_REASON} is the most.")
        reason = ""
    return Freeze(reason)


def _unfreeze(words: Sequence[_Word], problems: list[str]) -> Help | Unfreeze:
    if any(word.option in ("--help", "--h") for word in words):
        return Help()
    if words:
        problems.append("Nothing goes behind `unfreeze`.")
    return Unfreeze()


def _sorted_out(words: Sequence[_Word], problems: list[str]) -> tuple[list[_Word], dict[str, str]]:
    """Bare words, and options with their values."""
    bare: list[_Word] = []
    options: dict[str, str] = {}
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        if not word.option:
            bare.append(word)
            continue
        if not (option := _known(word.option, problems)):
            continue
        if option in _FLAGS:
            if word.has_value:
                problems.append(f"`{option}` takes no value.")
            options[option] = "yes"
            continue
        takes_next = not word.has_value and rest and not rest[-1].option
        value = rest.pop() if takes_next else word
        said = value.name if option == "--region" else value.text
        if not said.strip():
            problems.append(f"`{option}` needs a value behind it.")
            continue
        if option in options:
            problems.append(f"`{option}` is there twice.")
        before = [options[option]] if option in options and option == "--reason" else []
        options[option] = " ".join([*before, said])
    return bare, options


def _known(option: str, problems: list[str]) -> str | None:
    """The option itself, or the one that it is near to."""
    if option in _OPTIONS:
        return option
    near = difflib.get_close_matches(option, _OPTIONS, n=1)
    problems.append(f"There is no option `{option}`." + (f" Did you mean `{near[0]}`?" if near else ""))
    return near[0] if near else None


def _region(typed: str, problems: list[str]) -> str | None:
    if not typed:
        return None
    region = typed.lower()
    if _REGION.fullmatch(region):
        return region
    problems.append("That is no region; one looks like `us-east-1`.")
    found = _REGION.match(region.replace("_", "-"))  # such as the zone us-east-1a
    return found[0] if found else None


def _name(typed: str, problems: list[str]) -> str:
    """A name that AWS can have given: 2 to 255 letters, digits, `_`, `-`, `.`, none of these at the ends.

    Source: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateInstanceSnapshot.html
    """
    if _NAME.fullmatch(typed):
        return typed
    if not typed:
        problems.append("Which snapshot? Its name goes behind `delete`.")
        return _NO_NAME
    problems.append(
        "That can't be a snapshot's name: it has 2 to 255 letters, digits, `-`, `_` or `.`, "
        "and begins and ends with a letter or digit."
    )
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", typed) if not unicodedata.combining(letter))
    likely = re.sub(r"[^A-Za-z0-9_.-]+", "-", plain).strip("-_.")
    return likely if _NAME.fullmatch(likely) else _NO_NAME
