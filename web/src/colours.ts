// Colour maps that the colour-blind can read, as functions of a value in 0..1 or -1..1.

type Stop = [number, number, number];

// blue - white - orange; blue is below zero
const divergingStops: Stop[] = [
  [8, 48, 107],
  [33, 102, 172],
  [86, 150, 205],
  [155, 196, 226],
  [216, 231, 243],
  [255, 255, 255],
  [253, 229, 204],
  [250, 186, 123],
  [235, 133, 46],
  [191, 90, 12],
  [112, 46, 4],
];

// viridis, without its lightest end, which is lost on white
const sequentialStops: Stop[] = [
  [68, 1, 84],
  [72, 36, 117],
  [65, 68, 135],
  [53, 95, 141],
  [42, 120, 142],
  [33, 145, 140],
  [34, 168, 132],
  [68, 191, 112],
  [122, 209, 81],
  [170, 215, 50],
];

const greyStops: Stop[] = [
  [255, 255, 255],
  [120, 124, 130],
];

const paleBlueStops: Stop[] = [
  [255, 255, 255],
  [64, 132, 200],
];

function between(stops: Stop[], t: number): Stop {
  const at = Math.min(Math.max(t, 0), 1) * (stops.length - 1);
  const i = Math.min(Math.floor(at), stops.length - 2);
  const part = at - i;
  const mix = (k: 0 | 1 | 2): number => Math.round(stops[i][k] * (1 - part) + stops[i + 1][k] * part);
  return [mix(0), mix(1), mix(2)];
}

export interface ColourScale {
  low: number;
  high: number;
  rgb: (value: number) => Stop;
}

export const text = ([r, g, b]: Stop): string => `rgb(${r},${g},${b})`;

export function colourOf(scale: ColourScale, value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? "var(--grid)" : text(scale.rgb(value));
}

// Symmetric about zero, so that white is zero.
export function diverging(largest: number): ColourScale {
  const m = largest > 0 ? largest : 1;
  return { low: -m, high: m, rgb: (v) => between(divergingStops, (v / m + 1) / 2) };
}

function scaleOf(stops: Stop[], low: number, high: number): ColourScale {
  const span = high > low ? high - low : 1;
  return { low, high: low + span, rgb: (v) => between(stops, (v - low) / span) };
}

export const sequential = (low: number, high: number): ColourScale => scaleOf(sequentialStops, low, high);
export const greys = (low: number, high: number): ColourScale => scaleOf(greyStops, low, high);

// Greys, for lines of any colour that lie on them; what is below zero, such as a surround, is pale blue.
export function weightScale(values: Float64Array): ColourScale {
  let [low, high] = [0, 0];
  values.forEach((v) => ([low, high] = [Math.min(low, v), Math.max(high, v)]));
  if (low > -0.02 * high) return greys(0, high);
  const most = Math.max(-low, high);
  return { low, high, rgb: (v) => between(v < 0 ? paleBlueStops : greyStops, Math.abs(v) / most) };
}

// Sequential where all values are of one sign; where some lie below zero, that must be seen.
export function scaleFor(values: (number | null | undefined)[]): ColourScale {
  const seen = values.filter((v): v is number => typeof v === "number" && Number.isFinite(v));
  if (!seen.length) return sequential(0, 1);
  const low = Math.min(...seen);
  const high = Math.max(...seen);
  if (low < 0) return diverging(Math.max(-low, high));
  return sequential(0, high);
}

// Black or white, whichever is read on it.
export function inkOn(scale: ColourScale, value: number): string {
  const [r, g, b] = scale.rgb(value);
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#111111" : "#ffffff";
}
