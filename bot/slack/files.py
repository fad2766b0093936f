"""Sends files to people."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.client import Done, attempt
from storage.tables import Audit

COLUMNS = ("at", "actor", "event", "deletion", "facts")


class Files:
    """Direct messages with a file in them."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def send(self, person: str, name: str, content: str, words: str) -> str | None:
        """Send a text file to somebody alone; returns what kept Slack from taking it, if anything.

        A direct message is written first: its answer says which conversation is the person's.
        Source: https://docs.slack.dev/messaging/working-with-files#uploading_files
        """
        match attempt(lambda: self._client.chat_postMessage(channel=person, text=words)):
            case Done() as done:
                channel, ts = done.field("channel"), done.field("ts")
            case failed:
                return failed.problem
        try:
            self._client.files_upload_v2(
                channel=channel, thread_ts=ts, filename=name, title=name, content=content, request_file_info=False
            )
        except SlackApiError as error:
            return str(error.response["error"])
        except (SlackClientError, OSError, ValueError) as error:
            return type(error).__name__
        return None


def lines(rows: Iterable[Audit], form: str) -> Iterator[str]:
    """Rows of the audit as text, piece by piece: `csv` with a head, or `jsonl`."""
    if form == "jsonl":
        for row in rows:
            fields = (row.at.isoformat(), row.actor, row.event, row.deletion_id or "", row.facts)
            yield json.dumps(dict(zip(COLUMNS, fields, strict=True)), ensure_ascii=False) + "\n"
        return
    yield _line(COLUMNS)
    for row in rows:
        facts = json.dumps(row.facts, ensure_ascii=False)
        yield _line((row.at.isoformat(), row.actor, row.event, row.deletion_id or "", facts))


def _line(cells: Iterable[str]) -> str:
    """A line of CSV, in which no cell is a formula to a spreadsheet.

    Source: https://owasp.org/www-community/attacks/CSV_Injection
    """
    written = io.StringIO()
    csv.writer(written).writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in cells])
    return written.getvalue()
