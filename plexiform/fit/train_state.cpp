#include <cstring>

#include "plexiform/base/error.hpp"
#include "plexiform/fit/train.hpp"

namespace plexiform {
namespace {

/// Numbers of the state that are no tensors, as one tensor of doubles; in this order.
at::Tensor counters(const TrainState& s) {
  return at::tensor({static_cast<double>(s.pass), static_cast<double>(s.steps), s.best_loss,
                     static_cast<double>(s.best_pass), s.ended ? 1.0 : 0.0},
                    at::kDouble);
}

void set_counters(TrainState& s, const at::Tensor& values) {
  if (values.numel() != 5 || values.scalar_type() != at::kDouble)
    throw Error(ErrorKind::file, "the training state in the model file has another form than this version writes");
  const auto v = values.accessor<double, 1>();
  s.pass = static_cast<std::int64_t>(v[0]);
  s.steps = static_cast<std::int64_t>(v[1]);
  s.best_loss = v[2];
  s.best_pass = static_cast<std::int64_t>(v[3]);
  s.ended = v[4] != 0;
}

const at::Tensor& tensor_of(const Archive& archive, const std::string& name) {
  const auto found = archive.tensors.find(name);
  if (found == archive.tensors.end())
    throw Error(ErrorKind::file, "the model file holds no '" + name + "'", "fit again under another name");
  return found->second;
}

}  // namespace

void put_state(Archive& archive, const std::string& name, const TrainState& state) {
  archive.tensors[name + ".counters"] = counters(state);
  put_network(archive, name + ".network", state.network);
  put_network(archive, name + ".average", state.average);
  put_network(archive, name + ".best", state.best);
  for (std::size_t i = 0; i < state.first.size(); ++i) {
    archive.tensors[name + ".first." + std::to_string(i)] = state.first[i];
    archive.tensors[name + ".second." + std::to_string(i)] = state.second[i];
  }
  archive.texts[name + ".metrics"] = state.metrics;
}

TrainState get_state(const Archive& archive, const std::string& name) {
  TrainState state;
  set_counters(state, tensor_of(archive, name + ".counters"));
  state.network = get_network(archive, name + ".network");
  state.average = get_network(archive, name + ".average");
  state.best = get_network(archive, name + ".best");
  const auto count = parameters(state.network).size();
  for (std::size_t i = 0; i < count; ++i) {
    state.first.push_back(tensor_of(archive, name + ".first." + std::to_string(i)));
    state.second.push_back(tensor_of(archive, name + ".second." + std::to_string(i)));
  }
  const auto metrics = archive.texts.find(name + ".metrics");
  if (metrics != archive.texts.end()) state.metrics = metrics->second;
  return state;
}

}  // namespace plexiform
