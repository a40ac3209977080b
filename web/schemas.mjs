// The page's schema in one piece: schemas/page.schema.json and all files that it refers to. References to
// "FILE.schema.json#/definitions/NAME" become "#/definitions/NAME", those to a whole file its title; so names of
// definitions are unique over all files.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../schemas");

// What stands beside a $ref would make a type of its own of each use.
function withLocalReferences(node, load) {
  if (Array.isArray(node)) return node.map((item) => withLocalReferences(item, load));
  if (node === null || typeof node !== "object") return node;
  if (typeof node.$ref !== "string")
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withLocalReferences(value, load)]));
  const [file, place] = node.$ref.split("#");
  const title = file ? load(file) : undefined;
  return { $ref: place ? `#${place}` : `#/definitions/${title}` };
}

export function composedSchema(root = "page.schema.json") {
  const titles = new Map();
  const definitions = {};
  function add(name, definition) {
    if (definitions[name]) throw new Error(`two definitions are called ${name}`);
    definitions[name] = definition;
  }
  // Returns the title of a file, whose definitions are added when it is first named.
  function load(file) {
    if (titles.has(file)) return titles.get(file);
    const { $schema, title, definitions: own = {}, ...whole } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    titles.set(file, title);
    for (const [name, definition] of Object.entries(own)) add(name, withLocalReferences(definition, load));
    const local = withLocalReferences(whole, load);
    if (file === root) return Object.assign(schema, { $schema, title, ...local, definitions });
    add(title, local);
    return title;
  }
  const schema = {};
  load(root);
  delete definitions.Common;
  return schema;
}
