"""Modals and home tabs: what each person has open, and how it changes."""

import itertools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.sandbox.slack.elements import Surface
from bot.sandbox.slack.parts import buttons, completed, label, with_defaults
from bot.sandbox.slack.refusals import view_refusals
from bot.sandbox.slack.viewrules import is_too_large
from bot.sandbox.slack.wire import Json, as_object, objects, string
from bot.sandbox.slack.words import message_text, text_of
from bot.sandbox.slack.workspace import Team, Workspace

MOST_MODALS = 3
MODAL, HOME = Surface.MODAL, Surface.HOME
_DEFAULTS: Json = {"private_metadata": "", "callback_id": "", "external_id": ""}
_MODAL_DEFAULTS: Json = {"submit": None, "close": None, "clear_on_close": False, "notify_on_close": False}


class ViewRefusedError(Exception):
    """A view that cannot be shown: Slack's error, and what it points at."""

    def __init__(self, error: str, *messages: str) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages


@dataclass(frozen=True)
class View:
    """A modal or a home tab as it stood when it was asked for; `user` is the id of whom it is shown to.

    `body` is what the app gave, with ids for all blocks and elements, and with defaults. `errors` are the words
    that the app wants to have shown under its inputs, by block_id. `here` is the conversation that was in front
    of the person when it opened, if any.
    """

    id: str
    hash: str
    type: str
    user: str
    body: Json
    root_view_id: str
    previous_view_id: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    here: str | None = None
    names: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def blocks(self) -> list[Json]:
        """Its blocks, with ids."""
        return objects(self.body.get("blocks"))

    @property
    def title(self) -> str:
        """What stands at its top; nothing for a home tab."""
        return text_of(self.body.get("title"), self.names)

    def buttons(self) -> list[str]:
        """The labels of the buttons in its blocks, from top to bottom."""
        return [label(button) for button in buttons(self.blocks)]

    def reads(self) -> str:
        """Its plain text as a person reads it, with what is wrong and the buttons at its end."""
        content = [message_text("", self.blocks, self.names)] if self.blocks else []
        ends = [text_of(self.body[name], {}) for name in ("close", "submit") if self.body.get(name)]
        row = ["  ".join(f"[ {each} ]" for each in ends)] if ends else []
        return "\n".join([*content, *(f"! {words}" for words in self.errors.values()), *row])


def view_json(team: Team, view: View, values: Json | None = None) -> Json:
    """A view as Slack tells it to the app; `values` are what stands in its elements."""
    form: Json = {
        "id": view.id,
        "team_id": team.id,
        "type": view.type,
        "state": {"values": values or {}},
        "hash": view.hash,
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": team.app_id,
        "app_installed_team_id": team.id,
        "bot_id": team.bot_id,
        "title": {"type": "plain_text", "text": "View Title", "emoji": True},  # what Slack says of home tabs
        **_MODAL_DEFAULTS,
    }
    return form | view.body


