"""The same words twice: in mrkdwn for eyes, and plain for notifications and screen readers."""

from dataclasses import dataclass
from datetime import datetime

from bot.slack import blocks


@dataclass(frozen=True, slots=True)
class Voice:
    """How names, times and emphasis are written."""

    mrkdwn: bool

    def name(self, snapshot: str) -> str:
        """A snapshot's name."""
        return blocks.code(snapshot) if self.mrkdwn else blocks.escape(snapshot, blocks.NAME_LIMIT)

    def bold(self, words: str) -> str:
        """What the eye should find first."""
        return f"*{words}*" if self.mrkdwn else words

    def code(self, words: str) -> str:
        """What AWS says, to the letter."""
        return blocks.code(words) if self.mrkdwn else blocks.escape(words)

    def typed(self, words: str) -> str:
        """Words of people or of AWS: Slack reads its own marks in plain text, too."""
        return blocks.escape(words)

    def person(self, name: str) -> str:
        """What somebody is called."""
        return blocks.person(name)

    def time(self, moment: datetime, *, seconds: bool = False) -> str:
        """A time of day: in the reader's own zone where Slack can do that, else in UTC."""
        if self.mrkdwn:
            return blocks.local_time(moment, seconds=seconds)
        return blocks.utc_time(moment)


MRKDWN = Voice(mrkdwn=True)
PLAIN = Voice(mrkdwn=False)
