#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/base/random.hpp"
#include "plexiform/compute/machine.hpp"
#include "plexiform/fit/objective.hpp"
#include "plexiform/fit/reference.hpp"
#include "plexiform/fit/train.hpp"
#include "plexiform/model/movie_conv.hpp"
#include "plexiform/model/output.hpp"
#include "plexiform/stimulus/stored.hpp"
#include "verbs.hpp"

namespace {

namespace fs = std::filesystem;
using plexiform::Error;
using plexiform::ErrorKind;

/// "20x8x8" as numbers above 0.
std::vector<std::int64_t> sizes(const std::string& text, const char* option, const char* form, std::size_t count) {
  std::vector<std::int64_t> all;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, 'x');) {
    const bool digits = !part.empty() && part.size() < 7 && part.find_first_not_of("0123456789") == std::string::npos;
    all.push_back(digits ? std::stoll(part) : 0);
  }
  if (text.ends_with('x') || all.size() != count || std::any_of(all.begin(), all.end(), [](auto n) { return n <= 0; }))
    throw Error(ErrorKind::usage, std::string(option) + ": found '" + text + "', expected " + form);
  return all;
}

/// The step's network in the form of the paper: noise, ReLU, a dense layer, softplus, Poisson, penalties.
plexiform::Settings paper_settings(const DoctorOptions& o, const std::vector<std::int64_t>& movie) {
  plexiform::Settings s = plexiform::preset_settings("yan2020");
  s.model.lags = movie[0];
  s.model.window = std::max(movie[1], movie[2]);
  s.model.filters = o.filters;
  s.model.filter_size = o.size;
  s.model.full_window = false;
  s.model.padding = plexiform::Padding::valid;
  s.model.separable = o.separable;
  s.model.noise = 0.1;
  s.model.contrast_scale = 1;
  s.train.batch = o.frames;
  s.train.l1_filter = 5.5e-4, s.train.l2_filter = 1e-3, s.train.l2_map = 1e-3, s.train.l1_activity = 1e-3;
  return s;
}

/// Binary noise and a few spikes in it: what is timed does not depend on the values.
struct Data {
  at::Tensor movie;  ///< [frame with history, 1, height, width]
  std::vector<float> counts;
};
Data make_data(const std::vector<std::int64_t>& movie, std::int64_t frames, std::uint64_t seed) {
  const plexiform::CounterRandom random(seed, 1), spikes(seed, 2);
  Data data;
  data.movie = at::empty({frames + movie[0] - 1, 1, movie[1], movie[2]});
  auto* values = data.movie.data_ptr<float>();
  for (std::int64_t i = 0; i < data.movie.numel(); ++i)
    values[i] = random.uniform(static_cast<std::uint64_t>(i)) < 0.5 ? -1.0F : 1.0F;
  for (std::int64_t t = 0; t < frames; ++t)
    data.counts.push_back(static_cast<float>(spikes.poisson(static_cast<std::uint64_t>(t), 0.1)));
  return data;
}

/// Normal numbers, so small that what they are summed to stays near 1: `name` says what a tensor is.
at::Tensor random_like(const at::Tensor& tensor, std::uint64_t seed, std::uint64_t stream, const std::string& name) {
  const auto summed = name == "map" ? tensor.numel() : tensor.numel() / tensor.size(0);
  const double scale = name == "bias" ? 0.1 : 1 / std::sqrt(static_cast<double>(summed));
  const plexiform::CounterRandom random(seed, stream);
  at::Tensor all = at::empty(tensor.sizes());
  for (std::int64_t i = 0; i < all.numel(); ++i)
    all.data_ptr<float>()[i] = static_cast<float>(scale * random.normal(static_cast<std::uint64_t>(i)));
  return all;
}

void write(const fs::path& folder, const std::string& name, const at::Tensor& tensor) {
  const at::Tensor values = tensor.detach().to(at::kFloat).contiguous();
  plexiform::NdArray<float> array(values.sizes().vec());
  std::copy_n(values.const_data_ptr<float>(), values.numel(), array.values.begin());
  plexiform::write_npy(folder / (name + ".npy"), array);
}

