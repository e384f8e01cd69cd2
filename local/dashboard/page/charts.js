// Draws the charts with Vega-Lite. Data go in under plain names (x, y, color, ...), so that no field's name matters.

const PHONE = 760; // pixels; the style sheet has the same
const SHAPES = { circle: "circle", square: "square", triangle: "triangle-up", cross: "cross", diamond: "diamond" };
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
    return 24 + new Set(rows.map((row) => row[visual.wells.Category[0]])).size * (visual.wells.Values.length > 1 ? 44 : 25);
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
    return (visual.wells.Values ?? []).map((id, at) => {
      const measure = visual.fields.find((each) => each.id === id);
      return { id, name: measure.label, color: palette[at % palette.length], measure };
    });
  }
  const measures = visual.fields.filter((each) => each.measure);
  const shown = new Set(
    rows.filter((row) => measures.some((each) => row[each.id] !== null)).map((row) => row[field.id]),
  );
  const calculated = plan.calculated[visual.data]?.[field.column];
  const every = calculated ? [...shown].sort(compared) : valuesOf(visual.data, field.column, state);
  return every
    .map((value, at) => ({ value, name: written(field, value), color: field.colors?.[value] ?? palette[at % palette.length] }))
    .filter((series) => shown.has(series.value));
}

const colorScale = (series) => ({
  field: "color",
  type: "nominal",
  legend: null,
  scale: { domain: series.map((each) => each.name), range: series.map((each) => each.color) },
});

const shapeScale = (series) => ({
  field: "color",
  type: "nominal",
  legend: null,
  scale: { domain: series.map((each) => each.name), range: Object.values(SHAPES) },
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
        place: series.findIndex((each) => each.name === name),
        ...tips({ ...tip, [titled(measure)]: value }),
      };
    }),
  );
}

const titled = (field) => field.label.charAt(0).toUpperCase() + field.label.slice(1).replaceAll("_", " ");
const tips = (tip) => ({ tips: Object.entries(tip), ...Object.fromEntries(Object.values(tip).map((text, at) => [`tip${at}`, text])) });
const tooltip = (data) => (data[0]?.tips ?? []).map(([title], at) => ({ field: `tip${at}`, type: "nominal", title }));

// The categories in the order of the rows; days without data are put in, since time does not skip them.
function categories(visual, rows) {
  const field = fieldOf(visual, "Category");
  const found = [...new Set(rows.map((row) => row[field.id]))];
  if (!field.date) return found;
  const [first, last] = [Math.min(...found), Math.max(...found)];
  const days = Array.from({ length: (last - first) / DAY + 1 }, (_, at) => first + at * DAY);
  return days.length > 400 ? found : days;
}

function dayAxis(domain, width) {
  const format = domain.length > 10 || width < 420 ? DAY_SHORT : DAY_WEEK;
  const names = Object.fromEntries(domain.map((day) => [day, format.format(day)]));
  return { ...NO_AXIS, labelAngle: 0, labelOverlap: true, labelSeparation: 6, labelExpr: `(${JSON.stringify(names)})[datum.value]` };
}

function categoryAxis(visual, domain, width) {
  const field = fieldOf(visual, "Category");
  if (field.date) return dayAxis(domain, width);
  return { ...NO_AXIS, labelAngle: 0, labelOverlap: true, labelSeparation: 4, labelExpr: unit(field) };
}

