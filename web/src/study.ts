// How performance and recovery depend on one thing.
import type { Estimate, Page, Study, StudyFit, StudyRow } from "../generated/page";
import { el } from "./dom";
import { figure } from "./figure";
import { figures, fixed, interval, isInterval, isNumber, plural, seconds } from "./format";
import { middle, plot, Plot } from "./marks";
import { table, type Column } from "./table";
import { gridline, muted, series } from "./theme";

type Key = Exclude<keyof StudyRow & keyof StudyFit, "value">;

const measures: { key: Key; title: string; axis: string; digits: number }[] = [
  { key: "bits_per_spike", title: "Bits per spike", axis: "bits per spike", digits: 3 },
  { key: "cc", title: "Correlation to single trials", axis: "correlation", digits: 3 },
  { key: "true_rate_cc", title: "Correlation to the true rate", axis: "correlation", digits: 3 },
  { key: "mean_match", title: "Match to the true subunits", axis: "mean correlation", digits: 3 },
  { key: "found", title: "True subunits found", axis: "subunits", digits: 2 },
  { key: "n_subunits", title: "Number of subunits", axis: "subunits", digits: 2 },
  { key: "network_match", title: "Match of the network\u2019s map", axis: "mean correlation", digits: 3 },
  { key: "network_subunits", title: "Peaks of the network\u2019s map", axis: "peaks", digits: 2 },
];

const kinds: Record<Study["study"], { text: string; axis: string }> = {
  filters: { text: "the number of filters", axis: "number of filters" },
  size: { text: "the size of the filters", axis: "side of the filters (pixels)" },
  data: { text: "the amount of data", axis: "share of the frames that train and validate" },
  noise: { text: "noise while training", axis: "standard deviation of noise added to subunits" },
  threshold: { text: "the threshold of the model cell", axis: "threshold (mean drives)" },
};

export function studyView(page: Page, study: Study): HTMLElement {
  const known = measures.filter((m) => study.rows.some((r) => isNumber(r[m.key]?.mean)));
  const failed = study.fits.filter((f) => f.error).length;
  const seeds = new Set(study.fits.map((f) => f.seed)).size;
  return el(
    "section",
    { "aria-labelledby": "view" },
    el("h2", { id: "view", tabindex: -1 }, `Study of ${kinds[study.study].text}`),
    el(
      "p",
      { class: "lead" },
      `${study.of}: ${plural(study.rows.length, "value")}, ${plural(seeds, "seed")}, ${plural(study.fits.length, "fit")}. ` +
        `Large dots are means over seeds with 95 % intervals (Student\u2019s t); faint dots are single fits.` +
        (failed ? ` ${plural(failed, "fit")} failed.` : ""),
    ),
    el("div", { class: "figures" }, ...known.map((m) => measureFigure(page, study, m))),
    rowTable(page, study, known),
    fitTable(page, study, known),
  );
}

// Values over a decade or so belong on a logarithmic axis.
function isLog(study: Study): boolean {
  const values = study.rows.map((r) => r.value);
  return values.length > 2 && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) >= 8;
}

interface Point {
  x: number;
  estimate: Estimate;
  mean: number;
  low: number | null;
  high: number | null;
}

