// Keeps what is chosen in the address, after the #, so that back, a reload and a mailed link show the same.

const isoDay = (day) => new Date(day).toISOString().slice(0, 10);

// The address of the state: the sheet, and whatever differs from what the page begins with.
function addressOf(state, defaults) {
  const chosen = new URLSearchParams();
  for (const [name, value] of Object.entries(state.parameters)) {
    if (JSON.stringify(value) === JSON.stringify(defaults.parameters[name])) continue;
    chosen.set(name, plan.parameters[name].date ? isoDay(value) : JSON.stringify(value));
  }
  for (const [id, values] of Object.entries(state.choices)) {
    const written = values && JSON.stringify([...values].sort(compared));
    const usual = defaults.choices[id] && JSON.stringify([...defaults.choices[id]].sort(compared));
    if (written !== usual) chosen.set(`only-${id}`, written ?? "null");
  }
  const query = chosen.toString();
  return `#${encodeURIComponent(state.sheet)}${query ? `?${query}` : ""}`;
}

// Sets the state to what an address says; what it does not know or cannot read stays as the page begins.
function readAddress(hash, state, defaults) {
  const [sheet, query] = hash.slice(1).split(/\?(.*)/s);
  state.sheet = plan.sheets.find(({ id }) => encodeURIComponent(id) === sheet)?.id ?? plan.sheets[0].id;
  state.parameters = { ...defaults.parameters };
  state.choices = { ...defaults.choices };
  for (const [name, text] of new URLSearchParams(query)) {
    const id = name.replace(/^only-/, "");
    if (Object.hasOwn(plan.parameters, name)) {
      const value = plan.parameters[name].date ? Date.parse(text) : parsed(text);
      if (typeof value === typeof defaults.parameters[name] && !Number.isNaN(value)) state.parameters[name] = value;
    } else if (id !== name && Object.hasOwn(state.choices, id)) {
      const values = parsed(text);
      if (values === null || Array.isArray(values)) state.choices[id] = values && new Set(values);
    }
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
