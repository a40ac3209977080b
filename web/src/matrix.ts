// A matrix as a picture: colour bar, values on hover and by arrow keys, numbers inside where they fit.
import { inkOn, type ColourScale } from "./colours";
import { el, svg, type Child } from "./dom";
import { figure, type Figure } from "./figure";
import type { Value } from "./file";
import { isNumber, type Maybe } from "./format";
import { colourBar, custom, heat, label12, plot, Plot } from "./marks";
import { ink, muted } from "./theme";

export interface MatrixParts {
  name: string;
  title: string;
  stem: string;
  label: () => string;
  caption: string;
  rows: () => string[];
  columns: () => string[];
  rowAxis: string;
  columnAxis: string;
  value: (row: number, column: number) => Maybe;
  show: (row: number, column: number) => string; // for the one under the pointer
  number: (v: number) => string; // inside a cell
  marked?: (row: number, column: number) => boolean; // framed, as the diagonal is
  scale: () => ColourScale;
  unit: () => string;
  controls?: Child[];
  // Further columns; complete: the value shown is among them.
  csv?: { columns: string[]; values: (row: number, column: number) => Value[]; complete?: boolean };
  choose?: (row: number, column: number) => void;
}

const letter = 6.2;

export function matrix(parts: MatrixParts): Figure {
  const idle = "Hover, or move with the arrow keys, for values.";
  const note = el("p", { class: "note", "aria-live": "polite" }, idle);
  let at: [number, number] | null = null;
  const size = (): { rows: number; columns: number } => ({
    rows: parts.rows().length,
    columns: parts.columns().length,
  });

  const draw = (width: number): SVGSVGElement => {
    const { rows, columns } = size();
    const longest = (names: string[]): number => Math.max(0, ...names.map((n) => n.length));
    const left = Math.min(34 + letter * Math.min(longest(parts.rows()), 22), width * 0.4);
    const right = 84;
    const side = Math.min((width - left - right) / Math.max(columns, 1), 90);
    const upright = longest(parts.columns()) * letter < side - 4;
    const bottom = upright ? 42 : Math.min(34 + letter * Math.min(longest(parts.columns()), 22), 160);
    const top = 8;
    const inner = side * columns;
    return plot({
      width,
      height: Math.round(side * rows + top + bottom),
      marginLeft: left,
      marginRight: width - left - inner,
      marginTop: top,
      marginBottom: bottom,
      x: { domain: [-0.5, columns - 0.5], axis: null },
      y: { domain: [-0.5, rows - 0.5], range: [top, top + side * rows], axis: null },
      marks: [
        heat(pixels(parts), parts.scale()),
        custom(({ x, y, left: l, bottom: b }, group) => {
          names(parts.rows(), side, (i, name) => group.append(label12(cut(name), l - 6, y(i) + 4, "end")));
          names(parts.columns(), side, (i, name) => group.append(columnName(cut(name), x(i), b, upright)));
          const middle = l + inner / 2;
          group.append(label12(parts.columnAxis, middle, b + bottom - 6, "middle", ink));
          const axis = label12(parts.rowAxis, 0, 0, "middle", ink);
          axis.setAttribute("transform", `translate(12,${(top + b) / 2}) rotate(-90)`);
          group.append(axis);
          frames(parts, rows, columns, { x, y }, side, group);
        }),
        Plot.frame({ stroke: muted }),
        colourBar(parts.scale(), parts.unit()),
      ],
    });
  };

  const after = (drawing: SVGSVGElement): void => {
    const { rows, columns } = size();
    const image = drawing.querySelector("image");
    if (!image) return;
    const [x0, y0, w, h] = ["x", "y", "width", "height"].map((k) => Number(image.getAttribute(k)));
    const cursor = svg("rect", {
      width: w / columns,
      height: h / rows,
      fill: "none",
      stroke: ink,
      "stroke-width": 3,
      "pointer-events": "none",
      visibility: "hidden",
    });
    drawing.append(cursor);
    const show = (): void => {
      cursor.setAttribute("visibility", at ? "visible" : "hidden");
      note.textContent = at ? parts.show(...at) : idle;
      if (!at) return;
      cursor.setAttribute("x", String(x0 + (at[1] * w) / columns));
      cursor.setAttribute("y", String(y0 + (at[0] * h) / rows));
    };
    const place = (event: MouseEvent): [number, number] | null => {
      const box = drawing.getBoundingClientRect();
      const times = Number(drawing.getAttribute("width")) / Math.max(box.width, 1);
      const column = Math.floor((((event.clientX - box.left) * times - x0) / w) * columns);
      const row = Math.floor((((event.clientY - box.top) * times - y0) / h) * rows);
      return row >= 0 && row < rows && column >= 0 && column < columns ? [row, column] : null;
    };
    drawing.addEventListener("mousemove", (event) => {
      at = place(event);
      show();
    });
    drawing.addEventListener("mouseleave", () => {
      at = null;
      show();
    });
    drawing.addEventListener("click", (event) => {
      const there = place(event);
      if (there) parts.choose?.(...there);
    });
    drawing.setAttribute("tabindex", "0");
    drawing.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (event.key === "Enter" && at) parts.choose?.(...at);
      if (!step) return;
      event.preventDefault();
      const clamp = (v: number, n: number): number => Math.min(Math.max(v, 0), n - 1);
      at = at ? [clamp(at[0] + step[0], rows), clamp(at[1] + step[1], columns)] : [0, 0];
      show();
    });
  };

  return figure({
    name: parts.name,
    dataName: `${parts.name}-matrix`,
    title: parts.title,
    stem: parts.stem,
    width: 640,
    label: parts.label,
    draw,
    after,
    controls: parts.controls,
    data: () => {
      const { rows, columns } = size();
      const [r, c] = [parts.rows(), parts.columns()];
      const extra = parts.csv;
      const lines: Value[][] = [];
      for (let i = 0; i < rows; ++i) {
        for (let j = 0; j < columns; ++j) {
          const shown = extra?.complete ? [] : [parts.value(i, j)];
          lines.push([r[i], c[j], ...shown, ...(extra?.values(i, j) ?? [])]);
        }
      }
      const shown = extra?.complete ? [] : [parts.unit()];
      return { columns: [parts.rowAxis, parts.columnAxis, ...shown, ...(extra?.columns ?? [])], rows: lines };
    },
    caption: el("div", {}, note, parts.caption),
  });
}

