#include "plexiform/reveal/search.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <optional>

#include "plexiform/likelihood/priors.hpp"
#include "plexiform/reveal/basis.hpp"
#include "plexiform/reveal/thresholds.hpp"

namespace plexiform::reveal {
namespace {

using namespace thresholds;

double tolerance_of(Care care) {
  return care == Care::rough ? kRoughTolerance : kFineTolerance;
}

/// What a rough fit of the smaller model may lend to the larger one.
double lent_by(Care care) {
  return care == Care::rough ? kRoughLends : 0;
}

double dispersion_of(const Fitted& fit) {
  return std::max(fit.dispersion, kLeastDispersion);
}

struct Candidate {
  double z = 0;
  std::string what;   ///< for people
  std::string place;  ///< what it is remembered by
  Model model;
  Gaussian at;
  double bar = 0;  ///< nats
  double gate = 0;
};

double mean_weight(const Model& model) {
  double sum = 0;
  for (const auto& part : model.parts) sum += part.weight();
  return model.parts.empty() ? 0.1 * model.unit : sum / static_cast<double>(model.parts.size());
}

std::string text(const char* format, auto... values) {
  char out[160];
  std::snprintf(out, sizeof out, format, values...);
  return out;
}

/// A new subunit costs the number of places, sizes and directions that were looked at (the log of their number), its
/// further mixture numbers, and what local search finds beside.
double bar_of_new(const Model& model, std::size_t looked_at, double dispersion) {
  const auto k = static_cast<double>(model.basis.count());
  return (kBarOfNew + std::log(static_cast<double>(looked_at)) + (k - 1)) * std::max(dispersion, kLeastDispersion);
}
double bar_of_change(const Search& search, Care care) {
  return kBarOfChange * dispersion_of(search.best) + lent_by(care);
}

/// Halves of a subunit in four directions, small ones far apart and, of a large one, others of its own size.
void add_splits(std::vector<Candidate>& candidates, std::vector<Feature>& features, const Search& search, Care care) {
  const Model& model = search.best.model;
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const Part& part = model.parts[i];
    if (!part.shape.inner.empty()) continue;
    const Gaussian& g = part.shape.centre;
    const Ellipse ellipse = ellipse_of(g);
    const double own = (g.log_a + g.log_b) / 2;
    const double usual = part.sign > 0 ? model.log_size : std::min(model.log_size + kSuppressiveLarger, own);
    struct Halves {
      double reach, log_size;
    };
    const Halves ways[] = {{kSplitReach * ellipse.major, usual},
                           {kOwnSizeReach * ellipse.major, std::max(own - kOwnSizeSmaller, usual)}};
    for (int turn = 0; turn < 4; ++turn)
      for (const auto& way : ways) {
        if (way.log_size == usual && way.reach < kLeastReach * ellipse.major) continue;
        const double angle = ellipse.angle + turn * std::numbers::pi / 4;
        const double dx = way.reach * std::cos(angle), dy = way.reach * std::sin(angle);
        const Gaussian one{g.x + dx, g.y + dy, way.log_size, way.log_size, 0};
        const Gaussian other{g.x - dx, g.y - dy, way.log_size, way.log_size, 0};
        Candidate c;
        c.what = text("split %zu at %.1f", i, angle);
        c.place = text("split %zu %.0f %.0f %d %d", model.parts.size(), g.x, g.y, turn, way.log_size == usual ? 1 : 0);
        c.model = model, c.at = other;
        Part& first = c.model.parts[i];
        for (double& q : first.mix) q *= kSplitWeight;
        Part second = first;
        first.shape.centre = one, second.shape.centre = other;
        c.model.parts.push_back(second);
        c.bar = bar_of_change(search, care), c.gate = kSplitGate;
        candidates.push_back(std::move(c));
        features.push_back({{one, other}, unit(part.mix), part.even()});
      }
  }
}

/// Places for one more subunit: everywhere at the usual size and twice it, near subunits at a part of it.
std::vector<PlaceGrid> place_grids(const Model& model, const Movie& movie) {
  const double size = std::exp(std::round(model.log_size * 4) / 4);
  std::vector<PlaceGrid> grids;
  const double width = static_cast<double>(movie.width) - 0.5, height = static_cast<double>(movie.height) - 0.5;
  for (const double factor : kPlaceSizes) {
    const double step =
        factor <= 1 ? std::max(1.0, kPlaceSpacing * size * factor) : std::max(1.5, kLargePlaceSpacing * size * factor);
    double left = 0.5, top = 0.5, right = width, bottom = height;
    if (factor < 1) {
      if (model.parts.empty()) continue;
      double x0 = width, x1 = 0, y0 = height, y1 = 0;
      for (const auto& part : model.parts) {
        const auto& g = part.shape.centre;
        x0 = std::min(x0, g.x), x1 = std::max(x1, g.x), y0 = std::min(y0, g.y), y1 = std::max(y1, g.y);
      }
      const double reach = kNear * size;
      left = std::max(left, x0 - reach), right = std::min(right, x1 + reach);
      top = std::max(top, y0 - reach), bottom = std::min(bottom, y1 + reach);
    }
    grids.push_back({size * factor, places_between(left, right, step), places_between(top, bottom, step)});
  }
  return grids;
}

void add_new(std::vector<Candidate>& candidates, std::vector<Feature>& features, Search& search, Care care) {
  const Model& model = search.best.model;
  const double size = std::exp(model.log_size);
  const auto near_a_part = [&](const Gaussian& g) {
    if (std::exp(g.log_a) > 0.9 * size) return true;
    return std::ranges::any_of(model.parts, [&](const Part& p) {
      return std::hypot(p.shape.centre.x - g.x, p.shape.centre.y - g.y) < kNear * size;
    });
  };
  const Screening screening = screen(search.best, search.seen(), place_grids(model, search.movie), near_a_part,
                                     search.settings.suppression, kScreened, search.context);
  const double bar = bar_of_new(model, screening.looked_at, search.best.dispersion) + lent_by(care);
  for (const auto& found : screening.best) {
    if (found.even && !search.settings.both_polarities) continue;
    Candidate c;
    const auto& g = found.gaussian;
    std::string mix;
    for (const double q : found.mix) mix += text(" %.1f", q);
    c.what = text("new %s%s at %.1f, %.1f size %.1f mix%s", found.z > 0 ? "+" : "-", found.even ? " even" : "", g.x,
                  g.y, std::exp(g.log_a), mix.c_str());
    c.place = text("new %zu %.0f %.0f %.1f%s", model.parts.size(), g.x, g.y, g.log_a, mix.c_str());
    c.model = model, c.at = g, c.bar = bar, c.gate = kNewGate;
    Part part;
    part.sign = found.z > 0 ? 1 : -1, part.response = found.even ? Response::even : Response::rectified,
    part.mix = found.mix, part.shape.centre = g;
    c.model.parts.push_back(std::move(part));
    candidates.push_back(std::move(c));
    features.push_back({{g}, found.mix, found.even});
  }
}

/// Weight to begin with: what the score test promises, but not far beyond the others.
void set_weight(Model& model, const Score& score) {
  Part& part = model.parts.back();
  Model others = model;
  others.parts.pop_back();
  const double usual = mean_weight(others), power = std::exp(model.log_power.value);
  const double promised = std::pow(std::abs(score.slope) / std::max(score.information, 1e-300), 1 / power);
  const double weight = std::clamp(promised, kLeastNew * usual, kMostNew * usual + 0.2 * model.unit);
  for (double& q : part.mix) q *= weight;
}

/// Changes that would add a subunit, the most wanted first.
std::vector<Candidate> growth(Search& search, Care care) {
  std::vector<Candidate> candidates;
  std::vector<Feature> features;
  add_splits(candidates, features, search, care);
  const std::size_t splits = candidates.size();
  add_new(candidates, features, search, care);
  const auto scores = feature_scores(search.best, search.seen(), features, search.context);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const double z = scores[i].z;
    if (i < splits) {
      candidates[i].z = std::max(z * candidates[i].model.parts.back().sign, 0.0);
      continue;
    }
    candidates[i].model.parts.back().sign = z > 0 ? 1 : -1;
    candidates[i].z = z < 0 && !search.settings.suppression ? 0 : std::abs(z);
    set_weight(candidates[i].model, scores[i]);
  }
  std::ranges::stable_sort(candidates, [](const Candidate& a, const Candidate& b) { return a.z > b.z; });
  return candidates;
}

