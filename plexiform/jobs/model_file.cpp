#include "plexiform/jobs/model_file.hpp"

#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/jobs/archive.hpp"
#include "plexiform/jobs/subunit_model_fields_impl.hpp"
#include "plexiform/run/layout.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

std::string to_json(const CellWindow& w) {
  return nlohmann::json({{"y", w.window.y},
                         {"x", w.window.x},
                         {"height", w.window.height},
                         {"width", w.window.width},
                         {"centre_x", w.centre.x},
                         {"centre_y", w.centre.y},
                         {"source", w.source == WindowSource::average ? "average" : "variance"},
                         {"z", w.z}})
      .dump();
}

CellWindow window_from_json(const std::string& text) {
  const auto j = nlohmann::json::parse(text);
  CellWindow w;
  w.window = {j.at("y"), j.at("x"), j.at("height"), j.at("width")};
  w.centre = {j.at("centre_x"), j.at("centre_y")};
  w.source = j.at("source") == "average" ? WindowSource::average : WindowSource::variance;
  w.z = j.at("z");
  return w;
}

/// Numbers of the state that are no tensors, as one tensor of doubles; in this order.
at::Tensor counters(const TrainState& s) {
  return at::tensor({static_cast<double>(s.pass), static_cast<double>(s.steps), s.best_loss,
                     static_cast<double>(s.best_pass), s.ended ? 1.0 : 0.0},
                    at::kDouble);
}

void set_counters(TrainState& s, const at::Tensor& values) {
  if (values.numel() != 5 || values.scalar_type() != at::kDouble)
    throw Error(ErrorKind::damaged, "the training state in the model file is not in this version's format");
  const auto v = values.accessor<double, 1>();
  s.pass = static_cast<std::int64_t>(v[0]);
  s.steps = static_cast<std::int64_t>(v[1]);
  s.best_loss = v[2];
  s.best_pass = static_cast<std::int64_t>(v[3]);
  s.ended = v[4] != 0;
}

const at::Tensor& tensor_of(const Archive& archive, const std::string& name) {
  const auto found = archive.tensors.find(name);
  if (found == archive.tensors.end()) throw Error(ErrorKind::damaged, "the model file holds no '" + name + "'");
  return found->second;
}

/// Adam writes to its moments as if they had the shape of the weights.
const at::Tensor& moments_of(const Archive& archive, const std::string& name, const at::Tensor& weights) {
  const at::Tensor& moments = tensor_of(archive, name);
  if (moments.sizes() != weights.sizes() || moments.scalar_type() != weights.scalar_type())
    throw Error(ErrorKind::damaged, "'" + name + "' in the model file has another shape or type than its weights");
  return moments;
}

void put_state(Archive& archive, const std::string& name, const TrainState& state) {
  archive.tensors[name + ".counters"] = counters(state);
  put_network(archive, name + ".network", state.network);
  put_network(archive, name + ".average", state.average);
  put_network(archive, name + ".best", state.best);
  for (std::size_t i = 0; i < state.first.size(); ++i) {
    archive.tensors[name + ".first." + std::to_string(i)] = state.first[i];
    archive.tensors[name + ".second." + std::to_string(i)] = state.second[i];
  }
  archive.texts[name + ".metrics"] = state.metrics;
}

TrainState get_state(const Archive& archive, const std::string& name) {
  TrainState state;
  set_counters(state, tensor_of(archive, name + ".counters"));
  state.network = get_network(archive, name + ".network");
  state.average = get_network(archive, name + ".average");
  state.best = get_network(archive, name + ".best");
  std::size_t i = 0;
  for (const auto& [part, tensor] : parameters(state.network)) {
    state.first.push_back(moments_of(archive, name + ".first." + std::to_string(i), *tensor));
    state.second.push_back(moments_of(archive, name + ".second." + std::to_string(i), *tensor));
    ++i;
  }
  const auto metrics = archive.texts.find(name + ".metrics");
  if (metrics != archive.texts.end()) state.metrics = metrics->second;
  return state;
}

