"""AssumeRole as AWS answers it, in front of moto's own STS, which would let everybody assume everything."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn, cast
from xml.sax.saxutils import escape

import regex
from moto.core.base_backend import backend_lock
from moto.sts.responses import TokenResponse

from bot.sandbox.lightsail.accounts import HOUR, Session, denied, traits
from bot.sandbox.lightsail.credentials import REFUSALS, Signed, look
from bot.sandbox.lightsail.desk import desk
from bot.sandbox.lightsail.mischief import ROLE_ACTION, Credentials, Fail, Lose, Refused, Site, Slow
from bot.sandbox.lightsail.policy import PolicyError, policy_of
from bot.sandbox.lightsail.responses import dropped
from bot.sandbox.lightsail.trust import Wish, trust_of

if TYPE_CHECKING:
    from moto.core.common_types import TYPE_RESPONSE
    from moto.core.responses import ActionResult

    from bot.sandbox.lightsail.accounts import Caller, Role

# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
TAG_TEXT = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
SHORTEST, LONGEST = 900, 12 * HOUR
LONGEST_POLICY = 2048
# AWS packs policy and tags into a format of its own, which has a limit of its own; how, it does not tell. Here the
# characters of both are counted.
MOST_PACKED = 2048
MAX_TAGS, LONGEST_KEY, LONGEST_VALUE = 50, 128, 256
NOT_SERVED = ("PolicyArns", "ProvidedContexts", "SerialNumber", "TokenCode", "TransitiveTagKeys")
ASSUME = "sts:AssumeRole"


class StsError(ValueError):
    """An error answer of STS, which speaks XML and has other statuses than Lightsail."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def answer(self) -> TYPE_RESPONSE:
        """As it goes back."""
        said = f"<Type>Sender</Type><Code>{self.code}</Code><Message>{escape(str(self))}</Message>"
        namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
        body = f'<ErrorResponse xmlns="{namespace}"><Error>{said}</Error><RequestId>local</RequestId></ErrorResponse>'
        return self.status, {"Content-Type": "text/xml"}, body


