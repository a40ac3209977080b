// How it was made: enough to make it again.
import type { Page } from "../generated/page";
import { el } from "./dom";
import { copyText } from "./file";
import { seconds } from "./format";
import { table } from "./table";

export function madeView(page: Page): HTMLElement {
  const { made } = page;
  const facts: [string, string][] = [["page written by", `plexiform ${made.version}`]];
  if (made.seed !== undefined) facts.push(["seed", made.seed]);
  if (made.threads !== undefined) facts.push(["threads", String(made.threads)]);
  if (made.seconds !== undefined) facts.push(["time", seconds(made.seconds)]);
  return el(
    "section",
    { "aria-labelledby": "view" },
    el("h2", { id: "view", tabindex: -1 }, "How it was made"),
    el("h3", {}, made.commands.length === 1 ? "Command" : "Commands"),
    ...(made.commands.length ? made.commands.map(command) : [el("p", {}, "The commands are not known.")]),
    el("h3", {}, "Facts"),
    el("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    el("h3", {}, "Files"),
    filesTable(page),
    el("h3", {}, "Settings"),
    made.settings.length
      ? table({
          name: "settings",
          caption: "Settings, as TOML writes them.",
          stem: page.title,
          rows: made.settings,
          columns: [
            { head: "setting", rowHead: true, value: (s) => s.name, show: (s) => el("code", {}, s.name) },
            { head: "value", text: true, value: (s) => s.value, show: (s) => el("code", {}, s.value) },
          ],
          filter: { label: "Find a setting", text: (s) => s.name },
        })
      : el("p", {}, "No settings are known."),
    licences(),
  );
}

function filesTable(page: Page): HTMLElement {
  if (!page.made.files.length) return el("p", {}, "No files are known.");
  return table({
    name: "files",
    caption: "Files that this page was made from. The same checksum means the same data.",
    stem: page.title,
    rows: page.made.files,
    columns: [
      { head: "what", rowHead: true, value: (f) => f.what },
      { head: "path", text: true, value: (f) => f.path, show: (f) => el("code", {}, f.path) },
      {
        head: "checksum (XXH3-128)",
        text: true,
        value: (f) => f.checksum,
        show: (f) => el("code", {}, f.checksum ?? ""),
        why: () => "not a file, or not kept",
      },
    ],
  });
}

function command({ command: text, version }: Page["made"]["commands"][number]): HTMLElement {
  const said = el("span", { role: "status" });
  const button = el("button", { type: "button", "aria-label": `Copy: ${text}` }, "Copy");
  button.addEventListener("click", () => {
    void copyText(text).then((done) => {
      said.textContent = done ? "copied" : "copying is not allowed here: select the text";
      setTimeout(() => (said.textContent = ""), 4000);
    });
  });
  return el(
    "div",
    { class: "command" },
    el("pre", { tabindex: 0 }, el("code", {}, text)),
    button,
    el("small", {}, `plexiform ${version}`),
    said,
  );
}

function licences(): HTMLElement | null {
  const text = document.getElementById("licences")?.textContent?.replaceAll("&lt;", "<").trim();
  if (!text) return null;
  return el("details", {}, el("summary", {}, "Licences of the libraries that draw this page"), el("pre", {}, text));
}
