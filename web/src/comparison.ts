import { el } from "./dom";
export function comparisonView(_p: unknown, _c: unknown): HTMLElement {
  return el("section");
}
