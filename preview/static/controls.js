// The controls of a sheet: days, choices, a number. Each changes the state, and calls `changed` to draw again.

function controls(sheet, state, changed) {
  const kinds = { date: dateControl, pick: pickControl, slider: sliderControl, choice: choiceControl };
  const days = sheet.controls.some((control) => control.kind === "date" && control.parameter === "From");
  return [
    ...(days ? [periodControl(sheet, state, changed)] : []),
    ...sheet.controls
      .filter((control) => control.kind in kinds)
      .map((control) => kinds[control.kind]({ ...control, title: say(control.title) }, state, changed)),
  ];
}

// The first and the last day of each period that can be chosen by its name, of which today is the last where the page
// begins so.
function periods(state) {
  const today = truncated("DD", state.now);
  const first = Object.values(state.tables)
    .flatMap(({ columns }) => columns.day ?? [])
    .reduce((earliest, day) => (day !== null && day < earliest ? day : earliest), today);
  const last = defaults.parameters.To ?? today;
  return {
    [say("Today")]: [today, today],
    [say("Last 7 days")]: [today - 7 * DAY, last],
    [say("Last 30 days")]: [today - 30 * DAY, last],
    [say("Last 90 days")]: [today - 90 * DAY, last],
    [say("All days")]: [first, today],
  };
}

function periodControl(sheet, state, changed) {
  const named = periods(state);
  const own = say("Chosen days");
  const input = element("select", {}, ...[...Object.keys(named), own].map((name) => element("option", {}, name)));
  const isNow = ([first, last]) => state.parameters.From === first && state.parameters.To === last;
  const show = () => {
    input.value = Object.keys(named).find((name) => isNow(named[name])) ?? own;
    input.lastElementChild.hidden = input.value !== own;
  };
  show();
  input.addEventListener("change", () => {
    if (!Object.hasOwn(named, input.value)) return;
    [state.parameters.From, state.parameters.To] = named[input.value];
    for (const date of document.querySelectorAll("#controls input[type=date]")) {
      date.value = isoDay(state.parameters[date.dataset.parameter]);
    }
    show();
    changed();
  });
  const box = labelled({ id: `${sheet.id}-period`, kind: "pick", title: say("Days") }, input);
  box.addEventListener("days", show);
  return box;
}

function labelled(control, input, extra = null) {
  input.id = `control-${control.id}`;
  return element(
    "div",
    { class: `control ${control.kind}` },
    element("label", { for: `control-${control.id}` }, control.title),
    input,
    extra,
  );
}

function dateControl(control, state, changed) {
  const input = element("input", {
    type: "date",
    "data-parameter": control.parameter,
    value: isoDay(state.parameters[control.parameter]),
  });
  input.addEventListener("change", () => {
    if (!input.value) return;
    state.parameters[control.parameter] = Date.parse(input.value);
    for (const box of document.querySelectorAll("#controls .control")) box.dispatchEvent(new Event("days"));
    changed();
  });
  return labelled(control, input);
}

function pickControl(control, state, changed) {
  const values =
    control.values ?? valuesOf(control.data, control.column, state).filter((value) => value !== null);
  const current = state.parameters[control.parameter];
  const choices = values.includes(current) ? values : [current, ...values];
  const input = element("select", {}, ...choices.map((value) => element("option", { value }, value)));
  input.value = current;
  input.addEventListener("change", () => {
    state.parameters[control.parameter] = input.value;
    changed();
  });
  return labelled(control, input);
}

function sliderControl(control, state, changed) {
  const value = state.parameters[control.parameter];
  const input = element("input", {
    type: "range",
    min: control.minimum,
    max: control.maximum,
    step: control.step,
    value,
  });
  const shown = element("output", { for: `control-${control.id}` }, String(value));
  input.addEventListener("input", () => {
    state.parameters[control.parameter] = Number(input.value);
    shown.textContent = input.value;
    changed();
  });
  return labelled(control, input, shown);
}

function choiceControl(control, state, changed) {
  const filter = plan.filters[control.filter];
  const values = valuesOf(filter.data, filter.column, state);
  const nameOf = valueNames(filter);
  const summary = element("summary", { id: `control-${control.id}` });
  const take = (chosen) => {
    for (const [index, box] of boxes.entries()) box.checked = chosen === null || chosen.has(values[index]);
    state.choices[filter.id] = chosen;
    summary.textContent = summaryText();
    changed();
  };
  const boxes = values.map((value) => {
    const box = element("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      const chosen = values.filter((_, index) => boxes[index].checked);
      state.choices[filter.id] = chosen.length === values.length ? null : new Set(chosen);
      summary.textContent = summaryText();
      changed();
    });
    box.checked = state.choices[filter.id]?.has(value) ?? true;
    return box;
  });
  const summaryText = () => {
    const chosen = state.choices[filter.id];
    if (chosen === null) return say("All");
    if (chosen.size === 1) return nameOf([...chosen][0]);
    return chosen.size ? say("{n} of {all}", { n: chosen.size, all: values.length }) : say("None");
  };
  summary.textContent = summaryText();
  const all = element("button", { type: "button" }, say("All"));
  all.addEventListener("click", () => take(null));
  const options = values.map((value, index) => {
    const label = element("label", {}, boxes[index], element("span", { dir: "auto" }, nameOf(value)));
    const only = element("button", { type: "button", "aria-label": say("only {name}", { name: nameOf(value) }) }, say("only"));
    only.addEventListener("click", () => take(new Set([value])));
    return element("div", { class: "option" }, label, only);
  });
  const details = element("details", {}, summary, element("div", { class: "options" }, all, ...options));
  return element(
    "div",
    { class: "control choice" },
    element("span", { class: "label" }, control.title),
    details,
  );
}

// How the charts name the values of a filter's column: by the calculated field "<column> name", if there is one.
function valueNames(filter) {
  const tree = plan.calculated[filter.data]?.[`${filter.column} name`];
  if (!tree) return (value) => written({}, value);
  return (value) => {
    const table = { length: 1, columns: { [filter.column]: [value] } };
    return written({ says: filter.says }, new View(table, {}, state.parameters, state.now).value(0, tree));
  };
}
