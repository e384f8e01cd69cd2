// Says the page's texts in its language, which the element html names: English as it stands here, others by the table.

const LANGUAGE = document.documentElement.lang;
const TEXTS = JSON.parse(document.getElementById("texts").textContent); // by the English text

// The text of the page's language, with the names in braces filled in.
function say(text, values = {}) {
  if (LANGUAGE !== "en" && !Object.hasOwn(TEXTS, text)) console.warn(`no translation: ${text}`);
  const said = Object.hasOwn(TEXTS, text) ? TEXTS[text] : text;
  return said.replace(/\{(\w+)\}/g, (braces, name) => (Object.hasOwn(values, name) ? values[name] : braces));
}

// A text of the definition in the page's language, with the values of the parameters that it names.
function filled(text) {
  return text && say(text).replace(/<<\$(\w+)>>/g, (_, name) => String(state.parameters[name] ?? ""));
}

// How charts write numbers: as the language does elsewhere on the page.
function numberLocale() {
  const parts = new Intl.NumberFormat(LANGUAGE, { style: "percent", minimumFractionDigits: 1, useGrouping: "always" })
    .formatToParts(12345.6);
  const part = (type) => parts.find((entry) => entry.type === type)?.value ?? "";
  const percent = parts.slice(parts.findIndex(({ type }) => type === "fraction") + 1);
  return {
    decimal: part("decimal"),
    thousands: part("group"),
    grouping: [3],
    currency: ["", ""],
    percent: percent.map(({ value }) => value).join(""),
  };
}
