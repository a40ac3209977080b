// The subunits over the receptive field, the truth beside them, and their table.
import type { Revealed, Subunit } from "../../generated/page";
import { diverging, weightScale } from "../colours";
import { el, rove, svg, type Child, type Stop } from "../dom";
import {
  centreOf,
  contourShare,
  linearMap,
  mapRings,
  partRings,
  path,
  sumOfParts,
  weightedSum,
  type Ring,
} from "../field";
import { figure, type Figure } from "../figure";
import { confidence, figures, fixed, isInterval, isNumber, percent, plural, withInterval } from "../format";
import {
  colourBar,
  cross,
  custom,
  disc,
  gridPlot,
  ground,
  haloed,
  heat,
  legend,
  legendHeight,
  scaleBar,
  type Frame,
  type Key,
} from "../marks";
import { largest, pictures, type Picture } from "../page";
import { isOneFilter, leading, partsOf, signName, suppressiveDash, type Part, type Polarity } from "../parts";
import { ranged, table, type Column } from "../table";
import { ink, light, series, seriesOnMap } from "../theme";
import { inLags, lagDigits, type Context } from "./context";

// A subunit as it is drawn: a revealed one, or a true one with what is known of its partner.
interface Shape {
  number: string;
  name: string; // for a screen reader
  rings: Ring[];
  place: [number, number];
  colour: string;
  dash?: string;
  polarity: Polarity | null;
  confidence: number | null;
  map?: Picture;
  index: number | null; // of the part that it is, or is the partner of
}

const polarityKinds: Record<Polarity, "ring" | "dot" | "half"> = { ON: "ring", OFF: "dot", both: "half" };
const polarityTexts: Record<Polarity, string> = { ON: "\u25cb ON", OFF: "\u25cf OFF", both: "\u25d0 both" };
const notFoundDash = "1 4";

export function subunitFigures(context: Context): Child[] {
  const parts = partsOf(context.cell);
  if (!parts.length) return linearFigure(context);
  return [
    foundFigure(context, parts),
    truthFigure(context, parts),
    ...linearFigure(context),
    subunitTable(context, parts),
  ];
}

function foundFigure(context: Context, parts: Part[]): Child {
  const { cell } = context;
  const lead = leading(parts);
  const whole = sumOfParts(lead);
  if (!whole) return null;
  const one = isOneFilter(cell);
  const behind = one ? "its map" : `the sum of the ${signName(lead[0])} maps by weight, or one map alone`;
  const contours = `at ${fixed(contourShare)} of the peak, which is one standard deviation of a Gaussian`;
  const lines = "the thicker, the surer the subunit is; with a question mark below a confidence of 50 %.";
  const grey = `Grey: ${behind}; pale blue is below zero.`;
  const keys = "Click or Enter shows one alone, Escape all.";
  const residual = cell.revealed?.residual;
  const place = residual?.not_described ? residual.place : null;
  return picture(context, {
    name: "subunits",
    title: one ? "The one filter" : cell.maps?.truth ? "Revealed subunits" : "Subunits over the receptive field",
    shapes: parts.map((p) => revealedShape(context, p)),
    whole,
    unit: one ? "map (unit norm)" : "sum of weight \u00d7 map",
    label: () => sentence(context, parts),
    missing:
      isNumber(place?.x) && isNumber(place.y)
        ? { place: [place.x, place.y], text: residual?.not_described ?? "" }
        : null,
    caption: one
      ? `The line is a contour ${contours}. ${grey}`
      : `Lines are contours ${contours}: ${lines} ${grey} ${keys}`,
  }).element;
}

const nounOf = ({ cell }: Context, part: Part): string => (isOneFilter(cell) ? "Filter" : `Subunit ${part.number}`);

// 239 ms (235 to 243)
function timeText(context: Context, frames: number, range: Subunit["latency_interval"]): string {
  const ends = range?.map((v) => inLags(context, v)) as Subunit["latency_interval"];
  const digits = lagDigits(context);
  return withInterval(inLags(context, frames), ends, digits, ` ${context.lagUnit}`);
}

