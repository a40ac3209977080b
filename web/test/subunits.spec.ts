// What a page says and draws of subunits of both signs and polarities: a page of data made by hand.
import { expect, test, type Page } from "@playwright/test";
import { buildPage, download, drawn, figure, handMade, open, packed, rowsOf, table } from "./pages.js";

const side = 14;
const lags = 8;

interface Made {
  x: number;
  y: number;
  size: number;
  peak: number; // lag
  polarity: number; // 1 ON, -1 OFF
  subunit: Record<string, unknown>;
}

function makeSubunit(x: number, y: number, weight: number, more: Partial<Made> = {}, sure: object | null = {}): Made {
  const { size = 1.2, peak = 3, polarity = -1 } = more;
  const certain = {
    x_interval: [x - 0.1, x + 0.1],
    y_interval: [y - 0.1, y + 0.1],
    weight_interval: [weight - 0.05, weight + 0.05],
    latency_interval: [peak - 0.25, peak + 0.5],
    temporal_width_interval: [0.75, 1.25],
    confidence: 0.97,
    z: 12,
    returned: 1,
  };
  const axes = { major: size, minor: size, angle: 0 };
  const times = { latency: peak, temporal_width: 1, both_polarities: false };
  const subunit = { x, y, weight, ...axes, ...times, confidence: null, ...(sure && { ...certain, ...sure }) };
  return { x, y, size, peak, polarity, subunit };
}

const maps = (all: Made[]): object =>
  packed(
    [all.length, side, side],
    all.flatMap(({ x, y, size }) =>
      Array.from({ length: side * side }, (_, i) => {
        const far = ((i % side) - x) ** 2 + (Math.floor(i / side) - y) ** 2;
        return Math.exp(-far / (2 * size * size));
      }),
    ),
  );

const courses = (all: Made[]): object =>
  packed(
    [all.length, lags],
    all.flatMap(({ peak, polarity }) =>
      Array.from({ length: lags }, (_, l) => polarity * Math.exp(-((l - peak) ** 2) / 2)),
    ),
  );

function makeCell(cell: number, name: string, excitatory: Made[], suppressive: Made[], revealed: object): object {
  const shown = {
    corner: { x: 3, y: 2 },
    linear: packed([side, side], [...Array(side * side).keys()]),
    ...(excitatory.length && { spatial: maps(excitatory), temporal: courses(excitatory) }),
    ...(suppressive.length && {
      suppressive_spatial: maps(suppressive),
      suppressive_temporal: courses(suppressive),
    }),
  };
  const onGrid = ({ subunit }: Made): object => ({
    ...subunit,
    x: Number(subunit.x) + 3,
    y: Number(subunit.y) + 2,
  });
  return {
    cell,
    name,
    type: "OFF",
    maps: shown,
    revealed: {
      cell,
      name,
      n_spikes: 2000,
      window: { x: 3, y: 2, height: side, width: side },
      lags,
      verdict: "structured",
      p_value: 1e-6,
      effect_bits: 0.048,
      visible_bits: 0.008,
      n_subunits: excitatory.length,
      n_suppressive: suppressive.length,
      n_interval: [excitatory.length, excitatory.length + 1],
      n_suppressive_interval: [suppressive.length, suppressive.length],
      nonlinearity: "relu",
      power: 1,
      expansion: 1,
      n_functions: 2,
      surround: null,
      covariates: [],
      residual: null,
      networks: [],
      tried: [],
      size_curve: [],
      ...revealed,
      subunits: excitatory.map(onGrid),
      suppressive: suppressive.map(onGrid),
    },
  };
}

const nothing = { not_described: "", place: null, z: 3.5, p_value: 0.24, missed_bits: 0.003, visible_bits: 0.005 };
const quick = {
  verdict: null,
  residual: null,
  n_interval: null,
  n_suppressive_interval: null,
  p_value: undefined,
  effect_bits: undefined,
  visible_bits: undefined,
};
const tried = (change: string, taken: boolean): object => ({
  change,
  n_subunits: 2,
  gain_nats: taken ? 40 : -3,
  gain_error: 2,
  taken,
});

