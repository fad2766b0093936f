"""Stories that die at one boundary after the other, and the table of what became of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from storage.tables import Why
from tests.conftest import World
from tests.faults.children import Nursery
from tests.faults.edges import Strike
from tests.faults.promises import broken
from tests.faults.story import Story, Wish

_HEADS = ("runs", "went on", "typed", "clicked", "called again", "found", "gone", "looked", "BROKEN")
LEGEND = """\
went on       the next process went on, and had nothing to look for
typed         the person typed the command again: nothing had come of it
clicked       the person clicked again: nothing had come of it
called again  AWS had executed nothing, and was called again not sooner than 30 s later
found         AWS's answer was lost; its operation was found, and followed
gone          AWS's answer was lost; the snapshot was gone, and that is what is told
looked        a message was looked for in Slack before anything was sent
"""


@dataclass
class Matrix:
    """What became of stories, by the boundary at which their first process was struck."""

    title: str
    cells: dict[str, Counter[str]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def add(self, story: Story) -> None:
        """Note how a story came to its end, and which promises it broke."""
        where = story.told.struck[0] if story.told.struck else "not struck"
        cell = self.cells.setdefault(where, Counter())
        outcomes = list(_outcomes(story)) or ["went on"]
        cell.update(["runs", *outcomes])
        if wrong := broken(story):
            cell["BROKEN"] += 1
            self.broken.append("\n".join([f"Struck at {story.told.struck}:", *wrong, story.reads()]))

    def fail(self, strikes: Sequence[Strike], error: AssertionError) -> None:
        """Note a story that came to no end."""
        self.broken.append(f"Struck at {strikes}: {error}")

    def __str__(self) -> str:
        width = max(map(len, self.cells), default=0)
        heads = f"{'':{width}}  {'  '.join(_HEADS)}"
        rows = [f"{where:{width}}  {_row(cell)}" for where, cell in sorted(self.cells.items(), key=_order)]
        total = f"{'all':{width}}  {_row(sum(self.cells.values(), Counter()))}"
        return "\n".join([self.title, heads, *rows, total, ""])


def play(
    matrix: Matrix,
    world: World,
    nursery: Nursery,
    wish: Wish,
    strikes: Iterable[Sequence[Strike]],
    *,
    trouble: Callable[[World], None] = lambda _: None,
    at_pause: Callable[[], None] = lambda: None,
    settings: Mapping[str, str] | None = None,
) -> None:
    """Tell the story with each of the strikes, until one is told to its end before it was struck."""
    world.slack.unlimited()
    for struck in strikes:
        story = Story(world, nursery, wish, strikes=struck, trouble=trouble, at_pause=at_pause, settings=settings)
        try:
            story.run()
        except AssertionError as error:
            matrix.fail(struck, error)
            continue
        matrix.add(story)
        if not story.told.struck:
            return


def _outcomes(story: Story) -> Iterable[str]:
    deletion, later = story.world.deletion(), [what for life in story.told.lives[1:] for what in life]
    if story.told.asked > 1:
        yield "typed"
    if story.told.clicked > 1:
        yield "clicked"
    if deletion.attempt > 1:
        yield "called again"
    elif deletion.why is Why.LOST:
        yield "gone"
    elif any(what.startswith("AWS GetOperationsForResource") for what in later):
        yield "found"
    if any(what.startswith(("Slack conversations_history", "Slack conversations_replies")) for what in later):
        yield "looked"


def _row(cell: "Counter[str]") -> str:
    return "  ".join(f"{cell[head] or '·':>{len(head)}}" for head in _HEADS)


_MOMENTS = ("before", "uncommitted", "after")


def _order(row: "tuple[str, Counter[str]]") -> tuple[str, int]:
    what, _, moment = row[0].rpartition(" ")
    return what, _MOMENTS.index(moment) if moment in _MOMENTS else 0
