// What stands in the inputs, in the form in which Slack tells an app.
// https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload

const held = new WeakMap();

/** Lets `node` stand for an input; `value()` is what Slack says of it beside its type, such as `{value: "…"}`. */
export function holds(node, block, part, value) {
  node.dataset.holds = part.type;
  node.dataset.actionId = part.action_id ?? "";
  held.set(node, () => [block.block_id ?? "", part.action_id ?? "", { type: part.type, ...value() }]);
  return node;
}

/** All inputs below `root`, as `{block_id: {action_id: {type, …}}}`. */
export function stateOf(root) {
  const state = {};
  for (const node of root.querySelectorAll("[data-holds]")) {
    const [block, action, value] = held.get(node)?.() ?? [];
    if (value) (state[block] ??= {})[action] = value;
  }
  return state;
}
