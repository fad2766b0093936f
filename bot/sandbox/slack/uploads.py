"""The methods of the Web API with which an app uploads a file, and the pages that take and give its bytes."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from bot.sandbox.slack.calls import Method, RefusedError, decoded, word, words
from bot.sandbox.slack.files import File, Files, Share, shares_json
from bot.sandbox.slack.finder import Finder
from bot.sandbox.slack.scopes import kind
from bot.sandbox.slack.wire import Json, objects, string
from bot.sandbox.slack.workspace import Channel

ALT_TEXT = 1_000
MOST_CHANNELS = 100


@dataclass
class Uploads(Finder):
    """`files.*`, as https://docs.slack.dev/messaging/working-with-files tells it."""

    def methods(self) -> dict[str, Method]:
        """The methods by name."""
        return {
            "files.completeUploadExternal": self._complete,
            "files.getUploadURLExternal": self._reserve,
            "files.info": self._info,
        }

    @property
    def _files(self) -> Files:
        return self.workspace.files

    def _reserve(self, arguments: Json) -> Json:
        name, length = word(arguments, "filename"), word(arguments, "length")
        if not (name and length.isdecimal() and int(length)):
            raise RefusedError("missing_argument")
        alt_text = word(arguments, "alt_txt")
        if len(alt_text) > ALT_TEXT:
            raise RefusedError("alt_txt_too_large")
        file, url = self._files.reserve(name, int(length), self._me, alt_text)
        return {"upload_url": url, "file_id": file.id}

    def _complete(self, arguments: Json) -> Json:
        """Make files of uploads, and post them where they are to be shared: in one message a channel."""
        asked = objects(decoded(arguments.get("files"), "invalid_arguments"))
        if not asked:
            raise RefusedError("invalid_arguments")
        uploaded = [(self._uploaded(string(each.get("id"))), string(each.get("title"))) for each in asked]
        channels = [self._shareable(each) for each in self._named(arguments)]
        thread_ts = self._thread(channels[0], arguments) if channels else None
        comment = self._comment(arguments)
        done = [self._files.complete(file, title) for file, title in uploaded]
        for channel in channels:
            self._post(channel, done, comment, thread_ts)
        return {"files": [self._told(each.id) for each in done]}

    def _uploaded(self, name: str) -> File:
        file = self._files.find(name)
        if file is None or file.content is None or file.completed is not None:
            raise RefusedError("file_not_found")
        return file

    def _named(self, arguments: Json) -> list[str]:
        named = list(dict.fromkeys([*words(arguments, "channel_id"), *words(arguments, "channels")]))
        if len(named) > MOST_CHANNELS:
            raise RefusedError("channels_limit_exceeded")
        return named

    def _shareable(self, name: str) -> Channel:
        channel = self._addressed({"channel": name})
        if self._me not in channel.members:
            raise RefusedError("not_in_channel")
        if channel.is_archived:
            raise RefusedError("is_archived")
        return channel

    def _comment(self, arguments: Json) -> Json:
        """The words beside the files: `initial_comment`, or else `blocks`, or none."""
        comment = word(arguments, "initial_comment")
        if comment or not arguments.get("blocks"):
            return {"text": comment}
        content = self._content({"blocks": arguments["blocks"], "text": "A file"})
        return {"text": "", "blocks": content["blocks"]}

    def _post(self, channel: Channel, files: list[File], comment: Json, thread_ts: str | None) -> None:
        told = [self._files.told(each) for each in files]
        message = self.workspace.post(channel.id, self._me, thread_ts=thread_ts, files=told, **comment)
        for file in files:
            self._files.share(file.id, Share(channel.id, channel.name, kind(channel), message.ts))

    def _info(self, arguments: Json) -> Json:
        return {"file": self._told(word(arguments, "file")), "comments": [], "response_metadata": {"next_cursor": ""}}

    def _told(self, name: str) -> Json:
        file = self._files.find(name)
        if file is None or file.completed is None:
            raise RefusedError("file_not_found")
        return self._files.told(file) | shares_json(file)


def take(files: Files, ticket: str, request: Request) -> Response:
    """Keep the bytes that were sent to an upload URL, raw or as a file in a form.

    Slack documents 200 for success and something else for failure; which code and words are not told.
    """
    file = files.awaits(ticket)
    if file is None:
        return Response("not found", 404)
    content = _sent(request)
    if len(content) != file.size:
        return Response(f"expected {file.size} bytes, got {len(content)}", 400)
    files.receive(file, content)
    return Response(f"OK - {file.size}")


def _sent(request: Request) -> bytes:
    raw = request.get_data(cache=True)
    if request.mimetype != "multipart/form-data":
        return raw
    content = next((each.read() for each in request.files.values()), b"")
    request.close()  # the files that werkzeug made of the form
    return content


def give(files: Files, name: str, may_read: Callable[[], bool]) -> Response:
    """The bytes of a file; who may not read them gets what a browser would: a page to sign in, and no error."""
    file = files.find(name)
    if file is None or file.completed is None:
        return Response("Not Found", 404)
    if not may_read():
        return Response("<!DOCTYPE html><title>Sign in</title>", content_type="text/html; charset=utf-8")
    return Response(file.content or b"", content_type=file.mimetype)
