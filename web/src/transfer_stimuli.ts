// Models fitted under one stimulus, under others.
import type { CrossScore, Interval, Page, Spread, StimulusTransfer, TunePoint } from "../generated/page";
import { scaleFor } from "./colours";
import { dot, dotsPlot, type Dot } from "./dots";
import { el, select } from "./dom";
import { figure, lowered } from "./figure";
import { fixed, interval, isInterval, isNumber, percent, plural, signed, whole, type Maybe } from "./format";
import { legend, legendHeight, middle, plot, Plot, type Key } from "./marks";
import { matrix } from "./matrix";
import { ranged, table, type Column } from "./table";
import { gridline, lnColour, networkColour, series } from "./theme";

type MeasureKey = "cc" | "bits_per_spike" | "true_rate_cc";

const measures: Record<MeasureKey, { text: string; ln: "ln_cc" | "ln_bits_per_spike" | "ln_true_rate_cc" }> = {
  cc: { text: "correlation", ln: "ln_cc" },
  bits_per_spike: { text: "bits per spike", ln: "ln_bits_per_spike" },
  true_rate_cc: { text: "correlation to the true rate", ln: "ln_true_rate_cc" },
};

type Mean = StimulusTransfer["mean"][number];

// By place, [run][target]: runs may have equal names.
function meanOf(transfer: StimulusTransfer, r: number, t: number): Mean | undefined {
  return transfer.mean[r * transfer.targets.length + t];
}

export function stimulusTransferView(page: Page, transfer: StimulusTransfer): HTMLElement {
  const { runs, targets, cells } = transfer;
  const known = (Object.keys(measures) as MeasureKey[]).filter((k) => transfer.mean.some((m) => m[k]));
  const view = el(
    "section",
    { "aria-labelledby": "view" },
    el("h2", { id: "view", tabindex: -1 }, "Transfer between stimuli"),
    el(
      "p",
      { class: "lead" },
      `${plural(cells.length, "cell")}; models of ${plural(runs.length, "run")} (${runs.join(", ")}) on ${plural(targets.length, "stimulus", "stimuli")}. ` +
        `Scored on: ${targets.map((t, i) => `${t} ${transfer.scored_on[i] ?? ""}`).join(", ")}.`,
    ),
  );
  if (transfer.left_out.length) {
    const items = transfer.left_out.map((t) => el("li", {}, t));
    view.append(el("details", {}, el("summary", {}, `${items.length} omitted`), el("ul", {}, ...items)));
  }
  if (known.length) view.append(matrices(page, transfer, known), cellDots(page, transfer, known));
  view.append(scoreTable(page, transfer));
  if (cells.some((c) => c.fine_tuning?.length)) view.append(tuning(page, transfer));
  return view;
}

const bound = (s: Spread | undefined, k: "mean" | "least" | "most"): Maybe => s?.[k];

function matrices(page: Page, transfer: StimulusTransfer, known: MeasureKey[]): HTMLElement {
  let key: MeasureKey = known.includes("bits_per_spike") ? "bits_per_spike" : known[0];
  const one = (ln: boolean): ReturnType<typeof matrix> => {
    const get = (m: Mean | undefined): Spread | undefined => (ln ? m?.[measures[key].ln] : m?.[key]);
    const what = ln ? "LN" : "network";
    return matrix({
      name: ln ? "stimuli-ln" : "stimuli",
      title: ln ? "Means over cells: LN" : "Means over cells: network",
      stem: page.title,
      rows: () => transfer.runs,
      columns: () => transfer.targets,
      rowAxis: "fitted under",
      columnAxis: "scored under",
      value: (r, t) => bound(get(meanOf(transfer, r, t)), "mean"),
      show: (r, t) => {
        const s = get(meanOf(transfer, r, t));
        return `${what} of ${transfer.runs[r]} on ${transfer.targets[t]}: mean ${measures[key].text} ${fixed(bound(s, "mean"), 3)}, from ${fixed(bound(s, "least"), 3)} to ${fixed(bound(s, "most"), 3)} over ${plural(s?.cells ?? 0, "cell")}`;
      },
      number: (v) => fixed(v, 2),
      marked: (r, t) => r === t,
      scale: () => scaleFor(transfer.mean.flatMap((m) => [bound(m[key], "mean"), bound(m[measures[key].ln], "mean")])),
      unit: () => measures[key].text,
      csv: {
        columns: ["least", "most", "cells"],
        values: (r, t) => {
          const s = get(meanOf(transfer, r, t));
          return [bound(s, "least"), bound(s, "most"), s?.cells];
        },
      },
      label: () => {
        const said = transfer.runs.map(
          (run, r) => `${run} on itself ${fixed(bound(get(meanOf(transfer, r, r)), "mean"), 2)}`,
        );
        return `Mean ${measures[key].text} of the ${what} of each run (rows) on each stimulus (columns): ${said.join(", ")}.`;
      },
      caption: "Frames: the stimulus under which it was fitted. Both matrices have one colour scale.",
    });
  };
  const [network, ln] = [one(false), one(true)];
  const choice = select(
    "Measure",
    known.map((k) => ({ value: k, text: measures[k].text })),
    key,
    (v) => {
      key = v as MeasureKey;
      network.redraw();
      ln.redraw();
    },
  );
  return el(
    "div",
    {},
    el("div", { class: "controls" }, choice),
    el("div", { class: "figures" }, network.element, ln.element),
  );
}

