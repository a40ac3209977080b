#include "torch_verbs.hpp"

#include <dlfcn.h>

#include <filesystem>

#include "plexiform/base/error.hpp"

namespace {

namespace fs = std::filesystem;

/// The module lies in ../lib of the program, in the build tree and where it is installed.
fs::path module_path() {
  const fs::path program = fs::read_symlink("/proc/self/exe");
  for (const char* folder : {"lib", "lib64", PLEXIFORM_LIBRARY_DIR}) {
    const fs::path path = program.parent_path().parent_path() / folder / "libplexiform_torch_verbs.so";
    if (fs::exists(path)) return path;
  }
  throw plexiform::Error(plexiform::ErrorKind::file,
                         "libplexiform_torch_verbs.so is not beside the program " + program.string(),
                         "build or install plexiform as a whole");
}

}  // namespace

const TorchVerbs& torch_verbs() {
  const fs::path path = module_path();
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (module == nullptr)
    throw plexiform::Error(plexiform::ErrorKind::file, path.string() + " does not load: " + dlerror(),
                           "is the torch wheel still where plexiform was built with it (.venv)?");
  const auto entry = reinterpret_cast<const TorchVerbs* (*)()>(dlsym(module, "plexiform_torch_verbs"));
  if (entry == nullptr) throw plexiform::InternalError(path.string() + " is of another version than the program");
  return *entry();
}
