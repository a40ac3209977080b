// Models of cells on other cells.
import type { CellMatrices, CellTransfer, Interval, Page } from "../generated/page";
import { scaleFor, type ColourScale } from "./colours";
import { dot, dotsPlot } from "./dots";
import { el, select } from "./dom";
import { figure } from "./figure";
import { figures, fixed, interval, isNumber, percent, plural, signed, whole, type Maybe } from "./format";
import { matrix } from "./matrix";
import { nameOf } from "./page";
import { table } from "./table";
import { series } from "./theme";

type MeasureKey = "cc" | "bits_per_spike" | "own_ahead";

const measures: Record<MeasureKey, { text: string; unit: string; digits: number }> = {
  bits_per_spike: { text: "bits per spike", unit: "bits per spike", digits: 2 },
  cc: { text: "correlation", unit: "correlation", digits: 2 },
  own_ahead: { text: "own model ahead", unit: "own ahead (bits per spike)", digits: 2 },
};

type TransferCell = CellTransfer["cells"][number];

// Names may repeat; rows of the recording do not.
function labelsOf(cells: TransferCell[]): string[] {
  const count = new Map<string, number>();
  for (const c of cells) count.set(nameOf(c), (count.get(nameOf(c)) ?? 0) + 1);
  return cells.map((c) => (count.get(nameOf(c)) === 1 ? nameOf(c) : `${nameOf(c)} (row ${c.cell})`));
}

const flat = (m: (number | null)[][]): (number | null)[] => m.flat();

export function cellTransferView(page: Page, transfer: CellTransfer): HTMLElement {
  const { cells } = transfer;
  const own = cells.filter((c) => c.own_exceeds_all_others).length;
  const refit = isNumber(transfer.refit)
    ? ` Scale and offset of another model\u2019s output were fitted to ${percent(transfer.refit, 0)} of a cell\u2019s training frames` +
      (isNumber(transfer.refit_frames) ? ` (${whole(transfer.refit_frames)} frames).` : ".")
    : "";
  return el(
    "section",
    { "aria-labelledby": "view" },
    el("h2", { id: "view", tabindex: -1 }, "Transfer between cells"),
    el(
      "p",
      { class: "lead" },
      `Models of ${plural(cells.length, "cell")} on each other\u2019s cells. The own model of ${own} of ${cells.length} ` +
        `exceeds all others (5 %, Holm\u2019s correction).${refit}`,
    ),
    leftOut(transfer),
    el("div", { class: "figures" }, picture(page, transfer), ownAhead(page, transfer)),
    cellTable(page, transfer),
  );
}

function leftOut(transfer: CellTransfer): HTMLElement | null {
  if (!transfer.left_out.length) return null;
  const items = transfer.left_out.map((c) => el("li", {}, `cell ${c.cell}: ${c.error}`));
  return el("details", {}, el("summary", {}, `${plural(items.length, "cell")} omitted`), el("ul", {}, ...items));
}

function picture(page: Page, transfer: CellTransfer): HTMLElement {
  const { cells } = transfer;
  const labels = labelsOf(cells);
  let how: "moved" | "in_place" = "moved";
  let key: MeasureKey = "bits_per_spike";
  const byRow = cells.map((_, i) => i);
  const clustered = transfer.order.length === cells.length ? transfer.order : byRow;
  let order = clustered;
  const values = (): CellMatrices => transfer[how];
  const at = (r: number, c: number): Maybe => values()[key][order[r]]?.[order[c]];
  const names = (): string[] => order.map((i) => labels[i]);
  // One scale for both ways of placing, so that switching compares.
  const scale = (): ColourScale => scaleFor([...flat(transfer.moved[key]), ...flat(transfer.in_place[key])]);
  const text = (r: number, c: number): string => {
    const [i, j] = [order[r], order[c]];
    const m = values();
    const parts = [`model of ${labels[i]} on ${labels[j]}`];
    parts.push(`correlation ${fixed(m.cc[i][j], 3)}`, `${fixed(m.bits_per_spike[i][j], 3)} bits per spike`);
    if (i !== j) {
      const range: Interval = [m.own_ahead_low[i][j], m.own_ahead_high[i][j]];
      parts.push(`own ahead ${signed(m.own_ahead[i][j])} (${interval(range, 3)}, 95 %), p ${figures(m.p[i][j], 2)}`);
    }
    return parts.join(", ");
  };
  const fig = matrix({
    name: "transfer",
    title: "Models on cells",
    stem: page.title,
    label: () => {
      const off = order.flatMap((_, r) => order.flatMap((__, c) => (r === c ? [] : [at(r, c)]))).filter(isNumber);
      const on = order.map((_, r) => at(r, r)).filter(isNumber);
      const mean = (v: number[]): string => fixed(v.length ? v.reduce((a, b) => a + b, 0) / v.length : null, 2);
      return `${measures[key].text} of ${cells.length} models (rows) on ${cells.length} cells (columns), models ${how === "moved" ? "moved to the cell" : "in place"}: mean ${mean(on)} on own cells, ${mean(off)} on others.`;
    },
    caption:
      "Frames: a cell\u2019s own model. Colours below zero are blue: worse than a constant rate, or the own model behind. Moved: the model\u2019s window lies where the cell\u2019s is.",
    rows: names,
    columns: names,
    rowAxis: "model of",
    columnAxis: "cell",
    value: at,
    show: text,
    number: (v) => fixed(v, measures[key].digits),
    marked: (r, c) => r === c,
    scale,
    unit: () => measures[key].unit,
    csv: {
      complete: true,
      columns: ["placing", "correlation", "bits per spike", "own ahead", "own ahead low", "own ahead high", "p"],
      values: (r, c) => {
        const [i, j] = [order[r], order[c]];
        const m = values();
        return [
          how,
          m.cc[i][j],
          m.bits_per_spike[i][j],
          m.own_ahead[i][j],
          m.own_ahead_low[i][j],
          m.own_ahead_high[i][j],
          m.p[i][j],
        ];
      },
    },
    controls: [
      select(
        "Measure",
        (Object.keys(measures) as MeasureKey[]).map((k) => ({ value: k, text: measures[k].text })),
        key,
        (v) => {
          key = v as MeasureKey;
          fig.redraw();
        },
      ),
      select(
        "Models",
        [
          { value: "moved", text: "moved to the cell" },
          { value: "in_place", text: "in place" },
        ],
        how,
        (v) => {
          how = v === "moved" ? "moved" : "in_place";
          fig.redraw();
        },
      ),
      select(
        "Order",
        [
          { value: "clustered", text: "alike together" },
          { value: "row", text: "by row" },
        ],
        "clustered",
        (v) => {
          order = v === "row" ? byRow : clustered;
          fig.redraw();
        },
      ),
    ],
  });
  return fig.element;
}

