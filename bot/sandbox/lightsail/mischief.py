"""What is planned to go wrong: with which calls, how often, and what it does to their answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


ROLE_ACTION = "AssumeRole"  # of STS, which faults can be planned for by its name alone


class Site(NamedTuple):
    """Where a call goes, as far as plans look at it."""

    action: str
    region: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """Refused before anything is done."""

    code: str
    status: int
    message: str
    retry_after: float | None = None  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Lose:
    """The connection ends instead of an answer: before anything is done, or after everything is."""

    before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """Done on arrival, and answered late."""

    seconds: float


class Garbage(StrEnum):
    """The ways in which an answer can be no answer of Lightsail's."""

    HTML = "html"  # a page of a proxy in between
    EMPTY = "empty"
    TRUNCATED = "truncated"  # the first half of the answer
    NOT_JSON = "not-json"
    WRONG_SHAPE = "wrong-shape"  # JSON with a text wherever a list or an object belongs


@dataclass(frozen=True, slots=True, kw_only=True)
class Garble:
    """The answer is garbage; the call has been carried out all the same, or has never come that far."""

    kind: Garbage
    status: int | None = None
    before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The answer is JSON as it should be, but with entries and fields that callers may not expect.

    `operations` is how many entries the answer's list has, or "missing" for no list at all. `drop` are the
    fields that are left out of every entry, "*" for all that AWS may leave out. `extra` are fields that are
    put over those that are there. `status` is put in the place of each entry's status or state.
    """

    operations: int | str | None = None
    drop: Sequence[str] = ()
    extra: Mapping[str, object] | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """No call reaches the region."""


class Credentials(StrEnum):
    """What AWS can find of the credentials that a call is signed with."""

    FINE = "fine"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    INVALID_SIGNATURE = "invalid_signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Credentials are not accepted."""

    credentials: Credentials


What = Fail | Lose | Slow | Garble | Shape | Down | Refused

NAMES: Mapping[type, str] = {
    Fail: "fail",
    Lose: "lose",
    Slow: "slow",
    Garble: "garble",
    Shape: "shape",
    Down: "down",
    Refused: "credentials",
}

Kind = TypeVar("Kind", bound=What)


@dataclass(frozen=True, slots=True, kw_only=True)
class Armed:
    """A plan as it stands, to look at; None is any action, region or account, and any number of times."""

    kind: str
    action: str | None
    region: str | None
    account: str | None
    times: int | None
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What happens to the next calls of an action, region and account, so many times or until it is healed."""

    what: What
    action: str | None = None
    region: str | None = None
    account: str | None = None
    times: int | None = 1

    def hits(self, site: Site) -> bool:
        """Whether it is meant for that call."""
        wanted = (self.action, self.region, self.account)
        return all(want in {None, is_there} for want, is_there in zip(wanted, site, strict=True))

    def armed(self) -> Armed:
        """To look at."""
        return Armed(
            kind=NAMES[type(self.what)],
            action=self.action,
            region=self.region,
            account=self.account,
            times=self.times,
            details=asdict(self.what),
        )


class Plans:
    """All of them, in the order in which they were made."""

    def __init__(self) -> None:
        self._plans: list[Plan] = []

    def __iter__(self) -> Iterator[Plan]:
        return iter(self._plans)

    def add(self, plan: Plan) -> None:
        """Let calls run into this. ValueError where it is meant for fewer than no calls."""
        if plan.times is not None and plan.times < 0:
            raise ValueError("a plan is for 0 times or more")
        if plan.times != 0:
            self._plans.append(plan)

    def take(self, kind: type[Kind], site: Site, which: Callable[[Kind], bool] = lambda _: True) -> Kind | None:
        """What the first plan of that kind does to the call, which counts as one of its times."""
        for at, plan in enumerate(self._plans):
            if isinstance(plan.what, kind) and plan.hits(site) and which(plan.what):
                self._use(at, plan)
                return plan.what
        return None

    def withdraw(self, kind: type[What], *, region: str | None = None, account: str | None = None) -> None:
        """Forget the plans of that kind for just that region and account."""
        self._plans = [
            plan
            for plan in self._plans
            if not (isinstance(plan.what, kind) and (plan.region, plan.account) == (region, account))
        ]

    def _use(self, at: int, plan: Plan) -> None:
        if plan.times is not None:
            left = replace(plan, times=plan.times - 1)
            self._plans[at : at + 1] = [left] if left.times else []
