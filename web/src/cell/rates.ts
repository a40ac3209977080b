// Recorded rate, the network's and LN's, on the scored frames.
import { el, select, type Child, type Option } from "../dom";
import { figure } from "../figure";
import { figures, fixed } from "../format";
import { unpack } from "../page";
import type { Context } from "./context";
import { left, ratePlot, right, type Point } from "./rate_plot";
import { timeWindow, zoomByWheel } from "./window";

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
    draw: (width) =>
      ratePlot(context, width, points(window.from(), window.to()), {
        counted: "recorded",
        time: "time in the scored frames",
        height: 300,
      }),
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
      `The first ${counts.length.toLocaleString("en-US")} frames of the ${scoredOn ?? "test block"}. ${context.cell.raster ? "Trials follow one another. " : ""}The strip shows all of them: drag in it, or use the arrow keys, + and \u2212; Ctrl or Shift with the wheel zooms the figure.`,
    ),
  });
  const canvas = fig.element.querySelector(".canvas");
  if (canvas) zoomByWheel(canvas, window, left, right);
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
      counted: mean(counts, start, end),
      network: mean(rate, start, end),
      ln: mean(ln, start, end),
    });
  }
  return out;
}
