"""Admins have the bot look at all that it stands on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.doctor.finding import Finding
from bot.judge import without_permission
from bot.model import Actor
from bot.permitting import NotAdmin
from bot.rules import Rulebook
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Examining:
    """Who may have it looked at, and how that is done."""

    database: Database
    rulebook: Rulebook
    now: Callable[[], datetime]
    look: Callable[[], Sequence[Finding]]

    def examine(self, actor: Actor) -> Sequence[Finding] | NotAdmin:
        """What was found, for admins alone: it names accounts, roles and machines."""
        with self.database.reading() as tx:
            rules = self.rulebook.rules(tx, actor.team, self.now())
        if not rules.policy.is_admin(actor.id):
            return NotAdmin(without_permission(rules, actor.id))
        return self.look()
