"""The text behind `/snapshot` becomes a command, or a mistake with its correction. No I/O.

Everything is read as kindly as it can be, and what was wrong is noted. Without a note it is the command; with one it
is a mistake, and the kind reading is the command to paste instead.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.attributes import problem_of
from bot.model import PATTERN, REGION
from bot.slack import words as w
from bot.slack.commands import (
    ALL,
    Attributes,
    Can,
    Delete,
    Doctor,
    Freeze,
    Grant,
    Help,
    History,
    Meant,
    Permissions,
    Revoke,
    Show,
    Status,
    Tags,
    Unfreeze,
    render,
)
from bot.slack.tokens import Word, words
from bot.spans import duration
from storage.tables import EVERYBODY, Action

MAX_REASON = 3000  # characters
MAX_TEXT = 20_000  # characters, as Slack delivers them; nobody types as many
MAX_NOTE = 300  # characters
_FLAGS = ("--deny", "--dry-run", "--export", "--public")
_SAID = ("--note", "--reason", "--remove", "--tag")  # their values are somebody's own words
_TAG_LIMIT = 128 + 1 + 256  # characters; https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_Tag.html
_LONGEST = timedelta(days=3650)
ME = "me"
_NOBODY = "@user"  # stands where somebody belongs
_MENTION = re.compile(r"<(?:@|!subteam\^)([UWS][A-Z0-9]{2,})(?:\|[^<>]*)?>")
_ID = re.compile(r"@?([UWS][A-Z0-9]{6,})")
_ALSO = {
    **dict.fromkeys(("remove", "rm", "del", "destroy", "drop", "erase"), "delete"),
    "stop": "freeze",
    **dict.fromkeys(("allow", "permit", "deny"), "grant"),
    **dict.fromkeys(("info", "describe"), "show"),
    **dict.fromkeys(("log", "audit"), "history"),
    **dict.fromkeys(("check", "diagnose", "health"), "doctor"),
    **dict.fromkeys(("rules", "who"), "permissions"),
    **dict.fromkeys(("pending", "running"), "status"),
    **dict.fromkeys(("attribute", "tags"), "attributes"),
}
_FILLERS = ("snapshot", "snapshots", "the", "a", "my")
_NO_NAME = "NAME"  # stands where a name belongs
_SHOWABLE = 2000  # characters of a command to paste: a cut one would be another command
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,253}[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Mistake:
    """It can't be meant as typed; `instead` is a command that can be pasted."""

    problem: str
    instead: str = "help"


Command = Meant | Mistake


def parse(text: str) -> Command:
    """What somebody typed, on a desktop or a phone, as Slack delivers it."""
    if len(text) > MAX_TEXT:
        return Mistake("That is too long for me to read.")
    problems: list[str] = []
    typed = list(words(w.visible(text), problems))
    if typed and typed[0].text.lower() == "/snapshot":  # pasted behind one that was typed
        typed = typed[1:]
    first = typed[0].option or typed[0].text.lower() if typed else "help"
    if first in ("help", "--help", "-h", "?"):
        return Help()
    read = _read(first, typed[1:], problems) if first in _READERS else _unknown(first, typed, problems)
    return Mistake(problems[0], _to_paste(read)) if problems else read


def _read(command: str, rest: Sequence[Word], problems: list[str]) -> Meant:
    if any(word.option in ("--help", "--h") for word in rest):
        return Help()
    return _READERS[command](rest, problems)


def _to_paste(command: Meant) -> str:
    whole = render(command)
    if len(w.entities(whole)) <= _SHOWABLE:
        return whole
    match command:
        case Delete() | Freeze():
            return render(replace(command, reason=""))
        case Grant():
            return render(replace(command, note="", tags=()))
        case _:
            return "help"


# Commands


def _unknown(first: str, words: Sequence[Word], problems: list[str]) -> Meant:
    """The nearest command to one that there is not."""
    near = _nearest(first)
    before, after = _around_delete(words)
    rest: Sequence[Word] = words[1:]
    if near not in ("", "help", "delete") and not _looks_like_a_name(words[0].name):
        problems.insert(0, f"I don't know that command. Did you mean `{near}`?")
        return _READERS[near](rest, problems)
    if len(before) < len(words):
        problems.insert(0, "`delete` comes first.")
        rest = [*before, *after] if words[0].option else after or before
    elif near == "delete":
        problems.insert(0, "I don't know that command. Did you mean `delete`?")
    elif near != "help" and not words[0].option and _looks_like_a_name(words[0].name):
        problems.insert(0, "What shall I do with it? To delete it, `delete` comes first.")
        rest = words
    else:
        problems.insert(0, "I don't know that command." + (" Did you mean `help`?" if near == "help" else ""))
        return Help()
    return _delete(rest, problems)


