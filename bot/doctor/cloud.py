"""What AWS lets the bot do, and who it takes it for."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from bot import lightsail
from bot.doctor import clocks, role
from bot.doctor.chart import Chart
from bot.doctor.finding import Area, Finding, State, named
from bot.doctor.together import results
from bot.errors import AwsError, CredentialsError, NotExecutedError, SettingsError, described
from bot.lightsail.places import Places
from bot.lightsail.probing import Prober, Tried
from bot.model import DELETE_ACTION

POLICY = "docs/aws/reading.json"
_DENIED = ("AccessDenied", "AccessDeniedException", "NotAuthorized")
# AWS's own trouble, which passes.
_PASSING = ("InternalFailure", "RequestTimeout", "RequestTimeoutException", "ServiceException", "ServiceUnavailable")
_UNKNOWN_THERE = ("InvalidClientTokenId", "UnrecognizedClientException", "OptInRequired")
_STS = "STS"  # among the regions
_AGAIN = "Look again in a minute. If it lasts: https://health.aws.amazon.com/"
_KEYS = (
    "Give the bot credentials in any way that boto3 knows: a role of the machine, a profile, or `AWS_ACCESS_KEY_ID` "
    "and `AWS_SECRET_ACCESS_KEY`."
)


def findings(chart: Chart) -> list[Finding]:
    """Who the bot is, and each read that it needs in each region."""
    if "lightsail_regions" in chart.unusable:
        return [_finding(State.NOTE, "Not looked at: LIGHTSAIL_REGIONS can't be used")]
    try:
        places = lightsail.places(chart.settings.lightsail_regions)
        ahead = partial(clocks.ahead_of, now=chart.now)
        given = chart.settings
        prober = Prober(places.regions, ahead, given.lightsail_role_arn, given.lightsail_external_id)
    except SettingsError as error:
        return [_finding(State.RED, str(error), "Mend the profile or the file that it names.")]
    except AwsError as error:
        return [_finding(State.RED, str(error), _KEYS)]
    try:
        return [*_places(places), *_with(prober, places.regions)]
    finally:
        prober.close()


def _places(places: Places) -> list[Finding]:
    if places.strange:
        advice = f"Name in LIGHTSAIL_REGIONS only regions where it is: {', '.join(lightsail.known_regions())}."
        return [_finding(State.RED, f"Lightsail is not in {', '.join(places.strange)}", advice)]
    if not places.regions:
        advice = "Set LIGHTSAIL_REGIONS, such as `us-east-1,eu-west-1`, or AWS_DEFAULT_REGION."
        return [_finding(State.RED, "No region is named", advice)]
    return []


def _with(prober: Prober, regions: Sequence[str]) -> list[Finding]:
    work: dict[str, Callable[[], list[Tried]]] = {region: partial(prober.reads, region) for region in regions}
    assumed: dict[str, Callable[[], list[Tried]]] = {f"{_STS} {one}": partial(prober.assume, one) for one in regions}
    reads = results({_STS: lambda: [prober.identity()], **work, **(assumed if prober.role else {})}, "region")
    [identity] = reads.pop(_STS)
    roles = {one: reads.pop(key)[0].problem for one, key in zip(regions, assumed, strict=True) if key in reads}
    tried = [identity, *(one for some in reads.values() for one in some)]
    heard = next(filter(None, (one.ahead for one in tried)), None)
    found = [_identity(identity), *clocks.finding("AWS", heard)]
    if isinstance(identity.problem, CredentialsError):
        return found  # what each region says is the same
    if not any(one.was_answered for one in tried):
        found = []  # what is said of the regions says it all
    found += _regions(
        reads, {region: prober.address(region) for region in regions}, str(identity.answer.get("Arn", ""))
    )
    if prober.role:
        answer = identity.answer
        found += role.findings(prober.role.arn, str(answer.get("Arn", "")), str(answer.get("Account", "")), roles)
    if not any(one.was_answered for some in reads.values() for one in some):
        return found
    return [*found, _finding(State.NOTE, f"{DELETE_ACTION} was not tried: it would delete")]


def _identity(tried: Tried) -> Finding:
    match tried.problem:
        case None:
            return _finding(State.GREEN, f"Account {tried.answer['Account']}, as {tried.answer['Arn']}")
        case CredentialsError() as error:
            return _finding(State.RED, str(error), _mended(error))
        case error:
            advice = "Without a role per click the bot does not need STS; with one, it can't delete."
            return _finding(State.YELLOW, f"STS did not say who the bot is: {error}", advice)


def _mended(error: AwsError) -> str:
    if "Expired" in error.code:
        return "Renew them (`aws sso login`, or a new session), or give the bot a role, which renews itself."
    if "Signature" in error.code or error.code == "RequestExpired":
        return "Set `AWS_SECRET_ACCESS_KEY` again, whole and without spaces; see that this machine's clock is right."
    return _KEYS


def _regions(reads: Mapping[str, Sequence[Tried]], addresses: Mapping[str, str], arn: str) -> list[Finding]:
    """A line for all regions of which the same is to be said."""
    said: dict[Finding, list[str]] = {}
    for region, tried in reads.items():
        for one in _region(tried, region, addresses[region], arn):
            said.setdefault(one, []).append(region)
    return [
        _finding(one.state, f"{named(where)}: {one.title}", one.advice.replace("{where}", named(where)))
        for one, where in said.items()
    ]


def _region(tried: Sequence[Tried], region: str, address: str, arn: str) -> list[Finding]:
    """What is to be said of one, without its name."""
    denied = [one.action for one in tried if one.problem and one.problem.code in _DENIED]
    found = [_denied(denied, arn)] if denied else []
    others = [one.problem for one in tried if one.problem and one.problem.code not in _DENIED]
    by_code = {error.code: error for error in reversed(others)}
    found += [_problem(error, address.replace(region, "REGION")) for error in by_code.values()]
    return found or [_finding(State.GREEN, f"all {len(tried)} reads are allowed")]


def _denied(actions: Sequence[str], arn: str) -> Finding:
    names = ", ".join(f"`lightsail:{action}`" for action in actions)
    advice = f"Allow {names}{f' to {arn}' if arn else ''}: {POLICY} allows all that reading needs."
    return _finding(State.RED, f"AWS denies {', '.join(actions)}", advice)


def _problem(error: AwsError, address: str) -> Finding:
    """The name of the region in an address is left open, so that the same is said of many at once."""
    if isinstance(error, CredentialsError):
        if error.code in _UNKNOWN_THERE:
            advice = "Enable {where} for the AWS account, or leave it out of LIGHTSAIL_REGIONS."
            return _finding(State.RED, f"AWS does not know the account there ({error.code})", advice)
        return _finding(State.RED, str(error), _mended(error))
    if isinstance(error, NotExecutedError) or error.code in _PASSING:
        return _finding(State.YELLOW, f"{error}", _AGAIN)
    if error.code.endswith("Error") or error.code.startswith("HTTP "):
        advice = f"See that this machine can open {address}: name server, proxy, firewall, AWS_ENDPOINT_URL_LIGHTSAIL."
        return _finding(State.RED, described(error.code), advice)
    return _finding(State.YELLOW, f"{error.action}: {error}", _AGAIN)


def _finding(state: State, title: str, advice: str = "") -> Finding:
    return Finding(Area.AWS, state, title.removesuffix("."), advice)