function measureFigure(page: Page, study: Study, m: (typeof measures)[number]): HTMLElement {
  const points = study.rows.flatMap((r): Point[] => {
    const e = r[m.key];
    if (!e || !isNumber(e.mean)) return [];
    return [{ x: r.value, estimate: e, mean: e.mean, low: e.interval[0], high: e.interval[1] }];
  });
  const single = study.fits.flatMap((f) => {
    const v = f[m.key];
    return isNumber(v) ? [{ x: f.value, v, f }] : [];
  });
  // Values that are all alike span no axis: they lie in the middle of one of their own.
  const [first, ...others] = new Set([...single.map((s) => s.v), ...points.map((p) => p.mean)]);
  const alike = others.length === 0 ? { domain: [first - 1, first + 1] } : {};
  const barred = points.filter((p) => isInterval(p.estimate.interval));
  const said = points.map((p) => `${figures(p.x)}: ${fixed(p.mean, m.digits)}`).join(", ");
  return figure({
    name: `study-${m.key}`,
    title: m.title,
    stem: page.title,
    width: 460,
    label: () => `${m.title} against ${kinds[study.study].axis}: ${said}.`,
    draw: (width) =>
      plot({
        width,
        height: 260,
        marginLeft: 62,
        marginBottom: 42,
        marginTop: 12,
        marginRight: 20,
        x: {
          label: kinds[study.study].axis,
          ...middle,
          type: isLog(study) ? "log" : "linear",
          ticks: study.rows.length <= 8 ? study.rows.map((r) => r.value) : undefined,
          tickFormat: (v: number) => figures(v),
          inset: 12,
        },
        y: { label: m.axis, ...middle, nice: true, ...alike },
        marks: [
          Plot.gridY({ stroke: gridline, strokeOpacity: 1 }),
          Plot.dot(single, { x: "x", y: "v", r: 2.5, stroke: muted, strokeOpacity: 0.7 }),
          Plot.lineY(points, { x: "x", y: "mean", stroke: series(0), strokeOpacity: 0.5 }),
          Plot.ruleX(barred, { x: "x", y1: "low", y2: "high", stroke: series(0), strokeWidth: 2 }),
          Plot.dot(points, { x: "x", y: "mean", r: 4.5, fill: series(0) }),
          Plot.tip(
            points,
            Plot.pointerX({
              x: "x",
              y: "mean",
              title: (p: Point) =>
                `${figures(p.x)}\n${fixed(p.mean, m.digits)} (${interval(p.estimate.interval, m.digits)}, 95 %)\n${plural(p.estimate.seeds, "seed")}`,
            }),
          ),
        ],
      }),
    data: () => ({
      columns: ["what", kinds[study.study].axis, m.axis, "low", "high", "seeds", "seed", "cell"],
      rows: [
        ...points.map((p) => ["mean", p.x, p.mean, p.low, p.high, p.estimate.seeds, null, null]),
        ...single.map((s) => ["fit", s.x, s.v, null, null, null, s.f.seed, s.f.cell]),
      ],
    }),
  }).element;
}

function rowTable(page: Page, study: Study, known: typeof measures): HTMLElement {
  const columns: Column<StudyRow>[] = [
    { head: kinds[study.study].axis, rowHead: true, value: (r) => r.value, show: (r) => figures(r.value) },
    ...known.map(
      (m): Column<StudyRow> => ({
        head: m.title.toLowerCase(),
        value: (r) => r[m.key]?.mean,
        show: (r) =>
          el(
            "span",
            { class: "pair" },
            fixed(r[m.key]?.mean, m.digits),
            isInterval(r[m.key]?.interval) ? el("small", {}, ` ${interval(r[m.key]?.interval, m.digits)}`) : null,
          ),
        more: {
          [`${m.key} low`]: (r) => r[m.key]?.interval[0],
          [`${m.key} high`]: (r) => r[m.key]?.interval[1],
          [`${m.key} seeds`]: (r) => r[m.key]?.seeds,
        },
      }),
    ),
    { head: "failed", value: (r) => r.failed },
  ];
  return table({
    name: "study",
    caption: "Means over seeds with 95 % intervals (Student\u2019s t).",
    stem: page.title,
    rows: study.rows,
    columns,
  });
}

function fitTable(page: Page, study: Study, known: typeof measures): HTMLElement {
  return el(
    "details",
    {},
    el("summary", {}, "Every fit"),
    table<StudyFit>({
      name: "study-fits",
      caption: "Every fit of the study.",
      stem: page.title,
      rows: study.fits,
      columns: [
        { head: kinds[study.study].axis, rowHead: true, value: (f) => f.value, show: (f) => figures(f.value) },
        { head: "seed", value: (f) => f.seed },
        { head: "cell", value: (f) => f.cell },
        ...known.map(
          (m): Column<StudyFit> => ({
            head: m.title.toLowerCase(),
            value: (f) => f[m.key],
            show: (f) => fixed(f[m.key], m.digits),
            why: (f) => f.error,
          }),
        ),
        { head: "time", value: (f) => f.seconds, show: (f) => seconds(f.seconds), why: (f) => f.error },
        { head: "error", text: true, value: (f) => f.error, show: (f) => el("span", { class: "error" }, f.error) },
      ],
    }),
  );
}
