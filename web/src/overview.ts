// All cells: outlines on the stimulus grid, the table, and every receptive field in small.
import type { Cell, Page } from "../generated/page";
import { colourOf, scaleFor, type ColourScale } from "./colours";
import { el, rove, select, svg, type Stop } from "./dom";
import { centreOf, outline, path, type Ring } from "./field";
import { figure, state, type State } from "./figure";
import {
  figures,
  fixed,
  interval,
  isInterval,
  isNumber,
  plural,
  seconds,
  signed,
  type Maybe,
  type MaybeInterval,
} from "./format";
import { gallery } from "./gallery";
import { colourBar, custom, gridPlot, legend, legendHeight, scaleBar, type Frame, type Key } from "./marks";
import { gainOf, nameOf } from "./page";
import { isOneFilter } from "./parts";
import { table, type Column } from "./table";
import { muted } from "./theme";

export interface Field {
  cell: Cell;
  rings: Ring[];
}

export const address = (cell: Cell): string => `#cell-${cell.cell}`;

const types: Record<string, { colour: string; dash?: string; name: string }> = {
  ON: { colour: "var(--on)", name: "ON" },
  OFF: { colour: "var(--off)", dash: "6 2.5", name: "OFF" },
  "ON-OFF": { colour: "var(--both)", dash: "2 2", name: "ON-OFF" },
  "": { colour: muted, dash: "1 3", name: "type not known" },
};

export const typeOf = (cell: Cell): (typeof types)[string] => types[cell.type ?? ""];

interface Measure {
  text: string;
  unit: string;
  value: (cell: Cell) => Maybe;
}

const measures: Record<string, Measure> = {
  cc: { text: "correlation", unit: "correlation", value: (c) => c.score?.cc },
  bits: { text: "bits per spike", unit: "bits per spike", value: (c) => c.score?.bits_per_spike },
  gain: { text: "gain over LN", unit: "bits per spike over LN", value: gainOf },
  subunits: { text: "number of subunits", unit: "excitatory subunits", value: (c) => c.revealed?.n_subunits },
  suppressive: {
    text: "number of suppressive ones",
    unit: "suppressive subunits",
    value: (c) => c.revealed?.n_suppressive || null,
  },
};

export function overview(page: Page): HTMLElement {
  const cells = page.cells ?? [];
  const hovered = state<Cell | null>(null);
  const view = el("section", { "aria-labelledby": "view" }, el("h2", { id: "view", tabindex: -1 }, "Overview"));
  view.append(el("p", { class: "lead" }, sentence(page)));
  if (!cells.length) {
    view.append(el("p", {}, "There are no cells to show."));
    return view;
  }
  const fields = cells.map((cell) => ({ cell, rings: outline(cell) }));
  if (fields.some((f) => f.rings.length)) {
    view.append(el("div", { class: "overview" }, fieldMap(page, fields, hovered), gallery(fields)));
  }
  view.append(cellTable(page, cells, hovered));
  return view;
}

function sentence(page: Page): string {
  const cells = page.cells ?? [];
  const r = page.recording;
  const structured = cells.filter((c) => c.revealed?.verdict === "structured").length;
  const failed = cells.filter((c) => c.error).length;
  const parts = [plural(cells.length, "cell")];
  if (r?.columns && r.rows) parts.push(`on a grid of ${r.columns} \u00d7 ${r.rows} pixels`);
  if (r?.pixel_um) parts.push(`of ${figures(r.pixel_um)} \u00b5m`);
  if (r?.frame_rate) parts.push(`at ${figures(r.frame_rate, 4)} frames per second`);
  let text = `${r ? `${r.name}: ` : ""}${parts.join(" ")}.`;
  if (page.scored_on) text += ` Scored on ${page.scored_on === "test block" ? "the test block" : page.scored_on}.`;
  if (cells.some((c) => c.revealed?.verdict)) {
    text += ` ${structured} of ${cells.length} ${structured === 1 ? "is" : "are"} structured: subunits explain more than one linear filter.`;
  }
  if (failed) text += ` ${plural(failed, "cell")} could not be fitted.`;
  return text;
}

