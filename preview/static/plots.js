// Draws funnels, heat maps and scatter plots; charts.js has what they share with the others.

function funnelChart(visual, rows) {
  const category = fieldOf(visual, "Category");
  const measure = fieldOf(visual, "Values");
  const share = { percent: true, decimals: 0, prefix: "", suffix: "", thousands: true };
  const first = rows[0][measure.id];
  const data = rows.map((row, index) => {
    const whole = visual.share === "previous" && index ? rows[index - 1][measure.id] : first;
    const value = written(measure, row[measure.id]);
    const percent = whole ? number(row[measure.id] / whole, share) : "–";
    const label = visual.share && index ? `${value} · ${percent}` : value;
    const name = written(category, row[category.id]);
    return {
      name,
      left: -row[measure.id] / 2,
      right: row[measure.id] / 2,
      label,
      place: index,
      ...tips([
        [titled(category), name],
        [titled(measure), value],
        [say("Share"), percent],
      ]),
    };
  });
  const encoding = {
    y: {
      field: "place",
      type: "ordinal",
      scale: { domain: [...data.keys()], paddingInner: 0.16 },
      axis: {
        ...NO_AXIS,
        labelLimit: 150,
        labelColor: plan.theme.ui.PrimaryForeground,
        labelExpr: named(data.map(({ name }) => name)),
      },
    },
    tooltip: tooltip(data),
  };
  const widest = Math.max(...data.map(({ right }) => right));
  const x = {
    field: "left",
    type: "quantitative",
    axis: null,
    scale: { domain: [-widest, widest * (visual.values_shown ? 1.75 : 1)], nice: false },
  };
  return {
    data: { values: data },
    encoding,
    layer: [
      {
        mark: { type: "bar", cornerRadius: 3, color: plan.theme.colors[0] },
        encoding: { x, x2: { field: "right" } },
      },
      ...(visual.values_shown
        ? [
            {
              mark: { type: "text", align: "right" },
              encoding: { x: { datum: widest * 1.75 }, text: { field: "label" } },
            },
          ]
        : []),
    ],
  };
}

function heatMap(visual, rows, _, { width }) {
  const [row, column, measure] = ["Rows", "Columns", "Values"].map((well) => fieldOf(visual, well));
  const by = (name) => visual.sort.filter((sort) => sort.of === name);
  const order = (field, name) => {
    const view = viewOf(visual.data, state);
    const groups = [...grouped(view.rows, (position) => view.value(position, field.tree)).values()];
    const shown = new Set(rows.map((cell) => cell[field.id]));
    return ranked(groups, by(name), view)
      .map((group) => view.value(group[0], field.tree))
      .filter((value) => shown.has(value));
  };
  const columns = order(column, "HeatMapColumnSort");
  const lines = order(row, "HeatMapRowSort");
  const data = rows
    .filter((cell) => cell[measure.id] !== null)
    .map((cell) => ({
      x: columns.indexOf(cell[column.id]),
      y: lines.indexOf(cell[row.id]),
      z: cell[measure.id],
      ...tips([
        [titled(row), written(row, cell[row.id])],
        [titled(column), written(column, cell[column.id])],
        [visual.legend_title ? say(visual.legend_title) : titled(measure), written(measure, cell[measure.id])],
      ]),
    }));
  const [low, high] = extent(data, "z");
  const { values: around, labelExpr, unit } = ticks(measure, [low, high]);
  const values = around.filter((value) => value >= low && value <= high);
  const legendTitle = [visual.legend_title && say(visual.legend_title), unit && `(${unit})`].filter(Boolean).join(" ");
  const short = width < 460;
  const legendSize = short
    ? { orient: "bottom", direction: "horizontal", gradientLength: width - 40 }
    : { orient: "right", gradientLength: 150 };
  return {
    data: { values: data },
    mark: { type: "rect", cornerRadius: 2, stroke: plan.theme.ui.PrimaryBackground, strokeWidth: 1.5 },
    encoding: {
      x: {
        field: "x",
        type: "ordinal",
        scale: { domain: [...columns.keys()] },
        axis: {
          ...NO_AXIS,
          labelAngle: 0,
          labelOverlap: true,
          labelSeparation: 4,
          labelExpr: named(columns.map((value) => written(column, value))),
        },
      },
      y: {
        field: "y",
        type: "ordinal",
        scale: { domain: [...lines.keys()] },
        axis: {
          ...NO_AXIS,
          labelExpr: named(lines.map((value) => written(row, value).slice(0, short ? 3 : undefined))),
        },
      },
      color: {
        field: "z",
        type: "quantitative",
        scale: { range: visual.scale.length ? visual.scale : plan.theme.gradient, domain: [low, high] },
        legend: visual.legend
          ? { title: legendTitle || null, values, labelExpr, gradientThickness: 10, ...legendSize }
          : null,
      },
      tooltip: tooltip(data),
    },
  };
}

