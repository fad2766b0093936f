"""Permission rows: granted, revoked, never removed; and what of them counts for the gate."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot.guards import Guarding
from bot.judge import Ground, judge
from bot.model import Snapshot, Surroundings
from bot.rules import Rulebook
from storage import directory, permissions
from storage.database import Database
from storage.permissions import LastAdminError, NoSuchPermissionError
from storage.tables import Action, Audit, Effect, Group, Permission
from tests.conftest import on_both

pytestmark = on_both

NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
ANN, BOB = "U024BE7LH", "U061F7AUR"
WEB = Snapshot("arn", "web-1", "us-east-1", NOW, "available", tags={"env": "prod"})
NOBODY: frozenset[str] = frozenset()


def grant(
    database: Database,
    action: Action = Action.DELETE,
    subject: str = ANN,
    *,
    deny: bool = False,
    team: str = "T1",
    until: datetime | None = None,
    tags: dict[str, str | None] | None = None,
) -> int:
    row = Permission(
        team_id=team,
        subject=subject,
        effect=Effect.DENY if deny else Effect.ALLOW,
        action=action,
        tags=tags or {},
        valid_until=until,
        granted_by="shell:root",
        granted_at=NOW,
    )
    with database.transaction() as tx:
        permissions.grant(tx, row)
    assert row.id is not None
    return row.id


def revoke(database: Database, number: int, admins: frozenset[str] = NOBODY, team: str = "T1") -> Permission:
    with database.transaction() as tx:
        return permissions.revoke(tx, team, number, by=BOB, now=NOW, admins=admins)


def current(database: Database, now: datetime = NOW, team: str = "T1") -> list[int | None]:
    with database.reading() as tx:
        return [row.id for row in permissions.current(tx, team, now)]


def events(database: Database) -> list[str]:
    with database.reading() as tx:
        return [row.event for row in tx.exec(select(Audit))]


# What counts


def test_what_is_granted_counts_oldest_first(database: Database) -> None:
    assert [grant(database), grant(database, subject=BOB)] == current(database) == [1, 2]


def test_a_row_comes_back_as_it_was_granted(database: Database) -> None:
    grant(database, until=NOW + timedelta(hours=8), tags={"env": None})
    with database.reading() as tx:
        (row,) = permissions.current(tx, "T1", NOW)

    assert (row.effect, row.action, row.pattern, row.tags) == (Effect.ALLOW, Action.DELETE, "*", {"env": None})
    assert (row.valid_until, row.granted_at) == (NOW + timedelta(hours=8), NOW)


def test_what_is_revoked_does_not_count(database: Database) -> None:
    revoke(database, grant(database))

    assert current(database) == []


def test_what_is_revoked_stays_on_record(database: Database) -> None:
    number = grant(database)
    revoke(database, number)

    with database.reading() as tx:
        row = tx.get_one(Permission, number)
    assert (row.revoked_by, row.revoked_at) == (BOB, NOW)
    assert events(database) == ["granted", "revoked"]


@pytest.mark.parametrize(("seconds", "counts"), [(-1, True), (0, False), (1, False)])
def test_what_has_expired_does_not_count(database: Database, seconds: int, *, counts: bool) -> None:
    grant(database, until=NOW)

    assert bool(current(database, NOW + timedelta(seconds=seconds))) == counts


def test_what_another_workspace_grants_does_not_count(database: Database) -> None:
    grant(database, team="T2")

    assert current(database) == []


# Through the gate


def ground(database: Database, now: datetime = NOW) -> Ground:
    rulebook = Rulebook(NOBODY, Guarding(protected_tags=[("no_delete", None)]))
    with database.reading() as tx:
        situation = rulebook.asked(tx, "T1", ANN, WEB, Surroundings(), now)
        return judge(rulebook.rules(tx, "T1", now), ANN, situation).ground


def test_who_was_granted_it_is_permitted(database: Database) -> None:
    grant(database)

    assert ground(database) is Ground.PERMITTED


def test_who_was_granted_it_and_lost_it_is_not_permitted(database: Database) -> None:
    grant(database, subject=BOB)
    revoke(database, grant(database))

    assert ground(database) is Ground.NO_PERMISSION


def test_whose_permission_has_expired_is_not_permitted(database: Database) -> None:
    grant(database, subject=BOB)
    grant(database, until=NOW)

    assert ground(database) is Ground.NO_PERMISSION


def test_a_deny_that_was_revoked_denies_nothing(database: Database) -> None:
    grant(database)
    revoke(database, grant(database, subject="*", deny=True))

    assert ground(database) is Ground.PERMITTED


def test_a_deny_that_has_expired_denies_nothing(database: Database) -> None:
    grant(database)
    grant(database, subject="*", deny=True, until=NOW)

    assert ground(database) is Ground.PERMITTED


def test_after_the_last_permission_is_gone_the_bot_is_as_fresh_as_new(database: Database) -> None:
    revoke(database, grant(database))

    assert ground(database) is Ground.FRESH_BOT


# Revoking


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_number_that_does_not_count_cannot_be_revoked(database: Database, number: int) -> None:
    grant(database)

    with pytest.raises(NoSuchPermissionError, match=f"no current permission has the number {number}"):
        revoke(database, number)


def test_nothing_is_revoked_twice(database: Database) -> None:
    number = grant(database)
    revoke(database, number)

    with pytest.raises(NoSuchPermissionError):
        revoke(database, number)
    assert events(database) == ["granted", "revoked"]


def test_the_permission_of_another_workspace_cannot_be_revoked(database: Database) -> None:
    number = grant(database)

    with pytest.raises(NoSuchPermissionError):
        revoke(database, number, team="T2")


def test_the_last_admin_cannot_be_revoked(database: Database) -> None:
    number = grant(database, Action.ADMIN)

    with pytest.raises(LastAdminError, match="Grant admin to somebody else first"):
        revoke(database, number)
    assert current(database) == [number]


def test_one_of_two_admins_can_be_revoked(database: Database) -> None:
    number = grant(database, Action.ADMIN)
    other = grant(database, Action.ADMIN, BOB)
    revoke(database, number)

    assert current(database) == [other]


def test_where_the_environment_names_an_admin_the_last_row_can_be_revoked(database: Database) -> None:
    revoke(database, grant(database, Action.ADMIN), admins=frozenset({BOB}))

    assert current(database) == []


def test_a_denied_admin_is_no_other_admin(database: Database) -> None:
    number = grant(database, Action.ADMIN)
    grant(database, Action.ADMIN, BOB)
    grant(database, Action.ADMIN, BOB, deny=True)

    with pytest.raises(LastAdminError):
        revoke(database, number)


def test_an_admin_who_is_denied_some_snapshots_is_still_an_admin(database: Database) -> None:
    number = grant(database, Action.ADMIN)
    grant(database, Action.ADMIN, BOB)
    grant(database, Action.VIEW, BOB, deny=True, tags={"env": "prod"})
    revoke(database, number)

    assert number not in current(database)


def test_an_admin_for_some_time_is_no_other_admin(database: Database) -> None:
    number = grant(database, Action.ADMIN)
    grant(database, Action.ADMIN, BOB, until=NOW + timedelta(hours=1))

    with pytest.raises(LastAdminError):
        revoke(database, number)


def test_other_permissions_are_revoked_without_an_admin(database: Database) -> None:
    revoke(database, grant(database))

    assert current(database) == []


def test_a_deny_of_admin_can_always_be_revoked(database: Database) -> None:
    grant(database, Action.ADMIN)
    deny = grant(database, Action.ADMIN, BOB, deny=True)
    revoke(database, deny)

    assert deny not in current(database)


def test_a_page_has_those_that_count_first_and_the_latest_before(database: Database) -> None:
    ended = grant(database, until=NOW - timedelta(days=1))
    first, second = grant(database), grant(database, subject=BOB)
    revoked = grant(database, subject=BOB)
    with database.transaction() as tx:
        permissions.revoke(tx, "T1", revoked, by=ANN, now=NOW, admins=NOBODY)
    grant(database, team="T2")
    with database.reading() as tx:
        rows = permissions.page(tx, "T1", NOW, subjects=None, start=0, at_most=10)
        of_bob = permissions.page(tx, "T1", NOW, subjects=[BOB], start=1, at_most=10)
        counts = [permissions.count(tx, "T1", subjects=subjects) for subjects in (None, [BOB], [])]

    assert [row.id for row in rows] == [second, first, revoked, ended]
    assert [row.id for row in of_bob] == [revoked]
    assert counts == [4, 2, 0]


def test_each_change_is_a_new_revision_with_its_record(database: Database) -> None:
    with database.reading() as tx:
        before = permissions.revision(tx, "T1")
    number = grant(database)
    grant(database, team="T2")
    with database.reading() as tx:
        after, changes = permissions.revision(tx, "T1"), permissions.changes_since(tx, "T1", before)

    assert (before, len(changes)) == (0, 1)
    assert (changes[0].id, changes[0].facts["permission"]) == (after, str(number))


def test_a_deny_to_a_group_takes_nothing_from_the_last_admin_in_it(database: Database) -> None:
    grant(database, Action.ADMIN)
    with database.transaction() as tx:
        directory.store(tx, "T1", [Group(id="S1", team_id="T1", members=[ANN])], [], NOW)
    with pytest.raises(LastAdminError):
        grant(database, Action.ADMIN, "S1", deny=True)
    with database.transaction() as tx:
        directory.store(tx, "T1", [Group(id="S1", team_id="T1", members=[BOB])], [], NOW)

    assert grant(database, Action.ADMIN, "S1", deny=True)


def test_groups_that_were_told_of_later_than_now_are_not_gone_by(database: Database) -> None:
    with database.transaction() as tx:
        directory.store(tx, "T1", [Group(id="S1", team_id="T1", members=[ANN])], [], NOW)
    with database.reading() as tx:
        moments = [NOW - timedelta(hours=1), NOW - timedelta(seconds=5), NOW, NOW + timedelta(seconds=61)]
        known = [directory.is_current(tx, "T1", moment) for moment in moments]

    assert known == [False, True, True, False]
