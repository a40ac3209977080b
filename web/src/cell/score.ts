// How well the network predicts the scored frames, beside LN.
import type { ModelScore, Page, Score } from "../../generated/page";
import { el } from "../dom";
import { fixed, interval, isNumber, percent, signed, whole, withInterval } from "../format";
import { gainOf } from "../page";
import { table } from "../table";
import type { Context } from "./context";

interface Line {
  what: string;
  network: number | null | undefined;
  ln: number | null | undefined;
  show: (m: ModelScore | Score) => string;
  low?: (m: ModelScore | Score) => number | null;
  high?: (m: ModelScore | Score) => number | null;
}

export function scoreTable(page: Page, context: Context): HTMLElement | null {
  const s = context.cell.score;
  if (!s) return null;
  const lines = linesOf(s);
  return el(
    "div",
    {},
    table({
      name: "score",
      caption: `Model against LN on ${whole(s.n_frames)} frames (${page.scored_on ?? "test block"}) with ${whole(s.n_spikes)} spikes; intervals are 95 %.`,
      stem: context.stem,
      rows: lines,
      columns: [
        { head: "figure", rowHead: true, value: (l) => l.what },
        {
          head: "network",
          value: (l) => l.network,
          show: (l) => l.show(s),
          more: { "network low": (l) => l.low?.(s), "network high": (l) => l.high?.(s) },
        },
        {
          head: "LN",
          value: (l) => l.ln,
          show: (l) => l.show(s.ln),
          more: { "LN low": (l) => l.low?.(s.ln), "LN high": (l) => l.high?.(s.ln) },
        },
      ],
    }),
    el("p", { class: "lead" }, gain(s, context), reliability(s)),
  );
}

function linesOf(s: Score): Line[] {
  const plain = (what: string, get: (m: ModelScore | Score) => number | null | undefined, text = fixed): Line => ({
    what,
    network: get(s),
    ln: get(s.ln),
    show: (m) => text(get(m), 3),
  });
  const all: Line[] = [
    {
      what: "correlation to single trials",
      network: s.cc,
      ln: s.ln.cc,
      show: (m) => withInterval(m.cc, m.cc_interval, 3),
      low: (m) => m.cc_interval[0],
      high: (m) => m.cc_interval[1],
    },
    {
      what: "bits per spike",
      network: s.bits_per_spike,
      ln: s.ln.bits_per_spike,
      show: (m) => withInterval(m.bits_per_spike, m.bits_interval, 3),
      low: (m) => m.bits_interval[0],
      high: (m) => m.bits_interval[1],
    },
    plain("correlation to the true rate", (m) => m.true_rate_cc),
    plain("correlation to the mean of trials", (m) => m.cc_trial_mean),
    plain("the same over its ceiling", (m) => m.cc_normalised),
    plain(
      "explained share of what repeats",
      (m) => m.feve,
      (v) => percent(v),
    ),
  ];
  return all.filter((l) => isNumber(l.network) || isNumber(l.ln));
}

function gain(s: Score, { cell }: Context): string {
  const range = s.bits_gain_interval;
  const text = isNumber(range[0]) ? ` (${interval(range, 3)}, 95 %, paired over blocks)` : "";
  return `Gain over LN: ${signed(gainOf(cell))} bits per spike${text}. `;
}

function reliability(s: Score): string {
  const r = s.reliability;
  if (!r) return "";
  return (
    `Trials agree with a split-half correlation of ${fixed(r.split_half)} (of the mean ${fixed(r.of_mean)}); ` +
    `no model can pass ${fixed(r.ceiling)}, and other trials predict a trial with ${fixed(r.oracle)}.`
  );
}
