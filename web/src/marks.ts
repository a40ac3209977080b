// What figures are drawn of, beside Observable Plot's own marks.
import * as Plot from "@observablehq/plot";
import { text, type ColourScale } from "./colours";
import { el, svg } from "./dom";
import { figures } from "./format";
import type { Picture } from "./page";
import { ink, light, muted, paper } from "./theme";

export { Plot };

// A plot with the page's fonts and colours. Marks never make Plot add HTML (legends), so it is an SVG.
export function plot(options: Plot.PlotOptions): SVGSVGElement {
  const drawing = Plot.plot({
    ...options,
    className: "chart",
    style: { background: "none", color: ink, fontSize: "12px", overflow: "visible" },
  });
  if (!(drawing instanceof SVGSVGElement)) throw new Error("a plot that is no SVG");
  // Plot names its marks for screen readers; inside an image with a sentence they are noise.
  for (const part of drawing.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  return drawing;
}

type Position = (value: number) => number;

export interface Space {
  x: Position;
  y: Position;
  left: number;
  right: number;
  top: number;
  bottom: number;
  width: number;
  height: number;
}

// A mark drawn by hand in the plot's coordinates.
export function custom(draw: (space: Space, group: SVGGElement) => void): Plot.RenderFunction {
  return (_index, scales, _values, d) => {
    const group = svg("g");
    const space = {
      x: (scales.x ?? ((v: number) => v)) as Position,
      y: (scales.y ?? ((v: number) => v)) as Position,
      left: d.marginLeft,
      right: d.width - d.marginRight,
      top: d.marginTop,
      bottom: d.height - d.marginBottom,
      width: d.width,
      height: d.height,
    };
    draw(space, group);
    return group;
  };
}

// A picture's pixels as an image; blown up, so that viewers that smooth images keep its pixels.
function image(picture: Picture, scale: ColourScale): string {
  const { width, height, values } = picture;
  const small = el("canvas", { width, height });
  const context = small.getContext("2d");
  if (!context) return "data:,";
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < values.length; ++i) {
    const [r, g, b] = Number.isFinite(values[i]) ? scale.rgb(values[i]) : [200, 200, 200];
    pixels.data.set([r, g, b, 255], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
  const times = Math.max(1, Math.round(320 / Math.max(width, height)));
  const big = el("canvas", { width: width * times, height: height * times });
  const target = big.getContext("2d");
  if (!target) return small.toDataURL();
  target.imageSmoothingEnabled = false;
  target.drawImage(small, 0, 0, big.width, big.height);
  return big.toDataURL();
}

export function heat(picture: Picture, scale: ColourScale): Plot.RenderFunction {
  return custom(({ x, y }, group) => {
    const [x1, y1] = [x(picture.x0 - 0.5), y(picture.y0 - 0.5)];
    const [x2, y2] = [x(picture.x0 + picture.width - 0.5), y(picture.y0 + picture.height - 0.5)];
    group.append(
      svg("image", {
        href: image(picture, scale),
        x: x1,
        y: y1,
        width: x2 - x1,
        height: y2 - y1,
        preserveAspectRatio: "none",
        style: "image-rendering:pixelated",
      }),
    );
  });
}

// White below maps that do not fill the frame, for the colours that lie on them.
export const ground: Plot.RenderFunction = custom(({ left, right, top, bottom }, group) => {
  const box = { x: left, y: top, width: right - left, height: bottom - top };
  group.append(svg("rect", { ...box, fill: light.paper }));
});

// Beside the frame, in the right margin (about 70 pixels).
export function colourBar(scale: ColourScale, label: string): Plot.RenderFunction {
  return custom(({ right, top, bottom }, group) => {
    const [x, width, n] = [right + 14, 12, 64];
    const height = Math.min(bottom - top, 220);
    const at = (v: number): number => top + height * (1 - (v - scale.low) / (scale.high - scale.low));
    for (let i = 0; i < n; ++i) {
      const value = scale.high - ((i + 0.5) / n) * (scale.high - scale.low);
      const y = top + (i * height) / n;
      group.append(svg("rect", { x, y, width, height: height / n + 0.5, fill: text(scale.rgb(value)) }));
    }
    group.append(svg("rect", { x, y: top, width, height, fill: "none", stroke: muted, "stroke-width": 0.5 }));
    const middle = (scale.low + scale.high) / 2;
    for (const v of [scale.low, middle, scale.high]) {
      group.append(label12(figures(v, 2), x + width + 4, at(v) + 4));
    }
    const turned = label12(label, 0, 0, "middle");
    turned.setAttribute("transform", `translate(${x + width + 46},${top + height / 2}) rotate(90)`);
    group.append(turned);
  });
}

export function label12(
  content: string,
  x: number,
  y: number,
  anchor = "start",
  fill = "currentColor",
): SVGTextElement {
  return svg(
    "text",
    { x, y, fill, "font-size": 11, "text-anchor": anchor, "font-family": "system-ui, sans-serif" },
    content,
  );
}

// A number on any ground.
export function haloed(content: string, x: number, y: number, fill: string, size = 13, halo = paper): SVGTextElement {
  return svg(
    "text",
    {
      x,
      y: y + size * 0.35,
      fill,
      "font-size": size,
      "font-weight": 700,
      "text-anchor": "middle",
      "font-family": "system-ui, sans-serif",
      stroke: halo,
      "stroke-width": 3,
      "stroke-linejoin": "round",
      "paint-order": "stroke",
    },
    content,
  );
}

export interface Key {
  label: string;
  colour: string;
  kind?: "line" | "dot" | "ring" | "half" | "cross" | "area";
  dash?: string;
}

const keyWidth = (k: Key): number => 34 + 6.4 * k.label.length;

export function legendHeight(keys: Key[], width: number): number {
  return 18 * legendRows(keys, width).length + 6;
}

function legendRows(keys: Key[], width: number): Key[][] {
  const rows: Key[][] = [[]];
  let used = 0;
  for (const k of keys) {
    if (used + keyWidth(k) > width && rows[rows.length - 1].length) {
      rows.push([]);
      used = 0;
    }
    rows[rows.length - 1].push(k);
    used += keyWidth(k);
  }
  return rows;
}

// Above the frame; the plot's top margin must be at least legendHeight.
export function legend(keys: Key[]): Plot.RenderFunction {
  return custom(({ left, width, top }, group) => {
    const rows = legendRows(keys, width - left);
    rows.forEach((row, r) => {
      let x = left;
      const y = top - 14 - 18 * (rows.length - 1 - r);
      for (const k of row) {
        group.append(swatch(k, x, y), label12(k.label, x + 22, y + 4));
        x += keyWidth(k);
      }
    });
  });
}

// Of what answers to brightening, to darkening, and to both; as "ring", "dot" and "half" of a legend.
export function disc(kind: "ring" | "dot" | "half", x: number, y: number, colour: string, ground: string): SVGElement {
  const r = 4.5;
  const fill = kind === "dot" ? colour : ground;
  const whole = svg("circle", { cx: x, cy: y, r, fill, stroke: colour, "stroke-width": 1.75 });
  if (kind !== "half") return whole;
  return svg("g", {}, whole, svg("path", { d: `M${x},${y - r}A${r},${r} 0 0 0 ${x},${y + r}Z`, fill: colour }));
}

export function cross(x: number, y: number, colour: string, ground: string, r = 6): SVGElement {
  const d = `M${x - r},${y - r}L${x + r},${y + r}M${x - r},${y + r}L${x + r},${y - r}`;
  return svg(
    "g",
    { "stroke-linecap": "round" },
    svg("path", { d, stroke: ground, "stroke-width": 5 }),
    svg("path", { d, stroke: colour, "stroke-width": 2.25 }),
  );
}

function swatch(k: Key, x: number, y: number): SVGElement {
  if (k.kind === "half") return disc("half", x + 9, y, k.colour, paper);
  if (k.kind === "cross") return cross(x + 9, y, k.colour, paper, 4);
  if (k.kind === "dot") return svg("circle", { cx: x + 9, cy: y, r: 4, fill: k.colour });
  if (k.kind === "ring")
    return svg("circle", { cx: x + 9, cy: y, r: 4, fill: "none", stroke: k.colour, "stroke-width": 2 });
  if (k.kind === "area")
    return svg("rect", { x, y: y - 5, width: 18, height: 10, fill: k.colour, "fill-opacity": 0.5 });
  const line = { x1: x, x2: x + 18, y1: y, y2: y, stroke: k.colour, "stroke-width": 2 };
  return svg("line", { ...line, "stroke-dasharray": k.dash });
}

// A length of about a fifth of the field, in a round number of micrometres.
export function scaleBar(pixelUm: number | undefined, columns: number, onMap = true): Plot.RenderFunction | null {
  if (!pixelUm || !(pixelUm > 0)) return null;
  const target = (columns * pixelUm) / 4;
  const power = 10 ** Math.floor(Math.log10(target));
  const [line, ground] = onMap ? [light.ink, light.paper] : [ink, paper];
  const um = [5, 2, 1].map((k) => k * power).find((v) => v <= target) ?? power;
  return custom(({ x, right, bottom }, group) => {
    const length = Math.abs(x(um / pixelUm) - x(0));
    const y = bottom - 10;
    const bar = { x1: right - 10 - length, x2: right - 10, y1: y, y2: y };
    group.append(
      svg("line", { ...bar, stroke: ground, "stroke-width": 6 }),
      svg("line", { ...bar, stroke: line, "stroke-width": 3 }),
      haloed(`${um} \u00b5m`, right - 10 - length / 2, y - 11, line, 11, ground),
    );
  });
}

export interface Frame {
  x0: number;
  y0: number;
  columns: number;
  rows: number;
}

// Axes in pixels over a part of the grid, y downwards as images are; pixels are square.
export function gridPlot(
  width: number,
  frame: Frame,
  marks: Plot.Markish[],
  margins: { right?: number; top?: number } = {},
): SVGSVGElement {
  const { right = 10, top = 12 } = margins;
  const left = 44;
  const bottom = 40;
  const side = (width - left - right) / frame.columns;
  const inner = width - left - right;
  const short = Math.max(2, Math.min(Math.round(inner / 60), 10));
  return plot({
    width,
    height: Math.round(side * frame.rows + top + bottom),
    marginLeft: left,
    marginRight: right,
    marginTop: top,
    marginBottom: bottom,
    x: { domain: [frame.x0 - 0.5, frame.x0 + frame.columns - 0.5], label: null },
    y: { domain: [frame.y0 - 0.5, frame.y0 + frame.rows - 0.5], range: [top, top + side * frame.rows], label: null },
    marks: [
      ...marks,
      Plot.frame({ stroke: muted, strokeWidth: 0.75 }),
      Plot.axisX({ ticks: short, tickFormat: integer, label: "x (pixels)", labelAnchor: "center", labelArrow: "none" }),
      Plot.axisY({ ticks: short, tickFormat: integer, label: "y (pixels)", labelAnchor: "center", labelArrow: "none" }),
    ],
  });
}

const integer = (v: number): string => (Number.isInteger(v) ? String(v) : "");

// Axis labels in the middle, without arrows: for papers.
export const middle = { labelAnchor: "center", labelArrow: "none" } as const;

// Plots below each other, as one drawing.
export function stack(plots: SVGSVGElement[]): SVGSVGElement {
  const width = Math.max(...plots.map((p) => Number(p.getAttribute("width"))));
  let height = 0;
  for (const p of plots) {
    p.setAttribute("y", String(height));
    height += Number(p.getAttribute("height"));
  }
  const whole = svg("svg", { class: "chart", width, height, viewBox: `0 0 ${width} ${height}` }, ...plots);
  whole.setAttribute("font-family", "system-ui, sans-serif");
  return whole;
}
