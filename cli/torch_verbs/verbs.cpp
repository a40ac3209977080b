#include "verbs.hpp"

#include <malloc.h>
#include <unistd.h>

#include <cstdio>

#include "torch_verbs.hpp"

void remark(const std::string& text) {
  std::fprintf(stderr, "%s%s\n", isatty(STDERR_FILENO) != 0 ? "\r\033[K" : "", text.c_str());
}

/// The one name that the program looks up.
extern "C" const TorchVerbs* plexiform_torch_verbs() {
  // Tensors of many megabytes come and go in every step: asked from the system each time, clearing their pages takes
  // longer than the work on them.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  static const TorchVerbs verbs{fit_verb,   score_verb,    predict_verb, reveal_verb, compare_verb,
                                study_verb, transfer_verb, demo_verb,    doctor_verb};
  return &verbs;
}
