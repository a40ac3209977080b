#include "plexiform/classical/factorise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/base/streams.hpp"

namespace plexiform {
namespace {

using namespace thresholds::classical;

/// Pixels are padded to a multiple of this, so that the compiler knows the length of the innermost loops.
constexpr std::int64_t kBlock = 8;
constexpr std::int64_t kRefreshEvery = 100;  ///< iterations after which A C is computed anew against rounding

/// Rows of padded pixels, one per module.
struct Rows {
  std::int64_t count = 0;
  std::int64_t length = 0;  ///< padded
  std::vector<double> values;

  Rows(std::int64_t n, std::int64_t padded) : count(n), length(padded) {
    values.assign(static_cast<std::size_t>(n * padded), 0.0);
  }
  double* row(std::int64_t j) { return values.data() + j * length; }
  const double* row(std::int64_t j) const { return values.data() + j * length; }
  at::Tensor view() { return at::from_blob(values.data(), {count, length}, at::kDouble); }
};

double dot(const double* a, const double* b, std::int64_t length) {
  std::array<double, kBlock> sums{};
  for (std::int64_t p = 0; p < length; p += kBlock)
    for (std::int64_t i = 0; i < kBlock; ++i) sums[static_cast<std::size_t>(i)] += a[p + i] * b[p + i];
  double sum = 0;
  for (const double s : sums) sum += s;
  return sum;
}

/// out = base - sum_{k != skip} factor[k] rows[k], then finish(out value).
template <class Finish>
void subtract_others(const double* base, const double* factor, const Rows& rows, std::int64_t skip, double* out,
                     Finish finish) {
  for (std::int64_t p = 0; p < rows.length; p += kBlock) {
    double sum[kBlock];
    for (std::int64_t i = 0; i < kBlock; ++i) sum[i] = base[p + i];
    for (std::int64_t k = 0; k < rows.count; ++k) {
      if (k == skip) continue;
      const double f = factor[k];
      const double* row = rows.row(k) + p;
      for (std::int64_t i = 0; i < kBlock; ++i) sum[i] -= f * row[i];
    }
    for (std::int64_t i = 0; i < kBlock; ++i) out[p + i] = finish(sum[i]);
  }
}

/// All products of rows, [count, count].
void gram(const Rows& a, const Rows& b, std::vector<double>& out) {
  for (std::int64_t j = 0; j < a.count; ++j)
    for (std::int64_t k = j; k < a.count; ++k) {
      const double product = dot(a.row(j), b.row(k), a.length);
      out[static_cast<std::size_t>(j * a.count + k)] = product;
      out[static_cast<std::size_t>(k * a.count + j)] = product;
    }
}

/// The state of a factorisation: modules, readout, and their products with the moment.
class Factoriser {
 public:
  Factoriser(const at::Tensor& moment, const at::Tensor& start, double sparsity)
      : pixels_(start.size(1)),
        modules_of_(start.size(0)),
        length_((pixels_ + kBlock - 1) / kBlock * kBlock),
        sparsity_(sparsity),
        moment_(at::zeros({length_, length_}, at::kDouble)),
        modules_(modules_of_, length_),
        readout_(modules_of_, length_),
        moment_modules_(modules_of_, length_),
        moment_readout_(modules_of_, length_),
        before_(modules_of_, length_),
        overlap_(static_cast<std::size_t>(modules_of_ * modules_of_)),
        encoding_overlap_(overlap_.size()) {
    moment_.narrow(0, 0, pixels_).narrow(1, 0, pixels_).copy_(moment);
    trace_ = moment_.trace().item<double>();
    modules_.view().narrow(1, 0, pixels_).copy_(start.clamp_min(0));
    readout_.view().narrow(1, 0, pixels_).copy_(least_squares_readout(moment, start.clamp_min(0)));
    refresh();
    gram(modules_, modules_, overlap_);
  }

  /// Products with the moment, anew.
  void refresh() {
    at::Tensor product = moment_readout_.view();
    at::mm_out(product, readout_.view(), moment_);
    gram(readout_, moment_readout_, encoding_overlap_);
  }

  double objective() const {
    double value = trace_ / 2;
    for (std::int64_t j = 0; j < modules_of_; ++j) value -= dot(modules_.row(j), moment_readout_.row(j), length_);
    for (std::size_t i = 0; i < overlap_.size(); ++i) value += overlap_[i] * encoding_overlap_[i] / 2;
    for (const double m : modules_.values) value += sparsity_ * m;
    return value;
  }

