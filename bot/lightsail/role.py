"""The role under which one snapshot is deleted, for one person: AWS itself is to refuse everything else."""

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from bot.lightsail.by_region import ByRegion
from bot.lightsail.proofs import translated
from bot.model import ASSUME, DELETE_ACTION, OnBehalf, Snapshot
from bot.spell import Spell

if TYPE_CHECKING:
    from types_boto3_lightsail import LightsailClient
    from types_boto3_sts import STSClient
    from types_boto3_sts.type_defs import AssumeRoleRequestTypeDef

SHORTEST = 900  # seconds that a session lasts, at the least; the session policy ends long before
_QUICK = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1})
_TRIAL = "lightkeeper-doctor"
_NOTHING: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials of one session."""

    access_key_id: str
    secret_access_key: str
    session_token: str


class Role:
    """A role that is assumed anew for every deletion. Safe to share between threads.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """

    def __init__(
        self,
        session: boto3.Session,
        regions: Sequence[str],
        arn: str,
        external_id: str | None,
        making: AbstractContextManager[bool],
    ) -> None:
        """`making` is the lock under which all clients of the session are made."""
        self.arn = arn
        self._session = session
        self._external_id = external_id
        self._making = making
        self._clients: ByRegion[STSClient] = ByRegion(self._sts, making, regions)
        self._troubles = ByRegion(lambda region: Spell(f"AWS STS in {region}", _log), making)

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            client.close()

    def assume(self, snapshot: Snapshot, behalf: OnBehalf, until: datetime) -> Keys:
        """Credentials that can delete this one snapshot, until a moment of AWS's clock.

        The session is called after the deletion and carries who confirmed it as its source identity, so that
        CloudTrail names both; its tags are what policies can go by.

        Raises:
            AwsError: AWS gave none; nothing else was done.
        """
        return self._assume(
            snapshot.region, behalf.session_name, behalf.person, behalf.tags, session_policy(snapshot.arn, until)
        )

    def try_it(self, region: str) -> None:
        """Assume it with a policy that allows nothing.

        Raises:
            AwsError: AWS does not let the bot have it.
        """
        self._assume(region, _TRIAL, "U0DOCTOR", {"slack_user": "U0DOCTOR"}, _NOTHING)

    def client(self, keys: Keys, region: str, config: Config) -> "LightsailClient":
        """A client that calls with these credentials."""
        with self._making:
            return self._session.client(
                "lightsail",
                region_name=region,
                config=config,
                aws_access_key_id=keys.access_key_id,
                aws_secret_access_key=keys.secret_access_key,
                aws_session_token=keys.session_token,
            )

    def _sts(self, region: str) -> "STSClient":
        return self._session.client("sts", region_name=region, config=_QUICK)

    def _assume(
        self, region: str, name: str, person: str, tags: Mapping[str, str], policy: Mapping[str, object]
    ) -> Keys:
        with translated(ASSUME, region, name, self._troubles[region]):
            request: AssumeRoleRequestTypeDef = {
                "RoleArn": self.arn,
                "RoleSessionName": name,
                "SourceIdentity": person,
                "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
                "Policy": json.dumps(policy, separators=(",", ":")),
                "DurationSeconds": SHORTEST,
            }
            if self._external_id:
                request["ExternalId"] = self._external_id
            made = self._clients[region].assume_role(**request)["Credentials"]
            return Keys(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def session_policy(arn: str, until: datetime) -> Mapping[str, object]:
    """What a session may at the most, whatever the role may: delete what has that ARN, before that moment.

    Whether a name was given to another snapshot meanwhile, and whether a call comes late, AWS is asked to see itself.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": f"lightsail:{DELETE_ACTION}",
                "Resource": arn,
                "Condition": {"DateLessThan": {"aws:CurrentTime": f"{until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}},
            }
        ],
    }
