"""Makes ids of names: Slack does so itself where its app says `should_escape`, but not of what was pasted."""

from functools import partial

from slack_sdk import WebClient

from bot.slack.client import Done, attempt
from storage import directory
from storage.database import Database

_PAGE = 1000  # people; https://docs.slack.dev/reference/methods/users.list
_PAGES = 20


class People:
    """Who is called what."""

    def __init__(self, client: WebClient, database: Database) -> None:
        self._client = client
        self._database = database

    def called(self, name: str, team: str) -> str | None:
        """The one person or group with a name such as `@ann`; None where there is none, or more than one."""
        wanted = name.removeprefix("@").casefold()
        with self._database.reading() as tx:
            groups = [group for group, handle in directory.handles(tx, team).items() if handle.casefold() == wanted]
        found = {*groups, *self._people(wanted)}
        return found.pop() if len(found) == 1 else None

    def _people(self, wanted: str) -> list[str]:
        """Everybody who is called so, in whichever way: names need not be unique in Slack."""
        found: list[str] = []
        cursor = ""
        for _ in range(_PAGES):
            match attempt(partial(self._client.users_list, limit=_PAGE, cursor=cursor)):
                case Done(response=response):
                    pass
                case _:
                    return []
            for one in response["members"]:
                profile = one.get("profile") or {}
                names = (one.get("name"), one.get("real_name"), profile.get("display_name"))
                if wanted in {str(each).casefold() for each in names if each}:
                    found.append(str(one["id"]))
            cursor = str((response.get("response_metadata") or {}).get("next_cursor", ""))
            if not cursor:
                break
        return found
