// Puts the page together: tabs, controls, tiles; draws again when a choice, the data or the window changes.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const plan = read("plan");
const defaults = { parameters: {}, choices: {} }; // what the page begins with
const state = { sheet: plan.sheets[0].id, parameters: {}, choices: {}, tables: {}, failed: [], now: 0, version: null };

// The data that come with the page: JSON in gzip in base64.
async function unpackedJson(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// The wall clock of the restaurant, with or without its offset, as milliseconds of UTC: so all times here.
const wallClock = (time) => Date.parse(`${time.slice(0, 19)}Z`);

function setData(data) {
  state.now = wallClock(data.now);
  state.version = data.version;
  state.tables = Object.fromEntries(
    Object.entries(data.tables).map(([name, table]) => [name, unpacked(table)]),
  );
  state.failed = data.failed ?? [];
  const time = new Intl.DateTimeFormat(DAY_LOCALE, {
    dateStyle: "long",
    timeStyle: data.live ? "medium" : "short",
    timeZone: "UTC",
  });
  const at = { time: `${time.format(state.now)}, ${data.time_zone}` };
  const when = data.live ? say("live, as of {time}", at) : say("data of {time}", at);
  const from = data.from && { day: DAY_YEAR.format(Date.parse(data.from)) };
  const parts = [say("Stack {stack}", { stack: plan.stack }), when, from && say("days before {day} are left out", from)];
  document.getElementById("as-of").textContent = parts.filter(Boolean).join(" · ");
}

// The running day as far as it is stored, which the tiles leave out.
function showToday(today) {
  if (!today) return;
  const at = wallClock(today.as_of);
  const time = dayFormat({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
  const total = (name) => today.rows.reduce((sum, row) => sum + row[name], 0);
  const money = today.rows
    .filter(({ revenue }) => revenue)
    .map(({ currency, revenue }) => number(revenue, { currency, decimals: 2 }));
  const counts = [
    [say("Visits"), "visits"],
    [say("Orders"), "orders"],
  ].map(([title, name]) => `${title} ${number(total(name), {})}`);
  const line = document.getElementById("today");
  const when = say("{day}, as stored at {time}", { day: DAY_LONG.format(at), time });
  line.textContent = `${when}: ${[...counts, ...money].join(" · ")}`;
  line.hidden = false;
}

function setDefaults(live) {
  const { parameters, choices } = defaults;
  for (const [name, parameter] of Object.entries(plan.parameters)) {
    const noRows = new View({ length: 0, columns: {} }, {}, {}, state.now);
    const values = parameter.default.map((tree) => noRows.value(0, tree));
    parameters[name] = parameter.many ? values : (values[0] ?? null);
  }
  for (const filter of Object.values(plan.filters)) {
    if (filter.kind !== "choice") continue;
    if (!filter.values) choices[filter.id] = null;
    else if (filter.takes) choices[filter.id] = new Set(filter.values);
    else {
      const values = valuesOf(filter.data, filter.column, state);
      choices[filter.id] = new Set(values.filter((value) => !filter.values.includes(value)));
    }
  }
  // Events that arrive now are of today, which the dashboard leaves out because it is not over.
  if (live && "To" in parameters) parameters.To = truncated("DD", state.now);
}

// Takes new data; where the page shows the days that it began with, and a day has begun since, they move on.
function takeData(data) {
  const before = { ...defaults.parameters };
  setData(data);
  setDefaults(data.live);
  for (const [name, { date }] of Object.entries(plan.parameters)) {
    if (date && state.parameters[name] === before[name]) state.parameters[name] = defaults.parameters[name];
  }
}

const currentSheet = () => plan.sheets.find((sheet) => sheet.id === state.sheet);

function showSheet() {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const selected = tab.dataset.sheet === state.sheet;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1; // the arrow keys reach the others
    if (selected) document.getElementById("sheet").setAttribute("aria-labelledby", tab.id);
  }
  document.getElementById("question").textContent = filled(currentSheet().title);
  showControls();
  document.getElementById("tiles").replaceChildren(...currentSheet().visuals.map(tile));
  draw();
}

function showControls() {
  document.getElementById("controls").replaceChildren(...controls(currentSheet(), state, changed));
}

// Draws what was chosen, and notes it in the address; each choice is a step back, what follows at once is the same one.
let lastChange = 0;
function changed() {
  const address = addressOf(state, defaults);
  if (address !== location.hash) {
    if (performance.now() - lastChange < 1000) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    lastChange = performance.now();
  }
  draw();
}

function draw() {
  const { From, To } = state.parameters;
  const hint = document.getElementById("hint");
  const hasDays = currentSheet().controls.some((control) => control.parameter === "To");
  hint.textContent = hasDays && From > To ? say("From is later than To, so there are no days between them.") : "";
  hint.hidden = !hint.textContent;
  for (const visual of currentSheet().visuals) {
    const body = document.querySelector(`#visual-${visual.id} > .body`);
    fillTile(visual, body, visual.kind === "missing" ? [] : visualRows(visual, state));
  }
}

function showTabs() {
  const tabs = plan.sheets.map((sheet) => {
    const attributes = { role: "tab", id: `tab-${sheet.id}`, "data-sheet": sheet.id, type: "button" };
    const tab = element("button", attributes, say(sheet.name));
    tab.addEventListener("click", () => openSheet(sheet.id));
    return tab;
  });
  document.getElementById("tabs").addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -tabs.length, End: tabs.length };
    if (!Object.hasOwn(steps, event.key)) return;
    event.preventDefault();
    const current = tabs.findIndex((tab) => tab.dataset.sheet === state.sheet);
    const next = current + steps[event.key];
    const last = tabs.length - 1;
    const goes = event.key.startsWith("Arrow") ? (next + tabs.length) % tabs.length : Math.min(last, Math.max(0, next));
    openSheet(tabs[goes].dataset.sheet);
    tabs[goes].focus();
  });
  document.getElementById("tabs").replaceChildren(...tabs);
}

