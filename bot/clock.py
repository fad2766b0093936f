"""The clock by which it is told whether a process was paused."""

import time


def boot_clock() -> float:
    """Seconds since boot, counting those in which the machine slept, where the system can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
