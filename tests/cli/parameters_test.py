"""What the library says of parameters, and what the program makes of it.

The library names parameters and values; the program knows its options. So no message of the library names an option or
a verb, and each parameter that would mend an error is known to cli/parameters.cpp or is a setting of fit.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERBS = "fit|score|predict|import|reveal|info|transfer|simulate|report|study|compare|flashed|export|watch|doctor|demo"
# Options of `import` that are not called like the parameter of the format (cli/import.cpp).
RENAMED = {"frame_rate": "--rate", "window_ms": "--window"}


def texts(source: str) -> list[str]:
    """The string literals of a source, without those in comments."""
    code = re.sub(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*', lambda m: m[1] or "", source)
    return re.findall(r'"((?:[^"\\\n]|\\.)*)"', code)


def sources(folder: str) -> dict[pathlib.Path, str]:
    return {path: path.read_text() for path in sorted((ROOT / folder).rglob("*")) if path.suffix in (".cpp", ".hpp")}


def main() -> int:
    library, program = sources("plexiform"), sources("cli")
    table = (ROOT / "cli/parameters.cpp").read_text()
    rows = dict(re.findall(r'Row\{"(\w+)", "(--[a-z-]+)", "\w+"[,}]', table))
    settings_source = (ROOT / "plexiform/settings/settings.cpp").read_text()
    settings = set(re.findall(r'(?:number|flag|choice)\("(\w+)",', settings_source)) | {"subunits"}
    wrong = []
    for path, source in library.items():
        place = path.relative_to(ROOT)
        wrong += [f"{place}: '{text}' names an option or a verb of the program" for text in texts(source)
                  if re.search(rf"(^|[^-\w])--[a-z]|plexiform ({VERBS})\b|`?plexiform --", text)]
        if place.name != "error.hpp":
            wrong += [f"{place}: no option is known for the parameter '{name}' of mended_by"
                      for name in re.findall(r'mended_by\(\s*"(\w+)"', source) if name not in rows and name not in settings]
            wrong += [f"{place}: the example '{example}' of mended_by is the program's: leave it to cli/parameters.cpp"
                      for example in re.findall(r'mended_by\(\s*"\w+",\s*"([A-Z]+|[0-9.]+[,/-][0-9].*?)"', source)]
    taken = {option for source in program.values() for option in re.findall(r'add_(?:option|flag)\(\s*"(--[a-z-]+)"', source)}
    formats = {name for path, source in library.items() if path.parent.name == "formats"
               for name in re.findall(r'\.name = "(\w+)"', source)}
    taken |= {RENAMED.get(name, "--" + name.replace("_", "-")) for name in formats}
    for name, option in rows.items():
        if option not in taken:
            wrong.append(f"cli/parameters.cpp: no verb takes {option}, the option of '{name}'")
    if len(rows) < 10 or len(settings) < 30:
        wrong.append(f"only {len(rows)} rows of the table and {len(settings)} settings were found")
    print("\n".join(wrong) or f"{len(rows)} parameters have their options")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
