#include "plexiform/reveal/reveal_cell.hpp"

#include <algorithm>
#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/reveal/cell_movie.hpp"
#include "plexiform/reveal/prune_filters.hpp"
#include "plexiform/score/bits.hpp"

namespace plexiform {
namespace {

constexpr std::uint64_t kNullPurpose = 1, kResamplePurpose = 2, kPruningPurpose = 3;
/// Spikes that the test of structure looks at: a cell that has subunits shows it by then.
constexpr double kTestSpikes = 3000;

SelectSettings select_settings(double dispersion) {
  SelectSettings settings;
  settings.dispersion = dispersion;
  return settings;
}

/// Every so many-th block, so that about `spikes` are left; the movie itself where it has no more.
FilteredMovie thinned(const FilteredMovie& movie, double spikes) {
  const double share = spikes / std::max(movie.counts.sum(at::kDouble).item<double>(), 1.0);
  if (share >= 1) return movie;
  FilteredMovie part;
  part.height = movie.height;
  part.width = movie.width;
  std::vector<at::Tensor> values, counts;
  std::int64_t at = 0;
  for (std::size_t b = 0; b < movie.blocks.size(); ++b) {
    const auto before = std::floor(static_cast<double>(b) * share),
               after = std::floor(static_cast<double>(b + 1) * share);
    if (before == after) continue;
    const TimeBlock& block = movie.blocks[b];
    values.push_back(movie.values.narrow(0, block.begin, block.length()));
    counts.push_back(movie.counts.narrow(0, block.begin, block.length()));
    part.blocks.push_back({at, at + block.length(), block.validation});
    at += block.length();
  }
  part.values = at::cat(values);
  part.counts = at::cat(counts);
  return part;
}

/// One cell on its way through the steps of reveal_cell.
class Revealer {
 public:
  Revealer(const CellFit& fit, const Recording& recording, const Split& split, const RevealOptions& options,
           const std::stop_token& stop)
      : fit_(fit),
        recording_(recording),
        split_(split),
        options_(options),
        stop_(stop),
        grid_(recording.stimulus->shape()) {
    result_.cell = fit.cell;
    result_.linear = linear_filter(fit, grid_);
    result_.networks = fit.tried;
    result_.map_number = joined_candidates(fit.network).size();
    auto [temporal, movie] = cell_movie(fit, recording, split, options.train.block_seconds, options.threads);
    temporal_ = std::move(temporal);
    movie_ = std::move(movie);
    result_.spikes = movie_.counts.sum(at::kDouble).item<double>();
    result_.nonlinearity = fit.network.settings.subunits;
  }

  CellSubunits run() {
    const double least = least_spikes(movie_.pixels());
    if (!options_.quick && result_.spikes < least) {
      result_.structure = StructureTest{};
      result_.structure->verdict = Verdict::too_little_data;
      result_.remark = "not enough data: " + std::to_string(std::llround(result_.spikes)) + " spikes; at least about " +
                       std::to_string(std::llround(least)) + " for this window";
      return std::move(result_);
    }
    const FilteredMovie part = thinned(movie_, kTestSpikes);
    StructureFits fits = fit_both(part, result_.nonlinearity, 1, options_.threads);
    constexpr double kPoissonLike = 1.1;
    if (fits.dispersion > kPoissonLike) {
      // Again, now that the dispersion is known: the null's draws are fitted with it too.
      const double dispersion = fits.dispersion;
      fits = fit_both(part, result_.nonlinearity, dispersion, options_.threads);
      fits.dispersion = dispersion;
    } else {
      fits.dispersion = 1;
    }
    result_.dispersion = fits.dispersion;
    if (!options_.quick)
      result_.structure = test_structure(part, fits, options_.structure, derived_seed(options_.seed, kNullPurpose),
                                         options_.threads, stop_);
    if (result_.structure && result_.structure->verdict == Verdict::no_evidence)
      one_filter(fits.linear.model);
    else
      subunits(fits.grown.best.model);
    if (options_.pruning == Pruning::autocorrelation) filters_by_autocorrelation();
    compare_with_truth(result_, recording_);
    if (!fit_.ended) remark("the fit was interrupted: plexiform fit --resume goes on with it");
    return std::move(result_);
  }

