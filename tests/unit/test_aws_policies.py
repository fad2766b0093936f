"""The policies in the documentation: known actions only, the same in JSON and in the template, no more and no less."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore import xform_name
from cfnlint import api  # type: ignore[import-untyped]

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "aws"
FILES = sorted(FOLDER.glob("*.json"))
TEMPLATE = FOLDER / "lightkeeper.yaml"
# What makes of a call of AssumeRole one with tags, and one in somebody's name, is asked for as actions of their own.
WITH_A_ROLE = {"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}
NEEDS_NO_PERMISSION = {"sts:GetCallerIdentity"}
KNOWN_OF_STS = {"TagSession", "SetSourceIdentity"}


def document(name: str) -> Any:  # noqa: ANN401  (JSON)
    return json.loads((FOLDER / f"{name}.json").read_text())


def actions(policy: Any, effect: str = "Allow") -> set[str]:  # noqa: ANN401  (JSON)
    found = [one["Action"] for one in policy["Statement"] if one["Effect"] == effect]
    return {action for one in found for action in ([one] if isinstance(one, str) else one)}


def operations(service: str) -> dict[str, str]:
    """What the service can do, by what boto3 calls it."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): name for name in model.operation_names}


def calls() -> Iterator[str]:
    """Every action that the bot's own code can call."""
    known = {
        name: f"{service}:{action}" for service in ("lightsail", "sts") for name, action in operations(service).items()
    }
    for path in (ROOT / "bot").rglob("*.py"):
        if "sandbox" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in known:
                yield known[node.attr]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known:
                yield known[node.value]  # for a paginator, or another who is given the name


def allowed(*names: str) -> set[str]:
    return {action for name in names for action in actions(document(name))}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_action_is_a_known_one(file: Path) -> None:
    policy = json.loads(file.read_text())
    known = {f"lightsail:{action}" for action in operations("lightsail").values()}
    known |= {f"sts:{action}" for action in {*operations("sts").values(), *KNOWN_OF_STS}}

    assert actions(policy) | actions(policy, "Deny") <= known


def test_with_a_role_the_files_allow_what_the_bot_can_call_and_no_more() -> None:
    called = set(calls())
    wanted = called - NEEDS_NO_PERMISSION | (WITH_A_ROLE if "sts:AssumeRole" in called else set())

    assert allowed("reading", "deleting") == wanted
    assert allowed("trust") == WITH_A_ROLE


def test_without_a_role_the_file_allows_what_the_bot_can_call_and_no_more() -> None:
    assert allowed("deleting-without-role") == set(calls()) - NEEDS_NO_PERMISSION - WITH_A_ROLE


def test_reading_changes_nothing() -> None:
    assert all(action.startswith("lightsail:Get") for action in allowed("reading") - WITH_A_ROLE)


def test_deleting_is_all_that_is_added_by_the_role() -> None:
    assert allowed("deleting") == {"lightsail:DeleteInstanceSnapshot"}


@pytest.mark.parametrize("name", ["deleting", "deleting-without-role"])
def test_what_could_do_harm_is_denied_by_name(name: str) -> None:
    harm = ("TagResource", "UntagResource", "DeleteInstance", "DeleteDisk", "DeleteAutoSnapshot", "CopySnapshot")

    assert {f"lightsail:{action}" for action in harm} <= actions(document(name), "Deny")


# CloudFormation


def template() -> Any:  # noqa: ANN401  (YAML)
    return yaml.safe_load(TEMPLATE.read_text())


def resolved(part: Any) -> Any:  # noqa: ANN401  (YAML in, JSON out)
    """As it is in the account of the examples."""
    match part:
        case {"Ref": "BotArn"}:
            return "arn:aws:iam::123456789012:role/lightkeeper-bot"
        case {"Ref": "ExternalId"}:
            return "CHANGE-ME"
        case {"Fn::GetAtt": ["Deleting", "Arn"]}:
            return "arn:aws:iam::123456789012:role/lightkeeper"
        case {"Fn::Sub": text}:
            return text.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", "123456789012")
        case dict():
            return {key: resolved(value) for key, value in part.items()}
        case list():
            return [resolved(each) for each in part]
        case _:
            return part


def test_the_template_says_what_the_files_say() -> None:
    made = {name: resource["Properties"] for name, resource in template()["Resources"].items()}

    assert resolved(made["Deleting"]["AssumeRolePolicyDocument"]) == document("trust")
    assert resolved(made["Deleting"]["Policies"][0]["PolicyDocument"]) == document("deleting")
    assert resolved(made["Reading"]["PolicyDocument"]) == document("reading")


def test_the_template_is_sound() -> None:
    assert [str(problem) for problem in api.lint_file(TEMPLATE)] == []


def test_the_template_is_linted_for_real(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(TEMPLATE.read_text().replace("MaxSessionDuration: 3600", "MaxSessionDuration: long"))

    assert api.lint_file(broken)
