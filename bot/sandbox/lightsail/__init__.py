"""A local Lightsail: a backend for moto, added from outside."""

from bot.sandbox.lightsail.accounts import Role, Session
from bot.sandbox.lightsail.control import Control
from bot.sandbox.lightsail.desk import Call
from bot.sandbox.lightsail.errors import LightsailError
from bot.sandbox.lightsail.hooks import install
from bot.sandbox.lightsail.mischief import Armed, Credentials, Garbage
from bot.sandbox.lightsail.pace import Pace, Status, Step
from bot.sandbox.lightsail.policy import PolicyError
from bot.sandbox.lightsail.resources import AutoSnapshot, Disk, Instance, Snapshot
from bot.sandbox.lightsail.server import LocalLightsail
from bot.sandbox.lightsail.stock import OperationView

__all__ = [
    "Armed",
    "AutoSnapshot",
    "Call",
    "Control",
    "Credentials",
    "Disk",
    "Garbage",
    "Instance",
    "LightsailError",
    "LocalLightsail",
    "OperationView",
    "Pace",
    "PolicyError",
    "Role",
    "Session",
    "Snapshot",
    "Status",
    "Step",
    "install",
]
