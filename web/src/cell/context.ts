// What all figures of a cell need: the cell, the units of its recording, and which subunit is chosen.
import type { Cell, Page, Recording } from "../../generated/page";
import { state, type State } from "../figure";
import { figures, isNumber, type Maybe } from "../format";
import { nameOf } from "../page";

export interface Context {
  cell: Cell;
  name: string;
  stem: string; // of file names
  pixelUm: number | undefined;
  perSecond: number; // spikes per frame times this are in `rateUnit`
  rateUnit: string;
  lagStep: number; // a lag in `lagUnit`
  lagUnit: string;
  timeStep: number; // a frame in `timeUnit`
  timeUnit: string;
  frameRate: number | undefined;
  alone: State<number | null>; // the subunit that is shown alone, among those of both signs
  lit: State<number | null>; // the one that is pointed at
}

export function contextOf(page: Page, cell: Cell): Context {
  const recording: Partial<Recording> = page.recording ?? {};
  const rate = isNumber(recording.frame_rate) && recording.frame_rate > 0 ? recording.frame_rate : undefined;
  return {
    cell,
    name: nameOf(cell),
    stem: `cell-${cell.cell}`,
    pixelUm: recording.pixel_um,
    perSecond: rate ?? 1,
    rateUnit: rate ? "spikes per second" : "spikes per frame",
    lagStep: rate ? 1000 / rate : 1,
    lagUnit: rate ? "ms" : "frames",
    timeStep: rate ? 1 / rate : 1,
    timeUnit: rate ? "s" : "frames",
    frameRate: rate,
    alone: state<number | null>(null),
    lit: state<number | null>(null),
  };
}

// 133 ms (lag 4)
export function lagText(context: Context, lag: number): string {
  if (context.lagUnit === "frames") return `${lag} frames`;
  return `${figures(lag * context.lagStep)} ms (lag ${lag})`;
}

// Frames in the unit of lags, and its decimals.
export const inLags = (context: Context, frames: Maybe): number | null =>
  isNumber(frames) ? frames * context.lagStep : null;
export const lagDigits = (context: Context): number => (context.lagUnit === "ms" ? 0 : 2);

// x of a lag: time before the spike, so that the spike is at the right.
export const lagTime = (context: Context, lag: number): number => (lag ? -lag * context.lagStep : 0);
export const lagLabel = (context: Context): string => `time relative to the spike (${context.lagUnit})`;
