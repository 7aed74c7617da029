// Charts in the page's colours, which are drawn anew when these change: by the reader's choice of light or dark, or for
// paper.
const charts = [];
const markers = ["circle", "rect", "triangle", "rectRot", "star", "crossRot", "rectRounded", "cross"];
const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

function colour(name, alpha = 1) {
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  if (alpha === 1 || !/^#[0-9a-f]{6}$/i.test(value)) return value;
  return value + Math.round(255 * alpha).toString(16).padStart(2, "0");
}
const classInk = (c, alpha = 1) => colour(c >= 0 ? `--class-${(c % 12) + 1}` : "--muted", alpha);
const seriesInk = (k, alpha = 1) => colour(`--series-${(k % 7) + 1}`, alpha);

function setDefaults() {
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
  Chart.defaults.color = colour("--muted");
  Chart.defaults.borderColor = colour("--line");
  const { legend, tooltip } = Chart.defaults.plugins;
  Object.assign(legend, { position: "bottom", align: "start" });
  Object.assign(legend.labels, { usePointStyle: true, boxWidth: 8, boxHeight: 8, padding: 12 });
  Object.assign(tooltip, {
    backgroundColor: colour("--card"), titleColor: colour("--ink"), bodyColor: colour("--ink"), borderColor: colour("--line"),
    borderWidth: 1, padding: 9, boxPadding: 4, usePointStyle: true,
  });
}

// `make` gives Chart.js's settings; what it reads of colours is that of the moment. `numbers`, if any, gives [head, rows]
// of a table that says the same.
function chart(make, description, { size = "", numbers = null } = {}) {
  const canvas = element("canvas", { role: "img", "aria-label": description });
  const box = element("div", { class: `plot ${size}` }, canvas);
  const entry = { canvas, make, drawn: null };
  charts.push(entry);
  return numbers ? [box, numbersBelow(numbers)] : box;
}

function numbersBelow(numbers) {
  const below = element("details", {}, element("summary", {}, "The numbers"));
  below.addEventListener("toggle", () => {
    if (below.open && below.children.length === 1) below.append(element("div", { class: "scroll low" }, table(...numbers())));
  });
  return below;
}

function drawCharts() {
  setDefaults();
  for (const entry of charts) {
    entry.drawn?.destroy();
    entry.drawn = new Chart(entry.canvas, entry.make());
  }
}

function axis(title, more = {}) {
  return { title: { display: title !== "", text: title }, grid: { color: colour("--line"), tickLength: 4 }, ...more };
}
const percentTicks = { callback: (value) => `${Math.round(1000 * value) / 10} %` };

// series: [{name, x, y, class?}]. `share`: the numbers are parts of one, written in percent.
function lines(series, { x: xTitle, y: yTitle, share = false, description, least, most }) {
  const whole = series.every((each) => each.x.every(Number.isInteger));
  const points = Math.max(...series.map((each) => each.x.length));
  const make = () => ({
    type: "line",
    data: {
      datasets: series.map((each, k) => {
        const ink = each.strong ? colour("--ink") : each.class === undefined ? seriesInk(k) : classInk(each.class);
        return {
          label: each.name, data: each.x.map((x, i) => ({ x, y: each.y[i] })), borderColor: ink, backgroundColor: ink,
          borderWidth: each.strong ? 2.6 : 1.6, borderDash: each.class === undefined ? [] : dashes[Math.floor(each.class / 12) % 4],
          pointRadius: points <= 40 ? 3 : 0, pointHoverRadius: 5, pointStyle: markers[(each.class ?? 0) % markers.length],
          tension: 0, spanGaps: false,
        };
      }),
    },
    options: {
      parsing: true,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      scales: {
        x: axis(xTitle, { type: "linear", min: whole && points > 1 ? Math.min(...series.flatMap((each) => each.x)) : undefined, ticks: { maxRotation: 0, ...(whole ? { precision: 0 } : {}) }, grid: { display: false } }),
        y: axis(yTitle, { suggestedMin: least, suggestedMax: most, ticks: share ? percentTicks : {} }),
      },
      plugins: {
        legend: { display: series.length > 1 },
        tooltip: {
          mode: "index", position: "nearest",
          callbacks: {
            title: (items) => (items.length > 0 ? `${whole ? "epoch" : "epochs"} ${short(items[0].parsed.x)}` : ""),
            label: (item) => ` ${item.dataset.label}: ${share ? percent(item.parsed.y) : short(item.parsed.y)}`,
          },
        },
      },
    },
  });
  const numbers = () => {
    const all = [...new Set(series.flatMap((each) => each.x))].sort((a, b) => a - b);
    return [[whole ? "epoch" : "epochs", ...series.map((each) => each.name)],
      all.map((x) => [short(x), ...series.map((each) => (each.x.includes(x) ? (share ? percent(each.y[each.x.indexOf(x)]) : short(each.y[each.x.indexOf(x)])) : "–"))])];
  };
  return chart(make, `${description} ${lastValues(series, share)}`, { numbers: points <= 400 ? numbers : null });
}

// For those who hear the page: where each line ends.
function lastValues(series, share) {
  return series.slice(0, 12).map((each) => `${each.name} ends at ${share ? percent(each.y.at(-1)) : short(each.y.at(-1))}`).join(", ") + ".";
}

// groups: names along the axis; series: [{name, y, class?, series?}].
function bars(groups, series, { x: xTitle = "", y: yTitle, share = false, stacked = false, along = "x", size = "", description, most, inks }) {
  const make = () => ({
    type: "bar",
    data: {
      labels: groups,
      datasets: series.map((each, k) => ({
        label: each.name, data: each.y,
        backgroundColor: inks ? each.y.map((_, i) => inks(i)) : each.class === undefined ? seriesInk(each.series ?? k) : classInk(each.class),
        borderRadius: stacked ? 0 : 3, categoryPercentage: stacked ? 0.9 : 0.78, barPercentage: 0.92,
      })),
    },
    options: {
      indexAxis: along,
      interaction: { mode: "index", axis: along, intersect: false },
      scales: along === "x"
        ? { x: axis(xTitle, { stacked, grid: { display: false }, ticks: { maxRotation: 60, autoSkip: groups.length > 30 } }),
            y: axis(yTitle, { stacked, beginAtZero: true, suggestedMax: most, ticks: share ? percentTicks : {} }) }
        : { y: axis(xTitle, { stacked, grid: { display: false }, ticks: { autoSkip: false, font: { size: 11 } } }),
            x: axis(yTitle, { stacked, beginAtZero: true, suggestedMax: most, ticks: share ? percentTicks : { maxRotation: 0 } }) },
      plugins: {
        legend: { display: series.length > 1 },
        tooltip: { callbacks: { label: (item) => ` ${item.dataset.label}: ${share ? percent(item.raw) : short(item.raw)}` } },
      },
    },
  });
  const numbers = () => [["", ...series.map((each) => each.name)], groups.map((name, i) => [name, ...series.map((each) => (share ? percent(each.y[i]) : short(each.y[i])))])];
  return chart(make, description, { size, numbers });
}

function followTheReader() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCharts);
  const forPaper = (on) => {
    if (on) document.documentElement.dataset.theme = "light";
    else delete document.documentElement.dataset.theme;
    drawCharts();
  };
  addEventListener("beforeprint", () => forPaper(true));
  addEventListener("afterprint", () => forPaper(false));
}
