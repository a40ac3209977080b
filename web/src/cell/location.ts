// Where the network's filter is read out, and the filter.
import type { Network } from "../../generated/page";
import { diverging, sequential } from "../colours";
import { select, type Child } from "../dom";
import { figure, state, type State } from "../figure";
import { figures } from "../format";
import { colourBar, gridPlot, heat, scaleBar } from "../marks";
import { largest, pictures, type Picture } from "../page";
import type { Context } from "./context";

export function locationFigures(context: Context): Child[] {
  const network = context.cell.network;
  if (!network) return [];
  const maps = pictures(network.map, network.map_corner);
  // One position: the filter lies on the window itself.
  const fixedPlace = maps[0] !== undefined && maps[0].width * maps[0].height === 1;
  const filters = pictures(network.spatial, fixedPlace ? network.corner : { x: 0, y: 0 });
  const chosen = state(0);
  return [mapFigure(context, maps, chosen), filterFigure(context, network, filters, chosen)];
}

function picker(count: number, chosen: State<number>): Child {
  if (count < 2) return null;
  const options = Array.from({ length: count }, (_, i) => ({ value: String(i), text: `filter ${i} (of ${count})` }));
  return select("Filter", options, String(chosen.get()), (v) => chosen.set(Number(v)));
}

const cells = (all: Picture[]): (number | string)[][] =>
  all.flatMap((p, k) => [...p.values].map((v, i) => [k, p.x0 + (i % p.width), p.y0 + Math.floor(i / p.width), v]));

function mapFigure(context: Context, maps: Picture[], chosen: State<number>): Child {
  const first = maps[0];
  if (!first || first.width * first.height < 2) return null;
  const most = Math.max(...maps.map((m) => largest(m.values)));
  const signed = maps.some((m) => m.values.some((v) => v < 0));
  const scale = signed ? diverging(most) : sequential(0, most);
  const frame = { x0: first.x0, y0: first.y0, columns: first.width, rows: first.height };
  const used = (): number => maps[chosen.get()].values.filter((v) => Math.abs(v) > 0.01 * most).length;
  const fig = figure({
    name: "map",
    title: "Location map",
    stem: context.stem,
    width: 460,
    controls: [picker(maps.length, chosen)].filter((c) => c),
    label: () =>
      `Location map of ${context.name}: weight of the filter at ${first.width} by ${first.height} positions, ` +
      `of which ${used()} have more than a hundredth of the largest weight, ${figures(most)}.`,
    draw: (width) =>
      gridPlot(
        width,
        frame,
        [heat(maps[chosen.get()], scale), scaleBar(context.pixelUm, frame.columns), colourBar(scale, "weight")],
        { right: 84 },
      ),
    data: () => ({ columns: ["filter", "x (pixels)", "y (pixels)", "weight"], rows: cells(maps) }),
    caption: "Weight of the network's filter where its middle lies on a pixel.",
  });
  chosen.watch(fig.redraw);
  return fig.element;
}

function filterFigure(context: Context, network: Network, filters: Picture[], chosen: State<number>): Child {
  const first = filters[0];
  if (!first) return null;
  const scale = diverging(Math.max(...filters.map((f) => largest(f.values))));
  const frame = { x0: first.x0, y0: first.y0, columns: first.width, rows: first.height };
  const fig = figure({
    name: "filter",
    title: filters.length > 1 ? "Spatial filters" : "Spatial filter",
    stem: context.stem,
    width: Math.min(460, 160 + 50 * first.width),
    label: () =>
      `Spatial filter${filters.length > 1 ? ` ${chosen.get()} (of ${filters.length})` : ""} of the network of ${context.name}, ` +
      `${first.width} by ${first.height} pixels, subunit nonlinearity ${network.subunits.replace("_", " ")}.`,
    draw: (width) =>
      gridPlot(
        width,
        frame,
        [heat(filters[chosen.get()], scale), scaleBar(context.pixelUm, frame.columns), colourBar(scale, "weight")],
        { right: 84 },
      ),
    data: () => ({ columns: ["filter", "x (pixels)", "y (pixels)", "weight"], rows: cells(filters) }),
    caption:
      "Spatial part of the filter that every position of the map shares; unit norm. Its peak is positive by convention; the sign is in the temporal filter.",
  });
  chosen.watch(fig.redraw);
  return fig.element;
}
