// Methods side by side on the same cells.
import type { Comparison, Interval, Method, Page } from "../generated/page";
import { dot, dotsPlot, type Dot } from "./dots";
import { el, select } from "./dom";
import { figure } from "./figure";
import { fixed, interval, isInterval, isNumber, methodName, plural, seconds, signed, type Maybe } from "./format";
import { ranged, table, type Column } from "./table";
import { ink, series } from "./theme";

interface Measure {
  key: string;
  text: string;
  axis: string;
  value: (m: Method) => Maybe;
  range: (m: Method) => Interval | undefined;
  digits: number;
  zero?: boolean;
}

const none = (): undefined => undefined;
const measures: Measure[] = [
  {
    key: "gain",
    text: "gain over LN",
    axis: "bits per spike over LN",
    value: (m) => m.bits_gain,
    range: (m) => m.bits_gain_interval,
    digits: 3,
    zero: true,
  },
  {
    key: "bits",
    text: "bits per spike",
    axis: "bits per spike",
    value: (m) => m.bits_per_spike,
    range: (m) => m.bits_interval,
    digits: 3,
  },
  {
    key: "cc",
    text: "correlation",
    axis: "correlation to single trials",
    value: (m) => m.cc,
    range: (m) => m.cc_interval,
    digits: 3,
  },
  {
    key: "true",
    text: "correlation to the true rate",
    axis: "correlation to the true rate",
    value: (m) => m.true_rate_cc,
    range: none,
    digits: 3,
  },
  {
    key: "trials",
    text: "correlation to the mean of trials",
    axis: "correlation to the mean of trials",
    value: (m) => m.cc_trial_mean,
    range: none,
    digits: 3,
  },
  {
    key: "match",
    text: "match to the true subunits",
    axis: "mean correlation of true subunits to their partners",
    value: (m) => m.mean_match,
    range: none,
    digits: 3,
  },
  { key: "subunits", text: "number of subunits", axis: "subunits", value: (m) => m.n_subunits, range: none, digits: 0 },
  { key: "seconds", text: "time", axis: "seconds", value: (m) => m.seconds, range: none, digits: 1 },
];

interface Row {
  cell: Comparison["cells"][number];
  method: Method;
}

export function comparisonView(page: Page, comparison: Comparison): HTMLElement {
  const rows = comparison.cells.flatMap((cell) => cell.methods.map((method): Row => ({ cell, method })));
  const methods = [...new Set(rows.map((r) => r.method.method))];
  const failed = rows.filter((r) => r.method.error).length;
  return el(
    "section",
    { "aria-labelledby": "view" },
    el("h2", { id: "view", tabindex: -1 }, "Comparison"),
    el(
      "p",
      { class: "lead" },
      `${plural(methods.length, "method")} on ${plural(comparison.cells.length, "cell")}, scored on ` +
        `${comparison.scored_on === "test block" ? "the test block" : comparison.scored_on}. ${bestOf(rows, methods)}` +
        (failed ? ` ${plural(failed, "fit")} failed; the table says why.` : ""),
    ),
    rows.length ? picture(page, rows, methods) : null,
    fullTable(page, rows),
  );
}

function mean(values: number[]): number | null {
  return values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
}

const valuesOf = (rows: Row[], method: string, m: Measure): number[] =>
  rows
    .filter((r) => r.method.method === method)
    .map((r) => m.value(r.method))
    .filter(isNumber);

function bestOf(rows: Row[], methods: string[]): string {
  const gains = methods.flatMap((method) => {
    const gain = mean(valuesOf(rows, method, measures[0]));
    return gain === null ? [] : [{ method, gain }];
  });
  if (!gains.length) return "";
  const best = gains.reduce((a, b) => (b.gain > a.gain ? b : a));
  return `The largest mean gain over LN is that of ${methodName(best.method)}: ${signed(best.gain)} bits per spike.`;
}

