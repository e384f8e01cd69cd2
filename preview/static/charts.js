// Draws the charts with Vega-Lite. Data go in under plain names (x, y, color, ...), so that no field's name matters.

const PHONE = 760; // pixels; the style sheet has the same
const SHAPES = {
  circle: "circle",
  square: "square",
  triangle: "triangle-up",
  cross: "cross",
  diamond: "diamond",
};

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
    description: [visual.title, visual.subtitle, visual.alt].filter(Boolean).map(filled).join(". "),
    config: chartConfig(),
    ...chart[visual.kind](visual, rows, series, { width, height }),
  };
  // `ast` has expressions interpreted, not compiled: the page's policy forbids to make scripts of texts.
  return vegaEmbed(plot, spec, { actions: false, ast: true, renderer: "svg", tooltip: { theme: "custom" }, formatLocale: numberLocale() });
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
      return { value: id, name: say(measure.label), color: palette[index % palette.length], measure };
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

function titled(field) {
  const label = say(field.label);
  return label.charAt(0).toUpperCase() + label.slice(1).replaceAll("_", " ");
}

const tips = (tip) => ({
  tips: tip,
  ...Object.fromEntries(tip.map(([, text], index) => [`tip${index}`, text])),
});
const tooltip = (data) =>
  (data[0]?.tips ?? []).map(([title], index) => ({ field: `tip${index}`, type: "nominal", title }));

// What is of the day that is not over is paler.
const paler = { condition: { test: "datum.running", value: 0.45 }, value: 1 };

// What bars and lines share: the data, and the channels of categories, values and colours.
function plane(visual, rows, series, width) {
  const domain = categories(visual, rows);
  const data = points(visual, rows, series, domain);
  const measure = fieldOf(visual, "Values");
  const labels = visual.kind === "bar" ? "ValueLabelOptions" : "PrimaryYAxisLabelOptions";
  const hasName = visual.axes[labels] !== false && visual.wells.Values.length === 1;
  const marks = ticks(measure, extent(data, "y", Boolean(visual.stacked)));
  return {
    domain,
    data,
    category: {
      field: "x",
      type: "ordinal",
      scale: { domain: [...domain.keys()] },
      axis: categoryAxis(visual, domain, width),
    },
    value: {
      field: "y",
      type: "quantitative",
      stack: visual.stacked ? "zero" : null,
      axis: valueAxis(measure, marks, hasName),
      scale: { domain: [marks.values[0], marks.values.at(-1)] },
    },
    color: series.length > 1 ? colorScale(series) : { value: plan.theme.colors[0] },
  };
}

function barChart(visual, rows, series, { width }) {
  const { domain, data, category, value, color } = plane(visual, rows, series, width);
  const clustered = visual.wells.Values.length > 1 && !visual.stacked;
  const offset = clustered ? { field: "color", type: "nominal", sort: [...series.keys()] } : undefined;
  if (!visual.horizontal) {
    return {
      data: { values: data },
      mark: {
        type: "bar",
        cornerRadiusEnd: visual.stacked ? 0 : 3,
        width: { band: domain.length > 1 ? 0.72 : 0.2 },
      },
      encoding: {
        x: category,
        y: value,
        color,
        opacity: paler,
        xOffset: offset,
        order: { field: "color", type: "quantitative" },
        tooltip: tooltip(data),
      },
    };
  }
  category.scale.paddingInner = clustered ? 0.25 : 0.3;
  Object.assign(category.axis, {
    labelOverlap: false,
    labelLimit: Math.min(170, width * 0.42),
    labelColor: plan.theme.ui.PrimaryForeground,
  });
  if (visual.values_shown) {
    const [low, high] = extent(data, "y", visual.stacked);
    value.axis = null;
    value.scale.domain = [low, high * 1.16]; // with room for the values beside the bars
  }
  const encoding = { y: category, x: value, yOffset: offset, tooltip: tooltip(data) };
  const bars = { mark: { type: "bar", cornerRadiusEnd: 3 }, encoding: { color } };
  const labels = { mark: { type: "text", align: "left", dx: 5 }, encoding: { text: { field: "value" } } };
  return { data: { values: data }, encoding, layer: visual.values_shown ? [bars, labels] : [bars] };
}

function lineChart(visual, rows, series, { width }) {
  const { domain, data, category, value, color } = plane(visual, rows, series, width);
  // A place without a value interrupts its line.
  const all = new Set(data.map((datum) => `${datum.x} ${datum.color}`));
  const missing = [...series.keys()].flatMap((index) =>
    [...domain.keys()].filter((x) => !all.has(`${x} ${index}`)).map((x) => ({ x, y: null, color: index })),
  );
  return {
    data: { values: [...data, ...missing] },
    encoding: { x: category, y: value, color },
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
