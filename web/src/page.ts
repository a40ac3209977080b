// The page's data: read, checked, and its packed arrays as numbers.
import type { Cell, Packed, Page } from "../generated/page";

const version = 1;

// The JSON that the program has written into the page; says what is wrong where there is none.
export function readPage(): Page {
  const text = document.getElementById("page")?.textContent ?? "";
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (problem) {
    throw new Error(`The data of this page can't be read: ${problem instanceof Error ? problem.message : "no JSON"}`);
  }
  if (typeof data !== "object" || data === null) {
    throw new Error("This is the empty template of a report. `plexiform report RUN` fills it.");
  }
  const page = data as Partial<Page>;
  if (page.format !== "plexiform page") throw new Error("The data of this page are not of a plexiform report.");
  if (page.version !== version) {
    throw new Error(
      `The data of this page are of version ${String(page.version)}; this page shows version ${version}.`,
    );
  }
  return page as Page;
}

export interface Numbers {
  shape: number[];
  values: Float64Array; // NaN where a number does not exist
}

export function unpack(packed: Packed): Numbers {
  const bytes = Uint8Array.from(atob(packed.data), (c) => c.charCodeAt(0));
  const integers = packed.type === "u8" ? bytes : littleEndian(bytes);
  const values = new Float64Array(integers.length);
  for (let i = 0; i < values.length; ++i) {
    const missing = packed.type === "i16" && integers[i] === -32768;
    values[i] = missing ? NaN : integers[i] * packed.scale;
  }
  const expected = packed.shape.reduce((a, b) => a * b, 1);
  if (expected !== values.length) {
    throw new Error(`an array of ${packed.shape.join(" x ")} holds ${values.length} numbers`);
  }
  return { shape: packed.shape, values };
}

function littleEndian(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer);
  const integers = new Int16Array(bytes.length >> 1);
  for (let i = 0; i < integers.length; ++i) integers[i] = view.getInt16(2 * i, true);
  return integers;
}

// One picture [height, width] on the stimulus grid; x0, y0 is the centre of its first pixel.
export interface Picture {
  x0: number;
  y0: number;
  width: number;
  height: number;
  values: Float64Array;
}

// The pictures of an array [..., height, width].
export function pictures(packed: Packed, corner: { x: number; y: number }): Picture[] {
  const { shape, values } = unpack(packed);
  const [height, width] = shape.slice(-2);
  const size = height * width;
  const count = size ? values.length / size : 0;
  return Array.from({ length: count }, (_, i) => ({
    x0: corner.x,
    y0: corner.y,
    width,
    height,
    values: values.subarray(i * size, (i + 1) * size),
  }));
}

// Rows of an array [..., n].
export function rows(packed: Packed): Float64Array[] {
  const { shape, values } = unpack(packed);
  const length = shape[shape.length - 1] ?? 0;
  if (!length) return [];
  return Array.from({ length: values.length / length }, (_, i) => values.subarray(i * length, (i + 1) * length));
}

export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; ++i) if (Math.abs(values[i]) > most) most = Math.abs(values[i]);
  return most;
}

export const highest = (values: Float64Array): number => values.reduce((most, v) => Math.max(most, v), 0);

export const nameOf = (cell: { cell: number; name: string }): string => cell.name || `cell ${cell.cell}`;

// What gain a cell's network has over LN, bits per spike.
export function gainOf(cell: Cell): number | null {
  const s = cell.score;
  if (!s || s.bits_per_spike === null || s.ln.bits_per_spike === null) return null;
  return s.bits_per_spike - s.ln.bits_per_spike;
}
