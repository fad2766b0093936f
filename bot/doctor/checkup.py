"""The whole of it: every area looked at beside the others, and done in time whatever does not answer."""

import logging
import secrets
from collections.abc import Callable, Mapping
from functools import partial

from bot.doctor import cloud, environment, tables, workspace
from bot.doctor.chart import Chart
from bot.doctor.finding import Area, Finding, State, worst_first
from bot.doctor.together import ended

WITHIN = 17.0  # seconds
Look = Callable[[Chart], list[Finding]]
AREAS: Mapping[Area, Look] = {Area.AWS: cloud.findings, Area.SLACK: workspace.findings, Area.DATABASE: tables.findings}
_log = logging.getLogger(__name__)


def examine(chart: Chart, areas: Mapping[Area, Look] = AREAS, within: float = WITHIN) -> list[Finding]:
    """Look at everything, changing nothing; the worst comes first."""
    found = environment.findings(chart)
    missing = set(areas)
    for area, result in ended({area: partial(look, chart) for area, look in areas.items()}, "area", within):
        missing.discard(area)
        try:
            found += result()
        except Exception as error:  # one area must not keep the others from being told  # noqa: BLE001
            found.append(_broken(area, error))
    advice = "Something on the way answers nobody: see name servers, proxies and firewalls, then look again."
    found += [Finding(area, State.RED, f"No end of the look within {within:.0f} seconds", advice) for area in missing]
    return worst_first(found)


def _broken(area: Area, error: Exception) -> Finding:
    error_id = secrets.token_hex(4)
    _log.error("error %s: the look at %s broke off", error_id, area, exc_info=error)
    title = f"The look broke off: {type(error).__name__} (error {error_id})"
    return Finding(area, State.RED, title, f"Please report it: {' '.join(str(error).split())[:200]}")