/// A sharp threshold, right for another model, makes the first steps of a fit small.
Model softened(Model model, const Search& search) {
  model.log_softness = std::max(model.log_softness, usual_log_softness(search.movie.mean_count()));
  return model;
}

bool take_if_it_pays(Search& search, Fitted fit, const std::string& what, double z, double bar) {
  const HeldOutGain gain = held_out_gain(fit, search.best);
  const bool pays = gain.nats > std::max(bar, gain.error);
  search.tried.push_back({what, search.best.model.parts.size(), z, gain, pays});
  if (pays) search.best = std::move(fit);
  return pays;
}

/// A smaller model is taken where what it lacks does not pay.
bool take_if_it_does(Search& search, Fitted fit, const std::string& what, double bar) {
  const HeldOutGain loss = held_out_gain(search.best, fit);
  const bool pays = loss.nats > std::max(bar, loss.error);
  search.tried.push_back({what, search.best.model.parts.size(), 0, {-loss.nats, loss.error}, !pays});
  if (!pays) search.best = std::move(fit);
  return !pays;
}

}  // namespace

double bar_of_a_subunit(const Model& model, const Movie& movie, double dispersion) {
  std::size_t places = 0;
  for (const auto& grid : place_grids(model, movie)) places += grid.x.size() * grid.y.size();
  // Two polarities, and both at once.
  return bar_of_new(model, places * 3 * directions(model.basis.count()).size(), dispersion);
}