class LocalTokenResponse(TokenResponse):
    """Checks who calls and what is asked, lets moto make the credentials, and remembers what they are for."""

    def call_action(self) -> TYPE_RESPONSE:
        """In one piece under moto's lock, as far as nothing is planned for it that takes time."""
        with backend_lock:
            answer = self._answer()
            site = self._site()
            late = desk.plans.take(Slow, site) if site else None
            wait = desk.lateness(late.seconds if late else 0)
            lost = desk.plans.take(Lose, site) if site else None
        wait()
        if lost:
            return dropped(self.normalized_request.environ, self.uri)
        return answer

    def _answer(self) -> TYPE_RESPONSE:
        try:
            self._caller = self._identified()
            site = self._site()
            fail = desk.plans.take(Fail, site) if site else None
            return planned(fail) if fail else super().call_action()
        except StsError as error:
            return error.answer()

    def _site(self) -> Site | None:
        """Where it goes, as plans name it; of STS they name one action."""
        return Site(ROLE_ACTION, self.region, "") if self._get_action() == ROLE_ACTION else None

    def assume_role(self) -> ActionResult:
        """A session of a role that was declared."""
        for parameter in NOT_SERVED:
            if self._get_param(parameter):
                raise StsError("ValidationError", f"Not served by the local STS: {parameter}")
        self._check_texts()
        tags = self._tags()
        role = self._role(tags)
        self._check_duration(role)
        self._check_policy()
        self._check_packed(tags)
        return self._begun(role, tags, self._source_identity())

    def _identified(self) -> Caller:
        token = self.headers.get("X-Amz-Security-Token", "")
        _, arn, account = self.backend.get_caller_identity(self.access_key, self.region)
        planned = desk.plans.take(Refused, Site("", self.region, account))
        found = look(Signed(self.access_key, token, account, arn), planned)
        if found.credentials is not Credentials.FINE:
            _, code, message = REFUSALS[found.credentials]
            raise StsError(code, message, status=403)
        return found.caller

    def _check_texts(self) -> None:
        for parameter, pattern in (
            ("RoleSessionName", NAME),
            ("SourceIdentity", NAME),
            ("ExternalId", EXTERNAL_ID),
        ):
            value = self._get_param(parameter)
            if value is not None and not pattern.fullmatch(value):
                invalid(parameter, value, f"Member must satisfy regular expression pattern: {pattern.pattern}")

    def _tags(self) -> dict[str, str]:
        given = self._get_param("Tags") or []
        keys = [tag["Key"].lower() for tag in given]
        if len(given) > MAX_TAGS:
            invalid("Tags", "", f"Member must have length less than or equal to {MAX_TAGS}")
        if len(set(keys)) < len(keys):
            raise StsError("InvalidParameterValue", "Duplicate tag keys found. Tag keys are case insensitive.")
        for tag in given:
            if tag["Key"].lower().startswith("aws:"):
                raise StsError("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for system use.")
            if not TAG_TEXT.fullmatch(tag["Key"] + tag["Value"]):
                invalid("Tags", tag["Key"], f"Member must satisfy regular expression pattern: {TAG_TEXT.pattern}")
            if not 1 <= len(tag["Key"]) <= LONGEST_KEY or len(tag["Value"]) > LONGEST_VALUE:
                invalid("Tags", tag["Key"], f"Member must have length up to {LONGEST_KEY}, and {LONGEST_VALUE}")
        return {tag["Key"]: tag["Value"] for tag in given}

    def _role(self, tags: dict[str, str]) -> Role:
        """The role, if it is one, trusts whoever has the external id, and the caller may assume it."""
        arn = self._get_param("RoleArn")
        role = desk.accounts.role(arn)
        context = traits(self._caller) | {"aws:currenttime": desk.now(), "aws:requestedregion": self.region}
        why = desk.accounts.objection(self._caller, ASSUME, arn, context)
        trusted = role and role.external_id in {None, self._get_param("ExternalId")}
        if role is None or not trusted or why:
            raise StsError("AccessDenied", denied(self._caller, ASSUME, arn, why or ""), status=403)
        if role.trust is not None:
            get = self._get_param
            wish = Wish(get("RoleSessionName"), get("ExternalId"), get("SourceIdentity"), tags)
            missing = trust_of(role.trust).missing(wish, self._caller.arn, self._caller.account, traits(self._caller))
            if missing:
                raise StsError("AccessDenied", denied(self._caller, missing, arn), status=403)
        return role

    def _check_packed(self, tags: dict[str, str]) -> None:
        packed = len(self._get_param("Policy") or "") + sum(len(key) + len(value) for key, value in tags.items())
        if packed > MOST_PACKED:
            share = f"{round(100 * packed / MOST_PACKED)}%"
            raise StsError(
                "PackedPolicyTooLarge", f"Packed size of session policy and tags is {share} of what is allowed."
            )

    def _check_duration(self, role: Role) -> None:
        wanted = self._duration()
        if not SHORTEST <= wanted <= LONGEST:
            invalid("DurationSeconds", str(wanted), f"Member must have value between {SHORTEST} and {LONGEST}")
        if wanted > role.max_session_seconds:
            raise StsError(
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            )
        if self._caller.session and wanted > HOUR:
            raise StsError(
                "ValidationError",
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            )

    def _check_policy(self) -> None:
        policy = self._get_param("Policy")
        if policy is None:
            return
        if len(policy) > LONGEST_POLICY:
            invalid("Policy", "", f"Member must have length less than or equal to {LONGEST_POLICY}")
        try:
            policy_of(policy)
        except PolicyError as error:
            raise StsError("MalformedPolicyDocument", str(error)) from error

    def _begun(self, role: Role, tags: dict[str, str], source_identity: str | None) -> ActionResult:
        answer = super().assume_role()
        told = cast("dict[str, Any]", answer.result)
        made = told["Credentials"]
        made.expiration = desk.now() + timedelta(seconds=self._duration())
        session = Session(
            account=role.account,
            role=role.arn,
            name=self._get_param("RoleSessionName"),
            arn=made.arn,
            source_identity=source_identity,
            tags=tags,
            policy=self._get_param("Policy"),
            begun_at=desk.now(),
            expires_at=made.expiration,
            access_key_id=made.access_key_id,
        )
        desk.accounts.begin(session, made.session_token)
        if source_identity:
            told["SourceIdentity"] = source_identity
        return answer

    def _source_identity(self) -> str | None:
        """Once set it stays the same through every further role."""
        wanted: str | None = self._get_param("SourceIdentity")
        before = self._caller.session.source_identity if self._caller.session else None
        if before and wanted not in {None, before}:
            arn = self._get_param("RoleArn")
            raise StsError("AccessDenied", denied(self._caller, "sts:SetSourceIdentity", arn), status=403)
        return before or wanted

    def _duration(self) -> int:
        return self._get_int_param("DurationSeconds", HOUR)


def planned(fail: Fail) -> TYPE_RESPONSE:
    """A refusal that somebody planned."""
    return StsError(fail.code, fail.message, status=fail.status).answer()


def invalid(parameter: str, value: str, rule: str) -> NoReturn:
    """A parameter breaks one of its rules."""
    field = parameter[0].lower() + parameter[1:]
    raise StsError(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {rule}",
    )
