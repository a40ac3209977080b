import { el } from "../dom";
import type { Cell, Page } from "../../generated/page";
export function cellView(_p: Page, cells: Cell[], at: number): HTMLElement {
  return el("section", {}, el("h2", {}, cells[at].name));
}
