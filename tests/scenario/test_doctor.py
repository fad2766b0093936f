"""The doctor, in a shell and in Slack: what it finds, what it says to do, and that it changes nothing."""

import json
import os
import re
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from alembic import command

import app
from bot import shell_doctor
from bot.doctor.chart import Chart
from bot.doctor.checkup import examine
from bot.doctor.cloud import POLICY
from bot.doctor.finding import Area, Finding, State
from bot.sandbox.lightsail import LocalLightsail
from bot.sandbox.slack import SCOPES, LocalSlack
from storage import migrations
from storage.database import Database
from tests.conftest import SOON, World
from tests.scenario.test_rights import ready, says

READS = [
    "GetInstanceSnapshots",
    "GetInstanceSnapshot",
    "GetInstance",
    "GetAutoSnapshots",
    "GetOperation",
    "GetOperationsForResource",
]


class Told(NamedTuple):
    """The exit status, and what was printed."""

    status: int
    out: str


Doctor = Callable[..., Told]


@pytest.fixture
def file(tmp_path: Path, migrated: Path) -> Path:
    path = tmp_path / "lightkeeper.db"
    shutil.copy(migrated, path)
    return path


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        yield slack


@pytest.fixture
def doctor(
    aws: LocalLightsail,
    slack: LocalSlack,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Doctor:
    """A machine where all is well, and the command."""
    for name in [name for name in os.environ if re.match(r"SLACK_|LIGHT|DATABASE_URL|PORT$|HOST$", name)]:
        monkeypatch.delenv(name)
    everything = {
        **slack.environment(socket=True),
        "LIGHTSAIL_REGIONS": "us-east-1,eu-west-1",
        "DATABASE_URL": f"sqlite:///{file}",
        "PYTHON_DOTENV_DISABLED": "1",
    }
    for name, value in everything.items():
        monkeypatch.setenv(name, value)
    assert aws.calls() == []

    def run(*options: str) -> Told:
        status = app.main(["doctor", *options])
        said = capsys.readouterr()
        assert said.err == ""
        return Told(status, " ".join(said.out.split()) if not options else said.out)

    return run


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


# In a shell


def test_all_is_well(doctor: Doctor, aws: LocalLightsail) -> None:
    told = doctor()

    assert told.status == 0
    assert told.out.startswith("All is well.")
    assert "❌" not in told.out
    assert "⚠️" not in told.out
    assert "us-east-1, eu-west-1: all 6 reads are allowed" in told.out
    assert "Its token has the 14 scopes of manifest.yml, and no other" in told.out
    assert "Its app-level token opens Socket Mode" in told.out
    assert "with the schema of this version" in told.out
    assert "DeleteInstanceSnapshot was not tried: it would delete" in told.out
    assert sorted(call.action for call in aws.calls() if call.region == "us-east-1") == sorted(READS)


def test_what_it_tries_is_what_the_policy_allows() -> None:
    [reading, *_] = json.loads((Path(__file__).parents[2] / POLICY).read_text())["Statement"]

    assert sorted(reading["Action"]) == sorted(f"lightsail:{action}" for action in READS)


def test_it_changes_nothing(doctor: Doctor, file: Path) -> None:
    before = file.read_bytes(), sorted(file.parent.iterdir())
    doctor()

    assert (file.read_bytes(), sorted(file.parent.iterdir())) == before


def test_a_file_that_is_not_there_is_not_made(doctor: Doctor, file: Path) -> None:
    file.unlink()
    told = doctor()

    assert told.status == 0
    assert f"{file} is not there yet: it is made at the first start" in told.out
    assert list(file.parent.iterdir()) == []


def test_a_folder_that_is_not_there_is_red(doctor: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/keeper.db")
    told = doctor()

    assert told.status == 1
    assert "can't be made: its folder is not there" in told.out


def test_a_file_that_is_no_database_is_red(doctor: Doctor, file: Path) -> None:
    file.write_text("Dear diary," * 1000)
    told = doctor()

    assert told.status == 1
    assert "❌ Database It can't be used: file is not a database" in told.out


def test_an_older_schema_of_a_file_is_yellow_and_stays(doctor: Doctor, file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    with database.engine.begin() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
    database.close()
    told = doctor()

    assert told.status == 0
    assert told.out.startswith("It works; 1 thing to look at.")
    assert "with an older schema → The next start brings it up to date by itself" in told.out
    with sqlite3.connect(file) as connection_after:
        assert connection_after.execute("SELECT version_num FROM alembic_version").fetchall() == [("0004",)]
    connection_after.close()


def test_a_newer_schema_is_red(doctor: Doctor, file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    told = doctor()

    assert told.status == 1
    assert "its schema is newer than this version → Run the version of Lightkeeper that made it" in told.out


def test_postgresql_without_its_schema_is_red(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, postgresql: Callable[..., str]
) -> None:
    url = postgresql()
    monkeypatch.setenv("DATABASE_URL", url)
    told = doctor()
    database = Database(url)

    assert told.status == 1
    assert "it has no schema yet → Run `python app.py migrate`" in told.out
    assert sa.inspect(database.engine).get_table_names() == []
    database.close()


def test_postgresql_is_looked_at(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, migrated_postgresql: Callable[[], str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_postgresql())
    told = doctor()

    assert told.status == 0
    assert re.search(r"✅ Database PostgreSQL [\d.]+, with the schema of this version", told.out)
    assert "Nobody holds the lease: no bot serves this database now" in told.out


def test_a_pooler_in_between_is_red(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, migrated_postgresql: Callable[[], str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", migrated_postgresql())
    monkeypatch.setattr("storage.pooler.is_between", lambda _: True)
    told = doctor()

    assert told.status == 1
    assert "A pooler stands before it" in told.out


def test_a_database_that_does_not_answer_is_red_and_its_password_is_not_shown(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://keeper:hush@127.0.0.1:{closed_port()}/keeper")
    told = doctor()

    assert told.status == 1
    assert "Connection refused → See that the address in DATABASE_URL is right" in told.out
    assert "hush" not in told.out


def test_a_token_that_slack_refuses_is_red_and_not_shown(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hush")
    told = doctor()

    assert told.status == 1
    assert "❌ Slack It does not accept SLACK_BOT_TOKEN (invalid_auth) → Copy the “Bot User OAuth Token”" in told.out
    assert "Its app-level token opens Socket Mode" in told.out
    assert "hush" not in told.out


def test_an_app_level_token_that_slack_refuses_is_red(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-hush")
    told = doctor()

    assert told.status == 1
    assert "It does not open Socket Mode with SLACK_APP_TOKEN (invalid_auth)" in told.out
    assert "with the scope connections:write" in told.out


@pytest.mark.parametrize(
    ("scopes", "status", "words"),
    [
        (set(SCOPES) - {"users:read", "im:history"}, 1, "❌ Slack Its token lacks the scopes users:read, im:history →"),
        ({*SCOPES, "files:read"}, 0, "⚠️ Slack Its token has the scope files:read too many →"),
    ],
)
def test_scopes_are_those_of_the_manifest(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, scopes: set[str], status: int, words: str
) -> None:
    with LocalSlack(scopes=scopes) as other:
        for name, value in other.environment(socket=True).items():
            monkeypatch.setenv(name, value)
        told = doctor()

    assert told.status == status
    assert words in told.out


def test_channels_that_the_bot_does_not_reach_are_red(
    doctor: Doctor, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, old = slack.channel("secret", private=True, bot=False), slack.channel("old", archived=True)
    shared = slack.channel("shared", shared=True)
    monkeypatch.setenv("NOTIFY_CHANNEL", "C0NOSUCH")
    monkeypatch.setenv("APPROVALS_CHANNEL", secret.id)
    monkeypatch.setenv("SLACK_CHANNELS", f"{old.id},{shared.id},{slack.channel('ops').id}")
    told = doctor()

    assert told.status == 1
    assert "C0NOSUCH in NOTIFY_CHANNEL is not there, or private without the bot in it" in told.out
    assert f"{secret.id} in APPROVALS_CHANNEL is not there, or private without the bot in it" in told.out
    assert f"#old ({old.id} in SLACK_CHANNELS) is archived" in told.out
    assert f"⚠️ Slack #shared ({shared.id} in SLACK_CHANNELS) is shared with another company" in told.out
    assert "#ops" not in told.out


def test_channels_that_the_bot_reaches_are_green(
    doctor: Doctor, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_CHANNEL", slack.channel("ops").id)
    monkeypatch.setenv("SLACK_CHANNELS", f"{slack.channel('ops').id},{slack.channel('other').id}")

    assert "✅ Slack It reaches all 2 channels of the settings" in doctor().out


def test_a_workspace_that_the_settings_leave_out_is_red(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_TEAMS", "T0OTHER")
    told = doctor()

    assert told.status == 1
    assert "SLACK_TEAMS does not name the token's own workspace" in told.out


def test_over_http_there_is_nothing_to_open(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_APP_TOKEN")
    told = doctor()

    assert told.status == 0
    assert "Slack by HTTP on port 3000" in told.out
    assert "Whether SLACK_SIGNING_SECRET is right, only a request from Slack can show" in told.out


def test_without_a_network_all_that_is_out_of_reach_is_red(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = f"http://127.0.0.1:{closed_port()}"
    monkeypatch.setenv("SLACK_API_URL", f"{nowhere}/api/")
    monkeypatch.setenv("AWS_ENDPOINT_URL_LIGHTSAIL", nowhere)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", nowhere)
    told = doctor()

    assert told.status == 1
    assert told.out.startswith("2 things to mend.")
    assert "us-east-1, eu-west-1: AWS could not be reached (EndpointConnectionError)" in told.out
    assert f"❌ Slack It does not answer at {nowhere}/api/" in told.out
    assert "✅ Database" in told.out


def test_what_never_answers_is_not_waited_for() -> None:
    over = threading.Event()

    def never(_: Chart) -> list[Finding]:
        over.wait(SOON)
        return []

    well = Finding(Area.DATABASE, State.GREEN, "It is there")
    settings, problems, unusable = Chart.of_environment().settings, ("X: is wrong",), frozenset[str]()
    found = examine(
        Chart(settings, is_socket=False, problems=problems, unusable=unusable),
        {Area.AWS: never, Area.DATABASE: lambda _: [well]},
        within=0.2,
    )

    over.set()
    assert [(one.area, one.state) for one in found] == [
        (Area.SETTINGS, State.RED),
        (Area.AWS, State.RED),
        (Area.DATABASE, State.GREEN),
    ]
    assert "No end of the look within 0 seconds" in found[1].title


def test_one_area_that_breaks_off_keeps_no_other_from_being_told(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: Chart) -> list[Finding]:
        raise LookupError("what nobody foresaw")

    found = examine(Chart.of_environment(), {Area.SLACK: broken, Area.AWS: lambda _: []})
    [line] = [one for one in found if one.area is Area.SLACK]
    [error_id] = re.findall(r"\(error (\w+)\)", line.title)

    assert line.state is State.RED
    assert error_id in caplog.text


def test_a_region_where_lightsail_is_not_is_red_and_the_others_are_looked_at(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIGHTSAIL_REGIONS", "us-west-1,us-east-1")
    told = doctor()

    assert told.status == 1
    assert "Lightsail is not in us-west-1 → Name in LIGHTSAIL_REGIONS only regions where it is: ap-east-1" in told.out
    assert "us-east-1: all 6 reads are allowed" in told.out


def test_no_region_is_red(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIGHTSAIL_REGIONS")
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    assert "❌ AWS No region is named → Set LIGHTSAIL_REGIONS" in doctor().out


@pytest.mark.parametrize("action", READS)
def test_a_read_that_is_denied_is_red_with_its_name(doctor: Doctor, aws: LocalLightsail, action: str) -> None:
    aws.fail(action, "AccessDeniedException", region="eu-west-1")
    told = doctor()

    assert told.status == 1
    assert f"❌ AWS eu-west-1: AWS denies {action} → Allow `lightsail:{action}` to arn:aws:" in told.out
    assert "docs/aws/reading.json" in told.out
    assert "✅ AWS us-east-1: all 6 reads are allowed" in told.out


def test_reads_that_are_denied_everywhere_are_one_line(doctor: Doctor, aws: LocalLightsail) -> None:
    aws.fail("GetInstance", "AccessDeniedException", times=None)
    aws.fail("GetOperation", "AccessDeniedException", times=None)

    assert "❌ AWS us-east-1, eu-west-1: AWS denies GetInstance, GetOperation" in doctor().out


def test_a_region_that_is_not_enabled_is_told_from_wrong_keys(doctor: Doctor, aws: LocalLightsail) -> None:
    for action in READS:
        aws.fail(action, "UnrecognizedClientException", region="eu-west-1")
    told = doctor()

    assert told.status == 1
    assert "eu-west-1: AWS does not know the account there (UnrecognizedClientException)" in told.out
    assert "Enable eu-west-1 for the AWS account, or leave it out of LIGHTSAIL_REGIONS." in told.out


@pytest.mark.parametrize("code", ["ThrottlingException", "ServiceException"])
def test_what_passes_by_itself_is_yellow(doctor: Doctor, aws: LocalLightsail, code: str) -> None:
    aws.fail("GetInstance", code, region="eu-west-1")
    told = doctor()

    assert told.status == 0
    assert told.out.startswith("It works; 1 thing to look at.")
    assert f"({code})" in told.out


def test_a_region_that_is_down_is_red(doctor: Doctor, aws: LocalLightsail) -> None:
    aws.down("eu-west-1")
    told = doctor()

    assert told.status == 1
    assert "❌ AWS eu-west-1: The line to AWS broke off before the answer came" in told.out
    assert "✅ AWS us-east-1: all 6 reads are allowed" in told.out


@pytest.mark.parametrize(
    ("state", "words", "advice"),
    [
        ("expired", "The bot's AWS credentials have expired", "Renew them"),
        ("unknown", "AWS does not accept the bot's credentials", "Give the bot credentials"),
        ("invalid_signature", "AWS does not accept the bot's signature", "Set `AWS_SECRET_ACCESS_KEY` again"),
    ],
)
def test_credentials_that_aws_refuses_are_one_red_line(
    doctor: Doctor, aws: LocalLightsail, state: str, words: str, advice: str
) -> None:
    aws.credentials(state)
    told = doctor()

    assert told.status == 1
    assert told.out.startswith("1 thing to mend.")
    assert words in told.out
    assert f"→ {advice}" in told.out


def test_no_credentials_are_red(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    told = doctor()

    assert told.status == 1
    assert "The bot has no AWS credentials that it can use (NoCredentialsError) → Give the bot credentials" in told.out


def test_a_profile_that_is_not_there_is_red(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nowhere")

    assert (
        "❌ AWS AWS's own configuration can't be used: The config profile (nowhere) could not be found" in doctor().out
    )


ROLE = "arn:aws:iam::123456789012:role/lightkeeper"


@pytest.fixture
def role(doctor: Doctor, aws: LocalLightsail, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """The same, with a role for each click."""
    aws.account("123456789012", role=ROLE, external_id="ops")
    monkeypatch.setenv("LIGHTSAIL_ROLE_ARN", ROLE)
    monkeypatch.setenv("LIGHTSAIL_EXTERNAL_ID", "ops")
    return doctor


def test_a_role_that_can_be_assumed_is_green_and_may_do_nothing(role: Doctor, aws: LocalLightsail) -> None:
    told = role()

    assert told.status == 0
    assert f"✅ Role us-east-1, eu-west-1: {ROLE} can be assumed" in told.out
    assert all('"Deny"' in str(session.policy) for session in aws.sessions())
    assert len(aws.sessions()) == 2


def test_a_role_that_does_not_trust_the_bot_is_red(role: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTSAIL_EXTERNAL_ID", "others")
    told = role()

    assert told.status == 1
    assert f"❌ Role us-east-1, eu-west-1: AWS does not let the bot assume {ROLE} (AccessDenied) →" in told.out
    assert "Its trust policy must let arn:aws:" in told.out
    assert "✅ AWS us-east-1, eu-west-1: all 6 reads are allowed" in told.out


def test_a_role_of_another_account_is_red(role: Doctor, aws: LocalLightsail, monkeypatch: pytest.MonkeyPatch) -> None:
    other = "arn:aws:iam::222222222222:role/lightkeeper"
    aws.account("222222222222", role=other, external_id="ops")
    monkeypatch.setenv("LIGHTSAIL_ROLE_ARN", other)
    told = role()

    assert told.status == 1
    assert f"{other} is of account 222222222222, and the bot sees the snapshots of 123456789012" in told.out


def test_a_role_is_red_where_sts_is_out_of_reach(role: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{closed_port()}")
    told = role()

    assert told.status == 1
    assert f"{ROLE} could not be asked for. AWS could not be reached (EndpointConnectionError)" in told.out
    assert "⚠️ AWS STS did not say who the bot is" in told.out
    assert "all 6 reads are allowed" in told.out


def test_problems_of_the_settings_come_first_and_the_rest_is_looked_at(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, aws: LocalLightsail
) -> None:
    aws.fail("GetInstance", "AccessDeniedException")
    monkeypatch.setenv("PORT", "harbour")
    monkeypatch.setenv("MIN_AGE", "old")
    told = doctor()

    assert told.status == 1
    assert re.match(r"3 things to mend. ❌ Settings PORT: .* ❌ Settings MIN_AGE: .* → Mend it in the env", told.out)
    assert "✅ Slack Its token opens" in told.out
    assert "✅ Database" in told.out


def test_what_a_wrong_setting_names_is_not_looked_at(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxp-hush")
    monkeypatch.setenv("SLACK_APP_TOKEN", "hush")
    monkeypatch.setenv("DATABASE_URL", "mysql://hush")
    told = doctor()

    assert told.status == 1
    assert "💬 Slack Not looked at: SLACK_BOT_TOKEN can't be used" in told.out
    assert "💬 Database Not looked at: DATABASE_URL can't be used" in told.out
    assert "hush" not in told.out


@pytest.mark.parametrize(
    ("off", "state", "words"),
    [
        (timedelta(seconds=2), State.GREEN, r"Within [123] s of {}'s"),
        (timedelta(seconds=-30), State.YELLOW, r"(29|30|31) s behind {}'s"),
        (timedelta(minutes=10), State.RED, r"(599|600|601) s ahead of {}'s"),
    ],
)
@pytest.mark.usefixtures("doctor")
def test_the_clock_is_held_against_those_of_aws_and_slack(off: timedelta, state: State, words: str) -> None:
    found = [one for one in examine(Chart.of_environment(lambda: datetime.now(UTC) + off)) if one.area is Area.CLOCK]

    assert [one.state for one in found] == [state, state]
    assert all(any(re.fullmatch(words.format(whose), one.title) for one in found) for whose in ("AWS", "Slack"))
    assert all(("NTP" in one.advice) is (state is not State.GREEN) for one in found)


def test_json_holds_the_same(doctor: Doctor, aws: LocalLightsail) -> None:
    aws.fail("GetInstance", "AccessDeniedException", times=None)
    words, told = doctor(), doctor("--json")
    whole = json.loads(told.out)

    assert (told.status, whole["ok"], whole["summary"]) == (1, False, "1 thing to mend.")
    assert whole["findings"][0]["state"] == "red"
    assert whole["findings"][0]["area"] == "AWS"
    assert all(f"{one['area']} {one['title']}" in words.out for one in whole["findings"])
    assert {one["state"] for one in whole["findings"]} == {"red", "green", "note"}


def test_colours_are_for_terminals_alone(doctor: Doctor) -> None:
    found = [Finding(Area.AWS, State.RED, "It is ill", "Mend it.")]

    assert "\x1b" not in doctor().out
    assert "\x1b[31m❌ AWS" in shell_doctor.in_words(found, is_coloured=True)


# In Slack


def test_an_admin_has_the_bot_look(world: World) -> None:
    ready(world)
    said = says(world, world.staff.cleo, "doctor", "All is well.").reads()

    assert "us-east-1, eu-west-1: all 6 reads are allowed" in said
    assert "with the schema of this version" in said
    assert "The lease was last taken by" in said


def test_an_admin_reads_the_worst_first(world: World) -> None:
    ready(world, notify_channel="C0NOSUCH")
    world.aws.fail("GetInstance", "AccessDeniedException", times=None)
    world.clock.skip(minutes=10)
    said = says(world, world.staff.cleo, "doctor", "things to mend.").reads()

    assert re.search(r"^4 things to mend\..*AWS denies GetInstance.*C0NOSUCH.* s ahead of AWS's.*✅", said, re.DOTALL)
    assert said.rindex("❌") < said.index("✅")
    assert "lightsail:GetInstance" in said


def test_who_is_no_admin_hears_nothing_of_it(world: World) -> None:
    ready(world)
    before = len(world.aws.calls("GetInstance"))
    says(world, world.staff.dan, "doctor", "Only admins can do that. Ask @Cleo.")

    assert len(world.aws.calls("GetInstance")) == before


def test_who_waits_is_told_that_it_is_looked_at(world: World) -> None:
    ready(world)
    world.aws.slow("GetInstance", 2.5, region="us-east-1")
    world.staff.cleo.types("/snapshot doctor", world.staff.ops)

    world.hears(world.staff.cleo, "Looking in 2 regions…")
    world.hears(world.staff.cleo, "All is well.")
