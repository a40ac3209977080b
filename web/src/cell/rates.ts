// Recorded rate, the network's and LN's, on the scored frames.
import { el, select, type Child, type Option } from "../dom";
import { figure } from "../figure";
import { figures, fixed } from "../format";
import { legend, legendHeight, middle, plot, Plot, type Key } from "../marks";
import { unpack } from "../page";
import { gridline, lnColour, networkColour, recordedColour } from "../theme";
import type { Context } from "./context";
import { timeWindow, zoomByWheel } from "./window";

interface Point {
  t: number;
  end: number;
  recorded: number;
  network: number;
  ln: number;
}

const left = 50;

export function ratesFigure(context: Context, scoredOn: string | undefined): Child {
  const trace = context.cell.trace;
  if (!trace) return null;
  const counts = unpack(trace.counts).values;
  const rate = unpack(trace.rate).values;
  const ln = unpack(trace.ln_rate).values;
  if (!counts.length) return null;
  let bin = 1;
  const window = timeWindow(context, counts, () => fig.redraw());
  const points = (from: number, to: number): Point[] => binned(context, counts, rate, ln, bin, from, to);
  const keys: Key[] = [
    { label: "recorded", colour: recordedColour, kind: "area" },
    { label: "network", colour: networkColour },
    { label: "LN", colour: lnColour, dash: "6 3" },
  ];
  const span = (): string =>
    `${figures(window.from() * context.timeStep)} to ${figures(window.to() * context.timeStep)} ${context.timeUnit}`;
  const fig = figure({
    name: "rates",
    title: "Model against recorded rate",
    stem: context.stem,
    width: 1100,
    label: () =>
      `Recorded rate of ${context.name}, the network's and LN's from ${span()} of the scored frames` +
      (context.cell.score
        ? `; correlation ${fixed(context.cell.score.cc)}, LN ${fixed(context.cell.score.ln.cc)}.`
        : "."),
    controls: [
      select("Bins of", binOptions(context), "1", (v) => {
        bin = Number(v);
        fig.redraw();
      }),
      ...window.buttons,
    ],
    draw: (width) => draw(context, width, points(window.from(), window.to()), keys),
    data: () => ({
      columns: [
        "frame",
        `time (${context.timeUnit})`,
        ...["recorded", "network", "LN"].map((k) => `${k} (${context.rateUnit})`),
      ],
      rows: [...counts.keys()].map((i) => [
        i,
        i * context.timeStep,
        counts[i] * context.perSecond,
        rate[i] * context.perSecond,
        ln[i] * context.perSecond,
      ]),
    }),
    below: window.element,
    caption: el(
      "span",
      {},
      `The first ${counts.length.toLocaleString("en-US")} frames of the ${scoredOn ?? "test block"}. The strip shows all of them: drag in it, or use the arrow keys, + and \u2212; Ctrl or Shift with the wheel zooms the figure.`,
    ),
  });
  const canvas = fig.element.querySelector(".canvas");
  if (canvas) zoomByWheel(canvas, window, left, 20);
  fig.element.classList.add("full");
  return fig.element;
}

function binOptions({ timeStep, timeUnit }: Context): Option[] {
  if (timeUnit !== "s")
    return [1, 2, 5, 10].map((k) => ({ value: String(k), text: k === 1 ? "1 frame" : `${k} frames` }));
  const frames = new Set([1, ...[0.05, 0.1, 0.2, 0.5, 1].map((s) => Math.max(1, Math.round(s / timeStep)))]);
  return [...frames].map((k) => {
    const text = `${k} ${k === 1 ? "frame" : "frames"} (${figures(1000 * k * timeStep)} ms)`;
    return { value: String(k), text };
  });
}

// Bins begin at multiples of their width, so that they stay when the window moves.
function binned(
  context: Context,
  counts: Float64Array,
  rate: Float64Array,
  ln: Float64Array,
  bin: number,
  from: number,
  to: number,
): Point[] {
  const out: Point[] = [];
  const mean = (values: Float64Array, start: number, end: number): number => {
    let sum = 0;
    for (let i = start; i < end; ++i) sum += values[i];
    return (sum / (end - start)) * context.perSecond;
  };
  for (let start = Math.floor(from / bin) * bin; start < to; start += bin) {
    const end = Math.min(start + bin, counts.length);
    out.push({
      t: start * context.timeStep,
      end: end * context.timeStep,
      recorded: mean(counts, start, end),
      network: mean(rate, start, end),
      ln: mean(ln, start, end),
    });
  }
  return out;
}

function draw(context: Context, width: number, points: Point[], keys: Key[]): SVGSVGElement {
  const last = points[points.length - 1];
  const ends = [points[0].t, last.end];
  const steps = [...points, { ...last, t: last.end }];
  const mid = (p: Point): number => (p.t + p.end) / 2;
  return plot({
    width,
    height: 300,
    marginTop: legendHeight(keys, width - left) + 8,
    marginLeft: left,
    marginRight: 20,
    marginBottom: 40,
    x: { label: `time in the scored frames (${context.timeUnit})`, domain: ends, ...middle },
    y: { label: context.rateUnit, ...middle, zero: true },
    marks: [
      Plot.ruleY([0], { stroke: gridline }),
      Plot.areaY(steps, { x: "t", y: "recorded", curve: "step-after", fill: recordedColour, fillOpacity: 0.5 }),
      Plot.lineY(points, { x: mid, y: "ln", stroke: lnColour, strokeWidth: 1.5, strokeDasharray: "6 3" }),
      Plot.lineY(points, { x: mid, y: "network", stroke: networkColour, strokeWidth: 1.75 }),
      Plot.ruleX(points, Plot.pointerX({ x: mid, stroke: gridline })),
      Plot.tip(
        points,
        Plot.pointerX({
          x: mid,
          y: "network",
          title: (p: Point) =>
            `${figures(p.t, 4)} ${context.timeUnit}\nrecorded ${figures(p.recorded)}\nnetwork ${figures(p.network)}\nLN ${figures(p.ln)}\n${context.rateUnit}`,
        }),
      ),
      legend(keys),
    ],
  });
}