const unit = (field) => (field.format?.suffix ? `datum.label + ${JSON.stringify(field.format.suffix)}` : "datum.label");
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
  const offset = clustered ? { field: "color", type: "nominal", sort: series.map((each) => each.name) } : undefined;
  const stack = visual.stacked ? "zero" : null;
  if (!visual.horizontal) {
    return {
      data: { values: data },
      mark: { type: "bar", cornerRadiusEnd: visual.stacked ? 0 : 3, width: { band: domain.length > 1 ? 0.72 : 0.2 } },
      encoding: {
        x: { field: "x", type: "ordinal", scale: { domain }, axis: categoryAxis(visual, domain, width) },
        y: { field: "y", type: "quantitative", stack, axis: valueAxis(measure, shown) },
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
      axis: { ...NO_AXIS, labelLimit: Math.min(170, width * 0.42), labelColor: plan.theme.ui.PrimaryForeground, labelExpr: `datum.value === null ? ${JSON.stringify(NOT_TOLD)} : datum.label` },
    },
    x: { field: "y", type: "quantitative", stack, axis: visual.values_shown ? null : valueAxis(measure, shown), scale: { domainMin: 0, nice: false, domainMax: Math.max(...data.map((each) => each.y)) * (visual.values_shown ? 1.16 : 1.02) } },
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
      y: { field: "y", type: "quantitative", axis: valueAxis(measure, shown), stack: null },
      color: series.length > 1 ? colorScale(series) : { value: plan.theme.colors[0] },
    },
    layer: [
      { mark: { type: visual.area ? "area" : "line", strokeWidth: 2.5, opacity: visual.area ? 0.5 : 1 } },
      {
        mark: { type: "point", filled: true, opacity: 1, size: domain.length > 16 ? 26 : 48 },
        encoding: { tooltip: tooltip(data), shape: shapeScale(series) },
      },
    ],
  };
}

function funnelChart(visual, rows) {
  const category = fieldOf(visual, "Category");
  const measure = fieldOf(visual, "Values");
  const share = { percent: true, decimals: 0, prefix: "", suffix: "", thousands: true };
  const first = rows[0][measure.id];
  const data = rows.map((row, at) => {
    const of = visual.share === "previous" && at ? rows[at - 1][measure.id] : first;
    const value = written(measure, row[measure.id]);
    const percent = of ? number(row[measure.id] / of, share) : "–";
    const label = visual.share && at ? `${value} · ${percent}` : value;
    const name = written(category, row[category.id]);
    return { name, left: -row[measure.id] / 2, right: row[measure.id] / 2, label, ...tips({ [titled(category)]: name, [titled(measure)]: value, Share: percent }) };
  });
  const encoding = {
    y: { field: "name", type: "ordinal", sort: null, scale: { paddingInner: 0.16 }, axis: { ...NO_AXIS, labelLimit: 150, labelColor: plan.theme.ui.PrimaryForeground } },
    tooltip: tooltip(data),
  };
  const widest = Math.max(...data.map((each) => each.right));
  const x = { field: "left", type: "quantitative", axis: null, scale: { domain: [-widest, widest * (visual.values_shown ? 1.75 : 1)], nice: false } };
  return {
    data: { values: data },
    encoding,
    layer: [
      { mark: { type: "bar", cornerRadius: 3, color: plan.theme.colors[0] }, encoding: { x, x2: { field: "right" } } },
      ...(visual.values_shown
        ? [{ mark: { type: "text", align: "right" }, encoding: { x: { datum: widest * 1.75 }, text: { field: "label" } } }]
        : []),
    ],
  };
}

function heatMap(visual, rows, _, { width }) {
  const [row, column, measure] = ["Rows", "Columns", "Values"].map((well) => fieldOf(visual, well));
  const by = (name) => visual.sort.filter((sort) => sort.of === name);
  const order = (field, name) => {
    const of = view(visual.data, state);
    const groups = [...grouped(of.rows, (at) => of.at(at, field.tree)).values()];
    const found = new Set(rows.map((each) => each[field.id]));
    return ranked(groups, by(name), of).map((group) => of.at(group[0], field.tree)).filter((value) => found.has(value));
  };
  const data = rows
    .filter((each) => each[measure.id] !== null)
    .map((each) => {
      const value = written(measure, each[measure.id]);
      const tip = { [titled(row)]: written(row, each[row.id]), [titled(column)]: written(column, each[column.id]), [titled(measure)]: value };
      return { x: each[column.id], y: each[row.id], z: each[measure.id], ...tips(tip) };
    });
  const short = width < 460;
  const legendSize = short ? { orient: "bottom", direction: "horizontal", gradientLength: width - 40 } : { orient: "right", gradientLength: 150 };
  return {
    data: { values: data },
    mark: { type: "rect", cornerRadius: 2, stroke: plan.theme.ui.PrimaryBackground, strokeWidth: 1.5 },
    encoding: {
      x: { field: "x", type: "ordinal", scale: { domain: order(column, "HeatMapColumnSort") }, axis: { ...NO_AXIS, labelAngle: 0, labelOverlap: true, labelSeparation: 4, labelExpr: unit(column) } },
      y: { field: "y", type: "ordinal", scale: { domain: order(row, "HeatMapRowSort") }, axis: { ...NO_AXIS, labelExpr: short ? "slice(datum.label, 0, 3)" : "datum.label" } },
      color: { field: "z", type: "quantitative", scale: { range: visual.scale.length ? visual.scale : plan.theme.gradient, domainMin: 0 }, legend: visual.legend ? { title: null, gradientThickness: 10, ...legendSize } : null },
      tooltip: tooltip(data),
    },
  };
}

