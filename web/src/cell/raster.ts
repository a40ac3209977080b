// Trials of the frames that were shown several times, and the mean over trials beside the models.
import { el, svg, type Child } from "../dom";
import { figure } from "../figure";
import { figures, fixed } from "../format";
import { custom, legend, legendHeight, middle, plot, Plot, stack, type Key } from "../marks";
import { rows, unpack } from "../page";
import { gridline, ink, lnColour, networkColour, recordedColour } from "../theme";
import type { Context } from "./context";
import { timeWindow, zoomByWheel } from "./window";

const left = 50;

interface Point {
  t: number;
  mean: number;
  network: number;
  ln: number;
}

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
      mean: mean[i] * context.perSecond,
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
        meanPlot(context, width, points.slice(window.from(), window.to())),
      ]),
    data: () => ({
      columns: [
        "frame",
        `time (${context.timeUnit})`,
        ...["mean of trials", "network", "LN"].map((k) => `${k} (${context.rateUnit})`),
        ...trials.map((_, k) => `trial ${k + 1} (spikes)`),
      ],
      rows: points.map((p, i) => [i, p.t, p.mean, p.network, p.ln, ...trials.map((t) => t[i])]),
    }),
    below: window.element,
    caption: el(
      "span",
      {},
      "A tick is a frame with spikes, higher where there were several. Drag in the strip, or use the arrow keys, + and \u2212.",
    ),
  });
  const canvas = fig.element.querySelector(".canvas");
  if (canvas) zoomByWheel(canvas, window, left, 20);
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
    marginRight: 20,
    x: { domain: [from * context.timeStep, to * context.timeStep], axis: null },
    y: { domain: [0.5, trials.length + 0.5], reverse: true, label: "trial", ...middle, ticks: 4 },
    marks: [ticks, Plot.frame({ stroke: gridline })],
  });
}

function meanPlot(context: Context, width: number, points: Point[]): SVGSVGElement {
  const keys: Key[] = [
    { label: "mean of trials", colour: recordedColour, kind: "area" },
    { label: "network", colour: networkColour },
    { label: "LN", colour: lnColour, dash: "6 3" },
  ];
  const last = points[points.length - 1];
  const end = last.t + context.timeStep;
  const mid = (p: Point): number => p.t + context.timeStep / 2;
  return plot({
    width,
    height: 250,
    marginTop: legendHeight(keys, width - left) + 8,
    marginLeft: left,
    marginRight: 20,
    marginBottom: 40,
    x: { label: `time in the repeated frames (${context.timeUnit})`, domain: [points[0].t, end], ...middle },
    y: { label: context.rateUnit, ...middle, zero: true },
    marks: [
      Plot.ruleY([0], { stroke: gridline }),
      Plot.areaY([...points, { ...last, t: end }], {
        x: "t",
        y: "mean",
        curve: "step-after",
        fill: recordedColour,
        fillOpacity: 0.5,
      }),
      Plot.lineY(points, { x: mid, y: "ln", stroke: lnColour, strokeWidth: 1.5, strokeDasharray: "6 3" }),
      Plot.lineY(points, { x: mid, y: "network", stroke: networkColour, strokeWidth: 1.75 }),
      Plot.tip(
        points,
        Plot.pointerX({
          x: mid,
          y: "network",
          title: (p: Point) =>
            `${figures(p.t, 4)} ${context.timeUnit}\nmean of trials ${figures(p.mean)}\nnetwork ${figures(p.network)}\nLN ${figures(p.ln)}\n${context.rateUnit}`,
        }),
      ),
      legend(keys),
    ],
  });
}
