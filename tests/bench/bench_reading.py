"""How long it takes to read the longest texts that a person can type, against one of plain words of the same length.

Reading comes before the ack: whatever is repeated may cost a few times the plain text, and never its square.
"""

import time

from bot.slack import words
from bot.slack.grammar import MAX_TEXT, parse

FILLERS = (" ", '"', "'", "“", "<", "&", "\\", '" ', "<a|", "—", "`", "‘ ", "'a ", "“a", '"“', "\u0301")


def main() -> None:
    plain = seconds("plain ")
    print(f"plain words: {plain * 1000:.1f} ms")
    for filler in FILLERS:
        took = seconds(filler)
        print(f"{filler!r:>10}: {took * 1000:7.1f} ms, {took / plain:5.1f} times the plain text")
    begun = time.process_time()
    words.typed("e\u0301<" * 300_000)
    print(f"a flood of 900,000 characters cut: {(time.process_time() - begun) * 1000:.1f} ms")


def seconds(filler: str) -> float:
    """The best of five."""
    text = "delete web-1 " + filler * ((MAX_TEXT - 20) // len(filler))
    taken = []
    for _ in range(5):
        begun = time.process_time()
        parse(text)
        taken.append(time.process_time() - begun)
    return min(taken)


if __name__ == "__main__":
    main()
