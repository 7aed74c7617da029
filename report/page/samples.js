// Samples worth a look, with their faces.
function classWord(c) {
  return element("b", { title: className(c) }, dot(classColour(c)), className(c));
}

function card(face, { given, truth }) {
  const name = face.id.split("/").at(-1);
  const label = given || face.actual < 0 ? face.given : face.actual;
  const kind = given || face.actual < 0 ? "given" : "true";
  const words = [element("span", {}, kind), classWord(label), element("span", {}, "predicted"), classWord(face.predicted)];
  let verdict = null;
  if (truth && face.actual >= 0)
    verdict = face.actual === face.given ? element("div", { class: "verdict" }, "the given label is right")
      : face.actual === face.predicted ? element("div", { class: "verdict right" }, "the prediction is right")
      : element("div", { class: "verdict wrong" }, `both wrong: ${className(face.actual)}`);
  const alt = `${name}: ${kind} ${className(label)}, predicted ${className(face.predicted)} with ${percent(face.confidence, 0)}`;
  return element("li", {},
    element("div", { class: "face" },
      face.picture ? element("img", { src: face.picture, alt, title: face.id, loading: "lazy" }) : element("div", { class: "absent", title: face.id }, name),
      element("span", { title: "confidence of the prediction" }, percent(face.confidence, 0))),
    element("div", { class: "words" }, words), verdict);
}

function gallery(faces, kind) {
  const first = 24;
  const list = element("ul", { class: "gallery" }, faces.slice(0, first).map((face) => card(face, kind)));
  if (faces.length <= first) return list;
  const more = element("button", { type: "button" }, `Show ${faces.length - first} more`);
  more.addEventListener("click", () => { list.append(...faces.slice(first).map((face) => card(face, kind))); more.remove(); });
  return [list, element("p", { class: "zoom", style: { "margin-top": ".9rem" } }, more)];
}

function suspectsFigure(of) {
  const { faces, all } = of.suspects;
  if (faces.length === 0 || of === test) return null;
  const known = faces.filter((face) => face.actual >= 0);
  const wrong = known.filter((face) => face.actual !== face.given).length;
  const caption = [
    `Of the ${all} samples of “${of.name}” whose given label the network contradicts, the ${faces.length} where it is most certain: by its probability for the predicted class less that for the given one.`,
    known.length > 0 ? ` The true labels are known here: ${wrong} of these ${known.length} given labels are wrong (${of.wrong_labels} of all ${of.known}).` : "",
  ].join("");
  return figure(`suspects-${identifier(of.name)}`, "Given labels to doubt", caption, gallery(faces, { given: true, truth: true }), { wide: true });
}

function mistakesFigure(of) {
  const { faces, all } = of.mistakes;
  if (faces.length === 0) return null;
  const caption = `Of the ${all} misclassified samples of “${of.name}”, the ${faces.length} of which the network is most confident: hard faces, doubtful labels, or a class that it has learned badly.`;
  return figure(`mistakes-${identifier(of.name)}`, "Most confident mistakes", caption, gallery(faces, { given: false, truth: false }), { wide: true });
}

// What the method keeps of each sample, apart for right and for wrong labels where the truth is known.
function columnFigures(of) {
  return of.columns.map((column) => {
    const apart = column.wrong.some((each) => each > 0);
    const groups = column.values ? column.values.map((each) => short(each)) : column.right.map((_, i) => short(Number((column.low + ((i + 0.5) * (column.high - column.low)) / column.right.length).toPrecision(3))));
    const parts = [["label right", column.right, 0], ["label wrong", column.wrong, 1], [apart ? "truth unknown" : "samples", column.unknown, 6]].filter(([, y]) => y.some((each) => each > 0));
    const words = column.name.replaceAll("_", " ").replaceAll(".", " ");
    const caption = apart ? `What the method keeps as ${column.name} of each sample of “${of.name}” at the end, apart for right and wrong given labels: the further apart, the better it found the wrong ones.`
      : `What the method keeps as ${column.name} of each sample of “${of.name}” at the end.`;
    return figure(`column-${identifier(of.name)}-${identifier(column.name)}`, capital(words), caption,
      bars(groups, parts.map(([name, y, ink]) => ({ name: parts.length > 1 ? name : "samples", y, series: ink })), { x: words, y: "samples", stacked: true, description: caption }));
  });
}

function sampleFigures() {
  const trained = data.predictions.filter((each) => each !== test);
  return [...trained.flatMap(columnFigures), ...trained.map(suspectsFigure), test ? mistakesFigure(test) : null].filter(Boolean);
}
