// One message in a list: who, when, what, and what hangs on it.

import { avatar } from "./avatar.js";
import { renderMessageBody } from "./blocks.js";
import { clock, day } from "./dates.js";
import { flash, write } from "./dom.js";
import { element } from "./element.js";
import { keepFocus } from "./focus.js";
import { icon } from "./icons.js";

const MOMENT = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** The row of a message; `openThread(ts)` and `dismiss(ts)` are what its own buttons do. */
export class Row {
  #store;
  #contexts;
  #message;
  #json;
  #day = null;
  #below = null;
  #body = element("div", { class: "message-body-slot" });
  #edited = element("span", { class: "message-edited", hidden: true }, "(edited)");
  #replies = element("button", { type: "button", class: "message-replies", hidden: true });
  #article;

  constructor({ store, contexts, message, openThread, dismiss }) {
    this.#store = store;
    this.#contexts = contexts;
    this.#article = this.#frame(message, openThread, dismiss);
    this.node = element("li", { class: "message-row" }, this.#article);
    this.#render(message);
  }

  get message() {
    return this.#message;
  }

  /** Shows what the message has become. */
  update(message) {
    if (JSON.stringify(message) === this.#json) return;
    keepFocus(
      this.#body,
      () => this.#article,
      () => this.#render(message),
    );
  }

  /** Where it stands: right below another one of the same author, or first on its day. */
  place({ follows, beginsDay }) {
    this.node.classList.toggle("is-follower", follows);
    if (beginsDay === Boolean(this.#day)) return;
    this.#day?.remove();
    this.#day = beginsDay ? element("div", { class: "message-day" }, element("span", {}, day(this.#message.ts))) : null;
    if (this.#day) this.node.prepend(this.#day);
  }

  /** What stands under a message that has a thread. */
  showReplies(count, last) {
    this.#replies.hidden = count === 0;
    if (!count) return;
    if (this.#replies.textContent) flash(this.#replies);
    const detail = element("span", { class: "message-replies-last" }, ` · last at ${clock(last.ts)}`);
    this.#replies.replaceChildren(icon("thread"), element("b", {}, replies(count)), detail);
  }

  /** Comes into view, lights up, and has the focus. */
  show() {
    this.node.scrollIntoView({ block: "center" });
    this.#article.focus({ preventScroll: true });
    flash(this.#article);
  }

  /** How many replies follow below, for a parent at the head of its thread. */
  countBelow(count) {
    this.node.classList.toggle("is-parent", true);
    this.#below ??= this.node.appendChild(element("p", { class: "message-below" }));
    write(this.#below, count ? replies(count) : "No replies yet");
  }

  #render(message) {
    this.#message = message;
    this.#json = JSON.stringify(message);
    const context = this.#contexts.of({ channel: message.channel, ts: message.ts });
    this.#body.replaceChildren(renderMessageBody(message, context));
    this.#edited.hidden = !message.edited;
  }

  #frame(message, openThread, dismiss) {
    const author = this.#store.user(message.user) ?? { id: message.user, name: message.user };
    this.#replies.addEventListener("click", () => openThread(message.ts));
    const content = element("div", { class: "message-content" }, this.#header(author, message), this.#body);
    content.append(this.#edited);
    if (message.to) content.append(...whisper(() => dismiss(message.ts)));
    content.append(this.#replies);
    return element(
      "article",
      {
        class: `message-frame${message.to ? " is-whisper" : ""}`,
        tabindex: "-1",
        "aria-label": `${author.name}, ${clock(message.ts)}${message.to ? ", only visible to you" : ""}`,
        "data-ts": message.ts,
        "data-channel": message.channel,
      },
      avatar(author),
      content,
      message.to ? null : threadButton(() => openThread(message.ts)),
    );
  }

  #header(author, message) {
    const when = new Date(Number(message.ts) * 1000);
    return element(
      "div",
      { class: "message-header" },
      element("b", { class: "message-author" }, author.name),
      author.is_bot ? element("span", { class: "message-badge" }, "APP") : null,
      element("time", { datetime: when.toISOString(), title: MOMENT.format(when) }, clock(message.ts)),
    );
  }
}

function whisper(dismiss) {
  return [
    element(
      "p",
      { class: "message-whisper" },
      icon("eye"),
      "Only visible to you",
      element("button", { type: "button", class: "shell-link", onclick: dismiss }, "Dismiss"),
    ),
  ];
}

function threadButton(open) {
  return element(
    "button",
    {
      type: "button",
      class: "message-reply",
      "aria-label": "Reply in thread",
      title: "Reply in thread",
      onclick: open,
    },
    icon("thread"),
  );
}

function replies(count) {
  return `${count} ${count === 1 ? "reply" : "replies"}`;
}
