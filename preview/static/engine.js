// Answers what a visual asks of its data set: filters, groups, aggregates and sorts.

// A table comes as columns, each a list of values, or of the few values there are and where each stands.
function unpacked(table) {
  const columns = {};
  for (const [name, column] of Object.entries(table.columns)) {
    columns[name] = column.all ?? column.at.map((position) => column.are[position]);
  }
  return { length: table.length, columns };
}

function viewOf(data, state) {
  return new View(state.tables[data], plan.calculated[data] ?? {}, state.parameters, state.now);
}

function passes(filter, state, data) {
  if (filter.kind === "choice") {
    const chosen = state.choices[filter.id];
    if (chosen === null) return (value) => value !== null || filter.nulls !== "NON_NULLS_ONLY";
    return (value) => chosen.has(value);
  }
  const view = viewOf(data, state);
  const least = filter.least && view.value(0, filter.least);
  const most = filter.most && view.value(0, filter.most);
  return (value) => {
    if (value === null) return filter.nulls === "ALL_VALUES";
    const day = truncated("DD", value);
    const early = least !== null && (filter.with_least ? day < least : day <= least);
    const late = most !== null && (filter.with_most ? day > most : day >= most);
    return !early && !late;
  };
}

// The rows of a visual: objects with the value of each field by its id, sorted.
function visualRows(visual, state) {
  const view = viewOf(visual.data, state);
  const filters = visual.filters.map((id) => plan.filters[id]);
  for (const filter of filters.filter(({ kind }) => kind !== "top")) {
    const pass = passes(filter, state, visual.data);
    view.rows = view.rows.filter((row) => pass(view.cell(row, filter.column)));
  }
  let rows = view.rows; // windows are over these, whatever the top filters leave
  for (const filter of filters.filter(({ kind }) => kind === "top")) {
    const groups = [...grouped(rows, (row) => view.cell(row, filter.column)).values()];
    const by = [{ tree: filter.by, down: filter.down }];
    const count = view.value(0, filter.count);
    rows = ranked(groups, by, view).slice(0, count).flat();
  }
  const dimensions = visual.fields.filter((field) => !field.measure);
  const measures = visual.fields.filter((field) => field.measure);
  const key = (row) => JSON.stringify(dimensions.map((field) => view.value(row, field.tree)));
  const groups = dimensions.length ? [...grouped(rows, key).values()] : [rows];
  const sorted = ranked(groups, visual.sort, view).map((group) =>
    Object.fromEntries([
      ...dimensions.map((field) => [field.id, view.value(group[0], field.tree)]),
      ...measures.map((field) => [field.id, view.aggregate(group, field.tree)]),
    ]),
  );
  return visual.limit ? sorted.slice(0, visual.limit) : sorted;
}

function ranked(groups, sorts, view) {
  const isAggregate = (tree) =>
    tree[0] === "call"
      ? tree[1] in AGGREGATES || tree[1] === "sumIf" || tree.slice(2).some(isAggregate)
      : tree[0] === "column" && tree[1] in view.calculated && isAggregate(view.calculated[tree[1]]);
  const value = (group, tree) => (isAggregate(tree) ? view.aggregate(group, tree) : view.value(group[0], tree));
  const keyed = groups.map((group) => ({ group, keys: sorts.map((sort) => value(group, sort.tree)) }));
  keyed.sort((a, b) => {
    for (const [index, sort] of sorts.entries()) {
      const order = compared(a.keys[index], b.keys[index]);
      if (order) return sort.down ? -order : order;
    }
    return 0;
  });
  return keyed.map(({ group }) => group);
}

function compared(a, b) {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return typeof a === "string" ? a.localeCompare(b, "en") : a - b;
}

// The values that a column has, for the controls to choose from.
function valuesOf(data, column, state) {
  const view = viewOf(data, state);
  return [...new Set(view.rows.map((row) => view.cell(row, column)))].sort(compared);
}