// Of files from before there were time courses of subunits' own, it is not known.
const hasTimes = (u: Subunit): boolean => isNumber(u.temporal_width) && u.temporal_width > 0;

function revealedShape(context: Context, part: Part): Shape {
  const u = part.subunit;
  const w = u.weight_interval;
  const said = [[signName(part), part.polarity === "both" ? "ON and OFF" : part.polarity].filter((t) => t).join(" ")];
  said.push(
    `weight ${percent(u.weight)}${isInterval(w) ? ` (${percent(w[0])} to ${percent(w[1])}, 90 % as all of these)` : ""}`,
  );
  if (isNumber(u.confidence)) said.push(`confidence ${confidence(u.confidence)}`);
  said.push(`at x ${fixed(u.x, 1)}, y ${fixed(u.y, 1)} pixels`);
  if (hasTimes(u)) {
    said.push(`latency ${timeText(context, u.latency, u.latency_interval)}`);
    said.push(`width ${timeText(context, u.temporal_width, u.temporal_width_interval)}`);
  }
  return {
    number: part.number,
    name: `${nounOf(context, part)}: ${said.join(", ")}`,
    rings: partRings(part),
    place: [u.x, u.y],
    colour: seriesOnMap(part.at),
    dash: part.excites ? undefined : suppressiveDash,
    polarity: part.polarity,
    confidence: u.confidence ?? null,
    map: part.map,
    index: part.at,
  };
}

function sentence(context: Context, parts: Part[]): string {
  const alone = context.alone.get();
  const { name } = context;
  if (alone !== null) return `Map of subunit ${parts[alone].number} of ${name} alone, with its outline.`;
  const most = parts[0];
  const { x, y, weight } = most.subunit;
  if (isOneFilter(context.cell))
    return `The one filter of ${name}, with its middle at x ${fixed(x, 1)}, y ${fixed(y, 1)} pixels.`;
  const suppressive = parts.filter((p) => !p.excites).length;
  const count = [
    plural(parts.length - suppressive, "excitatory subunit"),
    suppressive ? `${suppressive} suppressive` : "",
  ].filter((t) => t);
  return `${count.join(" and ")} over the receptive field of ${name}; ${most.number} has a weight of ${percent(weight)} and lies at x ${fixed(x, 1)}, y ${fixed(y, 1)} pixels.`;
}

interface PictureParts {
  name: string;
  title: string;
  shapes: Shape[];
  whole: Picture; // behind all of them
  unit: string; // of that
  label: () => string;
  caption: string;
  missing?: { place: [number, number]; text: string } | null; // what no subunit describes
}

// All of it, with whatever lies outside the maps.
function frameOf(whole: Picture, shapes: Shape[]): Frame {
  const points = shapes.flatMap((s) => s.rings.flat());
  const low = (k: 0 | 1, start: number): number => points.reduce((v, p) => Math.min(v, Math.floor(p[k] + 0.5)), start);
  const high = (k: 0 | 1, end: number): number => points.reduce((v, p) => Math.max(v, Math.ceil(p[k] - 0.5)), end);
  const x0 = low(0, whole.x0);
  const y0 = low(1, whole.y0);
  const columns = high(0, whole.x0 + whole.width - 1) - x0 + 1;
  return { x0, y0, columns, rows: high(1, whole.y0 + whole.height - 1) - y0 + 1 };
}

function keysOf(shapes: Shape[], missing: boolean): Key[] {
  const keys: Key[] = [];
  const known = shapes.filter((s) => s.index !== null);
  if (known.some((s) => !s.dash)) keys.push({ label: "excitatory", colour: ink });
  if (known.some((s) => s.dash)) keys.push({ label: "suppressive", colour: ink, dash: suppressiveDash });
  if (known.length < shapes.length) keys.push({ label: "not found", colour: ink, dash: notFoundDash });
  for (const polarity of ["ON", "OFF", "both"] as const) {
    const label = polarity === "both" ? "ON and OFF" : polarity;
    if (shapes.some((s) => s.polarity === polarity)) keys.push({ label, colour: ink, kind: polarityKinds[polarity] });
  }
  if (missing) keys.push({ label: "not described", colour: ink, kind: "cross" });
  return keys;
}

