"""The Slack app imports, asks for no more than it says why, and can be switched to HTTP as its comments tell.

The schema below is our own, after the facts of Slack's (manifest-schema, 1.0.0): every object is closed, so a
misspelt key fails here and not in front of whoever imports the file.
"""

import re
from pathlib import Path
from typing import Annotated

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MANIFEST = Path(__file__).parents[2] / "manifest.yml"
COMMENTED_URL = re.compile(r"^( *)# (?=(?:request_)?url: )", re.MULTILINE)

Url = Annotated[str, Field(pattern=r"^https?://", max_length=3000)]
Scope = Annotated[str, Field(min_length=1, max_length=50)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Metadata(Closed):
    major_version: Annotated[int, Field(ge=1, le=2)]
    minor_version: int | None = None


class DisplayInformation(Closed):
    name: Annotated[str, Field(min_length=1, max_length=35)]
    description: Annotated[str, Field(min_length=1, max_length=140)]
    long_description: Annotated[str, Field(min_length=175, max_length=4000)]
    background_color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$")]


class AppHome(Closed):
    home_tab_enabled: bool
    messages_tab_enabled: bool
    messages_tab_read_only_enabled: bool


class BotUser(Closed):
    display_name: Annotated[str, Field(min_length=1, max_length=80)]
    always_online: bool


class SlashCommand(Closed):
    command: Annotated[str, Field(pattern="^/", min_length=2, max_length=32)]
    url: Url | None = None
    description: Annotated[str, Field(min_length=1, max_length=2000)]
    usage_hint: Annotated[str, Field(min_length=1, max_length=1000)]
    should_escape: bool


class Features(Closed):
    app_home: AppHome
    bot_user: BotUser
    slash_commands: Annotated[list[SlashCommand], Field(min_length=1, max_length=50)]


class Scopes(Closed):
    bot: Annotated[list[Scope], Field(max_length=255)]


class OAuthConfig(Closed):
    scopes: Scopes


class Interactivity(Closed):
    is_enabled: bool
    request_url: Url | None = None


class AppSettings(Closed):
    interactivity: Interactivity
    org_deploy_enabled: bool
    socket_mode_enabled: bool
    token_rotation_enabled: bool


class Manifest(Closed):
    metadata: Annotated[Metadata, Field(alias="_metadata")]
    display_information: DisplayInformation
    features: Features
    oauth_config: OAuthConfig
    settings: AppSettings


def read(text: str) -> Manifest:
    return Manifest.model_validate(yaml.safe_load(text))


def over_http(text: str) -> str:
    """Follow the manifest's own instructions for HTTP mode."""
    urls_in = COMMENTED_URL.sub(r"\1", text)
    return urls_in.replace("socket_mode_enabled: true", "socket_mode_enabled: false")


def test_the_manifest_is_one_that_slack_accepts() -> None:
    assert read(MANIFEST.read_text()).display_information.name == "Lightkeeper"


def test_a_key_that_slack_does_not_know_is_noticed() -> None:
    misspelt = MANIFEST.read_text().replace("should_escape:", "should_escaped:")

    with pytest.raises(ValidationError, match="should_escaped"):
        read(misspelt)


def test_the_bot_is_lightkeeper_and_always_there() -> None:
    bot = read(MANIFEST.read_text()).features.bot_user

    assert (bot.display_name, bot.always_online) == ("Lightkeeper", True)


def test_people_in_a_command_arrive_as_ids() -> None:
    [command] = read(MANIFEST.read_text()).features.slash_commands

    hint = "delete <name> | show <name> | history | status | freeze [reason] | help"
    assert (command.command, command.usage_hint) == ("/snapshot", hint)
    assert command.should_escape


def test_as_shipped_the_bot_needs_no_public_address() -> None:
    manifest = read(MANIFEST.read_text())

    assert manifest.settings.socket_mode_enabled
    assert manifest.settings.interactivity == Interactivity(is_enabled=True)
    assert manifest.features.slash_commands[0].url is None


def test_the_commented_lines_make_an_http_app() -> None:
    manifest = read(over_http(MANIFEST.read_text()))

    urls = {manifest.features.slash_commands[0].url, manifest.settings.interactivity.request_url}
    assert urls == {"https://lightkeeper.example.com/slack/events"}
    assert not manifest.settings.socket_mode_enabled


def test_the_token_lives_as_long_as_the_environment_that_holds_it() -> None:
    settings = read(MANIFEST.read_text()).settings

    assert not settings.token_rotation_enabled
    assert not settings.org_deploy_enabled


def test_every_scope_says_why() -> None:
    text = MANIFEST.read_text()
    scopes = read(text).oauth_config.scopes.bot

    assert [scope for scope in scopes if not re.search(rf"^ +- {scope} +# \w.+", text, re.MULTILINE)] == []


def test_no_scope_is_asked_for_beyond_what_the_bot_does() -> None:
    kinds = ("channels", "groups", "im", "mpim")
    looking = {f"{kind}:{what}" for kind in kinds for what in ("read", "history")}

    scopes = read(MANIFEST.read_text()).oauth_config.scopes.bot

    people = {"users:read", "usergroups:read"}
    saying = {"chat:write", "chat:write.public", "files:write"}
    assert sorted(scopes) == sorted({"commands"} | saying | people | looking)
