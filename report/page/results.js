// Figures of the test samples: which classes are taken for which, how sure the network is of itself, and how the samples
// lie to each other.
const test = data.predictions.find((each) => each.name === "test") ?? data.predictions.find((each) => each.plane) ?? null;

// From the records of the last epoch, or else from the predictions.
function confusion() {
  const table = tables["test.confusion"];
  if (table && table.shape.length === 2 && table.shape[0] === table.shape[1]) {
    const n = table.shape[1];
    return Array.from({ length: n }, (_, r) => table.values.slice(r * n, (r + 1) * n));
  }
  return test && test.confusion.length > 0 ? test.confusion : null;
}

function rates(matrix) {
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  return matrix.map((row, c) => {
    const hit = row[c], all = sum(row), said = sum(matrix.map((each) => each[c]));
    return { recall: all > 0 ? hit / all : null, precision: said > 0 ? hit / said : null, f1: all + said > 0 ? (2 * hit) / (all + said) : null };
  });
}

function confusionTable(matrix) {
  const cell = (count, r, c) => {
    const all = matrix[r].reduce((a, b) => a + b, 0);
    const part = all > 0 ? count / all : 0;
    const words = `${count} of ${all} samples of ${className(r)} are predicted as ${className(c)}`;
    return element("td", { class: part > 0.55 ? "strong" : "", style: { "--part": (0.04 + 0.92 * part).toFixed(3) }, title: words },
      element("b", {}, all > 0 ? (100 * part).toFixed(0) : "–"), element("span", {}, String(count)));
  };
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Confusion matrix" },
    element("table", { class: "confusion" },
      element("thead", {},
        element("tr", {}, element("td"), element("th", { class: "axis", colspan: matrix.length, scope: "colgroup" }, "predicted class")),
        element("tr", {}, element("th", { class: "axis", scope: "row" }, "true class"), matrix.map((_, c) => element("th", { scope: "col" }, element("span", {}, className(c)))))),
      element("tbody", {}, matrix.map((row, r) => element("tr", {}, element("th", { scope: "row", title: className(r) }, className(r)), row.map((count, c) => cell(count, r, c)))))));
}

function reliability() {
  const table = tables["test.reliability"];
  if (table && table.shape.length === 2 && table.shape[1] === 3)
    return Array.from({ length: table.shape[0] }, (_, b) => table.values.slice(3 * b, 3 * b + 3));
  return test && test.labeled > 0 ? test.reliability : null;
}

function reliabilityFigure(bins) {
  const n = bins.length, all = bins.reduce((sum, each) => sum + each[0], 0);
  const caption = "Test samples by confidence: which part of them is right (bars), and which part would be if confidence were honest (dashed). Bars below the dashes are overconfidence; the thin bars tell how many samples there are.";
  const make = () => ({
    type: "bar",
    data: {
      labels: bins.map((_, b) => percent((b + 0.5) / n, 0)),
      datasets: [
        { type: "line", label: "perfect calibration", data: bins.map((each, b) => (each[0] > 0 ? each[1] : (b + 0.5) / n)), borderColor: colour("--ink"), borderDash: [4, 4], borderWidth: 1.5, pointRadius: 0, pointStyle: "line" },
        { label: "accuracy", data: bins.map((each) => (each[0] > 0 ? each[2] : null)), backgroundColor: seriesInk(0), categoryPercentage: 0.94, barPercentage: 1, grouped: false, borderRadius: 2, pointStyle: "rect" },
        { label: "share of the samples", data: bins.map((each) => each[0] / Math.max(all, 1)), backgroundColor: seriesInk(3), categoryPercentage: 0.3, barPercentage: 1, grouped: false, pointStyle: "rect", order: -1 },
      ],
    },
    options: {
      interaction: { mode: "index", intersect: false },
      scales: { x: axis("confidence", { grid: { display: false }, ticks: { maxRotation: 0 } }), y: axis("share", { min: 0, max: 1, ticks: percentTicks }) },
      plugins: { tooltip: { callbacks: { title: (items) => `confidence ${percent(items[0].dataIndex / n, 0)} to ${percent((items[0].dataIndex + 1) / n, 0)}`, label: (item) => ` ${item.dataset.label}: ${percent(item.raw)}` } } },
    },
  });
  const numbers = () => [["confidence", "samples", "mean confidence", "accuracy"],
    bins.map((each, b) => [`${percent(b / n, 0)} to ${percent((b + 1) / n, 0)}`, String(each[0]), each[0] > 0 ? percent(each[1]) : "–", each[0] > 0 ? percent(each[2]) : "–"])];
  return figure("reliability", "Reliability", caption, chart(make, caption, { numbers }));
}