function scatterPlot(visual, rows, series, size) {
  const [x, y, category, label, area] = ["XAxis", "YAxis", "Category", "Label", "Size"].map((well) =>
    fieldOf(visual, well),
  );
  const data = rows
    .filter((row) => row[x.id] !== null && row[y.id] !== null)
    .map((row) => {
      const tip = [label, category, x, y, area]
        .filter(Boolean)
        .map((field) => [titled(field), written(field, row[field.id])]);
      const name = label ? written(label, row[label.id]) : "";
      return {
        x: row[x.id],
        y: row[y.id],
        z: area && row[area.id],
        color: category ? series.findIndex((entry) => entry.value === row[category.id]) : 0,
        name,
        ...tips(tip),
      };
    });
  const scale = (name) => {
    const [low, high] = extent(data, name);
    const span = high - low || 1;
    return { domain: [low - 0.035 * span, high + 0.1 * span], nice: false };
  };
  const scales = { x: scale("x"), y: scale("y") };
  const axis = (field, name, hasName) => {
    const marks = ticks(field, extent(data, name));
    const values = marks.values.filter((value) => value <= scales[name].domain[1] && value >= scales[name].domain[0]);
    return { ...valueAxis(field, { ...marks, values }, hasName), domain: true };
  };
  if (visual.values_shown) placeLabels(data, scales, size);
  return {
    data: { values: data },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        scale: scales.x,
        axis: axis(x, "x", visual.axes.XAxisLabelOptions !== false),
      },
      y: {
        field: "y",
        type: "quantitative",
        scale: scales.y,
        axis: axis(y, "y", visual.axes.YAxisLabelOptions !== false),
      },
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
        mark: {
          type: "text",
          align,
          dx: align === "left" ? 7 : -7,
          dy: 1,
          fontSize: 11,
          color: plan.theme.ui.SecondaryForeground,
          limit: 130,
        },
        encoding: { text: { field: "name" } },
      })),
    ],
  };
}

// Names the dots for which there is room, the outermost first; the others have their tooltip.
function placeLabels(data, scales, { width, height }) {
  const [right, top] = [scales.x.domain[1], scales.y.domain[1]];
  const pixels = (dot) => [(dot.x / right) * (width - 60), (1 - dot.y / top) * (height - 50)];
  const taken = data.map(pixels).map(([x, y]) => [x - 5, y - 5, x + 5, y + 5]);
  const free = (box, own) =>
    taken.every(([l, t, r, b], dot) => dot === own || box[2] < l || box[0] > r || box[3] < t || box[1] > b);
  const outermost = (dot) => -Math.max(dot.x / right, dot.y / top);
  const order = data.map((_, own) => own).sort((a, b) => outermost(data[a]) - outermost(data[b]));
  for (const own of order) {
    const [x, y] = pixels(data[own]);
    const length = Math.min(130, data[own].name.length * 6.2);
    const boxes = {
      left: [x + 6, y - 6, x + 8 + length, y + 6],
      right: [x - 8 - length, y - 6, x - 6, y + 6],
    };
    const side = Object.keys(boxes).find(
      (name) => boxes[name][0] > 0 && boxes[name][2] < width - 62 && free(boxes[name], own),
    );
    if (!side) continue;
    data[own].side = side;
    taken.push(boxes[side]);
  }
}