  /// Sweeps over the modules until they stop moving, at most as many as cost as much as half a product with the moment.
  void improve_modules() {
    const auto most =
        static_cast<std::int64_t>(1.5 + 0.5 * static_cast<double>(pixels_) / static_cast<double>(modules_of_ + 1));
    double first = 0;
    for (std::int64_t sweep = 0; sweep < most; ++sweep) {
      const double change = sweep_modules();
      if (sweep == 0) first = kInnerShare * change;
      if (sweep > 0 && change <= first) break;
    }
    gram(modules_, modules_, overlap_);
  }

  /// Encodings one by one, each the best while the others stay.
  void improve_encodings() {
    multiply_modules();
    for (std::int64_t sweep = 0; sweep < kEncodingSweeps; ++sweep)
      for (std::int64_t j = 0; j < modules_of_; ++j) improve_encoding(j);
    gram(readout_, moment_readout_, encoding_overlap_);
  }

  /// Encodings together, by least squares, then scaled to unit norm. The scaling may raise the objective, which the
  /// modules then make good nearly always. False, with nothing changed, where a module is zero or depends on others.
  bool renew_encodings() {
    multiply_modules();
    const at::Tensor overlap = at::from_blob(overlap_.data(), {modules_of_, modules_of_}, at::kDouble);
    const auto [factor, failed] = at::linalg_cholesky_ex(overlap);
    if (failed.item<int>() != 0) return false;
    const at::Tensor readout = at::cholesky_solve(modules_.view(), factor);
    const at::Tensor product = at::cholesky_solve(moment_modules_.view(), factor);
    const at::Tensor square = (readout * product).sum(1, true);
    if (!(square > 0).all().item<bool>()) return false;
    readout_.view().copy_(readout / square.sqrt());
    moment_readout_.view().copy_(product / square.sqrt());
    gram(readout_, moment_readout_, encoding_overlap_);
    return true;
  }

  at::Tensor modules() { return modules_.view().narrow(1, 0, pixels_).clone(); }
  at::Tensor readout() { return readout_.view().narrow(1, 0, pixels_).clone(); }

 private:
  /// Each module in turn gets its best values; returns the L2 norm of the change.
  double sweep_modules() {
    before_.values = modules_.values;
    for (std::int64_t j = 0; j < modules_of_; ++j) {
      const double* others = encoding_overlap_.data() + j * modules_of_;
      const double scale = 1 / others[j];  // 1 up to rounding
      const double sparsity = sparsity_;
      subtract_others(moment_readout_.row(j), others, modules_, j, modules_.row(j), [=](double v) {
        const double value = (v - sparsity) * scale;
        return value > 0 ? value : 0.0;
      });
    }
    double change = 0;
    for (std::size_t i = 0; i < modules_.values.size(); ++i) {
      const double d = modules_.values[i] - before_.values[i];
      change += d * d;
    }
    return std::sqrt(change);
  }

  void multiply_modules() {
    at::Tensor product = moment_modules_.view();
    at::mm_out(product, modules_.view(), moment_);
  }

  /// The best encoding of unit norm of module j, the others kept. One that no spike depends on stays as it is.
  void improve_encoding(std::int64_t j) {
    const double* others = overlap_.data() + j * modules_of_;
    double* row = before_.row(0);  // scratch
    double* product = before_.row(1);
    const auto keep = [](double v) { return v; };
    subtract_others(modules_.row(j), others, readout_, j, row, keep);
    subtract_others(moment_modules_.row(j), others, moment_readout_, j, product, keep);
    const double square = dot(row, product, length_);
    if (!(square > 1e-20 * trace_ * others[j])) return;
    const double scale = 1 / std::sqrt(square);
    for (std::int64_t p = 0; p < length_; ++p) readout_.row(j)[p] = scale * row[p];
    for (std::int64_t p = 0; p < length_; ++p) moment_readout_.row(j)[p] = scale * product[p];
  }