Fitted fitted(const Search& search, const Model& model, Care care, double hopeless_below) {
  FitSettings settings;
  settings.tolerance = tolerance_of(care);
  settings.most_steps = kMostSteps;
  settings.hopeless_below = hopeless_below;
  return fit_model(model, search.seen(), settings, search.context);
}

bool grow(Search& search, Care care) {
  if (search.best.model.parts.size() >= search.settings.most_parts) return false;
  const double least = std::sqrt(dispersion_of(search.best));
  std::vector<std::pair<Gaussian, char>> met;
  int tries = 0;
  for (const auto& c : growth(search, care)) {
    if (tries >= kTries) break;
    if (c.z < c.gate * least) continue;
    const auto before = search.refused.find(c.place);
    if (before != search.refused.end() && c.z < before->second + kScoreGrown) continue;
    const bool near = std::ranges::any_of(met, [&](const auto& m) {
      return m.second == c.what[0] && std::hypot(m.first.x - c.at.x, m.first.y - c.at.y) < kSamePlace;
    });
    if (near) continue;
    met.emplace_back(c.at, c.what[0]);
    ++tries;
    if (take_if_it_pays(search, fitted(search, softened(c.model, search), care, search.best.objective - kHopeless),
                        c.what, c.z, c.bar))
      return true;
    search.refused[c.place] = c.z;
  }
  return false;
}