// The part of the grid where the cells are, with a margin.
function near(fields: Field[]): Frame {
  const all = fields.flatMap((f) => f.rings.flat());
  const [xs, ys] = [all.map((p) => p[0]), all.map((p) => p[1])];
  const x0 = Math.floor(Math.min(...xs)) - 3;
  const y0 = Math.floor(Math.min(...ys)) - 3;
  return { x0, y0, columns: Math.ceil(Math.max(...xs)) - x0 + 4, rows: Math.ceil(Math.max(...ys)) - y0 + 4 };
}

function grid(page: Page): Frame | null {
  const r = page.recording;
  return r?.columns && r.rows ? { x0: 0, y0: 0, columns: r.columns, rows: r.rows } : null;
}

function summary(cell: Cell): string {
  const parts = [nameOf(cell)];
  if (cell.type) parts.push(cell.type);
  if (cell.score) {
    parts.push(`correlation ${fixed(cell.score.cc)}`);
    parts.push(`${fixed(cell.score.bits_per_spike)} bits per spike (LN ${fixed(cell.score.ln.bits_per_spike)})`);
  }
  if (cell.revealed) {
    parts.push(isOneFilter(cell) ? "one filter" : plural(cell.revealed.n_subunits, "subunit"));
    if (cell.revealed.n_suppressive) parts.push(`${cell.revealed.n_suppressive} suppressive`);
  }
  return parts.join(", ");
}

function fieldMap(page: Page, fields: Field[], hovered: State<Cell | null>): HTMLElement {
  const shown = fields.filter((f) => f.rings.length);
  const whole = grid(page);
  const close = near(shown);
  // A few cells would be dots on a large stimulus.
  let frame = whole && close.columns * 2 > whole.columns ? whole : close;
  const known = Object.entries(measures).filter(([, m]) => shown.some((f) => isNumber(m.value(f.cell))));
  let by = "type";
  const scale = (): ColourScale => scaleFor(shown.map((f) => measures[by].value(f.cell)));
  const keys = (): Key[] => {
    const present = new Set(shown.map((f) => typeOf(f.cell)));
    return [...present].map((t) => ({ label: t.name, colour: t.colour, dash: t.dash }));
  };
  const label = (): string => {
    const what = by === "type" ? "by type" : `by ${measures[by].text}`;
    const outside = fields.length - shown.length;
    return `Outlines of ${shown.length} cells on the stimulus grid, coloured ${what}.${outside ? ` ${outside} without a receptive field omitted.` : ""}`;
  };
  const elements = new Map<Cell, SVGElement>();

  const draw = (width: number): SVGSVGElement => {
    elements.clear();
    const colours = by === "type" ? null : scale();
    const outlines = custom((space, group) => {
      for (const f of shown) {
        const stroke = colours ? colourOf(colours, measures[by].value(f.cell)) : typeOf(f.cell).colour;
        const dash = colours ? null : typeOf(f.cell).dash;
        const d = path(f.rings, space);
        const node = svg("path", { d, fill: stroke, "fill-opacity": 0.12, stroke, "stroke-width": 1.6 });
        if (dash) node.setAttribute("stroke-dasharray", dash);
        node.setAttribute("class", "outline");
        elements.set(f.cell, node);
        group.append(node);
      }
    });
    const above = colours ? null : legend(keys());
    const top = colours ? 12 : legendHeight(keys(), width - 44) + 8;
    const marks = [outlines, scaleBar(page.recording?.pixel_um, frame.columns, false), above];
    if (colours) marks.push(colourBar(colours, measures[by].unit));
    return gridPlot(width, frame, marks, { right: colours ? 80 : 10, top });
  };

  const note = el(
    "p",
    { class: "note", "aria-live": "polite" },
    "Hover a cell or move with arrow keys; Enter opens it.",
  );
  const idle = note.textContent;
  const stops = (): Stop[] =>
    shown.flatMap((f) => {
      const element = elements.get(f.cell);
      if (!element) return [];
      const [x, y] = centreOf(f.rings);
      return [{ element, x, y, choose: () => (location.hash = address(f.cell)) }];
    });
  const after = (): void => {
    for (const [cell, element] of elements) {
      element.setAttribute("role", "link");
      element.setAttribute("aria-label", summary(cell));
      for (const [kind, value] of [
        ["mouseenter", cell],
        ["mouseleave", null],
        ["focus", cell],
        ["blur", null],
      ] as const) {
        element.addEventListener(kind, () => hovered.set(value));
      }
    }
    rove(stops());
  };
  hovered.watch(() => {
    const cell = hovered.get();
    for (const [c, element] of elements) element.classList.toggle("lit", c === cell);
    note.textContent = cell ? summary(cell) : idle;
  });
  const fig = figure({
    name: "fields",
    title: "Receptive fields on the stimulus",
    stem: page.title,
    label,
    draw,
    after,
    group: true,
    width: 640,
    data: () => ({
      columns: ["cell", "name", "type", ...known.map(([, m]) => m.text), "x (pixels)", "y (pixels)", "ring"],
      rows: shown.flatMap((f) =>
        f.rings.flatMap((ring, k) =>
          ring.map(([x, y]) => [
            f.cell.cell,
            f.cell.name,
            f.cell.type,
            ...known.map(([, m]) => m.value(f.cell)),
            x,
            y,
            k,
          ]),
        ),
      ),
    }),
    controls: [
      known.length > 0 &&
        select(
          "Colour by",
          [{ value: "type", text: "type" }, ...known.map(([value, m]) => ({ value, text: m.text }))],
          by,
          (value) => {
            by = value;
            fig.redraw();
          },
        ),
      whole &&
        select(
          "Show",
          [
            { value: "whole", text: "the whole stimulus" },
            { value: "cells", text: "where the cells are" },
          ],
          frame === whole ? "whole" : "cells",
          (value) => {
            frame = value === "whole" ? whole : close;
            fig.redraw();
          },
        ),
    ],
    caption: el(
      "div",
      {},
      note,
      "An outline is where the receptive field, or the Gaussian of its spread where it falls into pieces, is half of its peak.",
    ),
  });
  return fig.element;
}

