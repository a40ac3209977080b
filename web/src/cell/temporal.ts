// Time courses: of each subunit, of the network and of LN.
import type { Child } from "../dom";
import { figure } from "../figure";
import { figures, isNumber } from "../format";
import { legend, legendHeight, middle, plot, Plot, type Key } from "../marks";
import { largest, rows } from "../page";
import { isOneFilter, partsOf, suppressiveDash, type Part } from "../parts";
import { gridline, lnColour, muted, networkColour, series } from "../theme";
import { inLags, lagLabel, lagText, lagTime, type Context } from "./context";

interface Filter {
  name: string;
  colour: string;
  dash?: string;
  wide: number;
  values: Float64Array;
  parts: Part[]; // whose time course it is; none of a model's filter
}

const same = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((v, i) => Math.abs(v - b[i]) < 2e-4);

// Unit norm, so that filters that were kept in other units lie on each other where they agree.
function unit(values: Float64Array): Float64Array {
  const norm = Math.hypot(...values);
  return norm > 0 ? values.map((v) => v / norm) : values;
}

function nameOfAll(some: Part[], all: Part[]): string {
  if (some.length === 1) return `subunit ${some[0].number}`;
  if (some.length === all.length) return `all ${all.length} subunits`;
  return `subunits ${some.map((p) => p.number).join(", ")}${some[0].polarity ? ` (${some[0].polarity})` : ""}`;
}

// Subunits of one sign whose time courses are the same share a line.
function linesOf(context: Context): Filter[] {
  const all = partsOf(context.cell).filter((p) => p.course);
  const groups: Part[][] = [];
  for (const p of all) {
    const group = groups.find(
      ([q]) => q.excites === p.excites && same(q.course as Float64Array, p.course as Float64Array),
    );
    if (group) group.push(p);
    else groups.push([p]);
  }
  return groups.map((parts): Filter => {
    const shared = parts.length === all.length && all.length > 1;
    return {
      name: isOneFilter(context.cell) ? "the one filter" : nameOfAll(parts, all),
      colour: shared ? series(2) : series(parts[0].at),
      dash: parts[0].excites ? undefined : suppressiveDash,
      wide: shared ? 5 : 2.25,
      values: unit(parts[0].course as Float64Array),
      parts,
    };
  });
}

function filtersOf(context: Context): Filter[] {
  const { cell } = context;
  const out = linesOf(context);
  const network = cell.network ? rows(cell.network.temporal) : [];
  network.forEach((f, i) => {
    const name = network.length > 1 ? `network, filter ${i}` : "network";
    const colour = network.length > 1 ? series(i) : networkColour;
    out.push({ name, colour, wide: 1.75, dash: "10 3 2 3", values: unit(f), parts: [] });
  });
  const ln = cell.linear ? rows(cell.linear.temporal)[0] : undefined;
  if (ln) out.push({ name: "LN", colour: lnColour, wide: 1.75, dash: "2 3", values: unit(ln), parts: [] });
  return out;
}

export function temporalFigure(context: Context): Child {
  const filters = filtersOf(context);
  if (!filters.length) return null;
  const { alone, lit } = context;
  const chosen = (): number | null => lit.get() ?? alone.get();
  const partOf = (f: Filter): Part | undefined => f.parts.find((p) => p.at === chosen());
  const colourOf = (f: Filter): string => (partOf(f) ? series(partOf(f)?.at ?? 0) : f.colour);
  const keys: Key[] = filters.map((f) => ({ label: f.name, colour: f.colour, dash: f.dash }));
  const points = filters.flatMap((f) => [...f.values].map((v, l) => ({ f, l, t: lagTime(context, l), v })));
  const lead = filters[0];
  const peak = lead.values.findIndex((v) => Math.abs(v) === largest(lead.values));
  const suppressive = filters.some((f) => f.parts.some((p) => !p.excites));

  // The latency of the chosen subunit, and its interval.
  const latency = (): Plot.Markish[] => {
    const part = filters.map(partOf).find((p) => p);
    if (!part || !(part.subunit.temporal_width > 0)) return [];
    const at = inLags(context, part.subunit.latency);
    const [low, high] = (part.subunit.latency_interval ?? [null, null]).map((v) => inLags(context, v));
    const band = isNumber(low) && isNumber(high) ? [{ x1: -high, x2: -low }] : [];
    return [
      Plot.rectX(band, { x1: "x1", x2: "x2", fill: muted, fillOpacity: 0.25 }),
      Plot.ruleX(isNumber(at) ? [-at] : [], { stroke: muted }),
    ];
  };
  const fig = figure({
    name: "temporal",
    title: "Time courses",
    stem: context.stem,
    width: 520,
    label: () => {
      const one = filters.find(partOf);
      return (
        `Time courses of ${context.name}: ${filters.map((f) => f.name).join(", ")}. That of ${lead.name} is ` +
        `strongest ${lagText(context, peak)} before the spike, with ${figures(lead.values[peak])}.` +
        (one ? ` That of subunit ${partOf(one)?.number} stands out.` : "")
      );
    },
    draw: (width) => {
      const some = filters.some(partOf);
      return plot({
        width,
        height: 282 + legendHeight(keys, width - 60),
        marginTop: legendHeight(keys, width - 60) + 8,
        marginLeft: 60,
        marginBottom: 40,
        x: { label: lagLabel(context), ...middle },
        y: { label: "weight (unit norm)", ...middle },
        marks: [
          Plot.ruleY([0], { stroke: gridline }),
          ...latency(),
          ...[...filters.filter((f) => !partOf(f)), ...filters.filter(partOf)].map((f) =>
            Plot.lineY(f.values, {
              x: (_: number, l: number) => lagTime(context, l),
              y: (v: number) => v,
              stroke: colourOf(f),
              strokeWidth: partOf(f) ? 4 : f.wide,
              strokeOpacity: partOf(f) ? 1 : some ? 0.25 : f.wide > 3 ? 0.45 : 1,
              strokeDasharray: f.dash,
              strokeLinecap: "butt",
            }),
          ),
          Plot.tip(
            points,
            Plot.pointer({
              x: "t",
              y: "v",
              title: (p: (typeof points)[number]) =>
                `${p.f.name}\n${lagText(context, p.l)} before the spike\n${figures(p.v)}`,
            }),
          ),
          legend(keys),
        ],
      });
    },
    data: () => ({
      columns: ["lag (frames)", lagLabel(context), ...filters.map((f) => f.name)],
      rows: Array.from({ length: Math.max(...filters.map((f) => f.values.length)) }, (_, l) => [
        l,
        lagTime(context, l),
        ...filters.map((f) => f.values[l]),
      ]),
    }),
    caption:
      "The spike is at the right, at 0, which is the frame of the spike. Below 0: darkening drives the subunit." +
      (suppressive ? " Dashed: subunits that suppress; what drives them lowers the rate." : "") +
      (filters.some((f) => f.parts.length)
        ? " A chosen subunit stands out, with its latency and 90 % interval in grey."
        : ""),
  });
  lit.watch(fig.redraw);
  alone.watch(fig.redraw);
  return fig.element;
}
