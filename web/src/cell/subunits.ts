// The subunits over the receptive field, the truth beside them, and their table.
import type { Interval, Subunit } from "../../generated/page";
import { diverging, greys } from "../colours";
import { el, rove, svg, type Child, type Stop } from "../dom";
import {
  centreOf,
  path,
  receptiveField,
  linearMap,
  smoothRingsAt,
  subunitRings,
  weightedSum,
  type Ring,
} from "../field";
import { figure, state, type Figure, type State } from "../figure";
import { confidence, figures, fixed, interval, isInterval, isNumber, percent } from "../format";
import { colourBar, custom, gridPlot, ground, haloed, heat, scaleBar, type Frame } from "../marks";
import { nameOf, largest, pictures, type Picture } from "../page";
import { table, type Column } from "../table";
import { light, series, seriesOnMap } from "../theme";
import type { Context } from "./context";

interface Shape {
  number: string;
  name: string; // for a screen reader
  rings: Ring[];
  place: [number, number];
  colour: string;
  confidence: number | null;
  index: number | null; // of the subunit that it is, or is the partner of
}

interface Shared {
  alone: State<number | null>;
  lit: State<number | null>;
}

export function subunitFigures(context: Context): Child[] {
  const { cell } = context;
  const subunits = cell.revealed?.subunits ?? [];
  if (!subunits.length) return linearFigure(context);
  const maps = cell.maps ? pictures(cell.maps.spatial, cell.maps.corner) : [];
  const shared: Shared = { alone: state<number | null>(null), lit: state<number | null>(null) };
  const shapes = subunits.map((u, i) => revealedShape(u, i, maps[i]));
  const field = receptiveField(cell);
  if (!field) return [subunitTable(context, subunits, shared)];
  const found = picture(context, shared, {
    name: "subunits",
    title: cell.maps?.truth ? "Revealed subunits" : "Subunits over the receptive field",
    shapes,
    maps,
    whole: field,
    unit: "sum of weight \u00d7 map",
    label: () => sentence(context, subunits, shared.alone.get()),
    caption:
      "Ellipses are one standard deviation; lines are the thicker the surer the subunit is, and dashed below a confidence of 50 %. Grey: sum of the maps by weight, or one map alone. Click or Enter shows one alone, Escape all.",
  });
  return [
    found.element,
    truthFigure(context, shared, subunits),
    ...linearFigure(context),
    subunitTable(context, subunits, shared),
  ];
}

function revealedShape(u: Subunit, i: number, map: Picture | undefined): Shape {
  const w = u.weight_interval;
  const range = isInterval(w) ? ` (${percent(w[0])} to ${percent(w[1])}, 90 %)` : "";
  const sure = isNumber(u.confidence) ? `, confidence ${confidence(u.confidence)}` : "";
  return {
    number: String(i),
    name: `Subunit ${i}: weight ${percent(u.weight)}${range}${sure}, at x ${fixed(u.x, 1)}, y ${fixed(u.y, 1)} pixels`,
    rings: subunitRings(u, map),
    place: [u.x, u.y],
    colour: seriesOnMap(i),
    confidence: u.confidence ?? null,
    index: i,
  };
}

function sentence({ cell }: Context, subunits: Subunit[], alone: number | null): string {
  if (alone !== null) return `Map of subunit ${alone} of ${nameOf(cell)} alone, with its outline.`;
  const most = subunits[0];
  return `${subunits.length} subunits over the receptive field of ${nameOf(cell)}; the largest has a weight of ${percent(most.weight)} and lies at x ${fixed(most.x, 1)}, y ${fixed(most.y, 1)} pixels.`;
}

interface PictureParts {
  name: string;
  title: string;
  shapes: Shape[];
  maps: Picture[]; // of each shape
  whole: Picture; // behind all of them
  unit: string; // of that
  label: () => string;
  caption: string;
}