/// One layer: the step that fits take.
class OneLayer {
 public:
  OneLayer(const DoctorOptions& o, const std::vector<std::int64_t>& movie, std::uint64_t seed, int threads)
      : stepper_(threads) {
    Data data = make_data(movie, o.frames, seed);
    movie_ = data.movie;
    counts_ = data.counts;
    const auto lanes = static_cast<std::int64_t>(plexiform::kLanes), longest = lanes * 128;
    const std::vector<plexiform::Chunk> whole = {{0, movie[0] - 1, o.frames}};
    const auto tiles = (o.frames + longest - 1) / longest;
    const plexiform::Window window{0, 0, movie[1], movie[2]};
    plexiform::NdArray<float> frames(movie_.sizes().vec());
    std::copy_n(movie_.const_data_ptr<float>(), movie_.numel(), frames.values.begin());
    set_ = std::move(
        plexiform::make_tiles(*plexiform::memory_stimulus(std::move(frames)), std::span(&window, 1), movie[0],
                              plexiform::cut_chunks(whole, (o.frames + tiles * lanes - 1) / (tiles * lanes)), 0)[0]);
    targets_ = plexiform::make_targets(set_, counts_);
    fit_.settings = paper_settings(o, movie);
    fit_.seed = seed;
    plexiform::Network start = plexiform::make_network(fit_.settings.model, {1, movie[1], movie[2]});
    std::uint64_t stream = 10;
    for (auto& [name, tensor] : plexiform::parameters(start))
      *tensor = name == "output" ? *tensor : random_like(*tensor, seed, stream++, name);
    fit_.state = plexiform::begin_training(start);
    gradient_ = plexiform::zeros_like(start);
    for (std::size_t i = 0; i < set_.tiles.size(); ++i) batch_.push_back(i);
  }

  void step() { plexiform::take_step(fit_, set_, targets_, batch_, 0, stepper_, gradient_); }
  std::string algorithm() const { return plexiform::name(stepper_.algorithm()); }
  double operations() const {
    return static_cast<double>(set_.tiles.size()) *
           plexiform::step_operations(plexiform::layer_weights(fit_.state.network).shape, stepper_.algorithm(),
                                      set_.lane_frames);
  }

  void write_data(const fs::path& folder) {
    plexiform::Network quiet = fit_.state.network;
    quiet.settings.noise = 0;
    const double loss =
        plexiform::objective(stepper_, quiet, set_, targets_, batch_, fit_.settings.train, 0, gradient_);
    write(folder, "movie", movie_);
    write(folder, "counts", at::tensor(counts_));
    write(folder, "loss", at::tensor({loss}));
    for (const auto& [name, tensor] : plexiform::parameters(std::as_const(quiet))) write(folder, name, *tensor);
    for (const auto& [name, tensor] : plexiform::parameters(std::as_const(gradient_)))
      write(folder, "gradient_" + name, *tensor);
  }

 private:
  plexiform::Stepper stepper_;
  at::Tensor movie_;
  std::vector<float> counts_;
  plexiform::TileSet set_;
  std::vector<plexiform::Targets> targets_;
  std::vector<std::size_t> batch_;
  plexiform::Training fit_;
  plexiform::Network gradient_;
};

