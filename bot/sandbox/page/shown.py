"""The local Slack and Lightsail as the JSON that the page shows."""

from collections.abc import Iterable

from bot.sandbox.lightsail import Call, Control, OperationView, Snapshot
from bot.sandbox.lightsail.reach import HOME_ACCOUNT
from bot.sandbox.runner import Runner
from bot.sandbox.slack import Channel, Message, View
from bot.sandbox.slack.wire import Json, as_object, string
from bot.sandbox.slack.workspace import User, Workspace

MOST_ROWS = 50  # of operations and of calls: the newest say what is going on


def person(user: User, may: str) -> Json:
    """An account; `may` says what the bot allows her."""
    return {
        "id": user.id,
        "name": user.name,
        "handle": user.handle,
        "is_bot": user.is_bot,
        "is_seeded": bool(may),
        "may": may,
    }


def channel(one: Channel, reader: str) -> Json:
    """A conversation as this reader has it in her list."""
    kind = "im" if one.is_im else "shared" if one.is_ext_shared else "private" if one.is_private else "public"
    others = sorted(one.members - {reader})
    return {
        "id": one.id,
        "name": one.name,
        "kind": kind,
        "is_archived": one.is_archived,
        "is_member": reader in one.members,
        "with": others[0] if one.is_im and others else None,
    }


def channels(workspace: Workspace, reader: str) -> list[Json]:
    """Every conversation that is open to the reader."""
    return [channel(each, reader) for each in workspace.channels() if each.is_open_to(reader)]


def message(one: Message) -> Json:
    """A message as it stands now."""
    return {
        "channel": one.channel,
        "ts": one.ts,
        "user": one.user,
        "text": one.text,
        "blocks": one.blocks,
        "thread_ts": one.thread_ts,
        "to": one.to,
        "edited": bool(one.edits),
    }


def view(one: View | None) -> Json | None:
    """A modal or a home tab, if there is one."""
    if one is None:
        return None
    body = one.body
    return {
        "id": one.id,
        "type": one.type,
        "title": one.title,
        "submit": _plain(body.get("submit")) or None,
        "close": _plain(body.get("close")) or None,
        "blocks": one.blocks,
        "errors": dict(one.errors),
        "depth": 1 if one.previous_view_id is None else 2,  # that there is something below, not how much
    }


def aws(control: Control, regions: Iterable[str]) -> Json:
    """The account: what there is, what is under way, and what was asked of it."""
    calls = [each for each in control.calls() if _is_telling(each)]
    return {
        "account": HOME_ACCOUNT,
        "pace": control.paced(),
        "regions": [
            {"name": region, "snapshots": [_snapshot(each) for each in control.snapshots(region)]} for region in regions
        ],
        "operations": [_operation(each) for each in reversed(control.operations()[-MOST_ROWS:])],
        "calls": [_call(each) for each in reversed(calls[-MOST_ROWS:])],
    }


def _is_telling(call: Call) -> bool:
    """Whether somebody who watches wants to know of it: not of reads that went as they should."""
    return not call.action.startswith("Get") or call.error not in {None, "NotFoundException"}


def _snapshot(one: Snapshot) -> Json:
    return {
        "name": one.name,
        "arn": one.arn,
        "state": one.state,
        "size_gb": one.size_gb,
        "created_at": one.created_at.isoformat(),
        "instance": one.from_instance_name,
        "tags": dict(one.tags),
        "auto": one.is_from_auto_snapshot,
    }


def _operation(one: OperationView) -> Json:
    return {
        "id": one.id,
        "type": one.type,
        "resource": one.resource_name,
        "region": one.region,
        "status": one.status,
        "is_terminal": one.is_terminal,
        "created_at": one.created_at.isoformat(),
        "changed_at": one.status_changed_at.isoformat(),
        "error_code": one.error_code,
        "error_details": one.error_details,
        "can_advance": one.can_advance,
    }


def _call(one: Call) -> Json:
    return {
        "action": one.action,
        "region": one.region,
        "at": one.at.isoformat(),
        "params": dict(one.params),
        "accepted": one.accepted,
        "error": one.error,
    }


def _plain(words: object) -> str:
    return string(as_object(words).get("text"))


def bot(runner: Runner) -> Json:
    """The process of the bot."""
    return {"state": runner.state, "since": runner.since.isoformat(), "mode": runner.mode}