function cellDots(page: Page, transfer: StimulusTransfer, known: MeasureKey[]): HTMLElement {
  let key: MeasureKey = known.includes("bits_per_spike") ? "bits_per_spike" : known[0];
  const pairs = transfer.runs.flatMap((run, r) => transfer.targets.map((target, t) => ({ run, r, target, t })));
  const range = (s: CrossScore | CrossScore["ln"]): Interval | undefined =>
    key === "cc" ? s?.cc_interval : key === "bits_per_spike" ? s?.bits_interval : undefined;
  const count = transfer.cells.length;
  const dots = (): Dot[] =>
    pairs.flatMap(({ run, r, target, t }, line) =>
      transfer.cells.flatMap((c, k) => {
        const s = c.scores[r]?.[t];
        const place = count > 1 ? 0.6 * (k / (count - 1) - 0.5) : 0;
        const said = (who: string, v: Maybe, i: Interval | undefined): string =>
          `${c.name}: ${who} of ${run} on ${target}\n${measures[key].text} ${fixed(v, 3)}${isInterval(i) ? ` (${interval(i, 3)}, 95 %)` : ""}`;
        return [
          ...dot(line, s?.[key], range(s), {
            shift: place - 0.05,
            colour: networkColour,
            title: said("network", s?.[key], range(s)),
            faint: count > 12,
          }),
          ...dot(line, s?.ln?.[key], range(s?.ln), {
            shift: place + 0.05,
            colour: lnColour,
            filled: false,
            title: said("LN", s?.ln?.[key], range(s?.ln)),
            faint: count > 12,
          }),
        ];
      }),
    );
  const keys: Key[] = [
    { label: "network", colour: networkColour, kind: "dot" },
    { label: "LN", colour: lnColour, kind: "ring" },
  ];
  const fig = figure({
    name: "stimuli-cells",
    title: "Cells",
    stem: page.title,
    width: 860,
    label: () =>
      `${measures[key].text} of ${count} cells for ${pairs.length} pairs of run and stimulus, network and LN, with 95 % intervals.`,
    controls: [
      select(
        "Measure",
        known.map((k) => ({ value: k, text: measures[k].text })),
        key,
        (v) => {
          key = v as MeasureKey;
          fig.redraw();
        },
      ),
    ],
    draw: (width) =>
      dotsPlot({
        width,
        lines: pairs.map((p) => `${p.run} \u2192 ${p.target}`),
        dots: dots(),
        axis: measures[key].text,
        zero: true,
        keys,
        lineHeight: Math.min(120, Math.max(30, 11 * count)),
      }),
    data: () => ({
      columns: ["cell", "run", "stimulus", "model", measures[key].text, "low", "high"],
      rows: pairs.flatMap(({ run, r, target, t }) =>
        transfer.cells.flatMap((c) => {
          const s = c.scores[r]?.[t];
          return [
            [c.name, run, target, "network", s?.[key], range(s)?.[0], range(s)?.[1]],
            [c.name, run, target, "LN", s?.ln?.[key], range(s?.ln)?.[0], range(s?.ln)?.[1]],
          ];
        }),
      ),
    }),
    caption: "Each pair of dots is a cell, from the first at the top; bars are 95 % intervals.",
  });
  return fig.element;
}

interface Row {
  cell: string;
  run: string;
  target: string;
  score: CrossScore;
}

