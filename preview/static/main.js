// Puts the page together: tabs, controls, tiles; draws again when a choice, the data or the window changes.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const plan = read("plan");
const state = { sheet: plan.sheets[0].id, parameters: {}, choices: {}, tables: {}, now: 0, version: null };

function setData(data) {
  state.now = Date.parse(data.made_at);
  state.version = data.version;
  state.tables = Object.fromEntries(
    Object.entries(data.tables).map(([name, table]) => [name, unpacked(table)]),
  );
  const time = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "long",
    timeStyle: data.live ? "medium" : "short",
  });
  const when = `${data.live ? "live, as of" : "data of"} ${time.format(state.now)}`;
  document.getElementById("as-of").textContent = `Stack ${plan.stack} · ${when}`;
}

function setDefaults(live) {
  for (const [name, parameter] of Object.entries(plan.parameters)) {
    const noRows = new View({ length: 0, columns: {} }, {}, {}, state.now);
    const values = parameter.default.map((tree) => noRows.value(0, tree));
    state.parameters[name] = parameter.many ? values : (values[0] ?? null);
  }
  for (const filter of Object.values(plan.filters)) {
    if (filter.kind !== "choice") continue;
    const takes = (value) => filter.values.includes(value) === filter.takes;
    const values = valuesOf(filter.data, filter.column, state);
    state.choices[filter.id] = filter.values ? new Set(values.filter(takes)) : null;
  }
  // Events that arrive now are of today, which the dashboard leaves out because it is not over.
  if (live && "To" in state.parameters) state.parameters.To = truncated("DD", state.now);
}

const currentSheet = () => plan.sheets.find((sheet) => sheet.id === state.sheet);

function showSheet() {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.sheet === state.sheet));
  }
  document.getElementById("question").textContent = currentSheet().title;
  showControls();
  document.getElementById("tiles").replaceChildren(...currentSheet().visuals.map(tile));
  draw();
}

function showControls() {
  document.getElementById("controls").replaceChildren(...controls(currentSheet(), state, draw));
}

function draw() {
  for (const visual of currentSheet().visuals) {
    const body = document.querySelector(`#visual-${visual.id} > .body`);
    fillTile(visual, body, visual.kind === "missing" ? [] : visualRows(visual, state));
  }
}

function showTabs() {
  const tabs = plan.sheets.map((sheet) => {
    const tab = element("button", { role: "tab", "data-sheet": sheet.id, type: "button" }, sheet.name);
    tab.addEventListener("click", () => {
      state.sheet = sheet.id;
      history.replaceState(null, "", `#${sheet.id}`);
      showSheet();
    });
    return tab;
  });
  document.getElementById("tabs").replaceChildren(...tabs);
}

async function follow() {
  try {
    const response = await fetch(`data.json?seen=${encodeURIComponent(state.version)}`);
    if (response.status === 200) {
      setData(await response.json());
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

const data = read("data");
setData(data);
setDefaults(data.live);
showTabs();
const sheetInAddress = location.hash.slice(1);
if (plan.sheets.some((sheet) => sheet.id === sheetInAddress)) state.sheet = sheetInAddress;
if (plan.left_out.length) {
  document.getElementById("left-out").hidden = false;
  document
    .querySelector("#left-out ul")
    .replaceChildren(...plan.left_out.map((name) => element("li", {}, name)));
}
showSheet();
if (data.live) follow();

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details[open]")) {
    if (!open.contains(event.target)) open.open = false;
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
