// Our side of bench/peers/stnmf_race.py:
//
//   stnmf_race FOLDER SPARSITY TARGET ITERATIONS THREADS
//
// reads FOLDER/ensemble.npy [spike, pixel] and FOLDER/start.npy [module, pixel], factorises until the objective is no
// larger than TARGET (at most ITERATIONS), and prints one line of JSON: seconds for the second moment and for the
// iterations, their number, the objective reached, and how far our own start by SVD is from the given one. It writes
// FOLDER/modules.npy and FOLDER/readout.npy.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/npy.hpp"
#include "plexiform/classical/factorise.hpp"
#include "plexiform/classical/module_set.hpp"

namespace {

using namespace plexiform;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

at::Tensor load(const std::filesystem::path& path) {
  NdArray<double> array = read_npy(path);
  return at::from_blob(array.values.data(), array.shape, at::kDouble).clone();
}

void save(const std::filesystem::path& path, const at::Tensor& matrix) {
  NdArray<float> array({matrix.size(0), matrix.size(1)});
  at::from_blob(array.values.data(), array.shape, at::kFloat).copy_(matrix);
  write_npy(path, array);
}

void race(const std::filesystem::path& folder, const FactoriseSettings& settings) {
  const at::Tensor ensemble = load(folder / "ensemble.npy").to(at::kFloat);
  const at::Tensor start = load(folder / "start.npy");
  const at::Tensor ones = at::ones({ensemble.size(0)}, at::kFloat);
  auto begun = Clock::now();
  const at::Tensor moment = second_moment(ensemble, ones);
  const double moment_s = seconds_since(begun);
  begun = Clock::now();
  const Factorisation result = factorise(moment, start, settings);
  const double iterations_s = seconds_since(begun);
  begun = Clock::now();
  const at::Tensor own_start = svd_start(moment, start.size(0), settings.sparsity);
  const double start_s = seconds_since(begun);
  save(folder / "modules.npy", result.modules);
  save(folder / "readout.npy", result.readout);
  std::printf(
      "{\"moment_s\": %.6f, \"iterations_s\": %.6f, \"iterations\": %lld, \"objective\": %.9g, \"start_s\": %.6f, "
      "\"start_differs\": %.3g}\n",
      moment_s, iterations_s, static_cast<long long>(result.iterations()), result.objective.back(), start_s,
      ((own_start - start).norm() / start.norm()).item<double>());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: stnmf_race FOLDER SPARSITY TARGET ITERATIONS THREADS\n");
    return 2;
  }
  try {
    FactoriseSettings settings;
    settings.sparsity = std::stod(argv[2]);
    settings.stop_at = std::stod(argv[3]);
    settings.iterations = std::stol(argv[4]);
    at::set_num_threads(std::stoi(argv[5]));
    race(argv[1], settings);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "stnmf_race: %s\n", e.what());
    return 1;
  }
  return 0;
}
