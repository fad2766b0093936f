"""What is wrong with the settings."""

from bot.doctor.chart import Chart
from bot.doctor.finding import Area, Finding, State


def findings(chart: Chart) -> list[Finding]:
    """A line for each that can't be used; the bot does not start with one."""
    if not chart.problems:
        how = "Socket Mode" if chart.is_socket else f"HTTP on port {chart.settings.port}"
        return [Finding(Area.SETTINGS, State.GREEN, f"All can be used; Slack by {how}")]
    advice = "Mend it in the environment or in `.env`; README.md lists all settings. The bot does not start so."
    return [Finding(Area.SETTINGS, State.RED, problem, advice) for problem in chart.problems]
