// The pretended Lightsail account: what is being done, what there is, and what was asked of it.

import { post } from "./api.js";
import { age, timeOf } from "./ages.js";
import { element, flash, Keyed, write } from "./dom.js";
import { icon } from "./icons.js";
import { pressable } from "./press.js";

const SHOWN_FIRST = 4; // operations
const GHOST_MILLISECONDS = 5000; // how long a snapshot that has just gone is still to be seen
const FRESH_MILLISECONDS = 10_000; // how new something is that lights up when it appears
const FAILED = new Set(["Failed", "OperationFailed"]);

export class Lightsail {
  #store;
  #failed;
  #account = element("p", { class: "stage-faint lightsail-account" });
  #regions = element("div");
  #regionList;
  #operations;
  #calls;
  #ghosts = new Map(); // arn -> {region, snapshot}
  #before = new Map(); // arn -> {region, snapshot}
  #ticks = new Set();

  constructor({ store, failed }) {
    this.#store = store;
    this.#failed = failed;
    this.#operations = new Operations(failed);
    this.#calls = new Calls();
    this.#regionList = new Keyed(this.#regions, { key: ({ name }) => name, make: (region) => this.#region(region) });
    this.node = element(
      "section",
      { class: "lightsail" },
      this.#account,
      this.#operations.node,
      this.#regions,
      this.#calls.node,
    );
  }

  refresh({ isFirst = false } = {}) {
    const { aws } = this.#store;
    if (!aws) return;
    if (isFirst) this.#before.clear();
    this.#mourn(aws);
    write(this.#account, `Account ${aws.account}`);
    this.#operations.show(aws.operations);
    this.#calls.show(aws.calls);
    this.#regionList.show(aws.regions.map((region) => this.#withGhosts(region)));
  }

  /** Time passes. */
  tick() {
    for (const tick of this.#ticks) tick();
  }

  /** Remembers for a moment what has just gone, so that it can be seen to go. */
  #mourn(aws) {
    const now = new Map();
    for (const { name: region, snapshots } of aws.regions) {
      for (const snapshot of snapshots) now.set(snapshot.arn, { region, snapshot });
    }
    for (const [arn, lost] of this.#before) {
      if (now.has(arn)) continue;
      this.#ghosts.set(arn, lost);
      setTimeout(() => this.#forget(arn), GHOST_MILLISECONDS);
    }
    this.#before = now;
  }

  #forget(arn) {
    if (this.#ghosts.delete(arn)) this.refresh();
  }

  #withGhosts({ name, snapshots }) {
    const ghosts = [...this.#ghosts.values()].filter(({ region }) => region === name);
    const gone = ghosts.map(({ snapshot }) => ({ ...snapshot, isGone: true }));
    const all = [...snapshots, ...gone].map((snapshot) => ({ ...snapshot, region: name }));
    return { name, count: snapshots.length, snapshots: all.sort(byNameThenAge) };
  }

  #region({ name }) {
    const count = element("span", { class: "stage-faint" });
    const rows = element("ul", { class: "stage-list", role: "list", "aria-label": `Snapshots in ${name}` });
    const list = new Keyed(rows, { key: ({ arn }) => arn, make: (snapshot) => this.#snapshot(snapshot) });
    const title = element("h2", { class: "stage-title" }, name, " ", count);
    return {
      node: element("section", { class: "stage-section" }, title, rows),
      update: (region) => {
        write(count, `${region.count} ${region.count === 1 ? "snapshot" : "snapshots"}`);
        list.show(region.snapshots);
      },
    };
  }

  #snapshot(first) {
    const row = new SnapshotRow(first, this.#failed);
    const tick = () => (row.node.isConnected ? row.tick() : this.#ticks.delete(tick));
    this.#ticks.add(tick);
    return row;
  }
}

function byNameThenAge(one, other) {
  if (one.name !== other.name) return one.name < other.name ? -1 : 1;
  return one.created_at < other.created_at ? -1 : 1;
}

class SnapshotRow {
  #snapshot;
  #facts = element("p", { class: "stage-faint" });
  #tags = element("ul", { class: "tags", role: "list", "aria-label": "Tags" });
  #state = element("span", { class: "mood", hidden: true });
  #more;
  #deeds;

  constructor({ name, region }, failed) {
    this.#deeds = element("div", { class: "snapshot-deeds", role: "group", "aria-label": `What happens to ${name}`, hidden: true });
    const to = (deed) => () => post("aws", { do: deed, name, region });
    this.#deeds.append(
      pressable({ label: "Another one takes this name", looks: "is-small", act: to("replace"), failed }),
      pressable({ label: "Somebody deletes it in the console", looks: "is-small", act: to("remove"), failed }),
    );
    this.#more = element("button", { type: "button", class: "shell-square", "aria-label": `More about ${name}`, title: "More" }, icon("more"));
    this.#more.setAttribute("aria-expanded", "false");
    this.#more.addEventListener("click", () => this.#toggle());
    const head = element("div", { class: "snapshot-head" }, element("b", { class: "snapshot-name" }, name), this.#state, this.#more);
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
    if (before || Date.now() - Date.parse(snapshot.created_at) < FRESH_MILLISECONDS) flash(this.node);
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

class Operations {
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
        if (before ? before.status !== now.status : Date.now() - Date.parse(now.created_at) < FRESH_MILLISECONDS) flash(node);
      },
    };
  }
}

function moodOf({ status, is_terminal: isTerminal, error_code: code }) {
  if (FAILED.has(status) || code) return "bad";
  return isTerminal ? "good" : "busy";
}

class Calls {
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
      if (Date.now() - Date.parse(call.at) < FRESH_MILLISECONDS) flash(node);
    },
  };
}
