"""A local Lightsail: a backend for moto, added from outside."""

from bot.sandbox.lightsail.control import Control
from bot.sandbox.lightsail.desk import Call
from bot.sandbox.lightsail.errors import LightsailError
from bot.sandbox.lightsail.hooks import install
from bot.sandbox.lightsail.pace import Pace, Status, Step
from bot.sandbox.lightsail.resources import Disk, Instance, Snapshot
from bot.sandbox.lightsail.server import LocalLightsail

__all__ = [
    "Call",
    "Control",
    "Disk",
    "Instance",
    "LightsailError",
    "LocalLightsail",
    "Pace",
    "Snapshot",
    "Status",
    "Step",
    "install",
]
