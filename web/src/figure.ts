// A figure: heading, drawing, caption, and buttons that download the drawing and its data.
import { el, type Child } from "./dom";
import { saveCsv, savePng, saveSvg, type Sheet } from "./file";

export interface FigureParts {
  name: string; // data-figure, and the end of file names
  title: string;
  stem: string; // of file names: what the figure is of
  label: () => string; // what is to be seen, in a sentence
  draw: (width: number) => SVGSVGElement;
  data: () => Sheet;
  dataName?: string; // where a table beside the figure has its name
  caption?: Child;
  controls?: Child[];
  width?: number; // of the downloaded drawing, and the most on screen
  group?: boolean; // holds things that can be chosen, so it is no single image
  after?: (drawing: SVGSVGElement) => void; // what makes a drawing on screen answer
  below?: Child; // controls under the drawing
}

export interface Figure {
  element: HTMLElement;
  redraw: () => void;
}

export function figure(parts: FigureParts): Figure {
  const most = parts.width ?? 560;
  const canvas = el("div", { class: "canvas" });
  let width = 0;

  const redraw = (): void => {
    if (width < 40) return;
    const drawing = parts.draw(width);
    drawing.setAttribute("role", parts.group ? "group" : "img");
    drawing.setAttribute("aria-label", parts.label());
    canvas.replaceChildren(drawing);
    parts.after?.(drawing);
  };
  observe(canvas, (w) => {
    const next = Math.round(Math.min(w, most));
    if (next === width) return;
    width = next;
    redraw();
  });

  const stem = `${parts.stem}-${parts.name}`;
  const button = (kind: string, action: () => void): HTMLElement =>
    el("button", { type: "button", "aria-label": `Download "${parts.title}" as ${kind}`, onclick: action }, kind);
  const buttons = el(
    "span",
    { class: "downloads" },
    button("SVG", () => saveSvg(parts.draw(most), parts.label(), stem)),
    button("PNG", () => void savePng(parts.draw(most), parts.label(), stem)),
    button("CSV", () => saveCsv(parts.data(), `${parts.stem}-${parts.dataName ?? parts.name}`)),
  );
  const element = el(
    "figure",
    { "data-figure": parts.name },
    el("div", { class: "figure-head" }, el("h3", {}, parts.title), buttons),
    parts.controls?.length ? el("div", { class: "controls" }, ...parts.controls) : null,
    canvas,
    parts.below ?? null,
    parts.caption ? el("figcaption", {}, parts.caption) : null,
  );
  element.style.maxWidth = `${most}px`;
  return { element, redraw };
}

// Figures below a heading of their own level go one level down.
export function lowered(element: HTMLElement): HTMLElement {
  const heading = element.querySelector(".figure-head > h3");
  heading?.replaceWith(el("h4", {}, heading.textContent));
  return element;
}

// One observer for all figures: a figure is drawn when it first has a width, and again when that changes.
const watched = new WeakMap<Element, (width: number) => void>();
let observer: ResizeObserver | undefined;

function observe(element: Element, resized: (width: number) => void): void {
  observer ??= new ResizeObserver((entries) => {
    for (const e of entries) if (e.contentRect.width > 0) watched.get(e.target)?.(e.contentRect.width);
  });
  watched.set(element, resized);
  observer.observe(element);
}

export interface State<T> {
  get: () => T;
  set: (value: T) => void;
  watch: (changed: () => void) => void;
}

// A value that several figures share.
export function state<T>(first: T): State<T> {
  let value = first;
  const watchers: (() => void)[] = [];
  return {
    get: () => value,
    set: (next) => {
      if (next === value) return;
      value = next;
      for (const w of watchers) w();
    },
    watch: (changed) => void watchers.push(changed),
  };
}
