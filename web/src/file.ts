// Files that the page hands out: CSV, SVG, PNG. All are made here; nothing is fetched.
import { el } from "./dom";
import { light, resolve } from "./theme";

export type Value = string | number | null | undefined;

export interface Sheet {
  columns: string[];
  rows: Value[][];
}

// RFC 4180. Text that a spreadsheet would run as a formula is led by an apostrophe; numbers stay numbers.
function field(value: Value): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  const guarded = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

export function csv(sheet: Sheet): string {
  return [sheet.columns, ...sheet.rows].map((row) => row.map(field).join(",") + "\r\n").join("");
}

export function fileName(stem: string, ending: string): string {
  const safe = stem
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[-.]+|-+$/g, "")
    .slice(0, 80);
  return `${safe || "figure"}.${ending}`;
}

// Chromium silently drops downloads beyond ten in a second; those wait.
let recent: number[] = [];

export function save(content: Blob, name: string): void {
  const now = performance.now();
  recent = recent.filter((t) => now - t < 1200);
  if (recent.length >= 8) {
    setTimeout(() => save(content, name), 1250 - (now - recent[0]));
    return;
  }
  recent.push(now);
  const url = URL.createObjectURL(content);
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function saveCsv(sheet: Sheet, stem: string): void {
  save(new Blob([csv(sheet)], { type: "text/csv;charset=utf-8" }), fileName(stem, "csv"));
}

// A drawing that stands alone: light colours as values, fonts that every machine has, white below.
export function standalone(drawing: SVGSVGElement, title: string): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const ns = "http://www.w3.org/2000/svg";
  for (const sheet of copy.querySelectorAll("style")) sheet.remove();
  for (const node of [copy, ...copy.querySelectorAll("*")]) {
    for (const name of ["tabindex", "role", "class", "aria-label", "aria-describedby"]) node.removeAttribute(name);
    if (node.getAttribute("font-family")) node.setAttribute("font-family", "Helvetica, Arial, sans-serif");
  }
  const width = Number(copy.getAttribute("width"));
  const height = Number(copy.getAttribute("height"));
  copy.setAttribute("xmlns", ns);
  copy.setAttribute("viewBox", copy.getAttribute("viewBox") ?? `0 0 ${width} ${height}`);
  copy.setAttribute("style", `color:${light.ink};background:${light.paper}`);
  copy.setAttribute("font-family", "Helvetica, Arial, sans-serif");
  const background = document.createElementNS(ns, "rect");
  background.setAttribute("width", "100%");
  background.setAttribute("height", "100%");
  background.setAttribute("fill", light.paper);
  const heading = document.createElementNS(ns, "title");
  heading.textContent = title;
  copy.prepend(heading, background);
  return resolve(new XMLSerializer().serializeToString(copy));
}

export function saveSvg(drawing: SVGSVGElement, title: string, stem: string): void {
  save(new Blob([standalone(drawing, title)], { type: "image/svg+xml" }), fileName(stem, "svg"));
}

export async function savePng(drawing: SVGSVGElement, title: string, stem: string): Promise<void> {
  const times = 3;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(drawing, title))}`;
  await image.decode();
  const canvas = el("canvas", {
    width: Math.round(times * Number(drawing.getAttribute("width"))),
    height: Math.round(times * Number(drawing.getAttribute("height"))),
  });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  context.fillStyle = light.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  // Not toBlob, which waits until a browser is idle.
  const bytes = Uint8Array.from(atob(canvas.toDataURL("image/png").split(",")[1]), (c) => c.charCodeAt(0));
  save(new Blob([bytes], { type: "image/png" }), fileName(stem, "png"));
}

// Clipboard without the API, which browsers may keep from files.
export async function copyText(content: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(content);
    return true;
  } catch {
    const area = el("textarea", { class: "offscreen", "aria-hidden": "true" });
    area.value = content;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
