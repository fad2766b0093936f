"""Tells the channel that gets every outcome what became of deletions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from storage import cards, notices
from storage.tables import Deletion, NoticeKind, Permission, State

# What nobody stood up for is no news: an own change of mind, and a card that nobody pressed.
_QUIET = (State.CANCELLED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Notifying:
    """Puts a line for the channel on its way, where there is one and it does not show the card anyway."""

    channel: str | None = None

    def outcome(self, tx: Session, deletion: Deletion, at: datetime) -> None:
        """Tell what has become of a deletion; once for each of its states."""
        if deletion.state in _QUIET or self.channel is None:
            return
        if self.channel == deletion.channel_id or self.channel in cards.channels(tx, deletion.id):
            return
        key = f"{deletion.id}/outcome/{deletion.state}"
        facts = {"deletion": deletion.id, "state": deletion.state.value}
        notices.add_for(tx, self.channel, key, NoticeKind.OUTCOME, at=at, facts=facts)

    def permission(self, tx: Session, what: str, row: Permission, *, at: datetime, **facts: str) -> None:
        """Tell that a permission was granted or revoked."""
        if self.channel is None:
            return
        said = {"what": what, **row.to_facts(), **facts}
        notices.add_for(tx, self.channel, f"{what}/{row.id}", NoticeKind.PERMISSION, at=at, facts=said)

    def attributes(
        self, tx: Session, subject: str, put: Mapping[str, str], dropped: Sequence[str], *, at: datetime, by_name: str
    ) -> None:
        """Tell that somebody carries other attributes."""
        if self.channel is None:
            return
        said = {"put": json.dumps(dict(put), ensure_ascii=False), "dropped": json.dumps(list(dropped))}
        facts = {"what": "attributes", "subject": subject, "by_name": by_name, **said}
        key = f"attributes/{subject}/{at.isoformat()}"
        notices.add_for(tx, self.channel, key, NoticeKind.PERMISSION, at=at, facts=facts)

    def applied(
        self,
        tx: Session,
        granted: Sequence[Permission],
        revoked: Sequence[Permission],
        *,
        at: datetime,
        by_name: str,
    ) -> None:
        """Tell of many changes at once, in one message."""
        if self.channel is None:
            return
        rows = [{"what": "granted", **row.to_facts()} for row in granted]
        rows += [{"what": "revoked", **row.to_facts()} for row in revoked]
        facts = {"what": "applied", "by_name": by_name, "rows": json.dumps(rows, ensure_ascii=False)}
        key = f"applied/{'/'.join(row['permission'] for row in rows)[:200]}/{at.isoformat()}"
        notices.add_for(tx, self.channel, key, NoticeKind.PERMISSION, at=at, facts=facts)

    def freeze(self, tx: Session, kind: NoticeKind, channel: str, *, key: str, at: datetime, **facts: str) -> None:
        """Tell that deletions are frozen, or not any more; `channel` is where that was said already."""
        if self.channel not in (None, channel):
            notices.add_for(tx, str(self.channel), key, kind, at=at, facts=facts)
