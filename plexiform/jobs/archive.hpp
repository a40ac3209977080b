#pragma once
#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>

#include "plexiform/model/network.hpp"

namespace plexiform {

/// What a model file holds: tensors and texts by name (PyTorch's own archive format, readable by torch.jit.load).
struct Archive {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::string> texts;
};

/// To a temporary name first. Throws Error{file} where the disk is full.
void save_archive(const std::filesystem::path& path, const Archive& archive);
/// Throws Error{missing}, or Error{damaged} if the file is truncated or not an archive.
Archive load_archive(const std::filesystem::path& path, const std::string& mend = {});

/// A network under `name` ("best"): tensors "best.spatial", ..., its settings and input as texts.
void put_network(Archive& archive, const std::string& name, const Network& network);
bool has_network(const Archive& archive, const std::string& name);
/// Throws Error{damaged} if a part is missing or has another shape than the settings say.
Network get_network(const Archive& archive, const std::string& name);

}  // namespace plexiform
