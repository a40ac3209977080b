// The nonlinearities: of the subunits, and of the outputs with what was counted.
import type { Network, Output } from "../../generated/page";
import type { Child } from "../dom";
import { figure } from "../figure";
import { figures, fixed, withError } from "../format";
import { legend, legendHeight, middle, plot, Plot, type Key } from "../marks";
import { unpack } from "../page";
import { isOlder } from "../parts";
import { gridline, lnColour, networkColour, series } from "../theme";
import type { Context } from "./context";

export function outputFigures(context: Context): Child[] {
  const { network, linear } = context.cell;
  return [
    network ? subunitNonlinearity(context, network) : null,
    network ? outputFigure(context, "output", "Output nonlinearity: network", network.output, networkColour) : null,
    linear ? outputFigure(context, "output-ln", "Output nonlinearity: LN", linear.output, lnColour, "6 3") : null,
  ];
}

type Form = Network["subunits"];

const powers: Record<Form, number> = { relu: 1, half_squared: 2, squared: 2, linear: 1 };
const isForm = (name: string | undefined): name is Form => name !== undefined && name in powers;

interface Curve {
  name: string;
  form: string;
  colour: string;
  dash?: string;
  f: (x: number) => number;
}

const formTexts: Record<Form, string> = {
  relu: "relu, max(x, 0)",
  half_squared: "half squared, max(x, 0) squared",
  squared: "squared, x squared",
  linear: "linear, x",
};

function formText(form: Form, power: number): string {
  if (form === "linear" || Math.abs(power - powers[form]) < 0.005) return formTexts[form];
  return `${form === "squared" ? "|x|" : "max(x, 0)"} to the power ${fixed(power)}`;
}

function curve(name: string, form: Form, power: number, colour: string, dash?: string): Curve {
  const f = (x: number): number =>
    form === "linear" ? x : (form === "squared" ? Math.abs(x) : Math.max(x, 0)) ** power;
  return { name, form: formText(form, power), colour, dash, f };
}

// The network's, and the revealed subunits' where these have another.
function curvesOf(context: Context, network: Network): Curve[] {
  const own = curve("network", network.subunits, powers[network.subunits], networkColour);
  const revealed = context.cell.revealed;
  const form = revealed?.nonlinearity;
  if (!isForm(form)) return [own];
  const power = revealed && !isOlder(revealed) ? revealed.power : null;
  const theirs = curve("revealed subunits", form, power ?? powers[form], series(2), "6 3");
  return theirs.form === own.form ? [own] : [own, theirs];
}

function subunitNonlinearity(context: Context, network: Network): Child {
  const curves = curvesOf(context, network);
  const xs = Array.from({ length: 81 }, (_, i) => -2 + i / 20);
  const keys: Key[] = curves.map((c) => ({ label: `${c.name}: ${c.form}`, colour: c.colour, dash: c.dash }));
  const tried = new Set((context.cell.revealed?.networks ?? []).map((n) => n.form.split(",")[0]));
  const chosen = tried.size > 1 ? " The network\u2019s was chosen by validation among the networks tried." : "";
  return figure({
    name: "nonlinearity",
    title: "Subunit nonlinearity",
    stem: context.stem,
    width: 360,
    label: () =>
      `Nonlinearity of the subunits of ${context.name}: ${curves.map((c) => `${c.name} ${c.form}`).join("; ")}.`,
    draw: (width) =>
      plot({
        width,
        height: 250 + legendHeight(keys, width - 50),
        marginLeft: 50,
        marginBottom: 40,
        marginTop: legendHeight(keys, width - 50) + 8,
        x: { label: "drive of a subunit (filter output)", ...middle },
        y: { label: "output of the subunit", ...middle },
        marks: [
          Plot.ruleY([0], { stroke: gridline }),
          Plot.ruleX([0], { stroke: gridline }),
          ...curves.map((c) =>
            Plot.line(
              xs.map((x) => [x, c.f(x)]),
              { stroke: c.colour, strokeWidth: 2.5, strokeDasharray: c.dash },
            ),
          ),
          legend(keys),
        ],
      }),
    data: () => ({
      columns: ["drive", ...curves.map((c) => `${c.name}, ${c.form}`)],
      rows: xs.map((x) => [x, ...curves.map((c) => c.f(x))]),
    }),
    caption: `What a subunit makes of its drive.${chosen}`,
  }).element;
}

interface Seen {
  drive: number;
  rate: number;
  error: number;
}

function outputFigure(
  context: Context,
  name: string,
  title: string,
  output: Output,
  colour: string,
  dash?: string,
): Child {
  const times = context.perSecond;
  const drive = unpack(output.drive).values;
  const rate = unpack(output.rate).values;
  const curve = [...drive].map((x, i) => ({ x, y: rate[i] * times }));
  const [sx, sy, se] = [output.seen_drive, output.seen_rate, output.seen_error].map((p) => unpack(p).values);
  const seen = [...sx].map((d, i): Seen => ({ drive: d, rate: sy[i] * times, error: se[i] * times }));
  const keys: Key[] = [
    { label: "model", colour, dash },
    { label: "counted, \u00b1 standard error", colour: "var(--ink)", kind: "dot" },
  ];
  const most = Math.max(0, ...curve.map((p) => p.y).filter(Number.isFinite));
  return figure({
    name,
    title,
    stem: context.stem,
    width: 460,
    label: () =>
      `${title} of ${context.name}: the rate rises to ${figures(most)} ${context.rateUnit}; ${seen.length} bins of counts beside it.`,
    draw: (width) =>
      plot({
        width,
        height: 300,
        marginTop: legendHeight(keys, width - 50) + 8,
        marginLeft: 50,
        marginBottom: 40,
        x: { label: "drive of the output", ...middle },
        y: { label: context.rateUnit, ...middle, zero: true },
        marks: [
          Plot.ruleY([0], { stroke: gridline }),
          Plot.line(curve, { x: "x", y: "y", stroke: colour, strokeWidth: 2.5, strokeDasharray: dash }),
          Plot.ruleX(seen, {
            x: "drive",
            y1: (s: Seen) => s.rate - s.error,
            y2: (s: Seen) => s.rate + s.error,
            stroke: "var(--ink)",
          }),
          Plot.dot(seen, { x: "drive", y: "rate", r: 3, fill: "var(--ink)" }),
          Plot.tip(
            seen,
            Plot.pointer({
              x: "drive",
              y: "rate",
              title: (s: Seen) => `drive ${figures(s.drive)}\n${withError(s.rate, s.error, fixed)} ${context.rateUnit}`,
            }),
          ),
          legend(keys),
        ],
      }),
    data: () => ({
      columns: ["what", "drive", context.rateUnit, "standard error"],
      rows: [...curve.map((p) => ["model", p.x, p.y, null]), ...seen.map((s) => ["counted", s.drive, s.rate, s.error])],
    }),
    caption: "Dots: mean counts of training frames in bins of as many frames each.",
  }).element;
}
