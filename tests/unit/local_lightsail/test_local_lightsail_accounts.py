"""Several accounts: roles that are assumed, what their sessions may do, and when they end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.lightsail import PolicyError
from tests.unit.local_lightsail.conftest import (
    AWAY_ACCOUNT,
    BEGIN,
    HOME_ACCOUNT,
    code_of,
    delete,
    refused,
    status_of,
    sts_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_lightsail import LightsailClient

    from bot.sandbox.lightsail import Control
    from tests.unit.local_lightsail.conftest import Sts, Watch

    Acting = Callable[..., LightsailClient]

ROLE = f"arn:aws:iam::{AWAY_ACCOUNT}:role/ops/lightkeeper"
WHO = f"arn:aws:sts::{AWAY_ACCOUNT}:assumed-role/lightkeeper/ann"
DELETE = "lightsail:DeleteInstanceSnapshot"


ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(**changes: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [ALL | changes]}


def deny(action: str) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": [ALL, {"Effect": "Deny", "Action": action, "Resource": "*"}]}


def assume(sts: Sts, **changes: object) -> dict[str, Any]:
    asked = {"RoleArn": ROLE, "RoleSessionName": "ann"} | changes
    return sts.assume_role(**{name: value for name, value in asked.items() if value is not None})


@pytest.fixture
def role(aws: Control) -> str:
    return aws.account(AWAY_ACCOUNT, role=ROLE).arn


@pytest.fixture
def there(aws: Control, role: str, sts: Sts, acting: Acting) -> LightsailClient:  # noqa: ARG001
    """A client that acts in the other account."""
    return acting(assume(sts)["Credentials"])


# ---- assuming


@pytest.mark.usefixtures("role")
def test_an_assumed_role_acts_in_its_own_account(aws: Control, there: LightsailClient, client: LightsailClient) -> None:
    aws.snapshot("web-1-a", of="web-1", account=AWAY_ACCOUNT)

    assert [row["name"] for row in there.get_instance_snapshots()["instanceSnapshots"]] == ["web-1-a"]
    assert client.get_instance_snapshots()["instanceSnapshots"] == []


@pytest.mark.usefixtures("role")
def test_an_assumed_role_is_told_as_sts_tells_it(sts: Sts, watch: Watch) -> None:
    watch.wait(60)

    told = assume(sts, SourceIdentity="U0ANN", DurationSeconds=900)

    assert told["AssumedRoleUser"]["Arn"] == WHO
    assert told["SourceIdentity"] == "U0ANN"
    assert told["Credentials"]["Expiration"] == BEGIN + timedelta(seconds=960)
    assert told["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_who_one_is_can_be_asked(sts: Sts, role: str, url: str | None) -> None:
    assert role
    there = sts_of(url, assume(sts)["Credentials"])

    assert (there.get_caller_identity()["Arn"], there.get_caller_identity()["Account"]) == (WHO, AWAY_ACCOUNT)
    assert sts.get_caller_identity()["Account"] == HOME_ACCOUNT


@pytest.mark.parametrize("arn", [ROLE.replace("lightkeeper", "admin"), ROLE.replace(AWAY_ACCOUNT, "111111111111")])
@pytest.mark.usefixtures("role")
def test_an_unknown_role_is_denied(sts: Sts, arn: str) -> None:
    error = refused(assume, sts, RoleArn=arn)

    assert status_of(error) == 403
    assert error.response["Error"]["Code"] == "AccessDenied"
    assert error.response["Error"]["Message"].endswith(
        f"is not authorized to perform: sts:AssumeRole on resource: {arn}"
    )


@pytest.mark.parametrize("given", [None, "someone-elses"])
def test_a_wrong_external_id_is_denied_as_an_unknown_role_is(aws: Control, sts: Sts, given: str | None) -> None:
    aws.account(AWAY_ACCOUNT, role=ROLE, external_id="ours-and-secret")

    assert code_of(assume, sts, ExternalId=given) == "AccessDenied"


def test_the_right_external_id_opens(aws: Control, sts: Sts) -> None:
    aws.account(AWAY_ACCOUNT, role=ROLE, external_id="ours-and-secret")

    assert assume(sts, ExternalId="ours-and-secret")["Credentials"]


@pytest.mark.usefixtures("role")
def test_an_external_id_that_nobody_asked_for_does_no_harm(sts: Sts) -> None:
    assert assume(sts, ExternalId="whatever")["Credentials"]


@pytest.mark.parametrize("name", ["ab", "a" * 64, "ann@example.com", "a_b+c=d,e.f-g"])
@pytest.mark.usefixtures("role")
def test_a_good_session_name_is_taken(aws: Control, sts: Sts, name: str) -> None:
    assume(sts, RoleSessionName=name, SourceIdentity=name)

    assert [(session.name, session.source_identity) for session in aws.sessions()] == [(name, name)]


@pytest.mark.parametrize("field", ["RoleSessionName", "SourceIdentity"])
@pytest.mark.parametrize("name", ["a" * 65, "Ann Lee", "änn", "ann/lee", "ann:lee", "ann\n"])
@pytest.mark.usefixtures("role")
def test_a_bad_session_name_or_source_identity_is_refused(sts: Sts, field: str, name: str) -> None:
    error = refused(assume, sts, **{field: name})

    assert error.response["Error"]["Code"] == "ValidationError"
    assert field[1:] in error.response["Error"]["Message"]
    assert status_of(error) == 400


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"DurationSeconds": 3601}, "MaxSessionDuration"),
        ({"DurationSeconds": 43201}, "43200"),
        ({"ExternalId": "with space"}, "externalId"),
        ({"Policy": "{" + " " * 2048}, "2048"),
        ({"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]}, "50"),
        ({"Tags": [{"Key": "k" * 129, "Value": ""}]}, "128"),
        ({"Tags": [{"Key": "k", "Value": "v" * 257}]}, "256"),
        (
            {"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]},
            "Not served by the local STS: PolicyArns",
        ),
        ({"TransitiveTagKeys": ["env"]}, "TransitiveTagKeys"),
    ],
)
@pytest.mark.usefixtures("role")
def test_what_sts_does_not_take_is_refused(sts: Sts, changes: dict[str, object], words: str) -> None:
    error = refused(assume, sts, **changes)

    assert error.response["Error"]["Code"] == "ValidationError"
    assert words in error.response["Error"]["Message"]


@pytest.mark.usefixtures("role")
def test_tags_that_differ_in_case_alone_are_one_too_many(sts: Sts) -> None:
    tags = [{"Key": "env", "Value": "a"}, {"Key": "ENV", "Value": "b"}]

    assert code_of(assume, sts, Tags=tags) == "InvalidParameterValue"


def test_a_role_may_have_longer_sessions(aws: Control, sts: Sts) -> None:
    aws.account(AWAY_ACCOUNT, role=ROLE, max_session_seconds=43_200)

    assert assume(sts, DurationSeconds=43_200)["Credentials"]["Expiration"] == BEGIN + timedelta(hours=12)


@pytest.mark.usefixtures("role")
def test_sessions_tell_what_they_were_begun_with(aws: Control, sts: Sts) -> None:
    told = assume(sts, SourceIdentity="U0ANN", Tags=[{"Key": "card", "Value": "c-1"}], Policy=json.dumps(policy()))

    (session,) = aws.sessions(AWAY_ACCOUNT)

    assert (session.account, session.role, session.name, session.arn) == (AWAY_ACCOUNT, ROLE, "ann", WHO)
    assert (session.source_identity, session.tags) == ("U0ANN", {"card": "c-1"})
    assert (session.begun_at, session.expires_at) == (BEGIN, BEGIN + timedelta(hours=1))
    assert json.loads(str(session.policy)) == policy()
    assert session.access_key_id == told["Credentials"]["AccessKeyId"]
    assert aws.sessions(HOME_ACCOUNT) == []


@pytest.mark.usefixtures("role")
def test_a_record_says_by_whose_session_a_call_was_made(
    aws: Control,
    sts: Sts,
    acting: Acting,
    client: LightsailClient,
) -> None:
    acting(assume(sts, SourceIdentity="U0ANN")["Credentials"]).get_instances()
    client.get_instances()
    there, here = aws.calls()

    assert (there.account, there.role, there.session_name, there.source_identity) == (
        AWAY_ACCOUNT,
        ROLE,
        "ann",
        "U0ANN",
    )
    assert (here.account, here.role, here.session_name, here.source_identity) == (HOME_ACCOUNT, None, None, None)
    assert aws.calls(account=AWAY_ACCOUNT) == [there]
    assert aws.calls("GetInstances", account=HOME_ACCOUNT) == [here]


def test_an_assumed_role_can_assume_the_next_for_an_hour_at_most(
    aws: Control,
    sts: Sts,
    role: str,
    url: str | None,
    acting: Acting,
) -> None:
    assert role
    next_role = aws.account("333333333333", max_session_seconds=43_200).arn
    chained = sts_of(url, assume(sts, SourceIdentity="U0ANN")["Credentials"])

    told = assume(chained, RoleArn=next_role)

    assert "1 hour" in str(refused(assume, chained, RoleArn=next_role, DurationSeconds=3601))
    assert code_of(assume, chained, RoleArn=next_role, SourceIdentity="U0BOB") == "AccessDenied"
    assert told["SourceIdentity"] == "U0ANN"
    acting(told["Credentials"]).get_instances()
    assert aws.calls()[-1].account == "333333333333"


def test_an_assumed_role_assumes_only_what_its_policy_allows(
    aws: Control,
    sts: Sts,
    url: str | None,
) -> None:
    aws.account(AWAY_ACCOUNT, role=ROLE, policy=policy(Action="lightsail:*"))
    chained = sts_of(url, assume(sts)["Credentials"])

    error = refused(assume, chained, RoleArn=aws.account("333333333333").arn)

    assert "no identity-based policy allows the sts:AssumeRole action" in error.response["Error"]["Message"]


# ---- credentials


@pytest.mark.usefixtures("role")
def test_credentials_end_by_the_clock_of_the_local_lightsail(there: LightsailClient, watch: Watch) -> None:
    watch.wait(3599)
    there.get_instances()
    watch.wait(1)

    error = refused(there.get_instances)

    assert error.response["Error"]["Code"] == "ExpiredTokenException"
    assert error.response["Error"]["Message"] == "The security token included in the request is expired"
    assert status_of(error) == 400


def test_an_ended_session_is_still_named_in_the_record(aws: Control, there: LightsailClient, watch: Watch) -> None:
    watch.wait(3600)
    refused(there.get_instances)

    (call,) = aws.calls()

    assert (call.session_name, call.accepted, call.error) == ("ann", False, "ExpiredTokenException")


def test_sessions_can_be_ended_now_and_new_ones_begun(
    aws: Control,
    sts: Sts,
    acting: Acting,
    there: LightsailClient,
) -> None:
    (ended,) = aws.expire(AWAY_ACCOUNT)

    assert ended.expires_at == BEGIN + timedelta(hours=1)
    assert code_of(there.get_instances) == "ExpiredTokenException"
    assert acting(assume(sts)["Credentials"]).get_instances()["instances"] == []
    assert aws.expire("111111111111") == []


@pytest.mark.usefixtures("aws")
def test_temporary_keys_that_nobody_gave_are_unknown(acting: Acting) -> None:
    made_up = {"AccessKeyId": "ASIA" + "X" * 16, "SecretAccessKey": "x", "SessionToken": "x"}

    error = refused(acting(made_up).get_instances)

    assert error.response["Error"]["Code"] == "UnrecognizedClientException"
    assert status_of(error) == 400


def test_a_wrong_session_token_is_unknown(sts: Sts, role: str, acting: Acting) -> None:
    assert role
    credentials = assume(sts)["Credentials"] | {"SessionToken": "another"}

    assert code_of(acting(credentials).get_instances) == "UnrecognizedClientException"


def test_a_reset_forgets_roles_and_sessions(aws: Control, sts: Sts, there: LightsailClient) -> None:
    aws.reset()

    assert aws.sessions() == []
    assert code_of(there.get_instances) == "UnrecognizedClientException"
    assert code_of(assume, sts) == "AccessDenied"


@pytest.mark.parametrize(
    ("state", "code", "sts_code"),
    [
        ("expired", "ExpiredTokenException", "ExpiredToken"),
        ("unknown", "UnrecognizedClientException", "InvalidClientTokenId"),
        ("invalid_signature", "InvalidSignatureException", "SignatureDoesNotMatch"),
    ],
)
@pytest.mark.usefixtures("role")
def test_static_keys_can_be_bad_until_they_are_fine(
    aws: Control,
    client: LightsailClient,
    sts: Sts,
    state: str,
    code: str,
    sts_code: str,
) -> None:
    aws.credentials(state)
    bad = refused(client.get_instances)
    bad_for_sts = refused(assume, sts)
    aws.credentials("fine")

    assert (bad.response["Error"]["Code"], status_of(bad)) == (code, 400)
    assert (bad_for_sts.response["Error"]["Code"], status_of(bad_for_sts)) == (sts_code, 403)
    assert client.get_instances()["instances"] == []
    assert assume(sts)["Credentials"]


def test_only_the_credentials_of_one_account_are_bad(
    aws: Control,
    client: LightsailClient,
    there: LightsailClient,
) -> None:
    aws.credentials("unknown", account=AWAY_ACCOUNT)

    assert client.get_instances()["instances"] == []
    assert code_of(there.get_instances) == "UnrecognizedClientException"


def test_bad_credentials_do_nothing(aws: Control, client: LightsailClient, snapshot: str) -> None:
    aws.credentials("expired")

    assert code_of(delete, client, snapshot) == "ExpiredTokenException"
    assert aws.operations() == []


# ---- what a session may do


def may(
    aws: Control,
    sts: Sts,
    acting: Acting,
    *,
    of_role: dict[str, object] | None = None,
    of_session: dict[str, object] | None = None,
) -> LightsailClient:
    aws.account(AWAY_ACCOUNT, role=ROLE, policy=of_role)
    return acting(assume(sts, Policy=json.dumps(of_session) if of_session else None)["Credentials"])


@pytest.mark.parametrize("of", ["role", "session"])
@pytest.mark.parametrize(
    ("restriction", "allowed"),
    [
        (policy(Action=DELETE), True),
        (
            policy(
                Action="lightsail:Delete*", Resource=f"arn:aws:lightsail:us-east-1:{AWAY_ACCOUNT}:InstanceSnapshot/*"
            ),
            True,
        ),
        (policy(Condition={"StringEquals": {"aws:ResourceTag/env": "staging"}}), True),
        (policy(Condition={"DateLessThan": {"aws:CurrentTime": "2026-11-23T10:15:01Z"}}), True),
        (policy(Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}), True),
        (policy(Condition={"ArnLike": {"aws:PrincipalArn": ROLE}}), True),
        (policy(Action="lightsail:Get*"), False),
        (policy(Resource=f"arn:aws:lightsail:us-east-1:{AWAY_ACCOUNT}:Instance/*"), False),
        (policy(Resource=f"arn:aws:lightsail:us-east-1:{HOME_ACCOUNT}:*"), False),
        (policy(Condition={"StringEquals": {"aws:ResourceTag/env": "prod"}}), False),
        (policy(Condition={"DateLessThan": {"aws:CurrentTime": "2026-11-23T10:15:00Z"}}), False),
        (policy(Condition={"StringEquals": {"aws:ResourceAccount": HOME_ACCOUNT}}), False),
        (deny(DELETE), False),
    ],
)
def test_a_deletion_is_allowed_by_both_policies_or_denied(
    aws: Control,
    sts: Sts,
    acting: Acting,
    of: str,
    restriction: dict[str, object],
    allowed: bool,  # noqa: FBT001 (a table)
) -> None:
    aws.pace("at-once")
    aws.snapshot("web-1-a", of="web-1", account=AWAY_ACCOUNT, tags={"env": "staging"})
    there = may(aws, sts, acting, **{f"of_{of}": restriction})

    if allowed:
        delete(there, "web-1-a")
    else:
        assert code_of(delete, there, "web-1-a") == "AccessDeniedException"
    assert bool(aws.snapshots(account=AWAY_ACCOUNT)) is not allowed


def test_a_session_is_never_allowed_more_than_its_role(aws: Control, sts: Sts, acting: Acting) -> None:
    there = may(aws, sts, acting, of_role=policy(Action="lightsail:Get*"), of_session=policy())

    there.get_instances()
    assert code_of(delete, there, "web-1-a") == "AccessDeniedException"


@pytest.mark.parametrize(
    ("policies", "why"),
    [
        ({"of_role": policy(Action="s3:*")}, f"because no identity-based policy allows the {DELETE} action"),
        ({"of_session": policy(Action="s3:*")}, f"because no session policy allows the {DELETE} action"),
        ({"of_role": deny(DELETE)}, "with an explicit deny in an identity-based policy"),
        ({"of_session": deny(DELETE)}, "with an explicit deny in a session policy"),
        (
            {"of_role": policy(Action="s3:*"), "of_session": deny(DELETE)},
            "with an explicit deny in a session policy",
        ),
    ],
)
def test_a_denial_says_who_what_where_and_why(
    aws: Control,
    sts: Sts,
    acting: Acting,
    policies: dict[str, dict[str, object]],
    why: str,
) -> None:
    arn = aws.snapshot("web-1-a", of="web-1", account=AWAY_ACCOUNT).arn
    there = may(aws, sts, acting, **policies)

    error = refused(delete, there, "web-1-a")

    assert (
        error.response["Error"]["Message"]
        == f"User: {WHO} is not authorized to perform: {DELETE} on resource: {arn} {why}"
    )
    assert status_of(error) == 400
    assert aws.calls()[-1].error == "AccessDeniedException"


def test_a_denial_of_a_reading_names_the_whole_region(aws: Control, sts: Sts, acting: Acting) -> None:
    there = may(aws, sts, acting, of_role=policy(Action=DELETE))

    message = refused(there.get_instances).response["Error"]["Message"]

    assert f"lightsail:GetInstances on resource: arn:aws:lightsail:us-east-1:{AWAY_ACCOUNT}:* " in message


def test_reading_is_never_allowed_by_a_tag(aws: Control, sts: Sts, acting: Acting) -> None:
    aws.snapshot("web-1-a", of="web-1", account=AWAY_ACCOUNT, tags={"env": "staging"})
    there = may(aws, sts, acting, of_role=policy(Condition={"StringEquals": {"aws:ResourceTag/env": "staging"}}))

    assert code_of(there.get_instance_snapshot, instanceSnapshotName="web-1-a") == "AccessDeniedException"


def test_who_may_only_touch_some_is_denied_what_is_not_there(
    aws: Control,
    sts: Sts,
    acting: Acting,
) -> None:
    there = may(aws, sts, acting, of_role=policy(Resource=f"arn:aws:lightsail:*:{AWAY_ACCOUNT}:InstanceSnapshot/*"))

    assert code_of(delete, there, "web-1-a") == "AccessDeniedException"


def test_who_may_do_everything_is_told_that_it_is_not_there(there: LightsailClient) -> None:
    assert code_of(delete, there, "web-1-a") == "NotFoundException"


def test_a_permission_ends_by_the_clock(aws: Control, sts: Sts, acting: Acting, watch: Watch) -> None:
    for_a_minute = policy(Condition={"DateLessThan": {"aws:CurrentTime": "2026-11-23T10:16:00Z"}})
    there = may(aws, sts, acting, of_session=for_a_minute)
    there.get_instances()
    watch.wait(60)

    assert code_of(there.get_instances) == "AccessDeniedException"


def test_tags_of_the_request_and_of_the_session_can_be_asked_for(
    aws: Control,
    sts: Sts,
    acting: Acting,
) -> None:
    aws.instance("web-1", account=AWAY_ACCOUNT)
    asked = {"aws:PrincipalTag/card": "c-1", "aws:RequestTag/env": "staging", "aws:SourceIdentity": "U0ANN"}
    aws.account(AWAY_ACCOUNT, role=ROLE, policy=policy(Condition={"StringEquals": asked}))
    there = acting(assume(sts, Tags=[{"Key": "card", "Value": "c-1"}], SourceIdentity="U0ANN")["Credentials"])

    there.tag_resource(resourceName="web-1", tags=[{"key": "env", "value": "staging"}])

    assert code_of(there.tag_resource, resourceName="web-1", tags=[{"key": "env", "value": "prod"}]) == (
        "AccessDeniedException"
    )


def test_a_role_that_is_declared_again_has_its_new_policy_at_once(aws: Control, there: LightsailClient) -> None:
    there.get_instances()
    aws.account(AWAY_ACCOUNT, role=ROLE, policy=policy(Action="s3:*"))

    assert code_of(there.get_instances) == "AccessDeniedException"


@pytest.mark.parametrize("document", ["{", json.dumps(policy(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))])
@pytest.mark.usefixtures("role")
def test_a_session_policy_that_cannot_be_judged_is_refused_when_it_is_given(sts: Sts, document: str) -> None:
    error = refused(assume, sts, Policy=document)

    assert error.response["Error"]["Code"] == "MalformedPolicyDocument"


def test_a_policy_of_a_role_that_cannot_be_judged_is_refused_when_it_is_given(aws: Control) -> None:
    with pytest.raises(PolicyError, match=r"IpAddress|SourceIp"):
        aws.account(AWAY_ACCOUNT, policy=policy(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))


# ---- the control of other accounts


@pytest.mark.parametrize(
    ("account", "facts", "words"),
    [
        ("12", {}, "12 digits"),
        (AWAY_ACCOUNT, {"role": "arn:aws:iam::123456789012:role/x"}, "not a role of"),
        (AWAY_ACCOUNT, {"role": "with space"}, "not a role of"),
        (AWAY_ACCOUNT, {"max_session_seconds": 60}, "hours"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(
    aws: Control,
    account: str,
    facts: dict[str, object],
    words: str,
) -> None:
    with pytest.raises(ValueError, match=words):
        aws.account(account, **facts)  # type: ignore[arg-type]


def test_a_role_has_a_name_of_its_own_unless_one_is_given(aws: Control) -> None:
    assert aws.account(AWAY_ACCOUNT).arn == f"arn:aws:iam::{AWAY_ACCOUNT}:role/lightkeeper"
    assert aws.account(AWAY_ACCOUNT, role="admin").arn == f"arn:aws:iam::{AWAY_ACCOUNT}:role/admin"


def test_what_is_put_into_an_account_is_there_and_nowhere_else(aws: Control) -> None:
    instance = aws.instance("web-1", account=AWAY_ACCOUNT)
    row = aws.snapshot("web-1-a", of="web-1", account=AWAY_ACCOUNT)

    assert f":{AWAY_ACCOUNT}:" in row.arn
    assert row.from_instance_arn == instance.arn
    assert (aws.snapshots(account=AWAY_ACCOUNT), aws.instances(account=AWAY_ACCOUNT)) == ([row], [instance])
    assert (aws.snapshots(), aws.instances()) == ([], [])


def test_a_name_may_be_there_in_two_accounts(aws: Control) -> None:
    here = aws.snapshot("web-1-a", of="web-1")
    aws.snapshot("web-1-a", of="web-1", account=AWAY_ACCOUNT)
    new = aws.replace("web-1-a", account=AWAY_ACCOUNT)

    assert aws.snapshots(account=AWAY_ACCOUNT) == [new]
    aws.remove("web-1-a", account=AWAY_ACCOUNT)
    assert (aws.snapshots("us-east-1", account=AWAY_ACCOUNT), aws.snapshots()) == ([], [here])


def test_an_account_of_another_kind_cannot_be_used(aws: Control) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        aws.instance("web-1", account="ours")


def test_a_fault_hits_only_its_account(aws: Control, there: LightsailClient, client: LightsailClient) -> None:
    aws.fail("GetInstances", "ServiceException", account=AWAY_ACCOUNT)

    assert client.get_instances()["instances"] == []
    assert code_of(there.get_instances) == "ServiceException"
