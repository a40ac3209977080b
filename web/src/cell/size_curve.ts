// How much of the held-out likelihood the network keeps with fewer filters, where these were pruned by autocorrelation.
import type { Child } from "../dom";
import { figure } from "../figure";
import { fixed, isNumber, withError } from "../format";
import { legend, legendHeight, middle, plot, Plot, type Key } from "../marks";
import { series } from "../theme";
import type { Context } from "./context";

interface Point {
  n: number;
  bits: number;
  error: number | null; // bits per spike
  nats: number | null;
  natsError: number | null;
}

export function sizeCurve(context: Context): Child {
  const r = context.cell.revealed;
  const curve = r?.size_curve ?? [];
  if (!r?.morans_i?.length || curve.length < 2) return null;
  const spikes = r.n_spikes;
  const points = curve.flatMap((c): Point[] => {
    if (!isNumber(c.held_out_bits)) return [];
    const error = isNumber(c.behind_error) && isNumber(spikes) ? c.behind_error / Math.LN2 / spikes : null;
    return [{ n: c.n_filters, bits: c.held_out_bits, error, nats: c.behind_nats, natsError: c.behind_error }];
  });
  if (points.length < 2) return null;
  const chosen = points.filter((p) => p.n === r.n_minimal);
  const keys: Key[] = [
    { label: "held out, \u00b1 standard error of being behind", colour: series(0), kind: "dot" },
    { label: "minimal network", colour: series(1), kind: "ring" },
  ];
  return figure({
    name: "size-curve",
    title: "Minimal network",
    stem: context.stem,
    width: 520,
    label: () =>
      `Held-out bits per spike of ${context.name} against the number of filters: ` +
      (chosen[0] ? `${r.n_minimal} keep ${fixed(chosen[0].bits, 3)}.` : `at most ${fixed(points[0].bits, 3)}.`),
    draw: (width) =>
      plot({
        width,
        height: 280 + legendHeight(keys, width - 60),
        marginTop: legendHeight(keys, width - 60) + 8,
        marginLeft: 60,
        marginBottom: 40,
        x: { label: "number of filters", ...middle, tickFormat: (v: number) => (Number.isInteger(v) ? String(v) : "") },
        y: { label: "held-out bits per spike", ...middle },
        marks: [
          Plot.lineY(points, { x: "n", y: "bits", stroke: series(0), strokeOpacity: 0.6 }),
          Plot.ruleX(points, {
            x: "n",
            y1: (p: Point) => p.bits - (p.error ?? 0),
            y2: (p: Point) => p.bits + (p.error ?? 0),
            stroke: series(0),
          }),
          Plot.dot(points, { x: "n", y: "bits", r: 3.5, fill: series(0) }),
          Plot.dot(chosen, { x: "n", y: "bits", r: 7, stroke: series(1), strokeWidth: 2.5 }),
          Plot.tip(
            points,
            Plot.pointerX({
              x: "n",
              y: "bits",
              title: (p: Point) =>
                `${p.n} filters\n${fixed(p.bits, 3)} bits per spike\nbehind by ${withError(p.nats, p.natsError, fixed)} nats`,
            }),
          ),
          legend(keys),
        ],
      }),
    data: () => ({
      columns: [
        "filters",
        "held-out bits per spike",
        "standard error (bits)",
        "behind (nats)",
        "standard error (nats)",
      ],
      rows: points.map((p) => [p.n, p.bits, p.error, p.nats, p.natsError]),
    }),
    caption: "The whole network, and that of the filters whose spatial parts are smooth, trained further.",
  }).element;
}