/// Throws Error{damaged} where arrays do not belong together.
SubunitModel subunits_from(const std::string& text) {
  auto out = nlohmann::json::parse(text).get<SubunitModel>();
  const reveal::Basis& basis = out.model.basis;
  bool whole = basis.lags > 0 && basis.channels > 0 && out.window.height > 0 && out.window.width > 0 &&
               out.model.gains.size() == (out.divisive ? 1U : 0U);
  for (const auto& function : basis.functions) whole = whole && function.size() == basis.channels * basis.lags;
  for (const auto& part : out.model.parts) whole = whole && part.mix.size() == basis.count();
  if (!whole) throw Error(ErrorKind::damaged, "the subunits in the model file do not belong together");
  return out;
}

/// What read_model reads.
void put_networks(Archive& archive, const CellFit& fit) {
  if (const auto* subunits = std::get_if<SubunitModel>(&fit.model))
    archive.texts["subunits"] = nlohmann::json(*subunits).dump();
  else
    put_network(archive, "network", network_of(fit));
  put_network(archive, "ln", fit.ln);
  auto tried = nlohmann::json::array();
  for (const auto& t : fit.tried)
    tried.push_back({{"form", t.form}, {"validation_loss", t.validation_loss}, {"kept", t.kept}});
  archive.texts["fit"] = nlohmann::json({{"validation_loss", fit.validation_loss},
                                         {"ln_validation_loss", fit.ln_validation_loss},
                                         {"ln_strength", fit.ln_strength},
                                         {"ended", fit.ended},
                                         {"tried", tried}})
                             .dump();
  archive.texts["window"] = to_json(fit.window);
}

constexpr int kKnowsItsCell = 2;  ///< the first version that says which cell and which config.toml it is of

/// A file before version 1 has none of these texts.
void check_head(const Archive& archive, std::int64_t cell, const ModelHome& home) {
  const auto text = [&](const char* name) -> std::optional<std::string> {
    const auto found = archive.texts.find(name);
    return found == archive.texts.end() ? std::nullopt : std::optional(found->second);
  };
  FoundVersion found{text("format"), {}};
  if (const auto version = text("version")) found.version = std::atof(version->c_str());
  const int version = check_version(artefacts::model, found, home.age);
  const auto check = [&](const char* name, const char* what, const std::string& expected) {
    check_origin(artefacts::model, version, what, text(name).value_or(""), expected);
  };
  check("recording", "recording", home.origin.recording);
  if (version < kKnowsItsCell) return;
  if (const auto of = text("cell").value_or("no cell"); of != std::to_string(cell))
    throw Error(ErrorKind::damaged, "is the model of cell " + of + ", expected that of cell " + std::to_string(cell));
  if (const auto config = text("config").value_or("none"); !home.origin.config.empty() && config != home.origin.config)
    throw Error(
        ErrorKind::damaged,
        "was fitted by another config.toml than its run has: checksum " + config + ", expected " + home.origin.config,
        "put config.toml back as it was, or fit again under another name");
  if (const auto whole = text("revealed_from").value_or("none");
      !home.origin.revealed_from.empty() && whole != home.origin.revealed_from)
    throw Error(ErrorKind::damaged,
                "was revealed from another model than the run's own is now: checksum " + whole + ", expected " +
                    home.origin.revealed_from,
                "reveal the run again");
}

/// Calls `take` with what the file holds; errors get its name.
template <class Take>
void read_checked(const std::filesystem::path& path, std::int64_t cell, const ModelHome& home, const Take& take) {
  const Archive archive = load_archive(path, home.mend);
  try {
    check_head(archive, cell, home);
    take(archive);
  } catch (const Error& error) {
    throw Error(ErrorKind::damaged, error.what(), error.advice().empty() ? home.mend : error.advice()).in_file(path);
  } catch (const std::exception& problem) {
    throw Error(ErrorKind::damaged, std::string("damaged: ") + problem.what(), home.mend).in_file(path);
  }
}

