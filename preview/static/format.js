// Writes values as the definition's formats say, in English.

const NOT_TOLD = "Not told";
const dayFormat = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const DAY_LONG = dayFormat({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const DAY_WEEK = dayFormat({ weekday: "short", day: "numeric" });
const DAY_SHORT = dayFormat({ day: "numeric", month: "short" });
const DAY_YEAR = dayFormat({ day: "numeric", month: "short", year: "numeric" });
const MINUTES = " min"; // the suffix of a format by which a number is a duration

const isRunning = (day) => day === truncated("DD", state.now);

function written(field, value) {
  if (value === null || value === undefined) return field.format?.null || (field.measure ? "–" : NOT_TOLD);
  if (field.date) return DAY_LONG.format(value) + (isRunning(value) ? ", not over" : "");
  if (typeof value !== "number") return String(value);
  if (field.money) return number(value, { ...field.format, currency: state.parameters.Currency });
  return field.format?.suffix === MINUTES ? duration(value) : number(value, field.format);
}

function number(value, format) {
  if (!format) return new Intl.NumberFormat("en", { maximumFractionDigits: 2 }).format(value);
  const text = new Intl.NumberFormat("en", {
    style: format.percent ? "percent" : format.currency ? "currency" : "decimal",
    currency: format.currency,
    useGrouping: format.thousands ?? true,
    minimumFractionDigits: format.decimals ?? 0,
    maximumFractionDigits: format.decimals ?? 2,
  }).format(value);
  return (format.prefix ?? "") + text + (format.suffix ?? "");
}

// Minutes in the two largest units that they have: 10,721 are 7 d 11 h.
function duration(minutes) {
  const sign = minutes < 0 ? "-" : "";
  const seconds = Math.round(Math.abs(minutes) * 60);
  if (seconds < 60) return `${sign}${number(Math.abs(minutes) * 60, { decimals: seconds < 10 ? 1 : 0 })} s`;
  const rounded = seconds < 3600 ? seconds : seconds < 86_400 ? 60 * Math.round(seconds / 60) : 3600 * Math.round(seconds / 3600);
  const counts = { d: Math.floor(rounded / 86_400), h: Math.floor(rounded / 3600) % 24, min: Math.floor(rounded / 60) % 60, s: rounded % 60 };
  const parts = Object.entries(counts).filter(([, count]) => count);
  return sign + parts.slice(0, 2).map(([unit, count]) => `${count} ${unit}`).join(" ");
}

// A text of the definition, with the values of the parameters that it names.
function filled(text) {
  return text.replace(/<<\$(\w+)>>/g, (_, name) => String(state.parameters[name] ?? ""));
}