function openSheet(id) {
  state.sheet = id;
  const address = addressOf(state, defaults);
  if (address !== location.hash) history.pushState(null, "", address);
  showSheet();
}

function openAddress() {
  readAddress(location.hash, state, defaults);
  showSheet();
}

async function follow() {
  try {
    const response = await fetch(`data.json?seen=${encodeURIComponent(state.version)}`);
    if (response.status === 200) {
      takeData(await response.json());
      const inUse = document.querySelector("#controls :is(details[open], :focus)");
      if (!inUse) showControls(); // there may be other menus to choose from
      draw();
    }
    document.body.classList.toggle("lost", !response.ok);
  } catch {
    document.body.classList.add("lost");
  }
  setTimeout(follow, 2000);
}

// The key of the dashboard's link stays neither in the address nor in the history.
if (location.hash.startsWith("#key=")) history.replaceState(null, "", location.pathname);
for (const node of document.querySelectorAll("[data-say]")) node.textContent = say(node.textContent);
document.title = `${plan.stack}: ${document.querySelector("h1").textContent}`;
document.getElementById("tabs").setAttribute("aria-label", say("Sheets"));
document.getElementById("as-of").dataset.lost = say("connection lost");
const data = await unpackedJson("data");
setData(data);
showToday(read("today-data"));
setDefaults(data.live);
showTabs();
if (plan.left_out.length) {
  document.getElementById("left-out").hidden = false;
  document
    .querySelector("#left-out ul")
    .replaceChildren(...plan.left_out.map((name) => element("li", {}, name)));
}
openAddress();
if (data.live) follow();
window.addEventListener("popstate", openAddress);
window.addEventListener("hashchange", () => {
  if (location.hash !== addressOf(state, defaults)) openAddress();
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
let resized;
let lastWidth = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth === lastWidth) return;
  lastWidth = window.innerWidth;
  clearTimeout(resized);
  resized = setTimeout(draw, 150);
});
// For tests: the rows that a visual is drawn from, and what computes them.
window.menulens = {
  View,
  rows: (id) =>
    visualRows(
      plan.sheets.flatMap((sheet) => sheet.visuals).find((visual) => visual.id === id),
      state,
    ),
};
