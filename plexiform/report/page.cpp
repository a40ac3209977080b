#include "plexiform/report/page.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/version.hpp"
#include "plexiform/report/read_json.hpp"
#include "plexiform/report/run_page.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A folder with a result in one JSON file, which its page shows as it is.
struct ResultKind {
  const char *kind, *file, *verb;
};
constexpr std::array<ResultKind, 4> kResults{{{"comparison", "compare.json", "compare"},
                                              {"study", "study.json", "study"},
                                              {"transfer", "transfer.json", "transfer"},
                                              {"flashed", "flashed.json", "flashed"}}};

json empty_page(const std::string& kind, const std::string& title) {
  return {
      {"format", "plexiform page"},
      {"version", 1},
      {"kind", kind},
      {"title", title},
      {"made",
       {{"commands", json::array()}, {"version", version()}, {"files", json::array()}, {"settings", json::array()}}}};
}

/// "run" also of "run/" and ".".
std::string name_of(const fs::path& folder) {
  const fs::path whole = fs::weakly_canonical(folder);
  return whole.filename().empty() ? whole.string() : whole.filename().string();
}

json run_page(const fs::path& run) {
  json page = empty_page("run", name_of(run));
  add_run(page, run);
  page["title"] = page["recording"]["name"];
  return page;
}

json result_page(const fs::path& folder, const ResultKind& result) {
  json page = empty_page(result.kind, name_of(folder));
  add_calls(page["made"], folder);
  if (fs::exists(folder / "run" / "config.toml")) add_run(page, folder / "run");
  page[result.kind] = read_json(folder / result.file, result.verb);
  if (const auto seconds = page[result.kind].find("seconds"); seconds != page[result.kind].end())
    page["made"]["seconds"] = *seconds;
  return page;
}

json page_of(const fs::path& folder) {
  if (fs::exists(folder / "config.toml")) return run_page(folder);
  for (const ResultKind& result : kResults)
    if (fs::exists(folder / result.file)) return result_page(folder, result);
  if (fs::exists(folder / "run" / "config.toml")) return run_page(folder / "run");
  const char* what = fs::is_directory(folder) ? ": holds nothing that a page could show"
                     : fs::exists(folder)     ? ": is a file, expected a folder"
                                              : ": no such folder";
  throw Error(ErrorKind::file, folder.string() + what,
              "name a folder that fit, compare, study, transfer, flashed or demo made");
}

}  // namespace

std::string page_json(const fs::path& folder) {
  try {
    // A name that is no UTF-8 is still a name.
    return page_of(folder).dump(-1, ' ', false, json::error_handler_t::replace);
  } catch (const json::exception& problem) {
    throw Error(ErrorKind::file,
                folder.string() + ": a file in it has another form than this version writes: " + problem.what(),
                "make it again with the verb that wrote it");
  }
}

void write_page(const fs::path& folder, const fs::path& output, std::string_view empty_page) {
  const std::string extension = output.extension().string();
  if (extension != ".html" && extension != ".htm" && extension != ".json")
    throw Error(ErrorKind::usage, "-o is '" + output.string() + "', expected a name that ends with .html or .json",
                ".html is the page, .json its data alone");
  const std::string page = page_json(folder);
  if (extension == ".json") return write_text_atomically(output, page + "\n");
  if (!empty_page.empty()) return write_text_atomically(output, page_html(empty_page, page));
  const fs::path data = fs::path(output).replace_extension(".json");
  write_text_atomically(data, page + "\n");
  throw Error(ErrorKind::file,
              output.string() + ": not written: this plexiform was built without the report page; its data are in " +
                  data.string(),
              "install node 18 or newer and npm, run scripts/setup, configure and build again");
}

std::string page_html(std::string_view page_template, std::string_view page) {
  constexpr std::string_view kPlace = "\"PLEXIFORM-PAGE\"";
  const auto place = page_template.find(kPlace);
  if (place == std::string_view::npos) throw InternalError("page_html: the template has no place for a page's data");
  std::string html(page_template.substr(0, place));
  html.reserve(page_template.size() + page.size() + page.size() / 100);
  // "<" could end the element that holds the data, or begin another; in JSON it stands in strings only.
  for (const char c : page)
    if (c == '<')
      html += "\\u003c";
    else
      html += c;
  html += page_template.substr(place + kPlace.size());
  return html;
}

}  // namespace plexiform