def _nearest(first: str) -> str:
    if first in _ALSO:
        return _ALSO[first]
    near = difflib.get_close_matches(first, SUBCOMMANDS, n=1, cutoff=0.5)
    return near[0] if near else ""


def _around_delete(words: Sequence[Word]) -> tuple[Sequence[Word], Sequence[Word]]:
    """What stands before the word `delete`, and what behind it."""
    at = next((at for at, word in enumerate(words) if word.text.lower() == "delete"), len(words))
    return words[:at], words[at + 1 :]


def _looks_like_a_name(word: str) -> bool:
    return bool(_NAME.fullmatch(word) and re.search(r"[\d_.-]", word))


def _delete(words: Sequence[Word], problems: list[str]) -> Delete:
    bare, options, _ = _sorted_out(words, problems, ("--region", "--reason", "--dry-run"))
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


def _freeze(words: Sequence[Word], problems: list[str]) -> Freeze:
    """All that stands behind it is the reason, with or without quotation marks."""
    reason = " ".join(word.text for word in words if word.option in ("", "--reason")).strip()
    if strange := next((word.option for word in words if word.option not in ("", "--reason")), None):
        problems.append(f"`freeze` takes no option `{strange}`, only a reason.")
    if len(reason) > MAX_REASON:
        problems.append(f"The reason has {len(reason)} characters; {MAX_REASON} is the most.")
        reason = ""
    return Freeze(reason)


def _unfreeze(words: Sequence[Word], problems: list[str]) -> Unfreeze:
    if words:
        problems.append("Nothing goes behind `unfreeze`.")
    return Unfreeze()


def _grant(words: Sequence[Word], problems: list[str]) -> Grant:
    known = ("--region", "--tag", "--for", "--deny", "--note")
    bare, options, tags = _sorted_out(words, problems, known)
    for filler in ("to", "may", "can"):
        bare = [word for word in bare if word.text.lower() != filler]
    subject = _subject(bare[:1], "grant", problems)
    action = _action(bare[1:2], problems)
    pattern = _pattern(bare[2].name, problems) if len(bare) > 2 else ALL  # noqa: PLR2004
    note = options.get("--note", "").strip()
    if extra := " ".join(word.text for word in bare[3:]).strip():
        problems.append("Behind the person come one action and one pattern; a note goes in quotes.")
        note = " ".join(filter(None, (note, extra)))
    if len(note) > MAX_NOTE:
        problems.append(f"The note has {len(note)} characters; {MAX_NOTE} is the most.")
        note = ""
    region = _region(options.get("--region", ""), problems)
    lasting = _span(options.get("--for", ""), "--for", problems)
    conditions = _tags(tags, problems)
    is_deny = "--deny" in options
    if action is Action.ADMIN and not is_deny and (pattern != ALL or region or conditions):
        problems.append("`admin` is about everything: it takes no pattern, region or tag.")
        pattern, region, conditions = ALL, None, ()
    return Grant(subject, action, pattern, region, conditions, lasting, is_deny, note)


def _revoke(words: Sequence[Word], problems: list[str]) -> Revoke:
    bare, _, _ = _sorted_out(words, problems, ())
    bare = [word for word in bare if word.text.lower() not in ("rule", "permission")]
    found = re.fullmatch(r"#?([0-9]{1,9})", bare[0].text) if bare else None
    if found is None:
        problems.append("Which permission? Its number goes behind `revoke`; `/snapshot permissions` lists them.")
    elif len(bare) > 1:
        problems.append("Only one number goes behind `revoke`.")
    return Revoke(int(found[1]) if found else 1)


def _permissions(words: Sequence[Word], problems: list[str]) -> Permissions:
    bare, _, _ = _sorted_out(words, problems, ())
    if len(bare) > 1:
        problems.append("Only one person or group goes behind `permissions`.")
    return Permissions(_subject(bare[:1], "permissions", problems) if bare else None)


