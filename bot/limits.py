"""How long a deletion may take, and how late is too late."""

from datetime import timedelta

CALL_WITHIN = timedelta(minutes=15)  # of the decision: an old yes is no yes
REPEAT_AFTER = timedelta(seconds=30)  # of an intent whose answer was lost
PATIENCE = timedelta(minutes=2)  # of an intent; then people are told that it is not known
LOOKS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))  # into `unknown`, then hourly
GIVE_UP_LOOKING = timedelta(days=7)
CLOCK_SKEW = timedelta(seconds=2)  # AWS's Date header has whole seconds
