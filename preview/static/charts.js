// Draws the charts with Vega-Lite. Data go in under plain names (x, y, color, ...), so that no field's name matters.

const PHONE = 760; // pixels; the style sheet has the same
const SHAPES = {
  circle: "circle",
  square: "square",
  triangle: "triangle-up",
  cross: "cross",
  diamond: "diamond",
};
const NO_AXIS = { title: null, domain: false, ticks: false, labelPadding: 7 };

function drawChart(visual, body, rows) {
  const chart = { bar: barChart, line: lineChart, funnel: funnelChart, heat: heatMap, scatter: scatterPlot };
  const plot = element("div", { class: "plot" });
  const size = (head) => ({
    width: Math.floor(body.clientWidth),
    height: window.innerWidth < PHONE ? phoneHeight(visual, rows) : Math.floor(body.clientHeight - head),
  });
  const series = seriesOf(visual, rows);
  const shapes = ["line", "scatter"].includes(visual.kind) ? Object.keys(SHAPES) : ["square"];
  const head = visual.legend && series.length > 1 ? legend(series, shapes) : null;
  body.replaceChildren(...[head, plot].filter(Boolean));
  const { width, height } = size(head ? head.offsetHeight + 6 : 0);
  const spec = {
    width,
    height,
    autosize: { type: "fit", contains: "padding" },
    padding: 2,
    background: null,
    description: filled([visual.title, visual.subtitle, visual.alt].filter(Boolean).join(". ")),
    config: chartConfig(),
    ...chart[visual.kind](visual, rows, series, { width, height }),
  };
  return vegaEmbed(plot, spec, { actions: false, renderer: "svg", tooltip: { theme: "custom" } });
}

function phoneHeight(visual, rows) {
  if (visual.kind === "bar" && visual.horizontal) {
    return (
      24 +
      new Set(rows.map((row) => row[visual.wells.Category[0]])).size *
        (visual.wells.Values.length > 1 ? 44 : 25)
    );
  }
  return visual.kind === "scatter" ? 340 : visual.kind === "funnel" ? 190 : 240;
}

function chartConfig() {
  const ui = plan.theme.ui;
  return {
    font: plan.theme.font,
    view: { stroke: null },
    axis: {
      labelColor: ui.SecondaryForeground,
      titleColor: ui.SecondaryForeground,
      titleFontWeight: "normal",
      labelFontSize: 12,
      titleFontSize: 12,
      gridColor: "#E6ECEA",
      domainColor: "#C6D0CE",
      tickColor: "#C6D0CE",
    },
    legend: { labelColor: ui.SecondaryForeground, labelFontSize: 12 },
    text: { color: ui.PrimaryForeground, fontSize: 12 },
  };
}

// What is told apart by colour: the measures, or the values of the field in the well of colours. A value keeps
// its colour whatever the filters leave and whatever comes later, because all that the column has are counted,
// in the order in which they came.
function seriesOf(visual, rows) {
  const palette = plan.theme.colors;
  const well = { bar: "Colors", line: "Colors", scatter: "Category" }[visual.kind];
  const field = well && fieldOf(visual, well);
  if (!field) {
    return (visual.wells.Values ?? []).map((id, index) => {
      const measure = visual.fields.find((entry) => entry.id === id);
      return { value: id, name: measure.label, color: palette[index % palette.length], measure };
    });
  }
  const measures = visual.fields.filter(({ measure }) => measure);
  const shown = new Set(
    rows.filter((row) => measures.some((measure) => row[measure.id] !== null)).map((row) => row[field.id]),
  );
  const calculated = plan.calculated[visual.data]?.[field.column];
  const values = calculated ? [...shown].sort(compared) : firstCome(visual.data, field.column);
  return values
    .map((value, index) => ({
      value,
      name: written(field, value),
      color: colorOf(field, value) ?? palette[index % palette.length],
    }))
    .filter((series) => shown.has(series.value));
}

const colorOf = (field, value) => (Object.hasOwn(field.colors ?? {}, value) ? field.colors[value] : undefined);

function firstCome(data, column) {
  const columns = state.tables[data].columns;
  const first = new Map();
  for (const [row, value] of columns[column].entries()) {
    const day = columns.day?.[row] ?? 0;
    if (!(first.get(value) <= day)) first.set(value, day);
  }
  return [...first.keys()].sort((a, b) => first.get(a) - first.get(b) || compared(a, b));
}

