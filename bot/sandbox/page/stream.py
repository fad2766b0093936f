"""What one person's page is told: everything at first, then what is new."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.sandbox.page import shown
from bot.sandbox.slack import Event, EventKind, LocalSlack
from bot.sandbox.slack.wire import Json

LOOK_SECONDS = 0.5  # how often what wakes nobody is looked at: AWS, the bot, the faults
BEAT_SECONDS = 10.0  # how often a line that says nothing is tried, so that a reader who left is noticed

Part = Callable[[], object]


@dataclass(frozen=True)
class Stream:
    """Server-Sent Events for one reader; `parts` are what is shown beside Slack, by the name of their event."""

    slack: LocalSlack
    reader: str
    fixed: Json
    parts: Mapping[str, Part]
    is_over: Callable[[], bool]

    def __iter__(self) -> Iterator[str]:
        """Each event as it goes over the wire, until the server stops or nobody reads any more."""
        heard: int | None = None  # so many events of the history; None: nothing was told yet
        channels, known = self._channels(), dict[str, str]()
        while not self.is_over():
            version = self.slack.workspace.version
            if heard is None or channels != self._channels():  # a conversation opened or closed: begin again
                heard, channels, known = len(self.slack.history()), self._channels(), self._texts()
                yield told("hello", self._hello())
            news = self.slack.history()[heard:]
            heard += len(news)
            yield from self._messages(news)
            texts = self._texts()
            yield from (told_text(name, text) for name, text in texts.items() if text != known.get(name))
            known = texts
            yield from self._wait(version)

    def _wait(self, version: int) -> Iterator[str]:
        """Until something changes in Slack, or it is time to look at the rest."""
        if not self.slack.workspace.changed(version, LOOK_SECONDS) and time.monotonic() % BEAT_SECONDS < LOOK_SECONDS:
            yield ": still here\n\n"

    def _hello(self) -> Json:
        workspace = self.slack.workspace
        with workspace.together():
            messages = [shown.message(each) for each in workspace.visible(self.reader)]
        return {**self.fixed, "messages": messages, **{name: part() for name, part in self.parts.items()}}

    def _texts(self) -> dict[str, str]:
        return {name: json.dumps(part()) for name, part in self.parts.items()}

    def _channels(self) -> set[str]:
        return {each.id for each in self.slack.workspace.channels() if each.is_open_to(self.reader)}

    def _messages(self, news: list[Event]) -> Iterator[str]:
        """Each message once, as it stands after all of the news."""
        last = {(event.message.channel, event.message.ts): event for event in news if self._may_see(event)}
        for event in last.values():
            if event.kind is EventKind.DELETED:
                yield told("gone", {"channel": event.message.channel, "ts": event.message.ts})
            else:
                yield told("message", shown.message(event.message))

    def _may_see(self, event: Event) -> bool:
        channel = self.slack.workspace.find_channel(event.message.channel)
        return channel is not None and channel.is_open_to(self.reader) and event.message.to in {None, self.reader}


def told(name: str, what: object) -> str:
    """One event."""
    return told_text(name, json.dumps(what))


def told_text(name: str, text: str) -> str:
    """One event whose JSON is written already: it holds no newline."""
    return f"event: {name}\ndata: {text}\n\n"
