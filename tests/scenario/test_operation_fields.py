"""Every field of an operation and every shape of the answer to the call: what is told, and what is kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from bot.sandbox import company
from bot.sandbox.lightsail import Step
from bot.sandbox.slack import Message, message_problems
from storage.tables import Operation
from tests.conftest import World

NAME = company.OLD_RELEASE
DELETE = "DeleteInstanceSnapshot"
pytestmark = pytest.mark.usefixtures("brisk")

CHECKED = "Checked: the snapshot is gone."
NOT_OURS = "so we cannot say whether it was our call"
LAST_WORD = "AWS never gave a final answer"


@pytest.fixture
def confirmed(world: World) -> Callable[[], Message]:
    """Has Ann confirm a deletion; returns its card."""

    def confirm() -> Message:
        world.start()
        world.grant(world.staff.ann)
        card = world.ask(world.staff.ann, NAME)
        world.staff.ann.clicks("Delete snapshot", message=card)
        world.slack.wait_for(lambda: "Delete snapshot" not in world.now(card).buttons(), what="decision")
        return card

    return confirm


def kept(world: World) -> list[Operation]:
    with world.database.reading() as tx:
        return list(tx.exec(select(Operation).order_by(Operation.id)))


def to_the_millisecond(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(microsecond=moment.microsecond // 1000 * 1000)


# Every field


def test_every_field_of_an_operation_is_kept(world: World, confirmed: Callable[[], Message]) -> None:
    world.aws.shape(DELETE, extra={"operationDetails": "web-1", "errorCode": "None", "errorDetails": "Nothing"})
    world.comes_to(confirmed(), "✅ Deleted")

    (told,), (row,) = world.aws.operations(), kept(world)
    assert row == Operation(
        id=told.id,
        deletion_id=world.deletion().id,
        said=1,
        resource_name=NAME,
        resource_type="InstanceSnapshot",
        created_at=row.created_at,
        availability_zone="all",
        region_name="us-east-1",
        is_terminal=True,
        operation_details="web-1",
        operation_type=DELETE,
        status="Succeeded",
        status_changed_at=row.status_changed_at,
        error_code="None",
        error_details="Nothing",
    )
    assert to_the_millisecond(row.created_at) == told.created_at
    assert to_the_millisecond(row.status_changed_at) == told.status_changed_at


def test_times_are_kept_in_utc(world: World, confirmed: Callable[[], Message]) -> None:
    world.aws.shape(DELETE, extra={"createdAt": 1479816991.349, "statusChangedAt": 1479816992})
    world.comes_to(confirmed(), "✅ Deleted")

    (row,) = kept(world)
    assert row.created_at == datetime(2016, 11, 22, 12, 16, 31, 349000, tzinfo=UTC)
    assert row.status_changed_at == datetime(2016, 11, 22, 12, 16, 32, tzinfo=UTC)


def test_what_a_later_answer_leaves_out_is_kept_from_the_one_before(
    world: World, confirmed: Callable[[], Message]
) -> None:
    world.aws.pace("manual")
    card = confirmed()
    world.told(card, "AWS: NotStarted")
    world.aws.shape("GetOperation", drop=["*", "isTerminal"], times=None)
    (told,) = world.aws.operations()
    world.aws.advance(told.id)
    world.comes_to_tell(card, "AWS: Started")

    (row,) = kept(world)
    assert (row.status, row.is_terminal, row.resource_name, row.region_name) == ("Started", None, NAME, "us-east-1")
    assert to_the_millisecond(row.created_at) == told.created_at


# Every shape


@dataclass(frozen=True)
class Shape:
    """How the answer to the call looks, and what people then read."""

    name: str
    thread: tuple[str, ...]
    card: str = "✅ Deleted"
    pace: str | list[Step] = "at-once"
    shape: dict[str, object] = field(default_factory=dict)
    unsaid: tuple[str, ...] = ()
    operations: int = 1

    def __str__(self) -> str:
        return self.name


OPEN = "It is not clear whether the call was carried out."
SHAPES = [
    Shape("one", ("AWS: Succeeded · operation", CHECKED), unsaid=("error", "details", "which is", " on ")),
    Shape("two", ("AWS: Succeeded", CHECKED), shape={"operations": 2}, operations=2),
    Shape("five", ("AWS: Succeeded", CHECKED), shape={"operations": 5}, operations=5),
    Shape(
        "none",
        (OPEN, "AWS took the call, but did not say what it made of it", "AWS: Succeeded", CHECKED),
        shape={"operations": 0},
    ),
    Shape("no list", (OPEN, "AWS's answer could not be read", CHECKED), shape={"operations": "missing"}),
    Shape("ids missing", (OPEN, f"{DELETE}: NoOperation", CHECKED), shape={"drop": ["id"]}),
    Shape("ids that are no texts", (OPEN, CHECKED), shape={"extra": {"id": 7}}),
    Shape("bare", ("AWS: Succeeded", CHECKED), shape={"drop": ["*"]}),
    *(
        Shape(f"without {name}", ("AWS: Succeeded", CHECKED), shape={"drop": [name]})
        for name in (
            "resourceName",
            "resourceType",
            "createdAt",
            "location",
            "isTerminal",
            "operationDetails",
            "operationType",
            "statusChangedAt",
            "errorCode",
            "errorDetails",
        )
    ),
    Shape("without status", ("AWS told of an operation, but no status", LAST_WORD), shape={"drop": ["status"]}),
    Shape(
        "an unknown status that is final",
        ("AWS: Vanished", f"{LAST_WORD} (its last word: Vanished), {NOT_OURS}"),
        shape={"status": "Vanished"},
    ),
    Shape(
        "an unknown status, and nobody says whether it is final",
        ("AWS: Paused", "AWS: Succeeded", CHECKED),
        shape={"status": "Paused", "drop": ["isTerminal"]},
    ),
    Shape("a final status that is no success", ("AWS: Completed", CHECKED), shape={"status": "Completed"}),
    Shape(
        "said to be final, although it goes on",
        ("AWS: Started", LAST_WORD),
        shape={"status": "Started", "extra": {"isTerminal": True}},
    ),
    Shape(
        "said to go on, although it is over",
        ("AWS: Succeeded", CHECKED),
        shape={"extra": {"isTerminal": False}},
    ),
    Shape("a word where a yes belongs", ("AWS: Succeeded", CHECKED), shape={"extra": {"isTerminal": "yes"}}),
    Shape(
        "details", ("details: Debian-1GB-Ohio-1", CHECKED), shape={"extra": {"operationDetails": "Debian-1GB-Ohio-1"}}
    ),
    Shape(
        "an error beside success",
        ("error Odd: Why?", CHECKED),
        shape={"extra": {"errorCode": "Odd", "errorDetails": "Why?"}},
    ),
    Shape("another thing's name", ("on disk-1", CHECKED), shape={"extra": {"resourceName": "disk-1"}}),
    Shape("of another type", ("which is DeleteDisk", CHECKED), shape={"extra": {"operationType": "DeleteDisk"}}),
    Shape(
        "hostile",
        ("AWS: <!channel>", "error *x*: <@U1>", "details: <!here>"),
        shape={
            "status": "<!channel>",
            "extra": {"errorCode": "*x*", "errorDetails": "<@U1>", "operationDetails": "<!here>"},
        },
    ),
    Shape("long", ("error E: xxx", CHECKED), shape={"extra": {"errorCode": "E", "errorDetails": "x" * 9000}}),
    Shape(
        "failed",
        ("AWS: Failed", "error SnapshotInUse: It is being copied.", "AWS's operation failed (SnapshotInUse)."),
        card="❌ Not deleted",
        pace=[Step("Failed", 0, "SnapshotInUse", "It is being copied.")],
    ),
    Shape(
        "failed without a code",
        ("AWS: Failed", "error: It is being copied.", "AWS's operation failed. AWS says: “It is being copied”."),
        card="❌ Not deleted",
        pace=[Step("Failed", 0, None, "It is being copied.")],
    ),
    Shape(
        "failed without a word",
        ("AWS: Failed", "AWS's operation failed."),
        card="❌ Not deleted",
        pace=[Step("Failed")],
    ),
    Shape(
        "ended in a way that nobody knows, and it is still there",
        ("AWS: Cancelled", "AWS's operation ended as Cancelled."),
        card="❌ Not deleted",
        pace=[Step("Failed")],
        shape={"status": "Cancelled"},
    ),
]


@pytest.mark.parametrize("told", SHAPES, ids=str)
def test_an_answer_of_any_shape_is_told_and_believed_no_further_than_it_goes(
    world: World, confirmed: Callable[[], Message], told: Shape
) -> None:
    world.aws.pace(told.pace)
    if told.shape:
        world.aws.shape(DELETE, **told.shape)  # type: ignore[arg-type]
    card = confirmed()

    ended = world.comes_to(card, told.card)
    thread = "\n".join(world.comes_to_tell(card, words) for words in told.thread)
    for words in told.unsaid:
        assert words not in thread
    replies = world.slack.thread(world.staff.ops, card.ts)
    for one in (ended, *replies):
        assert message_problems({"text": one.text, "blocks": one.blocks}) == []
    assert "<!channel>" not in str([one.blocks for one in replies])
    assert len(kept(world)) == told.operations
    assert len(world.aws.calls(DELETE)) == 1
    assert world.exists(NAME) == (told.card == "❌ Not deleted")


def test_of_several_operations_each_status_is_told_and_all_must_end(
    world: World, confirmed: Callable[[], Message]
) -> None:
    world.aws.pace("manual")
    world.aws.shape(DELETE, operations=2)
    card = confirmed()
    first = world.told(card, "AWS: NotStarted")
    for operation in world.aws.operations():
        world.aws.advance(operation.id)
        world.aws.advance(operation.id)
    world.comes_to(card, "✅ Deleted")
    thread = world.told(card, CHECKED)

    assert first.count("AWS: NotStarted") == 2
    assert thread.count("AWS: Succeeded") == 2


def test_one_failure_of_several_is_a_failure_while_the_snapshot_is_there(
    world: World, confirmed: Callable[[], Message]
) -> None:
    world.aws.pace("manual")
    world.aws.shape(DELETE, operations=2)
    card = confirmed()
    world.told(card, "AWS: NotStarted")
    deletes, other = world.aws.operations()
    world.aws.advance(other.id)
    world.aws.advance(other.id)
    world.aws.fail_operation(deletes.id, "SnapshotInUse", "It is being copied.")

    assert "AWS's operation failed (SnapshotInUse)" in world.comes_to(card, "❌ Not deleted").reads()
    assert world.exists(NAME)


def test_a_status_that_goes_back_is_told_each_time(world: World, confirmed: Callable[[], Message]) -> None:
    world.aws.pace([("Started", 0), ("NotStarted", None), ("Started", None), ("Succeeded", None)])
    card = confirmed()
    world.told(card, "AWS: Started")
    (operation,) = world.aws.operations()
    for status, times in (("NotStarted", 1), ("Started", 2), ("Succeeded", 1)):
        world.aws.advance(operation.id)
        world.passes(lambda said=f"AWS: {status}", n=times: world.thread(card).count(said) >= n, status)  # type: ignore[misc]
    world.comes_to(card, "✅ Deleted")

    thread = world.told(card, CHECKED)
    assert [thread.count(f"AWS: {status}") for status in ("Started", "NotStarted", "Succeeded")] == [2, 1, 1]


def test_an_error_that_comes_without_a_new_status_is_told(world: World, confirmed: Callable[[], Message]) -> None:
    world.aws.pace("never")
    card = confirmed()
    world.told(card, "AWS: Started")
    world.aws.shape("GetOperation", extra={"errorCode": "Slow", "errorDetails": "Busy today."}, times=None)

    assert world.comes_to_tell(card, "error Slow: Busy today.").count("AWS: Started") == 2


def test_an_operation_that_says_it_has_succeeded_while_the_snapshot_stays_is_not_known(
    world: World, confirmed: Callable[[], Message]
) -> None:
    world.aws.pace("never")
    world.aws.shape(DELETE, status="Succeeded")
    card = confirmed()
    unknown = world.comes_to(card, "Not known yet").reads()

    assert "AWS says Succeeded, but still shows the snapshot." in unknown
    assert len(world.aws.calls(DELETE)) == 1


def test_an_operation_that_never_ends_is_looked_at_after_1_5_and_30_minutes_and_then_every_hour(
    world: World, confirmed: Callable[[], Message]
) -> None:
    world.aws.pace("never")
    card = confirmed()
    looks: list[float] = []

    def has_looked_often_enough() -> bool:
        deletion = world.deletion()
        if "since" not in deletion.facts:
            return False
        assert deletion.due_at
        minutes = round((deletion.due_at - datetime.fromisoformat(deletion.facts["since"])).total_seconds() / 60)
        if minutes not in looks:
            looks.append(minutes)
        return len(looks) >= 5

    world.passes(has_looked_often_enough, "fifth look")

    assert looks == [1, 5, 30, 90, 150]
    assert len(world.aws.calls(DELETE)) == 1
    assert world.thread(card).count("It is not known whether the snapshot is deleted.") == 1
