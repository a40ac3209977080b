#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "exit_code.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/formats/recording_file.hpp"
#include "plexiform/recording/check.hpp"
#include "plexiform/recording/recording.hpp"
#include "program.hpp"

namespace {

using nlohmann::json;
using plexiform::Recording;

struct InfoOptions {
  std::filesystem::path recording;
  bool check = false;
  std::string polarity, latency;
  std::int64_t lags = 20;
};

plexiform::Range latency_range(const std::string& text) {
  long first = 0, last = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%ld-%ld%c", &first, &last, &rest) != 2 || first < 0 || last < first)
    throw plexiform::Error(plexiform::ErrorKind::usage,
                           "--expect-latency is '" + text + "', expected two lags, such as 3-6");
  return {first, last};
}

/// Null where nobody gave a name.
json names_of(const Recording& r) {
  json names = json::array();
  for (const auto& name : r.names) names.push_back(name.empty() ? json() : json(name));
  return names;
}

json describe(const Recording& r) {
  const auto shape = r.stimulus->shape();
  json j = {{"cells", r.cells()},
            {"frames", r.bins()},
            {"frame_rate", r.frame_rate},
            {"bins_per_frame", r.bin.bins_per_frame},
            {"frames_per_bin", r.bin.frames_per_bin},
            {"bins_per_second", plexiform::bins_per_second(r)},
            {"seconds", static_cast<double>(r.bins()) / plexiform::bins_per_second(r)},
            {"stimulus",
             {{"channels", shape.channels},
              {"height", shape.height},
              {"width", shape.width},
              {"recipe", r.recipe ? json::parse(plexiform::to_json(*r.recipe)) : json()}}},
            {"segments", r.segments.size()},
            {"kind", plexiform::to_string(r.kind)},
            {"names", names_of(r)},
            {"spike_times", r.record.has_value()},
            {"source", r.source},
            {"truth", !r.truth.empty()}};
  if (r.pixel_um) j["pixel_um"] = *r.pixel_um;
  if (r.mean_light) j["mean_light"] = {{"value", r.mean_light->value}, {"unit", r.mean_light->unit}};
  j["contours"] = !r.contours.empty();
  j["flashed"] = r.kind == plexiform::RecordingKind::flashed;
  std::int64_t repeats = 0;
  for (const auto& s : r.segments) repeats = std::max(repeats, s.repeat + 1);
  j["repeats"] = repeats;
  std::vector<std::int64_t> spikes;
  for (std::int64_t c = 0; c < r.cells(); ++c) {
    std::int64_t sum = 0;
    for (const auto n : r.counts.row(c)) sum += n;
    spikes.push_back(sum);
  }
  j["spikes"] = spikes;
  return j;
}

json to_json(const plexiform::CheckReport& report) {
  json cells = json::array();
  for (const auto& c : report.cells) {
    json cell = {{"cell", c.cell},      {"name", c.name},   {"spikes", c.spikes},   {"rate", c.rate},
                 {"fano", c.fano},      {"z", c.z},         {"z_ahead", c.z_ahead}, {"latency", nullptr},
                 {"polarity", nullptr}, {"centre", nullptr}};
    if (c.latency) cell["latency"] = *c.latency;
    if (c.polarity) cell["polarity"] = *c.polarity == plexiform::Polarity::on ? "on" : "off";
    if (c.centre) cell["centre"] = {c.centre->x, c.centre->y};
    cells.push_back(cell);
  }
  json j = {{"cells", cells},
            {"on", report.on},
            {"off", report.off},
            {"unclear", report.unclear},
            {"silent", report.silent},
            {"doubled", report.doubled},
            {"frames_without_history", report.bins_without_history},
            {"errors", report.errors},
            {"warnings", report.warnings},
            {"latency_median", nullptr}};
  if (report.latency_median) j["latency_median"] = *report.latency_median;
  return j;
}

bool is_frame(const json& j) {
  return j["bins_per_frame"] == 1 && j["frames_per_bin"] == 1;
}

void print(const json& j, const std::filesystem::path& path) {
  std::printf("%s\n", path.c_str());
  if (j["flashed"] == true)
    std::printf("  cells       %ld%s, %ld responses to flashed images in windows of %.0f ms\n", j["cells"].get<long>(),
                j["contours"] == true ? " with contours" : "", j["frames"].get<long>(),
                1000 / j["frame_rate"].get<double>());
  else
    std::printf("  cells       %ld, %ld %s with counts at %g Hz (%.1f min)%s\n", j["cells"].get<long>(),
                j["frames"].get<long>(), is_frame(j) ? "frames" : "bins", j["bins_per_second"].get<double>(),
                j["seconds"].get<double>() / 60, j["spike_times"] == true ? ", spike times kept" : "");
  if (!is_frame(j))
    std::printf("  bins        %ld to %ld of the frames, which came at %g Hz\n", j["bins_per_frame"].get<long>(),
                j["frames_per_bin"].get<long>(), j["frame_rate"].get<double>());
  const auto& s = j["stimulus"];
  std::printf("  stimulus    %ld x %ld pixels%s, %s\n", s["width"].get<long>(), s["height"].get<long>(),
              s["channels"] == 1 ? "" : (" in " + std::to_string(s["channels"].get<long>()) + " channels").c_str(),
              s["recipe"].is_null() ? "stored" : ("recipe " + s["recipe"].dump()).c_str());
  if (j.contains("pixel_um")) std::printf("  pixel       %g um\n", j["pixel_um"].get<double>());
  if (j.contains("mean_light"))
    std::printf("  mean light  %g %s\n", j["mean_light"]["value"].get<double>(),
                j["mean_light"]["unit"].get<std::string>().c_str());
  std::printf(
      "  segments    %ld%s\n", j["segments"].get<long>(),
      j["repeats"] == 0 ? "" : (", frames shown up to " + std::to_string(j["repeats"].get<long>()) + " times").c_str());
  std::printf("  truth       %s\n", j["truth"] == true ? "known (a model cell)" : "unknown");
  std::printf("  source      %s\n", j["source"].get<std::string>().c_str());
}

void print_check(const json& j) {
  std::printf("\n%6s %-16s %8s %9s %6s %8s %8s %14s %7s\n", "cell", "name", "spikes", "spikes/s", "Fano", "polarity",
              "latency", "centre (x, y)", "z");
  for (const auto& c : j["cells"]) {
    char centre[32] = "-";
    if (!c["centre"].is_null())
      std::snprintf(centre, sizeof centre, "%.1f, %.1f", c["centre"][0].get<double>(), c["centre"][1].get<double>());
    std::printf("%6ld %-16s %8ld %9.2f %6.2f %8s %8s %14s %7.1f\n", c["cell"].get<long>(),
                c["name"].get<std::string>().substr(0, 16).c_str(), c["spikes"].get<long>(), c["rate"].get<double>(),
                c["fano"].get<double>(), c["polarity"].is_null() ? "-" : c["polarity"].get<std::string>().c_str(),
                c["latency"].is_null() ? "-" : std::to_string(c["latency"].get<long>()).c_str(), centre,
                c["z"].get<double>());
  }
  std::printf("\n  ON %ld, OFF %ld, unclear %ld; silent %zu; doubled pairs %zu; frames without known history %ld\n",
              j["on"].get<long>(), j["off"].get<long>(), j["unclear"].get<long>(), j["silent"].size(),
              j["doubled"].size(), j["frames_without_history"].get<long>());
  if (!j["latency_median"].is_null()) std::printf("  median latency %.1f frames\n", j["latency_median"].get<double>());
  for (const auto& w : j["warnings"]) std::printf("  warning: %s\n", w.get<std::string>().c_str());
  for (const auto& e : j["errors"]) std::printf("  error: %s\n", e.get<std::string>().c_str());
}

int info(const InfoOptions& options, const Caller& caller) {
  plexiform::Expectation expectation;
  if (!options.polarity.empty())
    expectation.polarity = options.polarity == "on" ? plexiform::Polarity::on : plexiform::Polarity::off;
  if (!options.latency.empty()) expectation.latency = latency_range(options.latency);
  const Recording recording = plexiform::read_recording(options.recording);
  json j = describe(recording);
  const bool check = options.check || expectation.polarity || expectation.latency;
  if (check) j["check"] = to_json(plexiform::check_recording(recording, options.lags, expectation, caller.lent()));
  if (caller.common.json) {
    std::printf("%s\n", j.dump().c_str());
  } else {
    print(j, options.recording);
    if (check) print_check(j["check"]);
  }
  return check && !j["check"]["errors"].empty() ? exit_code(plexiform::ErrorKind::data) : 0;
}

}  // namespace

void add_info(Program& program) {
  auto options = std::make_shared<InfoOptions>();
  auto* verb = program.add_verb(program.app, "info", "what a recording holds; --check looks for mistakes",
                                "plexiform info --check --expect off --expect-latency 3-6 rec.h5");
  verb->add_option("recording", options->recording, "recording (.h5)")->required();
  verb->add_flag("--check", options->check,
                 "look for mistakes of lag, polarity and schedule (exit code 4 if there are)");
  verb->add_option("--expect", options->polarity, "expected polarity; warns about other cells")
      ->check(CLI::IsMember({"on", "off"}));
  verb->add_option("--expect-latency", options->latency, "lags in which the temporal peak should lie, such as 3-6");
  verb->add_option("--lags", options->lags, "frames of history to look at (default 20)")->check(CLI::Range(2, 200));
  verb->callback([&program, options] {
    program.action = [&program, options](const Caller& caller) {
      program.interrupts->end_at_once(options->recording);
      return info(*options, caller);
    };
  });
}
