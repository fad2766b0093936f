// What the renderer of blocks needs to know about the page: names, who is looking, and what a click does.

import { post } from "./api.js";

export class Contexts {
  #store;
  #acted;
  #openLink;

  /** `acted(surface)` hears of every click before it is sent, `openLink(url)` of every link that is followed. */
  constructor({ store, acted, openLink }) {
    this.#store = store;
    this.#acted = acted;
    this.#openLink = openLink;
  }

  /** For a message ({channel, ts}) or a view ({view}); `errors` stand under the inputs of a modal. */
  of(surface, errors = {}) {
    const store = this.#store;
    const about = (block, element) => ({
      as: store.me,
      surface,
      block_id: block.block_id,
      action_id: element.action_id,
    });
    return {
      surface,
      errors,
      me: store.me,
      name: (id) => store.name(id),
      people: () => store.people,
      channels: () => store.channels,
      openLink: this.#openLink,
      act: (block, element, chosen, state) => {
        this.#acted(surface);
        return post("act", { ...about(block, element), chosen, state });
      },
      suggest: (block, element, typed) => post("suggest", { ...about(block, element), typed }),
    };
  }
}
