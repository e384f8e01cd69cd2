// Draws tiles, key figures, tables and legends; charts.js draws charts. Text goes into the page as text, never as markup.

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

function tile(visual) {
  const [column, row, width, height] = visual.place;
  const place = `--column:${column + 1};--row:${row + 1};--width:${width};--height:${height}`;
  const heading = element("h2", { id: `visual-${visual.id}-title`, dir: "auto" }, filled(visual.title));
  const subtitle = visual.subtitle ? element("p", { class: "subtitle" }, filled(visual.subtitle)) : null;
  const body = element("div", { class: "body" });
  return element(
    "section",
    {
      class: `tile ${visual.kind}`,
      id: `visual-${visual.id}`,
      style: place,
      "aria-labelledby": `visual-${visual.id}-title`,
    },
    element("header", {}, heading, subtitle),
    body,
  );
}

function fillTile(visual, body, rows) {
  const texts = body.previousElementSibling;
  texts.querySelector("h2").textContent = filled(visual.title);
  if (visual.subtitle) texts.querySelector(".subtitle").textContent = filled(visual.subtitle);
  if (visual.kind === "missing") {
    body.replaceChildren(note(say("This page cannot show {part}.", { part: visual.reason })));
  } else if (state.failed.includes(visual.data)) {
    body.replaceChildren(note(say("The numbers could not be read when this page was written. The rest of it is right.")));
  } else if (visual.kind === "kpi") {
    body.replaceChildren(...keyFigure(visual, rows[0]));
  } else if (isEmpty(visual, rows)) {
    body.replaceChildren(note(say("Nothing to show for this choice of days, menus and channels.")));
  } else if (visual.kind === "table") {
    const box = table(visual, rows);
    const count = element("p", { class: "rows" }, rows.length === 1 ? say("1 row") : say("{n} rows", { n: rows.length }));
    body.replaceChildren(box, count);
    endBetweenRows(box);
  } else {
    drawChart(visual, body, rows);
  }
}

function note(text) {
  return element("p", { class: "note" }, text);
}

function isEmpty(visual, rows) {
  const measures = visual.fields.filter((field) => field.measure);
  return rows.every((row) => measures.every((field) => !row[field.id]));
}

function fieldOf(visual, well) {
  const id = visual.wells[well]?.[0];
  return visual.fields.find((field) => field.id === id);
}

function keyFigure(visual, row) {
  const now = fieldOf(visual, "Values");
  const before = fieldOf(visual, "TargetValues");
  const parts = [element("p", { class: "figure" }, written(now, row[now.id]))];
  if (now.money) parts.push(...elsewhere(visual, now));
  if (before) {
    const [over, left] = daysOver(visual, row);
    parts.push(comparison(visual, over[now.id], over[before.id], written(before, over[before.id]), left));
  }
  return parts;
}

// What was sold in other currencies than the chosen one, or in none that is known, which nobody can add to it.
function elsewhere(visual, field) {
  const chosen = state.parameters.Currency;
  const others = Object.entries(plan.types[visual.data]).some(([name]) => name === "currency")
    ? valuesOf(visual.data, "currency", state).filter((currency) => currency !== chosen)
    : [];
  const sold = others
    .map((currency) => [
      currency,
      visualRows(visual, withParameters({ Currency: currency ?? "none" }))[0]?.[field.id],
    ])
    .filter(([, money]) => money)
    .map(([currency, money]) => number(money, { ...field.format, currency }));
  return sold.length ? [element("p", { class: "elsewhere" }, say("besides {money}", { money: sold.join(", ") }))] : [];
}

const withParameters = (parameters) => ({ ...state, parameters: { ...state.parameters, ...parameters } });

// The row of a key figure without the running day, which is compared with nothing, and what to say of that.
function daysOver(visual, row) {
  const today = truncated("DD", state.now);
  const { From, To } = state.parameters;
  if (!(To >= today)) return [row, ""];
  if (From >= today) return [row, say("today is not over")];
  return [visualRows(visual, withParameters({ To: today - DAY }))[0], say("without today")];
}

