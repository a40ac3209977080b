// What was found, in words.
import type { Revealed } from "../../generated/page";
import { el } from "../dom";
import { figures, fixed, interval, isInterval, isNumber, plural, signed, whole } from "../format";
import type { Context } from "./context";

export function verdictText({ cell }: Context): HTMLElement {
  const box = el("div", { "data-verdict": cell.revealed?.verdict ?? "" });
  const r = cell.revealed;
  if (!r) return box;
  box.append(el("p", { class: "verdict" }, ...sentences(r)));
  const remarks = details(r);
  if (remarks) box.append(el("p", { class: "note" }, remarks));
  if (r.remark) box.append(el("p", { class: "error" }, r.remark));
  return box;
}

function sentences(r: Revealed): (string | HTMLElement)[] {
  const out: (string | HTMLElement)[] = [];
  const p = isNumber(r.p_value) ? ` (p ${figures(r.p_value, 2)})` : "";
  const effect =
    isNumber(r.effect_bits) && isNumber(r.effect_error)
      ? `${signed(r.effect_bits)} \u00b1 ${fixed(r.effect_error, 3)} bits per spike, held out`
      : null;
  if (r.verdict === "structured") {
    out.push(el("strong", {}, "Structured"), `${p}: subunits beat one linear filter`);
    out.push(effect ? ` by ${effect}. ` : ". ");
  } else if (r.verdict === "no evidence") {
    out.push(el("strong", {}, "No evidence"), `${p} of subunits`);
    out.push(effect ? `: over one linear filter they gain ${effect}` : "");
    out.push(
      isNumber(r.visible_bits)
        ? `; ${fixed(r.visible_bits, 3)} bits per spike would have been called structured. `
        : ". ",
    );
  } else if (r.verdict === "too little data") {
    out.push(el("strong", {}, "Too little data"), isNumber(r.n_spikes) ? `: ${whole(r.n_spikes)} spikes. ` : ". ");
  }
  if (r.n_subunits > 0) {
    const range = isInterval(r.n_interval) ? ` (${interval(r.n_interval, 0)}, 90 % of resamples)` : "";
    out.push(`${plural(r.n_subunits, "subunit")}${range}`);
    if (isNumber(r.mean_match)) out.push(`; mean correlation to the truth ${fixed(r.mean_match, 3)}`);
    out.push(".");
  }
  return out;
}

function details(r: Revealed): string {
  const parts: string[] = [];
  if (isNumber(r.n_spikes)) parts.push(`${whole(r.n_spikes)} spikes in training and validation blocks`);
  if (isNumber(r.null_draws)) parts.push(`${plural(r.null_draws, "draw")} of the null`);
  if (r.nonlinearity) parts.push(`subunit nonlinearity ${r.nonlinearity.replace("_", " ")}`);
  if (r.own_shapes !== undefined) parts.push(r.own_shapes ? "subunits of their own shapes" : "subunits of one shape");
  if (isNumber(r.n_of_map)) parts.push(`${plural(r.n_of_map, "peak")} of the network's map`);
  if (isNumber(r.n_minimal)) parts.push(`${r.n_minimal} in the minimal network`);
  if (isNumber(r.dispersion)) parts.push(`variance over mean of the counts ${fixed(r.dispersion)}`);
  if (r.validation_bits) {
    const { network, subunits } = r.validation_bits;
    parts.push(`validation: network ${fixed(network, 3)}, subunits ${fixed(subunits, 3)} bits per spike`);
  }
  return parts.length ? `${parts.join("; ")}.` : "";
}
