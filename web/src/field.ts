// The outline of a cell on the stimulus grid: where its receptive field falls to half of its peak.
import { contours } from "d3-contour";
import type { Cell } from "../generated/page";
import { isNumber } from "./format";
import { highest, largest, pictures, type Picture } from "./page";
import { leading, partsOf, type Part } from "./parts";
import type { Space } from "./marks";

export type Ring = [number, number][];

// Rings of a picture at a level, in pixels of the grid.
export function ringsAt(picture: Picture, level: number): Ring[] {
  const { width, height, values, x0, y0 } = picture;
  const padded = new Array<number>((width + 2) * (height + 2)).fill(0);
  for (let r = 0; r < height; ++r) {
    for (let c = 0; c < width; ++c) padded[(r + 1) * (width + 2) + c + 1] = values[r * width + c] || 0;
  }
  const shape = contours()
    .size([width + 2, height + 2])
    .contour(padded, level);
  return shape.coordinates.map((polygon) => polygon[0].map(([x, y]): [number, number] => [x - 1.5 + x0, y - 1.5 + y0]));
}

// Catmull and Rom's cubic: what four values count at t between the middle two.
const cubic = (t: number): number[] => [
  (t * (-1 + t * (2 - t))) / 2,
  (2 + t * t * (3 * t - 5)) / 2,
  (t * (1 + t * (4 - 3 * t))) / 2,
  (t * t * (t - 1)) / 2,
];

// The part of a picture that a contour at a level can run through, and three pixels about it.
function near(picture: Picture, level: number): Picture {
  const { width, height, values } = picture;
  let [left, right, top, bottom] = [width, -1, height, -1];
  values.forEach((v, i) => {
    if (!(v > level / 2)) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  });
  if (right < 0) return { ...picture, width: 0, height: 0, values: new Float64Array() };
  [left, top] = [Math.max(left - 3, 0), Math.max(top - 3, 0)];
  const [wide, high] = [Math.min(right + 4, width) - left, Math.min(bottom + 4, height) - top];
  const part = Float64Array.from(
    { length: wide * high },
    (_, i) => values[(top + Math.floor(i / wide)) * width + left + (i % wide)],
  );
  return { x0: picture.x0 + left, y0: picture.y0 + top, width: wide, height: high, values: part };
}

// Lines of values, read at so many places a value, from one before the first to one after the last; zero outside.
function finer(values: Float64Array, lines: number, length: number, fineness: number): Float64Array {
  const cubics = Array.from({ length: fineness }, (_, i) => cubic(i / fineness));
  const many = (length + 1) * fineness;
  const out = new Float64Array(lines * many);
  for (let i = 0; i < many; ++i) {
    const first = Math.floor(i / fineness) - 2;
    const weights = cubics[i % fineness];
    for (let l = 0; l < lines; ++l) {
      let sum = 0;
      for (let k = 0; k < 4; ++k) {
        const at = first + k;
        if (at >= 0 && at < length) sum += weights[k] * (values[l * length + at] || 0);
      }
      out[l * many + i] = sum;
    }
  }
  return out;
}

function turned(values: Float64Array, rows: number, columns: number): Float64Array {
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
}

// Like ringsAt, of the map read between its pixels: a contour through a few of them would be a polygon.
export function smoothRingsAt(picture: Picture, level: number, fineness = 4): Ring[] {
  const { width, height, values, x0, y0 } = near(picture, level);
  const [wide, high] = [(width + 1) * fineness, (height + 1) * fineness];
  const columns = turned(finer(values, height, width, fineness), height, wide);
  const fine = turned(finer(columns, wide, height, fineness), wide, high);
  const rings = ringsAt({ x0: 0, y0: 0, width: wide, height: high, values: fine }, level);
  return rings.map((ring) => ring.map(([x, y]): [number, number] => [x / fineness - 1 + x0, y / fineness - 1 + y0]));
}

