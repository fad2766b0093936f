"""The shell commands, as the shell runs them."""

import getpass
import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from bot.sandbox.slack import LocalSlack
from storage import migrations, permissions
from storage.database import Database
from storage.file_lease import FileLease
from storage.tables import Action, Audit, Effect, Permission
from tests.unit.shell.conftest import Run

ANN = "U024BE7LH"


def rows(database: Database) -> list[Permission]:
    with database.reading() as tx:
        return list(tx.exec(select(Permission)).all())


# grant


def test_a_grant_is_shown_with_its_number(run: Run) -> None:
    assert run("grant", ANN, "delete", "web-*", "--team", "T1") == (0, f"   1  {ANN} allow delete web-*\n", "")


def test_a_grant_is_stored_and_on_the_record(run: Run, stored: Database) -> None:
    run("grant", ANN, "delete", "--team", "T1")
    (row,) = rows(stored)

    assert (row.team_id, row.subject, row.effect, row.action) == ("T1", ANN, Effect.ALLOW, Action.DELETE)
    assert (row.pattern, row.region, row.tags, row.valid_until) == ("*", None, {}, None)
    assert row.granted_by == f"shell:{getpass.getuser()}"
    with stored.reading() as tx:
        assert [one.event for one in tx.exec(select(Audit))] == ["granted"]


def test_a_grant_can_be_narrow(run: Run, stored: Database) -> None:
    options = ["--region", "eu-west-1", "--tag", "env=staging", "--tag", "team", "--tag", "x=", "--note", "on call"]
    said = run("grant", ANN, "request", "web-*", *options, "--for", "8h", "--deny", "--team", "T1")
    (row,) = rows(stored)

    assert said.out.startswith(f"   1  {ANN} deny request web-* in eu-west-1 tagged env=staging,team,x= until ")
    assert said.out.endswith("UTC “on call”\n")
    assert (row.effect, row.tags) == (Effect.DENY, {"env": "staging", "team": None, "x": ""})
    assert row.valid_until == row.granted_at + timedelta(hours=8)


@pytest.mark.parametrize("subject", [ANN, f"@{ANN}", f"<@{ANN}>", f"<@{ANN}|ann>"])
def test_a_person_is_known_however_the_id_was_copied(run: Run, stored: Database, subject: str) -> None:
    run("grant", subject, "view", "--team", "T1")

    assert [row.subject for row in rows(stored)] == [ANN]


def test_everybody_is_a_star(run: Run, stored: Database) -> None:
    run("grant", "*", "view", "--team", "T1")

    assert [row.subject for row in rows(stored)] == ["*"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["<!subteam^S012345|@ops>", "view"], "is no Slack user id such as U024BE7LH"),
        (["ann", "view"], "'ann' is no Slack user id such as U024BE7LH"),
        (["u024be7lh", "view"], "is no Slack user id"),
        ([ANN, "destroy"], "destroy"),
        ([ANN, "view", "--for", "8"], "should be a number with s, m, h or d, such as 15m"),
        ([ANN], "ACTION"),
        ([], "USER"),
    ],
)
def test_what_cannot_be_granted_is_refused_in_words(
    run: Run, stored: Database, arguments: list[str], words: str
) -> None:
    said = run("grant", *arguments)

    assert said.status == 2
    assert words in said.err
    assert rows(stored) == []


def test_no_time_is_not_for_ever(run: Run, stored: Database) -> None:
    said = run("grant", ANN, "delete", "--for", "0h", "--team", "T1")

    assert said.status != 0
    assert rows(stored) == []


def test_one_tag_with_two_values_is_refused(run: Run) -> None:
    said = run("grant", ANN, "delete", "--tag", "env=a", "--tag", "env=b", "--team", "T1")

    assert said.status == 1
    assert "one key can't have two values" in said.err


# Whose workspace


