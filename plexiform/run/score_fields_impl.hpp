#pragma once
#include "plexiform/run/json_fields_impl.hpp"
#include "plexiform/score/cell_score.hpp"

namespace plexiform {

template <class On>
void fields(Reliability& r, const On& on) {
  on("split_half", r.split_half);
  on("of_mean", r.of_mean);
  on("ceiling", r.ceiling);
}

/// What score.json, compare.json and transfer.json say of a model.
template <class On>
void fields(ModelScore& s, const On& on) {
  on("cc", s.cc);
  on("cc_interval", s.cc_interval);
  on("bits_per_spike", s.bits_per_spike);
  on("bits_interval", s.bits_interval);
  on("cc_trial_mean", s.cc_trial_mean);
  on("cc_normalised", s.cc_normalised);
  on("feve", s.feve);
  on("true_rate_cc", s.true_rate_cc);
}

}  // namespace plexiform
