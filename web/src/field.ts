// The outline of a cell on the stimulus grid: where its receptive field falls to half of its peak.
import { contours } from "d3-contour";
import type { Cell, Subunit } from "../generated/page";
import { isNumber } from "./format";
import { largest, pictures, type Picture } from "./page";
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

// Catmull and Rom's cubic through four values, at t between the middle two.
function cubic([a, b, c, d]: number[], t: number): number {
  return b + (t / 2) * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

// Like ringsAt, of the map read between its pixels: a contour through a few of them would be a polygon.
export function smoothRingsAt(picture: Picture, level: number): Ring[] {
  const { width, height, values, x0, y0 } = picture;
  const step = 0.25;
  const at = (r: number, c: number): number =>
    r < 0 || c < 0 || r >= height || c >= width ? 0 : values[r * width + c] || 0;
  const [wide, high] = [(width + 1) / step, (height + 1) / step].map(Math.round);
  const fine = Float64Array.from({ length: wide * high }, (_, i) => {
    const [x, y] = [(i % wide) * step - 1, Math.floor(i / wide) * step - 1];
    const [c, r] = [Math.floor(x), Math.floor(y)];
    const line = (k: number): number =>
      cubic(
        [-1, 0, 1, 2].map((d) => at(k, c + d)),
        x - c,
      );
    return cubic(
      [-1, 0, 1, 2].map((d) => line(r + d)),
      y - r,
    );
  });
  const rings = ringsAt({ x0: 0, y0: 0, width: wide, height: high, values: fine }, level);
  return rings.map((ring) => ring.map(([x, y]): [number, number] => [x * step - 1 + x0, y * step - 1 + y0]));
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

type Gaussian = Subunit & { major: number; minor: number; angle: number };

export const isGaussian = (u: Subunit): u is Gaussian =>
  isNumber(u.major) && isNumber(u.minor) && isNumber(u.angle) && u.major > 0 && u.minor > 0;

// The weighted sum of Gaussian subunits (each of unit norm), on a grid finer than the stimulus.
export function sumOfGaussians(subunits: Gaussian[], step: number): Picture {
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

// The sum of revealed maps, each with its weight.
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

// What there is to tell where a cell looks: subunits, else LN's map, else the average.
export function receptiveField(cell: Cell): Picture | null {
  const subunits = cell.revealed?.subunits ?? [];
  if (cell.maps && subunits.length) {
    const sum = weightedSum(
      pictures(cell.maps.spatial, cell.maps.corner),
      subunits.map((u) => u.weight),
    );
    if (sum) return sum;
  }
  if (!cell.maps && subunits.length && subunits.every(isGaussian)) return sumOfGaussians(subunits, 1);
  if (linearMap(cell)) return linearMap(cell);
  if (!cell.average) return null;
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
  const subunits = cell.revealed?.subunits ?? [];
  if (subunits.length && subunits.every(isGaussian)) {
    const step = 0.5;
    const sum = sumOfGaussians(subunits, step);
    const fine = ringsAt({ ...sum, x0: 0, y0: 0 }, largest(sum.values) / 2);
    // Subunits far apart leave islands at half the peak; then the Gaussian of the same spread says more.
    if (fine.length !== 1) return subunitRings(spread(subunits), undefined, Math.sqrt(2 * Math.LN2));
    return fine.map((r) => r.map(([x, y]): [number, number] => [sum.x0 + x * step, sum.y0 + y * step]));
  }
  const field = receptiveField(cell);
  if (!field) return [];
  return peakRing(subunits.length ? field : blurred(field));
}

export function centreOf(rings: Ring[]): [number, number] {
  const all = rings.flat();
  const mean = (k: 0 | 1): number => all.reduce((sum, p) => sum + p[k], 0) / Math.max(all.length, 1);
  return [mean(0), mean(1)];
}

// The ellipse of one standard deviation, or the contour where a Gaussian has it.
export function subunitRings(subunit: Subunit, map: Picture | undefined, deviations = 1): Ring[] {
  if (!isGaussian(subunit)) return map ? smoothRingsAt(map, largest(map.values) * Math.exp(-0.5)) : [];
  const turn = (subunit.angle * Math.PI) / 180;
  const ring = Array.from({ length: 49 }, (_, i): [number, number] => {
    const a = (2 * Math.PI * i) / 48;
    const [u, v] = [deviations * subunit.major * Math.cos(a), deviations * subunit.minor * Math.sin(a)];
    return [subunit.x + u * Math.cos(turn) - v * Math.sin(turn), subunit.y + u * Math.sin(turn) + v * Math.cos(turn)];
  });
  return [ring];
}

export function path(rings: Ring[], { x, y }: Pick<Space, "x" | "y">): string {
  return rings.map((ring) => `M${ring.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join("L")}Z`).join("");
}