// All of it, with whatever lies outside the maps.
function frameOf(whole: Picture, shapes: Shape[]): Frame {
  const points = shapes.flatMap((s) => s.rings.flat());
  const low = (k: 0 | 1, start: number): number => Math.min(start, ...points.map((p) => Math.floor(p[k] + 0.5)));
  const high = (k: 0 | 1, end: number): number => Math.max(end, ...points.map((p) => Math.ceil(p[k] - 0.5)));
  const x0 = low(0, whole.x0);
  const y0 = low(1, whole.y0);
  const columns = high(0, whole.x0 + whole.width - 1) - x0 + 1;
  return { x0, y0, columns, rows: high(1, whole.y0 + whole.height - 1) - y0 + 1 };
}

function picture(context: Context, shared: Shared, parts: PictureParts): Figure {
  const { shapes, maps, whole } = parts;
  const frame = frameOf(whole, shapes);
  const groups = new Map<Shape, SVGGElement>();
  const at = (): number => {
    const index = shared.alone.get();
    return index === null ? -1 : shapes.findIndex((s) => s.index === index);
  };
  const shownMap = (): Picture => maps[at()] ?? whole;

  const draw = (width: number): SVGSVGElement => {
    groups.clear();
    const picked = at();
    const behind = shownMap();
    const scale = greys(0, largest(behind.values));
    const outlines = custom((space, group) => {
      shapes.forEach((s, i) => {
        if (picked >= 0 && i !== picked) return;
        const sure = s.confidence ?? 0.75;
        const line = svg("path", { d: path(s.rings, space), fill: s.colour, "fill-opacity": 0.05, stroke: s.colour });
        line.setAttribute("stroke-width", String(1 + 2 * sure));
        if (sure < 0.5) line.setAttribute("stroke-dasharray", "5 3");
        const g = svg("g", { class: "subunit" }, line);
        g.append(haloed(s.number, space.x(s.place[0]), space.y(s.place[1]), s.colour, 13, light.paper));
        groups.set(s, g);
        group.append(g);
      });
    });
    const bar = colourBar(scale, picked >= 0 ? "map (unit norm)" : parts.unit);
    return gridPlot(
      width,
      frame,
      [ground, heat(behind, scale), outlines, scaleBar(context.pixelUm, frame.columns), bar],
      {
        right: 78,
      },
    );
  };
  const note = el("p", { class: "note", "aria-live": "polite" });
  const glow = (): void => {
    const shown = shapes.find((s) => s.index !== null && s.index === (shared.lit.get() ?? shared.alone.get()));
    note.textContent = shown?.name ?? "Hover a subunit, or move with the arrow keys, for its figures.";
    for (const [s, g] of groups) g.classList.toggle("lit", s.index !== null && s.index === shared.lit.get());
  };
  const after = (): void => {
    const stops: Stop[] = [];
    for (const [s, element] of groups) {
      element.setAttribute("role", "button");
      element.setAttribute("aria-label", s.name);
      if (s.index !== null) follow(element, s.index, shared);
      stops.push({ element, x: s.place[0], y: s.place[1], choose: () => toggle(shared, s.index) });
    }
    rove(stops);
    glow();
  };
  const fig = figure({
    name: parts.name,
    dataName: `${parts.name}-maps`,
    title: parts.title,
    stem: context.stem,
    label: parts.label,
    draw,
    after,
    group: true,
    width: 460,
    caption: el("div", {}, note, parts.caption),
    data: () => ({
      columns: ["map", "x (pixels)", "y (pixels)", "value"],
      rows: [["sum", whole] as const, ...maps.map((m, i) => [shapes[i]?.number ?? String(i), m] as const)].flatMap(
        ([name, m]) => [...m.values].map((v, i) => [name, m.x0 + (i % m.width), m.y0 + Math.floor(i / m.width), v]),
      ),
    }),
  });
  shared.lit.watch(glow);
  shared.alone.watch(() => {
    const focused = [...groups].find(([, g]) => g === document.activeElement)?.[0];
    fig.redraw();
    if (focused) groups.get(focused)?.focus();
  });
  fig.element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shared.alone.set(null);
  });
  return fig;
}

function toggle(shared: Shared, index: number | null): void {
  if (index !== null) shared.alone.set(shared.alone.get() === index ? null : index);
}