// Where labels of things that lie close can stand: each below those that it would cover.
function apart(places: [number, number][]): [number, number][] {
  const [wide, high] = [30, 15];
  const out: [number, number][] = [];
  for (const [x, first] of places) {
    let y = first;
    while (out.some(([a, b]) => Math.abs(a - x) < wide && Math.abs(b - y) < high)) y += 4;
    out.push([x, y]);
  }
  return out;
}

// How sure a subunit is, where it was not asked.
const usualConfidence = 0.75;

function drawRings({ confidence: sure, colour, dash }: Shape, d: string): SVGGElement {
  const line = svg("path", { d, fill: colour, "fill-opacity": 0.05, stroke: colour, "stroke-dasharray": dash });
  line.setAttribute("stroke-width", String(1 + 2 * (sure ?? usualConfidence)));
  return svg("g", { class: "subunit" }, line);
}

function drawLabel(s: Shape, [x, y]: [number, number]): SVGElement[] {
  const text = (s.confidence ?? usualConfidence) < 0.5 && s.index !== null ? `${s.number}?` : s.number;
  if (!s.polarity) return [haloed(text, x, y, s.colour, 13, light.paper)];
  const left = x - 1 - 4 * text.length;
  return [
    svg("circle", { cx: left, cy: y, r: 6.5, fill: light.paper }),
    haloed(text, x + 6, y, s.colour, 13, light.paper),
    disc(polarityKinds[s.polarity], left, y, s.colour, light.paper),
  ];
}

function picture(context: Context, parts: PictureParts): Figure {
  const { shapes, whole, missing } = parts;
  const { alone, lit } = context;
  const frame = frameOf(whole, shapes);
  const keys = keysOf(shapes, Boolean(missing));
  const groups = new Map<Shape, SVGGElement>();
  const picked = (): Shape | undefined => {
    const index = alone.get();
    return index === null ? undefined : shapes.find((s) => s.index === index);
  };

  const draw = (width: number): SVGSVGElement => {
    groups.clear();
    const one = picked();
    const behind = one?.map ?? whole;
    const scale = weightScale(behind.values);
    const outlines = custom((space, group) => {
      const shown = shapes.filter((s) => !one || s === one);
      const places = apart(shown.map((s) => [space.x(s.place[0]), space.y(s.place[1])]));
      for (const s of shown) groups.set(s, drawRings(s, path(s.rings, space)));
      // Those that suppress are large and lie below; names lie above all lines.
      const order = [...shown.filter((s) => s.dash), ...shown.filter((s) => !s.dash)];
      group.append(...order.flatMap((s) => groups.get(s) ?? []));
      const labels = svg("g", { class: "labels" }, ...shown.flatMap((s, i) => drawLabel(s, places[i])));
      group.append(labels);
      if (!missing || one) return;
      const [x, y] = [space.x(missing.place[0]), space.y(missing.place[1])];
      const mark = svg("g", { class: "missing" }, svg("title", {}, `${missing.text} is not described`));
      mark.append(cross(x, y, light.ink, light.paper));
      group.append(mark);
    });
    const bar = colourBar(scale, one?.map ? "map (unit norm)" : parts.unit);
    const marks = [ground, heat(behind, scale), outlines, scaleBar(context.pixelUm, frame.columns), bar, legend(keys)];
    return gridPlot(width, frame, marks, { right: 78, top: legendHeight(keys, width - 44) + 6 });
  };
  const note = el("p", { class: "note", "aria-live": "polite" });
  const glow = (): void => {
    const shown = shapes.find((s) => s.index !== null && s.index === (lit.get() ?? alone.get()));
    note.textContent = shown?.name ?? "Hover a subunit, or move with the arrow keys, for its figures.";
    for (const [s, g] of groups) g.classList.toggle("lit", s.index !== null && s.index === lit.get());
  };
  const after = (): void => {
    const stops: Stop[] = [];
    for (const [s, element] of groups) {
      element.setAttribute("role", "button");
      element.setAttribute("aria-label", s.name);
      if (s.index !== null) follow(element, s.index, context);
      stops.push({ element, x: s.place[0], y: s.place[1], choose: () => toggle(context, s.index) });
    }
    rove(stops);
    glow();
  };
  const maps = shapes.flatMap((s): [string, Picture][] => (s.map ? [[s.number, s.map]] : []));
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
      rows: [["sum", whole] as const, ...maps].flatMap(([name, m]) =>
        [...m.values].map((v, i) => [name, m.x0 + (i % m.width), m.y0 + Math.floor(i / m.width), v]),
      ),
    }),
  });
  lit.watch(glow);
  alone.watch(() => {
    const focused = [...groups].find(([, g]) => g === document.activeElement)?.[0];
    fig.redraw();
    if (focused) groups.get(focused)?.focus();
  });
  fig.element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") alone.set(null);
  });
  return fig;
}