/// Two layers: the movie convolution, noise, ReLU, a convolution over space, ReLU, then as with one layer; with ATen's
/// automatic gradients and its Adam.
class TwoLayers {
 public:
  TwoLayers(const DoctorOptions& o, const std::vector<std::int64_t>& movie, std::uint64_t seed) {
    const auto second = sizes(o.second, "--second", "filters x side, as in 8x11", 2);
    const auto rows = movie[1] - o.size + 1 - second[1] + 1, columns = movie[2] - o.size + 1 - second[1] + 1;
    if (rows < 1 || columns < 1)
      throw Error(ErrorKind::usage, "--second: filters of " + std::to_string(second[1]) +
                                        " pixels are larger than what the first layer leaves");
    const Data data = make_data(movie, o.frames, seed);
    movie_ = data.movie;
    counts_ = at::tensor(data.counts);
    const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
      names_.push_back(name);
      weights_.push_back(random_like(at::empty(shape), seed, 10 + weights_.size(), name).requires_grad_(true));
    };
    separable_ = o.separable;
    if (separable_) {
      add("spatial", {o.filters, 1, o.size, o.size});
      add("temporal", {o.filters, movie[0]});
    } else {
      add("filter", {o.filters, movie[0], 1, o.size, o.size});
    }
    add("bias", {o.filters});
    add("second", {second[0], o.filters, second[1], second[1]});
    add("map", {second[0], rows, columns});
    names_.push_back("output");
    weights_.push_back(plexiform::initial_output(plexiform::OutputKind::softplus, 0.1, 0).requires_grad_(true));
    for (const auto& w : weights_) {
      first_.push_back(at::zeros_like(w).detach());
      second_.push_back(at::zeros_like(w).detach());
    }
    const auto chosen = [](std::int64_t lags, std::int64_t channels, std::int64_t height, std::int64_t width,
                           std::int64_t filters, std::int64_t side, bool separable) {
      const auto n = [](std::int64_t v) { return static_cast<std::size_t>(v); };
      return plexiform::name(plexiform::choose_algorithm(
          {n(lags), n(channels), n(height), n(width), n(filters), n(side), n(side), 0}, separable));
    };
    algorithm_ = chosen(movie[0], 1, movie[1], movie[2], o.filters, o.size, o.separable) + ", then " +
                 chosen(1, o.filters, movie[1] - o.size + 1, movie[2] - o.size + 1, second[0], second[1], false);
    noise_ = at::detail::createCPUGenerator(seed);
  }

  void step() {
    backward(true);
    at::NoGradGuard no_gradient;
    std::vector<at::Tensor> gradients, counts;
    for (const auto& w : weights_) {
      gradients.push_back(w.grad());
      counts.push_back(at::full({}, static_cast<double>(steps_ + 1), at::kFloat));
    }
    at::_fused_adam_(weights_, gradients, first_, second_, {}, counts, 1e-3, 0.9, 0.999, 0, 1e-8, false, false);
    ++steps_;
  }

  std::string algorithm() const { return algorithm_; }

  void write_data(const fs::path& folder) {
    const double loss = backward(false);
    write(folder, "movie", movie_);
    write(folder, "counts", counts_);
    write(folder, "loss", at::tensor({loss}));
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      write(folder, names_[i], weights_[i]);
      write(folder, "gradient_" + names_[i], weights_[i].grad());
    }
  }

 private:
  double backward(bool with_noise) {
    for (auto& w : weights_) w.mutable_grad() = at::Tensor();
    std::size_t i = 0;
    const auto next = [&]() -> const at::Tensor& { return weights_[i++]; };
    at::Tensor penalty, seen;
    if (separable_) {
      const auto &spatial = next(), &temporal = next();
      seen = plexiform::separable_movie_conv(movie_, spatial, temporal, 0);
      penalty = 5.5e-4 * spatial.abs().sum() + 1e-3 * spatial.square().sum();
    } else {
      const auto& filter = next();
      seen = plexiform::movie_conv(movie_, filter, 0);
      penalty = 5.5e-4 * filter.abs().sum() + 1e-3 * filter.square().sum();
    }
    seen = seen + next().view({1, -1, 1, 1});
    if (with_noise) seen = seen + 0.1 * at::randn(seen.sizes(), noise_, seen.options());
    const auto &second = next(), &map = next(), &output = next();
    const at::Tensor activity = at::relu(plexiform::movie_conv(at::relu(seen), second.unsqueeze(1), 0));
    const at::Tensor drive = at::mv(activity.flatten(1), map.flatten());
    const auto rate = plexiform::output_rate(plexiform::OutputKind::softplus, output, drive);
    const auto bins = static_cast<double>(counts_.size(0));
    const at::Tensor loss = plexiform::reference_poisson_loss(rate, counts_) / bins + penalty +
                            5.5e-4 * second.abs().sum() + 1e-3 * second.square().sum() + 1e-3 * map.square().sum() +
                            1e-3 * activity.abs().sum() / bins;
    loss.backward();
    return loss.item<double>();
  }

  bool separable_ = false;
  at::Tensor movie_, counts_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> weights_, first_, second_;
  at::Generator noise_;
  std::string algorithm_;
  std::int64_t steps_ = 0;
};

