"""The wiring, and what keeps it from starting."""

import gc
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import app
from bot.errors import SettingsError
from bot.lightsail import known_regions
from bot.sandbox.slack import LocalSlack
from bot.settings import Settings
from storage.database import Database
from storage.file_lease import FileLease
from tests.faults.proxy import Pooler

Start = Callable[..., str]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine that could serve, as far as the settings go."""
    for name in list(os.environ):
        if re.match(r"SLACK_|LIGHT|DATABASE_URL|AWS_|PORT$|HOST$", name):
            monkeypatch.delenv(name)
    variables = {
        "PYTHON_DOTENV_DISABLED": "1",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "SLACK_API_URL": "http://127.0.0.1:1/api/",  # nobody is there
        "SLACK_BOT_TOKEN": "xoxb-hush",
        "SLACK_SIGNING_SECRET": "hush",
        "LIGHTSAIL_REGIONS": "us-east-1",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'lightkeeper.db'}",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Start:
    """Start; returns why it did not."""

    def start(*arguments: str) -> str:
        assert app.main(arguments) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert "Traceback" not in said.err
        return said.err

    return start


@pytest.fixture
def tidy() -> Iterator[None]:
    """What is left open is a warning in the test that left it."""
    yield
    gc.collect()


@pytest.mark.parametrize("command", [[], ["serve"], ["serve", "--http"], ["--http"]])
def test_missing_settings_are_all_named(environment: pytest.MonkeyPatch, refused: Start, command: list[str]) -> None:
    environment.delenv("SLACK_BOT_TOKEN")
    environment.delenv("SLACK_SIGNING_SECRET")
    environment.setenv("PORT", "many")
    why = refused(*command)

    assert all(name in why for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "PORT"))


def test_socket_mode_needs_its_token(refused: Start) -> None:
    assert refused("serve", "--socket") == "Socket Mode needs SLACK_APP_TOKEN (xapp-…).\n"


def test_http_needs_the_signing_secret(environment: pytest.MonkeyPatch, refused: Start) -> None:
    environment.delenv("SLACK_SIGNING_SECRET")
    environment.setenv("SLACK_APP_TOKEN", "xapp-hush")

    assert refused("serve", "--http").startswith("HTTP mode needs SLACK_SIGNING_SECRET")


@pytest.mark.parametrize("region", ["us-west-1", "mars-1", "US-EAST-1"])
def test_regions_without_lightsail_are_named(environment: pytest.MonkeyPatch, refused: Start, region: str) -> None:
    environment.setenv("LIGHTSAIL_REGIONS", f"us-east-1,{region}")

    assert refused("serve").startswith(f"LIGHTSAIL_REGIONS: Lightsail is not in {region}; it is in ")


def test_without_any_region_one_is_asked_for(environment: pytest.MonkeyPatch, refused: Start) -> None:
    environment.delenv("LIGHTSAIL_REGIONS")

    assert refused("serve").startswith("LIGHTSAIL_REGIONS: name at least one region")


def test_without_named_regions_it_is_that_of_aws(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("LIGHTSAIL_REGIONS")
    environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert app._regions(Settings.load()) == ["eu-west-1"]


def test_all_regions_are_those_with_an_endpoint(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LIGHTSAIL_REGIONS", "all")

    assert app._regions(Settings.load()) == known_regions()


def test_a_profile_that_aws_does_not_know_is_told(environment: pytest.MonkeyPatch, refused: Start) -> None:
    environment.setenv("AWS_PROFILE", "no-such-profile")

    assert "no-such-profile" in refused("serve")


def test_half_of_a_credential_is_told(environment: pytest.MonkeyPatch, refused: Start) -> None:
    environment.setenv("AWS_ACCESS_KEY_ID", "AKIAHALF")
    with LocalSlack() as slack:
        for name, value in slack.environment().items():
            environment.setenv(name, value)

        assert "AWS_SECRET_ACCESS_KEY" in refused("serve")


@pytest.mark.usefixtures("tidy")
def test_a_slack_that_does_not_answer_is_told(refused: Start) -> None:
    assert "Slack" in refused("serve")


@pytest.mark.usefixtures("tidy")
def test_a_second_one_on_the_same_file_is_refused(refused: Start, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'lightkeeper.db'}")
    lease = FileLease(database, app.utc_now)
    lease.lock()

    assert "another Lightkeeper already serves" in refused("serve")
    lease.release()
    database.close()


@pytest.mark.usefixtures("tidy")
def test_postgresql_with_another_schema_says_which_command_to_run(
    environment: pytest.MonkeyPatch, refused: Start, postgresql: Callable[[], str]
) -> None:
    environment.setenv("DATABASE_URL", postgresql())

    assert refused("serve") == "The database has another schema than this version. Run: python app.py migrate\n"


@pytest.mark.usefixtures("tidy")
def test_a_pooler_that_would_lose_the_lease_is_refused(
    environment: pytest.MonkeyPatch, refused: Start, migrated_postgresql: Callable[[], str]
) -> None:
    with Pooler(migrated_postgresql()) as between:
        environment.setenv("DATABASE_URL", between.url)
        said = refused("serve")

    assert said.startswith("DATABASE_URL leads to a pooler that gives each transaction another connection")
    assert "two processes could then both call AWS" in said


@pytest.mark.usefixtures("tidy")
def test_a_start_that_is_refused_leaves_the_lease_to_the_next(refused: Start, tmp_path: Path) -> None:
    file = tmp_path / "lightkeeper.db"
    file.write_text("this is no database, however you look at it" * 100)
    assert refused("serve")

    lease = FileLease(Database(f"sqlite:///{file}"), app.utc_now)
    lease.lock()
    lease.release()


def test_settings_that_cannot_be_served_are_an_error_for_programs_too() -> None:
    with pytest.raises(SettingsError, match="Socket Mode needs"):
        app.build(Settings.load(), mode="socket")


def test_an_id_can_be_read_aloud() -> None:
    ids = {app.new_id() for _ in range(200)}

    assert all(re.fullmatch(r"D-[2-9A-HJKMNP-TV-Z]{5}", one) for one in ids)
    assert len(ids) > 190


def test_the_time_has_its_zone() -> None:
    assert abs((app.utc_now() - datetime.now(UTC)).total_seconds()) < 5
