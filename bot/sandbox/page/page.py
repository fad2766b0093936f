"""The page as one object, to be mounted at the local Slack's address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.wrappers import Request, Response

from bot.sandbox.lightsail import Control
from bot.sandbox.page import mischief, shown
from bot.sandbox.page.backstage import Backstage
from bot.sandbox.page.deeds import Deeds
from bot.sandbox.page.mischief import Mischief
from bot.sandbox.page.site import Site
from bot.sandbox.page.stream import Part, Stream
from bot.sandbox.runner import Runner
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.wire import Json


def no_gallery() -> Json:
    """Where there is no bot whose messages could be shown."""
    return {"messages": [], "views": [], "problems": {}, "names": {}}


@dataclass(frozen=True, kw_only=True)
class Page:
    """What stands on the page beside Slack itself.

    `may` says of seeded people, by their ids, what the bot allows them. Without `aws` and `runner` their panels are
    not shown.
    """

    slack: LocalSlack
    may: Mapping[str, str]
    commands: Sequence[Json] = ()
    aws: Control | None = None
    regions: Sequence[str] = ()
    runner: Runner | None = None
    gallery: Callable[[], Json] = no_gallery
    _mischief: Mapping[str, Mischief] = field(init=False)
    _site: Site = field(init=False)

    def __post_init__(self) -> None:
        planned = {**(mischief.of_aws(self.aws) if self.aws else {}), **mischief.of_slack(self.slack)}
        object.__setattr__(self, "_mischief", planned)  # frozen: set once, here
        backstage = Backstage(self.slack, self.aws, self.runner, planned)
        deeds = {**Deeds(self.slack).by_name(), **backstage.by_name()}
        object.__setattr__(self, "_site", Site(self._stream, self.gallery, deeds))

    def __call__(self, request: Request) -> Response:
        """Answer one request for the page."""
        return self._site(request)

    def _stream(self, reader: str) -> Response:
        reader = reader if reader in self.may else next(iter(self.may))
        stream = Stream(self.slack, reader, self._fixed(reader), self._parts(reader), self.slack.is_stopping)
        return Response(iter(stream), content_type="text/event-stream; charset=utf-8")

    def _fixed(self, reader: str) -> Json:
        team = self.slack.team
        return {"you": reader, "team": {"id": team.id, "name": team.name}, "commands": list(self.commands)}

    def _parts(self, reader: str) -> Mapping[str, Part]:
        workspace = self.slack.workspace
        person = self.slack.person_of(reader)
        return {
            "people": lambda: [shown.person(each, self.may.get(each.id, "")) for each in workspace.users()],
            "channels": lambda: shown.channels(workspace, reader),
            "modal": lambda: shown.view(person.modal()) if person else None,
            "home": lambda: shown.view(person.home()) if person else None,
            "aws": lambda: shown.aws(self.aws, self.regions) if self.aws else None,
            "bot": lambda: shown.bot(self.runner) if self.runner else None,
            "faults": lambda: mischief.forms(self._mischief),
        }