namespace {

struct Smaller {
  std::string what;
  Model model;
  double bar = 0;
};

Model joined_parts(const Model& model, std::size_t i, std::size_t j) {
  Model m = model;
  Part &a = m.parts[i], &b = m.parts[j];
  const double share = a.weight() / std::max(a.weight() + b.weight(), 1e-300);
  const Gaussian &ga = a.shape.centre, &gb = b.shape.centre;
  const auto mean = [&](double u, double v) { return share * u + (1 - share) * v; };
  a.shape.centre = {mean(ga.x, gb.x), mean(ga.y, gb.y), mean(ga.log_a, gb.log_a) + kJoinedLarger,
                    mean(ga.log_b, gb.log_b) + kJoinedLarger, mean(ga.shear, gb.shear)};
  for (std::size_t k = 0; k < a.mix.size(); ++k) a.mix[k] += b.mix[k];
  return without_part(m, j);
}

/// The model without part i, where its opposites of the other sign tell nearly the same: -a f(z) + b f(-z) is
/// -(a + b) z / 2 and what both polarities share, so that one-sided opposites take its weight, and the offset what it
/// did in the mean; and -a f(|z|) + a f(-z) is -a f(z). Nothing where it has no such opposites.
std::optional<Model> without_twin(const Model& model, std::size_t i, const Grid& grid) {
  const Part& twin = model.parts[i];
  if (twin.even()) return std::nullopt;
  const auto weights = shape_weights(twin.shape, nullptr, grid);
  Model m = model;
  double one_sided = 0, found = 0;
  std::vector<std::size_t> opposites;
  for (std::size_t j = 0; j < model.parts.size(); ++j) {
    const Part& other = model.parts[j];
    const double alike = overlap(other.mix, twin.mix);
    if (other.sign == twin.sign || (other.even() ? std::abs(alike) : -alike) < kJoinMix) continue;
    if (overlap(shape_weights(other.shape, nullptr, grid), weights) < kOppositeOverlap) continue;
    ++found;
    if (!other.even()) {
      opposites.push_back(j), one_sided += other.weight();
      continue;
    }
    m.parts[j].response = Response::rectified;
    if (alike > 0)
      for (double& q : m.parts[j].mix) q = -q;
  }
  if (found == 0) return std::nullopt;
  if (!opposites.empty()) m.offset += twin.sign * 2 * kMeanOfHalf * twin.weight();
  for (const auto j : opposites)
    for (double& q : m.parts[j].mix) q *= 1 + twin.weight() / one_sided;
  return without_part(m, i);
}

/// Whether a part may be a half of another one: it has another bar then, or what a split takes would be dropped again.
bool is_half(const Model& model, std::size_t i, const Grid& grid) {
  const Part& a = model.parts[i];
  const auto weights = shape_weights(a.shape, nullptr, grid);
  for (std::size_t j = 0; j < model.parts.size(); ++j) {
    const Part& b = model.parts[j];
    if (j == i || a.sign != b.sign || a.response != b.response || overlap(a.mix, b.mix) < kJoinMix) continue;
    if (overlap(weights, shape_weights(b.shape, nullptr, grid)) >= kHalfOverlap) return true;
  }
  return false;
}

std::vector<Smaller> smaller_models(const Search& search) {
  const Fitted& best = search.best;
  const Model& model = best.model;
  const ModelLayout layout(model);
  const auto covariance = covariance_of(best);
  std::vector<std::pair<double, std::size_t>> weak;
  for (std::size_t i = 0; i < model.parts.size(); ++i)
    weak.emplace_back(mixture_z(model.parts[i], layout.parts[i], covariance), i);
  std::ranges::sort(weak);
  const double bar = bar_of_a_subunit(model, search.movie, best.dispersion);
  const double bar_of_half = bar_of_change(search, Care::fine);
  const Grid grid{search.movie.height, search.movie.width};
  std::vector<Smaller> all;
  for (const auto& [z, i] : weak)
    if (all.size() < 2 && z < kWeak)
      all.push_back({"drop " + std::to_string(i), without_part(model, i), is_half(model, i, grid) ? bar_of_half : bar});
  for (std::size_t i = 0; i < model.parts.size(); ++i)
    if (auto m = without_twin(model, i, grid)) all.push_back({"twin " + std::to_string(i), *std::move(m), bar});
  for (std::size_t i = 0; i < model.parts.size(); ++i)
    for (std::size_t j = i + 1; j < model.parts.size(); ++j) {
      const Part &a = model.parts[i], &b = model.parts[j];
      if (a.sign != b.sign || a.response != b.response || !a.shape.inner.empty() || !b.shape.inner.empty()) continue;
      if (overlap(a.mix, b.mix) < kJoinMix) continue;
      if (overlap(shape_weights(a.shape, nullptr, grid), shape_weights(b.shape, nullptr, grid)) < kJoinOverlap)
        continue;
      all.push_back({text("join %zu, %zu", i, j), joined_parts(model, i, j), bar_of_change(search, Care::fine)});
    }
  if (all.size() > kSmallerTries) all.resize(kSmallerTries);
  return all;
}

}  // namespace

