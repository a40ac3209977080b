#include "plexiform/progress/call.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/version.hpp"
#include "plexiform/progress/json_lines.hpp"
#include "plexiform/progress/metrics.hpp"

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

std::string shell_word(const std::string& word) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-_./,:=+%@").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, plain)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

Source source_of(const std::string& what, const fs::path& path) {
  return {what, fs::absolute(path), fs::is_directory(path) ? "" : checksum(path)};
}

void log_call(const fs::path& folder, const Call& call) {
  if (!call.command.empty() && fs::is_directory(folder))
    append_line(folder / "metrics.jsonl", line_of(call, seconds_since_1970()));
}

void logged_call(const fs::path& folder, const Call& call, const std::function<void()>& work) {
  const bool was_there = fs::exists(folder);
  try {
    work();
  } catch (const Interrupted&) {
    log_call(folder, call);
    throw;
  } catch (const Error&) {
    if (!was_there) log_call(folder, call);
    throw;
  }
  log_call(folder, call);
}

std::vector<Call> read_calls(const fs::path& folder) {
  std::vector<Call> calls;
  for (const Json& line : read_json_lines(folder / "metrics.jsonl")) {
    try {
      if (line.at("event") == kCalled) calls.push_back(call_of(line));
    } catch (const Json::exception&) {  // as a line that was cut off
    }
  }
  return calls;
}

std::string shell_text(int argc, const char* const* argv) {
  std::string text = argc > 0 ? fs::path(argv[0]).filename().string() : std::string();
  for (int i = 1; i < argc; ++i) text += " " + shell_word(argv[i]);
  return text;
}

}  // namespace plexiform
