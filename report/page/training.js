// Figures over the course of a training, by the names and the shapes of its records.
const { steps, epochs, histograms, tables } = data.records;
const shown = new Set();  // records that have a figure

const isPerClass = (record) => classes.length > 1 && record.y.every((each) => Array.isArray(each) && each.length === classes.length);
const isSingle = (record) => record.y.every((each) => !Array.isArray(each)) && record.y.some(isNumber);
const isFilled = (record) => record.y.flat().some(isNumber);
const singles = (test) => Object.keys(epochs).filter((name) => test(name) && isSingle(epochs[name]));

// "test_net2.accuracy" -> "accuracy, net2"
function readable(name) {
  const [first, ...rest] = name.split(".");
  const network = /^test_(.+)$/.exec(first);
  const words = rest.join(" ").replaceAll("_", " ");
  if (first === "test") return words;
  return network ? `${words}, ${network[1]}` : name.replaceAll("_", " ").replaceAll(".", " ");
}

const identifier = (name) => name.replace(/[^A-Za-z0-9]+/g, "-").toLowerCase();

function singleLines(names, label = readable) {
  names.forEach((name) => shown.add(name));
  return names.map((name) => ({ name: label(name), x: epochs[name].x, y: epochs[name].y }));
}

function classLines(name) {
  shown.add(name);
  const { x, y } = epochs[name];
  return classes.map((label, c) => ({ name: label, class: c, x, y: y.map((each) => each[c]) })).filter((each) => each.y.some(isNumber));
}

function stepLines(names, label) {
  names.forEach((name) => shown.add(name));
  return names.map((name) => ({ name: label(name), x: steps[name].x, y: steps[name].y, strong: /(^|\.)total$/.test(name) }));
}

function perClassFigure(name, title, caption, options) {
  return figure(identifier(`record-${name}`), title, caption, lines(classLines(name), { x: "epoch", description: caption, ...options }));
}

function courseFigures() {
  const made = [];
  const losses = Object.keys(steps).filter((name) => name.startsWith("loss.") && steps[name].y.some(isNumber));
  if (losses.length > 0) {
    const caption = "Each term of the loss over the training; long runs are drawn as means over neighbouring steps. The thick line is the sum that is minimised.";
    made.push(figure("losses", "Losses", caption, lines(stepLines(losses, (name) => name.slice(5).replaceAll("_", " ")), { x: "epochs", y: "loss", description: caption }), { broad: true }));
  }
  const rates = singles((name) => /^test[^.]*\.(accuracy|mean_recall|macro_f1)$/.test(name));
  if (rates.length > 0) {
    const caption = "How well the test samples are classified after each epoch: as a share of all samples (accuracy) and as a mean over the classes (mean recall, macro F1). Higher is better.";
    made.push(figure("accuracies", "Accuracy on the test samples", caption, lines(singleLines(rates), { x: "epoch", y: "share", share: true, description: caption })));
  }
  const rate = singles((name) => name === "lr" || name.startsWith("lr."));
  if (rate.length > 0) {
    const caption = "The step size of the optimizer at the end of each epoch.";
    made.push(figure("learning-rate", "Learning rate", caption, lines(singleLines(rate), { x: "epoch", y: "learning rate", description: caption, least: 0 })));
  }
  const calibration = singles((name) => name.endsWith(".calibration_error"));
  if (calibration.length > 0) {
    const caption = "How far stated confidence and reached accuracy lie apart on the test samples after each epoch (expected calibration error). Lower is better.";
    made.push(figure("calibration-course", "Calibration error", caption, lines(singleLines(calibration), { x: "epoch", y: "error", share: true, description: caption, least: 0 })));
  }
  for (const name of Object.keys(epochs).filter((each) => /^test[^.]*\.recall$/.test(each) && isPerClass(epochs[each])))
    made.push(perClassFigure(name, `Recall by class${name === "test.recall" ? "" : `, ${name.slice(5, -7)}`}`, "Which part of each class's test samples is found, after each epoch; lines that fall are classes that the training gives up.", { y: "recall", share: true }));
  return made;
}

// What the method decided, told by its records.
const perClassRecords = [
  [/^(threshold|margin)/, (name) => `${readable(name)} by class`, "The value that a sample's score has to reach in each class, as the method set it after each epoch: classes that are learned well are asked for more.", { y: "threshold" }],
  [/^pseudo\.share$/, () => "Share of guesses that are used", "Which part of the guesses of each class was confident enough to be learned from, by epoch.", { y: "share used", share: true, least: 0, most: 1 }],
  [/^pseudo\.accuracy$/, () => "Accuracy of used guesses", "How many of the guesses that were learned from are true, by guessed class and epoch: a falling line is a class that teaches itself mistakes.", { y: "accuracy", share: true, most: 1 }],
];

