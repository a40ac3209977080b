// node embed.mjs PAGE.html OUT.cpp: the page's template as a C++ source that defines plexiform::page_template().
import { readFileSync, writeFileSync } from "node:fs";

const [page, out] = process.argv.slice(2);
const text = readFileSync(page, "utf8");
const mark = "PAGE";
if (text.includes(`)${mark}"`)) throw new Error(`${page}: holds the mark that ends its text in C++`);

// A compiler need not take a literal longer than 65,536 characters (C++20, annex B); neighbours are joined.
const longest = 60_000;
const parts = [];
for (let at = 0; at < text.length; at += longest) parts.push(text.slice(at, at + longest));

writeFileSync(
  out,
  `#include "plexiform/report/page.hpp"

std::string_view plexiform::page_template() {
  static constexpr char text[] =
${parts.map((part) => `R"${mark}(${part})${mark}"`).join("\n")};
  return {text, sizeof text - 1};
}
`,
);
