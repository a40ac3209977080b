// What was found, in words: how many subunits, whether there is structure, what is left, and the model.
import type { Revealed } from "../../generated/page";
import { el, type Child } from "../dom";
import {
  figures,
  fixed,
  isInterval,
  isNumber,
  pText,
  plural,
  whole,
  wholeInterval,
  type Maybe,
  type MaybeInterval,
} from "../format";
import { isOlder } from "../parts";
import type { Context } from "./context";

export function verdictText({ cell }: Context): HTMLElement {
  const r = cell.revealed;
  const box = el("div", { "data-verdict": r?.verdict ?? "" });
  if (!r) return box;
  const lines = [number(r), structure(r), left(r)].filter((l) => l.length);
  box.append(el("div", { class: "verdict" }, ...lines.map((l) => el("p", {}, ...l))));
  for (const text of [model(r), details(r)]) if (text) box.append(el("p", { class: "note kept" }, text));
  if (r.remark) box.append(el("p", { class: "error" }, r.remark));
  return box;
}

const bits = (v: Maybe): string => `${figures(v, 2)} bits per spike`;

function number(r: Revealed): Child[] {
  if (r.verdict === "too little data") return [];
  const match = isNumber(r.mean_match) ? ` Mean correlation with the true ones: ${fixed(r.mean_match, 3)}.` : "";
  if (r.nonlinearity === "linear") return [el("strong", {}, "One linear filter"), "; no subunits."];
  const range = (i: MaybeInterval, of = ""): string => (isInterval(i) ? ` (${wholeInterval(i)}${of})` : "");
  if (isOlder(r))
    return [
      el("strong", {}, plural(r.n_subunits, "subunit")),
      `${range(r.n_interval, " in 90 % of resamples")}, revealed by an older program, which looked for excitatory ones only.${match}`,
    ];
  return [
    el("strong", {}, plural(r.n_subunits, "excitatory subunit")),
    `${range(r.n_interval, " in 90 % of resamples")}, `,
    el("strong", {}, `${whole(r.n_suppressive)} suppressive`),
    `${range(r.n_suppressive_interval)}.${match}`,
  ];
}

function structure(r: Revealed): Child[] {
  const p = isNumber(r.p_value) ? ` (${pText(r.p_value)})` : "";
  const promise = isOlder(r)
    ? "subunits gain over one linear filter"
    : "one addition to a single linear filter promises";
  const most = isNumber(r.effect_bits) ? `${promise} ${bits(r.effect_bits)}` : "";
  const would = isOlder(r) ? "would have been called structured" : "would have been seen in nine of ten cells";
  const seen = isNumber(r.visible_bits) ? `${bits(r.visible_bits)} ${would}` : "";
  switch (r.verdict) {
    case "structured":
      return [el("strong", {}, "Structured"), `${p}${most && `: ${most}`}.`];
    case "no evidence": {
      const said = [most, seen].filter((t) => t).join("; ");
      return [el("strong", {}, "No evidence"), ` of subunits${p}${said && `: ${said}`}.`];
    }
    case "too little data":
      return [el("strong", {}, "Too little data"), isNumber(r.n_spikes) ? `: ${plural(r.n_spikes, "spike")}.` : "."];
    default:
      return [r.residual ? "Not tested for structure." : "Not tested: neither for structure nor for what is left."];
  }
}

// Whether the model has all that the spikes show.
function left(r: Revealed): Child[] {
  const test = r.residual;
  if (!test && isOlder(r)) return [];
  if (!test) return r.verdict === "structured" ? ["Not tested for what is left."] : [];
  const p = isNumber(test.p_value) ? pText(test.p_value) : "";
  if (!test.not_described) {
    const seen = isNumber(test.visible_bits) ? `; a subunit of ${bits(test.visible_bits)} would have been` : "";
    return [el("strong", {}, "Nothing more to be seen"), `${p && ` (${p})`}${seen}.`];
  }
  const what = test.not_described[0].toUpperCase() + test.not_described.slice(1);
  const how = [isNumber(test.missed_bits) ? bits(test.missed_bits) : "", p].filter((t) => t).join(", ");
  return [el("strong", { class: "missing" }, `${what} is not described`), `${how && ` (${how})`}.`];
}

const isOther = (v: Maybe, usual: number): v is number => isNumber(v) && Math.abs(v - usual) > 0.005;

function rectifier(r: Revealed): string {
  const power = isOlder(r) ? null : r.power;
  switch (r.nonlinearity) {
    case "relu":
      return isOther(power, 1) ? `subunits rectify, to the power ${fixed(power)}` : "subunits rectify (relu)";
    case "half_squared":
      return isOther(power, 2) ? `subunits rectify, to the power ${fixed(power)}` : "subunits rectify and square";
    case "squared":
      return isOther(power, 2) ? `subunits take both signs, to the power ${fixed(power)}` : "subunits square";
    default:
      return "";
  }
}

// The model in words.
function model(r: Revealed): string {
  const parts = [rectifier(r)];
  if (isOlder(r)) return parts[0] && `Model: ${parts[0]}.`;
  const n = r.n_subunits + (r.n_suppressive ?? 0);
  if (isNumber(r.n_functions) && r.nonlinearity !== "linear" && n > 0) {
    parts.push(r.n_functions === 1 ? "one time course" : `time courses mixed of ${r.n_functions} functions`);
  }
  if (r.surround) {
    const { ratio, strength } = r.surround;
    parts.push(
      (strength ?? 0) < 0
        ? `a foot of each that is ${fixed(ratio, 1)} times as wide`
        : `a surround that all share, ${fixed(ratio, 1)} times as wide, of strength ${fixed(strength)}`,
    );
  }
  for (const c of r.covariates ?? []) {
    if (c.covariate === "divisive gain") parts.push(`divisive gain of exponent ${fixed(c.exponent)}`);
    else {
      const what = c.covariate === "history" ? "the cell\u2019s own past counts" : "slow drift of the gain";
      parts.push(`${what} (${plural(c.n_numbers, "number")})`);
    }
  }
  if (isOther(r.expansion, 1)) parts.push(`output to the power ${fixed(r.expansion)}`);
  const said = parts.filter((t) => t).join("; ");
  return said && `Model: ${said}.`;
}

function details(r: Revealed): string {
  const parts: string[] = [];
  if (isNumber(r.n_spikes)) parts.push(`${whole(r.n_spikes)} spikes in training and validation blocks`);
  if (isNumber(r.null_draws)) parts.push(`${plural(r.null_draws, "draw")} of the null`);
  if (!isOlder(r)) {
    parts.push(`looked for in ${r.window.width} \u00d7 ${r.window.height} pixels and ${plural(r.lags, "frame")} back`);
  }
  if (isNumber(r.n_of_map)) parts.push(`${plural(r.n_of_map, "peak")} of the network\u2019s map`);
  const oneFilter = r.nonlinearity === "linear";
  if (isNumber(r.n_minimal) && !oneFilter) {
    const of = r.morans_i?.length ? "filter" : "subunit";
    parts.push(`${plural(r.n_minimal, of)} in the minimal network`);
  }
  if (isNumber(r.dispersion)) parts.push(`variance over mean of the counts ${fixed(r.dispersion)}`);
  if (r.validation_bits) {
    const { network, subunits } = r.validation_bits;
    parts.push(
      `validation: network ${fixed(network, 3)}, ${oneFilter ? "one filter" : "subunits"} ${fixed(subunits, 3)} bits per spike`,
    );
  }
  return parts.length ? `${parts.join("; ")}.` : "";
}
