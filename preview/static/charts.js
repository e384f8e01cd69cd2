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
    description: [visual.title, visual.subtitle, visual.alt].filter(Boolean).join(". "),
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
// its colour whatever the filters leave, because all that the column has are counted.
function seriesOf(visual, rows) {
  const palette = plan.theme.colors;
  const well = { bar: "Colors", line: "Colors", scatter: "Category" }[visual.kind];
  const field = well && fieldOf(visual, well);
  if (!field) {
    return (visual.wells.Values ?? []).map((id, index) => {
      const measure = visual.fields.find((entry) => entry.id === id);
      return { id, name: measure.label, color: palette[index % palette.length], measure };
    });
  }
  const measures = visual.fields.filter(({ measure }) => measure);
  const shown = new Set(
    rows.filter((row) => measures.some((measure) => row[measure.id] !== null)).map((row) => row[field.id]),
  );
  const calculated = plan.calculated[visual.data]?.[field.column];
  const values = calculated ? [...shown].sort(compared) : valuesOf(visual.data, field.column, state);
  return values
    .map((value, index) => ({
      value,
      name: written(field, value),
      color: field.colors?.[value] ?? palette[index % palette.length],
    }))
    .filter((series) => shown.has(series.value));
}

const colorScale = (series) => ({
  field: "color",
  type: "nominal",
  legend: null,
  scale: { domain: series.map(({ name }) => name), range: series.map(({ color }) => color) },
});

const shapeScale = (series) => ({
  field: "color",
  type: "nominal",
  legend: null,
  scale: { domain: series.map(({ name }) => name), range: Object.values(SHAPES) },
});

// One datum for each bar or point: its place, its value, and what the tooltip says of it.
function points(visual, rows, series) {
  const category = fieldOf(visual, "Category");
  const colors = fieldOf(visual, "Colors");
  return rows.flatMap((row) =>
    visual.wells.Values.filter((id) => row[id] !== null).map((id) => {
      const measure = visual.fields.find((field) => field.id === id);
      const value = written(measure, row[id]);
      const name = colors ? written(colors, row[colors.id]) : measure.label;
      const tip = { [titled(category)]: written(category, row[category.id]) };
      if (colors) tip[titled(colors)] = name;
      return {
        x: row[category.id],
        y: row[id],
        value,
        color: name,
        place: series.findIndex((entry) => entry.name === name),
        ...tips({ ...tip, [titled(measure)]: value }),
      };
    }),
  );
}

const titled = (field) => field.label.charAt(0).toUpperCase() + field.label.slice(1).replaceAll("_", " ");
const tips = (tip) => ({
  tips: Object.entries(tip),
  ...Object.fromEntries(Object.values(tip).map((text, index) => [`tip${index}`, text])),
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

function dayAxis(domain, width) {
  const format = domain.length > 10 || width < 420 ? DAY_SHORT : DAY_WEEK;
  const names = Object.fromEntries(domain.map((day) => [day, format.format(day)]));
  return {
    ...NO_AXIS,
    labelAngle: 0,
    labelOverlap: true,
    labelSeparation: 6,
    labelExpr: `(${JSON.stringify(names)})[datum.value]`,
  };
}

function categoryAxis(visual, domain, width) {
  const field = fieldOf(visual, "Category");
  if (field.date) return dayAxis(domain, width);
  return { ...NO_AXIS, labelAngle: 0, labelOverlap: true, labelSeparation: 4, labelExpr: unit(field) };
}

const unit = (field) =>
  field.format?.suffix ? `datum.label + ${JSON.stringify(field.format.suffix)}` : "datum.label";
const valueAxis = (field, shown) => ({
  title: shown ? titled(field) : null,
  domain: false,
  ticks: false,
  labelPadding: 6,
  tickCount: 5,
  format: field.format?.percent ? ".0%" : ",~f",
  labelExpr: unit(field),
});

function barChart(visual, rows, series, { width }) {
  const data = points(visual, rows, series);
  const measure = fieldOf(visual, "Values");
  const several = visual.wells.Values.length > 1;
  const domain = categories(visual, rows);
  const shown = visual.axes.ValueLabelOptions !== false && !several;
  const clustered = several && !visual.stacked;
  const color = series.length > 1 ? colorScale(series) : { value: plan.theme.colors[0] };
  const offset = clustered
    ? { field: "color", type: "nominal", sort: series.map(({ name }) => name) }
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
        x: { field: "x", type: "ordinal", scale: { domain }, axis: categoryAxis(visual, domain, width) },
        y: { field: "y", type: "quantitative", stack, axis: valueAxis(measure, shown), scale: { nice: 5 } },
        color,
        xOffset: offset,
        order: { field: "place", type: "quantitative" },
        tooltip: tooltip(data),
      },
    };
  }
  const encoding = {
    y: {
      field: "x",
      type: "ordinal",
      scale: { domain, paddingInner: clustered ? 0.25 : 0.3 },
      axis: {
        ...NO_AXIS,
        labelLimit: Math.min(170, width * 0.42),
        labelColor: plan.theme.ui.PrimaryForeground,
        labelExpr: `datum.value === null ? ${JSON.stringify(NOT_TOLD)} : datum.label`,
      },
    },
    x: {
      field: "y",
      type: "quantitative",
      stack,
      axis: visual.values_shown ? null : valueAxis(measure, shown),
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
  const data = points(visual, rows, series);
  const domain = categories(visual, rows);
  const shown = visual.axes.PrimaryYAxisLabelOptions !== false && series.length === 1;
  const measure = fieldOf(visual, "Values");
  return {
    data: { values: data },
    encoding: {
      x: { field: "x", type: "ordinal", scale: { domain }, axis: categoryAxis(visual, domain, width) },
      y: {
        field: "y",
        type: "quantitative",
        axis: valueAxis(measure, shown),
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
        mark: { type: "point", filled: true, opacity: 1, size: domain.length > 16 ? 26 : 48 },
        encoding: { tooltip: tooltip(data), shape: shapeScale(series) },
      },
    ],
  };
}
