// The report's data, how its numbers are written, and how its elements are made: texts are only ever set as text.
const data = JSON.parse(document.getElementById("report-data").textContent);
const classes = data.classes;

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") made.className = value;
    else if (name === "style") for (const [key, each] of Object.entries(value)) made.style.setProperty(key, each);
    else made.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined && child !== false) made.append(child);
  return made;
}

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const className = (c) => (c >= 0 && c < classes.length ? classes[c] : c >= 0 ? `class ${c + 1}` : "unknown");
const classColour = (c) => (c >= 0 ? `var(--class-${(c % 12) + 1})` : "var(--muted)");
const dot = (colour) => element("i", { class: "dot", style: { "--colour": colour } });

function percent(value, digits = 1) {
  return isNumber(value) ? `${(100 * value).toFixed(digits)} %` : "–";
}

function short(value) {
  if (!isNumber(value)) return "–";
  if (Number.isInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  return size >= 1000 ? Math.round(value).toLocaleString("en") : size >= 0.01 || size === 0 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}

function duration(seconds) {
  if (!isNumber(seconds)) return "–";
  if (seconds < 0.001) return `${(1e6 * seconds).toFixed(0)} µs`;
  if (seconds < 1) return `${(1000 * seconds).toFixed(seconds < 0.01 ? 2 : 0)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole / 60) % 60).padStart(2, "0")} min`;
}

// Cells that are numbers stand at the right. Tables scroll inside their own box.
function table(head, rows, style = "full") {
  const numeric = head.map((_, k) => rows.length > 0 && rows.every((row) => typeof row[k] === "number" || /^[–\d][\d.,\s]*( ?(%|s|ms|µs|min.*|h.*))?$/.test(String(row[k]))));
  const kind = (k) => (numeric[k] ? "number" : "text");
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    element("table", { class: style },
      element("thead", {}, element("tr", {}, head.map((each, k) => element("th", { scope: "col", class: kind(k) }, each)))),
      element("tbody", {}, rows.map((row) => element("tr", {}, row.map((each, k) => element("td", { class: kind(k) }, typeof each === "number" ? short(each) : each)))))));
}

// A card with a title, one sentence of caption, and what is shown.
function figure(id, title, caption, content, { wide = false, broad = false } = {}) {
  return element("figure", { id, class: wide ? "wide" : "", "data-broad": broad, "aria-labelledby": `${id}-title` },
    element("h3", { id: `${id}-title` }, title), element("figcaption", {}, caption), content);
}
