"""The process is killed at its n-th boundary, n = 1, 2, … until a run ends without that; the next process goes on.

In `make test` a part of the boundaries is taken, another one each time: which, the seed of the random order decides.
"""

import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

import pytest

from tests.conftest import World, on_both
from tests.faults.children import Nursery
from tests.faults.edges import Strike
from tests.faults.matrix import LEGEND, Matrix, play
from tests.faults.story import Wish

OFTEN = 1000  # times: more than a story has calls
LIVES = 90  # boundaries, about, of a process that goes on with what another one left


def _aws_loses_its_answer(world: World) -> None:
    world.aws.lose("DeleteInstanceSnapshot")


def _both_lose_their_answers(world: World) -> None:
    _aws_loses_its_answer(world)
    world.slack.drop("chat.postMessage", accepted=True, times=OFTEN)
    world.slack.drop("chat.update", accepted=True, times=2)


def _what_is_sent_is_lost(world: World) -> None:
    world.aws.lose("DeleteInstanceSnapshot", before=True)
    world.slack.drop("chat.postMessage", accepted=False, times=3)
    world.slack.drop("chat.update", accepted=False, times=2)


LOSSES: Mapping[str, Callable[[World], None]] = {
    "AWS's answer is lost": _aws_loses_its_answer,
    "the answers of both are lost": _both_lose_their_answers,
    "what is sent is lost at first": _what_is_sent_is_lost,
}


@on_both
@pytest.mark.parametrize(
    ("wish", "stride"),
    [
        pytest.param(Wish.DELETE, 12, id="delete"),
        pytest.param(Wish.STOP, 32, id="stop"),
        pytest.param(Wish.NOTHING, 30, id="expiry"),
    ],
)
def test_a_kill_at_any_boundary_is_made_good(world: World, nursery: Nursery, wish: Wish, stride: int) -> None:
    matrix = Matrix(wish.name)

    play(matrix, world, nursery, wish, _kills(random.randint(1, stride), stride))

    assert not matrix.broken, "\n\n".join(matrix.broken)


@on_both
@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("wish", Wish, ids=lambda wish: wish.name.lower())
def test_a_kill_at_each_boundary_is_made_good(world: World, nursery: Nursery, wish: Wish) -> None:
    matrix = Matrix(f"{wish.name}, killed at each boundary, {_database(world)}")

    play(matrix, world, nursery, wish, _kills())

    _show(matrix)
    assert not matrix.broken, "\n\n".join(matrix.broken)


@on_both
@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_a_second_kill_in_the_recovery_is_made_good(world: World, nursery: Nursery) -> None:
    matrix = Matrix(f"DELETE, killed at each boundary and once more while going on, {_database(world)}")

    play(matrix, world, nursery, Wish.DELETE, _twice())

    _show(matrix)
    assert not matrix.broken, "\n\n".join(matrix.broken)


@on_both
@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("loss", LOSSES)
def test_lost_answers_and_a_kill_at_each_boundary_are_made_good(world: World, nursery: Nursery, loss: str) -> None:
    matrix = Matrix(f"DELETE, killed at each boundary while {loss}, {_database(world)}")

    play(matrix, world, nursery, Wish.DELETE, _kills(), trouble=LOSSES[loss])

    _show(matrix)
    assert not matrix.broken, "\n\n".join(matrix.broken)


ACCOUNT = "123456789012"
ROLE = {"LIGHTSAIL_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/lightkeeper", "LIGHTSAIL_EXTERNAL_ID": "ops"}


def _a_role_is_declared(world: World) -> None:
    """It may delete only in the name of somebody, so whatever is accepted was called under it."""
    says_who = {"StringLike": {"aws:PrincipalTag/slack_user": "U*", "aws:SourceIdentity": "U*"}}
    statement = {
        "Effect": "Allow",
        "Action": "lightsail:DeleteInstanceSnapshot",
        "Resource": "*",
        "Condition": says_who,
    }
    policy: dict[str, object] = {"Version": "2012-10-17", "Statement": [statement]}
    world.aws.account(ACCOUNT, role=ROLE["LIGHTSAIL_ROLE_ARN"], external_id="ops", policy=policy)


def _are_all_in_somebodys_name(world: World) -> bool:
    calls = world.aws.calls("DeleteInstanceSnapshot")
    return bool(calls) and all(call.source_identity and call.session_name for call in calls)


@on_both
def test_a_kill_at_any_boundary_is_made_good_under_a_role(world: World, nursery: Nursery) -> None:
    matrix = Matrix("DELETE under a role")
    strikes = _kills(random.randint(1, 32), 32)

    play(matrix, world, nursery, Wish.DELETE, strikes, trouble=_a_role_is_declared, settings=ROLE)

    assert not matrix.broken, "\n\n".join(matrix.broken)
    assert _are_all_in_somebodys_name(world)


@on_both
@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("loss", [None, "AWS's answer is lost"])
def test_a_kill_at_each_boundary_is_made_good_under_a_role(world: World, nursery: Nursery, loss: str | None) -> None:
    matrix = Matrix(f"DELETE under a role, killed at each boundary while {loss or 'all is well'}, {_database(world)}")

    def trouble(world: World) -> None:
        _a_role_is_declared(world)
        if loss:
            LOSSES[loss](world)

    play(matrix, world, nursery, Wish.DELETE, _kills(), trouble=trouble, settings=ROLE)

    _show(matrix)
    assert not matrix.broken, "\n\n".join(matrix.broken)
    assert _are_all_in_somebodys_name(world)


def _kills(first: int = 1, stride: int = 1) -> Iterator[Sequence[Strike]]:
    for n in count(first, stride):
        yield [Strike(n)]


def _twice() -> Iterator[Sequence[Strike]]:
    for n in count(1):
        yield [Strike(n), Strike(random.randint(1, LIVES))]


def _database(world: World) -> str:
    return "SQLite" if world.database.is_sqlite else "PostgreSQL"


def _show(matrix: Matrix) -> None:
    """For `make soak ARGS=-s`."""
    sys.stdout.write(f"\n{matrix}\n{LEGEND}")
