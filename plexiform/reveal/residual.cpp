#include "plexiform/reveal/residual.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;

/// Filters in time that what is missing may have, [function][channel * lag], unit norm.
std::vector<std::vector<double>> time_functions(const Basis& basis) {
  std::vector<std::vector<double>> all = basis.functions;
  const auto lags = static_cast<double>(basis.lags);
  for (std::size_t c = 0; c < basis.channels; ++c)
    for (double centre = 0, width = kBumpWidth; centre < lags; centre += kBumpSpacing * width) {
      width = kBumpWidth + kBumpGrows * centre;
      std::vector<double> bump(basis.channels * basis.lags, 0.0);
      for (std::size_t l = 0; l < basis.lags; ++l) {
        const double u = (static_cast<double>(l) - centre) / width;
        bump[c * basis.lags + l] = std::exp(-0.5 * u * u);
      }
      all.push_back(unit(std::move(bump)));
    }
  return all;
}

/// Round Gaussians of two sizes over the window.
std::vector<Gaussian> places_over(const Movie& movie, double size) {
  std::vector<Gaussian> places;
  const auto height = static_cast<double>(movie.height), width = static_cast<double>(movie.width);
  for (std::size_t i = 0; i < std::size(kResidualSizes); ++i) {
    const double own = size * kResidualSizes[i], log_size = std::log(own);
    const double step = std::max({1.0, kResidualSpacing[i] * own, std::sqrt(height * width / kResidualPlaces)});
    const double down = std::max(std::floor(height / step), 1.0), across = std::max(std::floor(width / step), 1.0);
    for (double row = 0.5; row < down; ++row)
      for (double column = 0.5; column < across; ++column)
        places.push_back({column * width / across - 0.5, row * height / down - 0.5, log_size, log_size, 0});
  }
  return places;
}

/// A Gaussian that might be inside the rectifier of a part.
struct Inside {
  std::size_t part = 0;
  Gaussian at;
};

/// A part's own Gaussian, wider: what a surround would be.
Gaussian wider(const Gaussian& g) {
  return {g.x, g.y, g.log_a + kLogSurroundRatio, g.log_b + kLogSurroundRatio, g.shear * std::exp(kLogSurroundRatio)};
}

/// The wider one of each part, after it small ones on and around it.
std::vector<Inside> insides_of(const Model& model, const Movie& movie) {
  const double size = std::exp(model.log_size), log_size = model.log_size - kInnerStartSmaller;
  std::vector<Inside> all;
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const Gaussian& g = model.parts[i].shape.centre;
    all.push_back({i, wider(g)});
    for (double dy = -kInnerField; dy <= kInnerField; dy += kInnerSpacing)
      for (double dx = -kInnerField; dx <= kInnerField; dx += kInnerSpacing) {
        const double x = g.x + dx * size, y = g.y + dy * size;
        const bool in =
            x >= 0 && y >= 0 && x < static_cast<double>(movie.width) && y < static_cast<double>(movie.height);
        if (in && std::hypot(dx, dy) <= kInnerField + 0.2) all.push_back({i, {x, y, log_size, log_size, 0}});
      }
  }
  return all;
}

/// All features of a model. Rows: [place][time function][ON, OFF], then [inside], then the surround of all parts.
class Features {
 public:
  Features(const Model& model, const Movie& movie)
      : model_(model),
        movie_(movie),
        functions_(time_functions(model.basis)),
        places_(places_over(movie, std::exp(model.log_size))),
        insides_(insides_of(model, movie)) {
    const Grid grid{movie.height, movie.width};
    const Basis& basis = model.basis;
    for (const auto& g : places_) columns_.push_back(pixel_weights(g, grid));
    for (const auto& inside : insides_) columns_.push_back(pixel_weights(inside.at, grid));
    for (const auto& f : functions_) taps_.push_back(newest_last(f, basis.channels, basis.lags));
    for (const auto& part : model.parts)
      part_taps_.push_back(newest_last(basis.mixed(part.mix), basis.channels, basis.lags));
  }

  std::size_t subunits() const { return places_.size() * functions_.size() * 2; }
  std::size_t count() const { return subunits() + insides_.size() + (insides_.empty() ? 0 : 1); }

