// Makes the axes of charts: categories and days by their names, values at round steps, durations in one unit.

const NO_AXIS = { title: null, domain: false, ticks: false, labelPadding: 7 };
const MOST_TICKS = 6; // steps between the ends of an axis of values

// The units of durations, the seconds of each, and the steps at which people count it.
const SPANS = [
  { name: say("days"), seconds: 86_400, steps: [1, 2, 7, 14] },
  { name: say("hours"), seconds: 3600, steps: [1, 2, 3, 6, 12] },
  { name: say("minutes"), seconds: 60, steps: [1, 2, 5, 10, 15, 30] },
  { name: say("seconds"), seconds: 1, steps: [1, 2, 5, 10, 15, 30] },
];

// The categories in the order of the rows; days without data are put in, since time does not skip them.
function categories(visual, rows) {
  const field = fieldOf(visual, "Category");
  const values = [...new Set(rows.map((row) => row[field.id]))];
  if (!field.date) return values;
  const [first, last] = [Math.min(...values), Math.max(...values)];
  const days = (last - first) / DAY + 1;
  return days > 400 ? values : Array.from({ length: days }, (_, index) => first + index * DAY);
}

function dayNames(domain, width) {
  const years = new Set(domain.map((day) => new Date(day).getUTCFullYear())).size;
  const format = years > 1 ? DAY_YEAR : domain.length > 10 || width < 420 ? DAY_SHORT : DAY_WEEK;
  return domain.map((day) => (isRunning(day) ? say("today, so far") : format.format(day)));
}

// In an expression, "constructor" as a whole word is an error of Vega's, so each name has a sign before it there.
const named = (names) => `slice((${JSON.stringify(names.map((name) => `~${name}`))})[datum.value], 1)`;

function categoryAxis(visual, domain, width) {
  const field = fieldOf(visual, "Category");
  const names = field.date ? dayNames(domain, width) : domain.map((value) => written(field, value));
  return { ...NO_AXIS, labelAngle: 0, labelOverlap: true, labelSeparation: 6, labelExpr: named(names) };
}

// The smallest and the largest value, 0 among them; of a stack, that of its parts together.
function extent(data, name, stacked = false) {
  const ends = new Map();
  let [low, high] = [0, 0];
  for (const datum of data) {
    const value = datum[name] ?? 0;
    const stack = `${datum.x} ${value < 0}`;
    const end = value + ((stacked && ends.get(stack)) || 0);
    ends.set(stack, end);
    [low, high] = [Math.min(low, end), Math.max(high, end)];
  }
  return [low, high];
}

// The ticks of values from `low` to `high`, the first and the last around them, how they are written, and in which unit.
function ticks(field, [low, end]) {
  const high = end === low ? low + 1 : end;
  const span = high - low;
  const seconds = durationSeconds(field);
  const unit = seconds && (SPANS.find((entry) => span * seconds >= 3 * entry.seconds) ?? SPANS.at(-1));
  const scale = unit ? unit.seconds / seconds : 1; // of the values, in one of the unit
  const isFew = (step) => span / scale / step <= MOST_TICKS;
  const power = 10 ** Math.floor(Math.log10(span / scale / MOST_TICKS));
  const counts = unit?.steps.find((step) => isFew(step) && span / scale / step >= 2);
  const round = counts ?? [power, 2 * power, 5 * power, 10 * power].find(isFew);
  // A column without a format is taken for a count where its ends are whole.
  const isWhole = field.format ? field.format.decimals === 0 : Number.isInteger(low) && Number.isInteger(high);
  const isCount = isWhole && !field.format?.percent && !unit;
  const step = isCount ? Math.max(1, round) : round;
  const first = Math.floor(low / scale / step);
  const last = Math.ceil(high / scale / step);
  return {
    values: Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step * scale),
    labelExpr: unit
      ? `format(datum.value / ${scale}, ",.9~r")`
      : `format(datum.value, "${field.format?.percent ? "~%" : ",.9~r"}") + ${JSON.stringify(field.format?.suffix ?? "")}`,
    unit: unit?.name ?? (field.money ? state.parameters.Currency : null),
  };
}

// An axis of values with these ticks; its title names the measure, if there is one, and the unit.
function valueAxis(field, { values, labelExpr, unit }, hasName) {
  const name = hasName ? titled(field) : null;
  const ofUnit = unit && durationSeconds(field) ? unit.charAt(0).toUpperCase() + unit.slice(1) : null;
  return {
    title: name && unit ? `${name} (${unit})` : (name ?? ofUnit),
    domain: false,
    ticks: false,
    labelPadding: 6,
    values,
    labelExpr,
  };
}