// Categories and series go into the charts by their position: a name such as __proto__ breaks what they are drawn with.
const colorScale = (series) => ({
  field: "color",
  type: "nominal",
  legend: null,
  scale: { domain: [...series.keys()], range: series.map(({ color }) => color) },
});

const shapeScale = (series) => ({
  field: "color",
  type: "nominal",
  legend: null,
  scale: { domain: [...series.keys()], range: Object.values(SHAPES) },
});

// In an expression, "constructor" as a whole word is an error of Vega's, so each name has a sign before it there.
const named = (names) => `slice((${JSON.stringify(names.map((name) => `~${name}`))})[datum.value], 1)`;

// One datum for each bar or point: its place, its value, and what the tooltip says of it.
function points(visual, rows, series, domain) {
  const category = fieldOf(visual, "Category");
  const colors = fieldOf(visual, "Colors");
  return rows.flatMap((row) =>
    visual.wells.Values.filter((id) => row[id] !== null).map((id) => {
      const measure = visual.fields.find((field) => field.id === id);
      const value = written(measure, row[id]);
      const tip = [[titled(category), written(category, row[category.id])]];
      if (colors) tip.push([titled(colors), written(colors, row[colors.id])]);
      return {
        x: domain.indexOf(row[category.id]),
        y: row[id],
        value,
        color: series.findIndex((entry) => entry.value === (colors ? row[colors.id] : id)),
        running: Boolean(category.date && isRunning(row[category.id])),
        ...tips([...tip, [titled(measure), value]]),
      };
    }),
  );
}

const titled = (field) => field.label.charAt(0).toUpperCase() + field.label.slice(1).replaceAll("_", " ");
const tips = (tip) => ({
  tips: tip,
  ...Object.fromEntries(tip.map(([, text], index) => [`tip${index}`, text])),
});
const tooltip = (data) =>
  (data[0]?.tips ?? []).map(([title], index) => ({ field: `tip${index}`, type: "nominal", title }));

// The categories in the order of the rows; days without data are put in, since time does not skip them.
function categories(visual, rows) {
  const field = fieldOf(visual, "Category");
  const values = [...new Set(rows.map((row) => row[field.id]))];
  if (!field.date) return values;
  const [first, last] = [Math.min(...values), Math.max(...values)];
  const days = Array.from({ length: (last - first) / DAY + 1 }, (_, index) => first + index * DAY);
  return days.length > 400 ? values : days;
}

function dayNames(domain, width) {
  const years = new Set(domain.map((day) => new Date(day).getUTCFullYear())).size;
  const format = years > 1 ? DAY_YEAR : domain.length > 10 || width < 420 ? DAY_SHORT : DAY_WEEK;
  return domain.map((day) => (isRunning(day) ? "today, so far" : format.format(day)));
}

function categoryAxis(visual, domain, width) {
  const field = fieldOf(visual, "Category");
  const names = field.date ? dayNames(domain, width) : domain.map((value) => written(field, value));
  return { ...NO_AXIS, labelAngle: 0, labelOverlap: true, labelSeparation: 6, labelExpr: named(names) };
}

const unit = (field) =>
  field.format?.suffix ? `datum.label + ${JSON.stringify(field.format.suffix)}` : "datum.label";
const SPANS = [[1440, " d"], [60, " h"], [1, MINUTES], [1 / 60, " s"]];

// `most` is the largest value on the axis; one of minutes is written in the largest unit that it reaches.
function valueAxis(field, shown, most) {
  const money = field.money ? ` (${state.parameters.Currency})` : "";
  const axis = {
    title: shown ? titled(field) + money : null,
    domain: false,
    ticks: false,
    labelPadding: 6,
    tickCount: 5,
    format: field.format?.percent ? ".0%" : ",~f",
    labelExpr: unit(field),
  };
  if (field.format?.suffix === MINUTES) {
    const [minutes, name] = SPANS.find(([span]) => most >= 2 * span) ?? SPANS.at(-1);
    axis.labelExpr = `format(datum.value / ${minutes}, ",.3~r") + ${JSON.stringify(name)}`;
  } else if (field.format?.decimals === 0 && !field.format.percent) axis.tickMinStep = 1; // of counts
  return axis;
}

