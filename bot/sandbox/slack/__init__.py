"""A local Slack over real HTTP."""

from bot.sandbox.slack.blockkit import message_problems, problems
from bot.sandbox.slack.delivery import Confirm, Delivery, Kind
from bot.sandbox.slack.files import File
from bot.sandbox.slack.groups import Group
from bot.sandbox.slack.local import LocalSlack
from bot.sandbox.slack.people import NotVisibleError, Person
from bot.sandbox.slack.scopes import SCOPES
from bot.sandbox.slack.workspace import Channel, Event, EventKind, Message

__all__ = [
    "SCOPES",
    "Channel",
    "Confirm",
    "Delivery",
    "Event",
    "EventKind",
    "File",
    "Group",
    "Kind",
    "LocalSlack",
    "Message",
    "NotVisibleError",
    "Person",
    "message_problems",
    "problems",
]
