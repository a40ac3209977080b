// What subunits explain of answers to flashed images.
import type { Flashed, Interval, Page } from "../generated/page";
import { el, rove, select, svg, type Stop } from "./dom";
import { figure, state, type State } from "./figure";
import {
  figures,
  fixed,
  interval,
  isInterval,
  isNumber,
  percent,
  plural,
  signed,
  whole,
  withInterval,
  type Maybe,
} from "./format";
import { custom, legend, legendHeight, middle, plot, Plot, type Key } from "./marks";
import { ranged, table, type Column } from "./table";
import { gridline, lnColour, muted, networkColour } from "./theme";

type FlashedCell = Flashed["cells"][number];

export function flashedView(page: Page, flashed: Flashed): HTMLElement {
  const chosen = state<FlashedCell | null>(null);
  const scored = flashed.cells.filter((c) => isNumber(c.ln?.cc) && isNumber(c.subunits?.cc));
  chosen.set(scored[0] ?? null);
  const m = flashed.median;
  return el(
    "section",
    { "aria-labelledby": "view" },
    el("h2", { id: "view", tabindex: -1 }, "Flashed images"),
    el(
      "p",
      { class: "lead" },
      `${plural(flashed.images, "image")}, ${plural(flashed.trials, "trial")} of each; every image is predicted by models fitted to the ` +
        `other ${flashed.folds - 1} of ${flashed.folds} folds. Medians over ${plural(m.cells, "cell")}: correlation ` +
        `${withInterval(m.subunits, m.subunits_interval)} with subunits, ${withInterval(m.ln, m.ln_interval)} with LN; ` +
        `subunits ahead by ${signed(m.ahead)}${isInterval(m.ahead_interval) ? ` (${interval(m.ahead_interval, 3)})` : ""}, ` +
        `and in ${m.cells_ahead} of ${m.cells}. Intervals are 95 %, over images.`,
    ),
    scored.length
      ? el("div", { class: "figures" }, scatter(page, scored, chosen), images(page, scored, chosen))
      : el("p", {}, "No cell has a score."),
    cellTable(page, flashed, chosen),
  );
}

const isAhead = (c: FlashedCell): boolean => isNumber(c.ahead_interval?.[0]) && c.ahead_interval[0] > 0;

function summary(c: FlashedCell): string {
  return (
    `${c.name}: subunits ${withInterval(c.subunits?.cc, c.subunits?.cc_interval)}, LN ${withInterval(c.ln?.cc, c.ln?.cc_interval)}` +
    (isNumber(c.ahead) ? `, ahead ${signed(c.ahead)} (${interval(c.ahead_interval, 3)})` : "")
  );
}

