"""Every card, line and private answer with sample facts."""

import re
from collections.abc import Callable

import pytest

from bot.ask import RoomProblem
from bot.guards import Guard
from bot.judge import Ground, Verdict
from bot.sandbox.slack import message_problems
from bot.slack import answers, gallery
from bot.slack.blocks import Message
from bot.slack.card import card
from storage.tables import Deletion, NoticeKind, State, Why

MESSAGES = list(gallery.messages())


def shown(monkeypatch: pytest.MonkeyPatch, where: object, name: str) -> list[object]:
    """What the gallery shows with a function, by its first argument."""
    first: list[object] = []
    original = getattr(where, name)

    def recorded(one: object, *args: object, **kwargs: object) -> object:
        first.append(one)
        return original(one, *args, **kwargs)

    monkeypatch.setattr(where, name, recorded)
    list(gallery.messages())
    return first


def bad(is_bad: Callable[[Message], object]) -> dict[str, object]:
    return {name: found for name, message in MESSAGES if (found := is_bad(message))}


def test_slack_takes_every_message() -> None:
    assert bad(lambda message: message_problems({"text": message.text, "blocks": list(message.blocks)})) == {}


def test_the_text_for_notifications_is_plain_words() -> None:
    assert bad(lambda message: re.findall(r"[*`]|<!|~\w|\b_\w+_\b", message.text)) == {}


def test_the_text_for_notifications_is_never_empty_and_says_nothing_of_none() -> None:
    assert bad(lambda message: not message.text.strip() or "None" in message.text) == {}


def test_each_message_has_a_name() -> None:
    assert all(name for name, _ in MESSAGES)


def test_every_state_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {one.state for one in shown(monkeypatch, gallery, "card") if isinstance(one, Deletion)} == set(State)


def test_every_reason_of_an_end_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    whys = {one.why for one in shown(monkeypatch, gallery, "card") if isinstance(one, Deletion)}

    assert whys == {None, *Why}


def test_every_kind_of_notice_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(shown(monkeypatch, gallery, "notice")) == set(NoticeKind)


def test_every_ground_that_refuses_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = shown(monkeypatch, answers, "refused")

    assert {one.ground for one in verdicts if isinstance(one, Verdict)} == set(Ground) - {Ground.PERMITTED}


def test_every_guard_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = shown(monkeypatch, answers, "refused")

    assert {one.objection.guard for one in verdicts if isinstance(one, Verdict) and one.objection} == set(Guard)


def test_every_problem_of_a_room_is_shown() -> None:
    names = {name for name, _ in MESSAGES}

    assert {f"private: no room, {problem}" for problem in RoomProblem} <= names


def test_a_sample_can_be_shown_as_a_card() -> None:
    assert "web-1-2024-05-01" in card(gallery.deletion(State.PENDING)).text