interface Ahead {
  cell: number;
  label: string;
  other: string;
  value: Maybe;
  range: Interval;
  p: Maybe;
  all: boolean;
}

function aheadOf(transfer: CellTransfer): Ahead[] {
  const { cells, moved } = transfer;
  const labels = labelsOf(cells);
  return cells.flatMap((c, j): Ahead[] => {
    const i = cells.findIndex((o) => o.cell === c.best_other);
    if (i < 0) return [];
    return [
      {
        cell: c.cell,
        label: labels[j],
        other: labels[i],
        value: moved.own_ahead[i][j],
        range: [moved.own_ahead_low[i][j], moved.own_ahead_high[i][j]],
        p: moved.p[i][j],
        all: c.own_exceeds_all_others,
      },
    ];
  });
}

function ownAhead(page: Page, transfer: CellTransfer): HTMLElement | null {
  const all = aheadOf(transfer).filter((a) => isNumber(a.value));
  if (!all.length) return null;
  const sorted = [...all].sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const above = sorted.filter((a) => (a.range[0] ?? -1) > 0).length;
  return figure({
    name: "own-ahead",
    title: "Own model against the best other",
    stem: page.title,
    width: 560,
    label: () =>
      `Bits per spike by which the own model of ${sorted.length} cells is ahead of the best other, moved; the interval is above 0 for ${above}.`,
    draw: (width) =>
      dotsPlot({
        width,
        lines: sorted.map((a) => a.label),
        dots: sorted.flatMap((a, line) =>
          dot(line, a.value, a.range, {
            colour: series(0),
            filled: a.all,
            title: `${a.label}, best other: ${a.other}\nahead ${signed(a.value)} (${interval(a.range, 3)}, 95 %)\np ${figures(a.p, 2)}`,
          }),
        ),
        axis: "bits per spike that the own model is ahead",
        zero: true,
        lineHeight: sorted.length > 60 ? 10 : 16,
      }),
    data: () => ({
      columns: ["cell", "best other", "own ahead (bits per spike)", "low", "high", "p", "exceeds all others"],
      rows: sorted.map((a) => [a.label, a.other, a.value, a.range[0], a.range[1], a.p, a.all ? "yes" : "no"]),
    }),
    caption:
      "The best other is the model that, moved, does best on the cell. Bars: 95 %, paired over blocks. Filled: the own model exceeds all others.",
  }).element;
}

function cellTable(page: Page, transfer: CellTransfer): HTMLElement {
  const ahead = new Map(aheadOf(transfer).map((a) => [a.cell, a]));
  const { cells, moved } = transfer;
  const rows = cells.map((cell, i) => ({ cell, i, ahead: ahead.get(cell.cell) }));
  return table({
    name: "transfer",
    caption: "Cells: the own model, and the best other when moved; 95 % intervals.",
    stem: page.title,
    rows,
    filter: { label: "Find a cell", text: (r) => `${r.cell.name} ${r.cell.cell}` },
    columns: [
      { head: "row", value: (r) => r.cell.cell },
      { head: "cell", rowHead: true, value: (r) => nameOf(r.cell) },
      { head: "spikes", hint: "in its test block", value: (r) => r.cell.n_spikes, show: (r) => whole(r.cell.n_spikes) },
      { head: "own correlation", value: (r) => moved.cc[r.i][r.i], show: (r) => fixed(moved.cc[r.i][r.i]) },
      {
        head: "own bits per spike",
        value: (r) => moved.bits_per_spike[r.i][r.i],
        show: (r) => fixed(moved.bits_per_spike[r.i][r.i]),
      },
      { head: "best other", text: true, value: (r) => r.ahead?.other, why: () => "no other model" },
      {
        head: "own ahead (bits)",
        value: (r) => r.ahead?.value,
        show: (r) =>
          el("span", { class: "pair" }, signed(r.ahead?.value), el("small", {}, ` ${interval(r.ahead?.range, 3)}`)),
        more: { "own ahead low": (r) => r.ahead?.range[0], "own ahead high": (r) => r.ahead?.range[1] },
      },
      { head: "p", value: (r) => r.ahead?.p, show: (r) => figures(r.ahead?.p, 2) },
      {
        head: "exceeds all others",
        text: true,
        value: (r) => (r.cell.own_exceeds_all_others ? "yes" : "no"),
      },
    ],
  });
}