/// Milliseconds of each step, after two that warm up.
std::vector<double> time_steps(const std::function<void()>& step, std::int64_t rounds, const std::stop_token& stop) {
  constexpr double kSeconds = 2;
  constexpr std::int64_t kLeast = 5;
  for (int i = 0; i < 2; ++i) step();
  std::vector<double> all;
  double spent = 0;
  while (rounds > 0 ? static_cast<std::int64_t>(all.size()) < rounds
                    : spent < kSeconds * 1000 || static_cast<std::int64_t>(all.size()) < kLeast) {
    if (stop.stop_requested()) throw plexiform::Interrupted();
    const auto begun = std::chrono::steady_clock::now();
    step();
    all.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    spent += all.back();
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// Refuses what no machine holds, before anything is asked for. In double, since any number may have been given.
void check_memory(const DoctorOptions& o, const std::vector<std::int64_t>& movie) {
  constexpr double kMostValues = 1e9;
  const auto n = [](std::int64_t v) { return static_cast<double>(v); };
  const double lags = n(movie[0]), pixels = n(movie[1]) * n(movie[2]), filters = n(o.filters), side = n(o.size);
  const double frames = n(o.frames) + n(plexiform::kLanes) * lags;  // every lane has its history
  double values = frames * pixels * (filters + 1) + 8 * filters * (lags * side * side + pixels);
  if (!o.second.empty()) {
    const auto second = sizes(o.second, "--second", "filters x side, as in 8x11", 2);
    values += n(second[0]) * (frames * pixels + 8 * (filters * n(second[1]) * n(second[1]) + pixels));
  }
  if (values > kMostValues)
    throw Error(ErrorKind::usage, "a step of that size needs more memory than a machine has",
                "fewer --frames, a smaller --movie, or fewer --filters");
}

int threads_of(const Caller& caller) {
  return caller.common.threads > 0 ? caller.common.threads : plexiform::default_threads();
}

}  // namespace

int bench_machine(const Caller& caller) {
  const auto peak = plexiform::measure_machine(threads_of(caller));
  if (caller.common.json)
    std::printf("%s\n", nlohmann::json({{"threads", threads_of(caller)},
                                        {"kernels", plexiform::kernels::instruction_set()},
                                        {"peak_gflops", peak.operations / 1e9},
                                        {"bandwidth_gb_s", peak.bandwidth / 1e9}})
                            .dump()
                            .c_str());
  else
    std::printf("multiply-adds, single precision   %.0f GFLOP/s on %d threads (%s)\nreading memory  %18.1f GB/s\n",
                peak.operations / 1e9, threads_of(caller), plexiform::kernels::instruction_set(), peak.bandwidth / 1e9);
  return 0;
}

int bench_step(const DoctorOptions& options, const Caller& caller) {
  const auto movie = sizes(options.movie, "--movie", "lags x height x width, as in 20x8x8", 3);
  if (options.size > std::min(movie[1], movie[2]))
    throw Error(ErrorKind::usage, "--size: filters of " + std::to_string(options.size) + " pixels on a movie of " +
                                      std::to_string(movie[1]) + " x " + std::to_string(movie[2]));
  check_memory(options, movie);
  at::set_num_threads(threads_of(caller));
  const auto seed = caller.common.seed_or_zero();
  std::vector<double> times;
  std::string algorithm;
  double operations = 0;
  const auto run = [&](auto& bench) {
    if (!options.data.empty()) {
      plexiform::make_folders(options.data);
      bench.write_data(options.data);
    }
    times = time_steps([&] { bench.step(); }, options.rounds, caller.stop);
  };
  if (options.second.empty()) {
    OneLayer bench(options, movie, seed, threads_of(caller));
    run(bench);
    algorithm = bench.algorithm();
    operations = bench.operations();
  } else {
    TwoLayers bench(options, movie, seed);
    run(bench);
    algorithm = bench.algorithm();
  }
  const double median = times[times.size() / 2];
  if (caller.common.json) {
    nlohmann::json out = {
        {"step_ms", median},      {"fastest_ms", times.front()},   {"steps", times.size()},
        {"algorithm", algorithm}, {"threads", threads_of(caller)}, {"kernels", plexiform::kernels::instruction_set()}};
    if (operations > 0) out["gflops"] = operations / median / 1e6;
    std::printf("%s\n", out.dump().c_str());
  } else {
    std::printf("step        %.3f ms (median of %zu; fastest %.3f), %d threads\nalgorithm   %s\n", median, times.size(),
                times.front(), threads_of(caller), algorithm.c_str());
  }
  return 0;
}
