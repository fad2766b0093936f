// What the page sends: one function that always answers {ok, error?, …} and never throws.

const UNREACHED = "The sandbox did not answer. Is it still running in your terminal?";

/** Sends JSON to /page/<deed>. */
export async function post(deed, body) {
  try {
    const answer = await fetch(`/page/${deed}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer.ok ? await answer.json() : { ok: false, error: `The sandbox refused this (HTTP ${answer.status}).` };
  } catch {
    return { ok: false, error: UNREACHED };
  }
}
