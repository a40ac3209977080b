// Dots with intervals on lines with names: cells, methods, pairs.
import { figures, isInterval, isNumber, type Maybe, type MaybeInterval } from "./format";
import { legend, legendHeight, middle, plot, Plot, type Key } from "./marks";
import { gridline, muted } from "./theme";

export interface Dot {
  line: number; // 0, 1, ... from the top
  shift?: number; // within the line, -0.5 to 0.5
  value: number;
  low?: number;
  high?: number;
  colour: string;
  filled?: boolean;
  large?: boolean;
  faint?: boolean;
  title: string;
}

export function dot(
  line: number,
  value: Maybe,
  range: MaybeInterval,
  rest: Partial<Dot> & { title: string; colour: string },
): Dot[] {
  if (!isNumber(value)) return [];
  return [{ line, value, ...(isInterval(range) ? { low: range[0], high: range[1] } : {}), ...rest }];
}

export interface DotsParts {
  width: number;
  lines: string[];
  dots: Dot[];
  axis: string;
  zero?: boolean; // a line at 0, which the axis holds
  keys?: Key[];
  lineHeight?: number;
}

export function dotsPlot({ width, lines, dots, axis, zero, keys, lineHeight = 22 }: DotsParts): SVGSVGElement {
  const longest = Math.max(4, ...lines.map((l) => l.length));
  const left = Math.min(20 + 6.6 * longest, width * 0.42);
  const letters = Math.max(4, Math.floor((left - 10) / 6.4));
  const name = (i: number): string => {
    const text = lines[i] ?? "";
    return text.length > letters ? `${text.slice(0, letters - 1)}\u2026` : text;
  };
  const y = (d: Dot): number => d.line + (d.shift ?? 0);
  const small = dots.filter((d) => !d.large);
  const large = dots.filter((d) => d.large);
  const top = keys ? legendHeight(keys, width - left) + 6 : 8;
  const bars = (some: Dot[], wide: number): Plot.Markish =>
    Plot.ruleY(
      some.filter((d) => d.low !== undefined),
      {
        y,
        x1: "low",
        x2: "high",
        stroke: "colour",
        strokeWidth: wide,
        strokeOpacity: (d: Dot) => (d.faint ? 0.45 : 1),
      },
    );
  return plot({
    width,
    height: Math.round(lineHeight * lines.length + top + 44),
    marginLeft: left,
    marginRight: 16,
    marginTop: top,
    marginBottom: 42,
    color: { type: "identity" },
    x: { label: axis, ...middle, nice: true, tickFormat: (v: number) => figures(v) },
    y: {
      domain: [-0.5, lines.length - 0.5],
      range: [top, top + lineHeight * lines.length],
      label: null,
      ticks: lines.map((_, i) => i),
      tickFormat: name,
      tickSize: 0,
    },
    marks: [
      Plot.ruleY(
        lines.map((_, i) => i),
        { stroke: gridline },
      ),
      zero ? Plot.ruleX([0], { stroke: muted, strokeDasharray: "3 3" }) : null,
      bars(small, 1.25),
      Plot.dot(small, {
        x: "value",
        y,
        r: 3.5,
        stroke: "colour",
        fill: (d: Dot) => (d.filled === false ? "var(--paper)" : d.colour),
        fillOpacity: (d: Dot) => (d.faint ? 0.45 : 1),
        strokeOpacity: (d: Dot) => (d.faint ? 0.6 : 1),
      }),
      bars(large, 3),
      Plot.dot(large, {
        x: "value",
        y,
        r: 6,
        symbol: "diamond",
        fill: "colour",
        stroke: "var(--paper)",
        strokeWidth: 1,
      }),
      Plot.tip(dots, Plot.pointer({ x: "value", y, title: "title" })),
      keys ? legend(keys) : null,
    ],
  });
}
