#include "plexiform/report/page.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/version.hpp"
#include "plexiform/progress/call.hpp"
#include "plexiform/progress/metrics.hpp"
#include "plexiform/report/read_json.hpp"
#include "plexiform/report/run_page.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A folder with a result in one JSON file, which its page shows as it is.
struct ResultKind {
  const char *kind, *file, *verb;
  std::initializer_list<RequiredKey> keys;  ///< without which a page would be empty
};

constexpr auto kArray = json::value_t::array, kText = json::value_t::string, kObject = json::value_t::object;

const std::array<ResultKind, 4>& results() {
  static const std::initializer_list<RequiredKey> comparison{{"scored_on", kText}, {"cells", kArray}},
      study{{"study", kText}, {"of", kText}, {"rows", kArray}, {"fits", kArray}},
      transfer{{"kind", kText}, {"cells", kArray}, {"left_out", kArray}},
      flashed{{"cells", kArray}, {"median", kObject}};
  static const std::array<ResultKind, 4> all{{{"comparison", "compare.json", "compare", comparison},
                                              {"study", "study.json", "study", study},
                                              {"transfer", "transfer.json", "transfer", transfer},
                                              {"flashed", "flashed.json", "flashed", flashed}}};
  return all;
}

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

/// Runs that a result was made from, as far as they are still there: a study's own, and those that its call names.
std::vector<fs::path> runs_of(const fs::path& folder) {
  std::vector<fs::path> runs;
  const auto add = [&](const fs::path& run) {
    if (fs::exists(run / "config.toml")) runs.push_back(run);
  };
  if (fs::is_directory(folder / "runs"))
    for (const auto& entry : fs::directory_iterator(folder / "runs")) add(entry.path());
  for (const Call& call : read_calls(folder))
    for (const Source& source : call.sources)
      if (source.what == "run") add(source.path);
  return runs;
}

json result_page(const fs::path& folder, const ResultKind& result) {
  json page = empty_page(result.kind, name_of(folder));
  add_calls(page["made"], folder);
  add_shared_settings(page["made"], runs_of(folder));
  if (fs::exists(folder / "run" / "config.toml")) add_run(page, folder / "run");
  page[result.kind] = read_json(folder / result.file, result.verb);
  require_keys(page[result.kind], result.keys, folder / result.file, result.verb);
  if (const auto seconds = page[result.kind].find("seconds"); seconds != page[result.kind].end())
    page["made"]["seconds"] = *seconds;
  return page;
}

/// The run in the folder of a demo, or of a comparison that has not ended.
json inner_run_page(const fs::path& folder) {
  json page = run_page(folder / "run");
  add_calls(page["made"], folder);
  const std::string work = read_metrics(folder / "metrics.jsonl").totals.work;
  if (work.empty()) return page;
  json& missing = page["missing"];
  if (missing.is_null()) missing = json::array();
  missing.insert(missing.begin(), "the " + work + " has not ended; this is the fit in it");
  return page;
}

json page_of(const fs::path& folder) {
  if (fs::exists(folder / "config.toml")) return run_page(folder);
  for (const ResultKind& result : results())
    if (fs::exists(folder / result.file)) return result_page(folder, result);
  if (fs::exists(folder / "run" / "config.toml")) return inner_run_page(folder);
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
