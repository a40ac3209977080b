// Temporal filters of the subunits, of the network and of LN.
import type { Child } from "../dom";
import { figure } from "../figure";
import { figures } from "../format";
import { legend, legendHeight, middle, plot, Plot, type Key } from "../marks";
import { largest, rows } from "../page";
import { gridline, lnColour, networkColour, series } from "../theme";
import { lagLabel, lagText, lagTime, type Context } from "./context";

interface Filter {
  name: string;
  colour: string;
  dash?: string;
  wide?: number;
  values: Float64Array;
}

const same = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((v, i) => Math.abs(v - b[i]) < 2e-4);

// Unit norm, so that filters that were kept in other units lie on each other where they agree.
function unit(values: Float64Array): Float64Array {
  const norm = Math.hypot(...values);
  return norm > 0 ? values.map((v) => v / norm) : values;
}

function filtersOf({ cell }: Context): Filter[] {
  const out: Filter[] = [];
  const subunits = cell.maps ? rows(cell.maps.temporal) : [];
  const one = subunits.length > 0 && subunits.every((f) => same(f, subunits[0]));
  if (one) {
    const name = subunits.length === 1 ? "subunit" : `all ${subunits.length} subunits`;
    out.push({ name, colour: series(2), wide: 5, values: unit(subunits[0]) });
  } else {
    subunits.forEach((f, i) => out.push({ name: `subunit ${i}`, colour: series(i), values: unit(f) }));
  }
  const network = cell.network ? rows(cell.network.temporal) : [];
  network.forEach((f, i) => {
    const name = network.length > 1 ? `network, filter ${i}` : "network";
    const colour = network.length > 1 ? series(i) : networkColour;
    // Subunits of their own filters have the same colours, as full lines.
    out.push({ name, colour, wide: 2, dash: network.length > 1 ? "8 2" : undefined, values: unit(f) });
  });
  if (cell.linear) {
    const ln = rows(cell.linear.temporal)[0];
    if (ln) out.push({ name: "LN", colour: lnColour, dash: "6 3", values: unit(ln) });
  }
  return out;
}

export function temporalFigure(context: Context): Child {
  const filters = filtersOf(context);
  if (!filters.length) return null;
  const keys: Key[] = filters.map((f) => ({ label: f.name, colour: f.colour, dash: f.dash }));
  const points = filters.flatMap((f) => [...f.values].map((v, l) => ({ f, l, t: lagTime(context, l), v })));
  const lead = filters[0];
  const peak = lead.values.findIndex((v) => Math.abs(v) === largest(lead.values));
  return figure({
    name: "temporal",
    title: "Temporal filters",
    stem: context.stem,
    width: 520,
    label: () =>
      `Temporal filters of ${context.name}: ${filters.map((f) => f.name).join(", ")}. That of ${lead.name} is ` +
      `strongest ${lagText(context, peak)} before the spike, with ${figures(lead.values[peak])}.`,
    draw: (width) =>
      plot({
        width,
        height: 282 + legendHeight(keys, width - 60),
        marginTop: legendHeight(keys, width - 60) + 8,
        marginLeft: 60,
        marginBottom: 40,
        x: { label: lagLabel(context), ...middle },
        y: { label: "weight (unit norm)", ...middle },
        marks: [
          Plot.ruleY([0], { stroke: gridline }),
          ...filters.map((f) =>
            Plot.lineY(f.values, {
              x: (_: number, l: number) => lagTime(context, l),
              y: (v: number) => v,
              stroke: f.colour,
              strokeWidth: f.wide ?? 2,
              strokeOpacity: (f.wide ?? 2) > 3 ? 0.45 : 1,
              strokeDasharray: f.dash,
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
      }),
    data: () => ({
      columns: ["lag (frames)", lagLabel(context), ...filters.map((f) => f.name)],
      rows: Array.from({ length: Math.max(...filters.map((f) => f.values.length)) }, (_, l) => [
        l,
        lagTime(context, l),
        ...filters.map((f) => f.values[l]),
      ]),
    }),
    caption: "The spike is at the right, at 0, which is the frame of the spike. Below 0: the filter wants darkening.",
  }).element;
}
