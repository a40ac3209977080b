// Elements out of data: text becomes text nodes only, never markup.

export type Child = Node | string | number | null | undefined | false;
type Value = string | number | boolean | null | undefined | ((event: Event) => void);
export type Attributes = Record<string, Value>;

function put(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === "number" ? String(child) : child);
  }
}

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  put(element, attributes);
  append(element, children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  put(element, attributes);
  append(element, children);
  return element;
}

export interface Option {
  value: string;
  text: string;
}

export function select(label: string, options: Option[], value: string, change: (value: string) => void): HTMLElement {
  const box = el("select", { onchange: () => change(box.value) });
  for (const o of options) box.append(el("option", { value: o.value, selected: o.value === value }, o.text));
  return el("label", { class: "control" }, `${label} `, box);
}

// Of several drawn things one is a tab stop; arrow keys move among them, Enter and Space choose.
export interface Stop {
  element: SVGElement | HTMLElement;
  x: number;
  y: number;
  choose: () => void;
}

const steps: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

// The nearest stop in a direction, where straight ahead counts as nearer than aside.
function nearest(stops: Stop[], from: Stop, [dx, dy]: [number, number]): Stop | undefined {
  let best: Stop | undefined;
  let least = Infinity;
  for (const s of stops) {
    const ahead = (s.x - from.x) * dx + (s.y - from.y) * dy;
    const aside = Math.abs((s.x - from.x) * dy) + Math.abs((s.y - from.y) * dx);
    const cost = ahead + 2 * aside;
    if (s !== from && ahead > 1e-9 && cost < least) [best, least] = [s, cost];
  }
  return best;
}

export function rove(stops: Stop[]): void {
  stops.forEach((s, i) => {
    s.element.setAttribute("tabindex", i === 0 ? "0" : "-1");
    s.element.addEventListener("click", s.choose);
    s.element.addEventListener("keydown", (event) => {
      const key = (event as KeyboardEvent).key;
      if (key === "Enter" || key === " ") {
        event.preventDefault();
        return s.choose();
      }
      const step = steps[key];
      if (!step) return;
      event.preventDefault();
      const next = nearest(stops, s, step);
      if (!next) return;
      for (const other of stops) other.element.setAttribute("tabindex", other === next ? "0" : "-1");
      next.element.focus();
    });
  });
}
