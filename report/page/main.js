// The page: heading, sections and contents.
function tile(name, value, note, first = false) {
  return element("div", { class: `tile ${first ? "first" : ""}` }, element("span", {}, name), element("strong", {}, value), note ? element("span", {}, note) : null);
}

// "84.3 %" with a small sign.
function rate(value) {
  return isNumber(value) ? [(100 * value).toFixed(2).replace(/(\.\d)0$/, "$1"), element("small", {}, "%")] : "–";
}

function tiles() {
  const made = [];
  const [main] = data.headline.accuracies;
  if (main) {
    made.push(tile("Accuracy, last epoch", rate(main.last), null, true));
    made.push(tile("Best epoch", rate(main.best), `epoch ${main.best_epoch} of ${main.epochs}`));
    made.push(tile(`Mean of the last ${Math.min(5, main.epochs)}`, rate(main.mean_of_last_five), null));
  }
  const others = data.headline.others;
  const matrix = confusion();
  const of = matrix ? rates(matrix) : [];
  const mean = (key) => { const known = of.map((each) => each[key]).filter(isNumber); return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : null; };
  const bins = reliability();
  const samples = bins ? bins.reduce((sum, each) => sum + each[0], 0) : 0;
  const calibration = others["test.calibration_error"] ?? (samples > 0 ? bins.reduce((sum, each) => sum + each[0] * Math.abs((each[1] ?? 0) - (each[2] ?? 0)), 0) / samples : null);
  for (const [name, value, note] of [["Mean recall", others["test.mean_recall"] ?? mean("recall"), "over the classes"], ["Macro F1", others["test.macro_f1"] ?? mean("f1"), "over the classes"], ["Calibration error", calibration, "lower is better"]])
    if (isNumber(value)) made.push(tile(name, rate(value), note));
  return made;
}

// A run that is at work or was stopped has ended fewer epochs than it is to have.
const reached = Math.max(0, ...Object.values(data.records.epochs).map((each) => each.x.at(-1) ?? 0));
const isUnfinished = isNumber(data.run.epochs) && reached > 0 && reached < data.run.epochs;

function heading() {
  const { run, timing } = data;
  const labeled = data.data.filter((each) => each.stream !== "test" && each.faces !== undefined);
  const facts = [
    run.backbone ? ["network", run.backbone] : null,
    labeled.length > 0 ? ["faces", labeled.map((each) => `${each.faces.toLocaleString("en")} ${each.stream}`).join(", ")] : null,
    run.trains && run.epochs ? ["epochs", `${isUnfinished ? `${reached} of ${run.epochs}, unfinished` : run.epochs}${data.records.steps_per_epoch ? `; ${data.records.steps_per_epoch} steps each` : ""}`] : null,
    run.seed !== undefined ? ["seed", String(run.seed)] : null,
    run.device ? ["device", run.device] : null,
    timing ? ["time", duration(timing.seconds)] : null,
    run.started ? ["started", run.started.replace("T", " ").replace(/([+-]\d\d:?\d\d|Z)$/, "")] : null,
  ].filter(Boolean);
  document.getElementById("top").append(
    element("p", { class: "over" }, "Run report"), element("h1", {}, run.name ?? run.directory), run.doc ? element("p", { class: "doc" }, run.doc) : "",
    element("ul", { class: "facts" }, facts.map(([name, value]) => element("li", {}, `${name} `, element("b", {}, value)))),
    element("div", { class: "tiles" }, tiles()));
  if (data.problems.length > 0)
    document.getElementById("top").append(element("div", { class: "notice", role: "note" }, data.problems.map((each) => element("p", {}, each))));
}

function dataFigure() {
  if (data.data.length === 0) return null;
  const known = (value) => (value === undefined ? "–" : value);
  return figure("data", "Data", "Which faces each stream of the pipeline was fed with, and how many of their labels were changed on purpose; selections/ in the run's directory lists each one.",
    table(["stream", "faces", "labels changed", "part", "cache"], data.data.map((each) => [each.stream, known(each.faces), known(each.changed), each.part, each.cache])), { wide: true });
}

// Figures stand two in a row; one that would be left alone takes the row, the first that likes to or else the last.
function inRows(figures) {
  let run = [];
  const close = () => {
    if (run.length % 2 === 1) (run.find((each) => each.dataset.broad) ?? run.at(-1)).classList.add("wide");
    run = [];
  };
  for (const each of figures) {
    if (each.classList.contains("wide")) close();
    else run.push(each);
  }
  close();
  return figures;
}

function show(id, title, lead, figures) {
  const there = inRows(figures.filter(Boolean));
  if (there.length === 0) return;
  document.getElementById("main").append(element("section", { id, "aria-labelledby": `${id}-title` }, element("h2", { id: `${id}-title` }, title), lead ? element("p", { class: "lead" }, lead) : null, element("div", { class: "figures" }, there)));
  contents.append(element("li", {}, element("a", { href: `#${id}` }, title)));
}

const contents = element("ol");
document.getElementById("contents").append(contents);
heading();
show("results", "Results", `How the network classifies the test samples ${isUnfinished ? `after epoch ${reached} of ${data.run.epochs}` : "at the end of the training"}.`, [...resultFigures(), planeFigure()]);
show("course", "Training", "How it came there.", courseFigures());
show("decisions", "Decisions", "What the method decided about samples and classes while it trained.", decisionFigures());
show("samples", "Samples", "Faces that deserve a second look.", sampleFigures());
show("others", "Other records", "Whatever else the pipeline recorded.", otherFigures());
show("time", "Time", "", timeFigures());
show("pipeline", "Pipeline", "", [drawingFigure(), voidFigure()]);
show("run", "This run", "", [dataFigure(), commandFigure(), provenanceFigure()]);
drawCharts();
followTheReader();
document.documentElement.dataset.drawn = String(charts.length);
