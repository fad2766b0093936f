"""The text behind `/snapshot` becomes a command, or a mistake with its correction. No I/O."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

SUBCOMMANDS = ("delete", "help")
MAX_REASON = 3000  # characters
_OPTIONS = ("--region", "--reason")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,253}[A-Za-z0-9]")
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
_DASHES = "(?:--|—|–)"  # phones make one long dash of two short ones
_WORD = re.compile(
    rf"""(?P<option>{_DASHES}\w[\w-]*=)?
    (?: "(?P<straight>(?:[^"\\]|\\.)*)" | '(?P<single>[^']*)' | [“„](?P<curly>[^”“]*)[”“] )(?=\s|$)
    | (?P<bare>\S+)""",
    re.VERBOSE | re.DOTALL,
)
_OPEN_QUOTE = re.compile(rf"""(?:{_DASHES}\w[\w-]*=)?["'“„]""")
_LINK = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Help:
    """The person wants to know what there is."""


@dataclass(frozen=True, slots=True)
class Delete:
    """The person wants a snapshot deleted. The name may be the id of a deletion."""

    name: str
    region: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """It can't be meant as typed; `instead` is a command that can be pasted."""

    problem: str
    instead: str = "help"


Command = Help | Delete | Mistake


class _WrongError(Exception):
    """What was typed can't be meant so."""

    def __init__(self, problem: str, instead: str = "help") -> None:
        self.mistake = Mistake(problem, instead)
        super().__init__(problem)


class _Word(NamedTuple):
    """A word as typed; what was in quotation marks is no option, whatever it begins with."""

    text: str
    option: str = ""  # such as `--reason`; then `text` is its value
    has_value: bool = False  # else the value is the next word


def parse(text: str) -> Command:
    """What somebody typed, on a desktop or a phone, as Slack delivers it."""
    try:
        words = _split(text)
        first = words[0] if words else _Word("help")
        match first.option or first.text.lower():
            case "help" | "--help" | "?":
                return Help()
            case "delete":
                return _delete(words[1:])
            case other:
                return _unknown(other, words[1:])
    except _WrongError as error:
        return error.mistake


def render(command: Delete) -> str:
    """The command as it is typed."""
    region = f" --region {command.region}" if command.region else ""
    escaped = command.reason.replace("\\", "\\\\").replace('"', '\\"')
    reason = f' --reason "{escaped}"' if command.reason else ""
    return f"delete {command.name}{region}{reason}"


def _split(text: str) -> list[_Word]:
    """Words as in a shell; an apostrophe within a word is one."""
    words = []
    for found in _WORD.finditer(text):
        option, bare = _dashes(found["option"] or "").rstrip("=").lower(), found["bare"]
        if bare is None:
            words.append(_Word(_as_typed(_unquoted(found)), option, has_value=bool(option)))
        elif _OPEN_QUOTE.match(bare):
            raise _WrongError("A quotation mark is not closed.")
        elif word := _dashes(_as_typed(bare, name=True).replace("`", "")):
            words.append(_bare(word))
    return words


def _unquoted(found: re.Match[str]) -> str:
    if found["straight"] is not None:
        return re.sub(r"\\(.)", r"\1", found["straight"], flags=re.DOTALL)
    return str(found["single"] if found["single"] is not None else found["curly"])


def _bare(word: str) -> _Word:
    if not word.startswith("--"):
        return _Word(word)
    option, equals, value = word.partition("=")
    return _Word(value, option.lower(), has_value=bool(equals))


def _dashes(word: str) -> str:
    """Two short dashes before an option, and one within a name."""
    return re.sub(r"^[—–]", "--", word) if re.match(r"[—–]\w", word) else re.sub("[—–]", "-", word)


def _as_typed(text: str, *, name: bool = False) -> str:
    """Take back what Slack made of it: links, mentions, entities. In a name, an address is not meant as one.

    Source: https://docs.slack.dev/interactivity/implementing-slash-commands (escaping)
    """

    def plain(found: re.Match[str]) -> str:
        sign, target, label = found[1], found[2], found[3]
        shown = label or (re.sub(r"^(?:https?://|mailto:)", "", target) if name else target)
        return f"{'@' if sign == '!' else sign}{shown}"

    typed = _LINK.sub(plain, text)
    return typed.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _delete(words: Sequence[_Word]) -> Delete:
    bare, options = _sorted_out(words)
    if not bare:
        raise _WrongError("Which snapshot? Its name goes behind `delete`.", "delete NAME")
    name, extra = bare[0], " ".join(bare[1:])
    region = options["--region"].lower() if "--region" in options else None
    reason = options.get("--reason", "").strip()
    if region and not _REGION.fullmatch(region):
        raise _WrongError("That is no region; one looks like `us-east-1`.")
    if not _NAME.fullmatch(name):
        raise _wrong_name(name, region, reason)
    if extra:
        reason = " ".join(filter(None, (reason, extra)))[:MAX_REASON].strip()
        instead = render(Delete(name, region, reason))
        raise _WrongError("Only one name goes behind `delete`; a reason goes in quotes.", instead)
    if len(reason) > MAX_REASON:
        raise _WrongError(f"The reason has {len(reason)} characters; {MAX_REASON} is the most.", f"delete {name}")
    return Delete(name, region, reason)


def _sorted_out(words: Sequence[_Word]) -> tuple[list[str], dict[str, str]]:
    """Bare words, and options with their values."""
    bare: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not word.option:
            bare.append(word.text)
            continue
        if word.option not in _OPTIONS:
            near = difflib.get_close_matches(word.option, _OPTIONS, n=1)
            raise _WrongError(f"There is no option `{word.option}`." + (f" Did you mean `{near[0]}`?" if near else ""))
        value = word if word.has_value else next(rest, _Word(""))
        if not value.text or (value is not word and value.option):
            raise _WrongError(f"`{word.option}` needs a value behind it.")
        if word.option in options:
            raise _WrongError(f"`{word.option}` is there twice.")
        options[word.option] = value.text
    return bare, options


def _wrong_name(name: str, region: str | None, reason: str) -> _WrongError:
    """A name that AWS can't have given: 2 to 255 letters, digits, `_`, `-`, `.`, none of these at the ends.

    Source: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateInstanceSnapshot.html
    """
    problem = (
        "That can't be a snapshot's name: it has 2 to 255 letters, digits, `-`, `_` or `.`, "
        "and begins and ends with a letter or digit."
    )
    trimmed = re.sub(r"^[\W_]+|[\W_]+$", "", name)
    if _NAME.fullmatch(trimmed):
        return _WrongError(problem, render(Delete(trimmed, region, reason[:MAX_REASON])))
    return _WrongError(problem)


def _unknown(word: str, rest: Sequence[_Word]) -> Mistake:
    near = difflib.get_close_matches(word, SUBCOMMANDS, n=1, cutoff=0.5)
    if not near:
        return Mistake("I don't know that command.")
    problem = f"I don't know that command. Did you mean `{near[0]}`?"
    if near[0] == "help":
        return Mistake(problem)
    try:
        return Mistake(problem, render(_delete(rest)))
    except _WrongError as error:
        return Mistake(problem, error.mistake.instead)