  /// Each one's drive on the frames of a block, [feature, frame].
  void fill(const BlockFrames& frames, BlockSpace& space, float* rows) const {
    const Basis& basis = model_.basis;
    const std::size_t n = frames.frames, stride = movie_.stride();
    const auto scale = static_cast<float>(model_.unit), power = static_cast<float>(std::exp(model_.log_power.value));
    float* seen_by = space.projected.at_least(basis.channels * stride);
    float *z = space.scratch.at_least(2 * n), *slope = z + n;
    std::vector<const float*> from;
    for (std::size_t p = 0; p < places_.size(); ++p) {
      see_through(columns_[p], movie_, frames.movie, seen_by, from);
      for (const auto& taps : taps_) {
        filter_channels(taps, basis.channels, basis.lags, seen_by, stride, n, z);
        kernels::rectified_power(z, scale, power, false, n, rows, slope);
        for (std::size_t t = 0; t < n; ++t) z[t] = -z[t];
        kernels::rectified_power(z, scale, power, false, n, rows + n, slope);
        rows += 2 * n;
      }
    }
    float* surround = rows + insides_.size() * n;
    if (!insides_.empty()) std::fill_n(surround, n, 0.0F);
    for (std::size_t i = 0; i < insides_.size(); ++i, rows += n) {
      const std::size_t part = insides_[i].part;
      see_through(columns_[places_.size() + i], movie_, frames.movie, seen_by, from);
      filter_channels(part_taps_[part], basis.channels, basis.lags, seen_by, stride, n, rows);
      kernels::multiply_row(rows, frames.bend.row(part), n, false, rows);
      if (model_.parts[part].sign < 0)
        for (std::size_t t = 0; t < n; ++t) rows[t] = -rows[t];
      if (i > 0 && insides_[i - 1].part == part) continue;
      for (std::size_t t = 0; t < n; ++t) surround[t] += rows[t];
    }
  }

  /// What a feature with this score is.
  Missing named(std::size_t feature, const Score& score) const {
    Missing out;
    out.sign = score.z > 0 ? 1 : -1, out.score = score, out.looked_at = count();
    const auto at = [&](const Gaussian& g) { out.x = g.x, out.y = g.y, out.size = size_of(g); };
    if (feature < subunits()) {
      out.filter = functions_[feature / 2 % functions_.size()];
      if (feature % 2 == 1)
        for (double& h : out.filter) h = -h;
      at(places_[feature / 2 / functions_.size()]);
    } else {
      const bool of_all = feature == subunits() + insides_.size();
      const Inside& inside = insides_[of_all ? 0 : feature - subunits()];
      out.kind = of_all ? MissingKind::surround : MissingKind::shape, out.part = inside.part;
      out.filter = unit(model_.basis.mixed(model_.parts[inside.part].mix));
      at(inside.at);
    }
    const auto most = std::ranges::max_element(out.filter, {}, [](double h) { return std::abs(h); });
    out.polarity = *most > 0 ? 1 : -1;
    out.lag = static_cast<std::size_t>(most - out.filter.begin()) % model_.basis.lags;
    return out;
  }

 private:
  const Model& model_;
  const Movie& movie_;
  std::vector<std::vector<double>> functions_;
  std::vector<Gaussian> places_;
  std::vector<Inside> insides_;
  std::vector<PixelWeights> columns_;  ///< [place], then [inside]
  std::vector<std::vector<float>> taps_, part_taps_;
};

/// Greatest |z| of each draw, ascending.
std::vector<double> strongest_of_draws(const NdArray<double>& drawn) {
  std::vector<double> most(static_cast<std::size_t>(drawn.shape[1]), 0.0);
  for (std::int64_t i = 0; i < drawn.shape[0]; ++i) {
    const auto row = drawn.row(i);
    for (std::size_t d = 0; d < most.size(); ++d) most[d] = std::max(most[d], std::abs(row[d]));
  }
  std::ranges::sort(most);
  return most;
}

}  // namespace

bool Residual::is_missing() const {
  return p <= kResidualP && missed_bits >= kWorthSaying;
}