function scoreTable(page: Page, transfer: StimulusTransfer): HTMLElement {
  const rows = transfer.cells.flatMap((c) =>
    transfer.runs.flatMap((run, r) =>
      transfer.targets.flatMap((target, t): Row[] => {
        const score = c.scores[r]?.[t];
        return score ? [{ cell: c.name, run, target, score }] : [];
      }),
    ),
  );
  const with95 = (
    head: string,
    value: (s: CrossScore) => Maybe,
    range: (s: CrossScore) => Interval | undefined,
    text = fixed,
  ): Column<Row> =>
    ranged({ head, value: (r) => value(r.score), range: (r) => range(r.score), text, why: (r) => r.score.error });
  return table({
    name: "stimuli",
    caption:
      "Every cell under every stimulus; 95 % intervals. Own ahead: bits per spike by which the stimulus\u2019s own run is ahead, paired over blocks.",
    stem: page.title,
    rows,
    filter: { label: "Find a cell or a stimulus", text: (r) => `${r.cell} ${r.run} ${r.target}` },
    columns: [
      { head: "cell", rowHead: true, value: (r) => r.cell },
      { head: "fitted under", text: true, value: (r) => r.run },
      { head: "scored under", text: true, value: (r) => r.target },
      with95(
        "correlation",
        (s) => s.cc,
        (s) => s.cc_interval,
      ),
      with95(
        "LN\u2019s correlation",
        (s) => s.ln?.cc,
        (s) => s.ln?.cc_interval,
      ),
      with95(
        "bits per spike",
        (s) => s.bits_per_spike,
        (s) => s.bits_interval,
      ),
      with95(
        "LN\u2019s bits",
        (s) => s.ln?.bits_per_spike,
        (s) => s.ln?.bits_interval,
      ),
      with95(
        "true rate",
        (s) => s.true_rate_cc,
        () => undefined,
      ),
      with95(
        "own ahead",
        (s) => s.own_ahead,
        (s) => s.own_ahead_interval,
        signed,
      ),
      {
        head: "error",
        text: true,
        value: (r) => r.score.error,
        show: (r) => el("span", { class: "error" }, r.score.error),
      },
    ],
  });
}

const learns: Record<TunePoint["learns"], { text: string; colour: string; dash?: string }> = {
  nothing: { text: "nothing", colour: "var(--muted)", dash: "2 3" },
  output: { text: "scale and offset of the output", colour: series(0) },
  all: { text: "all weights", colour: series(2), dash: "8 3" },
  "from nothing": { text: "all weights, from nothing", colour: series(1), dash: "4 3" },
};

function tuning(page: Page, transfer: StimulusTransfer): HTMLElement {
  const pairs = new Map<string, { from: string; to: string }>();
  for (const c of transfer.cells) {
    for (const f of c.fine_tuning ?? []) pairs.set(`${f.from}\u0000${f.to}`, { from: f.from, to: f.to });
  }
  const cells = transfer.cells.filter((c) => c.fine_tuning?.length);
  let who = "mean";
  const figs = [...pairs.values()].map((p) => tuningFigure(page, cells, p, () => who));
  const choice = select(
    "Cell",
    [{ value: "mean", text: "mean over cells" }, ...cells.map((c, i) => ({ value: String(i), text: c.name }))],
    who,
    (v) => {
      who = v;
      for (const f of figs) f.redraw();
    },
  );
  return el(
    "div",
    { class: "group" },
    el("h3", {}, "Fine tuning"),
    el("div", { class: "controls" }, choice),
    el("div", { class: "figures" }, ...figs.map((f) => lowered(f.element))),
  );
}

interface Tuned {
  learns: TunePoint["learns"];
  share: number;
  bits: number;
  range: Interval | undefined;
  spikes: number | null;
}

