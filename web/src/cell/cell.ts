// One cell: what it was found to be, and the figures that show it.
import type { Cell, Page } from "../../generated/page";
import { el, type Child } from "../dom";
import { address, typeOf } from "../overview";
import { lowered } from "../figure";
import { isNumber, seconds } from "../format";
import { nameOf } from "../page";
import { isOneFilter } from "../parts";
import { averageFigures } from "./average";
import { contextOf } from "./context";
import { locationFigures } from "./location";
import { outputFigures } from "./output";
import { rasterFigure } from "./raster";
import { ratesFigure } from "./rates";
import { scoreTable } from "./score";
import { selectionFigures } from "./selection";
import { sizeCurve } from "./size_curve";
import { subunitFigures } from "./subunits";
import { temporalFigure } from "./temporal";
import { trainingFigure } from "./training";
import { verdictText } from "./verdict";

export function cellView(page: Page, cells: Cell[], at: number): HTMLElement {
  const cell = cells[at];
  const context = contextOf(page, cell);
  const view = el("section", { "aria-labelledby": "view", "data-cell": cell.cell }, head(cells, at));
  if (cell.error) view.append(el("p", { class: "failure", role: "alert" }, cell.error));
  for (const remark of cell.remarks ?? []) view.append(el("p", { class: "error" }, remark));
  view.append(verdictText(context));
  if (cell.finished === false) {
    view.append(el("p", { class: "note kept" }, "The fit of this cell was interrupted; this is its last checkpoint."));
  }
  // Data that can't be read must not take what else there is with them.
  const add = (heading: string, make: () => Child[]): void => {
    try {
      const there = make().filter((f) => f);
      if (there.length) view.append(group(heading, there));
    } catch (problem) {
      const text = problem instanceof Error ? problem.message : String(problem);
      view.append(el("p", { class: "failure", role: "alert" }, `${heading}: ${text}`));
    }
  };
  add("Score", () => [scoreTable(page, context)]);
  const count = (cell.revealed?.subunits.length ?? 0) + (cell.revealed?.suppressive?.length ?? 0);
  add(count && !isOneFilter(cell) ? "Subunits" : "Receptive field", () => subunitFigures(context));
  add("Spike-triggered average and filters", () => [...averageFigures(context), temporalFigure(context)]);
  add("Network", () => [...locationFigures(context), ...outputFigures(context)]);
  add("Rates on the scored frames", () => [ratesFigure(context, page.scored_on), rasterFigure(context)]);
  add("Model selection", () => [...selectionFigures(context), sizeCurve(context), trainingFigure(context)]);
  if (view.children.length <= 2 && !cell.error) view.append(el("p", {}, "Nothing is known of this cell yet."));
  return view;
}

// Figures side by side; tables and wide figures on lines of their own.
function group(heading: string, figures: Child[]): HTMLElement {
  const box = el("div", { class: "group" }, el("h3", {}, heading));
  let grid: HTMLElement | null = null;
  for (const figure of figures) {
    const beside = figure instanceof HTMLElement && figure.tagName === "FIGURE" && !figure.classList.contains("full");
    if (beside && !grid) box.append((grid = el("div", { class: "figures" })));
    if (beside) grid?.append(lowered(figure));
    else if (figure instanceof HTMLElement) box.append(lowered(figure));
    if (!beside) grid = null;
  }
  return box;
}

function head(cells: Cell[], at: number): HTMLElement {
  const cell = cells[at];
  const type = typeOf(cell);
  const badge = cell.type ? el("span", { class: "badge", "data-type": cell.type }, type.name) : null;
  if (badge) badge.style.borderColor = type.colour;
  const turn = (to: Cell | undefined, text: string, rel: string, key: string): Child =>
    to && el("a", { href: address(to), rel, title: `${nameOf(to)} (key ${key})` }, text);
  return el(
    "div",
    { class: "cell-head" },
    el("h2", { id: "view", tabindex: -1, class: "clamp", title: nameOf(cell) }, nameOf(cell)),
    badge,
    el(
      "span",
      { class: "note" },
      `row ${cell.cell} of the recording${isNumber(cell.seconds) ? `, fitted in ${seconds(cell.seconds)}` : ""}`,
    ),
    cells.length > 1 &&
      el(
        "nav",
        { class: "turn", "aria-label": "Cells" },
        turn(cells[at - 1], "\u2190 previous cell", "prev", "k"),
        el("span", {}, `${at + 1} of ${cells.length}`),
        turn(cells[at + 1], "next cell \u2192", "next", "j"),
      ),
  );
}
