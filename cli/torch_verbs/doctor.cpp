#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "plexiform/base/parallel.hpp"
#include "plexiform/compute/kernels.hpp"
#include "plexiform/model/movie_conv.hpp"
#include "plexiform/model/output.hpp"
#include "plexiform/stimulus/ran1.hpp"
#include "verbs.hpp"

namespace {

struct Check {
  std::string name;
  bool passed;
  std::string detail;
};

Check convolution_agrees() {
  at::manual_seed(1);
  const at::Tensor block = at::randn({40, 1, 9, 8}), spatial = at::randn({2, 1, 3, 3}), temporal = at::randn({2, 5});
  const at::Tensor full = temporal.view({2, 5, 1, 1, 1}) * spatial.unsqueeze(1);
  const at::Tensor reference = plexiform::movie_conv_reference(block, full, 1);
  const double worst =
      std::max((plexiform::movie_conv(block, full, 1) - reference).abs().max().item<double>(),
               (plexiform::separable_movie_conv(block, spatial, temporal, 1) - reference).abs().max().item<double>());
  char text[64];
  std::snprintf(text, sizeof text, "greatest difference to the reference %.1e", worst);
  return {"movie convolution", worst < 1e-4, text};
}

Check ran1_agrees() {
  plexiform::Ran1 random(-10000);
  const float first = random.next(), second = random.next();
  return {"ran1 replay", first == 0.189622989F && second == 0.645137077F, "first values of seed -10000"};
}

Check output_is_stable() {
  const double low = plexiform::log_softplus(at::tensor({-200.0F})).item<double>();
  return {"log rate far below 0", std::abs(low + 200) < 1e-3, "log softplus(-200)"};
}

}  // namespace

int doctor_verb(const DoctorOptions& options, const Caller& caller) {
  if (options.bench == "machine") return bench_machine(caller);
  if (options.bench == "step") return bench_step(options, caller);
  const std::vector<Check> checks = {convolution_agrees(), ran1_agrees(), output_is_stable()};
  bool all = true;
  auto list = nlohmann::json::array();
  for (const auto& check : checks) {
    all = all && check.passed;
    list.push_back({{"check", check.name}, {"passed", check.passed}, {"detail", check.detail}});
  }
  if (caller.common.json) {
    std::printf("%s\n", nlohmann::json({{"cores", plexiform::default_threads()},
                                        {"torch", TORCH_VERSION},
                                        {"cpu_capability", at::get_cpu_capability()},
                                        {"kernels", plexiform::kernels::instruction_set()},
                                        {"instruction_sets", plexiform::kernels::instruction_sets()},
                                        {"checks", list},
                                        {"passed", all}})
                            .dump()
                            .c_str());
    return all ? 0 : 1;
  }
  std::string sets;
  for (const auto& set : plexiform::kernels::instruction_sets()) sets += (sets.empty() ? "" : ", ") + set;
  std::printf("cores                  %d\ntorch                  %s, %s\nkernels                %s (of %s)\n",
              plexiform::default_threads(), TORCH_VERSION, at::get_cpu_capability().c_str(),
              plexiform::kernels::instruction_set(), sets.c_str());
  for (const auto& check : checks)
    std::printf("%-22s %s: %s\n", check.name.c_str(), check.passed ? "ok" : "FAILED", check.detail.c_str());
  return all ? 0 : 1;
}