void shrink(Search& search) {
  bool smaller = true;
  while (smaller && search.best.model.parts.size() > 1) {
    smaller = false;
    for (const auto& s : smaller_models(search)) {
      const Fitted fit =
          fitted(search, softened(s.model, search), Care::fine, search.best.objective - kHopelesslySmall);
      if (!take_if_it_does(search, fit, s.what, s.bar)) continue;
      smaller = true;
      break;
    }
  }
}

bool join_inside(Search& search) {
  const Model model = search.best.model;
  const Grid grid{search.movie.height, search.movie.width};
  struct Pair {
    double overlap;
    std::size_t i, j;
  };
  std::vector<Pair> pairs;
  std::vector<std::vector<double>> weights;
  for (const auto& part : model.parts) weights.push_back(shape_weights(part.shape, model.shared_surround(), grid));
  for (std::size_t i = 0; i < model.parts.size(); ++i)
    for (std::size_t j = i + 1; j < model.parts.size(); ++j) {
      const Part &a = model.parts[i], &b = model.parts[j];
      if (a.sign != b.sign || a.response != b.response || a.shape.inner.size() + b.shape.inner.size() > 2) continue;
      const double o = overlap(weights[i], weights[j]);
      if (o > kInsideOverlap && overlap(a.mix, b.mix) > kInsideMix) pairs.push_back({o, i, j});
    }
  std::ranges::stable_sort(pairs, [](const Pair& a, const Pair& b) { return a.overlap > b.overlap; });
  if (pairs.size() > kInsideTries) pairs.resize(kInsideTries);
  for (const auto& pair : pairs) {
    const auto place =
        text("inside %.0f %.0f %.0f %.0f", model.parts[pair.i].shape.centre.x, model.parts[pair.i].shape.centre.y,
             model.parts[pair.j].shape.centre.x, model.parts[pair.j].shape.centre.y);
    const auto before = search.refused.find(place);
    if (before != search.refused.end() && before->second > kClearlyTwo * dispersion_of(search.best)) continue;
    Model m = model;
    Part a = m.parts[pair.i], b = m.parts[pair.j];
    if (b.weight() > a.weight()) std::swap(a, b);
    const double ratio = b.weight() / std::max(a.weight(), 1e-300);
    const auto& g = b.shape.centre;
    a.shape.inner.push_back({ratio, g.x, g.y, (g.log_a + g.log_b) / 2});
    for (const auto& inner : b.shape.inner)
      a.shape.inner.push_back({ratio * inner.weight, inner.x, inner.y, inner.log_size});
    for (std::size_t k = 0; k < a.mix.size(); ++k) a.mix[k] = kJoinedWeight * (a.mix[k] + b.mix[k]);
    m.parts[pair.i] = a;
    m = without_part(m, pair.j);
    const Fitted fit = fitted(search, m, Care::fine, search.best.objective - kHopelesslySmall);
    if (take_if_it_does(search, fit, text("join inside %zu, %zu", pair.i, pair.j), bar_of_change(search, Care::fine)))
      return true;
    search.refused[place] = -search.tried.back().gain.nats;
  }
  return false;
}

bool join_polarities(Search& search) {
  if (!search.settings.both_polarities) return false;
  const Model model = search.best.model;
  const Grid grid{search.movie.height, search.movie.width};
  for (std::size_t i = 0; i < model.parts.size(); ++i)
    for (std::size_t j = i + 1; j < model.parts.size(); ++j) {
      const Part &a = model.parts[i], &b = model.parts[j];
      if (a.sign != b.sign || a.even() || b.even() || overlap(a.mix, b.mix) > -kJoinMix) continue;
      if (overlap(shape_weights(a.shape, nullptr, grid), shape_weights(b.shape, nullptr, grid)) < kTwinOverlap)
        continue;
      Model m = model;
      Part& twin = m.parts[i];
      twin.response = Response::even;
      for (std::size_t k = 0; k < twin.mix.size(); ++k) twin.mix[k] = (a.mix[k] - b.mix[k]) / 2;
      m = without_part(m, j);
      const Fitted fit = fitted(search, m, Care::fine, search.best.objective - kHopelesslySmall);
      if (take_if_it_does(search, fit, text("both polarities %zu, %zu", i, j), bar_of_change(search, Care::fine)))
        return true;
    }
  return false;
}

