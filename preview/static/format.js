// Writes values as the definition's formats say, in the page's language.

const DAY_LOCALE = LANGUAGE === "en" ? "en-GB" : LANGUAGE;
const dayFormat = (options) => new Intl.DateTimeFormat(DAY_LOCALE, { timeZone: "UTC", ...options });
const DAY_LONG = dayFormat({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const DAY_WEEK = dayFormat({ weekday: "short", day: "numeric" });
const DAY_SHORT = dayFormat({ day: "numeric", month: "short" });
const DAY_YEAR = dayFormat({ day: "numeric", month: "short", year: "numeric" });
// The suffixes of a format by which a number is a duration, and the seconds of one.
const DURATIONS = { " s": 1, " min": 60, " h": 3600, " d": 86_400 };
const durationSeconds = (field) => DURATIONS[field.format?.suffix];

const isRunning = (day) => day === truncated("DD", state.now);

function written(field, value) {
  if (value === null || value === undefined) return field.format?.null || (field.measure ? "–" : say("Not told"));
  if (field.date) return isRunning(value) ? say("{day}, not over", { day: DAY_LONG.format(value) }) : DAY_LONG.format(value);
  if (typeof value !== "number") return (field.says ?? []).includes(value) ? say(value) : String(value);
  if (field.money) return number(value, { ...field.format, currency: state.parameters.Currency });
  const seconds = durationSeconds(field);
  return seconds ? duration(value * seconds) : number(value, field.format);
}

function number(value, format) {
  if (!format) return new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 2 }).format(value);
  const text = new Intl.NumberFormat(LANGUAGE, {
    style: format.percent ? "percent" : format.currency ? "currency" : "decimal",
    currency: format.currency ?? undefined, // Intl takes null for a code
    useGrouping: format.thousands ?? true,
    minimumFractionDigits: format.decimals ?? 0,
    maximumFractionDigits: format.decimals ?? 2,
  }).format(value);
  return (format.prefix ?? "") + text + (format.suffix ?? "");
}

// Seconds in the two largest units that they have: 643,260 are 7 d 11 h; less than a minute with a decimal.
function duration(value) {
  const tenths = Math.round(Math.abs(value) * 10);
  const sign = value < 0 && tenths ? "-" : "";
  if (tenths < 600) return `${sign}${number(tenths / 10, { decimals: 1 })} ${say("s")}`;
  const step = tenths >= 864_000 ? 3600 : tenths >= 36_000 ? 60 : 1;
  const seconds = step * Math.round(Math.abs(value) / step);
  const counts = [
    [say("d"), Math.floor(seconds / 86_400)],
    [say("h"), Math.floor(seconds / 3600) % 24],
    [say("min"), Math.floor(seconds / 60) % 60],
    [say("s"), seconds % 60],
  ];
  const parts = counts.filter(([, count]) => count);
  return sign + parts.slice(0, 2).map(([unit, count]) => `${number(count, { decimals: 0 })} ${unit}`).join(" ");
}
