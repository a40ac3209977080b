#include "plexiform/jobs/archive.hpp"

#include <torch/torch.h>

#include <sstream>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/settings/settings.hpp"

namespace plexiform {
namespace {

/// Keys of the container: an archive key may not hold dots, so tensors and texts are written as two lists with names.
constexpr const char* kNames = "names";
constexpr const char* kTexts = "texts";

/// Key of tensor i.
std::string tensor_key(std::size_t i) {
  std::string key = "t";
  key += std::to_string(i);
  return key;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

void save_archive(const std::filesystem::path& path, const Archive& archive) {
  torch::serialize::OutputArchive out;
  std::vector<std::string> names;
  for (const auto& [name, tensor] : archive.tensors) {
    out.write(tensor_key(names.size()), tensor.detach().contiguous(), /*is_buffer=*/true);
    names.push_back(name);
  }
  out.write(kNames, c10::IValue(joined(names)));
  c10::Dict<std::string, std::string> texts;
  for (const auto& [name, text] : archive.texts) texts.insert(name, text);
  out.write(kTexts, c10::IValue(texts));
  // Into memory first: torch's own file writer ends the program (a throwing destructor) where the disk is full.
  std::ostringstream bytes;
  out.save_to(bytes);
  write_text_atomically(path, bytes.view());
}

Archive load_archive(const std::filesystem::path& path, const std::string& mend) {
  if (!is_file(path)) throw Error(ErrorKind::missing, "no such model file", mend).in_file(path);
  try {
    torch::serialize::InputArchive in;
    in.load_from(path.string());
    Archive archive;
    c10::IValue names, texts;
    in.read(kNames, names);
    in.read(kTexts, texts);
    const auto list = lines_of(names.toStringRef());
    for (std::size_t i = 0; i < list.size(); ++i) in.read(tensor_key(i), archive.tensors[list[i]], true);
    for (const auto& item : texts.toGenericDict()) archive.texts[item.key().toStringRef()] = item.value().toStringRef();
    return archive;
  } catch (const c10::Error&) {
    throw Error(ErrorKind::damaged, "not a model file of plexiform, or truncated", mend).in_file(path);
  }
}

void put_network(Archive& archive, const std::string& name, const Network& network) {
  for (const auto& [part, tensor] : parameters(network)) archive.tensors[name + "." + part] = *tensor;
  Settings settings;
  settings.model = network.settings;
  settings.train.try_subunits = false;
  archive.texts[name + ".settings"] = to_toml(settings);
  std::ostringstream input;
  input << network.input.channels << ' ' << network.input.height << ' ' << network.input.width;
  archive.texts[name + ".input"] = input.str();
}

bool has_network(const Archive& archive, const std::string& name) {
  return archive.texts.contains(name + ".settings");
}

Network get_network(const Archive& archive, const std::string& name) {
  const auto settings = archive.texts.find(name + ".settings");
  const auto input = archive.texts.find(name + ".input");
  if (settings == archive.texts.end() || input == archive.texts.end())
    throw Error(ErrorKind::damaged, "no network '" + name + "' in the model file");
  FrameShape shape;
  std::istringstream(input->second) >> shape.channels >> shape.height >> shape.width;
  Network network = make_network(parse_settings(settings->second, name + ".settings", {}).model, shape);
  for (auto& [part, tensor] : parameters(network)) {
    const auto found = archive.tensors.find(name + "." + part);
    if (found == archive.tensors.end() || found->second.sizes() != tensor->sizes())
      throw Error(ErrorKind::damaged,
                  "network '" + name + "': '" + part + "' is missing or does not match the settings");
    *tensor = found->second;
  }
  return network;
}

}  // namespace plexiform