bool add_inner(Search& search) {
  const Model& model = search.best.model;
  const double size = std::exp(model.log_size), inner_log_size = model.log_size - kInnerStartSmaller;
  struct Place {
    std::size_t part;
    Gaussian at;
  };
  std::vector<Place> places;
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    const Part& part = model.parts[i];
    if (part.shape.inner.size() >= kMostInnerCount || part.sign < 0) continue;
    for (double dy = -kInnerField; dy <= kInnerField; dy += kInnerSpacing)
      for (double dx = -kInnerField; dx <= kInnerField; dx += kInnerSpacing) {
        const double x = part.shape.centre.x + dx * size, y = part.shape.centre.y + dy * size;
        if (std::hypot(dx, dy) > kInnerField + 0.2 || x < 0 || y < 0 || x >= static_cast<double>(search.movie.width) ||
            y >= static_cast<double>(search.movie.height))
          continue;
        places.push_back({i, {x, y, inner_log_size, inner_log_size, 0}});
      }
  }
  const Grid grid{search.movie.height, search.movie.width};
  const Basis& basis = model.basis;
  std::vector<PixelWeights> columns;
  for (const auto& place : places) columns.push_back(pixel_weights(place.at, grid));
  std::vector<std::vector<float>> taps;
  for (const auto& part : model.parts) taps.push_back(newest_last(basis.mixed(part.mix), basis.channels, basis.lags));
  const Movie& movie = search.movie;
  const auto scores = row_scores(
      search.best, search.seen(), places.size(),
      [&](std::size_t, const BlockFrames& frames, BlockSpace& space, float* rows) {
        const std::size_t n = frames.frames, stride = movie.stride();
        float* seen_by = space.projected.at_least(basis.channels * stride);
        for (std::size_t i = 0; i < places.size(); ++i) {
          see_through(columns[i], movie, frames.movie, seen_by, space.from);
          filter_channels(taps[places[i].part], basis.channels, basis.lags, seen_by, stride, n, rows + i * n);
          kernels::multiply_row(rows + i * n, frames.bend.row(places[i].part), n, false, rows + i * n);
        }
      },
      search.context);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < places.size(); ++i) order.push_back(i);
  std::ranges::stable_sort(order, [&](auto a, auto b) { return std::abs(scores[a].z) > std::abs(scores[b].z); });
  const double least = kInnerGate * std::sqrt(dispersion_of(search.best));
  std::vector<std::size_t> met(model.parts.size(), 0);
  int tries = 0;
  for (const auto i : order) {
    if (std::abs(scores[i].z) < least || tries >= kTries) break;
    const auto& place = places[i];
    if (++met[place.part] > 2) continue;
    const auto name = text("inner %zu %.0f %.0f", place.part, place.at.x, place.at.y);
    const auto before = search.refused.find(name);
    if (before != search.refused.end() && std::abs(scores[i].z) < before->second + kScoreGrown) continue;
    ++tries;
    Model m = model;
    m.parts[place.part].shape.inner.push_back({std::copysign(kInnerStartWeight, scores[i].z * m.parts[place.part].sign),
                                               place.at.x, place.at.y, inner_log_size});
    const auto what =
        text("inner %s in %zu at %.1f, %.1f", scores[i].z > 0 ? "+" : "-", place.part, place.at.x, place.at.y);
    if (take_if_it_pays(search, fitted(search, m, Care::fine, search.best.objective - kHopeless), what,
                        std::abs(scores[i].z), bar_of_change(search, Care::fine)))
      return true;
    search.refused[name] = std::abs(scores[i].z);
  }
  return false;
}