function scatterPlot(visual, rows, series, size) {
  const [x, y, category, label, area] = ["XAxis", "YAxis", "Category", "Label", "Size"].map((well) => fieldOf(visual, well));
  const data = rows
    .filter((row) => row[x.id] !== null && row[y.id] !== null)
    .map((row) => {
      const tip = {};
      for (const field of [label, category, x, y, area]) if (field) tip[titled(field)] = written(field, row[field.id]);
      const name = label ? written(label, row[label.id]) : "";
      return { x: row[x.id], y: row[y.id], z: area && row[area.id], color: category ? written(category, row[category.id]) : "", name, ...tips(tip) };
    });
  const scale = (name) => {
    const most = Math.max(...data.map((each) => each[name])) || 1;
    return { domain: [-0.035 * most, 1.1 * most], nice: false };
  };
  const axis = (field, shown) => ({ ...valueAxis(field, shown), domain: true, labelExpr: `datum.value < 0 ? "" : ${unit(field)}` });
  const scales = { x: scale("x"), y: scale("y") };
  if (visual.values_shown) placeLabels(data, scales, size);
  return {
    data: { values: data },
    encoding: {
      x: { field: "x", type: "quantitative", scale: scales.x, axis: axis(x, visual.axes.XAxisLabelOptions !== false) },
      y: { field: "y", type: "quantitative", scale: scales.y, axis: axis(y, visual.axes.YAxisLabelOptions !== false) },
    },
    layer: [
      {
        mark: { type: "point", filled: true, opacity: 0.9, size: 75 },
        encoding: {
          color: category ? colorScale(series) : { value: plan.theme.colors[0] },
          ...(category ? { shape: shapeScale(series) } : {}),
          ...(area ? { size: { field: "z", type: "quantitative", legend: null } } : {}),
          tooltip: tooltip(data),
        },
      },
      ...["left", "right"].map((align) => ({
        transform: [{ filter: `datum.side === ${JSON.stringify(align)}` }],
        mark: { type: "text", align, dx: align === "left" ? 7 : -7, dy: 1, fontSize: 11, color: plan.theme.ui.SecondaryForeground, limit: 130 },
        encoding: { text: { field: "name" } },
      })),
    ],
  };
}

// Names the dots for which there is room, the outermost first; the others have their tooltip.
function placeLabels(data, scales, { width, height }) {
  const [right, top] = [scales.x.domain[1], scales.y.domain[1]];
  const at = (each) => [(each.x / right) * (width - 60), (1 - each.y / top) * (height - 50)];
  const taken = data.map((each) => at(each)).map(([x, y]) => [x - 5, y - 5, x + 5, y + 5]);
  const free = (box, own) => taken.every(([l, t, r, b], of) => of === own || box[2] < l || box[0] > r || box[3] < t || box[1] > b);
  const outermost = (each) => -Math.max(each.x / right, each.y / top);
  const order = data.map((_, own) => own).sort((a, b) => outermost(data[a]) - outermost(data[b]));
  for (const own of order) {
    const [x, y] = at(data[own]);
    const length = Math.min(130, data[own].name.length * 6.2);
    const boxes = { left: [x + 6, y - 6, x + 8 + length, y + 6], right: [x - 8 - length, y - 6, x - 6, y + 6] };
    const side = Object.keys(boxes).find((each) => boxes[each][0] > 0 && boxes[each][2] < width - 62 && free(boxes[each], own));
    if (!side) continue;
    data[own].side = side;
    taken.push(boxes[side]);
  }
}
