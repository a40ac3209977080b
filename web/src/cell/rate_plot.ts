// What was counted as steps, and the rates of both models over it.
import { figures } from "../format";
import { legend, legendHeight, middle, plot, Plot, type Key } from "../marks";
import { gridline, lnColour, networkColour, recordedColour } from "../theme";
import type { Context } from "./context";

export const left = 50;
export const right = 20;

// A bin from t to end, rates in the context's unit.
export interface Point {
  t: number;
  end: number;
  counted: number;
  network: number;
  ln: number;
}

export interface RatePlot {
  counted: string; // "recorded", "mean of trials"
  time: string; // of the axis, without its unit
  height: number;
}

export function ratePlot(context: Context, width: number, points: Point[], parts: RatePlot): SVGSVGElement {
  const keys: Key[] = [
    { label: parts.counted, colour: recordedColour, kind: "area" },
    { label: "network", colour: networkColour },
    { label: "LN", colour: lnColour, dash: "6 3" },
  ];
  const last = points[points.length - 1];
  const steps = [...points, { ...last, t: last.end }];
  const mid = (p: Point): number => (p.t + p.end) / 2;
  return plot({
    width,
    height: parts.height,
    marginTop: legendHeight(keys, width - left) + 8,
    marginLeft: left,
    marginRight: right,
    marginBottom: 40,
    x: { label: `${parts.time} (${context.timeUnit})`, domain: [points[0].t, last.end], ...middle },
    y: { label: context.rateUnit, ...middle, zero: true },
    marks: [
      Plot.ruleY([0], { stroke: gridline }),
      Plot.areaY(steps, { x: "t", y: "counted", curve: "step-after", fill: recordedColour, fillOpacity: 0.5 }),
      Plot.lineY(points, { x: mid, y: "ln", stroke: lnColour, strokeWidth: 1.5, strokeDasharray: "6 3" }),
      Plot.lineY(points, { x: mid, y: "network", stroke: networkColour, strokeWidth: 1.75 }),
      Plot.ruleX(points, Plot.pointerX({ x: mid, stroke: gridline })),
      Plot.tip(
        points,
        Plot.pointerX({
          x: mid,
          y: "network",
          title: (p: Point) =>
            `${figures(p.t, 4)} ${context.timeUnit}\n${parts.counted} ${figures(p.counted)}\nnetwork ${figures(p.network)}\nLN ${figures(p.ln)}\n${context.rateUnit}`,
        }),
      ),
      legend(keys),
    ],
  });
}