/// A fit may still make it; what no fit makes is lost.
[[noreturn]] void refuse_absent(const RunInfo& info, std::int64_t cell, const fs::path& path) {
  if (info.models_by.empty())
    throw Error(ErrorKind::data, "cell " + std::to_string(cell) + " has no model yet: its fit has not ended")
        .of_cell(cell);
  throw Error(ErrorKind::missing, "no such file, though config.toml lists cell " + std::to_string(cell), mend_of(info))
      .in_file(path);
}

/// The model that a minimal one was revealed from, while both are where reveal left them.
std::optional<fs::path> whole_model(const fs::path& run, std::int64_t cell) {
  const fs::path here = fs::absolute(run / "").lexically_normal().parent_path(), whole = here.parent_path();
  if (here != layout::minimal(whole) || !is_run(whole) || !path_exists(layout::model(whole, cell))) return {};
  return layout::model(whole, cell);
}

}  // namespace

ModelHome model_home(const fs::path& run, const RunInfo& info) {
  return {age_of(info), {info.checksum, config_sum(run), {}}, mend_of(info)};
}

void write_model(const std::filesystem::path& path, const CellFit& fit, std::span<const Training> fits,
                 const ModelOrigin& origin) {
  Archive archive;
  archive.texts["format"] = artefacts::model.format;
  archive.texts["version"] = std::to_string(artefacts::model.version);
  archive.texts["cell"] = std::to_string(fit.cell);
  for (const auto& [name, sum] :
       {std::pair{"recording", origin.recording}, {"config", origin.config}, {"revealed_from", origin.revealed_from}})
    if (!sum.empty()) archive.texts[name] = sum;
  for (const auto& training : fits) put_state(archive, training.name, training.state);
  put_networks(archive, fit);
  save_archive(path, archive);
}

CellFit read_model(const std::filesystem::path& path, std::int64_t cell, const ModelHome& home) {
  CellFit fit;
  read_checked(path, cell, home, [&](const Archive& archive) {
    const auto about = nlohmann::json::parse(archive.texts.at("fit"));
    fit.cell = cell;
    fit.window = window_from_json(archive.texts.at("window"));
    if (const auto subunits = archive.texts.find("subunits"); subunits != archive.texts.end())
      fit.model = subunits_from(subunits->second);
    else
      fit.model = get_network(archive, "network");
    fit.ln = get_network(archive, "ln");
    fit.validation_loss = about.at("validation_loss");
    fit.ln_validation_loss = about.at("ln_validation_loss");
    fit.ln_strength = about.at("ln_strength");
    fit.ended = about.at("ended");
    for (const auto& t : about.value("tried", nlohmann::json::array()))
      fit.tried.push_back({t.at("form"), t.at("validation_loss"), t.at("kept")});
  });
  return fit;
}

CellFit read_run_model(const std::filesystem::path& run, const RunInfo& info, std::int64_t cell) {
  const fs::path folder = layout::cell(run, cell), path = layout::model_in(folder);
  if (const auto error = cell_error(folder)) throw Error(ErrorKind::data, *error);
  if (!is_done(folder) && !path_exists(path)) refuse_absent(info, cell, path);
  ModelHome home = model_home(run, info);
  if (const auto whole = whole_model(run, cell)) home.origin.revealed_from = checksum(*whole);
  return read_model(path, cell, home);
}

void read_training(const std::filesystem::path& path, std::int64_t cell, std::span<Training> fits,
                   const ModelHome& home) {
  read_checked(path, cell, home, [&](const Archive& archive) {
    for (auto& fit : fits) fit.state = get_state(archive, fit.name);
  });
}

}  // namespace plexiform
