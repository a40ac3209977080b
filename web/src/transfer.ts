// How far models carry: to other cells, or to other stimuli.
import type { Page } from "../generated/page";
import { cellTransferView } from "./transfer_cells";
import { stimulusTransferView } from "./transfer_stimuli";

export function transferView(page: Page, transfer: NonNullable<Page["transfer"]>): HTMLElement {
  return transfer.kind === "cells" ? cellTransferView(page, transfer) : stimulusTransferView(page, transfer);
}
