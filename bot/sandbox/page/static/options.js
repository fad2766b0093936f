// Where a menu's options come from: the element itself, the app, or the people and channels of the workspace.
// https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element

import { renderWords } from "./mrkdwn.js";

const REST_MILLISECONDS = 250; // of rest while somebody types, before the app is asked
const LEAST_TYPED = 3; // characters, where the element says nothing else
const NO_ANSWER = "The list could not be loaded. Please try again.";

const SELECTED = {
  static: "option",
  external: "option",
  users: "user",
  conversations: "conversation",
  channels: "channel",
};

/**
 * The source of such a menu.
 *
 * `find(typed)` gives `{groups: [{label, options}], words}` or a promise of it; `rest` is how long typing must rest
 * before that, in milliseconds; `value(option)` is what Slack tells an app of an option, in `field` of the state.
 */
export function sourceOf(part, block, context) {
  const [kind, isMany] = [part.type.replace(/^multi_|_select$/g, ""), part.type.startsWith("multi_")];
  const selected = `selected_${SELECTED[kind]}${isMany ? "s" : ""}`;
  const given = part[selected.replace("selected", "initial")];
  const initial = () => [given ?? []].flat();
  if (kind === "external")
    return { ...external(part, block, context), field: selected, initial, value: (option) => option };
  if (kind === "static") return { ...fixed(groupsOf(part)), field: selected, initial, value: (option) => option };
  const known = () => listed(kind, part, context);
  const option = (id) => known().find(({ value }) => value === id) ?? named(id, context.name?.(id) ?? id);
  const first = given === undefined && part.default_to_current_conversation ? context.surface?.channel : null;
  return {
    find: (typed) => fixed([{ options: known() }]).find(typed),
    field: selected,
    initial: () => (first ? [first] : initial()).map(option),
    value: ({ value }) => value,
  };
}

function groupsOf({ options, option_groups: groups }) {
  return groups ?? [{ options: options ?? [] }];
}

function fixed(groups) {
  const has = (option, typed) =>
    renderWords(option.text).toLocaleLowerCase().includes(typed.trim().toLocaleLowerCase());
  const find = (typed) => ({
    groups: groups.map(({ label, options }) => ({ label, options: options.filter((option) => has(option, typed)) })),
  });
  return { find };
}

function external(part, block, context) {
  const least = part.min_query_length ?? LEAST_TYPED;
  const find = async (typed) => {
    if (typed.trim().length < least) return { groups: [], words: typing(least) };
    try {
      const answer = await context.suggest(block, part, typed);
      if (answer.error || answer.ok === false) return { groups: [], words: answer.error || NO_ANSWER };
      return { groups: groupsOf(answer) };
    } catch {
      return { groups: [], words: NO_ANSWER };
    }
  };
  return { find, rest: REST_MILLISECONDS };
}

function typing(least) {
  return `Type ${least === 1 ? "a letter" : `${least} letters`} or more`;
}

/** People and channels as options; a page that does not tell them has none. */
function listed(kind, part, context) {
  const people = (context.people?.() ?? []).filter(({ is_bot: isBot }) => !(isBot && part.filter?.exclude_bot_users));
  const channels = (context.channels?.() ?? []).filter((channel) => !channel.is_archived && channel.kind !== "im");
  const asPerson = ({ id, name }) => named(id, name);
  const asChannel = ({ id, name }) => named(id, `#${name}`);
  if (kind === "users") return people.map(asPerson);
  if (kind === "channels") return channels.filter((channel) => channel.kind === "public").map(asChannel);
  const kinds = part.filter?.include ?? ["public", "private", "im"];
  const open = channels.filter((channel) => kinds.includes(channel.kind === "private" ? "private" : "public"));
  return [...open.map(asChannel), ...(kinds.includes("im") ? people.map(asPerson) : [])];
}

function named(id, name) {
  return { text: { type: "plain_text", text: name, emoji: false }, value: id };
}
