// What was tried in model selection: networks, and changes of the subunits.
import type { Revealed } from "../../generated/page";
import type { Child } from "../dom";
import { figure } from "../figure";
import { fixed, isNumber, signed, withError } from "../format";
import { middle, plot, Plot } from "../marks";
import { isOlder } from "../parts";
import { table } from "../table";
import { gridline, muted, series } from "../theme";
import type { Context } from "./context";

export function selectionFigures(context: Context): Child[] {
  const r = context.cell.revealed;
  return r ? [...triedFigures(context, r), networksTable(context, r)] : [];
}

function networksTable(context: Context, r: Revealed): Child {
  const networks = r.networks ?? [];
  if (!networks.length) return null;
  const least = Math.min(...networks.map((n) => n.validation_loss).filter(isNumber));
  const behind = (v: number | null): number | null => (isNumber(v) ? v - least : null);
  return table({
    name: "networks",
    caption:
      "Networks that the fit tried. The loss is of the validation blocks, in nats per frame; squares must win by a standard error.",
    stem: context.stem,
    rows: networks,
    columns: [
      { head: "network", rowHead: true, value: (n) => n.form.replaceAll("_", " ") },
      {
        head: "validation loss",
        value: (n) => n.validation_loss,
        show: (n) => fixed(n.validation_loss, 5),
      },
      {
        head: "behind the best",
        value: (n) => behind(n.validation_loss),
        show: (n) => signed(behind(n.validation_loss), 5),
      },
      { head: "kept", text: true, value: (n) => (n.kept ? "yes" : "no"), show: (n) => (n.kept ? "kept" : "\u2013") },
    ],
  });
}

type Tried = NonNullable<Revealed["tried"]>[number] & { place: number };

const numbering = "Places are pixels; numbers of subunits are those of that step, from 0, not of the final list.";

// Older programs counted it for the larger model, whatever the change.
const gainOf = (r: Revealed): string =>
  isOlder(r) ? "of the larger model over the smaller" : "of the changed model over the one before";

const ticks = [-1000, -300, -100, -30, -10, 0, 10, 30, 100, 300, 1000];

// What the search calls its changes, and what they are. The search counts places from its window's corner.
type At = (x: string, y: string) => string;
const changes: [RegExp, (m: string[], at: At) => string][] = [
  [
    /^new ([+-])( even)? at ([\d.-]+), ([\d.-]+)/,
    ([, sign, even, x, y], at) =>
      `a new ${sign === "+" ? "subunit" : "suppressive one"} at ${at(x, y)}${even ? ", ON and OFF" : ""}`,
  ],
  [/^split (\d+) at/, ([, i]) => `subunit ${i} as two`],
  [/^join (\d+), (\d+)$/, ([, i, j]) => `subunits ${i} and ${j} as one`],
  [/^join inside (\d+), (\d+)$/, ([, i, j]) => `subunits ${i} and ${j} as one of both shapes`],
  [/^drop (\d+)$/, ([, i]) => `without subunit ${i}`],
  [/^inner [+-] in (\d+) at ([\d.-]+), ([\d.-]+)$/, ([, i, x, y], at) => `shape of subunit ${i} at ${at(x, y)}`],
  [/^missing: (.* near )\(([\d.-]+), ([\d.-]+)\)$/, ([, what, x, y], at) => `${what}${at(x, y)}`],
  [/^missing: (.*)$/, ([, what]) => what],
  [/^squares$/, () => "all subunits square"],
  [/^surround$/, () => "a surround that all share"],
  [/^power$/, () => "a free power of the subunits"],
  [/^expansion$/, () => "a free power of the output"],
  [/^temporal functions \d+ to (\d+)$/, ([, n]) => `new time courses, of ${n} ${n === "1" ? "function" : "functions"}`],
  [/^history$/, () => "the cell\u2019s own past counts"],
  [/^drift$/, () => "slow drift of the gain"],
  [/^divisive$/, () => "divisive gain"],
];

// Pictures count places from the grid's corner.
function inWords(change: string, r: Revealed): string {
  const at: At = (x, y) => {
    const digits = x.includes(".") ? 1 : 0;
    return `(${fixed(Number(x) + r.window.x, digits)}, ${fixed(Number(y) + r.window.y, digits)})`;
  };
  for (const [pattern, said] of changes) {
    const match = isOlder(r) ? null : pattern.exec(change);
    if (match) return said(match, at);
  }
  return change;
}

