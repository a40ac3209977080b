#include <cstring>

#include "plexiform/base/error.hpp"
#include "plexiform/fit/train.hpp"

namespace plexiform {
namespace {

/// Numbers of the state that are no tensors, as one tensor of doubles; in this order.
at::Tensor counters(const TrainState& s) {
  return at::tensor(
      {static_cast<double>(s.start), static_cast<double>(s.pass), static_cast<double>(s.steps), s.best_loss,
       static_cast<double>(s.best_pass), s.winner_loss, static_cast<double>(s.winner_start), s.ended ? 1.0 : 0.0},
      at::kDouble);
}

void set_counters(TrainState& s, const at::Tensor& values) {
  if (values.numel() != 8 || values.scalar_type() != at::kDouble)
    throw Error(ErrorKind::file, "the training state in the model file has another form than this version writes");
  const auto v = values.accessor<double, 1>();
  const auto whole = [&](std::int64_t i) { return static_cast<std::int64_t>(v[i]); };
  s.start = whole(0);
  s.pass = whole(1);
  s.steps = whole(2);
  s.best_loss = v[3];
  s.best_pass = whole(4);
  s.winner_loss = v[5];
  s.winner_start = whole(6);
  s.ended = v[7] != 0;
}

const at::Tensor& tensor_of(const Archive& archive, const std::string& name) {
  const auto found = archive.tensors.find(name);
  if (found == archive.tensors.end())
    throw Error(ErrorKind::file, "the model file holds no '" + name + "'", "fit again under another name");
  return found->second;
}

}  // namespace

void put_state(Archive& archive, const TrainState& state) {
  archive.tensors["state.counters"] = counters(state);
  put_network(archive, "network", state.network);
  put_network(archive, "average", state.average);
  put_network(archive, "best", state.best);
  if (state.winner_start >= 0) put_network(archive, "winner", state.winner);
  for (std::size_t i = 0; i < state.first.size(); ++i) {
    archive.tensors["state.first." + std::to_string(i)] = state.first[i];
    archive.tensors["state.second." + std::to_string(i)] = state.second[i];
  }
  archive.texts["metrics"] = state.metrics;
}

TrainState get_state(const Archive& archive) {
  TrainState state;
  set_counters(state, tensor_of(archive, "state.counters"));
  state.network = get_network(archive, "network");
  state.average = get_network(archive, "average");
  state.best = get_network(archive, "best");
  if (state.winner_start >= 0) state.winner = get_network(archive, "winner");
  const auto count = parameters(state.network).size();
  for (std::size_t i = 0; i < count; ++i) {
    state.first.push_back(tensor_of(archive, "state.first." + std::to_string(i)));
    state.second.push_back(tensor_of(archive, "state.second." + std::to_string(i)));
  }
  const auto metrics = archive.texts.find("metrics");
  if (metrics != archive.texts.end()) state.metrics = metrics->second;
  return state;
}

}  // namespace plexiform
