// What AWS is doing, live: the newest first.

import { post } from "./api.js";
import { isFresh, timeOf } from "./ages.js";
import { flash, Keyed, write } from "./dom.js";
import { element } from "./element.js";
import { pressable } from "./press.js";

const SHOWN_FIRST = 4;
const FAILED = new Set(["Failed", "OperationFailed"]);

export class Operations {
  #failed;
  #list;
  #isWhole = false;
  #operations = [];
  #rows = element("ul", { class: "stage-list", role: "list", "aria-label": "Operations" });
  #none = element("p", { class: "stage-faint" }, "Nothing yet. What the bot asks for will be seen here.");
  #all = element("button", { type: "button", class: "shell-link" });

  constructor(failed) {
    this.#failed = failed;
    this.#list = new Keyed(this.#rows, { key: ({ id }) => id, make: (operation) => this.#row(operation) });
    this.#all.addEventListener("click", () => {
      this.#isWhole = !this.#isWhole;
      this.show(this.#operations);
    });
    const title = element("h2", { class: "stage-title" }, "What AWS is doing");
    this.node = element("section", { class: "stage-section" }, title, this.#none, this.#rows, this.#all);
  }

  show(operations) {
    this.#operations = operations;
    this.#none.hidden = operations.length > 0;
    this.#all.hidden = operations.length <= SHOWN_FIRST;
    write(this.#all, this.#isWhole ? "Show fewer" : `Show all ${operations.length}`);
    this.#list.show(this.#isWhole ? operations : operations.slice(0, SHOWN_FIRST));
  }

  #row({ id, type, resource }) {
    const status = element("span", { class: "mood" });
    const facts = element("p", { class: "stage-faint" });
    const trouble = element("p", { class: "operation-trouble", hidden: true });
    const failed = this.#failed;
    const to = (deed) => () => post("aws", { do: deed, operation: id });
    const deeds = element(
      "div",
      { class: "snapshot-deeds", role: "group", "aria-label": `Move ${resource} on`, hidden: true },
      pressable({ label: "Next status", looks: "is-small", act: to("advance"), failed }),
      pressable({ label: "Fail", looks: "is-small", act: to("fail"), failed }),
    );
    const head = element("div", { class: "snapshot-head" }, element("b", { class: "snapshot-name" }, resource), status);
    const node = element("li", { class: "operation", "data-operation": id }, head, facts, trouble, deeds);
    return {
      node,
      update: (now, before) => {
        write(status, now.status);
        status.dataset.mood = moodOf(now);
        write(facts, `${type} · ${now.region} · ${timeOf(now.changed_at)}`);
        const words = [now.error_code, now.error_details].filter(Boolean).join(": ");
        write(trouble, words);
        trouble.hidden = !words;
        deeds.hidden = !now.can_advance;
        if (before ? before.status !== now.status : isFresh(now.created_at)) flash(node);
      },
    };
  }
}

function moodOf({ status, is_terminal: isTerminal, error_code: code }) {
  if (FAILED.has(status) || code) return "bad";
  return isTerminal ? "good" : "busy";
}
