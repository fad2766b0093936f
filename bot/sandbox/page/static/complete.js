// How a command that has been begun could go on. Nothing but text in, text out.

/**
 * The lines that could be meant by `line`: [{line, label, help}], best first; none if it needs no help.
 *
 * `commands` are those of the app, `snapshots` [{name, region, size_gb}].
 */
export function completions(line, commands, snapshots) {
  if (!line.startsWith("/") || line.includes("\n")) return [];
  const command = commands.find(({ text, takes }) => takes === "snapshot" && line.startsWith(text));
  return command ? named(line, command.text, snapshots) : begun(line, commands);
}

function begun(line, commands) {
  const typed = line.toLowerCase();
  return commands
    .filter(({ text }) => text.toLowerCase().startsWith(typed) && text !== line)
    .map(({ text, help }) => ({ line: text, label: text.trim(), help }));
}

function named(line, start, snapshots) {
  const typed = line.slice(start.length).toLowerCase();
  const names = byName(snapshots);
  if (/\s/u.test(typed) || names.has(line.slice(start.length))) return [];
  return [...names]
    .filter(([name]) => name.toLowerCase().includes(typed))
    .sort(([one], [other]) => rank(one, typed) - rank(other, typed) || (one < other ? -1 : 1))
    .map(([name, those]) => ({ line: `${start}${name}`, label: name, help: described(those) }));
}

function byName(snapshots) {
  const groups = new Map();
  for (const one of snapshots) groups.set(one.name, [...(groups.get(one.name) ?? []), one]);
  return groups;
}

function rank(name, typed) {
  return name.toLowerCase().startsWith(typed) ? 0 : 1;
}

function described(snapshots) {
  const [{ size_gb: size, region }] = snapshots;
  return snapshots.length === 1 ? `${size} GB · ${region}` : `in ${snapshots.map((one) => one.region).join(" and ")}`;
}
