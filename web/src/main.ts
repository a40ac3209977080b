// The page: header, navigation, and the view that the address names.
import type { Cell, Page } from "../generated/page";
import { cellView } from "./cell/cell";
import { comparisonView } from "./comparison";
import { el } from "./dom";
import { flashedView } from "./flashed";
import { madeView } from "./made";
import { overview } from "./overview";
import { nameOf, readPage } from "./page";
import css from "./style.css";
import { studyView } from "./study";
import { installTheme, themeButton } from "./theme";
import { transferView } from "./transfer";

interface View {
  id: string;
  name: string;
  make: () => HTMLElement;
}

function viewsOf(page: Page): View[] {
  const views: View[] = [];
  const cells = page.cells ?? [];
  if (page.comparison) {
    const comparison = page.comparison;
    views.push({ id: "comparison", name: "Comparison", make: () => comparisonView(page, comparison) });
  }
  if (page.cells && cells.length !== 1) views.push({ id: "overview", name: "Overview", make: () => overview(page) });
  if (page.study) {
    const study = page.study;
    views.push({ id: "study", name: "Study", make: () => studyView(page, study) });
  }
  if (page.transfer) {
    const transfer = page.transfer;
    views.push({ id: "transfer", name: "Transfer", make: () => transferView(page, transfer) });
  }
  if (page.flashed) {
    const flashed = page.flashed;
    views.push({ id: "flashed", name: "Flashed images", make: () => flashedView(page, flashed) });
  }
  views.push({ id: "made", name: "How it was made", make: () => madeView(page) });
  return views;
}

function header(page: Page, views: View[], cells: Cell[]): { element: HTMLElement; mark: (id: string) => void } {
  const links = views.map((v) => el("a", { href: `#${v.id}`, "data-view": v.id }, v.name));
  // A cell in the navigation: the only one of a run, or a way to any of them.
  const cell = cells[0];
  const toCell = cell
    ? el("a", { href: `#cell-${cell.cell}`, "data-view": "cell" }, cells.length > 1 ? "Cells" : nameOf(cell))
    : null;
  if (toCell) links.splice(Math.max(links.length - 1, 0), 0, toCell);
  const nav = el("nav", { "aria-label": "Views" }, ...links);
  const element = el(
    "header",
    {},
    el("p", { class: "product" }, "plexiform"),
    el("h1", { class: "clamp", title: page.title }, page.title),
    nav,
    el("div", { class: "tools" }, themeButton()),
  );
  const mark = (id: string): void => {
    for (const link of links) {
      if (link.dataset.view === id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };
  return { element, mark };
}

function notice(page: Page): HTMLElement | null {
  if (!page.missing?.length) return null;
  const items = page.missing.map((text) => el("li", {}, text));
  return el(
    "aside",
    { id: "missing", "aria-label": "What was not made" },
    el("strong", {}, "Not made yet"),
    el("ul", {}, ...items),
  );
}

// Views are made when first shown; those of cells are made anew, as a recording may have hundreds.
function start(page: Page): void {
  const views = viewsOf(page);
  const cells = page.cells ?? [];
  const { element, mark } = header(page, views, cells);
  const main = el("main", { id: "main", tabindex: -1 });
  const skip = el("a", { class: "skip", href: "#main" }, "Skip to the content");
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });
  const footer = el(
    "footer",
    {},
    `plexiform ${page.made.version}. This file holds all that it shows; it needs no network.`,
  );
  document.body.append(...[skip, element, notice(page), main, footer].filter((n): n is HTMLElement => n !== null));

  const kept = new Map<string, HTMLElement>();
  const first = page.comparison ? "comparison" : cells.length === 1 ? `cell-${cells[0].cell}` : views[0].id;
  const show = (focus: boolean): void => {
    const id = addressed() || first;
    main.replaceChildren(shown(id));
    if (!focus) return;
    window.scrollTo(0, 0);
    main.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  };
  const shown = (id: string): HTMLElement => {
    const row = /^cell-(\d+)$/.exec(id)?.[1];
    const at = row === undefined ? -1 : cells.findIndex((c) => c.cell === Number(row));
    const view = views.find((v) => v.id === id);
    try {
      if (at >= 0) {
        title(page, nameOf(cells[at]));
        mark("cell");
        return cellView(page, cells, at);
      }
      const known = view ?? views.find((v) => v.id === first) ?? views[0];
      title(page, known.name);
      mark(known.id);
      const element = kept.get(known.id) ?? known.make();
      kept.set(known.id, element);
      return element;
    } catch (problem) {
      return failure(problem);
    }
  };
  window.addEventListener("hashchange", () => show(true));
  document.addEventListener("keydown", (event) => turn(event, cells));
  show(false);
}

// What the address names; a stray % in it names nothing.
function addressed(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

// j and k (n and p) turn to the next and the previous cell, as in readers of mail.
function turn(event: KeyboardEvent, cells: Cell[]): void {
  const step = { j: 1, n: 1, k: -1, p: -1 }[event.key];
  const busy = event.target instanceof Element && event.target.closest("input, select, textarea");
  if (!step || busy || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = /^#cell-(\d+)$/.exec(location.hash)?.[1];
  const at = cells.findIndex((c) => c.cell === Number(row));
  const next = row === undefined ? undefined : cells[at + step];
  if (next) location.hash = `#cell-${next.cell}`;
}

function title(page: Page, view: string): void {
  document.title = `${view} \u2013 ${page.title} \u2013 plexiform`;
}

function failure(problem: unknown): HTMLElement {
  const text = problem instanceof Error ? problem.message : String(problem);
  return el("p", { class: "failure", role: "alert" }, text);
}

installTheme();
document.head.append(el("style", {}, css));
try {
  start(readPage());
} catch (problem) {
  document.body.append(el("main", { id: "main" }, el("h1", {}, "plexiform"), failure(problem)));
}
