#include "plexiform/report/page.hpp"

#include <nlohmann/json.hpp>
#include <variant>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/version.hpp"
#include "plexiform/progress/metrics.hpp"
#include "plexiform/report/run_page_impl.hpp"
#include "plexiform/run/call.hpp"
#include "plexiform/run/comparison_json.hpp"
#include "plexiform/run/flashed_json.hpp"
#include "plexiform/run/layout.hpp"
#include "plexiform/run/run.hpp"
#include "plexiform/run/study_json.hpp"
#include "plexiform/run/transfer_json.hpp"
#include "plexiform/run/versions.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// What the runs that a result was made of say of its file.
Home home_by(const std::vector<fs::path>& runs) {
  if (runs.empty()) return {};
  const RunInfo info = read_run(runs.front());
  return {age_of(info), {info.checksum, {}}};
}

/// Of the recordings that the last call names, in its order; none where there is no call.
std::vector<Home> homes_by_call(const fs::path& folder) {
  std::vector<Home> homes;
  const std::vector<Call> calls = read_calls(folder);
  if (calls.empty()) return homes;
  for (const Source& source : calls.back().sources)
    if (!source.checksum.empty()) homes.push_back({Age::any, {source.checksum, {}}});
  return homes;
}

std::vector<fs::path> runs_in(const fs::path& folder) {
  std::vector<fs::path> runs;
  if (is_folder(folder))
    for (const auto& entry : files_in(folder))
      if (is_run(entry)) runs.push_back(entry);
  return runs;
}

std::string comparison_text(const fs::path& folder) {
  const fs::path run = layout::inner_run(folder);
  return to_json(read_comparison(folder, is_run(run) ? home_of(run, read_run(run)) : Home{}));
}
std::string study_text(const fs::path& folder) {
  const auto runs = runs_in(layout::study_runs(folder));
  Home home = home_by(runs);
  // Most studies fit recordings that they simulated or cut themselves: these are not the one that study.json is of.
  const fs::path of = read_study(folder, {home.age, {}}).what;
  if (!runs.empty() && read_run(runs.front()).recording.filename() != of.filename()) home.origin.recording.clear();
  return to_json(read_study(folder, home));
}
std::string transfer_text(const fs::path& folder) {
  return std::visit([](const auto& transfer) { return to_json(transfer); },
                    read_transfer(folder, homes_by_call(folder)));
}
std::string flashed_text(const fs::path& folder) {
  const auto homes = homes_by_call(folder);
  return to_json(read_flashed(folder, homes.empty() ? Home{} : homes.front()));
}

/// A folder with a result in one JSON file, which its page shows as it is.
struct ResultKind {
  const char* kind;
  fs::path (*file)(const fs::path& folder);
  std::string (*text)(const fs::path& folder);
};

constexpr ResultKind kResults[] = {{"comparison", layout::comparison, comparison_text},
                                   {"study", layout::study, study_text},
                                   {"transfer", layout::transfer, transfer_text},
                                   {"flashed", layout::flashed, flashed_text}};

json empty_page(const std::string& kind, const std::string& title) {
  return {
      {"format", artefacts::page.format},
      {"version", artefacts::page.version},
      {"kind", kind},
      {"title", title},
      {"made",
       {{"commands", json::array()}, {"version", version()}, {"files", json::array()}, {"settings", json::array()}}}};
}

/// "run" also of "run/" and ".".
std::string name_of(const fs::path& folder) {
  std::error_code problem;
  fs::path whole = fs::weakly_canonical(folder, problem);
  if (problem) whole = folder;
  return whole.filename().empty() ? whole.string() : whole.filename().string();
}

json run_page(const fs::path& run, const HowToMake& how) {
  json page = empty_page("run", name_of(run));
  add_run(page, run, how);
  page["title"] = page["recording"]["name"];
  return page;
}

/// Runs that a result was made from, as far as they are still there: a study's own, and those that its call names.
std::vector<fs::path> runs_of(const fs::path& folder) {
  std::vector<fs::path> runs = runs_in(layout::study_runs(folder));
  for (const Call& call : read_calls(folder))
    for (const Source& source : call.sources)
      if (source.what == "run" && is_run(source.path)) runs.push_back(source.path);
  return runs;
}

json result_page(const fs::path& folder, const ResultKind& result, const HowToMake& how) {
  json page = empty_page(result.kind, name_of(folder));
  add_calls(page["made"], folder);
  add_shared_settings(page["made"], runs_of(folder));
  if (const fs::path run = layout::inner_run(folder); is_run(run)) add_run(page, run, how);
  page[result.kind] = json::parse(result.text(folder));
  if (const auto seconds = page[result.kind].find("seconds"); seconds != page[result.kind].end())
    page["made"]["seconds"] = *seconds;
  return page;
}

/// The run in the folder of a demo, or of a comparison that has not ended.
json inner_run_page(const fs::path& folder, const HowToMake& how) {
  json page = run_page(layout::inner_run(folder), how);
  add_calls(page["made"], folder);
  const std::string work = read_metrics(layout::log(folder)).totals.work;
  if (work.empty()) return page;
  json& missing = page["missing"];
  if (missing.is_null()) missing = json::array();
  missing.insert(missing.begin(), "the " + work + " has not ended; this is the fit in it");
  return page;
}

json page_of(const fs::path& folder, const HowToMake& how) {
  if (is_run(folder)) return run_page(folder, how);
  for (const ResultKind& result : kResults)
    if (path_exists(result.file(folder))) return result_page(folder, result, how);
  if (is_run(layout::inner_run(folder))) return inner_run_page(folder, how);
  const char* what = is_folder(folder)     ? "holds nothing that a page could show"
                     : path_exists(folder) ? "is a file, expected a folder"
                                           : "no such folder";
  throw Error(ErrorKind::missing, what, "name a folder that fit, compare, study, transfer, flashed or demo made")
      .in_file(folder);
}

}  // namespace

std::string page_json(const fs::path& folder, const HowToMake& how) {
  // A name that is no UTF-8 is still a name.
  return page_of(folder, how).dump(-1, ' ', false, json::error_handler_t::replace);
}

void write_page(const fs::path& folder, const fs::path& output, const HowToMake& how, std::string_view empty_page) {
  const std::string extension = output.extension().string();
  if (extension != ".html" && extension != ".htm" && extension != ".json")
    throw Error(ErrorKind::usage, "-o is '" + output.string() + "', expected a name that ends with .html or .json",
                ".html is the page, .json its data alone");
  const std::string page = page_json(folder, how);
  if (extension == ".json") return write_text_atomically(output, page + "\n");
  if (!empty_page.empty()) return write_text_atomically(output, page_html(empty_page, page));
  const fs::path data = fs::path(output).replace_extension(".json");
  write_text_atomically(data, page + "\n");
  throw Error(ErrorKind::file,
              "not written: this plexiform was built without the report page; its data are in " + data.string(),
              "install node 18 or newer and npm, run scripts/setup, configure and build again")
      .in_file(output);
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
