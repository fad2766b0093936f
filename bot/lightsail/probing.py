"""Tries what the bot needs of AWS by reads that change nothing, each once, and none for long."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bot.errors import AmbiguousError, AwsError, CredentialsError, NotThereError
from bot.lightsail.proofs import told_of
from bot.lightsail.role import Role
from bot.model import ASSUME

if TYPE_CHECKING:
    from types_boto3_lightsail import LightsailClient

# A name and an id that nothing has: who may look is told that there is nothing, who may not is told that.
NAME = "lightkeeper-doctor-looks-for-nothing"
OPERATION = "00000000-0000-4000-8000-000000000000"
IDENTITY = "GetCallerIdentity"
_CONFIG = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 1})


@dataclass(frozen=True, slots=True)
class Tried:
    """A call, what went wrong if anything did, and how far our clock was ahead of AWS's, where the answer tells."""

    action: str
    problem: AwsError | None
    ahead: timedelta | None
    answer: Mapping[str, Any]

    @property
    def was_answered(self) -> bool:
        """Whether AWS said anything, be it no."""
        return not isinstance(self.problem, AmbiguousError)


class Prober:
    """Clients of their own, with little patience. A thread may have each region.

    Raises:
        AwsError: there are no credentials, or botocore can't make sense of its configuration.
    """

    def __init__(
        self,
        regions: Sequence[str],
        ahead: Callable[[Mapping[str, str]], timedelta | None],
        role: str | None = None,
        external_id: str | None = None,
    ) -> None:
        self._ahead = ahead  # by the headers of an answer that has just come
        try:
            session = boto3.Session()
            if session.get_credentials() is None:
                raise CredentialsError(IDENTITY, "NoCredentialsError")
            home = session.region_name or next(iter(regions), "us-east-1")
            self._sts = session.client("sts", region_name=home, config=_CONFIG)
            self._lightsail = {
                region: session.client("lightsail", region_name=region, config=_CONFIG) for region in regions
            }
            self.role = Role(session, regions, role, external_id, Lock()) if role else None
        except BotoCoreError as error:
            raise told_of(IDENTITY, error) from error

    def identity(self) -> Tried:
        """Who AWS takes the bot for: `Account` and `Arn` of the answer. No policy can deny this call.

        Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        """
        return self._tried(IDENTITY, self._sts.get_caller_identity)

    def address(self, region: str) -> str:
        """Where Lightsail is looked for."""
        return self._lightsail[region].meta.endpoint_url

    def reads(self, region: str) -> list[Tried]:
        """Every read that the bot needs, up to the first without an answer."""
        tried: list[Tried] = []
        for action, call in _reads(self._lightsail[region]).items():
            tried.append(self._tried(action, call))
            if not tried[-1].was_answered:
                break
        return tried

    def assume(self, region: str) -> list[Tried]:
        """Have the role, where there is one."""
        try:
            if self.role:
                self.role.try_it(region)
        except AwsError as error:
            return [Tried(ASSUME, error, None, {})]
        return [Tried(ASSUME, None, None, {})]

    def _tried(self, action: str, call: Callable[[], Mapping[str, Any]]) -> Tried:
        try:
            answer = call()
        except Exception as error:  # noqa: BLE001  (of an answer of another shape a parser makes whatever it likes)
            told = told_of(action, error)
            ahead = self._ahead(_headers(error.response)) if isinstance(error, ClientError) else None
            return Tried(action, None if isinstance(told, NotThereError) else told, ahead, {})
        return Tried(action, None, self._ahead(_headers(answer)), answer)

    def close(self) -> None:
        """Close every connection."""
        for client in (self._sts, *self._lightsail.values()):
            client.close()
        if self.role:
            self.role.close()


def _reads(client: "LightsailClient") -> dict[str, Callable[[], Mapping[str, Any]]]:
    return {
        "GetInstanceSnapshots": client.get_instance_snapshots,
        "GetInstanceSnapshot": partial(client.get_instance_snapshot, instanceSnapshotName=NAME),
        "GetInstance": partial(client.get_instance, instanceName=NAME),
        "GetAutoSnapshots": partial(client.get_auto_snapshots, resourceName=NAME),
        "GetOperation": partial(client.get_operation, operationId=OPERATION),
        "GetOperationsForResource": partial(client.get_operations_for_resource, resourceName=NAME),
    }


def _headers(answer: Mapping[str, Any]) -> Mapping[str, str]:
    found: Mapping[str, str] = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return found
