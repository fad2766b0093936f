"""Socket Mode, when Slack renews the connection."""

from bot.sandbox import company
from tests.conftest import World


def test_after_a_refresh_slack_reaches_the_bot_again_within_seconds(world: World) -> None:
    world.start(mode="socket")
    world.grant(world.staff.ann)
    world.slack.refresh(notice=0)

    world.slack.wait_connected(5)
    card = world.ask(world.staff.ann, company.OLD_RELEASE)

    assert card.buttons() == ["Delete snapshot", "Don't delete"]