function comparison(visual, now, before, beforeText, left = "") {
  if (now === null || before === null || (!before && !visual.points)) {
    return element("p", { class: "comparison" }, left === say("today is not over") ? left : say("nothing to compare with"));
  }
  const ratio = visual.points ? now - before : (now - before) / before;
  const change = Math.abs(ratio) < 0.0005 ? 0 : ratio; // no -0.0 %
  const percent = { percent: true, decimals: visual.decimals, prefix: "", suffix: "", thousands: true };
  const written = visual.points
    ? say("{n} points", { n: number(change * 100, { ...percent, percent: false }) })
    : number(change, percent);
  const direction = change === 0 ? "level" : change > 0 ? "up" : "down";
  const arrow = visual.arrows ? { up: "▲ ", down: "▼ ", level: "" }[direction] : "";
  const sign = change > 0 ? "+" : "";
  const words = visual.before ? ` ${say("from {before}", { before: beforeText })}` : "";
  return element(
    "p",
    { class: "comparison" },
    element("span", { class: direction }, arrow + sign + written),
    words + (left ? `, ${left}` : ""),
  );
}

function table(visual, rows) {
  const { GroupBy: [name, ...groups] = [], Values: values = [] } = visual.wells;
  // On a phone the figures follow the name at once; what else tells the rows apart is scrolled to.
  const order = window.innerWidth < PHONE ? [name, ...values, ...groups] : [name, ...groups, ...values];
  const fields = order.filter(Boolean).map((id) => visual.fields.find((field) => field.id === id));
  const largest = Object.fromEntries(
    fields.map((field) => [field.id, Math.max(...rows.map((row) => Math.abs(row[field.id]) || 0))]),
  );
  const head = fields.map((field) => {
    const kind = field.measure ? "number" : null;
    const unit = field.money ? ` (${state.parameters.Currency})` : "";
    const label = say(field.label) + unit;
    const heading = element("th", { scope: "col", class: kind }, label);
    if (kind) heading.style.setProperty("--letters", lettersInTwoLines(label));
    return heading;
  });
  const body = rows.map((row) =>
    element(
      "tr",
      {},
      ...fields.map((field, index) => cell(visual, field, row[field.id], largest[field.id], index)),
    ),
  );
  const tableElement = element(
    "table",
    { "aria-labelledby": `visual-${visual.id}-title` },
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
  return element("div", { class: "scroll", tabindex: "0" }, tableElement);
}

// How many letters a line has room for if a heading needs two lines of it at most.
function lettersInTwoLines(heading) {
  const words = heading.split(" ");
  const widths = words.map((_, index) =>
    Math.max(words.slice(0, index).join(" ").length, words.slice(index).join(" ").length),
  );
  return Math.min(...widths);
}

// Of a table that is longer than its tile, shows whole rows only; the rest is scrolled to.
function endBetweenRows(box) {
  if (box.scrollHeight <= box.clientHeight) return;
  const ends = [...box.querySelectorAll("tr")].map((row) => row.offsetTop + row.offsetHeight);
  const last = ends.findLast((end) => end <= box.clientHeight);
  box.style.maxHeight = `${last + box.offsetHeight - box.clientHeight}px`;
}

function cell(visual, field, value, largest, index) {
  const text = element("span", { dir: "auto" }, written(field, value));
  if (field.measure) {
    const data = element("td", { class: "number" }, text);
    const colors = visual.bars[field.id];
    if (colors && largest) {
      data.classList.add("bar");
      data.style.setProperty("--share", Math.abs(value ?? 0) / largest);
      data.style.setProperty("--bar", colors[value < 0 ? 1 : 0]);
    }
    return data;
  }
  const color = colorOf(field, value);
  const dot = color ? element("i", { class: "dot square", style: `background:${color}` }) : null;
  const heading = element(index === 0 ? "th" : "td", index === 0 ? { scope: "row" } : {}, dot, text);
  heading.title = text.textContent;
  return heading;
}

function legend(series, shapes) {
  const items = series.map(({ name, color }, index) =>
    element(
      "li",
      {},
      element("i", { class: `dot ${shapes[index % shapes.length]}`, style: `background:${color}` }),
      element("span", { dir: "auto" }, name),
    ),
  );
  return element("ul", { class: "legend" }, ...items);
}
