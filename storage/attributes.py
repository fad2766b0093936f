"""Attributes of people and groups, which AWS is told; each change is on the record."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from storage import audit
from storage.tables import Attribute

CHANGED = "attributes_changed"  # the event on the record


def of(tx: Session, team: str, subject: str | None = None) -> Sequence[Attribute]:
    """Those of a team, or of one subject of it."""
    found = select(Attribute).where(Attribute.team_id == team)
    if subject is not None:
        found = found.where(Attribute.subject == subject)
    return tx.exec(found.order_by(Attribute.subject, Attribute.key)).all()


def merged(before: Mapping[str, str], put: Mapping[str, str], drop: Collection[str]) -> dict[str, str]:
    """What there is after a change; AWS tells no upper and lower case of names apart."""
    gone = {key.lower() for key in (*put, *drop)}
    return {**{key: value for key, value in before.items() if key.lower() not in gone}, **put}


def change(
    tx: Session, team: str, subject: str, put: Mapping[str, str], drop: Collection[str], *, by: str, now: datetime
) -> None:
    """Set some, remove others, and put it on the record. Whoever calls has the team's permissions to themselves."""
    gone = [*put, *drop]
    tx.exec(
        delete(Attribute).where(
            col(Attribute.team_id) == team, col(Attribute.subject) == subject, col(Attribute.key).in_(gone)
        )
    )
    tx.add_all(
        Attribute(team_id=team, subject=subject, key=key, value=value, set_by=by, set_at=now)
        for key, value in put.items()
    )
    told = {"subject": subject, "put": json.dumps(dict(put), ensure_ascii=False), "dropped": json.dumps(sorted(drop))}
    audit.record(tx, at=now, team=team, actor=by, event=CHANGED, **told)
