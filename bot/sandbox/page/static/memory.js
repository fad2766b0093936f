// What the browser remembers: for this tab alone, or for good. Where it keeps nothing, everything is forgotten.

function remembering(storage) {
  return {
    get(name, otherwise) {
      try {
        return JSON.parse(storage().getItem(name)) ?? otherwise;
      } catch {
        return otherwise;
      }
    },
    set(name, value) {
      try {
        storage().setItem(name, JSON.stringify(value));
      } catch {
        // Full or forbidden: nothing here is worth an error.
      }
    },
  };
}

export const tab = remembering(() => sessionStorage);
export const browser = remembering(() => localStorage);
