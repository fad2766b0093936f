// The stream of events for one person, which comes back by itself after every break.

const PARTS = ["hello", "message", "gone", "channels", "people", "modal", "home", "aws", "bot", "faults"];
const AGAIN_MILLISECONDS = 1500;

/** Follows one person's events; `heard(name, data)` gets each, `connected(boolean)` says whether the line is up. */
export class Stream {
  #heard;
  #connected;
  #source = null;
  #again = 0;

  constructor({ heard, connected }) {
    this.#heard = heard;
    this.#connected = connected;
  }

  /** Begins with a `hello` for this person, or for the first one there is if null. */
  follow(person) {
    this.#end();
    const source = new EventSource(person ? `/page/events?as=${encodeURIComponent(person)}` : "/page/events");
    this.#source = source;
    for (const part of PARTS) {
      source.addEventListener(part, (event) => {
        this.#connected(true);
        this.#heard(part, JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => this.#broken(source, person));
  }

  /** The browser tries again by itself, unless the server answered with an error: then it has given up. */
  #broken(source, person) {
    if (source !== this.#source) return;
    this.#connected(false);
    if (source.readyState === EventSource.CLOSED) {
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.follow(person), AGAIN_MILLISECONDS);
    }
  }

  #end() {
    clearTimeout(this.#again);
    this.#source?.close();
    this.#source = null;
  }
}
