"""The hand that sets up the local Lightsail, breaks it, and looks at what was asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.base_backend import backend_lock

from bot.sandbox.lightsail.access import Access
from bot.sandbox.lightsail.desk import desk, system_clock
from bot.sandbox.lightsail.hooks import install
from bot.sandbox.lightsail.models import lightsail_backends
from bot.sandbox.lightsail.stock import Stock
from bot.sandbox.lightsail.trouble import Trouble

if TYPE_CHECKING:
    from bot.sandbox.lightsail.desk import Clock


class Control(Stock, Trouble, Access):
    """For use in the same process, under `mock_aws` or beside the server.

    There is one local Lightsail in a process, as there is one moto: making a Control empties it, and so
    does everything that resets moto, such as the beginning and the end of `mock_aws`. The clock says
    what time it is in AWS; nothing moves but by it, and by `advance` and `fail_operation`.
    """

    def __init__(self, *, clock: Clock = system_clock) -> None:
        install()
        with backend_lock:
            desk.clock = clock
        self.reset()

    def reset(self) -> None:
        """Nothing there, nothing planned, nothing recorded, no roles, the first pace again; the clock stays."""
        with backend_lock:
            for _, _, backend in lightsail_backends.iter_backends():
                backend.reset()
            desk.reset()
