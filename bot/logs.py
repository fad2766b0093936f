"""What is logged, without what would let its reader act for somebody: tokens, signatures, addresses for answers."""

import logging
import re

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_HIDDEN = "[hidden]"
_SECRET = re.compile(
    r"""
    \bx(?:ox[a-z]|app)-[\w.-]+                                      # Slack's tokens
    | https?://[^\s'"<>]*/(?:commands|actions|app|services)/[^\s'"<>),]+  # where a person is answered
    | \bwss?://[^\s'"<>),]+                                           # a socket with its ticket
    | \b\d{4,}\.\d{4,}\.[0-9a-f]{16,}                               # a trigger
    | \bv0=[0-9a-fA-F]+                                             # a signature
    | (?<=://)[^\s/@:'"]*:[^\s/@'"]+(?=@)                            # the password in an address
    """,
    re.VERBOSE,
)


class Discreet(logging.Formatter):
    """Writes a record as it is, and hides what is secret in it, wherever it comes from."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, with its traceback."""
        return discreet(super().format(record))


def discreet(text: str) -> str:
    """The same without what is secret."""
    return _SECRET.sub(_HIDDEN, text)


def set_up() -> None:
    """Log what matters to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(Discreet(FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