function decisionFigures() {
  const made = [];
  for (const [pattern, title, caption, options] of perClassRecords)
    for (const name of Object.keys(epochs).filter((each) => pattern.test(each) && isPerClass(epochs[each]) && isFilled(epochs[each])))
      made.push(perClassFigure(name, capital(title(name)), caption, options));
  const singleRecords = [
    ["threshold-course", /^(threshold|margin)/, "Thresholds", "The values that scores are compared with, by epoch.", { y: "threshold" }],
    ["pseudo-course", /^pseudo\..*_all$/, "Guesses as labels", "Of all guesses: which part was used as labels, and which part of these is true, by epoch. Good methods keep both high.", { y: "share", share: true, least: 0, most: 1 }],
    ["noise", /^noise\.(precision|recall|flagged)$/, "Wrong labels found", "Of the labels that the method held for wrong: how many are (precision); of the wrong ones: how many it held for wrong (recall); and the part of all labels that it held for wrong (flagged).", { y: "share", share: true, least: 0, most: 1 }],
  ];
  for (const [id, pattern, title, caption, options] of singleRecords) {
    const names = singles((name) => pattern.test(name));
    if (names.length > 0)
      made.push(figure(id, title, caption, lines(singleLines(names, (name) => name.split(".").slice(1).join(" ").replace(/_all$/, "").replaceAll("_", " ") || name), { x: "epoch", description: caption, ...options })));
  }
  const sizes = singles((name) => name.startsWith("subset."));
  if (sizes.length > 0) {
    const caption = "How many samples the method put into each of its subsets, by epoch.";
    const series = singleLines(sizes, (name) => name.slice("subset.".length).replaceAll("_", " "));
    made.push(figure("subset-sizes", "Sizes of the subsets", caption, bars(series[0].x.map(String), series, { x: "epoch", y: "samples", stacked: true, description: caption })));
  }
  const guesses = guessesByClass(tables["pseudo.counts"]);
  if (guesses) {
    const caption = `What the guesses of epoch ${tables["pseudo.counts"].epoch} were, by guessed class: not used for lack of confidence, or used as labels, rightly or wrongly. A class without a bar is no longer guessed.`;
    made.push(figure("pseudo-counts", "Guesses by class", caption, bars(classes, guesses, { y: "guesses", stacked: true, description: caption })));
  }
  return [...made, ...mixtureFigures(), ...histogramFigures()];
}

// int64 [classes, not used or used, wrong or right or of unknown truth], as `selection_quality` counts.
function guessesByClass(table) {
  if (!table || table.shape.join() !== `${classes.length},2,3`) return null;
  const count = (c, used, outcome) => table.values[6 * c + 3 * used + outcome];
  const part = (name, series, of) => ({ name, series, y: classes.map((_, c) => of(c)) });
  return [
    part("used, right", 0, (c) => count(c, 1, 1)),
    part("used, wrong", 1, (c) => count(c, 1, 0)),
    part("used, truth unknown", 2, (c) => count(c, 1, 2)),
    part("not used", 3, (c) => count(c, 0, 0) + count(c, 0, 1) + count(c, 0, 2)),
  ].filter((each) => each.y.some((y) => y > 0));
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// log of the beta function by Stirling's series; arguments above 0.
function logGamma(z) {
  let shift = 0;
  while (z < 7) { shift -= Math.log(z); z += 1; }
  return shift + (z - 0.5) * Math.log(z) - z + 0.9189385332046727 + 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5);
}
const betaDensity = (x, a, b) => Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logGamma(a) - logGamma(b) + logGamma(a + b));

