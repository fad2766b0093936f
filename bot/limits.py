"""How long a deletion may take, and how late is too late."""

from datetime import timedelta

CALL_WITHIN = timedelta(minutes=15)  # of the decision: an old yes is no yes
SEEN_WITHIN = 20.0  # seconds of the boot clock from a look to the intent; later the name may be another snapshot's
REPEAT_AFTER = timedelta(seconds=30)  # of an intent whose answer was lost
REFUSED_AFTER = timedelta(seconds=20)  # of an intent; from then on AWS itself is to refuse the call under a role
NEAR_END = timedelta(minutes=15)  # of the time in which somebody can approve; then who asked is told
PATIENCE = timedelta(minutes=2)  # of an intent; then people are told that it is not known
LOOKS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))  # into `unknown`, then hourly
GIVE_UP_LOOKING = timedelta(days=7)
CLOCK_SKEW = timedelta(seconds=2)  # AWS's Date header has whole seconds

# Looks at what goes on, a second and region. AWS does not tell what Lightsail allows, and the console and whatever else
# the company runs share it. EC2, of which it is told, gives back 20 such reads a second: half of that can't hurt.
# Source: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
LOOKS_PER_SECOND = 10
