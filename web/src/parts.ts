// The revealed subunits of a cell, of both signs, with their maps and time courses.
import type { Cell, Packed, Revealed, Subunit } from "../generated/page";
import { pictures, rows, type Picture } from "./page";

export type Polarity = "ON" | "OFF" | "both";

export interface Part {
  subunit: Subunit;
  at: number; // among those of both signs
  number: string; // 0, 1, ... of those that excite, S0, S1, ... of those that suppress
  excites: boolean;
  polarity: Polarity | null; // null where there is no time course
  map?: Picture;
  course?: Float64Array; // [lag], unit norm
}

// Lines of what suppresses, in every figure.
export const suppressiveDash = "6 3";

export const signName = (part: Part): string => (part.excites ? "excitatory" : "suppressive");

// Files of programs that knew excitatory subunits only say nothing of windows, powers, time courses and what is left.
export const isOlder = (revealed: Revealed): boolean => !(revealed.window?.width > 0);

export const isOneFilter = (cell: Cell): boolean => cell.revealed?.nonlinearity === "linear";

export function polarityOf(subunit: Subunit, course: ArrayLike<number> | undefined): Polarity | null {
  if (subunit.both_polarities) return "both";
  let peak = 0;
  for (let i = 0; i < (course?.length ?? 0); ++i) {
    if (Math.abs(course?.[i] ?? 0) > Math.abs(peak)) peak = course?.[i] ?? 0;
  }
  if (!peak) return null;
  return peak > 0 ? "ON" : "OFF";
}

// The excitatory first; within a sign in the order of the file, which is that of the weights.
export function partsOf(cell: Cell): Part[] {
  const { revealed, maps } = cell;
  if (!revealed) return [];
  const of = (list: Subunit[], excites: boolean, first: number, spatial?: Packed, temporal?: Packed): Part[] => {
    const shown = maps && spatial ? pictures(spatial, maps.corner) : [];
    const courses = temporal ? rows(temporal) : [];
    return list.map((subunit, i) => ({
      subunit,
      at: first + i,
      number: `${excites ? "" : "S"}${i}`,
      excites,
      polarity: polarityOf(subunit, courses[i]),
      map: shown[i],
      course: courses[i],
    }));
  };
  const excitatory = of(revealed.subunits, true, 0, maps?.spatial, maps?.temporal);
  const suppressive = revealed.suppressive ?? [];
  return [
    ...excitatory,
    ...of(suppressive, false, excitatory.length, maps?.suppressive_spatial, maps?.suppressive_temporal),
  ];
}

// Those that tell where a cell looks.
export function leading(parts: Part[]): Part[] {
  const excitatory = parts.filter((p) => p.excites);
  return excitatory.length ? excitatory : parts;
}
