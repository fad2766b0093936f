"""The environment as one frozen object, with every problem of it reported at once."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from bot import guards
from bot.errors import SettingsError
from bot.guards import Guarding
from bot.model import Snapshot
from bot.settings import Settings, ShellSettings
from bot.spans import duration

NAMES = [
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_API_URL",
    "SLACK_TEAMS",
    "SLACK_CHANNELS",
    "DATABASE_URL",
    "LIGHTSAIL_REGIONS",
    "HOST",
    "PORT",
    "CONFIRMATION_TTL",
    "PROTECTED_TAGS",
    "LIGHTKEEPER_ADMINS",
    "APPROVAL_TAGS",
    "LAST_GUARD",
    "STATE_GUARD",
    "MIN_AGE",
    "DAILY_LIMIT",
    "GRACE_PERIOD",
    "MIN_APPROVALS",
    "APPROVAL_TTL",
    "APPROVALS_CHANNEL",
    "NOTIFY_CHANNEL",
    "LIGHTSAIL_ROLE_ARN",
    "LIGHTSAIL_EXTERNAL_ID",
]
NEEDED = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_SIGNING_SECRET": "sign"}

Load = Callable[..., Settings]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper() in NAMES:
            monkeypatch.delenv(name)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    def with_(**variables: str) -> Settings:
        for name, value in {**NEEDED, **variables}.items():
            monkeypatch.setenv(name, value)
        return Settings.load()

    return with_


def problems(load: Callable[[], object]) -> str:
    with pytest.raises(SettingsError) as caught:
        load()
    return str(caught.value)


# Defaults


def test_the_defaults_are_those_of_the_documentation(load: Load) -> None:
    settings = load()

    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.slack_teams == settings.slack_channels == frozenset()
    assert settings.database_url == "sqlite:///lightkeeper.db"
    assert settings.lightsail_regions == ()
    assert (settings.host, settings.port) == ("0.0.0.0", 3000)
    assert settings.confirmation_ttl == timedelta(minutes=15)
    assert settings.protected_tags == (("no_delete", None), ("protected", "true"))
    assert settings.lightkeeper_admins == frozenset()
    assert settings.approval_ttl == timedelta(hours=8)
    assert (settings.approvals_channel, settings.notify_channel) == (None, None)
    assert settings.guarding == Guarding(protected_tags=settings.protected_tags)


def test_shell_commands_need_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "not for the shell")

    assert ShellSettings.load().slack_bot_token is None


def test_an_empty_variable_counts_as_not_set(load: Load) -> None:
    assert load(PORT="", LIGHTKEEPER_ADMINS="", PROTECTED_TAGS="").port == 3000


def test_settings_cannot_be_changed(load: Load) -> None:
    settings = load()

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


@pytest.mark.parametrize("one", ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"])
def test_one_way_to_be_reached_is_enough(load: Load, one: str) -> None:
    other = ({"SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"} - {one}).pop()

    assert load(**{other: ""}).port == 3000


# By tag or name


def test_a_guard_can_differ_by_tag_or_name(load: Load) -> None:
    found = load(GRACE_PERIOD="0s,env=prod:10m,web-*:5m", MIN_APPROVALS="1,env=:3", DAILY_LIMIT="off,db-*:2").guarding

    def of(name: str, **tags: str) -> Snapshot:
        return Snapshot("arn", name, "us-east-1", datetime(2024, 5, 1, tzinfo=UTC), "available", tags=tags)

    assert guards.grace(of("db"), found) == timedelta()
    assert guards.grace(of("web-1"), found) == timedelta(minutes=5)
    assert guards.grace(of("web-1", env="prod"), found) == timedelta(minutes=10)
    assert guards.approvals_needed(of("db", env="any"), found) == 3
    assert guards.approvals_needed(of("db"), found) == 1
    assert found.daily_limit.of(of("db-1")) == [2]
    assert found.daily_limit.of(of("web-1")) == [None]


@pytest.mark.parametrize("off", ["off", "OFF"])
def test_guards_can_be_switched_off(load: Load, off: str) -> None:
    found = load(PROTECTED_TAGS=off, LAST_GUARD=off, STATE_GUARD=off, MIN_AGE=off, DAILY_LIMIT=off).guarding

    assert found == Guarding(guards_last=False, guards_state=False)


# Problems


def test_every_problem_is_named_at_once(load: Load) -> None:
    told = problems(
        lambda: load(
            SLACK_BOT_TOKEN="xoxp-1",
            SLACK_APP_TOKEN="xoxb-1",
            SLACK_API_URL="slack.com",
            DATABASE_URL="mysql://u:p@host/name",
            PORT="many",
            CONFIRMATION_TTL="15",
            LIGHTKEEPER_ADMINS="ann",
            GRACE_PERIOD="10",
            MIN_AGE="env=prod",
            DAILY_LIMIT="many",
            MIN_APPROVALS="6",
            APPROVAL_TTL="8",
            LAST_GUARD="maybe",
            NOTIFY_CHANNEL="#audit",
        )
    )

    for name in (
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_API_URL",
        "DATABASE_URL",
        "PORT",
        "CONFIRMATION_TTL",
        "LIGHTKEEPER_ADMINS",
        "GRACE_PERIOD",
        "MIN_AGE",
        "DAILY_LIMIT",
        "MIN_APPROVALS",
        "APPROVAL_TTL",
        "LAST_GUARD",
        "NOTIFY_CHANNEL",
    ):
        assert f"\n  {name}: " in told


def test_a_missing_token_is_named_with_what_it_looks_like(load: Load) -> None:
    assert "SLACK_BOT_TOKEN: missing; should be the bot's token, xoxb-…" in problems(lambda: load(SLACK_BOT_TOKEN=""))


def test_without_any_way_to_be_reached_both_are_named(load: Load) -> None:
    told = problems(lambda: load(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=""))

    assert "SLACK_APP_TOKEN" in told
    assert "SLACK_SIGNING_SECRET" in told


ROLE = "arn:aws:iam::123456789012:role/lightkeeper"


def test_a_role_for_each_click_can_be_set(load: Load) -> None:
    settings = load(LIGHTSAIL_ROLE_ARN=ROLE, LIGHTSAIL_EXTERNAL_ID="ops-1")

    assert (settings.lightsail_role_arn, settings.lightsail_external_id) == (ROLE, "ops-1")


@pytest.mark.parametrize("arn", ["lightkeeper", "arn:aws:iam::1:role/x", "arn:aws:iam::123456789012:user/ann"])
def test_what_is_no_role_is_refused(load: Load, arn: str) -> None:
    assert "LIGHTSAIL_ROLE_ARN: should be a role's ARN" in problems(lambda: load(LIGHTSAIL_ROLE_ARN=arn))


def test_an_external_id_that_aws_would_not_take_is_refused(load: Load) -> None:
    told = problems(lambda: load(LIGHTSAIL_ROLE_ARN=ROLE, LIGHTSAIL_EXTERNAL_ID="näh!"))

    assert "LIGHTSAIL_EXTERNAL_ID: should be 2 to 1224" in told


def test_an_external_id_without_a_role_is_never_ignored(load: Load) -> None:
    assert "LIGHTSAIL_EXTERNAL_ID: belongs to a role" in problems(lambda: load(LIGHTSAIL_EXTERNAL_ID="ops-1"))


@pytest.mark.parametrize("port", ["-1", "65536", "http", "3000.5"])
def test_a_port_is_a_number_that_tcp_knows(load: Load, port: str) -> None:
    assert "PORT: " in problems(lambda: load(PORT=port))


@pytest.mark.parametrize("url", ["slack.com/api", "ftp://slack.com/", "https://", "https://slack.com/a b"])
def test_the_address_of_slack_is_one(load: Load, url: str) -> None:
    assert "SLACK_API_URL: should be an address such as" in problems(lambda: load(SLACK_API_URL=url))


@pytest.mark.parametrize("admins", ["ann", "u024be7lh", "U024BE7LH,bob", "S012345", "@U024BE7LH", "*"])
def test_admins_are_people_by_id(load: Load, admins: str) -> None:
    assert "LIGHTKEEPER_ADMINS: should be Slack user ids" in problems(lambda: load(LIGHTKEEPER_ADMINS=admins))


# Secrets


SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-hush-1",
    "SLACK_APP_TOKEN": "xapp-hush-2",
    "SLACK_SIGNING_SECRET": "hush-3",
    "DATABASE_URL": "postgresql://keeper:hush-4@db/lightkeeper",
}


@pytest.mark.parametrize("show", [repr, str, "{}".format])
def test_no_secret_is_shown_with_the_settings(load: Load, show: Callable[[object], str]) -> None:
    assert "hush" not in show(load(**SECRETS))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "hush-1"),
        ("SLACK_APP_TOKEN", "hush-2"),
        ("DATABASE_URL", "mysql://keeper:hush-4@db/lightkeeper"),
    ],
)
def test_no_secret_is_shown_with_its_problem(load: Load, name: str, value: str) -> None:
    told = problems(lambda: load(**{**SECRETS, name: value}))

    assert f"{name}: " in told
    assert "hush" not in told


# Values


def test_postgres_is_postgresql(load: Load) -> None:
    assert load(DATABASE_URL="postgres://u:p@db/keeper").database_url == "postgresql://u:p@db/keeper"


@pytest.mark.parametrize("url", ["sqlite:///keeper.db", "sqlite:////var/lib/keeper.db", "postgresql://u:p@db/keeper"])
def test_a_database_is_taken_as_it_is(load: Load, url: str) -> None:
    assert load(DATABASE_URL=url).database_url == url


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "postgresql://", "mysql://u:p@db/keeper", "keeper.db"]
)
def test_a_database_that_cannot_be_is_refused(load: Load, url: str) -> None:
    assert "DATABASE_URL: should be sqlite:///" in problems(lambda: load(DATABASE_URL=url))


def test_lists_are_separated_by_commas_and_may_have_blanks(load: Load) -> None:
    settings = load(
        LIGHTSAIL_REGIONS="us-east-1, eu-west-1,",
        SLACK_TEAMS="T1,T2",
        SLACK_CHANNELS=" C1 ",
        LIGHTKEEPER_ADMINS="U024BE7LH, W061F7AUR",
    )

    assert settings.lightsail_regions == ("us-east-1", "eu-west-1")
    assert settings.slack_teams == {"T1", "T2"}
    assert settings.slack_channels == {"C1"}
    assert settings.lightkeeper_admins == {"U024BE7LH", "W061F7AUR"}


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/api", "http://127.0.0.1:1/api/"])
def test_the_address_of_slack_ends_with_a_slash(load: Load, url: str) -> None:
    assert load(SLACK_API_URL=url).slack_api_url == "http://127.0.0.1:1/api/"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("no_delete", [("no_delete", None)]),
        ("no_delete,env=prod", [("no_delete", None), ("env", "prod")]),
        (" env = prod , no_delete ,", [("env", "prod"), ("no_delete", None)]),
        ("env=prod,env=staging", [("env", "prod"), ("env", "staging")]),
        ("env=", [("env", "")]),
        ("url=a=b", [("url", "a=b")]),
    ],
)
def test_tags_are_keys_with_or_without_values(load: Load, text: str, meant: list[tuple[str, str | None]]) -> None:
    assert load(PROTECTED_TAGS=text).protected_tags == tuple(meant)


@pytest.mark.parametrize("text", ["=prod", "no_delete,=prod", "="])
def test_a_tag_without_a_key_would_protect_nothing_and_is_refused(load: Load, text: str) -> None:
    assert "PROTECTED_TAGS: " in problems(lambda: load(PROTECTED_TAGS=text))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("8h", timedelta(hours=8)),
        ("2d", timedelta(days=2)),
        (" 15M ", timedelta(minutes=15)),
        ("0s", timedelta()),
    ],
)
def test_a_duration_is_a_number_with_its_unit(text: str, meant: timedelta) -> None:
    assert duration(text) == meant


@pytest.mark.parametrize("text", ["", "15", "m", "1.5h", "-1m", "1w", "1h30m", "15 m", "٣m" * 9, "9999999s", "PT15M"])
def test_a_duration_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as 15m"):
        duration(text)


@pytest.mark.parametrize("ttl", ["1s", "15m", "24h", "1d"])
def test_a_card_waits_for_some_time(load: Load, ttl: str) -> None:
    assert load(CONFIRMATION_TTL=ttl).confirmation_ttl == duration(ttl)


@pytest.mark.parametrize("ttl", ["0s", "25h", "2d"])
def test_a_card_does_not_wait_for_no_time_or_for_ever(load: Load, ttl: str) -> None:
    assert "CONFIRMATION_TTL: should be between 1s and 1d" in problems(lambda: load(CONFIRMATION_TTL=ttl))


@pytest.mark.parametrize(
    ("name", "value"),
    [("SLACK_CHANNELS", "#ops"), ("SLACK_CHANNELS", "C1,ops"), ("SLACK_TEAMS", "Acme"), ("SLACK_TEAMS", "C024BE7LR")],
)
def test_a_name_where_an_id_belongs_is_told(load: Load, name: str, value: str) -> None:
    told = problems(lambda: load(**{name: value}))

    assert f"{name}: should be ids of" in told
    assert value.rsplit(",", maxsplit=1)[-1] in told
