// The last calls that were made to the account, and how each was answered.

import { isFresh, timeOf } from "./ages.js";
import { flash, Keyed, write } from "./dom.js";
import { element } from "./element.js";

export class Calls {
  #rows = element("ol", { class: "stage-list", role: "list", "aria-label": "Last calls" });
  #title = element("summary", { class: "stage-title" });
  #list = new Keyed(this.#rows, { key: ({ key }) => key, make: () => callRow() });

  constructor() {
    this.node = element("details", { class: "stage-section calls", open: true }, this.#title, this.#rows);
  }

  show(calls) {
    this.node.hidden = calls.length === 0;
    write(this.#title, `Last calls (${calls.length})`);
    const seen = new Map();
    const keyed = calls.toReversed().map((call) => {
      const name = `${call.at} ${call.action}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      return { ...call, key: `${name} ${seen.get(name)}` };
    });
    this.#list.show(keyed.toReversed());
  }
}

function callRow() {
  const action = element("b", { class: "snapshot-name" });
  const outcome = element("span", { class: "mood" });
  const facts = element("p", { class: "stage-faint" });
  const node = element("li", { class: "call" }, element("div", { class: "snapshot-head" }, action, outcome), facts);
  return {
    node,
    update: (call) => {
      write(action, call.action);
      write(outcome, call.error ?? (call.accepted ? "accepted" : "lost"));
      outcome.dataset.mood = call.error ? "bad" : call.accepted ? "good" : "busy";
      const given = Object.values(call.params).filter((value) => typeof value === "string");
      write(facts, [...given, call.region, timeOf(call.at)].join(" · "));
      if (isFresh(call.at)) flash(node);
    },
  };
}