function follow(element: Element, index: number, { lit }: Shared): void {
  for (const kind of ["mouseenter", "focusin"]) element.addEventListener(kind, () => lit.set(index));
  for (const kind of ["mouseleave", "focusout"]) element.addEventListener(kind, () => lit.set(null));
}

// What one linear filter says of the same field.
function linearFigure(context: Context): Child[] {
  const linear = linearMap(context.cell);
  if (!linear) return [];
  const scale = diverging(largest(linear.values));
  const frame = { x0: linear.x0, y0: linear.y0, columns: linear.width, rows: linear.height };
  const fig = figure({
    name: "linear",
    title: "Spatial filter of LN",
    stem: context.stem,
    width: 460,
    label: () =>
      `Spatial filter of the LN model of ${context.name}, ${linear.width} by ${linear.height} pixels, unit norm; ` +
      `largest weight ${figures(largest(linear.values))}.`,
    draw: (width) =>
      gridPlot(
        width,
        frame,
        [heat(linear, scale), scaleBar(context.pixelUm, frame.columns), colourBar(scale, "weight (unit norm)")],
        { right: 84 },
      ),
    data: () => ({
      columns: ["x (pixels)", "y (pixels)", "weight"],
      rows: [...linear.values].map((v, i) => [
        linear.x0 + (i % linear.width),
        linear.y0 + Math.floor(i / linear.width),
        v,
      ]),
    }),
    caption: "The one filter that LN has. Its peak is positive by convention; the sign is in the temporal filter.",
  });
  return [fig.element];
}

function truthFigure(context: Context, shared: Shared, subunits: Subunit[]): Child {
  const packed = context.cell.maps?.truth;
  const corner = context.cell.maps?.corner;
  if (!packed || !corner) return null;
  const maps = pictures(packed, corner);
  const whole = weightedSum(
    maps,
    maps.map(() => 1 / Math.max(maps.length, 1)),
  );
  if (!whole) return null;
  const shapes = maps.map((m, k): Shape => {
    const partner = subunits.findIndex((u) => u.truth?.index === k);
    const rings = smoothRingsAt(m, largest(m.values) * Math.exp(-0.5));
    const number = partner >= 0 ? String(partner) : "\u2013";
    return {
      number,
      name: partner >= 0 ? `True partner of subunit ${number}` : "True subunit that was not found",
      rings,
      place: centreOf(rings),
      colour: partner >= 0 ? seriesOnMap(partner) : light.muted,
      confidence: partner >= 0 ? 1 : 0,
      index: partner >= 0 ? partner : null,
    };
  });
  const missed = shapes.filter((s) => s.index === null).length;
  return picture(context, shared, {
    name: "truth",
    title: "True subunits",
    shapes,
    maps,
    whole,
    unit: "mean of the maps",
    label: () =>
      `${shapes.length} true subunits of ${context.name}${missed ? `, of which ${missed} were not found` : ", all with a revealed partner"}.`,
    caption: `Contours at ${fixed(Math.exp(-0.5))} of each peak, which is one standard deviation of a Gaussian. Numbers and colours are those of the revealed partners${missed ? "; dashed grey was not found" : ""}.`,
  }).element;
}

function subunitTable(context: Context, subunits: Subunit[], shared: Shared): HTMLElement {
  const rows = new Map<Subunit, HTMLElement>();
  const buttons = new Map<Subunit, HTMLButtonElement>();
  const show = (): void => {
    subunits.forEach((u, i) => {
      rows.get(u)?.classList.toggle("lit", shared.lit.get() === i || shared.alone.get() === i);
      buttons.get(u)?.setAttribute("aria-pressed", String(shared.alone.get() === i));
    });
    all.hidden = shared.alone.get() === null;
  };
  const all = el(
    "button",
    { type: "button", hidden: true, onclick: () => shared.alone.set(null) },
    "Show all subunits",
  );
  shared.lit.watch(show);
  shared.alone.watch(show);
  const index = (u: Subunit): number => subunits.indexOf(u);
  const body = table({
    name: "subunits",
    caption: "Subunits by weight; intervals are 90 %. Sizes are standard deviations along the axes.",
    stem: context.stem,
    rows: subunits,
    columns: columns(context, index, (u) => {
      const button = el(
        "button",
        {
          type: "button",
          class: "swatch",
          "aria-pressed": "false",
          "aria-label": `Subunit ${index(u)} alone`,
          onclick: () => toggle(shared, index(u)),
        },
        String(index(u)),
      );
      button.style.borderColor = series(index(u));
      buttons.set(u, button);
      return button;
    }),
    row: (element, u) => {
      rows.set(u, element);
      follow(element, index(u), shared);
    },
  });
  const box = el("div", { class: "full" }, el("div", { class: "controls" }, all), body);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shared.alone.set(null);
  });
  return box;
}