bool add_surround(Search& search) {
  if (search.best.model.surround) return false;
  Model m = search.best.model;
  m.surround = Surround{kSurroundStart, kLogSurroundRatio};
  return take_if_it_pays(search, fitted(search, m, Care::fine, search.best.objective - kHopeless), "surround", 0,
                         bar_of_change(search, Care::fine));
}

bool free_power(Search& search) {
  if (search.best.model.log_power.free) return false;
  Model m = search.best.model;
  m.log_power.free = true;
  return take_if_it_pays(search, fitted(search, m, Care::fine, search.best.objective - kHopeless), "power", 0,
                         kBarOfNumber * dispersion_of(search.best));
}

bool free_expansion(Search& search) {
  if (search.best.model.log_expansion.free) return false;
  Model m = search.best.model;
  m.log_expansion.free = true;
  return take_if_it_pays(search, fitted(search, m, Care::fine, search.best.objective - kHopeless), "expansion", 0,
                         kBarOfNumber * dispersion_of(search.best));
}

bool add_covariates(Search& search, const Covariates& rows, const std::string& name) {
  const auto count = static_cast<double>(rows.rows.size());
  const double chi = joint_score(search.best, search.seen(), rows, search.context);
  if (chi < kCovariateGate + 2 * count) return false;
  const Covariates before = search.covariates;
  search.covariates = joined(std::move(search.covariates), rows);
  Model m = search.best.model;
  m.gains.resize(m.gains.size() + rows.rows.size(), 0.0);
  const bool taken = take_if_it_pays(search, fitted(search, m, Care::fine, search.best.objective - kHopeless), name,
                                     std::sqrt(chi), (kBarOfNumber + count) * dispersion_of(search.best));
  if (!taken) search.covariates = before;
  return taken;
}

void renew_divisive(Search& search) {
  for (std::size_t j = 0; j < search.covariates.what.size(); ++j) {
    if (search.covariates.what[j].kind != CovariateKind::divisive) continue;
    Model bare = search.best.model;
    bare.gains.clear();
    const auto renewed = divisive_covariate(search.movie, model_rates(bare, search.seen(), search.context));
    search.covariates.what[j] = renewed.what[0];
    search.covariates.rows[j] = renewed.rows[0];
    search.best = fitted(search, search.best.model, Care::fine);
  }
}

bool add_missing(Search& search, const Missing& missing) {
  const Model& model = search.best.model;
  const bool subunit = missing.kind == MissingKind::subunit;
  if (subunit ? model.parts.size() >= search.settings.most_parts || (missing.sign < 0 && !search.settings.suppression)
              : !search.settings.shapes)
    return false;
  std::optional<Model> candidate = with_missing(model, missing, search.settings.functions);
  if (!candidate) return false;
  if (subunit) set_weight(*candidate, missing.score);
  const double functions = static_cast<double>(candidate->basis.count() - model.basis.count());
  const double bar = subunit ? bar_of_new(search.best.model, missing.looked_at, search.best.dispersion) +
                                   functions * dispersion_of(search.best)
                             : bar_of_change(search, Care::fine);
  return take_if_it_pays(search, fitted(search, *candidate, Care::fine, search.best.objective - kHopeless),
                         "missing: " + in_words(missing), std::abs(missing.score.z), bar);
}

bool refit_basis(Search& search) {
  const BasisRefit refit = refitted_basis(search.best, search.seen(), search.settings.functions, search.context);
  Fitted fit = fitted(search, refit.model, Care::fine);
  const HeldOutGain gain = held_out_gain(fit, search.best);
  const bool taken = gain.nats > 0;
  search.tried.push_back(
      {text("temporal functions %zu to %zu", search.best.model.basis.count(), refit.model.basis.count()),
       search.best.model.parts.size(), 0, gain, taken});
  if (taken) search.best = std::move(fit);
  return taken;
}

}  // namespace plexiform::reveal
