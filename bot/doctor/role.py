"""Whether the bot gets the role under which it deletes."""

from collections.abc import Mapping

from bot.doctor.finding import Area, Finding, State, named
from bot.errors import AmbiguousError, AwsError, NotExecutedError, described

_DOCS = "docs/permissions.md, “When AWS decides, too”"


def findings(arn: str, me: str, account: str, tried: Mapping[str, AwsError | None]) -> list[Finding]:
    """A line for all regions of which the same is to be said; `me` and `account` are empty where AWS did not tell.

    Snapshots are looked for in the account of the bot: a role of another one could delete none of them.
    """
    found = []
    its = arn.split(":")[4]
    if account and its != account:
        title = f"{arn} is of account {its}, and the bot sees the snapshots of {account}: it can delete none"
        found.append(_finding(State.RED, title, f"Set LIGHTSAIL_ROLE_ARN to a role of account {account}."))
    said: dict[str, list[str]] = {}
    for region, problem in tried.items():
        said.setdefault(problem.code if problem else "", []).append(region)
    problems = {problem.code: problem for problem in tried.values() if problem}
    for code, regions in said.items():
        where = named(regions)
        found.append(_problem(problems[code], arn, me, where) if code else _well(arn, where))
    return found


def _well(arn: str, where: str) -> Finding:
    return _finding(State.GREEN, f"{where}: {arn} can be assumed")


def _problem(error: AwsError, arn: str, me: str, where: str) -> Finding:
    if isinstance(error, NotExecutedError):
        return _finding(State.YELLOW, f"{where}: {error}", "Look again in a minute.")
    if isinstance(error, AmbiguousError):
        advice = "See that this machine can reach STS there: name server, proxy, firewall, AWS_ENDPOINT_URL_STS."
        return _finding(State.RED, f"{where}: {arn} could not be asked for. {described(error.code)}", advice)
    actions = "`sts:AssumeRole`, `sts:TagSession` and `sts:SetSourceIdentity`"
    advice = (
        f"Its trust policy must let {me or 'the bot'} do {actions}, as must that one's own policy; "
        f"LIGHTSAIL_EXTERNAL_ID must be the one that it asks for. See {_DOCS}."
    )
    return _finding(State.RED, f"{where}: AWS does not let the bot assume {arn} ({error.code})", advice)


def _finding(state: State, title: str, advice: str = "") -> Finding:
    return Finding(Area.ROLE, state, title.removesuffix("."), advice)
