#include "plexiform/transfer/cell_transfer.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/fit/fit_cell.hpp"
#include "plexiform/fit/fit_recording.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/fit/score_cell.hpp"
#include "plexiform/progress/work.hpp"
#include "plexiform/score/bits.hpp"
#include "plexiform/score/student.hpp"
#include "plexiform/transfer/cluster_order.hpp"
#include "plexiform/transfer/refit_output.hpp"
#include "plexiform/transfer/spread_share.hpp"

namespace plexiform {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kAlpha = 0.05;
constexpr std::int64_t kLongestLane = 128;

CrossMatrix empty_matrix(std::int64_t n) {
  const NdArray<double> nothing({n, n}, kNan);
  return {nothing, nothing, nothing, nothing, nothing, nothing};
}

/// Log-likelihoods of blocks, nats, without log n!.
std::vector<double> nats_of_blocks(std::span<const double> rate, std::span<const double> counts,
                                   std::span<const Range> blocks) {
  std::vector<double> nats;
  for (const Range& block : blocks) {
    const auto begin = static_cast<std::size_t>(block.begin), size = static_cast<std::size_t>(block.size());
    nats.push_back(bits_sums(rate.subspan(begin, size), counts.subspan(begin, size)).nats());
  }
  return nats;
}

class CellCrosser {
 public:
  CellCrosser(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
              const CellTransferOptions& options, const TransferHooks& hooks)
      : recording_(recording),
        info_(info),
        options_(options),
        stop_(hooks.stop),
        split_(run_split(info, recording)),
        work_("transfer", "model", cell_pieces(info, recording), {hooks.progress, hooks.piece, hooks.log}) {
    if (split_.test().empty())
      throw Error(ErrorKind::data, "the run has no test block to test models of other cells on",
                  "fit without --test none");
    result_.refit = options.refit;
    for (const auto cell : info.cells) load(run, cell);
    if (fits_.size() < 2)
      throw Error(ErrorKind::data,
                  "the run has " + std::to_string(fits_.size()) + " cells with a fitted network, expected two or more",
                  "a transfer between cells needs several: fit --cells 0,3-7");
  }

  CellTransfer run() {
    const auto begun = std::chrono::steady_clock::now();
    work_.run([this] { cross(); });
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return std::move(result_);
  }

 private:
  void cross() {
    read_movies();
    const auto n = static_cast<std::int64_t>(fits_.size());
    result_.in_place = empty_matrix(n);
    result_.moved = empty_matrix(n);
    predict_own();
    for (const auto& [cell, why] : result_.left_out) work_.end(piece_of(cell), {0, why});
    each_model([this](std::size_t model, Stepper& stepper) { one_model(model, stepper); });
    conclude();
  }

  void load(const std::filesystem::path& run, std::int64_t cell) {
    const auto folder = cell_folder(run, cell);
    try {
      if (const auto error = cell_error(folder)) throw Error(ErrorKind::data, *error);
      CellFit fit = load_cell_fit(folder, cell);
      require_grid(fit, recording_);
      fits_.push_back(std::move(fit));
      result_.cells.push_back(cell);
      result_.names.push_back(recording_.names[static_cast<std::size_t>(cell)]);
    } catch (const Error& error) {
      result_.left_out.emplace_back(cell, error.what());
    }
  }

  /// The test block, and the frames that outputs are fitted to, through the window of every cell: one pass each.
  void read_movies() {
    work_.say("reading the stimulus");
    std::vector<Window> windows;
    for (const auto& fit : fits_) windows.push_back(fit.window.window);
    const auto refit = spread_share(split_.train(), options_.refit, kScoreBlockFrames);
    result_.refit_frames = total(refit);
    if (options_.refit > 0 && refit.empty())
      throw Error(ErrorKind::data,
                  "a share of " + std::to_string(options_.refit) + " of the training blocks holds no frame",
                  "use a larger share, or none: --refit 0");
    const auto lags = fits_.front().network.settings.lags;
    const auto tiles = [&](const std::vector<Range>& bins) {
      return make_tiles(*recording_.stimulus, windows, lags, make_chunks(recording_, bins, kLongestLane), 0,
                        TileStore::kBytesInMemory, stop_);
    };
    test_ = tiles(split_.test());
    refit_ = tiles(refit);
    for (const auto& fit : fits_) {
      test_counts_.push_back(counts(fit.cell, split_.test()));
      refit_counts_.push_back(counts(fit.cell, refit));
      double spikes = 0;
      for (const double c : test_counts_.back()) spikes += c;
      result_.spikes.push_back(spikes);
    }
    blocks_ = blocks_of(total(split_.test()), kScoreBlockFrames);
  }

