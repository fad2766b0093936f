"""What Slack lets the bot do, and which conversations it reaches."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.ask import RoomProblem
from bot.doctor import clocks
from bot.doctor.chart import Chart
from bot.doctor.finding import Area, Finding, State
from bot.doctor.together import results
from bot.slack.client import Done, Never, Unsure, Wait, attempt, web_client
from bot.slack.rooms import problem_with

TIMEOUT = 5  # seconds a call
MOST = 40  # channels; https://docs.slack.dev/apis/web-api/rate-limits
MANIFEST = Path(__file__).parents[2] / "manifest.yml"
_REINSTALL = (
    "In Slack's app settings, paste manifest.yml under App Manifest, then Reinstall under Install App; "
    "take the new SLACK_BOT_TOKEN if it is another."
)
_COPY = (
    "Copy the “Bot User OAuth Token” from OAuth & Permissions of your Slack app into `SLACK_BOT_TOKEN`; "
    "reinstall the app if it was removed."
)
_MAKE_ONE = (
    "Make one under Basic Information, “App-Level Tokens”, with the scope connections:write, and set `SLACK_APP_TOKEN`."
)
_ROOMS = {
    RoomProblem.ARCHIVED: (State.RED, "is archived", "Unarchive it, or name another one."),
    RoomProblem.NOT_INVITED: (State.RED, "is private, and the bot is not in it", "Type `/invite @Lightkeeper` there."),
    RoomProblem.SHARED: (
        State.YELLOW,
        "is shared with another company: nobody can ask for a deletion there, and they read along",
        "Name a channel of your own company alone.",
    ),
}


def findings(chart: Chart) -> list[Finding]:
    """The tokens, their scopes, the clock, and each conversation that the settings name."""
    client = web_client(chart.settings.slack_bot_token.get_secret_value(), chart.settings.slack_api_url)
    client.timeout = TIMEOUT
    if "slack_bot_token" in chart.unusable:
        return [_finding(State.NOTE, "Not looked at: SLACK_BOT_TOKEN can't be used"), *_way_in(client, chart)]
    headers: dict[str, str] = {}
    result = attempt(lambda: _heard(client, headers))
    found = clocks.finding("Slack", clocks.ahead_of(headers, chart.now))
    match result:
        case Done() as done:
            found += [_welcome(done), *_teams(done, chart), *_scopes(headers), *_way_in(client, chart)]
            return [*found, *_channels(client, chart)]
        case Unsure(problem=problem):
            advice = "See that this machine can open it: name server, proxy, firewall, SLACK_API_URL."
            where = chart.settings.slack_api_url
            return [*found, _finding(State.RED, f"It does not answer at {where} ({problem})", advice)]
        case Wait(problem="ratelimited"):
            return [*found, _finding(State.YELLOW, "It asks to slow down", "Look again in a minute.")]
        case Wait(problem=problem) | Never(problem=problem):
            title = f"It does not accept SLACK_BOT_TOKEN ({problem})"
            return [*found, _finding(State.RED, title, _COPY), *_way_in(client, chart)]


def _heard(client: WebClient, headers: dict[str, str]) -> SlackResponse:
    """`auth.test`, and the headers of its answer whatever it is."""
    try:
        response = client.auth_test()
    except SlackApiError as error:
        headers.update(_lower(error.response.headers))
        raise
    headers.update(_lower(response.headers))
    return response


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in headers.items()}


def _welcome(done: Done) -> Finding:
    name = f"{done.response.get('team') or 'a workspace'} ({done.field('team_id')})"
    return _finding(State.GREEN, f"Its token opens {name}, as @{done.response.get('user') or 'bot'}")


def _teams(done: Done, chart: Chart) -> list[Finding]:
    team, allowed = done.field("team_id"), chart.settings.slack_teams
    if not allowed or team in allowed:
        return []
    advice = f"Add {team} to SLACK_TEAMS, or use the token of a workspace that it names."
    title = f"SLACK_TEAMS does not name the token's own workspace {team}: every command from there is refused"
    return [_finding(State.RED, title, advice)]


def _scopes(headers: Mapping[str, str]) -> list[Finding]:
    """Those of the token against those of the manifest.

    Source: https://docs.slack.dev/authentication/tokens
    """
    if not MANIFEST.exists() or "x-oauth-scopes" not in headers:
        return [_finding(State.NOTE, "The token's scopes were not looked at: Slack or manifest.yml does not tell them")]
    wanted = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"]
    has = [scope.strip() for scope in headers["x-oauth-scopes"].split(",") if scope.strip()]
    missing, extra = ([one for one in some if one not in others] for some, others in ((wanted, has), (has, wanted)))
    found = []
    if missing:
        found.append(_finding(State.RED, f"Its token lacks {_scopes_in_words(missing)}", _REINSTALL))
    if extra:
        advice = "Harmless, but nobody needs it: take what manifest.yml does not list out of the app, and reinstall it."
        found.append(_finding(State.YELLOW, f"Its token has {_scopes_in_words(extra)} too many", advice))
    return found or [_finding(State.GREEN, f"Its token has the {len(wanted)} scopes of manifest.yml, and no other")]


def _scopes_in_words(scopes: list[str]) -> str:
    return f"the scope{'' if len(scopes) == 1 else 's'} {', '.join(scopes)}"


def _way_in(client: WebClient, chart: Chart) -> list[Finding]:
    """How Slack reaches the bot. Opening a connection only makes an address, which ends by itself when nobody uses it.

    Source: https://docs.slack.dev/reference/methods/apps.connections.open
    """
    token = chart.settings.slack_app_token
    if not {"slack_app_token", "slack_signing_secret"}.isdisjoint(chart.unusable):
        return []
    if not chart.is_socket or token is None:
        if chart.settings.slack_signing_secret is None:
            return []  # the settings say so
        return [_finding(State.NOTE, "Whether SLACK_SIGNING_SECRET is right, only a request from Slack can show")]
    secret = token.get_secret_value()
    match attempt(lambda: client.apps_connections_open(app_token=secret)):
        case Done():
            return [_finding(State.GREEN, "Its app-level token opens Socket Mode")]
        case Wait(problem="ratelimited"):
            return [_finding(State.YELLOW, "It asks to slow down opening Socket Mode", "Look again in a minute.")]
        case Unsure(problem=problem):
            advice = "Look again in a minute; https://slack-status.com tells if it is Slack."
            return [_finding(State.YELLOW, f"It did not say whether Socket Mode can be opened ({problem})", advice)]
        case Wait(problem=problem) | Never(problem=problem):
            return [_finding(State.RED, f"It does not open Socket Mode with SLACK_APP_TOKEN ({problem})", _MAKE_ONE)]


def _channels(client: WebClient, chart: Chart) -> list[Finding]:
    """Each conversation that the settings name, with the names of those settings."""
    settings = chart.settings
    named: dict[str, list[str]] = {}
    for setting, ids in (
        ("NOTIFY_CHANNEL", [settings.notify_channel]),
        ("APPROVALS_CHANNEL", [settings.approvals_channel]),
        ("SLACK_CHANNELS", sorted(settings.slack_channels)),
    ):
        for one in filter(None, ids):
            named.setdefault(one, []).append(setting)
    if not named:
        return []
    looked = dict(list(named.items())[:MOST])
    work = {one: partial(_channel, client, one, " and ".join(by)) for one, by in looked.items()}
    found = list(results(work, "channel").values())
    if len(named) > MOST:
        found.append(_finding(State.NOTE, f"{len(named) - MOST} more channels were not looked at: Slack has limits"))
    problems = [one for one in found if one]
    if problems:
        return problems
    many = "the channel" if len(found) == 1 else f"all {len(found)} channels"
    return [_finding(State.GREEN, f"It reaches {many} of the settings")]


def _channel(client: WebClient, channel: str, settings: str) -> Finding | None:
    """What keeps the bot from a conversation, if anything."""
    which = f"{channel} in {settings}"
    match attempt(lambda: client.conversations_info(channel=channel)):
        case Done(response=response):
            if (problem := problem_with(response["channel"])) is None:
                return None
            state, what, advice = _ROOMS[problem]
            return _finding(state, f"#{response['channel'].get('name') or channel} ({which}) {what}", advice)
        case Never(problem="channel_not_found"):
            advice = "Correct the id (“View channel details”, at the very end), or type `/invite @Lightkeeper` there."
            return _finding(State.RED, f"{which} is not there, or private without the bot in it", advice)
        case Wait(problem=problem) | Never(problem=problem) | Unsure(problem=problem):
            advice = "Look again in a minute; where it lacks a scope, mend that first."
            return _finding(State.YELLOW, f"It did not tell of {which} ({problem})", advice)


def _finding(state: State, title: str, advice: str = "") -> Finding:
    return Finding(Area.SLACK, state, title, advice)
