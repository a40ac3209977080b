import { el } from "./dom";
export function studyView(_p: unknown, _c: unknown): HTMLElement {
  return el("section");
}
