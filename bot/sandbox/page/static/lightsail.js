// The pretended Lightsail account: what is being done, what there is, and what was asked of it.

import { Calls } from "./calls.js";
import { Keyed, write } from "./dom.js";
import { element } from "./element.js";
import { Operations } from "./operations.js";
import { SnapshotRow } from "./snapshot.js";

const GHOST_MILLISECONDS = 5000; // how long a snapshot that has just gone is still to be seen

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
