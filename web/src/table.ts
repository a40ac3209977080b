// A table that sorts by any column and downloads as CSV in full precision.
import { el, type Child } from "./dom";
import { saveCsv, type Value } from "./file";
import { absent, fixed, interval, isInterval, type Maybe, type MaybeInterval } from "./format";

export interface Column<R> {
  head: string;
  hint?: string; // what the column is, in a title
  value: (row: R) => Value; // sorts, and stands in the CSV
  show?: (row: R) => Child; // what a person reads; the value where there is none
  more?: Record<string, (row: R) => Value>; // further CSV columns, such as an interval's ends
  why?: (row: R) => string | undefined; // why a value is missing
  text?: boolean; // left-aligned
  rowHead?: boolean;
  always?: boolean; // stays although it has no value
}

export interface TableParts<R> {
  name: string; // data-table, and the end of the file name
  caption: string;
  stem: string;
  rows: R[];
  columns: Column<R>[];
  filter?: { label: string; text: (row: R) => string };
  row?: (element: HTMLTableRowElement, row: R) => void; // what makes a row answer
}

export interface Ranged<R> {
  head: string;
  value: (row: R) => Maybe;
  range: (row: R) => MaybeInterval;
  text?: (value: Maybe, digits: number) => string;
  digits?: number;
  why?: (row: R) => string | undefined;
}

// A value with its interval in small; in the CSV the interval's ends are columns of their own.
export function ranged<R>({ head, value, range, text = fixed, digits = 3, why }: Ranged<R>): Column<R> {
  const small = (row: R): Child => isInterval(range(row)) && el("small", {}, ` ${interval(range(row), digits)}`);
  return {
    head,
    value,
    show: (row) => el("span", { class: "pair" }, text(value(row), digits), small(row)),
    more: { [`${head} low`]: (row) => range(row)?.[0], [`${head} high`]: (row) => range(row)?.[1] },
    why,
  };
}

const has = (v: Value): boolean => v !== null && v !== undefined && v !== "" && !(typeof v === "number" && isNaN(v));

export function table<R>(parts: TableParts<R>): HTMLElement {
  const columns = parts.columns.filter((c) => c.always || c.rowHead || parts.rows.some((r) => has(c.value(r))));
  const body = el("tbody");
  const lines = parts.rows.map((row) => ({ row, element: line(row, columns) }));
  for (const l of lines) {
    parts.row?.(l.element, l.row);
    body.append(l.element);
  }
  let sorted: { column: Column<R>; up: boolean } | null = null;
  const heads = columns.map((column) => {
    const button = el("button", { type: "button", title: column.hint, onclick: () => sortBy(column) }, column.head);
    return el("th", { scope: "col", class: column.text || column.rowHead ? "text" : null }, button);
  });

  const sortBy = (column: Column<R>): void => {
    const up: boolean = sorted?.column === column ? !sorted.up : column.text === true || column.rowHead === true;
    sorted = { column, up };
    heads.forEach((h, i) => {
      if (columns[i] === column) h.setAttribute("aria-sort", up ? "ascending" : "descending");
      else h.removeAttribute("aria-sort");
    });
    const inOrder = [...lines].sort((a, b) => compare(column.value(a.row), column.value(b.row), up));
    body.append(...inOrder.map((l) => l.element));
  };

  const count = el("span", { class: "count", role: "status" });
  const filter = parts.filter;
  const box = filter
    ? el("input", {
        type: "search",
        oninput: () => {
          const wanted = (box as HTMLInputElement).value.trim().toLowerCase();
          let shown = 0;
          for (const l of lines) {
            l.element.hidden = !filter.text(l.row).toLowerCase().includes(wanted);
            if (!l.element.hidden) shown += 1;
          }
          count.textContent = wanted ? `${shown} of ${lines.length}` : "";
        },
      })
    : null;
  const download = el(
    "button",
    {
      type: "button",
      "aria-label": `Download "${parts.caption}" as CSV`,
      onclick: () => saveCsv(sheet(parts.rows, columns), `${parts.stem}-${parts.name}`),
    },
    "CSV",
  );
  return el(
    "div",
    { class: filter ? "table" : "table plain", "data-table": parts.name },
    el(
      "div",
      { class: "figure-head" },
      filter ? el("label", { class: "control" }, `${filter.label} `, box, count) : null,
      el("span", { class: "downloads" }, download),
    ),
    el(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": parts.caption },
      el("table", {}, el("caption", {}, el("span", {}, parts.caption)), el("thead", {}, el("tr", {}, ...heads)), body),
    ),
  );
}

function line<R>(row: R, columns: Column<R>[]): HTMLTableRowElement {
  const cells = columns.map((c) => {
    const known = has(c.value(row));
    const shown = known ? (c.show ? c.show(row) : String(c.value(row))) : absent(c.why?.(row));
    const content = clamped(shown, String(c.value(row) ?? ""));
    if (c.rowHead) {
      const short = String(c.value(row) ?? "").length < 26;
      return el("th", { scope: "row", class: short ? "text short" : "text" }, content);
    }
    return el("td", { class: c.text ? "text" : null }, content);
  });
  return el("tr", {}, ...cells);
}

// A name of thousands of letters must not push the rest of the table away.
function clamped(shown: Child, text: string): Child {
  return text.length > 120 ? el("div", { class: "clamp", title: text }, shown) : shown;
}

// Missing values come last, whichever way the others go.
function compare(a: Value, b: Value, up: boolean): number {
  if (!has(a) || !has(b)) return Number(has(b)) - Number(has(a));
  const order =
    typeof a === "number" && typeof b === "number"
      ? a - b
      : String(a).localeCompare(String(b), "en", { numeric: true, sensitivity: "base" });
  return up ? order : -order;
}

function sheet<R>(rows: R[], columns: Column<R>[]): { columns: string[]; rows: Value[][] } {
  const all = columns.flatMap((c) => [{ head: c.head, value: c.value }, ...more(c)]);
  return { columns: all.map((c) => c.head), rows: rows.map((r) => all.map((c) => c.value(r))) };
}

function more<R>(column: Column<R>): { head: string; value: (row: R) => Value }[] {
  return Object.entries(column.more ?? {}).map(([head, value]) => ({ head, value }));
}
