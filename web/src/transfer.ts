import { el } from "./dom";
export function transferView(_p: unknown, _c: unknown): HTMLElement {
  return el("section");
}