function resultFigures() {
  const made = [];
  const matrix = confusion();
  if (matrix) {
    made.push(figure("confusion", "Confusion matrix", "What the test samples of each true class (row) were predicted as (column): in percent of the row, and below in samples. The diagonal is right.", confusionTable(matrix), { wide: matrix.length > 8 }));
    const of = rates(matrix);
    const caption = "Recall is the part of a class that is found, precision the part of its predictions that is right, F1 their harmonic mean.";
    const series = [["recall", "recall"], ["precision", "precision"], ["F1", "f1"]].map(([name, key]) => ({ name, y: of.map((each) => each[key]) }));
    made.push(figure("per-class", "By class", caption, bars(of.map((_, c) => className(c)), series, { y: "share", share: true, most: 1, description: caption })));
  }
  const bins = reliability();
  if (bins) made.push(reliabilityFigure(bins));
  return made;
}

function planeFigure() {
  const plane = test?.plane;
  if (!plane) return null;
  const picked = plane.x.map((_, i) => i);
  const groups = [...classes.map((_, c) => c), -1].map((c) => picked.filter((i) => plane.label[i] === c)).filter((each) => each.length > 0);
  const caption = [
    `t-SNE of the ${plane.features} features of ${plane.x.length < plane.of ? `${plane.x.length} of the ${plane.of} test samples (of each class in proportion)` : `the ${plane.of} test samples`}, coloured by true class; hollow marks are misclassified. `,
    `Neighbours are alike to the network; distances between far groups and the axes themselves mean nothing.`,
  ].join("");
  const small = plane.x.length > 900;
  const make = () => ({
    type: "scatter",
    data: {
      datasets: groups.map((members) => {
        const c = plane.label[members[0]];
        const wrong = (i) => c >= 0 && plane.predicted[i] !== c;
        return {
          label: className(c), members, data: members.map((i) => ({ x: plane.x[i], y: plane.y[i] })), pointStyle: markers[Math.max(c, 0) % 4],
          backgroundColor: members.map((i) => (wrong(i) ? "transparent" : classInk(c, 0.8))), borderColor: members.map(() => classInk(c)),
          borderWidth: members.map((i) => (wrong(i) ? 1.4 : 0)), radius: small ? 2.6 : 3.8, hoverRadius: 6,
        };
      }),
    },
    options: {
      layout: { padding: 8 },
      scales: { x: { display: false, grace: "3%" }, y: { display: false, grace: "3%" } },
      interaction: { mode: "nearest", intersect: true },
      plugins: {
        legend: { labels: { generateLabels: (drawn) => Chart.defaults.plugins.legend.labels.generateLabels(drawn).map((each) => ({ ...each, fillStyle: classInk(plane.label[groups[each.datasetIndex][0]]), strokeStyle: classInk(plane.label[groups[each.datasetIndex][0]]), lineWidth: 1 })) } },
        tooltip: { enabled: false, external: ({ chart: drawn, tooltip }) => showFace(tip, drawn, tooltip, plane) },
      },
    },
  });
  const box = chart(make, caption, { size: "plane" });
  const tip = element("div", { class: "tip", hidden: true });
  box.append(tip);
  const notes = [`${plane.components} principal components, perplexity ${plane.perplexity}.`, isNumber(plane.trustworthiness) ? `Trustworthiness ${plane.trustworthiness.toFixed(3)} of 1: how far neighbours here are neighbours among the features too.` : null];
  return figure("plane", "How the test samples lie", caption, [box, element("details", {}, element("summary", {}, "How it was made"), element("p", {}, notes.filter(Boolean).join(" "), " Method: van der Maaten and Hinton, “Visualizing Data using t-SNE”, Journal of Machine Learning Research 9, 2008."))], { wide: true });
}

// Beside a point: its face, what it is and what it is told as.
function showFace(tip, drawn, tooltip, plane) {
  if (tooltip.opacity === 0 || !tooltip.dataPoints?.length) { tip.hidden = true; return; }
  const { dataset, dataIndex } = tooltip.dataPoints[0];
  const i = dataset.members[dataIndex];
  const { picture, columns, side, count } = plane.sheet;
  const face = picture && i < count ? element("i", { style: {
    width: "56px", height: "56px", "background-image": `url(${picture})`, "background-size": `${columns * 56}px auto`,
    "background-position": `-${(i % columns) * 56}px -${Math.floor(i / columns) * 56}px` } }) : null;
  const right = plane.predicted[i] === plane.label[i];
  tip.replaceChildren(...[face, element("span", {}, element("b", {}, className(plane.label[i])), element("br"), right ? "predicted right" : `predicted as ${className(plane.predicted[i])}`, element("br"), element("small", {}, plane.id[i].split("/").at(-1)))].filter(Boolean));
  tip.hidden = false;
  const room = drawn.width - tip.offsetWidth - 8;
  tip.style.left = `${Math.max(0, Math.min(tooltip.caretX + 12, room))}px`;
  tip.style.top = `${Math.max(0, tooltip.caretY - tip.offsetHeight - 10)}px`;
}
