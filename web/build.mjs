// Bundles the page into one HTML file.
//   node build.mjs --out FILE                   the template, which the program fills
//   node build.mjs --out FILE --data page.json  a filled page, for development
//   node build.mjs --types                      generated/page.d.ts from schemas/
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { composedSchema } from "./schemas.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const token = '"PLEXIFORM-PAGE"';

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

async function writeTypes() {
  const { compile } = await import("json-schema-to-typescript");
  const text = await compile(composedSchema(), "Page", { additionalProperties: false, cwd: here });
  mkdirSync(join(here, "generated"), { recursive: true });
  writeFileSync(join(here, "generated/page.d.ts"), text);
}

async function bundle() {
  const esbuild = await import("esbuild");
  const result = await esbuild.build({
    entryPoints: [join(here, "src/main.ts")],
    absWorkingDir: here,
    bundle: true,
    minify: true,
    target: "es2021",
    charset: "ascii",
    format: "iife",
    legalComments: "none", // `licences` writes them whole
    loader: { ".css": "text" },
    metafile: true,
    write: false,
    logLevel: "warning",
    plugins: [minifiedCss(esbuild)],
  });
  return { script: result.outputFiles[0].text, inputs: Object.keys(result.metafile.inputs) };
}

function minifiedCss(esbuild) {
  return {
    name: "css",
    setup(build) {
      build.onLoad({ filter: /\.css$/ }, async (file) => {
        const source = readFileSync(file.path, "utf8");
        const { code } = await esbuild.transform(source, { loader: "css", minify: true, charset: "ascii" });
        return { contents: code.trim(), loader: "text" };
      });
    },
  };
}

// Licences of all libraries whose code is in the bundle; the same text stands once.
function licences(inputs) {
  const packages = new Set(inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]));
  packages.delete(undefined);
  const texts = new Map();
  for (const name of [...packages].sort()) {
    const folder = join(here, "node_modules", name);
    const file = readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
    const text = file
      ? readFileSync(join(folder, file), "utf8").trim()
      : `${JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).license} licence`;
    texts.set(text, [...(texts.get(text) ?? []), name]);
  }
  return [...texts].map(([text, names]) => `${names.join(", ")}\n\n${text}`).join("\n\n----\n\n");
}

// In a script element of a type that is not run, only `<` could end it.
const asText = (text) => text.replaceAll("<", "&lt;");
const asJson = (text) => text.replaceAll("<", "\\u003c");

async function page() {
  const { script, inputs } = await bundle();
  if (script.includes("</script") || script.includes(token)) throw new Error("the bundle can't stand in the page");
  const hash = createHash("sha256").update(script).digest("base64");
  // Only this script runs, and nothing is fetched; pictures are made in the page.
  const policy =
    `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; ` +
    "img-src data: blob:; base-uri 'none'; form-action 'none'";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>plexiform</title>
</head>
<body>
<noscript>This page draws its figures with JavaScript; allow it for this file. Nothing is fetched from anywhere.</noscript>
<script type="application/json" id="page">${token}</script>
<script type="text/plain" id="licences">
${asText(licences(inputs))}
</script>
<script>${script}</script>
</body>
</html>
`;
}

async function main() {
  if (process.argv.includes("--types")) return writeTypes();
  const out = option("--out");
  if (!out) throw new Error("where to? node build.mjs --out FILE [--data page.json], or --types");
  let html = await page();
  const data = option("--data");
  if (data && !existsSync(data)) throw new Error(`${data}: no such file`);
  if (data) html = html.replace(token, () => asJson(readFileSync(data, "utf8")));
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, html);
}

main().catch((problem) => {
  console.error(`build.mjs: ${problem.message}`);
  process.exit(1);
});