const largest = (data) => Math.max(0, ...data.map(({ y }) => y ?? 0));
// What is of the day that is not over is paler.
const paler = { condition: { test: "datum.running", value: 0.45 }, value: 1 };

function barChart(visual, rows, series, { width }) {
  const domain = categories(visual, rows);
  const places = [...domain.keys()];
  const data = points(visual, rows, series, domain);
  const measure = fieldOf(visual, "Values");
  const several = visual.wells.Values.length > 1;
  const shown = visual.axes.ValueLabelOptions !== false && !several;
  const clustered = several && !visual.stacked;
  const color = series.length > 1 ? colorScale(series) : { value: plan.theme.colors[0] };
  const offset = clustered
    ? { field: "color", type: "nominal", sort: [...series.keys()] }
    : undefined;
  const stack = visual.stacked ? "zero" : null;
  if (!visual.horizontal) {
    return {
      data: { values: data },
      mark: {
        type: "bar",
        cornerRadiusEnd: visual.stacked ? 0 : 3,
        width: { band: domain.length > 1 ? 0.72 : 0.2 },
      },
      encoding: {
        x: {
          field: "x",
          type: "ordinal",
          scale: { domain: places },
          axis: categoryAxis(visual, domain, width),
        },
        y: {
          field: "y",
          type: "quantitative",
          stack,
          axis: valueAxis(measure, shown, largest(data)),
          scale: { nice: 5 },
        },
        color,
        opacity: paler,
        xOffset: offset,
        order: { field: "color", type: "quantitative" },
        tooltip: tooltip(data),
      },
    };
  }
  const encoding = {
    y: {
      field: "x",
      type: "ordinal",
      scale: { domain: places, paddingInner: clustered ? 0.25 : 0.3 },
      axis: {
        ...categoryAxis(visual, domain, width),
        labelOverlap: false,
        labelLimit: Math.min(170, width * 0.42),
        labelColor: plan.theme.ui.PrimaryForeground,
      },
    },
    x: {
      field: "y",
      type: "quantitative",
      stack,
      axis: visual.values_shown ? null : valueAxis(measure, shown, largest(data)),
      scale: {
        domainMin: 0,
        nice: false,
        domainMax: Math.max(...data.map(({ y }) => y)) * (visual.values_shown ? 1.16 : 1.02),
      },
    },
    yOffset: offset,
    tooltip: tooltip(data),
  };
  const bars = { mark: { type: "bar", cornerRadiusEnd: 3 }, encoding: { color } };
  const labels = { mark: { type: "text", align: "left", dx: 5 }, encoding: { text: { field: "value" } } };
  return { data: { values: data }, encoding, layer: visual.values_shown ? [bars, labels] : [bars] };
}

function lineChart(visual, rows, series, { width }) {
  const domain = categories(visual, rows);
  const places = [...domain.keys()];
  const data = points(visual, rows, series, domain);
  const shown = visual.axes.PrimaryYAxisLabelOptions !== false && series.length === 1;
  const measure = fieldOf(visual, "Values");
  // A place without a value interrupts its line.
  const all = new Set(data.map(({ x, color }) => `${x} ${color}`));
  for (const color of series.keys()) {
    for (const x of places) if (!all.has(`${x} ${color}`)) data.push({ x, y: null, color });
  }
  return {
    data: { values: data },
    encoding: {
      x: {
        field: "x",
        type: "ordinal",
        scale: { domain: places },
        axis: categoryAxis(visual, domain, width),
      },
      y: {
        field: "y",
        type: "quantitative",
        axis: valueAxis(measure, shown, largest(data)),
        stack: null,
        scale: { nice: 5 },
      },
      color: series.length > 1 ? colorScale(series) : { value: plan.theme.colors[0] },
    },
    layer: [
      {
        mark: {
          type: visual.area ? "area" : "line",
          strokeWidth: 2.5,
          strokeJoin: "round",
          opacity: visual.area ? 0.5 : 1,
        },
      },
      {
        transform: [{ filter: "datum.y !== null" }],
        mark: { type: "point", filled: true, size: domain.length > 16 ? 26 : 48 },
        encoding: { tooltip: tooltip(data), shape: shapeScale(series), opacity: paler },
      },
    ],
  };
}