function contains(ring: Ring, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

// The ring around the largest value, for pictures with noise; the sign of the peak is taken out.
export function peakRing(picture: Picture, share = 0.5): Ring[] {
  let at = 0;
  picture.values.forEach((v, i) => {
    if (Math.abs(v) > Math.abs(picture.values[at])) at = i;
  });
  const peak = picture.values[at];
  if (!peak) return [];
  const upright = { ...picture, values: picture.values.map((v) => v * Math.sign(peak)) };
  const x = picture.x0 + (at % picture.width);
  const y = picture.y0 + Math.floor(at / picture.width);
  const rings = ringsAt(upright, share * Math.abs(peak));
  return rings.filter((r) => contains(r, x, y)).slice(0, 1);
}

export interface Gaussian {
  x: number;
  y: number;
  major: number;
  minor: number;
  angle: number;
  weight: number;
}

const isGaussian = (u: Gaussian): boolean =>
  isNumber(u.major) && isNumber(u.minor) && isNumber(u.angle) && u.major > 0 && u.minor > 0;

// The weighted sum of Gaussian subunits (each of unit norm), on a grid finer than the stimulus.
function sumOfGaussians(subunits: Gaussian[], step: number): Picture {
  const reach = Math.max(...subunits.map((u) => 2.5 * u.major));
  const x0 = Math.min(...subunits.map((u) => u.x)) - reach;
  const y0 = Math.min(...subunits.map((u) => u.y)) - reach;
  const width = Math.ceil((Math.max(...subunits.map((u) => u.x)) + reach - x0) / step) + 1;
  const height = Math.ceil((Math.max(...subunits.map((u) => u.y)) + reach - y0) / step) + 1;
  const values = new Float64Array(width * height);
  for (const u of subunits) {
    const turn = (u.angle * Math.PI) / 180;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    const peak = u.weight / Math.sqrt(u.major * u.minor);
    for (let r = 0; r < height; ++r) {
      for (let c = 0; c < width; ++c) {
        const [dx, dy] = [x0 + c * step - u.x, y0 + r * step - u.y];
        const [a, b] = [(dx * cos + dy * sin) / u.major, (dy * cos - dx * sin) / u.minor];
        const far = a * a + b * b;
        if (far < 20) values[r * width + c] += peak * Math.exp(-far / 2);
      }
    }
  }
  return { x0, y0, width, height, values };
}

// Each pixel with its neighbours by 1-2-1: an average has noise of single pixels.
export function blurred(picture: Picture): Picture {
  const { width, height, values } = picture;
  const at = (r: number, c: number): number => {
    const [row, column] = [Math.min(Math.max(r, 0), height - 1), Math.min(Math.max(c, 0), width - 1)];
    return values[row * width + column] || 0;
  };
  const out = values.map((_, i) => {
    const [r, c] = [Math.floor(i / width), i % width];
    const line = (k: number): number => at(k, c - 1) + 2 * at(k, c) + at(k, c + 1);
    return (line(r - 1) + 2 * line(r) + line(r + 1)) / 16;
  });
  return { ...picture, values: out };
}

// The sum of maps, each with its weight.
export function weightedSum(maps: Picture[], weights: number[]): Picture | null {
  if (!maps.length) return null;
  const values = new Float64Array(maps[0].values.length);
  maps.forEach((m, k) => m.values.forEach((v, i) => (values[i] += (weights[k] ?? 0) * v)));
  return { ...maps[0], values };
}

// The lag at which the average is largest, by more than one noisy pixel.
export function peakLag(lags: Picture[]): number {
  let best = 0;
  let most = -1;
  lags.forEach((p, i) => {
    const m = largest(blurred(p).values);
    if (m > most) [best, most] = [i, m];
  });
  return best;
}

// LN's spatial filter: beside the revealed maps, else on the cell's window.
export function linearMap(cell: Cell): Picture | null {
  if (cell.maps) return pictures(cell.maps.linear, cell.maps.corner)[0] ?? null;
  return (cell.linear && cell.average && pictures(cell.linear.spatial, cell.average.corner)[0]) ?? null;
}

// The maps of parts, each with its weight, or the Gaussians of their spread where there are no maps.
export function sumOfParts(parts: Part[]): Picture | null {
  const maps = parts.flatMap((p) => (p.map ? [p.map] : []));
  const subunits = parts.map((p) => p.subunit);
  if (maps.length && maps.length === parts.length)
    return weightedSum(
      maps,
      subunits.map((u) => u.weight),
    );
  return subunits.length && subunits.every(isGaussian) ? sumOfGaussians(subunits, 1) : null;
}

// What there is to tell where a cell looks: subunits, else LN's map, else the average.
export function receptiveField(cell: Cell): Picture | null {
  const sum = sumOfParts(leading(partsOf(cell))) ?? linearMap(cell);
  if (sum || !cell.average) return sum;
  const lags = pictures(cell.average.values, cell.average.corner);
  return lags[peakLag(lags)] ?? null;
}

// The Gaussian with the mean and the covariance of the mixture of all subunits.
function spread(subunits: Gaussian[]): Gaussian {
  const total = subunits.reduce((sum, u) => sum + u.weight, 0) || 1;
  const mean = (f: (u: Gaussian) => number): number => subunits.reduce((sum, u) => sum + u.weight * f(u), 0) / total;
  const [x, y] = [mean((u) => u.x), mean((u) => u.y)];
  const own = subunits.map((u) => {
    const turn = (u.angle * Math.PI) / 180;
    const [c, s, a, b] = [Math.cos(turn), Math.sin(turn), u.major ** 2, u.minor ** 2];
    return { ...u, xx: a * c * c + b * s * s, yy: a * s * s + b * c * c, xy: (a - b) * c * s };
  });
  const over = (f: (u: (typeof own)[number]) => number): number =>
    own.reduce((sum, u) => sum + u.weight * f(u), 0) / total;
  const xx = over((u) => u.xx + (u.x - x) ** 2);
  const yy = over((u) => u.yy + (u.y - y) ** 2);
  const xy = over((u) => u.xy + (u.x - x) * (u.y - y));
  const half = Math.hypot((xx - yy) / 2, xy);
  const angle = (Math.atan2(2 * xy, xx - yy) * 90) / Math.PI;
  const [major, minor] = [(xx + yy) / 2 + half, (xx + yy) / 2 - half].map((v) => Math.sqrt(Math.max(v, 1e-12)));
  return { x, y, major, minor, angle, weight: total };
}

export function outline(cell: Cell): Ring[] {
  const parts = leading(partsOf(cell));
  const sum = sumOfParts(parts);
  const field = sum ?? receptiveField(cell);
  if (!field) return [];
  if (!sum) return peakRing(blurred(field));
  const subunits = parts.map((p) => p.subunit);
  const rings = smoothRingsAt(sum, highest(sum.values) / 2, 2);
  // Subunits far apart leave islands at half the peak; then the Gaussian of the same spread says more.
  if (rings.length === 1 || !subunits.every(isGaussian)) return rings;
  return [ellipse(spread(subunits), Math.sqrt(2 * Math.LN2))];
}

export function centreOf(rings: Ring[]): [number, number] {
  const all = rings.flat();
  const mean = (k: 0 | 1): number => all.reduce((sum, p) => sum + p[k], 0) / Math.max(all.length, 1);
  return [mean(0), mean(1)];
}

function ellipse({ x, y, major, minor, angle }: Gaussian, deviations: number): Ring {
  const turn = (angle * Math.PI) / 180;
  return Array.from({ length: 49 }, (_, i): [number, number] => {
    const a = (2 * Math.PI * i) / 48;
    const [u, v] = [deviations * major * Math.cos(a), deviations * minor * Math.sin(a)];
    return [x + u * Math.cos(turn) - v * Math.sin(turn), y + u * Math.sin(turn) + v * Math.cos(turn)];
  });
}

// Where a map falls to this share of its peak a Gaussian is one standard deviation from its middle.
export const contourShare = Math.exp(-0.5);

export const mapRings = (map: Picture): Ring[] => smoothRingsAt(map, highest(map.values) * contourShare);

// The contour of a subunit's map, or the ellipse of its spread where there is no map.
export function partRings({ map, subunit }: Part): Ring[] {
  if (map) return mapRings(map);
  return isGaussian(subunit) ? [ellipse(subunit, 1)] : [];
}

export function path(rings: Ring[], { x, y }: Pick<Space, "x" | "y">): string {
  return rings.map((ring) => `M${ring.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join("L")}Z`).join("");
}
