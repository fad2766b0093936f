"""Permissions and the record as files, as the shell handles them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from storage import permissions
from storage.database import Database
from storage.tables import Action, Audit, Effect, Notice, Permission
from tests.unit.shell.conftest import Run

ANN = "U024BE7LH"
BOB = "U061F7AUR"
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "permissions.yaml"


def current(database: Database) -> list[tuple[str, str]]:
    with database.reading() as tx:
        rows = tx.exec(select(Permission).where(Permission.revoked_at == None)).all()  # noqa: E711  (SQL's)
        return [(row.subject, row.pattern) for row in rows]


def exported(run: Run, file: Path) -> str:
    said = run("permissions", "export", "--team", "T1")
    assert said.status == 0
    file.write_text(said.out)
    return said.out


def test_what_was_exported_changes_nothing_when_it_is_applied(run: Run, file: Path) -> None:
    run("grant", ANN, "delete", "web-*", "--tag", "env=staging", "--for", "8h", "--note", "on call", "--team", "T1")
    exported(run, file)

    assert run("permissions", "apply", str(file), "--yes", "--team", "T1") == (0, "Nothing to change.\n", "")


def test_a_change_is_shown_first_and_applied_with_yes(run: Run, file: Path, stored: Database) -> None:
    run("grant", ANN, "delete", "web-*", "--team", "T1")
    text = exported(run, file)
    file.write_text(text + f"- allow: view\n  who: {BOB}\n")
    shown = run("permissions", "apply", str(file), "--team", "T1")
    before = current(stored)
    applied = run("permissions", "apply", str(file), "--yes", "--team", "T1")

    assert shown.out == f"+     {BOB} allow view *\nNothing was changed. To apply it: add --yes\n"
    assert before == [(ANN, "web-*")]
    assert applied.out == f"+     {BOB} allow view *\nApplied.\n"
    assert current(stored) == [(ANN, "web-*"), (BOB, "*")]


def test_what_the_file_does_not_name_stays_without_prune(run: Run, file: Path, stored: Database) -> None:
    run("grant", ANN, "delete", "web-*", "--team", "T1")
    file.write_text(f"permissions:\n  - allow: view\n    who: {BOB}\n")
    kept = run("permissions", "apply", str(file), "--yes", "--team", "T1")
    both = current(stored)
    run("permissions", "apply", str(file), "--yes", "--prune", "--team", "T1")

    assert "?   1 U024BE7LH allow delete web-*   (not in the file; stays, without --prune)" in kept.out
    assert both == [(ANN, "web-*"), (BOB, "*")]
    assert current(stored) == [(BOB, "*")]


def test_another_end_takes_the_place_of_the_row(run: Run, file: Path, stored: Database) -> None:
    run("grant", ANN, "delete", "web-*", "--team", "T1")
    file.write_text(f"permissions:\n  - {{allow: delete, who: {ANN}, names: web-*, until: 2100-01-01T00:00:00Z}}\n")
    said = run("permissions", "apply", str(file), "--yes", "--team", "T1")

    assert "~   1 U024BE7LH allow delete web-*" in said.out
    assert "-> U024BE7LH allow delete web-* until 2100-01-01 00:00 UTC" in said.out
    assert current(stored) == [(ANN, "web-*")]


def test_a_file_that_is_older_than_a_colleagues_change_is_refused_with_the_difference(
    run: Run,
    file: Path,
    stored: Database,
) -> None:
    run("grant", ANN, "delete", "web-*", "--team", "T1")
    text = exported(run, file)
    run("grant", BOB, "view", "db-*", "--team", "T1")
    file.write_text(text + f"- allow: approve\n  who: {BOB}\n")
    refused = run("permissions", "apply", str(file), "--yes", "--team", "T1")

    assert refused.status == 1
    assert "somebody has changed permissions" in refused.err
    assert f"granted 2: {BOB} allow view db-*" in refused.err
    assert current(stored) == [(ANN, "web-*"), (BOB, "db-*")]
    without = "".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith("revision"))
    file.write_text(without)
    assert run("permissions", "apply", str(file), "--yes", "--team", "T1").status == 0


def test_a_change_between_the_look_and_the_yes_is_refused(
    run: Run,
    file: Path,
    stored: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file.write_text(f"permissions:\n  - allow: view\n    who: {BOB}\n")
    alone = permissions.alone

    def after_a_colleague(tx: object, team: str) -> None:
        alone(tx, team)  # type: ignore[arg-type]
        monkeypatch.setattr(permissions, "alone", alone)
        row = Permission(
            team_id=team, subject=BOB, effect=Effect.ALLOW, action=Action.VIEW, granted_by="x", granted_at=NOW
        )
        permissions.grant(tx, row)  # type: ignore[arg-type]

    monkeypatch.setattr(permissions, "alone", after_a_colleague)
    refused = run("permissions", "apply", str(file), "--yes", "--team", "T1")

    assert refused.status == 1
    assert "look at the change anew" in refused.err
    assert current(stored) == []


def test_mistakes_are_told_with_the_file_and_their_lines(run: Run, file: Path) -> None:
    file.write_text("permissions:\n  - allow: destroy\n    who: ann\n")
    said = run("permissions", "apply", str(file), "--yes", "--team", "T1")

    assert said.status == 1
    assert said.err.startswith(f"{file} can't be applied, so nothing was changed:\n  line 2: 'destroy' is no action")
    assert "  line 3: 'ann' should be an id" in said.err


def test_the_last_admin_can_be_replaced_and_not_removed(run: Run, file: Path, stored: Database) -> None:
    run("grant", ANN, "admin", "--team", "T1")
    file.write_text("permissions: []\n")
    refused = run("permissions", "apply", str(file), "--yes", "--prune", "--team", "T1")
    kept = current(stored)
    file.write_text(f"permissions:\n  - allow: admin\n    who: {BOB}\n")
    run("permissions", "apply", str(file), "--yes", "--prune", "--team", "T1")

    assert (refused.status, kept) == (1, [(ANN, "*")])
    assert "nobody could grant any more" in refused.err
    assert current(stored) == [(BOB, "*")]


def test_the_channel_hears_of_all_changes_in_one_message(
    run: Run,
    file: Path,
    stored: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOTIFY_CHANNEL", "C061EG9SL")
    run("grant", ANN, "delete", "web-*", "--team", "T1")
    file.write_text(f"permissions:\n  - allow: view\n    who: {BOB}\n")
    run("permissions", "apply", str(file), "--yes", "--prune", "--team", "T1")
    with stored.reading() as tx:
        first, second = tx.exec(select(Notice)).all()

    assert (first.recipient, first.facts["what"]) == ("C061EG9SL", "granted")
    assert [one["what"] for one in json.loads(second.facts["rows"])] == ["granted", "revoked"]


def test_the_record_is_exported(run: Run) -> None:
    run("grant", ANN, "delete", "web-*", "--team", "T1")
    as_csv, as_json = run("audit", "export"), run("audit", "export", "--format", "jsonl", "--since", "1d")

    assert as_csv.out.splitlines()[0] == "at,actor,event,deletion,facts"
    assert json.loads(as_json.out)["event"] == "granted"
    assert run("audit", "export", "--team", "T2").out.splitlines() == ["at,actor,event,deletion,facts"]


# Attributes


def test_attributes_are_set_listed_and_taken_away(run: Run) -> None:
    none = run("attributes", "--team", "T1")
    put = run("attributes", ANN, "team=blue", "env=pre prod", "--team", "T1")
    run("attributes", "*", "org=acme", "--team", "T1")
    gone = run("attributes", ANN, "--remove", "Env", "--team", "T1")

    assert none.out == "No attributes. The first: python app.py attributes U024BE7LH team=blue\n"
    assert put == (0, f"{ANN} env=pre prod, team=blue\n", "")
    assert gone.out == f"{ANN} team=blue\n"
    assert run("attributes", "--team", "T1").out == f"* org=acme\n{ANN} team=blue\n"


def test_an_attribute_that_aws_would_not_take_is_refused_and_changes_nothing(run: Run) -> None:
    said = run("attributes", ANN, "team=blue", "env=pro*d", "--team", "T1")

    assert said.status == 1
    assert "AWS takes no such value" in said.err
    assert run("attributes", "--team", "T1").out.startswith("No attributes.")


def test_an_attribute_without_a_value_and_one_too_many_are_refused(run: Run) -> None:
    many = [f"a{number}=x" for number in range(11)]

    assert "is written key=value" in run("attributes", ANN, "team", "--team", "T1").err
    assert "11 attributes; 10 is the most" in run("attributes", ANN, *many, "--team", "T1").err


def test_a_change_of_attributes_is_on_the_record_and_told(
    run: Run, stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_CHANNEL", "C024BE7LR")
    run("attributes", ANN, "team=blue", "--team", "T1")
    run("attributes", ANN, "team=blue", "--team", "T1")

    with stored.reading() as tx:
        (row,) = tx.exec(select(Audit)).all()
        (notice,) = tx.exec(select(Notice)).all()
    assert (row.event, row.facts["subject"], row.facts["put"]) == ("attributes_changed", ANN, '{"team": "blue"}')
    assert notice.facts["what"] == "attributes"


def test_attributes_are_in_the_file_and_a_change_meanwhile_stops_it(run: Run, file: Path) -> None:
    run("attributes", ANN, "team=blue", "env=x", "--team", "T1")
    text = exported(run, file)
    file.write_text(text.replace("team: blue", "team: red").replace("    env: x\n", ""))
    shown = run("permissions", "apply", str(file), "--team", "T1")
    applied = run("permissions", "apply", str(file), "--yes", "--prune", "--team", "T1")
    again = run("permissions", "apply", str(file), "--yes", "--prune", "--team", "T1")
    file.write_text(text)
    late = run("permissions", "apply", str(file), "--yes", "--team", "T1")

    assert f"+     {ANN} carries team=red\n?     {ANN} carries env   (not in the file" in shown.out
    assert applied.status == 0, applied.err
    assert run("attributes", "--team", "T1").out == f"{ANN} team=red\n"
    assert again.out == "Nothing to change.\n"
    assert late.status == 1
    assert "attributes_changed" in late.err
