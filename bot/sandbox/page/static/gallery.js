// A page with every message and view of the bot, as a person sees it.

import { renderMessageBody } from "./blocks.js";
import { element } from "./element.js";
import { renderWords } from "./mrkdwn.js";

const NOTHING = "Nothing happens here: this is the gallery.";
const COPIED_MILLISECONDS = 1500;

/** What the renderer asks of a page on which a click has no effect; `tell` shows why. */
function contextOf(names, tell) {
  return {
    surface: { view: "gallery" },
    me: null,
    errors: {},
    name: (id) => names[id],
    act: async () => {
      tell(NOTHING);
      return { ok: true };
    },
    suggest: async () => ({ error: NOTHING }),
    people: () => listed(names, /^[UW]/),
    channels: () => listed(names, /^[CG]/).map((channel) => ({ ...channel, kind: "public" })),
  };
}

function listed(names, kind) {
  return Object.entries(names)
    .filter(([id]) => kind.test(id))
    .map(([id, name]) => ({ id, name: name.replace(/^[@#]/, "") }));
}

/** One message or view in its frame, and the words by which it is found. */
function frame({ name, problems, given, show }) {
  const note = element("p", { class: "frame-note", role: "status" });
  const tell = (words) => {
    note.textContent = words;
  };
  const title = element("h2", { class: "frame-name", dir: "auto" }, name);
  const wrong = problems.map((words) => element("li", {}, words));
  const node = element(
    "article",
    { class: "frame" },
    element("header", { class: "frame-head" }, title, copyButton(given, name)),
    wrong.length ? element("ul", { class: "frame-problems", "aria-label": "Problems" }, ...wrong) : null,
    ...show(tell),
    note,
  );
  return { node, words: `${name}\n${node.textContent}`.toLocaleLowerCase(), hasProblems: wrong.length > 0 };
}

function messageFrame({ name, ...message }, { names, problems }) {
  const show = (tell) => [
    element("div", { class: "frame-body" }, renderMessageBody(message, contextOf(names, tell))),
    element("p", { class: "frame-text", dir: "auto" }, element("span", {}, "Notification: "), message.text || "none"),
  ];
  return frame({ name, problems: problems[name] ?? [], given: message, show });
}

function viewFrame({ name, view }, { names, problems }) {
  const show = (tell) => {
    const body = renderMessageBody(view, contextOf(names, tell));
    return view.type === "home" ? [element("div", { class: "frame-body" }, body)] : [modal(view, body, tell)];
  };
  return frame({ name, problems: problems[name] ?? [], given: view, show });
}

function modal(view, body, tell) {
  const button = (words, kind) =>
    element("button", { type: "button", class: `button ${kind}`, onclick: () => tell(NOTHING) }, renderWords(words));
  return element(
    "section",
    { class: "frame-modal", "aria-label": renderWords(view.title) },
    element("h3", { class: "frame-modal-title", dir: "auto" }, renderWords(view.title)),
    element("div", { class: "frame-modal-body" }, body),
    element(
      "div",
      { class: "frame-modal-foot" },
      button(view.close ?? "Cancel", ""),
      view.submit ? button(view.submit, "is-primary") : null,
    ),
  );
}

function copyButton(given, name) {
  const copy = async (event) => {
    const button = event.currentTarget;
    button.textContent = (await copied(JSON.stringify(given, null, 2))) ? "Copied" : "Not allowed";
    setTimeout(() => {
      button.textContent = "Copy JSON";
    }, COPIED_MILLISECONDS);
  };
  return element(
    "button",
    { type: "button", class: "frame-copy", onclick: copy, "aria-label": `Copy JSON of ${name}` },
    "Copy JSON",
  );
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** The tools above: what is shown, how wide, and in which colours. */
class Tools {
  #frames;
  #filter = document.getElementById("filter");
  #problems = document.getElementById("problems");
  #count = document.getElementById("count");

  constructor(frames) {
    this.#frames = frames;
    const form = document.getElementById("tools");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.#show());
    document.getElementById("only-problems").hidden = !frames.some(({ hasProblems }) => hasProblems);
    this.#show();
  }

  #show() {
    const typed = this.#filter.value.trim().toLocaleLowerCase();
    const isShown = ({ words, hasProblems }) => words.includes(typed) && (hasProblems || !this.#problems.checked);
    for (const each of this.#frames) each.node.hidden = !isShown(each);
    const shown = this.#frames.filter(({ node }) => !node.hidden).length;
    this.#count.textContent =
      shown === this.#frames.length ? `${shown} shown` : `${shown} of ${this.#frames.length} shown`;
  }
}

function followTheme() {
  const kept = keptTheme();
  for (const choice of document.querySelectorAll("input[name=theme]")) {
    choice.checked = choice.value === kept;
    choice.addEventListener("change", () => setTheme(choice.value));
  }
  setTheme(kept);
}

function keptTheme() {
  try {
    const kept = localStorage.getItem("theme");
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system"; // a browser that keeps nothing
  }
}

function setTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch {
    // It then holds until the page is left.
  }
}

function followWidth(place) {
  const phone = document.getElementById("phone");
  const follow = () => place.classList.toggle("is-phone", phone.checked);
  phone.addEventListener("change", follow);
  follow();
}

async function loaded() {
  const answer = await fetch("/page/gallery.json");
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function begin() {
  const place = document.getElementById("frames");
  followTheme();
  followWidth(place);
  try {
    const { messages = [], views = [], problems = {}, names = {} } = await loaded();
    const about = { names, problems };
    const frames = [
      ...messages.map((each) => messageFrame(each, about)),
      ...views.map((each) => viewFrame(each, about)),
    ];
    place.replaceChildren(...frames.map(({ node }) => node));
    new Tools(frames);
  } catch (error) {
    const words = `The messages could not be loaded (${error.message}). Reload the page to try again.`;
    place.replaceChildren(element("p", { class: "gallery-empty", role: "alert" }, words));
  }
}

begin();
