"""Blocks in a real page, and what the page would send for what is done to them."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from bot.sandbox.slack.wire import Json

NAMES = {"U0ANN0000": "Ann", "U0BOB0000": "Bob", "C0OPS0000": "ops", "C0DEV0000": "dev", "S0ADMINS0": "admins"}

_HARNESS = """({ names }) => {
  const people = () => ["U0ANN0000", "U0BOB0000"].map((id) => ({ id, name: names[id] }));
  const channels = () => ["C0OPS0000", "C0DEV0000"].map((id) => ({ id, name: names[id], kind: "public" }));
  window.stage = {
    names, people, channels, acts: [], asked: [], opened: [], answer: { ok: true }, suggestions: {}, waiting: null,
    context: (errors) => ({
      errors, people, channels, me: "U0ANN0000", surface: { channel: "C0OPS0000", ts: "1.2" },
      name: (id) => names[id],
      act(block, part, chosen, state) {
        stage.acts.push({ block: block.block_id, action: part.action_id, chosen: chosen ?? null, state });
        if (stage.answer === "lost") return Promise.reject(new Error("lost"));
        if (stage.answer) return Promise.resolve(stage.answer);
        return new Promise((resolve) => { stage.waiting = resolve; });
      },
      async suggest(block, part, typed) {
        stage.asked.push(typed);
        return stage.suggestions[typed] ?? { ok: true, options: [] };
      },
    }),
  };
}"""
_SHOW = """async ({ blocks, errors, answer, suggestions, links }) => {
  const { renderBlocks } = await import("/static/blocks.js");
  Object.assign(stage, { answer, suggestions, acts: [], asked: [], opened: [] });
  const context = stage.context(errors);
  if (links) context.openLink = (url) => stage.opened.push(url);
  document.querySelector("main").replaceChildren(renderBlocks(blocks, context));
}"""


@dataclass(frozen=True)
class Stage:
    """A page that shows blocks."""

    page: Page

    def prepare(self, url: str) -> None:
        """Open the empty page."""
        self.page.goto(url)
        self.page.evaluate(_HARNESS, {"names": NAMES})

    def show(
        self,
        *blocks: Json,
        errors: dict[str, str] | None = None,
        answer: Json | str | None = None,
        suggestions: Json | None = None,
        links: bool = False,
    ) -> Locator:
        """Show these blocks; every click gets this answer, or with "later" none before `answer()`."""
        given = None if answer == "later" else (answer or {"ok": True})
        about = {"errors": errors or {}, "answer": given, "suggestions": suggestions or {}, "links": links}
        self.page.evaluate(_SHOW, {"blocks": list(blocks), **about})
        return self.page.locator("main")

    def answer(self, answer: Json) -> None:
        """Answer the click that waits."""
        self.page.evaluate("(answer) => stage.waiting(answer)", answer)

    def acts(self) -> list[Json]:
        """What was sent, oldest first."""
        return list(self.page.evaluate("stage.acts"))

    def chosen(self) -> list[object]:
        """What was chosen, oldest first."""
        return [act["chosen"] for act in self.acts()]

    def asked(self) -> list[str]:
        """What options were asked for, oldest first."""
        return list(self.page.evaluate("stage.asked"))

    def opened(self) -> list[str]:
        """Links that the page was asked to open."""
        return list(self.page.evaluate("stage.opened"))

    def state(self) -> Json:
        """What stands in the inputs."""
        state: Json = self.page.evaluate(
            'async () => (await import("/static/inputs.js")).stateOf(document.querySelector("main"))'
        )
        return state

    def mrkdwn(self, text: str, *, verbatim: bool = False) -> str:
        """The text as HTML, without attributes except where links lead."""
        html: str = self.page.evaluate(_HTML, {"text": text, "verbatim": verbatim})
        return html

    def call(self, module: str, function: str, *arguments: object) -> object:
        """Call a function of a module that needs no nodes."""
        called = "async ([module, name, given]) => (await import(`/static/${module}.js`))[name](...given)"
        return self.page.evaluate(called, [module, function, list(arguments)])


_HTML = """async ({ text, verbatim }) => {
  const { renderMrkdwn } = await import("/static/mrkdwn.js");
  const place = document.createElement("div");
  place.append(renderMrkdwn(text, stage.context({}), { verbatim }));
  for (const node of place.querySelectorAll("*"))
    for (const name of node.getAttributeNames()) if (name !== "href") node.removeAttribute(name);
  return place.innerHTML;
}"""


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def marked(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(name: str, **more: object) -> Json:
    return {"text": plain(name), "value": name.lower(), **more}


def section(text: str, **more: object) -> Json:
    return {"type": "section", "block_id": "S", "text": marked(text), **more}


def actions(*parts: Json) -> Json:
    return {"type": "actions", "block_id": "A", "elements": list(parts)}


def button(label: str, **more: object) -> Json:
    return {"type": "button", "action_id": label.lower(), "text": plain(label), **more}


def field(label: str, part: Json, **more: object) -> Json:
    """An input block; its ids are those of its label."""
    return {
        "type": "input",
        "block_id": f"{label}-block",
        "label": plain(label),
        "element": {"action_id": label, **part},
        **more,
    }


def dialog(style: str | None = None) -> Json:
    made = {"title": plain("Really?"), "text": marked("*All* of it"), "confirm": plain("Do it"), "deny": plain("Stop")}
    return made | ({"style": style} if style else {})