function cellTable(page: Page, cells: Cell[], hovered: State<Cell | null>): HTMLElement {
  const rows = new Map<Cell, HTMLElement>();
  hovered.watch(() => {
    for (const [cell, row] of rows) row.classList.toggle("lit", cell === hovered.get());
  });
  return table({
    name: "cells",
    caption: "Cells. Intervals are 95 % of scores and of the gain, 90 % of subunits; n is spikes in the scored frames.",
    stem: page.title,
    rows: cells,
    columns: columns(cells),
    filter: { label: "Find a cell", text: (c) => `${c.name} ${c.cell}` },
    row: (element, cell) => {
      rows.set(cell, element);
      element.addEventListener("mouseenter", () => hovered.set(cell));
      element.addEventListener("mouseleave", () => hovered.set(null));
    },
  });
}

function columns(cells: Cell[]): Column<Cell>[] {
  const suppression = cells.some((c) => c.revealed?.n_suppressive);
  const no = (what: string) => (c: Cell) => c.error ?? what;
  return [
    { head: "row", hint: "row in the recording", value: (c) => c.cell },
    {
      head: "cell",
      rowHead: true,
      value: nameOf,
      show: (c) => el("a", { href: address(c) }, nameOf(c)),
    },
    {
      head: "type",
      text: true,
      value: (c) => c.type,
      show: (c) => el("span", { class: `type type-${c.type}` }, c.type),
    },
    { head: "n", hint: "spikes in the scored frames", value: (c) => c.score?.n_spikes, why: no("not scored") },
    {
      head: "correlation",
      hint: "of predicted rate and single-trial counts",
      value: (c) => c.score?.cc,
      show: (c) => pair(c.score?.cc, c.score?.cc_interval),
      more: { "correlation low": (c) => c.score?.cc_interval[0], "correlation high": (c) => c.score?.cc_interval[1] },
      why: no("not scored"),
    },
    {
      head: "LN\u2019s corr.",
      value: (c) => c.score?.ln.cc,
      show: (c) => fixed(c.score?.ln.cc),
      why: no("not scored"),
    },
    {
      head: "bits per spike",
      hint: "over the constant rate of the scored frames",
      value: (c) => c.score?.bits_per_spike,
      show: (c) => pair(c.score?.bits_per_spike, c.score?.bits_interval),
      more: { "bits low": (c) => c.score?.bits_interval[0], "bits high": (c) => c.score?.bits_interval[1] },
      why: no("not scored"),
    },
    {
      head: "LN\u2019s bits",
      value: (c) => c.score?.ln.bits_per_spike,
      show: (c) => fixed(c.score?.ln.bits_per_spike),
      why: no("not scored"),
    },
    {
      head: "gain",
      hint: "bits per spike over LN, paired over blocks",
      value: gainOf,
      show: (c) => gainText(c),
      more: { "gain low": (c) => c.score?.bits_gain_interval[0], "gain high": (c) => c.score?.bits_gain_interval[1] },
      why: no("not scored"),
    },
    {
      head: "verdict",
      hint: "whether there is structure, and what the subunits do not describe",
      text: true,
      value: (c) => c.error ?? c.revealed?.verdict ?? c.revealed?.residual?.not_described,
      show: verdict,
      more: { "not described": (c) => c.revealed?.residual?.not_described },
      why: no("not tested"),
    },
    {
      head: "subunits",
      hint: "number of excitatory ones, and what resamples say (90 %)",
      value: (c) => c.revealed?.n_subunits,
      show: (c) => (isOneFilter(c) ? "one filter" : counted(c.revealed?.n_subunits, c.revealed?.n_interval)),
      more: { "subunits low": (c) => c.revealed?.n_interval?.[0], "subunits high": (c) => c.revealed?.n_interval?.[1] },
      why: no("not revealed"),
    },
    {
      head: "suppressive",
      hint: "number of suppressive ones, and what resamples say (90 %)",
      value: (c) => (suppression ? c.revealed?.n_suppressive : null),
      show: (c) => counted(c.revealed?.n_suppressive, c.revealed?.n_suppressive_interval),
      more: {
        "suppressive low": (c) => c.revealed?.n_suppressive_interval?.[0],
        "suppressive high": (c) => c.revealed?.n_suppressive_interval?.[1],
      },
      why: no("not revealed"),
    },
    { head: "time", hint: "that the fit took", value: (c) => c.seconds, show: (c) => seconds(c.seconds) },
  ];
}

function counted(value: Maybe, range: MaybeInterval): HTMLElement {
  const small = isInterval(range) ? el("small", {}, ` ${interval(range, 0)}`) : null;
  return el("span", { class: "pair" }, fixed(value, 0), small);
}

function pair(value: Maybe, range: MaybeInterval, digits = 2): HTMLElement {
  const small = isInterval(range) ? el("small", {}, ` ${interval(range, digits)}`) : null;
  return el("span", { class: "pair" }, fixed(value, digits), small);
}

function gainText(cell: Cell): HTMLElement {
  const range = cell.score?.bits_gain_interval;
  const small = isInterval(range) ? el("small", {}, ` ${signed(range[0], 2)} to ${signed(range[1], 2)}`) : null;
  return el("span", { class: "pair" }, signed(gainOf(cell), 2), small);
}

function verdict(cell: Cell): HTMLElement {
  if (cell.error) return el("span", { class: "error" }, cell.error);
  const missing = cell.revealed?.residual?.not_described;
  return el("span", {}, cell.revealed?.verdict, missing && el("small", {}, ` ${missing} is not described`));
}