function toggle({ alone }: Context, index: number | null): void {
  if (index !== null) alone.set(alone.get() === index ? null : index);
}

function follow(element: Element, index: number, { lit }: Context): void {
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

function truthFigure(context: Context, parts: Part[]): Child {
  const packed = context.cell.maps?.truth;
  const corner = context.cell.maps?.corner;
  if (!packed || !corner) return null;
  const maps = pictures(packed, corner);
  const whole = weightedSum(
    maps,
    maps.map(() => 1 / Math.max(maps.length, 1)),
  );
  if (!whole) return null;
  const shapes = maps.map((map, k): Shape => {
    const partner = parts.find((p) => p.subunit.truth?.index === k);
    const rings = mapRings(map);
    const common = { rings, map, place: centreOf(rings), polarity: null };
    if (!partner)
      return {
        ...common,
        number: "\u2013",
        name: "True subunit that was not found",
        colour: light.muted,
        dash: notFoundDash,
        confidence: 0.25,
        index: null,
      };
    return {
      ...common,
      number: partner.number,
      name: `True partner of subunit ${partner.number}`,
      colour: seriesOnMap(partner.at),
      dash: partner.excites ? undefined : suppressiveDash,
      confidence: 1,
      index: partner.at,
    };
  });
  const missed = shapes.filter((s) => s.index === null).length;
  return picture(context, {
    name: "truth",
    title: "True subunits",
    shapes,
    whole,
    unit: "mean of the maps",
    label: () =>
      `${shapes.length} true subunits of ${context.name}${missed ? `, of which ${missed} were not found` : ", all with a revealed partner"}.`,
    caption: `Contours as beside. Numbers, colours and dashes are those of the revealed partners${missed ? "; what was not found is dotted grey, whether it excites or suppresses" : ""}.`,
  }).element;
}

function subunitTable(context: Context, parts: Part[]): HTMLElement {
  const { alone, lit } = context;
  const rows = new Map<Part, HTMLElement>();
  const buttons = new Map<Part, HTMLButtonElement>();
  const show = (): void => {
    for (const p of parts) {
      rows.get(p)?.classList.toggle("lit", lit.get() === p.at || alone.get() === p.at);
      buttons.get(p)?.setAttribute("aria-pressed", String(alone.get() === p.at));
    }
    // Its place stays, so that no other row comes to lie under the pointer.
    all.style.visibility = alone.get() === null ? "hidden" : "visible";
  };
  const all = el("button", { type: "button", onclick: () => alone.set(null) }, "Show all subunits");
  lit.watch(show);
  alone.watch(show);
  const swatch = (p: Part): HTMLElement => {
    const button = el(
      "button",
      {
        type: "button",
        class: p.excites ? "swatch" : "swatch dashed",
        "aria-pressed": "false",
        "aria-label": `${nounOf(context, p)} alone`,
        onclick: () => toggle(context, p.at),
      },
      p.number,
    );
    button.style.borderColor = series(p.at);
    buttons.set(p, button);
    return button;
  };
  const body = table({
    name: "subunits",
    caption: captionOf(context.cell.revealed),
    stem: context.stem,
    rows: parts,
    columns: columns(context, swatch),
    row: (element, p) => {
      rows.set(p, element);
      follow(element, p.at, context);
    },
  });
  show();
  const box = el("div", { class: "full" }, el("div", { class: "controls" }, all), body);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") alone.set(null);
  });
  return box;
}