function tuningFigure(
  page: Page,
  cells: StimulusTransfer["cells"],
  pair: { from: string; to: string },
  who: () => string,
): ReturnType<typeof figure> {
  const pointsOf = (cell: StimulusTransfer["cells"][number]): TunePoint[] =>
    cell.fine_tuning?.find((f) => f.from === pair.from && f.to === pair.to)?.points ?? [];
  const points = (): Tuned[] => {
    const cell = cells[Number(who())];
    return cell
      ? pointsOf(cell).flatMap((p): Tuned[] =>
          isNumber(p.bits_per_spike)
            ? [{ learns: p.learns, share: p.share, bits: p.bits_per_spike, range: p.bits_interval, spikes: p.spikes }]
            : [],
        )
      : meanPoints(cells.flatMap(pointsOf));
  };
  const name = (): string => cells[Number(who())]?.name ?? "mean over cells";
  const keys = (Object.keys(learns) as TunePoint["learns"][]).map(
    (k): Key => ({ label: learns[k].text, colour: learns[k].colour, dash: learns[k].dash }),
  );
  return figure({
    name: `tuning-${pair.from}-${pair.to}`,
    title: `From ${pair.from} to ${pair.to}`,
    stem: page.title,
    width: 560,
    label: () => {
      const most = points().reduce((a, b) => (b.bits > a ? b.bits : a), -Infinity);
      return `Bits per spike of ${name()} under ${pair.to} against the share of its frames that a model of ${pair.from} learns from; at most ${fixed(most)}.`;
    },
    draw: (width) => {
      const all = points();
      const none = all.filter((p) => p.learns === "nothing");
      const tuned = all.filter((p) => p.share > 0);
      const shares = [...new Set(tuned.map((p) => p.share))].sort((a, b) => a - b);
      return plot({
        width,
        height: 270 + legendHeight(keys, width - 54),
        marginTop: legendHeight(keys, width - 54) + 8,
        marginLeft: 54,
        marginRight: 20,
        marginBottom: 42,
        x: {
          type: "log",
          label: "share of the frames before the test block",
          ...middle,
          ticks: shares,
          tickFormat: (v: number) => percent(v, 0),
          inset: 10,
        },
        y: { label: "bits per spike", ...middle, nice: true },
        marks: [
          Plot.gridY({ stroke: gridline, strokeOpacity: 1 }),
          Plot.ruleY(none, {
            y: "bits",
            stroke: learns.nothing.colour,
            strokeDasharray: learns.nothing.dash,
            strokeWidth: 2,
          }),
          ...(["from nothing", "all", "output"] as const).flatMap((k) => {
            const own = tuned.filter((p) => p.learns === k).sort((a, b) => a.share - b.share);
            const style = learns[k];
            return [
              Plot.lineY(own, {
                x: "share",
                y: "bits",
                stroke: style.colour,
                strokeWidth: 1.75,
                strokeDasharray: style.dash,
              }),
              Plot.ruleX(
                own.filter((p) => isInterval(p.range)),
                { x: "share", y1: (p: Tuned) => p.range?.[0], y2: (p: Tuned) => p.range?.[1], stroke: style.colour },
              ),
              Plot.dot(own, { x: "share", y: "bits", r: 3.5, fill: style.colour }),
            ];
          }),
          Plot.tip(
            tuned,
            Plot.pointer({
              x: "share",
              y: "bits",
              title: (p: Tuned) =>
                `learns ${learns[p.learns].text}\n${percent(p.share, 0)} of the frames${isNumber(p.spikes) ? `, ${whole(p.spikes)} spikes` : ""}\n${fixed(p.bits, 3)} bits per spike${isInterval(p.range) ? ` (${interval(p.range, 3)}, 95 %)` : ""}`,
            }),
          ),
          legend(keys),
        ],
      });
    },
    data: () => ({
      columns: ["cell", "learns", "share", "spikes", "bits per spike", "low", "high", "correlation", "error"],
      rows: cells.flatMap((c) =>
        pointsOf(c).map((p) => [
          c.name,
          p.learns,
          p.share,
          p.spikes,
          p.bits_per_spike,
          p.bits_interval?.[0],
          p.bits_interval?.[1],
          p.cc,
          p.error,
        ]),
      ),
    }),
    caption:
      "What the model learns under the new stimulus; the level line is the model as it came. Bars, of single cells: 95 %.",
  });
}

// Over the cells that have a figure at all.
function meanPoints(points: TunePoint[]): Tuned[] {
  const groups = new Map<string, TunePoint[]>();
  for (const p of points) {
    if (!isNumber(p.bits_per_spike)) continue;
    const key = `${p.learns} ${p.share}`;
    groups.set(key, [...(groups.get(key) ?? []), p]);
  }
  return [...groups.values()].map((group) => ({
    learns: group[0].learns,
    share: group[0].share,
    bits: group.reduce((sum, p) => sum + (p.bits_per_spike ?? 0), 0) / group.length,
    range: undefined,
    spikes: group.reduce((sum, p) => sum + (p.spikes ?? 0), 0) / group.length,
  }));
}