  std::vector<double> counts(std::int64_t cell, const std::vector<Range>& bins) const {
    std::vector<double> all;
    const auto row = recording_.counts.row(cell);
    for (const Range& range : bins) all.insert(all.end(), row.begin() + range.begin, row.begin() + range.end);
    return all;
  }

  /// Threads take whole models.
  void each_model(const std::function<void(std::size_t, Stepper&)>& what) {
    parallel_each(static_cast<std::int64_t>(fits_.size()), options_.threads, [&](std::int64_t i) {
      at::set_num_threads(1);
      Stepper stepper(1, 0);
      what(static_cast<std::size_t>(i), stepper);
    });
  }

  void predict_own() {
    own_rates_.resize(fits_.size());
    each_model([this](std::size_t i, Stepper& stepper) {
      own_rates_[i] = changed_rates(fits_[i].network, drives(stepper, fits_[i].network, test_[i]), {});
    });
    own_nats_.resize(fits_.size());
    for (std::size_t i = 0; i < fits_.size(); ++i) {
      if (result_.spikes[i] == 0) continue;
      own_nats_[i] = nats_of_blocks(own_rates_[i], test_counts_[i], blocks_);
    }
  }

  /// What a model makes of frames, as its filters have it.
  struct Drives {
    std::vector<double> test, refit;
  };
  Drives drives_at(std::size_t model, std::size_t window, Stepper& stepper) const {
    Drives all{drives(stepper, fits_[model].network, test_[window]), {}};
    if (options_.refit > 0) all.refit = drives(stepper, fits_[model].network, refit_[window]);
    return all;
  }

  void one_model(std::size_t model, Stepper& stepper) {
    const std::size_t piece = piece_of(fits_[model].cell);
    work_.begin(piece);
    const Drives in_place = drives_at(model, model, stepper);
    for (std::size_t cell = 0; cell < fits_.size(); ++cell) {
      if (stop_.stop_requested()) throw Interrupted();
      set_pair(result_.in_place, model, cell, in_place);
      set_pair(result_.moved, model, cell, drives_at(model, cell, stepper));
      work_.move(piece, static_cast<double>(cell + 1) / static_cast<double>(fits_.size()));
    }
    work_.end(piece, {work_.seconds(piece), "", figures_of(model)});
  }

  /// How well a model does on its own cell and, on average, on the others.
  std::vector<Figure> figures_of(std::size_t model) const {
    double others = 0, n = 0;
    const auto row = result_.moved.bits.row(static_cast<std::int64_t>(model));
    for (std::size_t cell = 0; cell < row.size(); ++cell)
      if (cell != model && std::isfinite(row[cell])) others += row[cell], n += 1;
    return {{kTestBits, row[model]}, {kBitsElsewhere, others / n}};
  }

  void set_pair(CrossMatrix& matrix, std::size_t model, std::size_t cell, const Drives& of) const {
    if (result_.spikes[cell] == 0) return;  // nothing to be predicted
    const auto& counts = test_counts_[cell];
    const auto at = [&](NdArray<double>& part) -> double& { return part.values[model * fits_.size() + cell]; };
    try {
      const Network& network = fits_[model].network;
      OutputChange change;
      if (model != cell && options_.refit > 0) change = refit_output(network, of.refit, refit_counts_[cell]);
      const auto rate = changed_rates(network, of.test, change);
      require_rates(rate, counts);
      at(matrix.cc) = correlation(rate, counts);
      at(matrix.bits) = bits_per_spike(rate, counts);
      if (model == cell) return;
      at(matrix.own_ahead) = bits_per_spike(own_rates_[cell], counts) - at(matrix.bits);
      const Interval interval = bits_difference_interval(own_rates_[cell], rate, counts, blocks_, options_.seed);
      at(matrix.low) = interval.low;
      at(matrix.high) = interval.high;
      at(matrix.p) = chance(paired_difference(own_nats_[cell], nats_of_blocks(rate, counts, blocks_)));
    } catch (const Error&) {  // a rate that is not finite, or no likelihood: no score
    }
  }

