// One snapshot of the account, and what can happen to it behind the bot's back.

import { post } from "./api.js";
import { age, isFresh } from "./ages.js";
import { flash, write } from "./dom.js";
import { element } from "./element.js";
import { icon } from "./icons.js";
import { pressable } from "./press.js";

export class SnapshotRow {
  #snapshot;
  #facts = element("p", { class: "stage-faint" });
  #tags = element("ul", { class: "tags", role: "list", "aria-label": "Tags" });
  #state = element("span", { class: "mood", hidden: true });
  #more;
  #deeds;

  constructor({ name, region }, failed) {
    this.#deeds = element("div", {
      class: "snapshot-deeds",
      role: "group",
      "aria-label": `What happens to ${name}`,
      hidden: true,
    });
    const to = (deed) => () => post("aws", { do: deed, name, region });
    this.#deeds.append(
      pressable({ label: "Another one takes this name", looks: "is-small", act: to("replace"), failed }),
      pressable({ label: "Somebody deletes it in the console", looks: "is-small", act: to("remove"), failed }),
    );
    this.#more = element(
      "button",
      { type: "button", class: "shell-square", "aria-label": `More about ${name}`, title: "More" },
      icon("more"),
    );
    this.#more.setAttribute("aria-expanded", "false");
    this.#more.addEventListener("click", () => this.#toggle());
    const head = element(
      "div",
      { class: "snapshot-head" },
      element("b", { class: "snapshot-name" }, name),
      this.#state,
      this.#more,
    );
    const facts = element("div", { class: "snapshot-facts" }, this.#facts, this.#tags);
    this.node = element("li", { class: "snapshot", "data-name": name }, head, facts, this.#deeds);
  }

  update(snapshot, before) {
    this.#snapshot = snapshot;
    this.node.classList.toggle("is-gone", Boolean(snapshot.isGone));
    this.#more.hidden = Boolean(snapshot.isGone);
    if (snapshot.isGone) this.#deeds.hidden = true;
    this.#showState(snapshot);
    this.#tags.replaceChildren(...Object.entries(snapshot.tags).map(tag));
    this.#tags.hidden = !this.#tags.firstChild;
    this.tick();
    if (before || isFresh(snapshot.created_at)) flash(this.node);
  }

  tick() {
    const { size_gb: size, created_at: created, instance, auto, isGone } = this.#snapshot;
    const since = age(created);
    const parts = [`${size} GB`, since === "just now" ? since : `${since} old`, instance && `from ${instance}`];
    write(this.#facts, [...parts, auto && "automatic"].filter(Boolean).join(" · "));
    if (isGone) write(this.#facts, "No longer there");
  }

  #showState({ state, isGone }) {
    this.#state.hidden = state === "available" && !isGone;
    write(this.#state, isGone ? "gone" : state);
    this.#state.dataset.mood = isGone || state === "error" ? "bad" : "busy";
  }

  #toggle() {
    this.#deeds.hidden = !this.#deeds.hidden;
    this.#more.setAttribute("aria-expanded", String(!this.#deeds.hidden));
  }
}

function tag([key, value]) {
  return element("li", { class: "tag" }, value ? `${key}=${value}` : key);
}
