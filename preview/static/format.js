// Writes values as the definition's formats say, in English.

const NOT_TOLD = "(not told)";
const dayFormat = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const DAY_LONG = dayFormat({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const DAY_WEEK = dayFormat({ weekday: "short", day: "numeric" });
const DAY_SHORT = dayFormat({ day: "numeric", month: "short" });

function written(field, value) {
  if (value === null || value === undefined) return field.format?.null || (field.measure ? "–" : NOT_TOLD);
  if (field.date) return DAY_LONG.format(value);
  return typeof value === "number" ? number(value, field.format) : String(value);
}

function number(value, format) {
  if (!format) return new Intl.NumberFormat("en", { maximumFractionDigits: 2 }).format(value);
  const text = new Intl.NumberFormat("en", {
    style: format.percent ? "percent" : format.currency ? "currency" : "decimal",
    currency: format.currency,
    useGrouping: format.thousands,
    minimumFractionDigits: format.decimals ?? 0,
    maximumFractionDigits: format.decimals ?? 2,
  }).format(value);
  return format.prefix + text + format.suffix;
}
