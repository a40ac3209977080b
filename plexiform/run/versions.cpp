#include "plexiform/run/versions.hpp"

#include <cmath>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/hdf5.hpp"

namespace plexiform {
namespace {

std::string text_of(const ArtefactKind& kind) {
  return std::string(kind.format) + " of version " +
         (kind.version == 1 ? "1" : "1 to " + std::to_string(kind.version)) + " (" + kind.what + ")";
}

[[noreturn]] void refuse(const ArtefactKind& kind, const std::string& found, const std::string& advice) {
  throw Error(ErrorKind::damaged, "found " + found + ", expected " + text_of(kind), advice);
}

/// What cannot be opened is damaged: it is there.
Hdf5File opened(const std::filesystem::path& path, const ArtefactKind& kind) {
  try {
    return Hdf5File::open(path);
  } catch (const Error& error) {
    throw Error(ErrorKind::damaged, error.what(), kind.made_by).in_file(path);
  }
}

FoundVersion found_in(const Hdf5File& file) {
  return {file.text("/", "format"), file.number("/", "version")};
}

}  // namespace

int check_version(const ArtefactKind& kind, const FoundVersion& found, Age age) {
  if (!found.format && !found.version) {
    if (age == Age::any) return 0;
    refuse(kind, "neither format nor version", kind.made_by);
  }
  if (!found.format) refuse(kind, "no format", kind.made_by);
  if (*found.format != kind.format) refuse(kind, "the format '" + *found.format + "'", "this file is of another kind");
  if (!found.version) refuse(kind, "no version", kind.made_by);
  const double version = *found.version;
  if (version < 1 || version != std::floor(version) || version > 1e6)
    refuse(kind, "no version that exists", kind.made_by);
  if (version > kind.version)
    refuse(kind, "version " + std::to_string(static_cast<int>(version)),
           std::string("a newer plexiform wrote it: use that one, or ") + kind.made_by);
  return static_cast<int>(version);
}

void check_origin(const ArtefactKind& kind, int version, const std::string& what, const std::string& found,
                  const std::string& expected) {
  if (expected.empty() || found == expected) return;
  if (found.empty()) {
    if (version < kind.sums_since) return;
    throw Error(ErrorKind::damaged, "has no checksum of the " + what + ", expected " + expected,
                std::string("it was changed by hand, or is cut off: ") + kind.made_by);
  }
  throw Error(ErrorKind::damaged, "is of another " + what + ": checksum " + found + ", expected " + expected,
              std::string("it is stale, or was put here from elsewhere: ") + kind.made_by);
}

void set_head(Hdf5File& file, const ArtefactKind& kind, const Origin& origin) {
  file.set_text("/", "format", kind.format);
  file.set_number("/", "version", kind.version);
  if (!origin.recording.empty()) file.set_text("/", "recording", origin.recording);
}

void set_model(Hdf5File& file, const std::string& object, const Origin& origin, std::int64_t cell) {
  if (const auto sum = origin.models.find(cell); sum != origin.models.end())
    file.set_text(object, "model", sum->second);
}

Hdf5File open_checked(const std::filesystem::path& path, const ArtefactKind& kind, const Home& home) {
  if (!is_file(path)) throw Error(ErrorKind::missing, "no such file", kind.made_by).in_file(path);
  Hdf5File file = opened(path, kind);
  try {
    const int version = check_version(kind, found_in(file), home.age);
    check_origin(kind, version, "recording", file.text("/", "recording").value_or(""), home.origin.recording);
  } catch (const Error& error) {
    throw error.in_file(path);
  }
  return file;
}

void check_model(const Hdf5File& file, const std::string& object, const ArtefactKind& kind, const Home& home,
                 std::int64_t cell) {
  const auto expected = home.origin.models.find(cell);
  if (expected == home.origin.models.end()) return;
  try {
    check_origin(kind, check_version(kind, found_in(file), home.age), "model of cell " + std::to_string(cell),
                 file.text(object, "model").value_or(""), expected->second);
  } catch (const Error& error) {
    throw error.in_file(file.path());
  }
}

}  // namespace plexiform
