"""Whether the caller may: what a call of Lightsail is about, in the words of IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.lightsail.accounts import denied, traits
from bot.sandbox.lightsail.actions import Action, tags, text, texts
from bot.sandbox.lightsail.desk import desk
from bot.sandbox.lightsail.errors import LightsailError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.lightsail.accounts import Caller
    from bot.sandbox.lightsail.actions import Params
    from bot.sandbox.lightsail.models import LightsailBackend

# Reading is authorized for a whole region of an account, and never by a tag. AWS's own table lists resource types for
# some of these actions too; only what every reading accepts is played here.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonlightsail.html
NAMED_BY: Mapping[Action, str] = {
    Action.DELETE_INSTANCE: "instanceName",
    Action.CREATE_INSTANCE_SNAPSHOT: "instanceName",
    Action.DELETE_INSTANCE_SNAPSHOT: "instanceSnapshotName",
    Action.DELETE_AUTO_SNAPSHOT: "resourceName",
    Action.TAG_RESOURCE: "resourceName",
    Action.UNTAG_RESOURCE: "resourceName",
}


def authorize(caller: Caller, action: Action, params: Params, backend: LightsailBackend) -> None:
    """AccessDeniedException where a policy does not allow the call.

    Of a thing that is not there neither ARN nor tags are known: who may only touch certain things is denied.
    """
    row = backend.resources.get(text(params, NAMED_BY.get(action, "")))
    arn = row.arn if row else f"arn:{backend.partition}:lightsail:{backend.region_name}:{backend.account_id}:*"
    context = traits(caller) | {
        "aws:currenttime": desk.now(),
        "aws:requestedregion": backend.region_name,
        "aws:resourceaccount": backend.account_id,
        **tagged("resourcetag", row.tags if row else {}),
        **tagged("requesttag", tags(params)),
        **({"aws:tagkeys": keys} if (keys := (*tags(params), *texts(params, "tagKeys"))) else {}),
    }
    asked = f"lightsail:{action}"
    if why := desk.accounts.objection(caller, asked, arn, context):
        raise LightsailError("AccessDeniedException", denied(caller, asked, arn, why))


def tagged(kind: str, found: Mapping[str, str]) -> dict[str, str]:
    """Tags as keys of a policy's conditions; their keys are there in any case."""
    return {f"aws:{kind}/{key.lower()}": value for key, value in found.items()}