  std::int64_t pixels_, modules_of_, length_;
  double sparsity_, trace_ = 0;
  at::Tensor moment_;                     // [pixel, pixel], padded
  Rows modules_, readout_;                // M, A
  Rows moment_modules_, moment_readout_;  // M C, A C
  Rows before_;
  std::vector<double> overlap_, encoding_overlap_;  // M M', A C A'
};

void check(const at::Tensor& moment, const at::Tensor& start, const FactoriseSettings& s) {
  if (moment.dim() != 2 || moment.size(0) != moment.size(1) || start.dim() != 2 || start.size(1) != moment.size(0))
    throw InternalError("factorise: moment [pixel, pixel] and start [module, pixel] do not fit");
  if (start.size(0) < 2) throw Error(ErrorKind::numeric, "factorisation: fewer than 2 modules", "ask for 2 or more");
  if (!(s.sparsity >= 0) || s.iterations < 0)
    throw Error(ErrorKind::numeric, "factorisation: sparsity or number of iterations is negative");
  const double trace = moment.trace().item<double>();
  if (!at::isfinite(moment).all().item<bool>() || !(trace > 0))
    throw Error(ErrorKind::numeric,
                "factorisation: the second moment of the spike-triggered ensemble is zero or not finite",
                "check that the cell has spikes and that the stimulus varies in its window");
}

}  // namespace

at::Tensor least_squares_readout(const at::Tensor& moment, const at::Tensor& modules) {
  const at::Tensor c = moment.to(at::kDouble);
  at::Tensor m = modules.to(at::kDouble);
  // A module of zeros gets the encodings of a flat one, so that it can come back.
  const at::Tensor empty = m.abs().sum(1, true) == 0;
  m = at::where(empty, at::full_like(m, 1e-16), m);
  const at::Tensor scale = m.norm(2, {1}, true);
  const at::Tensor inverse = at::linalg_pinv((m / scale).t());  // [module, pixel]
  const at::Tensor square = (inverse.mm(c) * inverse).sum(1, true);
  return inverse / square.clamp_min(1e-300).sqrt();
}

double factorisation_objective(const at::Tensor& moment, const at::Tensor& modules, const at::Tensor& readout,
                               double sparsity) {
  const at::Tensor c = moment.to(at::kDouble), m = modules.to(at::kDouble);
  at::Tensor a = readout.to(at::kDouble);
  a = a / (a.mm(c) * a).sum(1, true).sqrt();
  const at::Tensor ac = a.mm(c);
  const at::Tensor value = c.trace() / 2 - (m * ac).sum() + (m.mm(m.t()) * ac.mm(a.t())).sum() / 2 + sparsity * m.sum();
  return value.item<double>();
}

namespace {

/// An iteration with encodings found together; false, with nothing changed, where it does not lower the objective.
bool try_together(Factoriser& state, double before) {
  const Factoriser kept = state;
  if (state.renew_encodings()) {
    state.improve_modules();
    if (state.objective() <= before) return true;
  }
  state = kept;
  return false;
}

}  // namespace

Factorisation factorise(const at::Tensor& moment, const at::Tensor& start, const FactoriseSettings& settings) {
  check(moment, start, settings);
  Factoriser state(moment.to(at::kDouble), start.to(at::kDouble), settings.sparsity);
  Factorisation out;
  out.objective.push_back(state.objective());
  bool together = true;
  for (std::int64_t i = 1; i <= settings.iterations && out.objective.back() > settings.stop_at; ++i) {
    const double before = out.objective.back();
    together = together && i <= kJointIterations && try_together(state, before);
    if (!together) {
      if (i % kRefreshEvery == 0) state.refresh();
      state.improve_encodings();
      state.improve_modules();
    }
    out.objective.push_back(state.objective());
    const bool settled = before - out.objective.back() <= settings.tolerance * (out.objective.front() - before);
    if (settings.tolerance > 0 && settled && !together) break;
    together = together && !(settings.tolerance > 0 && settled);
  }
  out.modules = state.modules();
  out.readout = state.readout();
  return out;
}

at::Tensor svd_start(const at::Tensor& moment, std::int64_t modules, double sparsity) {
  if (modules < 2) throw Error(ErrorKind::numeric, "factorisation: fewer than 2 modules", "ask for 2 or more");
  const std::int64_t pixels = moment.size(0), rank = std::min((modules + 1) / 2, pixels);
  const auto [squares, vectors] = at::linalg_eigh(moment.to(at::kDouble));
  at::Tensor values = squares.narrow(0, pixels - rank, rank).flip(0).clamp_min(0);  // [rank], singular, squared
  at::Tensor axes = vectors.narrow(1, pixels - rank, rank).flip(1).t();             // [rank, pixel]
  const at::Tensor peak = axes.gather(1, axes.abs().argmax(1, true));
  axes = at::where(peak < 0, -axes, axes);
  const at::Tensor scaled = axes * values.pow(0.25).unsqueeze(1);
  at::Tensor start = at::zeros({modules, pixels}, at::kDouble);
  for (std::int64_t j = 0; j < std::min(modules, 2 * rank); ++j)
    start[j] = (j % 2 == 0 ? scaled[j / 2] : -scaled[j / 2]).clamp_min(0);
  Factoriser state(axes.t().mm(axes * values.unsqueeze(1)), start, sparsity);
  state.improve_modules();
  return state.modules();
}

at::Tensor random_start(std::int64_t modules, std::int64_t pixels, std::uint64_t seed, std::uint64_t index) {
  const CounterRandom random(derived_seed(seed, purposes::classical::kStnmf), index);
  at::Tensor start = at::empty({modules, pixels}, at::kDouble);
  double* values = start.data_ptr<double>();
  for (std::int64_t i = 0; i < start.numel(); ++i) values[i] = random.uniform(static_cast<std::uint64_t>(i));
  return start;
}

}  // namespace plexiform