function cells(): object[] {
  const [left, right] = [makeSubunit(3, 4, 0.4), makeSubunit(9, 4, 0.35, { polarity: 1, peak: 4 })];
  const both = makeSubunit(6, 9, 0.25, { peak: 2 }, { confidence: 0.3 });
  both.subunit.both_polarities = true;
  const against = makeSubunit(6, 6, 1, { size: 2.5, peak: 5 });
  const bare = (m: Made): Made => makeSubunit(m.x, m.y, Number(m.subunit.weight), m, null);
  const missing = { ...nothing, not_described: "suppression at lag 6 near (4, 12)", place: { x: 4, y: 12 } };
  const changes = ["new - even at 1.5, 6.0 size 1.3 mix 1.0", "split 0 at 0.9", "temporal functions 1 to 2"];
  const old = bare(left);
  Object.assign(old.subunit, { latency: 0, temporal_width: 0 });
  return [
    makeCell(0, "both signs", [left, right, both], [against], {
      residual: { ...missing, p_value: 0.005, missed_bits: 0.031 },
      power: 1.4,
      surround: { strength: 0.46, ratio: 2.5 },
      covariates: [
        { covariate: "history", n_numbers: 10, exponent: 0 },
        { covariate: "divisive gain", n_numbers: 1, exponent: -0.5 },
      ],
      tried: changes.map((c, i) => tried(c, i > 0)),
    }),
    makeCell(1, "suppressed", [], [against], { residual: nothing, n_interval: [0, 1] }),
    makeCell(2, "quick", [bare(left), bare(right)], [bare(against)], quick),
    makeCell(3, "one filter", [bare(left)], [], {
      ...quick,
      verdict: "no evidence",
      p_value: 0.34,
      visible_bits: 0.008,
      nonlinearity: "linear",
    }),
    makeCell(4, "older", [old], [], {
      residual: null,
      window: { x: 0, y: 0, height: 0, width: 0 },
      lags: 0,
      n_suppressive_interval: null,
      nonlinearity: "half_squared",
      size_curve: [5, 4, 3].map((n) => ({ n_filters: n, held_out_bits: 0.1 * n, behind_nats: 1, behind_error: 1 })),
    }),
    makeCell(5, "pruned", [left], [], {
      residual: nothing,
      n_minimal: 2,
      morans_i: [0.8, 0.7, 0.01],
      size_curve: [3, 2].map((n) => ({ n_filters: n, held_out_bits: 0.1 * n, behind_nats: 1, behind_error: 1 })),
    }),
  ];
}

test.beforeAll(() => {
  const recording = { name: "signs.h5", channels: 1, rows: 20, columns: 20, frame_rate: 20 };
  buildPage("signs", { ...handMade, kind: "run", title: "signs.h5", recording, cells: cells() });
});

const shape = (page: Page, name: RegExp) => figure(page, "subunits").getByRole("button", { name });
const dashOf = (page: Page, name: RegExp): Promise<string | null> =>
  shape(page, name).locator("path").getAttribute("stroke-dasharray");