function triedFigures(context: Context, r: Revealed): Child[] {
  const tried: Tried[] = (r.tried ?? []).map((t, place) => ({ ...t, place }));
  if (!tried.length) return [];
  const short = (change: string): string => inWords(change, r);
  const taken = tried.filter((t) => t.taken).length;
  const ends = (t: Tried, k: number): number => (t.gain_nats ?? NaN) + k * (t.gain_error ?? 0);
  // One change of the nonlinearity may gain a hundred times what one subunit does.
  const gains = tried.map((t) => Math.abs(t.gain_nats ?? 0)).sort((a, b) => a - b);
  const least = Math.min(0, ...tried.map((t) => ends(t, -1)).filter(isNumber));
  const most = Math.max(0, ...tried.map((t) => ends(t, 1)).filter(isNumber));
  const wide = gains[gains.length - 1] > 8 * Math.max(gains[gains.length >> 1], 2);
  const fig = figure({
    name: "tried",
    dataName: "tried-figure",
    title: "Changes that were tried",
    stem: context.stem,
    width: 560,
    label: () =>
      `${tried.length} changes of the subunits of ${context.name} were tried, ${taken} were taken; gain in held-out nats with standard errors.`,
    draw: (width) => {
      const left = Math.min(300, Math.round(width * 0.48));
      const letters = Math.floor(left / 6.4);
      const name = (i: number): string => {
        const text = short(tried[i].change);
        return text.length > letters ? `${text.slice(0, letters - 1)}\u2026` : text;
      };
      return plot({
        width,
        height: 19 * tried.length + 60,
        marginLeft: left,
        marginTop: 10,
        marginBottom: 42,
        marginRight: 14,
        x: {
          label: `gain (nats)${wide ? ", log beyond 10" : ""}`,
          ...middle,
          ...(wide ? { type: "symlog", constant: 10, ticks: ticks.filter((v) => v >= least && v <= most) } : {}),
        },
        y: { type: "point", domain: tried.map((t) => t.place), label: null, tickFormat: name, tickSize: 0 },
        marks: [
          Plot.gridY({ stroke: gridline }),
          Plot.ruleX([0], { stroke: muted, strokeDasharray: "3 3" }),
          Plot.ruleY(tried, {
            y: "place",
            x1: (t: Tried) => ends(t, -1),
            x2: (t: Tried) => ends(t, 1),
            stroke: series(0),
          }),
          Plot.dot(tried, {
            x: "gain_nats",
            y: "place",
            r: 4,
            stroke: series(0),
            strokeWidth: 1.5,
            fill: (t: Tried) => (t.taken ? series(0) : "var(--paper)"),
          }),
          Plot.tip(
            tried,
            Plot.pointerY({
              x: "gain_nats",
              y: "place",
              title: (t: Tried) =>
                `${short(t.change)}\n${withError(t.gain_nats, t.gain_error)} nats, ${t.n_subunits} subunits\n${t.taken ? "taken" : "not taken"}`,
            }),
          ),
        ],
      });
    },
    data: () => ({
      columns: ["change", "subunits", "gain (nats)", "standard error", "taken"],
      rows: tried.map((t) => [short(t.change), t.n_subunits, t.gain_nats, t.gain_error, t.taken ? "yes" : "no"]),
    }),
    caption: `Gains ${gainOf(r)}, from the first at the top. Filled: taken. Bars are one standard error. ${numbering}`,
  });
  const list = table({
    name: "tried",
    caption: `Changes tried, in order; gains ${gainOf(r)}, \u00b1 standard error. ${numbering}`,
    stem: context.stem,
    rows: tried,
    columns: [
      { head: "step", value: (t) => t.place },
      { head: "change", rowHead: true, value: (t) => short(t.change) },
      { head: "subunits", value: (t) => t.n_subunits },
      {
        head: "gain (nats)",
        value: (t) => t.gain_nats,
        show: (t) => withError(t.gain_nats, t.gain_error),
        more: { "standard error": (t) => t.gain_error },
      },
      {
        head: "taken",
        text: true,
        value: (t) => (t.taken ? "yes" : "no"),
        show: (t) => (t.taken ? "taken" : "\u2013"),
      },
    ],
  });
  return [fig.element, list];
}
