"""Files that apps upload: reserved, sent, completed and shared, and then seen by everybody who sees where."""

import mimetypes
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import quote

from bot.sandbox.slack.schema import wrong
from bot.sandbox.slack.wire import Json, as_object, objects, string

# Source: https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
IMAGES = {"image/png", "image/jpeg", "image/gif"}


@dataclass(frozen=True)
class Share:
    """Where a file was posted: ids of the channel and its message, and the kind of channel as scopes call it."""

    channel: str
    channel_name: str
    kind: str
    ts: str


@dataclass(frozen=True)
class File:
    """A file; `size` is in bytes, `content` None until it was sent, `completed` the time at which it was, or None."""

    id: str
    name: str
    user: str
    created: int
    size: int
    alt_text: str = ""
    title: str = ""
    content: bytes | None = None
    completed: float | None = None
    shares: tuple[Share, ...] = ()

    @property
    def mimetype(self) -> str:
        """What it is, as its name tells."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def filetype(self) -> str:
        """The same in Slack's word, which is the end of its name."""
        return PurePosixPath(self.name).suffix.removeprefix(".").lower() or "binary"


class Files:
    """Every file there is, by its id.

    `seconds` is how long Slack works on a file after its upload was completed: it has no type until then, and no
    block may show it. At Slack that takes "a few moments", see
    https://github.com/slackapi/slack-github-action/issues/413.
    """

    def __init__(self, team: str, workspace_url: str, clock: Callable[[], float]) -> None:
        self._team = team
        self._workspace_url = workspace_url
        self._clock = clock
        self._lock = threading.Lock()
        self._files: dict[str, File] = {}
        self._tickets: dict[str, str] = {}
        self.seconds = 0.0
        self.base_url = ""  # known once there is a server

    # Uploading

    def reserve(self, name: str, size: int, user: str, alt_text: str) -> tuple[File, str]:
        """A new file without content, and the URL to send it to."""
        ticket = secrets.token_hex(24)
        with self._lock:
            letters = re.sub("[^A-Z0-9]", "", PurePosixPath(name).stem.upper())[:12] or "X"
            file = File(
                f"F0{letters}{len(self._files):06d}", name, user, int(self._clock()), size, alt_text, title=name
            )
            self._files[file.id] = file
            self._tickets[ticket] = file.id
        return file, f"{self.base_url}/upload/v1/{ticket}"

    def awaits(self, ticket: str) -> File | None:
        """The file that may be sent with this ticket; None once its upload was completed."""
        with self._lock:
            file = self._files.get(self._tickets.get(ticket, ""))
            return file if file and file.completed is None else None

    def receive(self, file: File, content: bytes) -> None:
        """Keep what was sent."""
        with self._lock:
            self._files[file.id] = replace(self._files[file.id], content=content)

    def complete(self, file: File, title: str) -> File:
        """Make an upload a file that can be shown."""
        with self._lock:
            done = replace(self._files[file.id], completed=self._clock(), title=title or file.name)
            self._files[file.id] = done
            return done

    def share(self, file: str, share: Share) -> None:
        """Remember where it was posted."""
        with self._lock:
            now = self._files[file]
            self._files[file] = replace(now, shares=(*now.shares, share))

    # Finding

    def find(self, file: str) -> File | None:
        """The file with this id, completed or not."""
        with self._lock:
            return self._files.get(file)

    def all(self) -> list[File]:
        """Those whose upload was completed, in the order in which they were reserved."""
        with self._lock:
            return [each for each in self._files.values() if each.completed is not None]

    def problems(self, blocks: object, pointer: str = "/blocks") -> Iterator[str]:
        """What is wrong with the `slack_file`s of these blocks: each must be an image that Slack has by now.

        Whether it was shared with anybody is not asked. Slack's words are those of
        https://github.com/slackapi/python-slack-sdk/issues/1658.
        """
        for index, block in enumerate(objects(blocks)):
            yield from self._problems_in(block, f"{pointer}/{index}")

    def _problems_in(self, part: Json, pointer: str) -> Iterator[str]:
        if "slack_file" in part and not self._can_be_shown(as_object(part["slack_file"])):
            yield wrong("invalid slack file", f"{pointer}/slack_file")
        if "accessory" in part:
            yield from self._problems_in(as_object(part["accessory"]), f"{pointer}/accessory")
        yield from self.problems(part.get("elements"), f"{pointer}/elements")

    def _can_be_shown(self, reference: Json) -> bool:
        file = self._meant(reference)
        return file is not None and self.is_ready(file) and file.mimetype in IMAGES

    def _meant(self, reference: Json) -> File | None:
        """The file that a `slack_file` names, by its id, its private URL or its permalink."""
        if "id" in reference:
            return self.find(string(reference["id"]))
        url = string(reference.get("url"))
        return next((each for each in self.all() if url in {self.url(each), self.permalink(each)}), None)

    # Showing

    def is_ready(self, file: File) -> bool:
        """Whether its upload was completed, and Slack is done with it."""
        return file.completed is not None and self._clock() >= file.completed + self.seconds

    def url(self, file: File) -> str:
        """Where the app reads it, with its token."""
        return f"{self.base_url}/files-pri/{self._team}-{file.id}/{quote(file.name)}"

    def path(self, file: File) -> str:
        """Where a page of the same server reads it, without a token."""
        return f"/files/{file.id}/{quote(file.name)}"

    def permalink(self, file: File) -> str:
        """Where people would find it."""
        return f"{self._workspace_url}files/{file.user}/{file.id}/{quote(file.name)}"

    def told(self, file: File) -> Json:
        """The file as apps see it, without where it was shared."""
        ready = self.is_ready(file)
        return {
            "id": file.id,
            "created": file.created,
            "timestamp": file.created,
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype if ready else "",
            "filetype": file.filetype if ready else "",
            "pretty_type": file.filetype.upper() if ready else "",
            "user": file.user,
            "user_team": self._team,
            "mode": "hosted",
            "editable": False,
            "size": file.size,
            "is_external": False,
            "is_public": any(each.kind == "channels" for each in file.shares),
            "alt_txt": file.alt_text,
            "url_private": self.url(file),
            "url_private_download": self.url(file).replace(file.id, f"{file.id}/download", 1),
            "permalink": self.permalink(file),
            "file_access": "visible",
        }


def shares_json(file: File) -> Json:
    """Where a file was shared, as `files.info` tells it."""
    shares: dict[str, dict[str, list[Json]]] = {}
    for each in file.shares:
        group = shares.setdefault("public" if each.kind == "channels" else "private", {})
        group.setdefault(each.channel, []).append({"ts": each.ts, "channel_name": each.channel_name})
    told: Json = {"shares": shares}
    for field, kinds in {"channels": ("channels",), "groups": ("groups", "mpim"), "ims": ("im",)}.items():
        told[field] = list(dict.fromkeys(each.channel for each in file.shares if each.kind in kinds))
    return told
