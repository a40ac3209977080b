// A stretch of time that a figure shows: a strip of all frames with a brush, and keys and buttons that move it.
import { el, svg } from "../dom";
import { figures } from "../format";
import type { Context } from "./context";

export interface Window {
  from: () => number; // frames
  to: () => number;
  element: HTMLElement; // the strip
  buttons: HTMLElement[];
  set: (from: number, to: number) => void;
  zoom: (factor: number, around: number) => void;
}

const least = 10;

export function timeWindow(context: Context, rate: ArrayLike<number>, changed: () => void): Window {
  const n = rate.length;
  const usual = Math.min(n, Math.max(least, Math.round(20 / context.timeStep)));
  let [a, b] = [0, context.timeUnit === "s" ? usual : Math.min(n, 600)];
  const first = b;
  const strip = makeStrip(rate);
  let waiting = 0;

  const set = (from: number, to: number): void => {
    const length = Math.round(Math.min(Math.max(to - from, Math.min(least, n)), n));
    const start = Math.round(Math.min(Math.max(from, 0), n - length));
    if (start === a && start + length === b) return;
    [a, b] = [start, start + length];
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => {
      show();
      changed();
    });
  };
  const zoom = (factor: number, around: number): void =>
    set(around - (around - a) * factor, around + (b - around) * factor);
  const move = (share: number): void => {
    const by = share * (b - a);
    set(a + by, b + by);
  };
  const show = (): void => {
    strip.mark(a / n, b / n);
    const text = `${figures(a * context.timeStep)} to ${figures(b * context.timeStep)} ${context.timeUnit}`;
    strip.svg.setAttribute("aria-valuetext", text);
    strip.svg.setAttribute("aria-valuenow", String(a));
  };
  const svgElement = strip.svg;
  svgElement.setAttribute("role", "slider");
  svgElement.setAttribute("aria-valuemin", "0");
  svgElement.setAttribute("aria-valuemax", String(n));
  svgElement.setAttribute("tabindex", "0");
  svgElement.setAttribute("aria-label", "Time shown. Arrows move, plus and minus zoom, 0 shows all");
  show();
  brush(strip.svg, n, () => [a, b], set);
  svgElement.addEventListener("wheel", (event) => wheel(event, strip.svg, n, zoom), { passive: false });

  const keys: Record<string, () => void> = {
    ArrowLeft: () => move(-0.25),
    ArrowRight: () => move(0.25),
    PageUp: () => move(-1),
    PageDown: () => move(1),
    Home: () => set(0, b - a),
    End: () => set(n - (b - a), n),
    "+": () => zoom(0.5, (a + b) / 2),
    "=": () => zoom(0.5, (a + b) / 2),
    "-": () => zoom(2, (a + b) / 2),
    "0": () => set(0, n),
  };
  svgElement.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  const button = (text: string, label: string, action: () => void): HTMLElement =>
    el("button", { type: "button", "aria-label": label, title: label, onclick: action }, text);
  return {
    from: () => a,
    to: () => b,
    element: el("div", { class: "strip" }, strip.svg),
    buttons: [
      button("\u25c0", "Earlier", () => move(-0.5)),
      button("\u25b6", "Later", () => move(0.5)),
      button("+", "Zoom in", () => zoom(0.5, (a + b) / 2)),
      button("\u2212", "Zoom out", () => zoom(2, (a + b) / 2)),
      button("All", "Show all frames", () => set(0, n)),
      button("Reset", "Show the first stretch", () => set(0, first)),
    ],
    set,
    zoom,
  };
}

const wide = 1000;
const high = 44;

