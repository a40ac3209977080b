#include "plexiform/base/mat_file.hpp"

#include <matio.h>

#include <fstream>
#include <memory>
#include <mutex>
#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {
namespace {

constexpr int kDeepest = 8;                    // cell arrays within cell arrays
constexpr std::uintmax_t kMostPerByte = 1032;  // bytes that a byte of a deflated stream can make

struct CloseFile {
  void operator()(mat_t* file) const { Mat_Close(file); }
};
struct FreeVariable {
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using MatFile = std::unique_ptr<mat_t, CloseFile>;
using MatVariable = std::unique_ptr<matvar_t, FreeVariable>;

/// matio reports what it finds wrong and continues with what it has; here it is noted instead of printed.
thread_local bool found_damage = false;

void listen_to_matio() {
  static std::once_flag once;
  std::call_once(once, [] { Mat_LogInitFunc("plexiform", [](int, char*) { found_damage = true; }); });
  found_damage = false;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& message,
                         const std::string& advice = {}) {
  throw Error(ErrorKind::damaged, message, advice).in_file(path);
}
/// Of a variable, or of a value inside it: "times{3}".
[[noreturn]] void refuse_value(const std::filesystem::path& path, const std::string& name, const std::string& message,
                               const std::string& advice = {}) {
  throw Error(ErrorKind::damaged, message, advice).in_object(name).in_file(path);
}

MatFile open(const std::filesystem::path& path) {
  if (is_folder(path)) refuse(path, "is a folder, expected a MATLAB file");
  if (!path_exists(path)) throw Error(ErrorKind::missing, "no such file").in_file(path);
  if (!std::ifstream(path)) throw Error(ErrorKind::file, "cannot be opened").in_file(path);
  MatFile file(Mat_Open(path.c_str(), MAT_ACC_RDONLY));
  if (!file)
    refuse(path, "is not a MATLAB file that can be read (versions 5 to 7), or is damaged",
           "save it again with MATLAB's save, -v7");
  return file;
}

template <class T>
void copy_numbers(const matvar_t& variable, std::vector<double>& to) {
  const auto* values = static_cast<const T*>(variable.data);
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<double>(values[i]);
}

/// Whether the class is one of numbers, which are then copied.
bool copy_class(const matvar_t& variable, std::vector<double>& to) {
  switch (variable.class_type) {
    case MAT_C_DOUBLE:
      return copy_numbers<double>(variable, to), true;
    case MAT_C_SINGLE:
      return copy_numbers<float>(variable, to), true;
    case MAT_C_INT8:
      return copy_numbers<std::int8_t>(variable, to), true;
    case MAT_C_UINT8:
      return copy_numbers<std::uint8_t>(variable, to), true;
    case MAT_C_INT16:
      return copy_numbers<std::int16_t>(variable, to), true;
    case MAT_C_UINT16:
      return copy_numbers<std::uint16_t>(variable, to), true;
    case MAT_C_INT32:
      return copy_numbers<std::int32_t>(variable, to), true;
    case MAT_C_UINT32:
      return copy_numbers<std::uint32_t>(variable, to), true;
    case MAT_C_INT64:
      return copy_numbers<std::int64_t>(variable, to), true;
    case MAT_C_UINT64:
      return copy_numbers<std::uint64_t>(variable, to), true;
    default:
      return false;
  }
}

class Converter {
 public:
  explicit Converter(const std::filesystem::path& path) : path_(path), most_(kMostPerByte * size_of_file(path)) {}

  MatValue operator()(const matvar_t& variable, const std::string& name, int depth = 0) const {
    if (depth > kDeepest) refuse_value(path_, name, "lies more than " + std::to_string(kDeepest) + " cell arrays deep");
    MatValue value;
    std::size_t count = variable.rank > 0 ? 1 : 0;
    for (int i = 0; i < variable.rank; ++i) {
      value.shape.push_back(static_cast<std::int64_t>(variable.dims[i]));
      count *= variable.dims[i];
    }
    if (count > most_) refuse_value(path_, name, "is damaged: the file is too short for its values");
    value.is_cell = variable.class_type == MAT_C_CELL;
    if (value.is_cell)
      cells(variable, name, depth, count, value);
    else
      numbers(variable, name, count, value);
    return value;
  }

 private:
  void cells(const matvar_t& variable, const std::string& name, int depth, std::size_t count, MatValue& value) const {
    if (count == 0) return;
    if (!variable.data || variable.nbytes / sizeof(matvar_t*) < count) refuse_value(path_, name, "is damaged");
    const auto* held = static_cast<matvar_t* const*>(variable.data);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string of = name + "{" + std::to_string(i + 1) + "}";
      if (!held[i]) refuse_value(path_, of, "is damaged");
      value.cells.push_back((*this)(*held[i], of, depth + 1));
    }
  }

  void numbers(const matvar_t& variable, const std::string& name, std::size_t count, MatValue& value) const {
    if (count == 0 || variable.class_type == MAT_C_EMPTY) {
      value.shape = {0, 0};
      return;
    }
    if (variable.isLogical)
      refuse_value(path_, name, "holds true and false, expected numbers", "find(x) turns a raster into times");
    if (variable.isComplex) refuse_value(path_, name, "holds complex numbers, expected real ones");
    if (!variable.data || variable.data_size < 1 ||
        variable.nbytes / static_cast<std::size_t>(variable.data_size) < count)
      refuse_value(path_, name, "is damaged: it ends before its " + std::to_string(count) + " values");
    value.numbers.resize(count);
    if (!copy_class(variable, value.numbers))
      refuse_value(path_, name, "holds neither numbers nor cells (a structure, text or a sparse matrix)",
                   "save cell arrays of plain numbers");
  }

  const std::filesystem::path& path_;
  std::uintmax_t most_;  ///< values that the file can hold
};

}  // namespace

MatValue read_mat_cells(const std::filesystem::path& path) {
  listen_to_matio();
  const MatFile file = open(path);
  std::string found, others;
  MatValue value;
  while (true) {
    const MatVariable variable(Mat_VarReadNext(file.get()));
    if (found_damage) refuse(path, "is damaged: it ends early, or cannot be unpacked", "copy it or save it again");
    if (!variable) break;
    const std::string name = variable->name ? variable->name : "?";
    if (variable->class_type != MAT_C_CELL) {
      others += (others.empty() ? "" : ", ") + name;
      continue;
    }
    if (!found.empty())
      refuse(path, "holds two cell arrays, " + found + " and " + name + ", expected one",
             "save the one you mean to a file of its own");
    found = name;
    value = Converter(path)(*variable, name);
  }
  if (found.empty())
    refuse(path, "holds no cell array" + (others.empty() ? " that can be read" : " (but " + others + ")"),
           "save cell arrays with MATLAB's save, -v7");
  return value;
}

}  // namespace plexiform
