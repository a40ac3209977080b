#include "torch_verbs.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "plexiform/base/error.hpp"

namespace {

namespace fs = std::filesystem;

/// The module lies in ../lib of the program, in the build tree and where it is installed.
fs::path module_path() {
  std::error_code problem;
  const fs::path program = fs::read_symlink("/proc/self/exe", problem);
  for (const char* folder : {"lib", "lib64", PLEXIFORM_LIBRARY_DIR}) {
    const fs::path path = program.parent_path().parent_path() / folder / "libplexiform_torch_verbs.so";
    if (fs::exists(path, problem)) return path;
  }
  throw plexiform::Error(plexiform::ErrorKind::missing,
                         "libplexiform_torch_verbs.so is not beside the program " + program.string(),
                         "build or install plexiform as a whole");
}

}  // namespace

const TorchVerbs& torch_verbs() {
  const fs::path path = module_path();
  // Read by torch's thread pool when it loads: threads that wait by spinning slow each other down many times over where
  // other work shares the machine, and gain little on these short products where it has it alone.
  setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (module == nullptr)
    throw plexiform::Error(plexiform::ErrorKind::file, std::string("does not load: ") + dlerror(),
                           "is the torch wheel still where plexiform was built with it (.venv)?")
        .in_file(path);
  const auto entry = reinterpret_cast<const TorchVerbs* (*)()>(dlsym(module, "plexiform_torch_verbs"));
  if (entry == nullptr) throw plexiform::InternalError(path.string() + " has a different version from the program");
  return *entry();
}
