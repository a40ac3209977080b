#include "plexiform/run/call.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/version.hpp"
#include "plexiform/progress/json_lines_impl.hpp"
#include "plexiform/progress/metrics.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kCalled = "called";

std::string line_of(const Call& call, double at) {
  Json line = {{"event", kCalled},
               {"at", std::round(at * 1000) / 1000},
               {"command", call.command},
               {"version", version()},
               {"sources", Json::array()}};
  for (const Source& source : call.sources) {
    Json entry = {{"what", source.what}, {"path", source.path.string()}};
    if (!source.checksum.empty()) entry["checksum"] = source.checksum;
    line["sources"].push_back(entry);
  }
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Call call_of(const Json& line) {
  Call call{line.at("command").get<std::string>(), {}, line.value("version", std::string())};
  for (const auto& source : line.at("sources"))
    call.sources.push_back({source.at("what").get<std::string>(), source.at("path").get<std::string>(),
                            source.value("checksum", std::string())});
  return call;
}

}  // namespace

Source source_of(const std::string& what, const fs::path& path) {
  return {what, fs::absolute(path), is_folder(path) ? "" : checksum(path)};
}

void log_call(const fs::path& folder, const Call& call) {
  if (!call.command.empty() && is_folder(folder)) append_line(layout::log(folder), line_of(call, seconds_since_1970()));
}

namespace {

/// The same for work that has ended by an error already: a log that cannot be written must not hide why.
void log_ended_call(const fs::path& folder, const Call& call) {
  try {
    log_call(folder, call);
  } catch (const Error&) {
  }
}

}  // namespace

void logged_call(const fs::path& folder, const Call& call, const std::function<void()>& work) {
  const bool was_there = path_exists(folder);
  try {
    work();
  } catch (const Interrupted&) {
    log_ended_call(folder, call);
    throw;
  } catch (const Error&) {
    if (!was_there) log_ended_call(folder, call);
    throw;
  }
  log_call(folder, call);
}

std::vector<Call> read_calls(const fs::path& folder) {
  std::vector<Call> calls;
  for (const Json& line : read_json_lines(layout::log(folder))) {
    try {
      if (line.at("event") == kCalled) calls.push_back(call_of(line));
    } catch (const Json::exception&) {  // as a line that was cut off
    }
  }
  return calls;
}

}  // namespace plexiform