function pixels(parts: MatrixParts): Parameters<typeof heat>[0] {
  const [height, width] = [parts.rows().length, parts.columns().length];
  const values = new Float64Array(width * height);
  for (let i = 0; i < height; ++i) for (let j = 0; j < width; ++j) values[i * width + j] = parts.value(i, j) ?? NaN;
  return { x0: 0, y0: 0, width, height, values };
}

// As many names as there is room for.
function names(all: string[], side: number, put: (i: number, name: string) => void): void {
  const every = Math.max(1, Math.ceil(13 / side));
  for (let i = 0; i < all.length; i += every) put(i, all[i]);
}

const cut = (name: string): string => (name.length > 22 ? `${name.slice(0, 21)}\u2026` : name);

function columnName(name: string, x: number, bottom: number, upright: boolean): SVGTextElement {
  if (upright) return label12(name, x, bottom + 16, "middle");
  const turned = label12(name, 0, 0, "end");
  turned.setAttribute("transform", `translate(${x + 4},${bottom + 6}) rotate(-90)`);
  return turned;
}

function frames(
  parts: MatrixParts,
  rows: number,
  columns: number,
  { x, y }: { x: (v: number) => number; y: (v: number) => number },
  side: number,
  group: SVGGElement,
): void {
  const scale = parts.scale();
  for (let i = 0; i < rows; ++i) {
    for (let j = 0; j < columns; ++j) {
      const v = parts.value(i, j);
      const back = isNumber(v) ? inkOn(scale, v) : ink;
      if (parts.marked?.(i, j)) {
        const inset = Math.min(1.5, side / 6);
        const box = { x: x(j - 0.5) + inset, y: y(i - 0.5) + inset, width: side - 2 * inset, height: side - 2 * inset };
        group.append(svg("rect", { ...box, fill: "none", stroke: back, "stroke-width": Math.min(2, side / 8) }));
      }
      if (side >= 40) {
        const text = label12(isNumber(v) ? parts.number(v) : "\u2013", x(j), y(i) + 4, "middle", back);
        group.append(text);
      }
    }
  }
}