test("what excites has full lines, what suppresses dashed ones", async ({ page }) => {
  await open(page, "signs", "#cell-0");
  await expect(figure(page, "subunits").locator(".subunit")).toHaveCount(4);
  for (const name of [/^Subunit 0: excitatory OFF/, /^Subunit 1: excitatory ON,/, /^Subunit 2: excitatory ON and OFF/])
    expect(await dashOf(page, name)).toBeNull();
  expect(await dashOf(page, /^Subunit S0: suppressive OFF/)).not.toBeNull();
  for (const text of ["excitatory", "suppressive", "ON", "OFF", "ON and OFF", "2?"])
    await expect(figure(page, "subunits").locator(".canvas text", { hasText: text }).first()).toBeVisible();
  const dashed = figure(page, "temporal").locator("g[stroke-dasharray='6 3'] path");
  await expect(dashed).toHaveCount(1);
  await expect(figure(page, "temporal").locator(".canvas text", { hasText: "subunit S0" })).toBeVisible();
  await expect(table(page, "subunits").locator("tbody tr").nth(3)).toContainText(/suppressive\s*\u25cf OFF/);
  await expect(table(page, "subunits").locator("tbody tr").nth(2)).toContainText("\u25d0 both");
});

test("outlines follow the maps, not the ellipses of their spread", async ({ page }) => {
  await open(page, "signs", "#cell-0");
  const path = shape(page, /^Subunit 0:/).locator("path");
  const before = await path.getAttribute("d");
  const data = { ...handMade, kind: "run", title: "round", cells: cells().slice(0, 1) as any[] };
  data.cells[0].revealed.subunits[0].major = 9;
  buildPage("stretched", data);
  await open(page, "stretched");
  expect(await path.getAttribute("d")).toBe(before);
  delete data.cells[0].maps;
  buildPage("stretched", data);
  await open(page, "stretched");
  expect(await path.getAttribute("d")).not.toBe(before);
});

test("the first lines tell numbers, structure, what is left, and the model", async ({ page }) => {
  await open(page, "signs", "#cell-0");
  const first = page.locator("[data-verdict] p");
  await expect(first.nth(0)).toHaveText("3 excitatory subunits (3 to 4 in 90 % of resamples), 1 suppressive (1).");
  await expect(first.nth(1)).toContainText(/^Structured \(p \u2264 1e\u22126\).*promises 0\.048 bits per spike\.$/);
  await expect(first.nth(2)).toHaveText(
    "Suppression at lag 6 near (4, 12) is not described (0.031 bits per spike, p 0.005).",
  );
  for (const text of ["to the power 1.40", "2 functions", "2.5 times as wide", "past counts", "exponent \u22120.50"])
    await expect(first.nth(3)).toContainText(text);
  await expect(figure(page, "subunits").locator(".missing")).toHaveCount(1);
  await open(page, "signs", "#cell-1");
  await page.reload();
  await expect(first.nth(2)).toHaveText(
    "Nothing more to be seen (p 0.24); a subunit of 0.005 bits per spike would have been.",
  );
  await expect(figure(page, "subunits").locator(".missing")).toHaveCount(0);
});

test("latencies and widths have intervals, in milliseconds", async ({ page }) => {
  await open(page, "signs", "#cell-0");
  const row = table(page, "subunits").locator("tbody tr").nth(1);
  await expect(row).toContainText("200 188 to 225");
  await expect(row).toContainText("50 38 to 63");
  const { bytes } = await download(page, table(page, "subunits").getByRole("button", { name: /as CSV$/ }));
  const [head, ...rows] = rowsOf(bytes.toString("utf8"));
  const of = (name: string): string[] => rows.map((r) => r[head.indexOf(name)]);
  expect(of("latency (ms)").map(Number)).toEqual([150, 200, 100, 250]);
  expect(of("latency (ms) low").map(Number)).toEqual([137.5, 187.5, 87.5, 237.5]);
  expect(of("width (ms) high").map(Number)).toEqual([62.5, 62.5, 62.5, 62.5]);
  expect(of("sign")).toEqual(["excitatory", "excitatory", "excitatory", "suppressive"]);
  expect(of("polarity")).toEqual(["OFF", "ON", "both", "OFF"]);
});

