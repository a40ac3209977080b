// The validation loss of every fit after each pass.
import type { Child } from "../dom";
import { figure } from "../figure";
import { figures, isNumber } from "../format";
import { legend, legendHeight, middle, plot, Plot, type Key } from "../marks";
import { lnColour, series } from "../theme";
import type { Context } from "./context";

interface Point {
  fit: string;
  pass: number;
  loss: number;
}

const dashes = [undefined, "8 3", "4 3", "2 2", "8 3 2 3", "1 3"];

export function trainingFigure(context: Context): Child {
  const fits = (context.cell.training ?? []).filter((t) => t.loss.some(isNumber));
  if (!fits.length) return null;
  const starts = fits.filter((f) => !f.fit.startsWith("ln"));
  // Forms are known where there is one to each start.
  const networks = context.cell.revealed?.networks ?? [];
  const started = (context.cell.training ?? []).filter((f) => f.fit.startsWith("start")).length;
  const known = started > 0 && networks.length === started;
  const named = (k: number): string => {
    const form = known ? networks[k]?.form.split(",")[0].replaceAll("_", " ") : undefined;
    const others = networks.filter((n) => n.form === networks[k]?.form).length;
    return form ? `network, ${form}${others > 1 ? `, start ${k}` : ""}` : `network, start ${k}`;
  };
  const lines = fits.map((f) => {
    const ln = f.fit.startsWith("ln");
    const k = Number(/\d+$/.exec(f.fit)?.[0] ?? 0);
    const name = ln ? `LN ${k}` : named(k);
    const colour = ln ? lnColour : series([0, 2, 3, 5][starts.indexOf(f) % 4]);
    const dash = ln ? dashes[(k + 1) % dashes.length] : undefined;
    const points = f.loss.flatMap((loss, i): Point[] => (isNumber(loss) ? [{ fit: name, pass: i + 1, loss }] : []));
    return { name, colour, dash, points, least: Math.min(...points.map((p) => p.loss)) };
  });
  const keys: Key[] = lines.map((l) => ({ label: l.name, colour: l.colour, dash: l.dash }));
  const best = lines.reduce((a, b) => (b.least < a.least ? b : a));
  const all = lines.flatMap((l) => l.points);
  return figure({
    name: "training",
    title: "Training",
    stem: context.stem,
    width: 560,
    label: () =>
      `Validation loss of ${lines.length} fits of ${context.name} after each pass; least in ${best.name}, ${figures(best.least, 5)} nats per frame.`,
    draw: (width) =>
      plot({
        width,
        height: 280 + legendHeight(keys, width - 70),
        marginTop: legendHeight(keys, width - 70) + 8,
        marginLeft: 70,
        marginBottom: 40,
        x: { label: "pass over the training blocks", ...middle },
        y: { label: "validation loss (nats per frame)", ...middle, nice: true },
        marks: [
          ...lines.map((l) =>
            Plot.lineY(l.points, {
              x: "pass",
              y: "loss",
              stroke: l.colour,
              strokeWidth: 1.75,
              strokeDasharray: l.dash,
            }),
          ),
          ...lines.map((l) =>
            Plot.dot(
              l.points.filter((p) => p.loss === l.least),
              { x: "pass", y: "loss", r: 3.5, fill: l.colour },
            ),
          ),
          Plot.tip(
            all,
            Plot.pointer({
              x: "pass",
              y: "loss",
              title: (p: Point) => `${p.fit}\npass ${p.pass}\n${figures(p.loss, 5)} nats per frame`,
            }),
          ),
          legend(keys),
        ],
      }),
    data: () => ({
      columns: ["fit", "pass", "validation loss (nats per frame)"],
      rows: all.map((p) => [p.fit, p.pass, p.loss]),
    }),
    caption:
      "Without log n! of the counts. Dots: the least loss of each fit, whose weights are kept. LN: one line a strength of smoothing." +
      (known || started < 2 ? "" : " Starts can differ in the nonlinearity of their subunits."),
  }).element;
}