  /// P of a difference as large as this, or larger, where there is none.
  double chance(const PairedDifference& ahead) const {
    const auto freedom = static_cast<int>(blocks_.size()) - 1;
    if (freedom < 1 || !(ahead.error > 0)) return kNan;
    const double t = ahead.sum / ahead.error, tail = student_tail(std::abs(t), freedom);
    return t > 0 ? tail : 1 - tail;
  }

  void conclude() {
    const std::size_t n = fits_.size();
    for (CrossMatrix* matrix : {&result_.in_place, &result_.moved})
      for (std::size_t cell = 0; cell < n; ++cell) {
        std::vector<double> p(n);
        for (std::size_t i = 0; i < n; ++i) p[i] = matrix->p.values[i * n + cell];
        p = holm_adjusted(p);
        for (std::size_t i = 0; i < n; ++i) matrix->p.values[i * n + cell] = p[i];
      }
    for (std::size_t cell = 0; cell < n; ++cell) result_.others.push_back(best_other(cell));
    result_.order = cluster_order(likeness());
  }

  BestOther best_other(std::size_t cell) const {
    const std::size_t n = fits_.size();
    BestOther best;
    best.own_exceeds = true;
    double highest = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < n; ++i) {
      if (i == cell) continue;
      const double bits = result_.moved.bits.values[i * n + cell], p = result_.moved.p.values[i * n + cell];
      if (std::isnan(bits)) continue;
      best.own_exceeds = best.own_exceeds && p <= kAlpha;
      if (bits > highest) highest = bits, best.model = static_cast<std::int64_t>(i);
    }
    best.own_exceeds = best.own_exceeds && best.model >= 0;
    return best;
  }

  /// How well two cells' models stand in for each other: mean of the two correlations, each over the own one.
  NdArray<double> likeness() const {
    const auto n = static_cast<std::int64_t>(fits_.size());
    NdArray<double> all({n, n}, kNan);
    const auto& cc = result_.moved.cc;
    constexpr double kLeast = 0.05;  // an own model below this says nothing about how well another one does
    const auto share = [&](std::int64_t model, std::int64_t cell) {
      const double own = cc.row(cell)[static_cast<std::size_t>(cell)];
      return own > kLeast ? cc.row(model)[static_cast<std::size_t>(cell)] / own : kNan;
    };
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j) all.row(i)[static_cast<std::size_t>(j)] = (share(i, j) + share(j, i)) / 2;
    return all;
  }

  std::size_t piece_of(std::int64_t cell) const {
    return static_cast<std::size_t>(std::ranges::find(info_.cells, cell) - info_.cells.begin());
  }

  const Recording& recording_;
  const RunInfo& info_;
  const CellTransferOptions& options_;
  const std::stop_token stop_;
  Split split_;
  Work work_;
  std::vector<CellFit> fits_;
  std::vector<TileSet> test_, refit_;  ///< [cell], through its window
  std::vector<std::vector<double>> test_counts_, refit_counts_, own_rates_, own_nats_;
  std::vector<Range> blocks_;
  CellTransfer result_;
};

}  // namespace

CellTransfer transfer_between_cells(const std::filesystem::path& run, const RunInfo& info, const Recording& recording,
                                    const CellTransferOptions& options, const TransferHooks& hooks) {
  if (!(options.refit >= 0 && options.refit <= 1))
    throw Error(ErrorKind::usage, "refit is " + std::to_string(options.refit) + ", expected a share from 0 to 1");
  at::NoGradGuard no_gradient;
  return CellCrosser(run, info, recording, options, hooks).run();
}

}  // namespace plexiform
