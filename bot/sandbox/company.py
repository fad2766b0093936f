"""A small company to try the bot on: four people, two channels, some instances and what piled up of their snapshots."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.sandbox.lightsail import Control
from bot.sandbox.slack import Channel, LocalSlack, Person

REGIONS = ("us-east-1", "eu-west-1")
OLD_RELEASE = "web-1-2024-05-01"
PROTECTED = "db-1-before-migration"
TWICE = "blog-1-2025-06-03"

TEAMS = {"web": "web", "db": "data"}  # by what a server is called; Ann is of the first

COMMANDS = (
    {"text": "/snapshot delete ", "help": "Delete a snapshot, after a confirmation", "takes": "snapshot"},
    {"text": "/snapshot freeze ", "help": "Stop all deletions, at once", "takes": None},
    {"text": "/snapshot unfreeze", "help": "Let deletions go on (admins)", "takes": None},
    {"text": "/snapshot show ", "help": "A snapshot, or the story of a request", "takes": "snapshot"},
    {"text": "/snapshot history", "help": "What was asked for, newest first", "takes": None},
    {"text": "/snapshot status", "help": "What goes on now", "takes": None},
    {"text": "/snapshot can ", "help": "Who may do what, and why", "takes": None},
    {"text": "/snapshot permissions", "help": "The rules", "takes": None},
    {"text": "/snapshot attributes ", "help": "What AWS is told of somebody", "takes": None},
    {"text": "/snapshot grant ", "help": "Give a right (admins)", "takes": None},
    {"text": "/snapshot revoke ", "help": "Take one back (admins)", "takes": None},
    {"text": "/snapshot doctor", "help": "Whether all is well (admins)", "takes": None},
    {"text": "/snapshot help", "help": "What there is", "takes": None},
)


@dataclass(frozen=True, slots=True)
class Company:
    """Who works there, and where they talk."""

    ann: Person  # may delete
    bob: Person  # may approve, and stop
    cleo: Person  # hands out permissions
    dan: Person  # is new
    ops: Channel
    general: Channel

    def may(self) -> dict[str, str]:
        """What the bot allows each, by user id, once `rules` and `admins` are in place."""
        return {
            self.ann.id: "May delete any snapshot.",
            self.bob.id: "May approve what others ask for, and stop it. May not delete.",
            self.cleo.id: "Hands out permissions. May not delete.",
            self.dan.id: "Is new: may do nothing yet.",
        }

    def rules(self, *, of_teams: bool = False) -> dict[str, object]:
        """Who is given which right, as the file that `permissions apply` reads; each of a team, for AWS's rules."""
        allowed = ((self.ann, "delete"), (self.bob, "approve"))
        permissions = [{"allow": action, "who": person.id, "note": "demo"} for person, action in allowed]
        attributes = {self.ann.id: {"team": TEAMS["web"]}} if of_teams else {}
        return {"permissions": permissions, "attributes": attributes}

    def admins(self) -> str:
        """Those who are admins by the bot's settings."""
        return self.cleo.id


def people(slack: LocalSlack) -> Company:
    """Have the four in Slack."""
    ann, bob, cleo, dan = (slack.person(name) for name in ("Ann", "Bob", "Cleo", "Dan"))
    everybody = (ann, bob, cleo, dan)
    return Company(
        ann, bob, cleo, dan, slack.channel("ops", members=everybody), slack.channel("general", members=everybody)
    )


def snapshots(aws: Control, today: datetime, *, of_teams: bool = False) -> None:
    """Have what a year of releases, backups and good intentions leaves behind; each of a team, for AWS's rules."""

    def tags(server: str, **more: str) -> dict[str, str]:
        return {**more, "team": TEAMS[server.partition("-")[0]]} if of_teams else more

    for name, region in (
        ("web-1", "us-east-1"),
        ("web-2", "us-east-1"),
        ("db-1", "us-east-1"),
        ("blog-1", "eu-west-1"),
    ):
        aws.instance(name, region=region, tags={"env": "staging" if name == "web-2" else "production"})
    aws.snapshot(
        OLD_RELEASE,
        of="web-1",
        size_gb=40,
        created_at=datetime(2024, 5, 1, 3, tzinfo=UTC),
        tags=tags("web-1", env="staging"),
    )
    for weeks in (2, 6, 14):
        day = today - timedelta(weeks=weeks)
        for server, size in (("web-1", 40), ("web-2", 20), ("db-1", 160)):
            aws.snapshot(
                f"{server}-{day:%Y-%m-%d}",
                of=server,
                size_gb=size,
                created_at=day,
                tags=tags(server, env="production"),
            )
    aws.snapshot(
        PROTECTED,
        of="db-1",
        size_gb=160,
        created_at=datetime(2025, 11, 30, 22, tzinfo=UTC),
        tags=tags("db-1", no_delete="", owner="bob"),
    )
    for region, size in (("us-east-1", 20), ("eu-west-1", 40)):
        aws.instance(f"blog-{region}", region=region)
        aws.snapshot(
            TWICE, of=f"blog-{region}", region=region, size_gb=size, created_at=datetime(2025, 6, 3, 3, tzinfo=UTC)
        )