function columns(
  { pixelUm }: Context,
  index: (u: Subunit) => number,
  swatch: (u: Subunit) => HTMLElement,
): Column<Subunit>[] {
  const small = (text: string): HTMLElement => el("small", {}, ` ${text}`);
  const ranged = (v: number | undefined, range: Interval | undefined): HTMLElement =>
    el("span", { class: "pair" }, fixed(v), isInterval(range) ? small(interval(range)) : null);
  const um = (v: number | undefined): number | null => (pixelUm && isNumber(v) ? v * pixelUm : null);
  return [
    { head: "subunit", rowHead: true, value: index, show: swatch },
    {
      head: "weight",
      hint: "share of the cell",
      value: (u) => u.weight,
      show: (u) =>
        el(
          "span",
          { class: "pair" },
          percent(u.weight),
          isInterval(u.weight_interval)
            ? small(`${percent(u.weight_interval[0])} to ${percent(u.weight_interval[1])}`)
            : null,
        ),
      more: { "weight low": (u) => u.weight_interval?.[0], "weight high": (u) => u.weight_interval?.[1] },
    },
    {
      head: "confidence",
      hint: "probability that the subunit is true",
      value: (u) => u.confidence,
      show: (u) => confidence(u.confidence),
    },
    {
      head: "x (px)",
      value: (u) => u.x,
      show: (u) => ranged(u.x, u.x_interval),
      more: { "x low": (u) => u.x_interval?.[0], "x high": (u) => u.x_interval?.[1] },
    },
    {
      head: "y (px)",
      value: (u) => u.y,
      show: (u) => ranged(u.y, u.y_interval),
      more: { "y low": (u) => u.y_interval?.[0], "y high": (u) => u.y_interval?.[1] },
    },
    {
      head: "long axis (px)",
      value: (u) => u.major,
      show: (u) => ranged(u.major, u.major_interval),
      more: { "long low": (u) => u.major_interval?.[0], "long high": (u) => u.major_interval?.[1] },
    },
    {
      head: "short axis (px)",
      value: (u) => u.minor,
      show: (u) => ranged(u.minor, u.minor_interval),
      more: { "short low": (u) => u.minor_interval?.[0], "short high": (u) => u.minor_interval?.[1] },
    },
    {
      head: "axes (\u00b5m)",
      hint: "the same in micrometres",
      value: (u) => um(u.major),
      show: (u) => el("span", { class: "pair" }, `${fixed(um(u.major), 0)} \u00d7 ${fixed(um(u.minor), 0)}`),
      more: { "short axis (\u00b5m)": (u) => um(u.minor) },
    },
    {
      head: "angle",
      hint: "degrees from the x axis towards larger y",
      value: (u) => u.angle,
      show: (u) => `${fixed(u.angle, 0)}\u00b0`,
    },
    {
      head: "returned",
      hint: "share of resamples in which it came back",
      value: (u) => u.returned,
      show: (u) => percent(u.returned, 0),
    },
    { head: "z", hint: "weight in its standard errors", value: (u) => u.z, show: (u) => fixed(u.z, 1) },
    {
      head: "truth",
      hint: "correlation to its true partner",
      value: (u) => u.truth?.corr,
      show: (u) => fixed(u.truth?.corr, 3),
      why: () => "it has no true partner",
    },
  ];
}
