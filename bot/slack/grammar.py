"""The text behind `/snapshot` becomes a command, or a mistake with its correction. No I/O."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

SUBCOMMANDS = ("delete", "help")
MAX_REASON = 3000  # characters
_OPTIONS = ("--region", "--reason")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,253}[A-Za-z0-9]")
_WORD = re.compile(
    r"""\s*(?:
        (?P<option>(?:--|—|–)\w[\w-]*=)?
        (?: "(?P<straight>(?:[^"\\]|\\.)*)" | '(?P<single>[^']*)' | [“„](?P<curly>[^”“]*)[”“] )(?=\s|$)
        | (?P<bare>\S+)
    )""",
    re.VERBOSE | re.DOTALL,
)
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


def parse(text: str) -> Command:
    """What somebody typed, on a desktop or a phone, as Slack delivers it."""
    try:
        words = _split(text)
        match words[0].lower() if words else "help":
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


def _split(text: str) -> list[str]:
    """Words as in a shell; an apostrophe within a word is one."""
    words: list[str] = []
    for found in _WORD.finditer(text):
        bare = found["bare"]
        if bare is None:
            quoted = next(part for part in (found["straight"], found["single"], found["curly"]) if part is not None)
            if found["straight"] is not None:
                quoted = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
            words.append(_option(found["option"] or "") + _as_typed(quoted))
        elif re.match(r"""(?:(?:--|—|–)\w[\w-]*=)?["'“„]""", bare):
            raise _WrongError("A quotation mark is not closed.")
        else:
            words.append(_option(_as_typed(bare).replace("`", "")))
    return [word for word in words if word]


def _option(word: str) -> str:
    """Phones make one long dash of two short ones."""
    return re.sub(r"^[—–]", "--", word) if re.match(r"[—–]\w", word) else re.sub("[—–]", "-", word)


def _as_typed(text: str) -> str:
    """Take back what Slack made of it: links, mentions, entities.

    Source: https://docs.slack.dev/interactivity/implementing-slash-commands (escaping)
    """

    def plain(found: re.Match[str]) -> str:
        sign, target, label = found[1], found[2], found[3]
        shown = label or re.sub(r"^(?:https?://|mailto:)", "", target)
        return f"{'@' if sign == '!' else sign}{shown}"

    return unescape(_LINK.sub(plain, text)) if "<" in text or "&" in text else text


def _delete(words: Sequence[str]) -> Delete:
    bare, options = _sorted_out(words)
    if not bare:
        raise _WrongError("Which snapshot? Its name goes behind `delete`.", "delete NAME")
    name, extra = bare[0], " ".join(bare[1:])
    region = options["--region"].lower() if "--region" in options else None
    reason = options.get("--reason", "").strip()
    if not _NAME.fullmatch(name):
        raise _wrong_name(name, region, reason)
    if extra:
        instead = render(Delete(name, region, " ".join(filter(None, (reason, extra)))))
        raise _WrongError("Only one name goes behind `delete`; a reason goes in quotes.", instead)
    if len(reason) > MAX_REASON:
        raise _WrongError(f"The reason has {len(reason)} characters; {MAX_REASON} is the most.", f"delete {name}")
    return Delete(name, region, reason)


def _sorted_out(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Bare words, and options with their values."""
    bare: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if not word.startswith("--"):
            bare.append(word)
            continue
        option, equals, value = word.partition("=")
        option = option.lower()
        if option not in _OPTIONS:
            near = difflib.get_close_matches(option, _OPTIONS, n=1)
            raise _WrongError(f"There is no option `{option}`." + (f" Did you mean `{near[0]}`?" if near else ""))
        value = value if equals else next(rest, "")
        if not value or (not equals and value.startswith("--")):
            raise _WrongError(f"`{option}` needs a value behind it.")
        if option in options:
            raise _WrongError(f"`{option}` is there twice.")
        options[option] = value
    return bare, options


def _wrong_name(name: str, region: str | None, reason: str) -> _WrongError:
    """A name that AWS could not have given: 2 to 255 letters, digits, `_`, `-`, `.`, none of these at the ends.

    Source: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateInstanceSnapshot.html
    """
    problem = (
        "That can't be a snapshot's name: it has 2 to 255 letters, digits, `-`, `_` or `.`, "
        "and begins and ends with a letter or digit."
    )
    trimmed = re.sub(r"^\W+|[\W_]+$", "", name)
    if _NAME.fullmatch(trimmed):
        return _WrongError(problem, render(Delete(trimmed, region, reason)))
    return _WrongError(problem)


def _unknown(word: str, rest: Sequence[str]) -> Mistake:
    near = difflib.get_close_matches(word, SUBCOMMANDS, n=1, cutoff=0.5)
    if not near:
        return Mistake("I don't know that command.")
    corrected = parse(" ".join([near[0], *(f'"{part}"' if " " in part else part for part in rest)]))
    instead = render(corrected) if isinstance(corrected, Delete) else near[0]
    return Mistake(f"I don't know that command. Did you mean `{near[0]}`?", instead)