def test_slack_is_asked_which_workspace_it_is(run: Run, stored: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalSlack() as slack:
        for name, value in slack.environment().items():
            monkeypatch.setenv(name, value)
        run("grant", ANN, "view")

        assert [row.team_id for row in rows(stored)] == [slack.team_id]


def test_a_workspace_that_is_named_is_not_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:1/api/")

    assert run("grant", ANN, "view", "--team", "T1").status == 0


@pytest.mark.parametrize("command", [["grant", ANN, "view"], ["revoke", "1"], ["permissions"]])
def test_without_a_token_the_workspace_has_to_be_named(run: Run, command: list[str]) -> None:
    said = run(*command)

    assert said == (1, "", "Which workspace? Set SLACK_BOT_TOKEN, so that Slack can be asked, or pass --team T….\n")


def test_a_token_that_slack_refuses_is_told_and_not_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalSlack() as slack:
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hush")
        said = run("permissions")

    assert (said.status, said.out) == (1, "")
    assert said.err == "Slack did not say which workspace this is (invalid_auth); pass --team T….\n"


def test_a_slack_that_does_not_answer_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("SLACK_API_URL", f"http://127.0.0.1:{port}/api/")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hush")
    said = run("permissions")

    assert said.status == 1
    assert said.err.startswith("Slack did not say which workspace this is (")
    assert "hush" not in said.err


# revoke


def test_what_is_revoked_is_shown(run: Run) -> None:
    run("grant", ANN, "delete", "--team", "T1")

    assert run("revoke", "1", "--team", "T1") == (0, f"Revoked:    1  {ANN} allow delete *\n", "")
    assert run("permissions", "--team", "T1").out.startswith("Nobody has permissions.")


def test_what_is_not_there_cannot_be_revoked(run: Run) -> None:
    assert run("revoke", "7", "--team", "T1") == (1, "", "no current permission has the number 7\n")


def test_the_last_admin_cannot_be_revoked(run: Run) -> None:
    run("grant", ANN, "admin", "--team", "T1")
    said = run("revoke", "1", "--team", "T1")

    assert said.status == 1
    assert "Grant admin to somebody else first." in said.err


def test_where_the_environment_names_an_admin_the_last_row_can_go(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTKEEPER_ADMINS", "U061F7AUR")
    run("grant", ANN, "admin", "--team", "T1")

    assert run("revoke", "1", "--team", "T1").status == 0


def test_a_number_is_one(run: Run) -> None:
    assert run("revoke", "first").status == 2


# permissions


def test_permissions_are_listed_with_those_of_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTKEEPER_ADMINS", "U061F7AUR")
    run("grant", ANN, "delete", "web-*", "--team", "T1")
    run("grant", ANN, "delete", "--team", "T2")

    assert run("permissions", "--team", "T1").out == (
        f"   -  U061F7AUR allow admin (LIGHTKEEPER_ADMINS)\n   1  {ANN} allow delete web-*\n"
    )


def test_what_has_expired_is_not_listed(run: Run, stored: Database) -> None:
    run("permissions", "--team", "T1")
    past = datetime.now(UTC) - timedelta(hours=1)
    row = Permission(
        team_id="T1",
        subject=ANN,
        effect=Effect.ALLOW,
        action=Action.VIEW,
        valid_until=past,
        granted_by="shell:root",
        granted_at=past,
    )
    with stored.transaction() as tx:
        permissions.grant(tx, row)

    assert run("permissions", "--team", "T1").out.startswith("Nobody has permissions.")


def test_a_fresh_bot_says_how_to_begin(run: Run) -> None:
    assert run("permissions", "--team", "T1") == (
        0,
        "Nobody has permissions. The first: python app.py grant U024BE7LH delete 'web-*'\n",
        "",
    )


# The database


@pytest.mark.usefixtures("without_file")
def test_a_new_file_gets_its_schema_at_once(run: Run, stored: Database) -> None:
    run("permissions", "--team", "T1")

    assert migrations.is_current(stored)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.usefixtures("without_file")
def test_migrating_brings_the_schema_up_to_date(run: Run, stored: Database, times: int) -> None:
    said = [run("migrate") for _ in range(times)]

    assert said == [(0, "The database is up to date.\n", "")] * times
    assert migrations.is_current(stored)


@pytest.fixture
def served(stored: Database) -> Iterator[FileLease]:
    """Another process serves the database."""
    lease = FileLease(stored, lambda: datetime.now(UTC))
    lease.lock()
    yield lease
    lease.release()


@pytest.mark.usefixtures("served")
def test_what_is_being_served_is_not_migrated(run: Run) -> None:
    said = run("migrate")

    assert said.status == 1
    assert "another Lightkeeper already serves" in said.err


@pytest.mark.usefixtures("served")
@pytest.mark.usefixtures("without_file")
def test_what_is_being_served_with_another_schema_is_left_alone(run: Run) -> None:
    said = run("grant", ANN, "delete", "--team", "T1")

    assert said.status == 1
    assert "another Lightkeeper already serves" in said.err


@pytest.mark.parametrize("command", [["grant", ANN, "view"], ["revoke", "1"], ["permissions"]])
def test_permissions_are_managed_while_the_bot_serves(run: Run, served: FileLease, command: list[str]) -> None:
    served.release()
    run("grant", ANN, "delete", "--team", "T1")
    served.lock()

    assert run(*command, "--team", "T1").status == 0


@pytest.mark.parametrize(
    "command", [["grant", ANN, "view", "--team", "T1"], ["permissions", "--team", "T1"], ["migrate"]]
)
@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////no/such/folder/keeper.db",
        "postgresql://keeper:hush@127.0.0.1:1/keeper",
        "postgresql://keeper:hush@127.0.0.1:port/keeper",
    ],
)
def test_a_database_that_cannot_be_had_is_told_without_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, url: str, command: list[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    said = run(*command)

    assert said.status == 1
    assert said.err.strip()
    assert "hush" not in said.err


def test_a_database_of_a_newer_version_is_told(run: Run, stored: Database) -> None:
    run("migrate")
    with stored.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    said = run("permissions", "--team", "T1")

    assert said.status == 1
    assert "9999" in said.err


def test_on_postgresql_migrating_is_a_step_of_its_own(
    run: Run, monkeypatch: pytest.MonkeyPatch, postgresql: Callable[[], str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgresql())
    before = run("grant", ANN, "delete", "--team", "T1")
    migrated = run("migrate")
    after = run("grant", ANN, "delete", "--team", "T1")

    assert before == (1, "", "The database has another schema than this version. Run: python app.py migrate\n")
    assert migrated == (0, "The database is up to date.\n", "")
    assert after == (0, f"   1  {ANN} allow delete *\n", "")


# Everything else


def test_settings_that_cannot_be_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://keeper:hush@db/keeper")
    monkeypatch.setenv("NOTIFY_CHANNEL", "#ops")
    said = run("migrate")

    assert said.status == 1
    assert "\n  DATABASE_URL: " in said.err
    assert "\n  NOTIFY_CHANNEL: " in said.err
    assert "hush" not in said.err


def test_the_version_is_that_of_the_project(run: Run) -> None:
    said = run("version")

    assert said.status == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", said.out)


COMMANDS = ["serve", "demo", "gallery", "migrate", "grant", "revoke", "permissions", "version"]


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=" ".join)
def test_help_is_given_everywhere(run: Run, command: list[str]) -> None:
    said = run(*command, "--help")

    assert said.status == 0
    assert said.out.startswith("usage: app.py")


def test_help_lists_every_command(run: Run) -> None:
    out = run("--help").out

    assert all(re.search(rf"^    {name}\b", out, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize("command", ["frobnicate", "--frobnicate"])
def test_an_unknown_command_is_refused(run: Run, command: str) -> None:
    said = run(command)

    assert said.status == 2
    assert "frobnicate" in said.err


def test_the_gallery_shows_every_message_and_slack_would_take_them(run: Run) -> None:
    said = run("gallery")

    assert said.status == 0
    assert "## card: pending" in said.out
    assert "!!" not in said.out
