// Trials of the frames that were shown several times, and the mean over trials beside the models.
import { el, svg, type Child } from "../dom";
import { figure } from "../figure";
import { fixed } from "../format";
import { custom, middle, plot, Plot, stack } from "../marks";
import { rows, unpack } from "../page";
import { gridline, ink } from "../theme";
import type { Context } from "./context";
import { left, ratePlot, right, type Point } from "./rate_plot";
import { timeWindow, zoomByWheel } from "./window";

export function rasterFigure(context: Context): Child {
  const raster = context.cell.raster;
  if (!raster) return null;
  const trials = rows(raster.counts);
  const rate = unpack(raster.rate).values;
  const ln = unpack(raster.ln_rate).values;
  if (!trials.length || !rate.length) return null;
  const mean = rate.map((_, i) => trials.reduce((sum, t) => sum + t[i], 0) / trials.length);
  const points = [...rate.keys()].map(
    (i): Point => ({
      t: i * context.timeStep,
      end: (i + 1) * context.timeStep,
      counted: mean[i] * context.perSecond,
      network: rate[i] * context.perSecond,
      ln: ln[i] * context.perSecond,
    }),
  );
  const window = timeWindow(context, mean, () => fig.redraw());
  const reliability = context.cell.score?.reliability;
  const fig = figure({
    name: "raster",
    title: "Trials",
    stem: context.stem,
    width: 1100,
    controls: window.buttons,
    label: () =>
      `${trials.length} trials of ${rate.length} frames of ${context.name}, with the mean over trials, the network's rate and LN's` +
      (reliability ? `; split-half correlation ${fixed(reliability.split_half)}.` : "."),
    draw: (width) =>
      stack([
        rasterPlot(context, width, trials, window.from(), window.to()),
        ratePlot(context, width, points.slice(window.from(), window.to()), {
          counted: "mean of trials",
          time: "time in the repeated frames",
          height: 250,
        }),
      ]),
    data: () => ({
      columns: [
        "frame",
        `time (${context.timeUnit})`,
        ...["mean of trials", "network", "LN"].map((k) => `${k} (${context.rateUnit})`),
        ...trials.map((_, k) => `trial ${k + 1} (spikes)`),
      ],
      rows: points.map((p, i) => [i, p.t, p.counted, p.network, p.ln, ...trials.map((t) => t[i])]),
    }),
    below: window.element,
    caption: el(
      "span",
      {},
      "A tick is a frame with spikes, higher where there were several. Drag in the strip, or use the arrow keys, + and \u2212.",
    ),
  });
  const canvas = fig.element.querySelector(".canvas");
  if (canvas) zoomByWheel(canvas, window, left, right);
  fig.element.classList.add("full");
  return fig.element;
}

function rasterPlot(context: Context, width: number, trials: Float64Array[], from: number, to: number): SVGSVGElement {
  const each = Math.max(3, Math.min(14, Math.round(260 / trials.length)));
  const most = Math.max(1, ...trials.map((t) => t.reduce((a, b) => Math.max(a, b), 0)));
  const ticks = custom(({ x, y }, group) => {
    let d = "";
    trials.forEach((t, k) => {
      for (let i = from; i < Math.min(to, t.length); ++i) {
        if (!(t[i] > 0)) continue;
        const at = x((i + 0.5) * context.timeStep).toFixed(1);
        const half = 0.25 + 0.2 * (t[i] / most);
        d += `M${at},${y(k + 1 - half).toFixed(1)}V${y(k + 1 + half).toFixed(1)}`;
      }
    });
    group.append(svg("path", { d, stroke: ink, "stroke-width": 1.4, fill: "none" }));
  });
  return plot({
    width,
    height: each * trials.length + 20,
    marginTop: 10,
    marginBottom: 8,
    marginLeft: left,
    marginRight: right,
    x: { domain: [from * context.timeStep, to * context.timeStep], axis: null },
    y: { domain: [0.5, trials.length + 0.5], reverse: true, label: "trial", ...middle, ticks: 4 },
    marks: [ticks, Plot.frame({ stroke: gridline })],
  });
}