class Views:
    """Everybody's modals, up to three in a stack, and home tabs. Every change wakes those who wait for the workspace.

    Views come checked: `ViewRefusedError` tells what Slack would not show.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}
        self._numbers: dict[str, itertools.count[int]] = {}

    def stack(self, user: str) -> list[View]:
        """Her modals, the one in front last."""
        with self._workspace.together():
            return list(self._stacks.get(user, []))

    def modal(self, user: str) -> View | None:
        """The modal in front of her."""
        return next(reversed(self.stack(user)), None)

    def home(self, user: str) -> View | None:
        """Her home tab, once the app has published one."""
        with self._workspace.together():
            return self._homes.get(user)

    def shown(self) -> list[View]:
        """All that there is: modals first, by person, and those below before those in front."""
        with self._workspace.together():
            return [*(view for stack in self._stacks.values() for view in stack), *self._homes.values()]

    def find(self, view_id: str) -> View | None:
        """The view with this id."""
        return next((view for view in self.shown() if view.id == view_id), None)

    def find_external(self, external_id: str) -> View | None:
        """The view to which the app gave this id."""
        return next((view for view in self.shown() if view.body["external_id"] == external_id), None)

    def open(self, user: str, view: object, here: str | None = None) -> View:
        """Show her a modal, in place of any that was there."""
        with self._workspace.together():
            body = self._checked(view, MODAL)
            self._stacks[user] = []
            return self._put(user, body, here)

    def push(self, user: str, view: object) -> View:
        """Show her a modal in front of the one that is there; `push_limit_reached` after the third."""
        with self._workspace.together():
            body = self._checked(view, MODAL)
            below = self.modal(user)
            if below is None:
                raise ViewRefusedError("not_found")
            if len(self._stacks[user]) == MOST_MODALS:
                raise ViewRefusedError("push_limit_reached")
            return self._put(user, body, below.here)

    def update(self, view_id: str, view: object, expected: str | None = None) -> View:
        """Put other content in its place; with `expected`, only if that is its hash still."""
        with self._workspace.together():
            former = self.find(view_id)
            if former is None:
                raise ViewRefusedError("not_found")
            body = self._checked(view, former.type, former)
            if expected and expected != former.hash:
                raise ViewRefusedError("hash_conflict")
            return self._replace(replace(former, body=body, hash=self._new_hash(), errors={}))

    def publish(self, user: str, view: object, expected: str | None = None) -> View:
        """Show this in her home tab; with `expected`, only if that is its hash still."""
        with self._workspace.together():
            former = self.home(user)
            if former:
                return self.update(former.id, view, expected)
            body = self._checked(view, HOME)
            if expected:
                raise ViewRefusedError("hash_conflict")
            new_id = self._new_id(user)
            return self._replace(
                View(new_id, self._new_hash(), HOME, user, body, new_id, names=self._workspace.names),
            )

    def show_errors(self, view_id: str, errors: Mapping[str, str]) -> None:
        """Show these words under the inputs of a modal, and no others."""
        with self._workspace.together():
            view = self.find(view_id)
            if view is not None:
                self._replace(replace(view, errors=dict(errors)))

    def close(self, view_id: str) -> None:
        """Take a modal away; the one before it is in front again, as it was."""
        with self._workspace.together():
            view = self.find(view_id)
            if view is not None and view.type == MODAL:
                self._stack(view.user, [each for each in self._stacks[view.user] if each.id != view_id])

    def clear(self, user: str) -> None:
        """Take all her modals away."""
        with self._workspace.together():
            self._stack(user, [])

    def _put(self, user: str, body: Json, here: str | None) -> View:
        """In front of what is there."""
        new_id = self._new_id(user)
        view = View(new_id, self._new_hash(), MODAL, user, body, new_id, here=here, names=self._workspace.names)
        return self._stack(user, [*self._stacks[user], view])[-1]

    def _stack(self, user: str, views: list[View]) -> list[View]:
        """Each view knows the one before it and the first; so it does when one was taken out."""
        before = [None, *(view.id for view in views[:-1])]
        self._stacks[user] = [
            replace(view, previous_view_id=previous, root_view_id=views[0].id)
            for view, previous in zip(views, before, strict=False)
        ]
        self._workspace.touch()
        return self._stacks[user]

    def _replace(self, view: View) -> View:
        if view.type == HOME:
            self._homes[view.user] = view
        else:
            stack = self._stacks[view.user]
            self._stacks[view.user] = [view if each.id == view.id else each for each in stack]
        self._workspace.touch()
        return view

    def _checked(self, view: object, surface: str, former: View | None = None) -> Json:
        """The view as Slack stores it, in place of a former one if there was one."""
        if found := view_refusals(self._workspace, view, Surface(surface)):
            raise ViewRefusedError("invalid_arguments", *found)
        if is_too_large(view):
            raise ViewRefusedError("view_too_large")
        given = as_object(view)
        defaults = _DEFAULTS | (_MODAL_DEFAULTS if surface == MODAL else {})
        if former:
            defaults = {**defaults, "external_id": former.body["external_id"]}
        body = {**defaults, **{name: each for name, each in given.items() if name != "type"}}
        self._refuse_taken(string(body["external_id"]), former)
        blocks = completed(objects(given["blocks"]), self._workspace.new_id)
        return {**as_object(with_defaults(body)), "blocks": blocks}

    def _refuse_taken(self, external_id: str, former: View | None) -> None:
        owner = self.find_external(external_id) if external_id else None
        if owner and (former is None or owner.id != former.id):
            raise ViewRefusedError("duplicate_external_id")

    def _new_id(self, user: str) -> str:
        numbers = self._numbers.setdefault(user, itertools.count())
        return f"V{user[1:]}{next(numbers):03d}"

    def _new_hash(self) -> str:
        return f"{int(self._workspace.clock())}.{secrets.token_hex(4)}"
