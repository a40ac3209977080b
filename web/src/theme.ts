// Colours of surfaces, lines and named things, as CSS variables. Figures on screen use the variables; what is downloaded
// or printed always has the light values.
import { el } from "./dom";

type Palette = Record<string, string>;

export const light: Palette = {
  ink: "#1c2128",
  muted: "#57606a",
  rule: "#d0d7de",
  grid: "#e6eaef",
  paper: "#ffffff",
  panel: "#f6f8fa",
  accent: "#0550ae",
  mark: "#fff3c4",
  bad: "#a40e26",
  on: "#c2410c",
  off: "#0065a8",
  both: "#8b3f86",
  recorded: "#8c959f",
  network: "#0065a8",
  ln: "#c2410c",
  s0: "#0072b2",
  s1: "#d55e00",
  s2: "#00805f",
  s3: "#b5568c",
  s4: "#b87a00",
  s5: "#2a8fc9",
  s6: "#8a7f00",
};

const dark: Palette = {
  ink: "#e6edf3",
  muted: "#9aa5b1",
  rule: "#3b434d",
  grid: "#2a313a",
  paper: "#12161c",
  panel: "#1b2129",
  accent: "#79b8ff",
  mark: "#4a3f12",
  bad: "#ff8f8f",
  on: "#ff9a5c",
  off: "#62b5f0",
  both: "#dba0d6",
  recorded: "#8b96a3",
  network: "#62b5f0",
  ln: "#ff9a5c",
  s0: "#62b5f0",
  s1: "#ff9a5c",
  s2: "#3fc79f",
  s3: "#e59ac6",
  s4: "#f0b440",
  s5: "#8ad0f5",
  s6: "#e5da5a",
};

export const ink = "var(--ink)";
export const muted = "var(--muted)";
export const gridline = "var(--grid)";
export const paper = "var(--paper)";
export const recordedColour = "var(--recorded)";
export const networkColour = "var(--network)";
export const lnColour = "var(--ln)";

export function series(i: number): string {
  return `var(--s${i % 7})`;
}

// Over heat maps, whose ground is light in both themes.
export function seriesOnMap(i: number): string {
  return light[`s${i % 7}`];
}

// Replaces variables by their light values, for files that stand alone.
export function resolve(text: string): string {
  return text
    .replaceAll("var(--plot-background)", light.paper)
    .replace(/var\(--([a-z0-9-]+)\)/g, (whole, name: string) => light[name] ?? whole)
    .replaceAll("currentColor", light.ink);
}

function rules(palette: Palette, scheme: string): string {
  const variables = Object.entries(palette).map(([name, value]) => `--${name}:${value}`);
  return `color-scheme:${scheme};${variables.join(";")}`;
}

export function installTheme(): void {
  const css =
    `:root{${rules(light, "light")}}` +
    `@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){${rules(dark, "dark")}}}` +
    `@media screen{:root[data-theme=dark]{${rules(dark, "dark")}}}`;
  document.head.append(el("style", {}, css));
  apply(stored());
}

type Theme = "auto" | "light" | "dark";
const order: Theme[] = ["auto", "light", "dark"];

// Browsers may refuse storage to files; the choice then lasts as long as the page is open.
function stored(): Theme {
  try {
    const value = localStorage.getItem("plexiform-theme");
    return order.find((t) => t === value) ?? "auto";
  } catch {
    return "auto";
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem("plexiform-theme", theme);
  } catch {
    // see above
  }
}

function apply(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function themeButton(): HTMLElement {
  let theme = stored();
  const button = el("button", {
    type: "button",
    id: "theme",
    onclick: () => {
      theme = order[(order.indexOf(theme) + 1) % order.length];
      store(theme);
      show();
    },
  });
  const show = (): void => {
    apply(theme);
    button.textContent = `Colours: ${theme}`;
    button.setAttribute("aria-label", `Colours of the page: ${theme}. Press to change`);
  };
  show();
  return button;
}