function scatter(page: Page, cells: FlashedCell[], chosen: State<FlashedCell | null>): HTMLElement {
  const ends = cells.flatMap((c) => [c.ln?.cc, c.subunits?.cc]).filter(isNumber);
  const low = Math.max(-0.2, Math.min(...ends) - 0.05);
  const high = Math.min(1, Math.max(...ends) + 0.03);
  const elements = new Map<FlashedCell, SVGElement>();
  const keys: Key[] = [{ label: "filled: subunits ahead, 95 %", colour: networkColour, kind: "dot" }];
  const clip = (v: number): number => Math.min(Math.max(v, low), high);
  const dots = custom(({ x, y }, group) => {
    elements.clear();
    for (const c of cells) {
      const [cx, cy] = [x(c.ln?.cc ?? 0), y(c.subunits?.cc ?? 0)];
      const g = svg("g", { class: "flashed-cell", stroke: networkColour, "stroke-opacity": 0.8 });
      const [lx, ly] = [c.ln?.cc_interval, c.subunits?.cc_interval];
      const bar = { "stroke-width": 1, "stroke-opacity": 0.35 };
      if (isInterval(lx)) g.append(svg("line", { x1: x(clip(lx[0])), x2: x(clip(lx[1])), y1: cy, y2: cy, ...bar }));
      if (isInterval(ly)) g.append(svg("line", { x1: cx, x2: cx, y1: y(clip(ly[0])), y2: y(clip(ly[1])), ...bar }));
      const fill = isAhead(c) ? networkColour : "var(--paper)";
      g.append(svg("circle", { cx, cy, r: 4.5, fill, "stroke-width": 1.5 }));
      elements.set(c, g);
      group.append(g);
    }
  });
  const note = el("p", { class: "note", "aria-live": "polite" });
  const light = (): void => {
    const c = chosen.get();
    for (const [cell, element] of elements) element.classList.toggle("picked", cell === c);
    note.textContent = c ? summary(c) : "";
  };
  chosen.watch(light);
  return figure({
    name: "flashed",
    dataName: "flashed-figure",
    title: "Subunits against LN",
    stem: page.title,
    width: 520,
    group: true,
    label: () => {
      const above = cells.filter((c) => (c.ahead ?? 0) > 0).length;
      return `Correlation of predicted and counted answers of ${cells.length} cells: subunits against LN; ${above} lie above the diagonal, ${cells.filter(isAhead).length} with an interval above 0.`;
    },
    draw: (width) => {
      const top = legendHeight(keys, width) + 6;
      return plot({
        width,
        height: width - 60 - 16 + top + 42,
        marginLeft: 60,
        marginRight: 16,
        marginTop: top,
        marginBottom: 42,
        x: { label: "correlation of LN", ...middle, domain: [low, high] },
        y: { label: "correlation of subunits", ...middle, domain: [low, high] },
        marks: [
          Plot.line(
            [
              [low, low],
              [high, high],
            ],
            { stroke: muted, strokeDasharray: "4 3" },
          ),
          dots,
          legend(keys),
        ],
      });
    },
    after: () => {
      const stops: Stop[] = [];
      for (const [cell, element] of elements) {
        element.setAttribute("role", "button");
        element.setAttribute("aria-label", summary(cell));
        for (const kind of ["mouseenter", "focus"])
          element.addEventListener(kind, () => (note.textContent = summary(cell)));
        for (const kind of ["mouseleave", "blur"]) element.addEventListener(kind, light);
        stops.push({
          element,
          x: cell.ln?.cc ?? 0,
          y: -(cell.subunits?.cc ?? 0),
          choose: () => chosen.set(cell),
        });
      }
      rove(stops);
      light();
    },
    data: () => ({
      columns: [
        "cell",
        "LN",
        "LN low",
        "LN high",
        "subunits",
        "subunits low",
        "subunits high",
        "ahead",
        "ahead low",
        "ahead high",
      ],
      rows: cells.map((c) => [
        c.name,
        c.ln?.cc,
        c.ln?.cc_interval[0],
        c.ln?.cc_interval[1],
        c.subunits?.cc,
        c.subunits?.cc_interval[0],
        c.subunits?.cc_interval[1],
        c.ahead,
        c.ahead_interval?.[0],
        c.ahead_interval?.[1],
      ]),
    }),
    caption: el(
      "div",
      {},
      note,
      "Above the diagonal subunits are better. Click a cell for its images. Bars: 95 % over images.",
    ),
  }).element;
}

function images(page: Page, cells: FlashedCell[], chosen: State<FlashedCell | null>): HTMLElement {
  interface Point {
    image: number;
    counted: number;
    predicted: number;
    model: string;
  }
  const points = (c: FlashedCell | null): Point[] =>
    (["subunits", "ln"] as const).flatMap((k) =>
      (c?.counts ?? []).flatMap((counted, i): Point[] => {
        const predicted = c?.[k]?.rate[i];
        if (!isNumber(counted) || !isNumber(predicted)) return [];
        return [{ image: i + 1, counted, predicted, model: k === "ln" ? "LN" : "subunits" }];
      }),
    );
  const keys: Key[] = [
    { label: "subunits", colour: networkColour, kind: "dot" },
    { label: "LN", colour: lnColour, kind: "ring" },
  ];
  const picker = select(
    "Cell",
    cells.map((c, i) => ({ value: String(i), text: c.name })),
    "0",
    (v) => chosen.set(cells[Number(v)] ?? null),
  );
  const fig = figure({
    name: "flashed-images",
    title: "Images of one cell",
    stem: page.title,
    width: 520,
    controls: [picker],
    label: () => {
      const c = chosen.get();
      return c
        ? `Counted against predicted answers of ${c.name} to ${c.counts?.length ?? 0} images. ${summary(c)}.`
        : "No cell is chosen.";
    },
    draw: (width) => {
      const all = points(chosen.get());
      const most = Math.max(0.1, ...all.flatMap((p) => [p.counted, p.predicted]));
      return plot({
        width,
        height: Math.round(width * 0.8),
        marginLeft: 60,
        marginRight: 16,
        marginTop: legendHeight(keys, width - 60) + 8,
        marginBottom: 42,
        x: { label: "predicted spikes per trial", ...middle, domain: [0, most * 1.03] },
        y: { label: "counted spikes per trial", ...middle, domain: [0, most * 1.03] },
        marks: [
          Plot.line(
            [
              [0, 0],
              [most, most],
            ],
            { stroke: gridline, strokeWidth: 1.5 },
          ),
          Plot.dot(all, {
            x: "predicted",
            y: "counted",
            r: 4,
            stroke: (p: Point) => (p.model === "LN" ? lnColour : networkColour),
            fill: (p: Point) => (p.model === "LN" ? "none" : networkColour),
            fillOpacity: 0.8,
          }),
          Plot.tip(
            all,
            Plot.pointer({
              x: "predicted",
              y: "counted",
              title: (p: Point) =>
                `image ${p.image}, ${p.model}\ncounted ${figures(p.counted)}, predicted ${figures(p.predicted)} spikes per trial`,
            }),
          ),
          legend(keys),
        ],
      });
    },
    data: () => {
      const c = chosen.get();
      return {
        columns: ["cell", "image", "counted", "subunits", "LN", "baseline"],
        rows: (c?.counts ?? []).map((v, i) => [
          c?.name,
          i + 1,
          v,
          c?.subunits?.rate[i],
          c?.ln?.rate[i],
          c?.baseline?.[i],
        ]),
      };
    },
    caption: "Each image was held out of the fit that predicts it.",
  });
  chosen.watch(() => {
    const box = picker.querySelector("select");
    const c = chosen.get();
    if (box && c) box.value = String(cells.indexOf(c));
    fig.redraw();
  });
  return fig.element;
}

