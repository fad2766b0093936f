"""A small company to try the bot on: four people, two channels, some instances and what piled up of their snapshots."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.sandbox.lightsail import Control
from bot.sandbox.slack import Channel, LocalSlack, Person

REGIONS = ("us-east-1", "eu-west-1")
OLD_RELEASE = "web-1-2024-05-01"
PROTECTED = "db-1-before-migration"
TWICE = "blog-1-2025-06-03"


@dataclass(frozen=True, slots=True)
class Company:
    """Who works there, and where they talk."""

    ann: Person  # may delete
    bob: Person  # may not
    cleo: Person  # hands out permissions
    dan: Person  # is new
    ops: Channel
    general: Channel


def people(slack: LocalSlack) -> Company:
    """Have the four in Slack."""
    ann, bob, cleo, dan = (slack.person(name) for name in ("Ann", "Bob", "Cleo", "Dan"))
    everybody = (ann, bob, cleo, dan)
    return Company(
        ann, bob, cleo, dan, slack.channel("ops", members=everybody), slack.channel("general", members=everybody)
    )


def snapshots(aws: Control, today: datetime) -> None:
    """Have what a year of releases, backups and good intentions leaves behind."""
    for name, region in (
        ("web-1", "us-east-1"),
        ("web-2", "us-east-1"),
        ("db-1", "us-east-1"),
        ("blog-1", "eu-west-1"),
    ):
        aws.instance(name, region=region, tags={"env": "staging" if name == "web-2" else "production"})
    aws.snapshot(
        OLD_RELEASE, of="web-1", size_gb=40, created_at=datetime(2024, 5, 1, 3, tzinfo=UTC), tags={"env": "staging"}
    )
    for weeks in (2, 6, 14):
        day = today - timedelta(weeks=weeks)
        for server, size in (("web-1", 40), ("web-2", 20), ("db-1", 160)):
            aws.snapshot(
                f"{server}-{day:%Y-%m-%d}", of=server, size_gb=size, created_at=day, tags={"env": "production"}
            )
    aws.snapshot(
        PROTECTED,
        of="db-1",
        size_gb=160,
        created_at=datetime(2025, 11, 30, 22, tzinfo=UTC),
        tags={"no_delete": "", "owner": "bob"},
    )
    for region, size in (("us-east-1", 20), ("eu-west-1", 40)):
        aws.instance(f"blog-{region}", region=region)
        aws.snapshot(
            TWICE, of=f"blog-{region}", region=region, size_gb=size, created_at=datetime(2025, 6, 3, 3, tzinfo=UTC)
        )