 private:
  void remark(const std::string& text) { result_.remark += (result_.remark.empty() ? "" : "; ") + text; }

  /// The better of two selections by held-out likelihood.
  Selection select(SubunitModel grown) const {
    const SelectSettings settings = select_settings(result_.dispersion);
    grown.log_power = 0;
    Selection best = select_subunits(grown, movie_, {}, settings, options_.threads);
    SubunitModel of_map = model_of_network(fit_.network);
    of_map.nonlinearity = grown.nonlinearity;
    if (of_map.parts.empty() || of_map.parts.size() > settings.most) return best;
    const FittedModel there = fit_model(of_map, movie_, {}, settings.fit, options_.threads);
    const Gain gain = held_out_gain(there, best.best);
    const bool better = gain.nats > settings.least_gain;
    best.tried.push_back({"begun at the map's peaks", there.model.parts.size(), gain, better});
    if (!better) return best;
    Selection other = select_subunits(there.model, movie_, {}, settings, options_.threads);
    other.tried.insert(other.tried.begin(), best.tried.begin(), best.tried.end());
    return other;
  }

  /// rectified or squared, with the shapes fitted again; the fitted network's own must lose by a standard error.
  void choose_nonlinearity(Selection& selection) {
    using enum SubunitNonlinearity;
    const auto own = selection.best.model.nonlinearity;
    if (own != relu && own != half_squared) return;
    SubunitModel model = selection.best.model;
    model.nonlinearity = own == relu ? half_squared : relu;
    FittedModel other = fit_model(model, movie_, {}, {}, options_.threads);
    const Gain gain = held_out_gain(other, selection.best);
    const bool taken = gain.nats > std::max(gain.error, 3 * result_.dispersion);
    selection.tried.push_back({"subunits " + to_string(model.nonlinearity), model.parts.size(), gain, taken});
    if (!taken) return;
    const auto tried = selection.tried;
    selection = select_subunits(other.model, movie_, {}, select_settings(result_.dispersion), options_.threads);
    selection.tried.insert(selection.tried.begin(), tried.begin(), tried.end());
    result_.nonlinearity = model.nonlinearity;
  }

  /// Shapes of their own, or one shared by all where held-out likelihood does not ask for more.
  FittedModel choose_shapes(Selection& selection) {
    ModelFitSettings shared;
    shared.shape_spread = 0.02;
    FittedModel alike = fit_model(selection.best.model, movie_, {}, shared, options_.threads);
    const Gain gain = held_out_gain(selection.best, alike);
    result_.own_shapes = gain.nats > gain.error;
    selection.tried.push_back({"shapes of their own", alike.model.parts.size(), gain, result_.own_shapes});
    return result_.own_shapes ? selection.best : alike;
  }

  void subunits(const SubunitModel& grown) {
    Selection selection = select(grown);
    if (stop_.stop_requested()) throw Interrupted();
    choose_nonlinearity(selection);
    const FittedModel model = choose_shapes(selection);
    ModelFitSettings shapes;
    if (!result_.own_shapes) shapes.shape_spread = 0.02;
    result_.tried = std::move(selection.tried);
    std::vector<PartCertainty> sure;
    if (!options_.quick) {
      const auto all = certainty(model, movie_, select_settings(result_.dispersion), options_.certainty,
                                 derived_seed(options_.seed, kResamplePurpose), options_.threads, stop_);
      sure = all.parts;
      result_.number = all.number;
      result_.resampled_numbers = all.numbers;
    }
    list(model.model, sure);
    if (!options_.quick && options_.pruning == Pruning::likelihood) {
      const Pruned pruned = prune(model, movie_, shapes, options_.threads);
      result_.curve = pruned.curve;
      result_.minimal_number = pruned.minimal.model.parts.size();
      keep_minimal(pruned.minimal.model);
    } else {
      result_.minimal_number = model.model.parts.size();
      keep_minimal(model.model);
    }
    compare_with_network(model.model, shapes);
    tell_of_the_window(model.model);
  }

