// The spike-triggered average in space, a lag at a time, and in time.
import { diverging } from "../colours";
import { el, type Child } from "../dom";
import { figure, state } from "../figure";
import { blurred, peakLag } from "../field";
import { figures } from "../format";
import { colourBar, gridPlot, heat, legend, legendHeight, middle, plot, Plot, scaleBar, type Key } from "../marks";
import { largest, pictures, type Picture } from "../page";
import { gridline, muted, series } from "../theme";
import { lagLabel, lagText, lagTime, type Context } from "./context";

export function averageFigures(context: Context): Child[] {
  const average = context.cell.average;
  if (!average) return [];
  const lags = pictures(average.values, average.corner);
  if (!lags.length) return [];
  const lag = state(peakLag(lags));
  return [mapFigure(context, lags, lag), timeFigure(context, lags, lag)];
}

function mapFigure(context: Context, lags: Picture[], lag: ReturnType<typeof state<number>>): Child {
  const scale = diverging(Math.max(...lags.map((p) => largest(p.values))));
  const text = (): string => `${lagText(context, lag.get())} before the spike`;
  const slider = el("input", {
    type: "range",
    min: 0,
    max: lags.length - 1,
    step: 1,
    value: lag.get(),
    "aria-label": "Lag",
    "aria-valuetext": text(),
    oninput: () => lag.set(Number(slider.value)),
  });
  const said = el("output", {}, text());
  const first = lags[0];
  const frame = { x0: first.x0, y0: first.y0, columns: first.width, rows: first.height };
  const fig = figure({
    name: "average",
    title: "Spike-triggered average",
    stem: context.stem,
    width: 460,
    label: () =>
      `Spike-triggered average of ${context.name} ${text()}, over ${first.width} by ${first.height} pixels; ` +
      `its largest contrast at this lag is ${figures(peakOf(lags[lag.get()]))}.`,
    draw: (width) =>
      gridPlot(
        width,
        frame,
        [heat(lags[lag.get()], scale), scaleBar(context.pixelUm, frame.columns), colourBar(scale, "contrast")],
        { right: 84 },
      ),
    data: () => ({
      columns: ["lag (frames)", "x (pixels)", "y (pixels)", "contrast"],
      rows: lags.flatMap((p, l) =>
        [...p.values].map((v, i) => [l, p.x0 + (i % p.width), p.y0 + Math.floor(i / p.width), v]),
      ),
    }),
    controls: [el("label", { class: "control" }, "Lag ", slider), said],
    caption: "All lags have one colour scale; white is no contrast.",
  });
  lag.watch(() => {
    slider.value = String(lag.get());
    slider.setAttribute("aria-valuetext", text());
    said.textContent = text();
    fig.redraw();
  });
  return fig.element;
}

function peakOf(p: Picture): number {
  let best = 0;
  p.values.forEach((v) => {
    if (Math.abs(v) > Math.abs(best)) best = v;
  });
  return best;
}

interface Course {
  name: string;
  colour: string;
  dash?: string;
  values: number[];
}

// The centre: pixels of at least half the largest contrast, at the lag where that is.
function courses(lags: Picture[]): Course[] {
  const at = blurred(lags[peakLag(lags)]);
  const most = largest(at.values);
  const centre = [...at.values.keys()].filter((i) => Math.abs(at.values[i]) >= most / 2);
  // The blurred map says where the centre is, the raw one which of its pixels is strongest.
  const raw = lags[peakLag(lags)].values;
  const peak = centre.reduce((a, i) => (Math.abs(raw[i]) > Math.abs(raw[a]) ? i : a), centre[0] ?? 0);
  const mean = (p: Picture): number => centre.reduce((sum, i) => sum + p.values[i], 0) / Math.max(centre.length, 1);
  const x = at.x0 + (peak % at.width);
  const y = at.y0 + Math.floor(peak / at.width);
  return [
    { name: `peak pixel (${x}, ${y})`, colour: series(0), values: lags.map((p) => p.values[peak]) },
    {
      name: `mean of the centre (${centre.length} pixels)`,
      colour: series(1),
      dash: "6 3",
      values: lags.map(mean),
    },
  ];
}

function timeFigure(context: Context, lags: Picture[], lag: ReturnType<typeof state<number>>): Child {
  const all = courses(lags);
  const keys: Key[] = all.map((c) => ({ label: c.name, colour: c.colour, dash: c.dash }));
  const points = all.flatMap((c) => c.values.map((v, l) => ({ c, l, t: lagTime(context, l), v })));
  const fig = figure({
    name: "average-time",
    title: "Its time course",
    stem: context.stem,
    width: 520,
    label: () =>
      `Time course of the spike-triggered average of ${context.name}: strongest ${lagText(context, peakLag(lags))} before the spike.`,
    draw: (width) =>
      plot({
        width,
        height: 300,
        marginTop: legendHeight(keys, width - 76) + 8,
        marginLeft: 76,
        marginBottom: 40,
        x: { label: lagLabel(context), ...middle },
        y: { label: "contrast", ...middle, grid: false, tickFormat: (v: number) => figures(v) },
        marks: [
          Plot.ruleY([0], { stroke: gridline }),
          Plot.ruleX([lagTime(context, lag.get())], { stroke: muted, strokeDasharray: "3 3" }),
          ...all.map((c) =>
            Plot.lineY(c.values, {
              x: (_: number, l: number) => lagTime(context, l),
              y: (v: number) => v,
              stroke: c.colour,
              strokeWidth: 2,
              strokeDasharray: c.dash,
            }),
          ),
          Plot.dot(
            points.filter((p) => p.l === lag.get()),
            { x: "t", y: "v", fill: (p: (typeof points)[number]) => p.c.colour, r: 4 },
          ),
          Plot.tip(
            points,
            Plot.pointer({
              x: "t",
              y: "v",
              title: (p: (typeof points)[number]) =>
                `${p.c.name}\n${lagText(context, p.l)} before the spike\ncontrast ${figures(p.v)}`,
            }),
          ),
          legend(keys),
        ],
      }),
    data: () => ({
      columns: ["lag (frames)", lagLabel(context), ...all.map((c) => c.name)],
      rows: lags.map((_, l) => [l, lagTime(context, l), ...all.map((c) => c.values[l])]),
    }),
    caption: "The spike is at the right, at 0; a dashed line marks the lag of the map.",
  });
  lag.watch(fig.redraw);
  return fig.element;
}