Residual residual_test(const Fitted& fit, const Movie& movie, const Covariates& covariates, std::uint64_t seed,
                       const Context& context) {
  const Features features(fit.model, movie);
  const DrawnScores scores = drawn_scores(
      fit, movie, covariates, features.count(),
      [&](std::size_t, const BlockFrames& frames, BlockSpace& space, float* rows) {
        features.fill(frames, space, rows);
      },
      kResidualLeft, kResidualDraws, derived_seed(seed, purposes::reveal::kResiduals), context);
  const auto [least, most] = std::ranges::minmax_element(scores.seen, {}, &Score::z);
  const auto named = [&](const auto& at) {
    return features.named(static_cast<std::size_t>(at - scores.seen.begin()), *at);
  };
  const bool suppresses = -least->z > most->z;
  const auto null = strongest_of_draws(scores.drawn);
  Residual out;
  out.strongest = named(suppresses ? least : most), out.opposite = named(suppresses ? most : least);
  out.z = std::abs(out.strongest.score.z);
  const auto as_strong = null.end() - std::ranges::lower_bound(null, out.z);
  out.p = static_cast<double>(1 + as_strong) / static_cast<double>(1 + null.size());
  out.null_quantile = null[static_cast<std::size_t>(0.95 * static_cast<double>(null.size()))];
  const double bits = scores.dispersion / (std::numbers::ln2 * std::max(movie.spikes(), 1.0));
  out.missed_bits = bits * out.z * out.z / 2, out.missed_error = bits * out.z;
  out.visible_bits = bits * out.null_quantile * out.null_quantile / 2;
  return out;
}

std::string in_words(const Missing& missing) {
  char text[100];
  if (missing.kind == MissingKind::surround) return "the surround of the subunits";
  if (missing.kind == MissingKind::shape)
    std::snprintf(text, sizeof text, "the shape of the subunit near (%.0f, %.0f)", missing.x, missing.y);
  else
    std::snprintf(text, sizeof text, "%s at lag %zu near (%.0f, %.0f)", missing.sign > 0 ? "excitation" : "suppression",
                  missing.lag, missing.x, missing.y);
  return text;
}

std::string in_words(const Residual& residual) {
  char text[100];
  if (residual.is_missing()) {
    std::snprintf(text, sizeof text, " is not described (%.2g bits per spike)", residual.missed_bits);
    return in_words(residual.strongest) + text;
  }
  std::snprintf(text, sizeof text, "nothing more to be seen; a subunit of %.2g bits per spike would have been",
                residual.visible_bits);
  return text;
}

std::optional<Model> with_missing(Model model, const Missing& missing, std::size_t most_functions) {
  const double log_size = std::log(missing.size);
  if (missing.kind == MissingKind::shape) {
    auto& inner = model.parts[missing.part].shape.inner;
    if (inner.size() >= kMostInnerCount) return std::nullopt;
    inner.push_back({kInnerStartWeight * missing.sign, missing.x, missing.y, std::min(log_size, kMostInnerLogSize)});
    return model;
  }
  if (missing.kind == MissingKind::surround) {
    if (model.surround) return std::nullopt;
    model.surround = Surround{-missing.sign * kSurroundStart, kLogSurroundRatio};
    return model;
  }
  std::vector<double> left = missing.filter;
  Part part;
  const auto along = [&](const std::vector<double>& function) {
    double sum = 0;
    for (std::size_t i = 0; i < left.size(); ++i) sum += function[i] * left[i];
    for (std::size_t i = 0; i < left.size(); ++i) left[i] -= sum * function[i];
    return sum;
  };
  for (const auto& function : model.basis.functions) part.mix.push_back(along(function));
  double norm = 0;
  for (const double h : left) norm += h * h;
  if (std::sqrt(norm) > kNewFunction && model.basis.count() < most_functions) {
    model.basis.functions.push_back(unit(left));
    part.mix.push_back(std::sqrt(norm));
    for (auto& other : model.parts) other.mix.push_back(0);
  }
  if (part.weight() < kNewFunction) return std::nullopt;
  part.mix = unit(part.mix);
  part.sign = missing.sign;
  part.shape.centre = {missing.x, missing.y, log_size, log_size, 0};
  model.parts.push_back(std::move(part));
  return model;
}

}  // namespace plexiform::reveal