// The rate in a few hundred columns, and a shaded box over what is shown.
function makeStrip(rate: ArrayLike<number>): { svg: SVGSVGElement; mark: (from: number, to: number) => void } {
  const columns = Math.min(rate.length, 400);
  const heights = Array.from({ length: columns }, (_, c) => {
    const start = Math.floor((c * rate.length) / columns);
    const end = Math.max(start + 1, Math.floor(((c + 1) * rate.length) / columns));
    let most = 0;
    for (let i = start; i < end; ++i) most = Math.max(most, rate[i] || 0);
    return most;
  });
  const top = Math.max(...heights, 1e-12);
  const d = heights.map((h, c) => `${((c + 0.5) * wide) / columns},${(high - 2 - (h / top) * (high - 6)).toFixed(1)}`);
  const box = svg("rect", {
    y: 1,
    height: high - 2,
    fill: "var(--accent)",
    "fill-opacity": 0.18,
    stroke: "var(--accent)",
    "vector-effect": "non-scaling-stroke",
  });
  const element = svg(
    "svg",
    { viewBox: `0 0 ${wide} ${high}`, preserveAspectRatio: "none", width: "100%", height: high },
    svg("rect", { width: wide, height: high, fill: "var(--panel)" }),
    svg("path", { d: `M0,${high}L${d.join("L")}L${wide},${high}Z`, fill: "var(--recorded)" }),
    box,
  );
  element.style.height = `${high}px`;
  const mark = (from: number, to: number): void => {
    box.setAttribute("x", String(from * wide));
    box.setAttribute("width", String(Math.max((to - from) * wide, 2)));
  };
  return { svg: element, mark };
}

function frameAt(element: Element, clientX: number, n: number): number {
  const box = element.getBoundingClientRect();
  return ((clientX - box.left) / Math.max(box.width, 1)) * n;
}

// Drag inside the box to move it, near an edge to change it, elsewhere to draw a new one.
function brush(
  element: SVGSVGElement,
  n: number,
  now: () => [number, number],
  set: (from: number, to: number) => void,
): void {
  element.addEventListener("pointerdown", (down) => {
    const start = frameAt(element, down.clientX, n);
    const [a, b] = now();
    const edge = (8 * n) / Math.max(element.getBoundingClientRect().width, 1);
    const nearA = Math.abs(start - a) < edge;
    const nearB = Math.abs(start - b) < edge;
    const inside = start > a && start < b && b - a < n;
    element.setPointerCapture(down.pointerId);
    const drag = (event: PointerEvent): void => {
      const at = frameAt(element, event.clientX, n);
      if (nearA) set(Math.min(at, b - least), b);
      else if (nearB) set(a, Math.max(at, a + least));
      else if (inside) set(a + at - start, b + at - start);
      else set(Math.min(start, at), Math.max(start, at));
    };
    const end = (): void => {
      element.removeEventListener("pointermove", drag);
      element.removeEventListener("pointerup", end);
      element.removeEventListener("pointercancel", end);
    };
    element.addEventListener("pointermove", drag);
    element.addEventListener("pointerup", end);
    element.addEventListener("pointercancel", end);
  });
}

function wheel(event: WheelEvent, element: Element, n: number, zoom: (factor: number, around: number) => void): void {
  event.preventDefault();
  zoom(Math.exp(Math.sign(event.deltaY) * 0.2), frameAt(element, event.clientX, n));
}

// On the figure itself the wheel zooms with Ctrl or Shift only, so that a page still scrolls past it.
export function zoomByWheel(canvas: Element, window: Window, marginLeft: number, marginRight: number): void {
  canvas.addEventListener(
    "wheel",
    (e) => {
      const event = e as WheelEvent;
      if (!event.ctrlKey && !event.shiftKey) return;
      event.preventDefault();
      const box = canvas.getBoundingClientRect();
      const share = (event.clientX - box.left - marginLeft) / Math.max(box.width - marginLeft - marginRight, 1);
      const around = window.from() + share * (window.to() - window.from());
      const delta = event.deltaY || event.deltaX;
      window.zoom(Math.exp(Math.sign(delta) * 0.2), around);
    },
    { passive: false },
  );
}