function cellTable(page: Page, flashed: Flashed, chosen: State<FlashedCell | null>): HTMLElement {
  const rows = new Map<FlashedCell, HTMLElement>();
  const show = (): void => {
    for (const [cell, row] of rows) row.classList.toggle("lit", cell === chosen.get());
  };
  chosen.watch(show);
  const with95 = (
    head: string,
    value: (c: FlashedCell) => Maybe,
    range: (c: FlashedCell) => Interval | undefined,
    text = fixed,
    digits = 3,
  ): Column<FlashedCell> => ranged({ head, value, range, text, digits, why: (c) => c.error });
  const body = table<FlashedCell>({
    name: "flashed",
    caption: "Cells: correlation of deviations from the baseline; intervals are 95 %, over images.",
    stem: page.title,
    rows: flashed.cells,
    filter: { label: "Find a cell", text: (c) => c.name },
    row: (element, c) => void rows.set(c, element),
    columns: [
      { head: "row", value: (c) => c.cell },
      {
        head: "cell",
        rowHead: true,
        value: (c) => c.name,
        show: (c) => (c.subunits ? el("button", { type: "button", onclick: () => chosen.set(c) }, c.name) : c.name),
      },
      {
        head: "spikes",
        hint: "in all trials",
        value: (c) => c.n_spikes,
        show: (c) => whole(c.n_spikes),
        why: (c) => c.error,
      },
      with95(
        "subunits",
        (c) => c.subunits?.cc,
        (c) => c.subunits?.cc_interval,
      ),
      with95(
        "LN",
        (c) => c.ln?.cc,
        (c) => c.ln?.cc_interval,
      ),
      with95(
        "ahead",
        (c) => c.ahead,
        (c) => c.ahead_interval,
        signed,
      ),
      {
        head: "ceiling",
        hint: "correlation that no model can pass",
        value: (c) => c.reliability?.ceiling,
        show: (c) => fixed(c.reliability?.ceiling, 3),
      },
      {
        head: "explained",
        hint: "share of what repeats",
        value: (c) => c.subunits?.feve,
        show: (c) => percent(c.subunits?.feve),
      },
      { head: "LN explains", value: (c) => c.ln?.feve, show: (c) => percent(c.ln?.feve) },
      with95(
        "size (px)",
        (c) => c.subunits?.size,
        (c) => c.subunits?.size_interval,
        fixed,
        1,
      ),
      {
        head: "extent",
        hint: "of the field, in that of the contour",
        value: (c) => c.subunits?.extent,
        show: (c) => fixed(c.subunits?.extent),
      },
      {
        head: "off",
        hint: "spikes for each unit of darker contrast",
        value: (c) => c.subunits?.off,
        show: (c) => fixed(c.subunits?.off),
      },
      {
        head: "on",
        hint: "spikes for each unit of brighter contrast",
        value: (c) => c.subunits?.on,
        show: (c) => fixed(c.subunits?.on),
      },
      { head: "error", text: true, value: (c) => c.error, show: (c) => el("span", { class: "error" }, c.error) },
    ],
  });
  show();
  return body;
}
