// What the run cost and where it came from: time, voids, the drawn pipeline, provenance, commands.
function timeFigures() {
  const timing = data.timing;
  if (!timing) return [];
  const made = [];
  const parts = [["waiting for data", timing.waiting_for_data, "--series-2"], ["steps", timing.step, "--series-1"], ["epoch sections", timing.epoch_sections, "--series-4"]];
  const rest = timing.seconds - parts.reduce((sum, each) => sum + each[1], 0);
  if (rest > 0) parts.push(["start, checkpoints and the rest", rest, "--series-7"]);
  const waits = Object.entries(timing.waiting_for).filter(([, seconds]) => seconds > 0);
  const share = (seconds) => percent(seconds / Math.max(timing.seconds, 1e-9));
  const caption = `Where the ${duration(timing.seconds)} of the run${timing.starts > 1 ? `, started ${timing.starts} times,` : ""} went. Waiting is time in which the step had no batch yet${waits.length > 0 ? `: ${waits.map(([stream, seconds]) => `${stream} ${duration(seconds)}`).join(", ")}` : ""}; steps are the training itself, epoch sections tests and fits between epochs.`;
  if (data.run.trains)
    made.push(figure("shares", "Time of the run", caption, [
      element("div", { class: "shares", role: "img", "aria-label": parts.map(([name, seconds]) => `${name} ${share(seconds)}`).join(", ") },
        parts.map(([name, seconds, ink]) => element("i", { title: `${name}: ${duration(seconds)}`, style: { "--colour": `var(${ink})`, "flex-grow": String(Math.max(seconds, 0)) } }))),
      element("ul", { class: "key" }, parts.map(([name, seconds, ink]) => element("li", {}, dot(`var(${ink})`), `${name} `, element("b", {}, share(seconds)), ` · ${duration(seconds)}`))),
    ], { wide: true }));
  const nodes = [...timing.nodes].sort((a, b) => b.seconds - a.seconds);
  if (nodes.length > 0) {
    const top = nodes.slice(0, 16);
    const ink = { streams: 5, step: 0, epoch_end: 3, epoch_start: 3 };
    const words = "The costliest nodes, summed over their calls: those of streams (light) run beside the step on other threads, those of the step (dark) and of the epoch sections (purple) one after the other.";
    const gpu = (data.run.device ?? "cpu") !== "cpu" ? " Work that a GPU does counts only until it is handed over." : "";
    made.push(figure("node-times", "Time by node", words + gpu, [
      bars(top.map((each) => each.node.replace(/^streams\./, "")), [{ name: "seconds", y: top.map((each) => each.seconds) }], { y: "seconds", along: "y", size: "tall", description: words, inks: (i) => seriesInk(ink[top[i].node.split(".")[0]] ?? 6) }).at(0),
      element("details", {}, element("summary", {}, `All ${nodes.length} nodes`), element("div", { class: "scroll low" }, table(["node", "kind", "calls", "seconds", "per call"], nodes.map((each) => [each.node, each.kind, each.calls, each.seconds.toFixed(2), duration(each.seconds / each.calls)])))),
    ], { wide: true }));
  }
  return made;
}

function voidFigure() {
  const voids = data.voids;
  if (!voids || voids.count === 0) return null;
  const caption = `${short(voids.count)} samples gave nothing and were passed over, each for a reason; all are listed in voids.csv of the run's directory.`;
  return figure("voids", "Voids", caption, [
    table(["reason", "samples"], Object.entries(voids.reasons).sort((a, b) => b[1] - a[1])),
    element("details", {}, element("summary", {}, voids.rows.length < voids.count ? `The first ${voids.rows.length}` : "All of them"), table(["stream", "sample", "reason"], voids.rows)),
  ], { wide: true });
}

// The drawing scrolls in its box; buttons, Ctrl and the wheel, or two fingers change its size, and it can be dragged.
function drawingFigure() {
  const svg = document.getElementById("graph-drawing").content.querySelector("svg");
  if (!svg) return null;
  const drawing = document.importNode(svg, true);
  const [, , width, height] = drawing.getAttribute("viewBox").split(" ").map(Number);
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", "The pipeline as a graph of nodes; the time of each is listed under Time by node.");
  const box = element("div", { class: "drawing", tabindex: "0", role: "region", "aria-label": "Drawing of the pipeline" }, drawing);
  let scale = 1;
  const zoom = (to, x = box.clientWidth / 2, y = box.clientHeight / 2) => {
    const before = scale;
    scale = Math.min(4, Math.max(0.05, to));
    drawing.style.width = `${width * scale}px`;
    drawing.style.height = `${height * scale}px`;
    box.scrollLeft = ((box.scrollLeft + x) * scale) / before - x;
    box.scrollTop = ((box.scrollTop + y) * scale) / before - y;
  };
  const fit = () => zoom(Math.min((box.clientWidth - 4) / width, (Math.min(700, 0.8 * innerHeight) - 4) / height, 1.33));
  const button = (label, words, act) => {
    const made = element("button", { type: "button", title: words, "aria-label": words }, label);
    made.addEventListener("click", act);
    return made;
  };
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const at = box.getBoundingClientRect();
    zoom(scale * Math.exp(-event.deltaY / 300), event.clientX - at.left, event.clientY - at.top);
  }, { passive: false });
  box.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    const from = { x: event.clientX + box.scrollLeft, y: event.clientY + box.scrollTop };
    box.classList.add("held");
    const move = (to) => { box.scrollLeft = from.x - to.clientX; box.scrollTop = from.y - to.clientY; };
    addEventListener("pointermove", move);
    addEventListener("pointerup", () => { removeEventListener("pointermove", move); box.classList.remove("held"); }, { once: true });
  });
  // Letters of at least some 8 pixels, where the whole would be smaller.
  requestAnimationFrame(() => { fit(); if (scale < 0.6) { zoom(Math.max(0.6, Math.min(1, (box.clientWidth - 4) / width))); box.scrollLeft = (width * scale - box.clientWidth) / 2; box.scrollTop = 0; } });
  const caption = "The pipeline as it was run: values flow along the arrows, dashed arrows read (grey) and write (red) states; under each node its time and its share of the run's. Warm colours are costly: from 1, 3, 10 and 30 percent on.";
  return figure("drawing", "The pipeline", caption, [
    element("div", { class: "zoom" }, button("+", "Larger", () => zoom(scale * 1.3)), button("−", "Smaller", () => zoom(scale / 1.3)), button("Whole", "Show the whole drawing", fit), button("Actual size", "Letters at their own size", () => zoom(1.33))),
    box, element("details", {}, element("summary", {}, "The file, as it was run"), element("pre", {}, data.pipeline_text))], { wide: true });
}

function commandFigure() {
  return figure("commands", "Commands", "What can be done with this run, from the folder in which it was started.",
    data.commands.map(({ what, line }) => [element("div", { style: { "margin-top": ".5rem", "font-size": ".88rem" } }, what), element("pre", { style: { "margin-top": ".15rem", "user-select": "all" } }, line)]), { wide: true });
}

function provenanceFigure() {
  if (data.provenance.length === 0) return null;
  return figure("provenance", "Provenance", "Versions, machine, threads and data; with the same of all these, the run gives the same numbers again.", table(["what", "value"], data.provenance), { wide: true });
}
