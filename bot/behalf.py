"""For whom a deletion is carried out, as it is in SQL at this moment."""

from datetime import datetime

from sqlmodel import Session

from bot.attributes import Carried, carried
from bot.model import OnBehalf
from storage import approvals, attributes, directory
from storage.tables import Deletion


def of_person(tx: Session, team: str, person: str, now: datetime) -> Carried:
    """What a person carries now."""
    return carried(attributes.of(tx, team), person, directory.groups(tx, team, now))


def on_behalf(tx: Session, deletion: Deletion, now: datetime) -> OnBehalf:
    """Who stands up for a deletion, with what they carry."""
    told = of_person(tx, deletion.team_id, deletion.requester_id, now)
    words = approvals.of(tx, deletion.id)
    approver = words[-1].person_id if words else None
    return OnBehalf(deletion.id, deletion.requester_id, approver, told.tags, told.problem)
