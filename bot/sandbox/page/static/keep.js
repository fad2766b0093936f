// Inputs of a modal keep what was entered when the app updates the view: Slack does so where block and action ids stay.
// https://docs.slack.dev/reference/views/modal-views

const INITIALS = {
  value: "initial_value",
  rich_text_value: "initial_value",
  selected_option: "initial_option",
  selected_options: "initial_options",
  selected_user: "initial_user",
  selected_users: "initial_users",
  selected_channel: "initial_channel",
  selected_channels: "initial_channels",
  selected_conversation: "initial_conversation",
  selected_conversations: "initial_conversations",
  selected_date: "initial_date",
  selected_time: "initial_time",
  selected_date_time: "initial_date_time",
};

/** The blocks as they are to be rendered anew, beginning with what stands in their inputs now. */
export function withEntered(blocks, state) {
  return blocks.map((block) => {
    const input = block.type === "input" ? block.element : null;
    const entered = input && state[block.block_id]?.[input.action_id];
    return entered && entered.type === input.type ? { ...block, element: withInitial(input, entered) } : block;
  });
}

function withInitial(input, entered) {
  const begun = { ...input };
  for (const [field, initial] of Object.entries(INITIALS)) {
    if (!(field in entered)) continue;
    const value = entered[field];
    if (value === null || value === "" || (Array.isArray(value) && !value.length)) delete begun[initial];
    else begun[initial] = value;
  }
  return begun;
}
