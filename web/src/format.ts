// Numbers as people read them.
import type { Interval } from "../generated/page";
import { el } from "./dom";

export type Maybe = number | null | undefined;
export type MaybeInterval = Interval | null | undefined;

export const isNumber = (v: unknown): v is number => typeof v === "number" && Number.isFinite(v);

const thin = "\u202f";
const minus = (text: string): string => text.replace("-", "\u2212");

export function fixed(v: Maybe, digits = 2): string {
  if (!isNumber(v)) return "\u2013";
  const text = v.toFixed(digits);
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

export function signed(v: Maybe, digits = 3): string {
  if (!isNumber(v)) return "\u2013";
  return (v > 0 ? "+" : "") + fixed(v, digits);
}

export function percent(v: Maybe, digits = 1): string {
  return isNumber(v) ? `${fixed(100 * v, digits)}${thin}%` : "\u2013";
}

// A probability out of resamples is never quite 1.
export function confidence(v: Maybe): string {
  return isNumber(v) && v > 0.999 ? `> ${percent(0.999)}` : percent(v);
}

// Value and standard error, with as many decimals as leave the error two figures.
export function withError(v: Maybe, error: Maybe, text = signed): string {
  if (!isNumber(error) || error <= 0) return text(v, 1);
  const digits = Math.min(Math.max(1 - Math.floor(Math.log10(error)), 0), 5);
  return `${text(v, digits)} \u00b1 ${fixed(error, digits)}`;
}

// 12,345
export function whole(v: Maybe): string {
  return isNumber(v) ? minus(Math.round(v).toLocaleString("en-US")) : "\u2013";
}

// three figures, with a power of ten where many noughts would follow
export function figures(v: Maybe, count = 3): string {
  if (!isNumber(v)) return "\u2013";
  if (v === 0) return "0";
  const size = Math.abs(v);
  if (size < 1e-3 || size >= 1e6) return minus(v.toExponential(count - 1).replace("e+", "e"));
  return minus(String(Number(v.toPrecision(count))));
}

export function isInterval(i: MaybeInterval): i is [number, number] {
  return i !== undefined && i !== null && isNumber(i[0]) && isNumber(i[1]);
}

export function interval(i: MaybeInterval, digits = 2): string {
  return isInterval(i) ? `${fixed(i[0], digits)} to ${fixed(i[1], digits)}` : "\u2013";
}

// Of whole numbers: 5 to 6, or 5 where the ends are one.
export const wholeInterval = (i: [number, number]): string => (i[0] === i[1] ? whole(i[0]) : interval(i, 0));

// p of a test; a smaller one is not told from the least.
const leastP = 1e-6;
export const pText = (p: number): string => (p <= leastP ? `p \u2264 ${figures(leastP, 1)}` : `p ${figures(p, 2)}`);

export function withInterval(v: Maybe, i: MaybeInterval, digits = 2, unit = ""): string {
  if (!isNumber(v)) return "\u2013";
  const range = isInterval(i) ? ` (${interval(i, digits)})` : "";
  return `${fixed(v, digits)}${unit}${range}`;
}

export function seconds(v: Maybe): string {
  if (!isNumber(v)) return "\u2013";
  if (v < 100) return `${figures(v)} s`;
  if (v < 6000) return `${figures(v / 60)} min`;
  return `${figures(v / 3600)} h`;
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${whole(n)} ${n === 1 ? one : many}`;

// A missing number, and why it is missing.
export function absent(why?: string): HTMLElement {
  return el("span", { class: "absent", title: why ?? "not known", "aria-label": why ?? "not known" }, "\u2013");
}

const methodNames: Record<string, string> = {
  network: "network",
  cnn: "network",
  ln: "LN",
  reveal: "subunits",
  lnln: "LNLN",
  soft_clustering: "soft clustering",
  stc: "STC",
  stnmf: "STNMF",
};

export const methodName = (key: string): string => methodNames[key] ?? key;