function picture(page: Page, rows: Row[], methods: string[]): HTMLElement {
  const known = measures.filter((m) => rows.some((r) => isNumber(m.value(r.method))));
  let measure = known[0];
  if (!measure) return el("p", {}, "No method has a score.");
  const cells = [...new Set(rows.map((r) => r.cell))];
  const dots = (): Dot[] =>
    methods.flatMap((method, line) => {
      const own = rows.filter((r) => r.method.method === method);
      const middle = mean(valuesOf(rows, method, measure));
      const average = dot(line, middle, undefined, {
        colour: ink,
        large: true,
        title: `${methodName(method)}: mean over cells ${fixed(middle, measure.digits)}`,
      });
      return [
        ...own.flatMap((r) => cellDot(r, line, cells.indexOf(r.cell), cells.length, measure)),
        ...(cells.length > 1 ? average : []),
      ];
    });
  const fig = figure({
    name: "comparison",
    dataName: "comparison-figure",
    title: "Methods",
    stem: page.title,
    width: 860,
    label: () => {
      const means = methods.map((m) => `${methodName(m)} ${fixed(mean(valuesOf(rows, m, measure)), measure.digits)}`);
      return `${measure.axis} of ${cells.length} cells by method; means: ${means.join(", ")}.`;
    },
    controls: [
      select(
        "Measure",
        known.map((m) => ({ value: m.key, text: m.text })),
        measure.key,
        (value) => {
          measure = known.find((m) => m.key === value) ?? measure;
          fig.redraw();
        },
      ),
    ],
    draw: (width) =>
      dotsPlot({
        width,
        lines: methods.map(methodName),
        dots: dots(),
        axis: measure.axis,
        zero: measure.zero,
        lineHeight: Math.min(110, Math.max(34, 7 * cells.length)),
      }),
    data: () => ({
      columns: ["row", "cell", "method", measure.axis, "low", "high"],
      rows: rows.map((r) => {
        const range = measure.range(r.method);
        return [r.cell.cell, r.cell.name, r.method.method, measure.value(r.method), range?.[0], range?.[1]];
      }),
    }),
    caption:
      cells.length > 1
        ? "Dots: cells, from the first at the top, with 95 % intervals where there are. Diamonds: means over cells."
        : "Bars: 95 % intervals, where there are.",
  });
  return fig.element;
}

function cellDot({ cell, method }: Row, line: number, at: number, count: number, measure: Measure): Dot[] {
  const range = measure.range(method);
  const value = measure.value(method);
  const text = isInterval(range) ? ` (${interval(range, measure.digits)}, 95 %)` : "";
  return dot(line, value, range, {
    shift: count > 1 ? 0.7 * (at / (count - 1) - 0.5) : 0,
    colour: series(line),
    faint: count > 12,
    title: `${cell.name}, ${methodName(method.method)}\n${measure.text} ${fixed(value, measure.digits)}${text}`,
  });
}

function fullTable(page: Page, rows: Row[]): HTMLElement {
  const with95 = (
    head: string,
    value: (m: Method) => Maybe,
    range: (m: Method) => Interval | undefined,
    text = fixed,
  ): Column<Row> =>
    ranged({ head, value: (r) => value(r.method), range: (r) => range(r.method), text, why: (r) => r.method.error });
  const plain = (head: string, value: (m: Method) => Maybe, text: (v: Maybe) => string, hint?: string) => ({
    head,
    hint,
    value: (r: Row) => value(r.method),
    show: (r: Row) => text(value(r.method)),
    why: (r: Row) => r.method.error,
  });
  const linked = new Set((page.cells ?? []).map((c) => c.cell));
  return table({
    name: "comparison",
    caption: "Every method on every cell; intervals are 95 %, the gain is paired over blocks.",
    stem: page.title,
    rows,
    filter: { label: "Find a cell or a method", text: (r) => `${r.cell.name} ${methodName(r.method.method)}` },
    columns: [
      {
        head: "cell",
        rowHead: true,
        value: (r) => r.cell.name,
        show: (r) => (linked.has(r.cell.cell) ? el("a", { href: `#cell-${r.cell.cell}` }, r.cell.name) : r.cell.name),
        more: { row: (r) => r.cell.cell, "spikes in the scored frames": (r) => r.cell.n_spikes },
      },
      { head: "method", text: true, value: (r) => methodName(r.method.method) },
      {
        head: "chosen",
        hint: "what validation chose",
        text: true,
        value: (r) => r.method.error ?? r.method.chosen,
        show: (r) =>
          r.method.error
            ? el("span", { class: "error" }, r.method.error)
            : (r.method.chosen ?? "").replaceAll("_", " "),
      },
      with95(
        "correlation",
        (m) => m.cc,
        (m) => m.cc_interval,
      ),
      with95(
        "bits per spike",
        (m) => m.bits_per_spike,
        (m) => m.bits_interval,
      ),
      with95(
        "gain over LN",
        (m) => m.bits_gain,
        (m) => m.bits_gain_interval,
        signed,
      ),
      plain(
        "true rate",
        (m) => m.true_rate_cc,
        (v) => fixed(v, 3),
        "correlation to the true rate",
      ),
      plain(
        "mean of trials",
        (m) => m.cc_trial_mean,
        (v) => fixed(v, 3),
        "correlation to the mean of trials",
      ),
      plain(
        "match",
        (m) => m.mean_match,
        (v) => fixed(v, 3),
        "mean correlation of true subunits to their partners",
      ),
      {
        head: "found",
        hint: "true subunits with a partner",
        value: (r) => r.method.found,
        show: (r) =>
          r.cell.true_subunits === undefined ? String(r.method.found) : `${r.method.found} of ${r.cell.true_subunits}`,
        more: { "true subunits": (r) => r.cell.true_subunits },
      },
      plain(
        "subunits",
        (m) => m.n_subunits,
        (v) => fixed(v, 0),
      ),
      plain("time", (m) => m.seconds, seconds),
    ],
  });
}
