"""The same words twice: for eyes, and for notifications."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.slack.voice import MRKDWN, PLAIN, Voice

THEN = datetime(2026, 11, 23, 10, 15, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("in_mrkdwn", "in_plain", "of"),
    [
        ("`web-1`", "web-1", lambda voice: voice.name("web-1")),
        ("`&lt;x&gt;`", "&lt;x&gt;", lambda voice: voice.name("<x>")),
        ("*Deleted*", "Deleted", lambda voice: voice.bold("Deleted")),
        ("`Started`", "Started", lambda voice: voice.code("Started")),
        ("a &amp; b", "a &amp; b", lambda voice: voice.typed("a & b")),
        ("<!date^1795428901^{time}|10:15 UTC>", "10:15 UTC", lambda voice: voice.time(THEN)),
        ("<!date^1795428901^{time_secs}|10:15:01 UTC>", "10:15 UTC", lambda voice: voice.time(THEN, seconds=True)),
    ],
)
def test_words_have_marks_for_eyes_only(in_mrkdwn: str, in_plain: str, of: Callable[[Voice], str]) -> None:
    assert (of(MRKDWN), of(PLAIN)) == (in_mrkdwn, in_plain)
