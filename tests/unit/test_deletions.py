"""Deletions and their operations, on a real SQLite."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from storage import audit, cards, deletions, notices
from storage.database import Database
from storage.deletions import Added, MovedError
from storage.tables import LIVE, Audit, CardCopy, Deletion, Notice, NoticeKind, Operation, State, Why
from tests.conftest import on_both

pytestmark = on_both

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
ARN = "arn:aws:lightsail:us-east-1:123456789012:InstanceSnapshot/1"
ENDS = [state for state in State if state not in LIVE]


def asked(number: str = "D-1", arn: str = ARN, trigger: str | None = None, state: State = State.PENDING) -> Deletion:
    return Deletion(
        id=number,
        state=state,
        team_id="T1",
        channel_id="C1",
        trigger_id=trigger or f"trigger of {number}",
        requester_id="U1",
        requester_name="ann",
        asked_at=NOW,
        expires_at=LATER,
        due_at=LATER,
        arn=arn,
        name="web-1",
        region="us-east-1",
        snapshot={},
    )


def add(database: Database, deletion: Deletion) -> Added:
    with database.transaction() as tx:
        return deletions.add(tx, deletion)


def stored(database: Database, number: str = "D-1") -> Deletion:
    with database.reading() as tx:
        return tx.get_one(Deletion, number)


def moved(database: Database, to: State, number: str = "D-1", **changes: object) -> Deletion:
    with database.transaction() as tx:
        deletion = tx.get_one(Deletion, number)
        deletions.move(tx, deletion, to, at=NOW, actor="U1", **changes)
    return deletion


def told(database: Database) -> list[Notice]:
    with database.reading() as tx:
        return list(tx.exec(select(Notice)).all())


def recorded(database: Database) -> list[Audit]:
    with database.reading() as tx:
        return list(tx.exec(select(Audit)).all())


# Asking


def test_what_is_asked_is_stored_with_its_card_and_on_the_record(database: Database) -> None:
    added = add(database, asked())

    assert added.fresh
    assert stored(database).state is State.PENDING
    with database.reading() as tx:
        copy = cards.of_deletion(tx, "D-1")
    assert copy is not None
    assert (copy.channel_id, copy.ts, copy.wanted_version, copy.shown_version) == ("C1", None, 1, 0)
    (row,) = recorded(database)
    assert (row.event, row.actor, row.facts["arn"], row.facts["channel"]) == ("asked", "U1", ARN, "C1")


@pytest.mark.parametrize("state", LIVE)
def test_a_snapshot_with_a_live_deletion_gets_no_second_one(database: Database, state: State) -> None:
    add(database, asked("D-1", state=state))
    again = add(database, asked("D-2"))

    assert (again.deletion.id, again.fresh) == ("D-1", False)
    assert [row.event for row in recorded(database)] == ["asked"]


@pytest.mark.parametrize("state", ENDS)
def test_a_snapshot_whose_deletion_has_ended_can_be_asked_for_again(database: Database, state: State) -> None:
    add(database, asked("D-1", state=state))

    assert add(database, asked("D-2")).fresh


@pytest.mark.parametrize("state", [State.PENDING, State.DELETED])
def test_a_command_that_comes_twice_is_the_same_deletion(database: Database, state: State) -> None:
    add(database, asked("D-1", trigger="1.2", state=state))
    again = add(database, asked("D-2", trigger="1.2"))

    assert (again.deletion.id, again.fresh) == ("D-1", False)


def test_snapshots_of_other_arns_are_asked_for_side_by_side(database: Database) -> None:
    add(database, asked("D-1"))

    assert add(database, asked("D-2", arn=f"{ARN}-2")).fresh


@pytest.mark.parametrize(("arn", "trigger"), [(ARN, None), (f"{ARN}-2", "trigger of D-1")])
def test_one_that_slips_past_the_look_is_caught_by_the_index(
    database: Database, monkeypatch: pytest.MonkeyPatch, arn: str, trigger: str | None
) -> None:
    """Two transactions can both look before either writes, on PostgreSQL at least."""
    add(database, asked("D-1"))
    look = deletions._standing
    seen = iter([False, True])
    monkeypatch.setattr(deletions, "_standing", lambda tx, one: look(tx, one) if next(seen) else None)

    again = add(database, asked("D-2", arn, trigger))

    assert (again.deletion.id, again.fresh) == ("D-1", False)


def test_after_a_clash_the_transaction_can_go_on(database: Database) -> None:
    add(database, asked("D-1"))
    with database.transaction() as tx:
        deletions.add(tx, asked("D-2"))
        deletions.add(tx, asked("D-3", arn=f"{ARN}-3"))

    assert stored(database, "D-3").id == "D-3"


def test_a_deletion_that_does_not_exist_is_none(database: Database) -> None:
    with database.reading() as tx:
        assert deletions.get(tx, "D-0") is None


# Claiming


def claim(database: Database, *states: State, now: datetime = NOW) -> Deletion | None:
    with database.transaction() as tx:
        return deletions.claim(tx, "D-1", states or (State.PENDING,), now)


def test_a_claim_gives_the_deletion_as_it_is(database: Database) -> None:
    add(database, asked())
    claimed = claim(database)

    assert claimed is not None
    assert (claimed.id, claimed.state) == ("D-1", State.PENDING)


def test_a_claim_that_comes_to_nothing_leaves_no_trace(database: Database) -> None:
    add(database, asked())
    claim(database)

    assert stored(database) == asked()
    assert len(recorded(database)) == 1


@pytest.mark.parametrize("state", [state for state in State if state is not State.PENDING])
def test_a_deletion_in_another_state_cannot_be_claimed(database: Database, state: State) -> None:
    add(database, asked(state=state))

    assert claim(database) is None
    assert stored(database).version == 1


def test_a_deletion_that_does_not_exist_cannot_be_claimed(database: Database) -> None:
    assert claim(database) is None


@pytest.mark.parametrize("now", [LATER, LATER + timedelta(seconds=1)])
def test_an_expired_question_cannot_be_claimed(database: Database, now: datetime) -> None:
    add(database, asked())

    assert claim(database, now=now) is None


def test_until_the_last_moment_a_question_can_be_claimed(database: Database) -> None:
    add(database, asked())

    assert claim(database, now=LATER - timedelta(microseconds=1))


def test_what_is_decided_does_not_expire_like_a_question(database: Database) -> None:
    add(database, asked(state=State.READY))

    assert claim(database, State.PENDING, State.READY, now=LATER)


# Moving


def test_a_move_is_written_with_its_record_and_its_cards_follow(database: Database) -> None:
    add(database, asked())
    moved(database, State.READY, decided_by="U1", run_at=NOW)
    deletion = stored(database)

    assert (deletion.state, deletion.version, deletion.decided_by, deletion.run_at) == (State.READY, 2, "U1", NOW)
    assert (recorded(database)[-1].event, recorded(database)[-1].facts["before"]) == ("ready", "pending")
    with database.reading() as tx:
        assert [copy.wanted_version for copy in tx.exec(select(CardCopy))] == [2]


def test_the_moved_value_is_what_was_written(database: Database) -> None:
    add(database, asked())
    deletion = moved(database, State.READY, decided_by="U1")

    assert (deletion.state, deletion.version, deletion.decided_by) == (State.READY, 2, "U1")


@pytest.mark.parametrize("move", ["move", "end", "look_again"])
def test_what_somebody_else_moved_cannot_be_moved_as_it_was(database: Database, move: str) -> None:
    add(database, asked())
    stale = stored(database)
    moved(database, State.READY)

    def write() -> None:
        with database.transaction() as tx:
            match move:
                case "move":
                    deletions.move(tx, stale, State.DELETING, at=NOW, actor="bot")
                case "end":
                    deletions.end(tx, stale, State.EXPIRED, Why.NOBODY, at=NOW)
                case _:
                    deletions.look_again(tx, stale, LATER)

    with pytest.raises(MovedError, match="D-1 was moved by somebody else"):
        write()
    assert (stored(database).state, stored(database).version) == (State.READY, 2)
    assert told(database) == []


def test_of_many_who_claim_at_once_one_wins(database: Database) -> None:
    add(database, asked())

    def confirm(person: str) -> bool:
        with database.transaction() as tx:
            claimed = deletions.claim(tx, "D-1", (State.PENDING,), NOW)
            if claimed:
                deletions.move(tx, claimed, State.READY, at=NOW, actor=person, decided_by=person)
            return claimed is not None

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(confirm, [f"U{number}" for number in range(8)]))

    assert won.count(True) == 1
    assert stored(database).decided_by == f"U{won.index(True)}"


def test_an_end_says_why_and_is_told_once(database: Database) -> None:
    add(database, asked())
    with database.transaction() as tx:
        deletions.end(tx, tx.get_one(Deletion, "D-1"), State.DENIED, Why.PERSON, at=NOW, actor="U2", by_name="bob")
    ended = stored(database)

    assert (ended.state, ended.why, ended.facts, ended.ended_at) == (State.DENIED, Why.PERSON, {"by_name": "bob"}, NOW)
    assert ended.due_at is None
    assert [notice.kind for notice in told(database)] == [NoticeKind.ENDED]
    assert recorded(database)[-1].facts == {"before": "pending", "why": "person", "by_name": "bob"}


def test_looking_again_changes_nothing_that_people_see(database: Database) -> None:
    add(database, asked())
    with database.transaction() as tx:
        deletions.look_again(tx, tx.get_one(Deletion, "D-1"), NOW, facts={"code": "ThrottlingException"})
    deletion = stored(database)

    assert (deletion.due_at, deletion.looks, deletion.version) == (NOW, 1, 1)
    assert deletion.facts == {"code": "ThrottlingException"}
    assert len(recorded(database)) == 1


def test_looking_again_is_shown_where_the_cards_say_when(database: Database) -> None:
    add(database, asked())
    with database.transaction() as tx:
        deletions.look_again(tx, tx.get_one(Deletion, "D-1"), NOW, shown=True)

    assert stored(database).version == 2
    with database.reading() as tx:
        assert [copy.wanted_version for copy in tx.exec(select(CardCopy))] == [2]


# What is due


def due(database: Database, now: datetime = NOW, at_most: int = 10, without: tuple[str, ...] = ()) -> list[str]:
    with database.reading() as tx:
        return [one.id for one in deletions.due(tx, now, at_most=at_most, without=without)]


@pytest.fixture
def three(database: Database) -> Database:
    for number, minutes in (("D-1", 2), ("D-2", 1), ("D-3", 3)):
        one = asked(number, arn=number)
        one.due_at = NOW + timedelta(minutes=minutes)
        add(database, one)
    return database


def test_what_waited_longest_is_due_first(three: Database) -> None:
    assert due(three, NOW + timedelta(minutes=2)) == ["D-2", "D-1"]


def test_what_is_in_hand_is_not_due(three: Database) -> None:
    assert due(three, LATER, without=("D-2",)) == ["D-1", "D-3"]


def test_no_more_is_due_than_can_be_taken(three: Database) -> None:
    assert due(three, LATER, at_most=1) == ["D-2"]


def test_what_has_ended_is_never_due(three: Database) -> None:
    with three.transaction() as tx:
        deletions.end(tx, tx.get_one(Deletion, "D-2"), State.EXPIRED, Why.NOBODY, at=NOW)

    assert due(three, LATER) == ["D-1", "D-3"]


def test_the_next_due_time_is_told(three: Database) -> None:
    with three.reading() as tx:
        assert deletions.next_due(tx, without=()) == NOW + timedelta(minutes=1)
        assert deletions.next_due(tx, without=("D-2",)) == NOW + timedelta(minutes=2)


def test_without_anything_to_do_nothing_is_due(database: Database) -> None:
    with database.reading() as tx:
        assert deletions.next_due(tx, without=()) is None


# Operations


def reported(
    status: str = "Started",
    number: str = "6f1e",
    deletion: str = "D-1",
    *,
    error: tuple[str, str] | None = None,
    operation_details: str | None = None,
) -> Operation:
    code, details = error or (None, None)
    return Operation(
        id=number,
        deletion_id=deletion,
        status=status,
        created_at=NOW,
        error_code=code,
        error_details=details,
        operation_details=operation_details,
    )


def record(database: Database, *operations: Operation, deletion: str = "D-1") -> None:
    with database.transaction() as tx:
        for operation in operations:
            deletions.record(tx, tx.get_one(Deletion, deletion), operation, at=NOW)


@pytest.fixture
def running(database: Database) -> Database:
    add(database, asked("D-1", state=State.DELETING))
    add(database, asked("D-2", arn=f"{ARN}-2", state=State.DELETING))
    return database


def statuses(database: Database) -> list[str]:
    return [notice.facts["status"] for notice in told(database)]


def test_each_new_status_of_an_operation_is_told_once(running: Database) -> None:
    record(running, reported("NotStarted"))
    record(running, reported("Started"))
    record(running, reported("Started"))
    record(running, reported("Succeeded"))

    assert statuses(running) == ["NotStarted", "Started", "Succeeded"]


def test_a_status_that_comes_back_is_told_again(running: Database) -> None:
    record(running, reported("Started"), reported("NotStarted"), reported("Started"))

    assert statuses(running) == ["Started", "NotStarted", "Started"]


def test_an_operation_is_kept_as_aws_last_reported_it(running: Database) -> None:
    record(running, reported("Started"))
    record(running, reported("Failed", error=("InUse", "busy")))

    with running.reading() as tx:
        (kept,) = deletions.operations(tx, "D-1")
    assert (kept.status, kept.error_code, kept.said, kept.created_at) == ("Failed", "InUse", 2, NOW)


def test_details_that_change_without_the_status_are_kept_and_not_told(running: Database) -> None:
    record(running, reported("Started"))
    record(running, reported("Started", operation_details="half way"))

    with running.reading() as tx:
        (kept,) = deletions.operations(tx, "D-1")
    assert kept.operation_details == "half way"
    assert statuses(running) == ["Started"]


@pytest.mark.parametrize("error", [("InUse", "busy"), ("InUse", "very busy"), ("Gone", "busy")])
def test_an_error_that_changes_without_the_status_is_told(running: Database, error: tuple[str, str]) -> None:
    record(running, reported("Started", error=("InUse", "busy")))
    record(running, reported("Started", error=error))

    assert statuses(running) == ["Started"] * (1 if error == ("InUse", "busy") else 2)


def test_what_does_not_change_is_kept_where_aws_leaves_it_out(running: Database) -> None:
    where = {"availability_zone": "all", "region_name": "us-east-1", "resource_name": "web-1", "resource_type": "X"}
    first = reported("Started").model_copy(update={**where, "operation_type": "DeleteInstanceSnapshot"})
    record(running, first.model_copy(update={"is_terminal": False, "error_code": "E"}))
    record(running, Operation(id="6f1e", deletion_id="D-1", status="Succeeded"))

    with running.reading() as tx:
        (kept,) = deletions.operations(tx, "D-1")
    assert (kept.region_name, kept.resource_name, kept.created_at) == ("us-east-1", "web-1", NOW)
    assert (kept.status, kept.is_terminal, kept.error_code) == ("Succeeded", None, None)


def test_a_status_is_on_the_record_with_its_error(running: Database) -> None:
    record(running, reported("Failed", error=("InUse", "busy")))

    last = recorded(running)[-1]
    assert (last.actor, last.event) == ("aws", "operation")
    assert (last.facts["status"], last.facts["error_code"], last.facts["error_details"]) == ("Failed", "InUse", "busy")


def test_the_operation_of_another_deletion_is_never_taken(running: Database) -> None:
    record(running, reported("Started"))
    record(running, reported("Succeeded", deletion="D-2"), deletion="D-2")

    with running.reading() as tx:
        assert [one.status for one in deletions.operations(tx, "D-1")] == ["Started"]
        assert deletions.operations(tx, "D-2") == []
    assert statuses(running) == ["Started"]


def test_an_operation_belongs_to_the_deletion_for_which_it_is_recorded(running: Database) -> None:
    record(running, reported(deletion="whatever the row says"))

    with running.reading() as tx:
        assert [one.id for one in deletions.operations(tx, "D-1")] == ["6f1e"]


def test_several_operations_of_one_deletion_are_told_each(running: Database) -> None:
    record(running, reported(number="a"), reported(number="b"))

    assert [notice.facts["operation"] for notice in told(running)] == ["a", "b"]


def test_operations_that_are_stored_for_any_deletion_are_known(running: Database) -> None:
    record(running, reported(number="a"))

    with running.reading() as tx:
        assert deletions.known_operations(tx, ["a", "b"]) == {"a"}
        assert deletions.known_operations(tx, []) == set()


# Telling


def test_an_event_is_told_once_for_each_version(running: Database) -> None:
    with running.transaction() as tx:
        deletion = tx.get_one(Deletion, "D-1")
        deletions.tell(tx, deletion, NoticeKind.CONFIRMED, at=NOW, by="U1")

    (notice,) = told(running)
    assert (notice.kind, notice.key, notice.facts) == (NoticeKind.CONFIRMED, "D-1/confirmed/1", {"by": "U1"})


def test_the_record_takes_facts_of_anything(database: Database) -> None:
    with database.transaction() as tx:
        audit.record(tx, at=NOW, team="T1", actor="shell:root", event="granted", permission="7")

    (row,) = recorded(database)
    assert (row.deletion_id, row.team_id, row.facts) == (None, "T1", {"permission": "7"})


def test_a_notice_about_nothing_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.transaction() as tx:
        notices.add(tx, "k", "D-0", NoticeKind.ENDED, at=NOW, facts={})
