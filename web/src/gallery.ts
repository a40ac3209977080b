// Every receptive field in small with its subunits' outlines; drawn when scrolled to.
import { diverging, weightScale } from "./colours";
import type { Cell } from "../generated/page";
import { el, svg } from "./dom";
import { linearMap, partRings, receptiveField } from "./field";
import { address, type Field } from "./overview";
import { largest, nameOf, type Picture } from "./page";
import { isOneFilter, partsOf, suppressiveDash } from "./parts";
import { light, seriesOnMap } from "./theme";

const caption =
  "Lines are contours of the subunits\u2019 maps, solid where they excite, dashed where they suppress. Grey: sum of the " +
  "excitatory maps, or of the suppressive ones where none excites. Their peaks are positive by convention; ON or OFF is " +
  "in the time course. " +
  "In colour: fields without subunits, with the sign of the cell: blue darkening, orange brightening.";

export function gallery(fields: Field[]): HTMLElement {
  const list = el("ul", { class: "gallery" });
  const waiting = new Map<Element, Field>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const e of entries) {
        const field = waiting.get(e.target);
        if (!e.isIntersecting || !field) continue;
        observer.unobserve(e.target);
        const drawing = thumbnail(field);
        e.target.prepend(drawing ?? el("div", { class: "thumbnail none" }));
      }
    },
    { rootMargin: "300px" },
  );
  for (const f of fields) {
    const link = el(
      "a",
      { href: address(f.cell) },
      el("span", { class: "clamp", title: nameOf(f.cell) }, nameOf(f.cell)),
    );
    waiting.set(link, f);
    observer.observe(link);
    list.append(el("li", {}, link));
  }
  return el(
    "section",
    { "aria-labelledby": "gallery", "data-gallery": "" },
    el("h3", { id: "gallery" }, "Receptive fields and their subunits"),
    list,
    el("p", { class: "count" }, caption),
  );
}

function paint(picture: Picture, signed: boolean): HTMLCanvasElement {
  const { width, height, values } = picture;
  const scale = signed ? diverging(largest(values)) : weightScale(values);
  const canvas = el("canvas", { width, height, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  const pixels = context?.createImageData(width, height);
  if (!context || !pixels) return canvas;
  values.forEach((v, i) => pixels.data.set([...scale.rgb(v), 255], 4 * i));
  context.putImageData(pixels, 0, 0);
  return canvas;
}

function thumbnail({ cell, rings }: Field): HTMLElement | null {
  const parts = isOneFilter(cell) ? [] : partsOf(cell);
  const picture = parts.length ? receptiveField(cell) : signedField(cell);
  if (!picture) return null;
  const place = { x: (v: number) => v - picture.x0 + 0.5, y: (v: number) => v - picture.y0 + 0.5 };
  const lines = svg("svg", { viewBox: `0 0 ${picture.width} ${picture.height}`, "aria-hidden": "true" });
  const wide = picture.width / 70;
  for (const p of parts) {
    const line = svg("path", { d: rough(partRings(p), place), fill: "none", stroke: seriesOnMap(p.at) });
    line.setAttribute("stroke-width", String(wide));
    if (!p.excites) line.setAttribute("stroke-dasharray", dashes(wide));
    lines.append(line);
  }
  if (!parts.length) {
    lines.append(svg("path", { d: rough(rings, place), fill: "none", stroke: light.ink, "stroke-width": wide }));
  }
  const box = el("div", { class: "thumbnail" }, paint(picture, !parts.length), lines);
  box.style.aspectRatio = `${picture.width} / ${picture.height}`;
  return box;
}

// A pattern of lines of two pixels, in lines of any width.
const dashes = (wide: number): string =>
  suppressiveDash
    .split(" ")
    .map((v) => (Number(v) * wide) / 2)
    .join(" ");

// LN's map has a positive peak by convention; with the sign of the cell its colours are those of the average.
function signedField(cell: Cell): Picture | null {
  const field = receptiveField(cell);
  if (!field || cell.type !== "OFF" || !linearMap(cell)) return field;
  return { ...field, values: field.values.map((v) => -v) };
}

// Like field.path, with the decimals that coordinates of pixels need.
function rough(rings: [number, number][][], place: { x: (v: number) => number; y: (v: number) => number }): string {
  const point = ([x, y]: [number, number]): string => `${place.x(x).toFixed(2)},${place.y(y).toFixed(2)}`;
  return rings.map((ring) => `M${ring.map(point).join("L")}Z`).join("");
}
