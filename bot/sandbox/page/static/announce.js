// Says aloud, to those who listen to the page, what is new: one short line at a time.

import { plainText } from "./mrkdwn.js";

const MOST_CHARACTERS = 160;

export class Announcer {
  #region;

  constructor(region) {
    this.#region = region;
  }

  say(words) {
    this.#region.textContent = words.length > MOST_CHARACTERS ? `${words.slice(0, MOST_CHARACTERS - 1)}…` : words;
  }

  /** What somebody wrote, or changed. */
  message(author, message, isNew, context) {
    this.say(`${author}${isNew ? "" : ", edited"}: ${plainText(message.text ?? "", context)}`);
  }
}
