// "Try to break it": what can be made to go wrong, and how fast AWS works.

import { post } from "./api.js";
import { flash, Keyed, write } from "./dom.js";
import { element } from "./element.js";
import { pressable } from "./press.js";

const PACES = [
  ["fast", "Fast", "Done at once."],
  ["real", "Like AWS", "Some seconds for each status."],
  ["manual", "By hand", "Each status waits for you, under Lightsail."],
];

export class Mischief {
  #store;
  #failed;
  #armed = element("span", { class: "mischief-count", role: "status" });
  #heal;
  #pace;
  #groups = element("div");
  #list;

  constructor({ store, failed }) {
    this.#store = store;
    this.#failed = failed;
    this.#heal = pressable({ label: "Disarm all", looks: "is-small", act: () => post("heal", {}), failed });
    this.#pace = new Pace(failed);
    this.#list = new Keyed(this.#groups, { key: ({ name }) => name, make: (group) => this.#group(group) });
    this.node = element(
      "section",
      { class: "mischief" },
      element(
        "p",
        { class: "mischief-intro" },
        "Arm one or more, then use the bot in Slack. Each strikes once for each time it is armed.",
      ),
      element("div", { class: "mischief-head" }, this.#armed, this.#heal),
      this.#groups,
      this.#pace.node,
    );
  }

  /** How many are armed. */
  get armed() {
    return this.#store.faults.reduce((sum, { armed }) => sum + armed, 0);
  }

  refresh() {
    const { armed } = this;
    write(this.#armed, armed ? `${armed} armed` : "Nothing is armed.");
    this.#armed.classList.toggle("is-armed", armed > 0);
    this.#heal.hidden = armed === 0;
    this.#pace.show(this.#store.aws);
    const names = [...new Set(this.#store.faults.map(({ group }) => group))];
    this.#list.show(names.map((name) => ({ name, faults: this.#store.faults.filter(({ group }) => group === name) })));
  }

  #group({ name }) {
    const rows = element("ul", { class: "stage-list", role: "list", "aria-label": `Faults of ${name}` });
    const list = new Keyed(rows, { key: ({ id }) => id, make: (fault) => faultRow(fault, this.#failed) });
    return {
      node: element("section", { class: "stage-section" }, element("h2", { class: "stage-title" }, name), rows),
      update: ({ faults }) => list.show(faults),
    };
  }
}

function faultRow({ id }, failed) {
  const label = element("b");
  const help = element("p", { class: "stage-faint", id: `fault-${id}` });
  const armed = element("span", { class: "mood", "data-mood": "bad", hidden: true });
  const button = pressable({ label: "Arm", looks: "is-small", act: () => post("fault", { id }), failed });
  button.setAttribute("aria-describedby", help.id);
  const words = element("div", { class: "fault-words" }, label, help);
  const node = element("li", { class: "fault", "data-fault": id }, words, armed, button);
  return {
    node,
    update: (fault, before) => {
      write(label, fault.label);
      write(help, fault.help);
      write(armed, fault.armed === 1 ? "armed" : `armed ×${fault.armed}`);
      armed.hidden = fault.armed === 0;
      button.setAttribute("aria-label", `Arm: ${fault.label}`);
      if (before && before.armed !== fault.armed) flash(node);
    },
  };
}

class Pace {
  #inputs = new Map();
  #help = element("p", { class: "stage-faint" });

  constructor(failed) {
    const choices = PACES.map(([pace, label]) => {
      const input = element("input", { type: "radio", name: "pace", value: pace });
      input.addEventListener("change", async () => {
        const answer = await post("aws", { do: "pace", pace });
        failed(answer.ok ? "" : answer.error);
      });
      this.#inputs.set(pace, input);
      return element("label", { class: "pace-choice" }, input, element("span", {}, label));
    });
    this.node = element(
      "fieldset",
      { class: "pace" },
      element("legend", { class: "stage-title" }, "How fast AWS works"),
      element("div", { class: "pace-choices" }, ...choices),
      this.#help,
    );
  }

  show(aws) {
    this.node.hidden = !aws;
    for (const [pace, input] of this.#inputs) input.checked = pace === aws?.pace;
    write(this.#help, PACES.find(([pace]) => pace === aws?.pace)?.[2] ?? "");
  }
}
