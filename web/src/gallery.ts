// Every receptive field in small with its subunits' outlines; drawn when scrolled to.
import { diverging, greys } from "./colours";
import type { Cell } from "../generated/page";
import { el, svg } from "./dom";
import { linearMap, receptiveField, subunitRings } from "./field";
import { address, type Field } from "./overview";
import { largest, nameOf, pictures, type Picture } from "./page";
import { light, seriesOnMap } from "./theme";

const caption =
  "Grey: sum of the subunits\u2019 maps, whose peaks are positive by convention, the sign being in the temporal filter. " +
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
  const scale = signed ? diverging(largest(values)) : greys(0, largest(values));
  const canvas = el("canvas", { width, height, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  const pixels = context?.createImageData(width, height);
  if (!context || !pixels) return canvas;
  values.forEach((v, i) => pixels.data.set([...scale.rgb(v), 255], 4 * i));
  context.putImageData(pixels, 0, 0);
  return canvas;
}

function thumbnail({ cell, rings }: Field): HTMLElement | null {
  const subunits = cell.revealed?.subunits ?? [];
  const picture = subunits.length ? receptiveField(cell) : signedField(cell);
  if (!picture) return null;
  const maps = cell.maps ? pictures(cell.maps.spatial, cell.maps.corner) : [];
  const place = { x: (v: number) => v - picture.x0 + 0.5, y: (v: number) => v - picture.y0 + 0.5 };
  const lines = svg("svg", { viewBox: `0 0 ${picture.width} ${picture.height}`, "aria-hidden": "true" });
  const wide = picture.width / 70;
  subunits.forEach((u, i) => {
    const d = rough(subunitRings(u, maps[i]), place);
    lines.append(svg("path", { d, fill: "none", stroke: seriesOnMap(i), "stroke-width": wide }));
  });
  if (!subunits.length) {
    lines.append(svg("path", { d: rough(rings, place), fill: "none", stroke: light.ink, "stroke-width": wide }));
  }
  const box = el("div", { class: "thumbnail" }, paint(picture, !subunits.length), lines);
  box.style.aspectRatio = `${picture.width} / ${picture.height}`;
  return box;
}

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