def _attributes(words: Sequence[Word], problems: list[str]) -> Attributes:
    bare, options, _ = _sorted_out(words, problems, ("--remove",))
    subject = _subject(bare[:1], "attributes", problems) if bare or options else None
    put: dict[str, tuple[str, str]] = {}
    for word in bare[1:]:
        key, equals, value = (part.strip() for part in word.text.partition("="))
        if not equals:
            problems.append("An attribute is written `key=value`, such as `team=blue`.")
        elif wrong := problem_of(key, value):
            problems.append(wrong)
        elif key.lower() in put:
            problems.append(f"`{key}` is there twice; AWS tells no upper and lower case of names apart.")
        else:
            put[key.lower()] = (key, value)
    drop = dict.fromkeys(key.strip() for key in options.get("--remove", "").split(",") if key.strip())
    if both := next((key for key in drop if key.lower() in put), None):
        problems.append(f"`{both}` can't be set and removed at once.")
        del drop[both]
    return Attributes(subject, tuple(put.values()), tuple(drop))


def _can(words: Sequence[Word], problems: list[str]) -> Can:
    bare, options, _ = _sorted_out(words, problems, ("--region",))
    subject = _subject(bare[:1], "can", problems)
    action = _action(bare[1:2], problems)
    if len(bare) > 3:  # noqa: PLR2004
        problems.append("Behind the person come one action and one name.")
    name = _name(bare[2].name if len(bare) > 2 else "", problems, "can @user delete")  # noqa: PLR2004
    return Can(subject, action, name, _region(options.get("--region", ""), problems))


def _show(words: Sequence[Word], problems: list[str]) -> Show:
    bare, options, _ = _sorted_out(words, problems, ("--region", "--public"))
    if len(bare) > 1 and bare[0].text.lower() in _FILLERS:
        problems.append("Only the name goes behind `show`.")
        bare = bare[1:]
    if len(bare) > 1:
        problems.append("Only one name goes behind `show`.")
    name = _name(bare[0].name if bare else "", problems, "show")
    return Show(name, _region(options.get("--region", ""), problems), "--public" in options)


def _history(words: Sequence[Word], problems: list[str]) -> History:
    bare, options, _ = _sorted_out(words, problems, ("--since", "--public", "--export"))
    if len(bare) > 1:
        problems.append("Only one name or person goes behind `history`.")
    name = subject = None
    if bare and (bare[0].text.startswith(("@", "<")) or bare[0].raw.startswith("<!") or bare[0].text.lower() == ME):
        subject = _subject(bare[:1], "history", problems)
    elif bare:
        name = _name(bare[0].name, problems, "history")
    since = _span(options.get("--since", ""), "--since", problems)
    is_public, is_export = "--public" in options, "--export" in options
    if is_public and is_export:
        problems.append("A file goes to you alone: `--public` and `--export` do not go together.")
        is_public = False
    return History(name, subject, since, is_public, is_export)


def _status(words: Sequence[Word], problems: list[str]) -> Status:
    bare, options, _ = _sorted_out(words, problems, ("--public",))
    if bare:
        problems.append("Nothing goes behind `status` but `--public`.")
    return Status("--public" in options)


def _doctor(words: Sequence[Word], problems: list[str]) -> Doctor:
    if words:
        problems.append("Nothing goes behind `doctor`.")
    return Doctor()


_READERS: dict[str, Callable[[Sequence[Word], list[str]], Meant]] = {
    "delete": _delete,
    "freeze": _freeze,
    "unfreeze": _unfreeze,
    "grant": _grant,
    "revoke": _revoke,
    "permissions": _permissions,
    "attributes": _attributes,
    "can": _can,
    "show": _show,
    "history": _history,
    "status": _status,
    "doctor": _doctor,
}
SUBCOMMANDS = (*sorted(_READERS), "help")


# Parts


def _sorted_out(
    words: Sequence[Word], problems: list[str], known: Sequence[str]
) -> tuple[list[Word], dict[str, str], list[str]]:
    """Bare words, options with their values, and the tags."""
    bare: list[Word] = []
    options: dict[str, str] = {}
    tags: list[str] = []
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        if not word.option:
            bare.append(word)
            continue
        if not (option := _known(word.option, known, problems)):
            continue
        if option in _FLAGS:
            if word.has_value:
                problems.append(f"`{option}` takes no value.")
            options[option] = "yes"
            continue
        takes_next = not word.has_value and rest and not rest[-1].option
        value = rest.pop() if takes_next else word
        said = value.text if option in _SAID else value.name
        if not said.strip():
            problems.append(f"`{option}` needs a value behind it.")
            continue
        if option == "--tag":
            tags.append(said)
            continue
        if option in options:
            problems.append(f"`{option}` is there twice.")
        before = [options[option]] if option in options and option in _SAID else []
        options[option] = " ".join([*before, said])
    return [word for word in bare if word.text.strip()], options, tags