function captionOf(revealed: Revealed | undefined): string {
  const one = revealed?.nonlinearity === "linear";
  return (
    (one ? "The one filter" : "Subunits, those of a sign by weight") +
    "; intervals are 90 %. Sizes are standard deviations. Latency: middle of the squared time course, back from the spike; width: its standard deviation."
  );
}

function columns(context: Context, swatch: (p: Part) => HTMLElement): Column<Part>[] {
  const { pixelUm } = context;
  const u = (p: Part): Subunit => p.subunit;
  const small = (text: string): HTMLElement => el("small", {}, ` ${text}`);
  const um = (v: number | undefined): number | null => (pixelUm && isNumber(v) ? v * pixelUm : null);
  const plain = { text: fixed, digits: 2 };
  const time = (head: string, hint: string, key: "latency" | "temporal_width"): Column<Part> => ({
    ...ranged<Part>({
      head: `${head} (${context.lagUnit})`,
      value: (p) => (hasTimes(u(p)) ? inLags(context, u(p)[key]) : null),
      range: (p) => u(p)[`${key}_interval`]?.map((v) => inLags(context, v)) as Subunit["x_interval"],
      digits: lagDigits(context),
      why: () => "it was revealed by an older program",
    }),
    hint,
  });
  return [
    { head: "subunit", rowHead: true, value: (p) => p.number, show: swatch },
    { head: "sign", text: true, value: signName },
    {
      head: "polarity",
      hint: "whether it answers to brighter (ON), to darker (OFF) or to both",
      text: true,
      value: (p) => p.polarity,
      show: (p) => p.polarity && polarityTexts[p.polarity],
    },
    {
      head: "weight",
      hint: "share of what the subunits of its sign give",
      value: (p) => u(p).weight,
      show: ({ subunit: { weight, weight_interval: w } }) =>
        el(
          "span",
          { class: "pair" },
          percent(weight),
          isInterval(w) ? small(`${percent(w[0])} to ${percent(w[1])}`) : null,
        ),
      more: { "weight low": (p) => u(p).weight_interval?.[0], "weight high": (p) => u(p).weight_interval?.[1] },
    },
    {
      head: "confidence",
      hint: "probability that the subunit is true",
      value: (p) => u(p).confidence,
      show: (p) => confidence(u(p).confidence),
    },
    time("latency", "middle of the squared time course, back from the spike", "latency"),
    time("width", "standard deviation of the squared time course", "temporal_width"),
    ranged<Part>({ head: "x (px)", value: (p) => u(p).x, range: (p) => u(p).x_interval, ...plain }),
    ranged<Part>({ head: "y (px)", value: (p) => u(p).y, range: (p) => u(p).y_interval, ...plain }),
    ranged<Part>({ head: "long axis (px)", value: (p) => u(p).major, range: (p) => u(p).major_interval, ...plain }),
    ranged<Part>({ head: "short axis (px)", value: (p) => u(p).minor, range: (p) => u(p).minor_interval, ...plain }),
    {
      head: "axes (\u00b5m)",
      hint: "the same in micrometres",
      value: (p) => um(u(p).major),
      show: (p) => el("span", { class: "pair" }, `${fixed(um(u(p).major), 0)} \u00d7 ${fixed(um(u(p).minor), 0)}`),
      more: { "short axis (\u00b5m)": (p) => um(u(p).minor) },
    },
    {
      head: "angle",
      hint: "of the long axis, degrees from the x axis towards larger y",
      value: (p) => u(p).angle,
      show: (p) => `${fixed(u(p).angle, 0)}\u00b0`,
    },
    {
      head: "returned",
      hint: "share of resamples in which it would have been found",
      value: (p) => u(p).returned,
      show: (p) => percent(u(p).returned, 0),
    },
    { head: "z", hint: "weight in its standard errors", value: (p) => u(p).z, show: (p) => fixed(u(p).z, 1) },
    {
      head: "truth",
      hint: "correlation to its true partner",
      value: (p) => u(p).truth?.corr,
      show: (p) => fixed(u(p).truth?.corr, 3),
      why: () => "it has no true partner",
    },
  ];
}
