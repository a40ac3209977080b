#include "verbs.hpp"

#include <unistd.h>

#include <cstdio>

#include "torch_verbs.hpp"

void remark(const std::string& text) {
  std::fprintf(stderr, "%s%s\n", isatty(STDERR_FILENO) != 0 ? "\r\033[K" : "", text.c_str());
}

/// The one name that the program looks up.
extern "C" const TorchVerbs* plexiform_torch_verbs() {
  static const TorchVerbs verbs{fit_verb, score_verb, predict_verb, reveal_verb, demo_verb, doctor_verb};
  return &verbs;
}