def _known(option: str, known: Sequence[str], problems: list[str]) -> str | None:
    """The option itself, or the one that it is near to."""
    if option in known:
        return option
    near = difflib.get_close_matches(option, known, n=1)
    problems.append(f"There is no option `{option}`." + (f" Did you mean `{near[0]}`?" if near else ""))
    return near[0] if near else None


def _subject(given: Sequence[Word], command: str, problems: list[str]) -> str:
    """A person or group by id; `*` for everybody, `me`, or a name that Slack has still to make an id of."""
    if not given:
        problems.append(f"Who? A person or group goes behind `{command}`, such as `@ann`.")
        return _NOBODY
    word = given[0]
    if found := _MENTION.fullmatch(word.raw) or _MENTION.fullmatch(word.text) or _ID.fullmatch(word.text):
        return found[1]
    typed = word.text.strip().lower()
    if typed in ("*", "everybody", "everyone"):
        return EVERYBODY
    if typed in (ME, "myself"):
        return ME
    if typed in ("@everyone", "@channel", "@here", "@everybody"):
        problems.append("Everybody is written `*`.")
        return EVERYBODY
    if re.fullmatch(r"@[\w.-]{1,80}", typed):
        return typed
    problems.append("A person or group is written with an @ in front, such as `@ann`.")
    return f"@{likely}" if (likely := re.sub(r"[^\w.-]+", "", typed)[:80]) else _NOBODY


def _action(given: Sequence[Word], problems: list[str]) -> Action:
    known = ", ".join(f"`{one}`" for one in Action)
    if not given:
        problems.append(f"What may they do? One of {known} goes behind the person.")
        return Action.DELETE
    typed = given[0].text.strip().lower()
    if typed in list(Action):
        return Action(typed)
    near = difflib.get_close_matches(typed, list(Action), n=1)
    problems.append(f"There is no such action; there are {known}.")
    return Action(near[0]) if near else Action.DELETE


def _pattern(typed: str, problems: list[str]) -> str:
    if PATTERN.fullmatch(typed):
        return typed
    problems.append("That can't match a snapshot's name. A pattern is a name in which * stands for anything: `web-*`.")
    return ALL


def _tags(given: Sequence[str], problems: list[str]) -> Tags:
    tags: dict[str, str | None] = {}
    for said in given:
        key, equals, value = said.partition("=")
        if not key.strip() or len(said) > _TAG_LIMIT:
            problems.append("A tag is written `key=value`, or as a key alone.")
        elif key.strip() in tags:
            problems.append("One tag can't have two values at once; make a grant for each.")
        else:
            tags[key.strip()] = value.strip() if equals else None
    return tuple(tags.items())


def _span(typed: str, option: str, problems: list[str]) -> timedelta | None:
    if not typed:
        return None
    try:
        span = duration(typed)
    except ValueError:
        span = timedelta()
    if timedelta() < span <= _LONGEST:
        return span
    problems.append(f"`{option}` takes a time such as `8h` or `30d`.")
    return None


def _region(typed: str, problems: list[str]) -> str | None:
    if not typed:
        return None
    region = typed.lower()
    if REGION.fullmatch(region):
        return region
    problems.append("That is no region; one looks like `us-east-1`.")
    found = REGION.match(region.replace("_", "-"))  # such as the zone us-east-1a
    return found[0] if found else None


def _name(typed: str, problems: list[str], command: str = "delete") -> str:
    """A name that AWS can have given: 2 to 255 letters, digits, `_`, `-`, `.`, none of these at the ends.

    Source: https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_CreateInstanceSnapshot.html
    """
    if _NAME.fullmatch(typed):
        return typed
    if not typed:
        problems.append(f"Which snapshot? Its name goes behind `{command}`.")
        return _NO_NAME
    problems.append(
        "That can't be a snapshot's name: it has 2 to 255 letters, digits, `-`, `_` or `.`, "
        "and begins and ends with a letter or digit."
    )
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", typed) if not unicodedata.combining(letter))
    likely = re.sub(r"[^A-Za-z0-9_.-]+", "-", plain).strip("-_.")
    return likely if _NAME.fullmatch(likely) else _NO_NAME