test("a chosen subunit stands out in the map and in the time courses", async ({ page }) => {
  await open(page, "signs", "#cell-0");
  const before = [await drawn(page, "subunits"), await drawn(page, "temporal")];
  await page.getByRole("button", { name: "Subunit S0 alone" }).click();
  await expect(figure(page, "subunits").locator(".subunit")).toHaveCount(1);
  await expect(table(page, "subunits").locator("tr.lit")).toHaveCount(1);
  const courses = figure(page, "temporal").locator(".canvas svg").first();
  await expect(courses).toHaveAttribute("aria-label", /subunit S0 stands out\.$/);
  expect([await drawn(page, "subunits"), await drawn(page, "temporal")]).not.toEqual(before);
  await page.getByRole("button", { name: "Show all subunits" }).click();
  await page.mouse.move(1, 1);
  await expect.poll(async () => await drawn(page, "temporal")).toBe(before[1]);
});

test("changes of the search are told in words, at places of the grid", async ({ page }) => {
  await open(page, "signs", "#cell-0");
  const changes = table(page, "tried").locator("tbody th");
  await expect(changes).toHaveText([
    "a new suppressive one at (4.5, 8.0), ON and OFF",
    "subunit 0 as two",
    "new time courses, of 2 functions",
  ]);
});

test("a cell may have suppressive subunits only", async ({ page }) => {
  await open(page, "signs", "#cell-1");
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(page.locator("[data-verdict] p").first()).toContainText("0 excitatory subunits (0 to 1 in 90 %");
  await expect(figure(page, "subunits").locator(".subunit")).toHaveCount(1);
  await expect(table(page, "subunits").locator("tbody tr")).toHaveCount(1);
});

test("a quick cell says what was not tested, and has no intervals", async ({ page }) => {
  await open(page, "signs", "#cell-2");
  const first = page.locator("[data-verdict] p");
  await expect(first.nth(0)).toHaveText("2 excitatory subunits, 1 suppressive.");
  await expect(first.nth(1)).toHaveText("Not tested: neither for structure nor for what is left.");
  await expect(table(page, "subunits").locator("thead")).not.toContainText("confidence");
  await expect(table(page, "subunits").locator("small")).toHaveCount(0);
  await expect(table(page, "subunits").locator("tbody tr").first()).toContainText("150");
});

test("a cell without structure has one filter, no subunits", async ({ page }) => {
  await open(page, "signs", "#cell-3");
  const first = page.locator("[data-verdict] p");
  await expect(first.nth(0)).toHaveText("One linear filter; no subunits.");
  await expect(first.nth(1)).toContainText("No evidence of subunits (p 0.34)");
  await expect(page.getByRole("heading", { name: "The one filter" })).toBeVisible();
});

test("what an older program did not ask is not told", async ({ page }) => {
  await open(page, "signs", "#cell-4");
  await expect(page.locator("[data-verdict]")).toContainText("revealed by an older program");
  await expect(page.locator("[data-verdict]")).not.toContainText("0 suppressive");
  await expect(table(page, "subunits").locator("thead")).not.toContainText("latency");
  await expect(figure(page, "size-curve")).toHaveCount(0);
  await open(page, "signs", "#cell-5");
  await page.reload();
  await expect(figure(page, "size-curve").locator(".canvas svg").first()).toHaveAttribute("aria-label", /of filters/);
});

test("the overview tells both signs apart, and what is not described", async ({ page }) => {
  await open(page, "signs");
  await expect(figure(page, "fields").locator(".outline")).toHaveCount(6);
  const row = table(page, "cells").locator("tbody tr").first();
  await expect(row).toContainText("suppression at lag 6 near (4, 12) is not described");
  await expect(row).toContainText("1 1 to 1");
  const drawing = page.locator("[data-gallery] a", { hasText: "both signs" }).locator("svg");
  await expect(drawing.locator("path")).toHaveCount(4);
  await expect(drawing.locator("path[stroke-dasharray]")).toHaveCount(1);
  for (const text of ["NaN", "undefined", "[object"]) {
    expect(await page.locator("main").innerText()).not.toContain(text);
  }
});
