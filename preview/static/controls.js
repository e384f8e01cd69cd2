// The controls of a sheet: days, choices, a number. Each changes the state, and calls `changed` to draw again.

function controls(sheet, state, changed) {
  const kinds = { date: dateControl, pick: pickControl, slider: sliderControl, choice: choiceControl };
  return sheet.controls
    .filter((control) => control.kind in kinds)
    .map((control) => kinds[control.kind](control, state, changed));
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
    value: new Date(state.parameters[control.parameter]).toISOString().slice(0, 10),
  });
  input.addEventListener("change", () => {
    if (!input.value) return;
    state.parameters[control.parameter] = Date.parse(input.value);
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
  const summary = element("summary", { id: `control-${control.id}` });
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
    if (chosen === null) return "All";
    if (chosen.size === 1) return written({}, [...chosen][0]);
    return chosen.size ? `${chosen.size} of ${values.length}` : "None";
  };
  summary.textContent = summaryText();
  const all = element("button", { type: "button" }, "All");
  all.addEventListener("click", () => {
    for (const box of boxes) box.checked = true;
    state.choices[filter.id] = null;
    summary.textContent = summaryText();
    changed();
  });
  const options = values.map((value, index) =>
    element("label", {}, boxes[index], element("span", { dir: "auto" }, written({}, value))),
  );
  const details = element("details", {}, summary, element("div", { class: "options" }, all, ...options));
  return element(
    "div",
    { class: "control choice" },
    element("span", { class: "label" }, control.title),
    details,
  );
}
