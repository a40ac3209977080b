#include "verbs.hpp"

#include "torch_verbs.hpp"

/// The one name that the program looks up.
extern "C" const TorchVerbs* plexiform_torch_verbs() {
  static const TorchVerbs verbs{fit_verb, score_verb, predict_verb, reveal_verb, demo_verb, doctor_verb};
  return &verbs;
}
