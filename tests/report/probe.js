// What a report shows in a browser, for the test beside this: looks at two frames that hold it, a wide and a narrow one.
const found = {};
function look(frame) {
  const page = frame.contentDocument, root = page.documentElement;
  const isBlank = (canvas) => {
    if (canvas.width === 0 || canvas.height === 0) return true;
    return !canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value !== 0);
  };
  const canvases = [...page.querySelectorAll("canvas")];
  return {
    drawn: Number(root.dataset.drawn ?? -1),
    heading: page.querySelector("h1")?.textContent ?? "",
    figures: [...page.querySelectorAll("figure")].map((each) => each.id),
    blank: canvases.filter(isBlank).map((each) => each.closest("figure").id),
    canvases: canvases.length,
    overflow: root.scrollWidth - root.clientWidth,
    width: root.clientWidth,
    uncaptioned: [...page.querySelectorAll("figure")].filter((each) => !each.querySelector("figcaption")?.textContent.trim()).map((each) => each.id),
    unlabeled: [...page.querySelectorAll("canvas, img, svg")].filter((each) => !each.getAttribute("aria-label") && !each.alt).length,
    pictures: [...page.querySelectorAll(".gallery img")].length,
    dead: [...page.querySelectorAll("nav a")].filter((each) => !page.querySelector(each.getAttribute("href"))).length,
    requests: frame.contentWindow.performance.getEntriesByType("resource").map((each) => each.name).filter((each) => !each.startsWith("data:")),
  };
}
addEventListener("load", () => {
  for (const frame of document.querySelectorAll("iframe")) found[frame.id] = look(frame);
  found.injected = typeof window.injected;
  document.getElementById("found").textContent = JSON.stringify(found);
});
