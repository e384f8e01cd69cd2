// Evaluates the trees that expressions.py reads from QuickSight's expressions.
// A date is a number: milliseconds since 1970, UTC. Null is unknown, and so is the value of most functions of it.

const DAY = 86_400_000;

// Functions of values. Those in WITH_NULLS see nulls; the others are null when one of their arguments is.
const SCALARS = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => (b === 0 ? null : a / b),
  "%": (a, b) => (b === 0 ? null : a % b),
  "=": (a, b) => a === b,
  "<>": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  negative: (a) => -a,
  not: (a) => !a,
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  round: (a, places = 0) => Math.round(a * 10 ** places) / 10 ** places,
  concat: (...texts) => texts.join(""),
  contains: (text, part) => text.includes(part),
  toLower: (text) => text.toLowerCase(),
  toUpper: (text) => text.toUpperCase(),
  addDateTime: (amount, period, date) => addPeriods(amount, period, date),
  dateDiff: (from, to, period = "DD") => periodsBetween(from, to, period),
  truncDate: (period, date) => truncated(period, date),
};

const WITH_NULLS = {
  and: (a, b) => Boolean(a) && Boolean(b),
  or: (a, b) => Boolean(a) || Boolean(b),
  isNull: (a) => a === null,
  isNotNull: (a) => a !== null,
  nullIf: (a, b) => (a === b ? null : a),
  coalesce: (...values) => values.find((value) => value !== null) ?? null,
  in: (a, ...values) => values.includes(a),
  ifelse: (...values) => {
    for (let i = 0; i + 1 < values.length; i += 2) if (values[i] === true) return values[i + 1];
    return values.length % 2 ? values.at(-1) : null;
  },
  switch: (value, ...values) => {
    for (let i = 0; i + 1 < values.length; i += 2) if (values[i] === value) return values[i + 1];
    return values.length % 2 ? values.at(-1) : null;
  },
};

// Functions of many rows: the values of their first argument, nulls left out.
const AGGREGATES = {
  sum: (values) => (values.length ? values.reduce((a, b) => a + b, 0) : null),
  avg: (values) => (values.length ? AGGREGATES.sum(values) / values.length : null),
  min: (values) => (values.length ? values.reduce((a, b) => (b < a ? b : a)) : null),
  max: (values) => (values.length ? values.reduce((a, b) => (b > a ? b : a)) : null),
  count: (values) => values.length,
  distinct_count: (values) => new Set(values).size,
};
const WINDOWS = { sumOver: AGGREGATES.sum, distinctCountOver: AGGREGATES.distinct_count };

// A data set as one visual sees it: `rows` are the positions that its filters let through.
class View {
  constructor(table, calculated, parameters, now) {
    Object.assign(this, { table, calculated, parameters, now });
    this.rows = Array.from({ length: table.length }, (_, row) => row);
    this.known = new Map(); // values of calculated fields and windows, each computed once
  }

  // The value of a tree in one row.
  value(row, tree) {
    return evaluate(tree, this, (leaf) => {
      if (leaf[0] === "column") return this.cell(row, leaf[1]);
      return leaf[1] in WINDOWS ? this.window(leaf)(row) : undefined;
    });
  }

  // The value of a tree for many rows together.
  aggregate(rows, tree) {
    return evaluate(tree, this, (leaf) => {
      if (leaf[0] === "column") return this.aggregate(rows, this.calculated[leaf[1]]);
      const conditional = leaf[1] === "sumIf";
      const counted = conditional ? rows.filter((row) => this.value(row, leaf[3]) === true) : rows;
      const combine = conditional ? AGGREGATES.sum : AGGREGATES[leaf[1]];
      return combine?.(counted.map((row) => this.value(row, leaf[2])).filter((value) => value !== null));
    });
  }

  cell(row, name) {
    if (!(name in this.calculated)) return this.table.columns[name][row];
    if (!this.known.has(name)) this.known.set(name, new Map());
    const cells = this.known.get(name);
    if (!cells.has(row)) cells.set(row, this.value(row, this.calculated[name]));
    return cells.get(row);
  }

  // PRE_AGG: after the filters, before the visual groups its rows.
  window(tree) {
    if (!this.known.has(tree)) {
      const [, name, operand, [, partition]] = tree;
      const key = (row) => JSON.stringify(partition.map((column) => this.cell(row, column)));
      const values = new Map();
      for (const [partitionKey, rows] of grouped(this.rows, key)) {
        const operands = rows.map((row) => this.value(row, operand)).filter((value) => value !== null);
        values.set(partitionKey, WINDOWS[name](operands));
      }
      this.known.set(tree, (row) => values.get(key(row)));
    }
    return this.known.get(tree);
  }
}

function evaluate(tree, view, read) {
  const [kind, name, ...operands] = tree;
  if (kind === "value") return name;
  if (kind === "parameter") return view.parameters[name] ?? null;
  const known = read(tree);
  if (known !== undefined) return known;
  if (name === "now") return view.now;
  const values = operands.map((operand) => evaluate(operand, view, read));
  if (name in WITH_NULLS) return WITH_NULLS[name](...values);
  return values.includes(null) ? null : SCALARS[name](...values);
}

function grouped(items, key) {
  const groups = new Map();
  for (const item of items) {
    const group = key(item);
    if (groups.has(group)) groups.get(group).push(item);
    else groups.set(group, [item]);
  }
  return groups;
}

const LENGTHS = { WK: 7 * DAY, DD: DAY, HH: DAY / 24, MI: 60_000, SS: 1000, MS: 1 };
const MONTHS = { YYYY: 12, Q: 3, MM: 1 };

function addPeriods(amount, period, time) {
  if (period in LENGTHS) return time + amount * LENGTHS[period];
  const date = new Date(time);
  const month = date.getUTCMonth() + amount * MONTHS[period];
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return date.setUTCFullYear(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), lastDay));
}

// Counts the borders crossed, as QuickSight does: from a Sunday to the Monday after is a day.
function periodsBetween(from, to, period) {
  if (period in LENGTHS) {
    return Math.round((truncated(period, to) - truncated(period, from)) / LENGTHS[period]);
  }
  const months = (time) => new Date(time).getUTCFullYear() * 12 + new Date(time).getUTCMonth();
  return Math.floor(months(to) / MONTHS[period]) - Math.floor(months(from) / MONTHS[period]);
}

function truncated(period, time) {
  if (period === "WK") return truncated("DD", time) - new Date(time).getUTCDay() * DAY; // a week starts on Sunday
  if (period in LENGTHS) return Math.floor(time / LENGTHS[period]) * LENGTHS[period];
  const date = new Date(time);
  const month = Math.floor(date.getUTCMonth() / MONTHS[period]) * MONTHS[period];
  return Date.UTC(date.getUTCFullYear(), month, 1);
}