  /// No evidence: one linear filter, which may need several Gaussians for its shape.
  void one_filter(const SubunitModel& parts) {
    const FittedModel fit = best_linear(parts, movie_, {}, options_.threads);
    const at::Tensor whole = at::zeros({movie_.pixels()}, at::kDouble);
    std::vector<double> weights(static_cast<std::size_t>(movie_.pixels()));
    for (const auto& part : fit.model.parts) {
      gaussian_weights(part.shape, movie_.height, movie_.width, weights);
      whole.add_(at::tensor(weights), part.weight);
    }
    const std::span values(whole.data_ptr<double>(), static_cast<std::size_t>(whole.numel()));
    const Gaussian shape =
        fit.model.parts.size() == 1 ? fit.model.parts[0].shape : moments(values, movie_.height, movie_.width);
    result_.nonlinearity = SubunitNonlinearity::linear;
    result_.minimal_number = 1;
    result_.subunits.push_back(on_grid(values, shape, 1));
    keep_minimal(fit.model);
    compare_with_network(fit.model, {});
    if (result_.validation_bits && result_.validation_bits->subunits > 0)
      tell_of_the_window(fit.model);
    else
      remark("no response to this stimulus was found on the validation blocks");
  }

  Subunit on_grid(std::span<const double> values, const Gaussian& shape, double share) const {
    const Window& window = fit_.window.window;
    double norm = 0;
    for (const double v : values) norm += v * v;
    Subunit s;
    s.spatial = NdArray<float>({grid_.height, grid_.width});
    for (std::int64_t y = 0; y < window.height; ++y)
      for (std::int64_t x = 0; x < window.width; ++x)
        s.spatial.values[static_cast<std::size_t>((window.y + y) * grid_.width + window.x + x)] =
            static_cast<float>(values[static_cast<std::size_t>(y * window.width + x)] / std::sqrt(norm));
    s.temporal.assign(temporal_.begin(), temporal_.end());
    s.weight = share;
    s.place = {shape.x + static_cast<double>(window.x), shape.y + static_cast<double>(window.y)};
    s.size = axes(shape);
    return s;
  }

  void list(const SubunitModel& model, const std::vector<PartCertainty>& sure) {
    double sum = 0;
    for (const auto& part : model.parts) sum += part.weight;
    std::vector<double> weights(static_cast<std::size_t>(movie_.pixels()));
    for (std::size_t i = 0; i < model.parts.size(); ++i) {
      gaussian_weights(model.parts[i].shape, movie_.height, movie_.width, weights);
      Subunit s = on_grid(weights, model.parts[i].shape, model.parts[i].weight / sum);
      if (!sure.empty()) {
        s.certainty = sure[i];
        const auto x = static_cast<double>(fit_.window.window.x), y = static_cast<double>(fit_.window.window.y);
        s.certainty->x = {sure[i].x.low + x, sure[i].x.high + x};
        s.certainty->y = {sure[i].y.low + y, sure[i].y.high + y};
      }
      result_.subunits.push_back(std::move(s));
    }
    std::stable_sort(result_.subunits.begin(), result_.subunits.end(),
                     [](const Subunit& a, const Subunit& b) { return a.weight > b.weight; });
  }

  /// In place of the smallest model of subunits: the fitted network without the filters that look like noise.
  void filters_by_autocorrelation() {
    const FilterPruning pruned = prune_filters(fit_, recording_, split_, options_.train,
                                               derived_seed(options_.seed, kPruningPurpose), options_.threads, stop_);
    result_.morans_i = pruned.morans_i;
    result_.minimal = pruned.pruned;
    const std::size_t all = pruned.morans_i.size();
    result_.minimal_number = pruned.kept > 0 ? pruned.kept : all;
    result_.curve = {{all, pruned.before_bits, {}}};
    if (pruned.kept > 0 && pruned.kept < all)
      result_.curve.push_back({pruned.kept, pruned.after_bits, pruned.behind});
    else
      remark(std::string(pruned.kept > 0 ? "each" : "no") +
             " filter has the spatial autocorrelation of a subunit; the minimal network is the fitted one");
  }

