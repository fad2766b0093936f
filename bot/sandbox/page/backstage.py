"""What a visitor does behind Slack's back: to the account, to the lines, to the bot itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.sandbox.lightsail import Control, LightsailError
from bot.sandbox.page.deeds import NotPossibleError
from bot.sandbox.page.mischief import Mischief
from bot.sandbox.runner import Runner
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.wire import Json, string


@dataclass(frozen=True)
class Backstage:
    """Every such deed by its name in the page's address."""

    slack: LocalSlack
    aws: Control | None
    runner: Runner | None
    mischief: Mapping[str, Mischief]

    def by_name(self) -> Mapping[str, Callable[[Json], Json]]:
        """All of them."""
        return {"fault": self._fault, "heal": self._heal, "aws": self._to_aws, "bot": self._to_bot}

    def _fault(self, given: Json) -> Json:
        planned = self.mischief.get(string(given.get("id")))
        if planned is None:
            raise NotPossibleError("There is no such fault.")
        planned.arm()
        return {}

    def _heal(self, _given: Json) -> Json:
        self.slack.heal()
        if self.aws:
            self.aws.heal()
        return {}

    def _to_aws(self, given: Json) -> Json:
        if self.aws is None:
            raise NotPossibleError("There is no Lightsail beside this Slack.")
        try:
            self._done(self.aws, given)
        except (LightsailError, LookupError, ValueError) as error:
            raise NotPossibleError(f"That can't be done now: {error}") from error
        return {}

    @staticmethod
    def _done(aws: Control, given: Json) -> None:
        name, region, operation = (string(given.get(each)) for each in ("name", "region", "operation"))
        match given.get("do"):
            case "replace":
                aws.replace(name, region=region)
            case "remove":
                aws.remove(name, region=region)
            case "advance":
                aws.advance(operation)
            case "fail":
                aws.fail_operation(operation, "OperationFailed", "The visitor let it fail.")
            case "pace":
                aws.pace(string(given.get("pace")))
            case other:
                raise NotPossibleError(f"AWS can't {other!r} here.")

    def _to_bot(self, given: Json) -> Json:
        match self.runner, given.get("do"):
            case None, _:
                raise NotPossibleError("There is no bot beside this Slack.")
            case runner, "kill":
                runner.kill()
            case runner, "start":
                try:
                    runner.start()
                except OSError as error:
                    raise NotPossibleError(str(error)) from error
            case _, other:
                raise NotPossibleError(f"The bot can't be told to {other!r}.")
        return {}
