import { el } from "./dom";
export function flashedView(_p: unknown, _c: unknown): HTMLElement {
  return el("section");
}