function mixtureFigures() {
  const made = [];
  for (const name of Object.keys(epochs).filter((each) => /^mixture\b.*\.?alpha$/.test(each))) {
    const stem = name.slice(0, -"alpha".length);
    const at = (part) => epochs[stem + part]?.y.at(-1);
    const [alpha, beta, weight, clean] = [at("alpha"), at("beta"), at("weight"), at("clean_component")];
    if (![alpha, beta, weight].every((each) => Array.isArray(each) && each.length === 2 && each.every(isNumber))) continue;
    for (const part of ["alpha", "beta", "weight", "clean_component"]) shown.add(stem + part);
    const of = stem.replace(/^mixture\.?/, "").replace(/\.$/, "");
    const source = ["similarity", "score", "scores"].map((each) => (of ? `${each}.${of}` : each)).find((each) => histograms[each]);
    const histogram = source ? histograms[source] : null;
    if (source) shown.add(source);
    const names = [0, 1].map((k) => (isNumber(clean) ? (k === clean ? "component of right labels" : "component of wrong labels") : `component ${k + 1}`));
    const xs = Array.from({ length: 161 }, (_, i) => Math.min(Math.max(i / 160, 0.004), 0.996));
    const density = (k) => xs.map((x) => ({ x, y: weight[k] * betaDensity(x, alpha[k], beta[k]) }));
    const make = () => {
      const inks = isNumber(clean) && clean === 0 ? [seriesInk(0), seriesInk(1)] : [seriesInk(1), seriesInk(0)];
      const datasets = [0, 1].map((k) => ({ type: "line", label: names[k], data: density(k), borderColor: inks[k], backgroundColor: inks[k], borderWidth: 2.2, pointRadius: 0, pointStyle: "line" }));
      let top = 0;
      if (histogram) {
        const all = histogram.counts.reduce((sum, each) => sum + each, 0);
        const width = (histogram.high - histogram.low) / histogram.counts.length;
        const tops = histogram.counts.map((count, i) => ({ x: histogram.low + (i + 0.5) * width, y: count / all / width }));
        top = Math.max(...tops.map((each) => each.y));
        datasets.push({ type: "bar", label: "labels", data: tops, backgroundColor: colour("--muted", 0.35), barPercentage: 1, categoryPercentage: 1, pointStyle: "rect" });
      }
      return {
        type: "bar", data: { datasets },
        options: {
          scales: { x: axis("score of the given label", { type: "linear", min: 0, max: 1, offset: false, grid: { display: false } }),
                    // A component may run to infinity at an end; the bars say how high the picture is.
                    y: axis("density", { beginAtZero: true, max: top > 0 ? Math.ceil(2.5 * top) / 2 : undefined }) },
          plugins: { tooltip: { enabled: false } },
        },
      };
    };
    const caption = `${histogram ? "The scores of the given labels" : "The two beta distributions fitted to the scores of the given labels"} after epoch ${epochs[name].x.at(-1)}${histogram ? " (bars) and the two beta distributions fitted to them (lines)" : ""}: the further the two lie apart, the better right and wrong labels are told from each other.`;
    made.push(figure(identifier(`mixture-${of}`), `Mixture fit${of ? `, ${of}` : ""}`, caption, chart(make, caption)));
  }
  return made;
}

function histogramFigures() {
  return Object.keys(histograms).filter((name) => !shown.has(name) && !/^test/.test(name)).map((name) => {
    shown.add(name);
    const { low, high, counts, epoch } = histograms[name];
    const width = (high - low) / counts.length;
    const caption = `How the values of ${name} were spread over the samples after epoch ${epoch}.`;
    return figure(identifier(`spread-${name}`), capital(readable(name)), caption,
      bars(counts.map((_, i) => short(Number((low + (i + 0.5) * width).toPrecision(2)))), [{ name: "samples", y: counts }], { x: readable(name), y: "samples", description: caption }));
  });
}

// Whatever else was recorded: single numbers by the first part of their names, and numbers per class.
function otherFigures() {
  const made = [];
  const groups = new Map();
  const add = (kind, name) => {
    const key = `${kind} ${name.split(".")[0]}`;
    groups.set(key, [...(groups.get(key) ?? []), name]);
  };
  for (const name of Object.keys(epochs)) if (!shown.has(name) && isSingle(epochs[name]) && epochs[name].x.length > 1) add("epochs", name);
  for (const name of Object.keys(steps)) if (!shown.has(name) && !epochs[name] && steps[name].y.some(isNumber)) add("steps", name);
  for (const [key, names] of groups) {
    const [kind, first] = key.split(" ");
    const caption = `Recorded as ${names.join(", ")}, by ${kind === "steps" ? "steps, thinned to means over neighbouring ones" : "epoch"}.`;
    const series = kind === "steps" ? stepLines(names, readable) : singleLines(names);
    made.push(figure(identifier(`other-${key}`), capital(first.replaceAll("_", " ")), caption, lines(series, { x: kind === "steps" ? "epochs" : "epoch", y: "value", description: caption })));
  }
  for (const name of Object.keys(epochs).filter((each) => !shown.has(each) && isPerClass(epochs[each]) && isFilled(epochs[each])))
    made.push(perClassFigure(name, `${capital(readable(name))} by class`, `Recorded as ${name}, by epoch and class.`, { y: readable(name) }));
  return made;
}