  std::vector<double> validation_weights() const {
    std::vector<double> weights;
    for (const auto& block : movie_.blocks) weights.push_back(block.validation ? 1 : 0);
    return weights;
  }
  double validation_frames() const {
    double frames = 0;
    for (const auto& block : movie_.blocks) frames += block.validation ? static_cast<double>(block.length()) : 0;
    return frames;
  }
  double validation_likelihood(const SubunitModel& model) const {
    return evaluate(model, movie_, validation_weights(), false, options_.threads).total;
  }

  void keep_minimal(const SubunitModel& model) {
    CellFit minimal = fit_;
    minimal.tried.clear();
    minimal.validation_loss = -validation_likelihood(model) / std::max(validation_frames(), 1.0);
    const FrameShape input{grid_.channels, movie_.height, movie_.width};
    minimal.network = network_of_model(model, temporal_, input, fit_.network.settings.window);
    result_.minimal = std::move(minimal);
  }

  /// Likelihoods of the fitted network and of the subunits on the validation blocks. Neither's numbers were fitted to
  /// them, but the network stopped by them and the subunits were selected with them: both are a little high.
  void compare_with_network(const SubunitModel& model, const ModelFitSettings& settings) {
    std::vector<double> training;
    for (const auto& block : movie_.blocks) training.push_back(block.validation ? 0 : 1);
    const FittedModel fit = fit_model(model, movie_, training, settings, options_.threads);
    const double frames = validation_frames();
    double spikes = 0;
    for (const auto& block : movie_.blocks)
      if (block.validation)
        spikes += movie_.counts.narrow(0, block.begin, block.length()).sum(at::kDouble).item<double>();
    if (spikes == 0) return;
    const auto bits = [&](double likelihood) { return bits_of_likelihood(likelihood, spikes, frames); };
    result_.validation_bits = {bits(-fit_.validation_loss * frames), bits(validation_likelihood(fit.model))};
  }

  /// How much of the model's squared weights lies outside its window.
  void tell_of_the_window(const SubunitModel& model) {
    constexpr double kMost = 0.1;
    const auto margin = std::max(movie_.height, movie_.width), height = movie_.height + 2 * margin,
               width = movie_.width + 2 * margin;
    std::vector<double> weights(static_cast<std::size_t>(height * width));
    double inside = 0, sum = 0;
    for (const auto& part : model.parts) {
      Gaussian g = part.shape;
      g.x += static_cast<double>(margin);
      g.y += static_cast<double>(margin);
      gaussian_weights(g, height, width, weights);
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
          const double power = part.weight * weights[static_cast<std::size_t>(y * width + x)] *
                               weights[static_cast<std::size_t>(y * width + x)];
          sum += power;
          if (y >= margin && y < margin + movie_.height && x >= margin && x < margin + movie_.width) inside += power;
        }
    }
    if (1 - inside / sum < kMost) return;
    const bool whole_grid = movie_.height == grid_.height && movie_.width == grid_.width;
    remark(std::to_string(std::lround(100 * (1 - inside / sum))) +
           " % of the receptive field lies outside the window of " + std::to_string(movie_.height) + " x " +
           std::to_string(movie_.width) + " pixels" +
           (whole_grid ? ", which is all that was shown" : "; fit again with a larger one: --set window=N"));
  }

  const CellFit& fit_;
  const Recording& recording_;
  const Split& split_;
  const RevealOptions& options_;
  const std::stop_token& stop_;
  FrameShape grid_;
  std::vector<double> temporal_;
  FilteredMovie movie_;
  CellSubunits result_;
};

}  // namespace

double least_spikes(std::int64_t pixels) {
  return std::max(100.0, static_cast<double>(pixels));
}

CellSubunits reveal_cell(const CellFit& fit, const Recording& recording, const Split& split,
                         const RevealOptions& options, const std::stop_token& stop) {
  at::NoGradGuard no_gradient;
  return Revealer(fit, recording, split, options, stop).run();
}

}  // namespace plexiform
