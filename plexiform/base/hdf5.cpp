#include "plexiform/base/hdf5.hpp"

#include <hdf5.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {
namespace {

std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// A series of calls: the library to ourselves, its error stack kept instead of printed.
class Session {
 public:
  Session() : lock_(library_mutex()) {
    // A file that could not be written out (a full disk) must not be tried again by the library's own exit handler.
    static const herr_t no_exit_handler = H5dont_atexit();
    (void)no_exit_handler;
    H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Session() {
    H5Eclear2(H5E_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, print_, print_data_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::lock_guard<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

/// An HDF5 identifier that is closed with the call for its kind.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() { reset(); }

  hid_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  bool reset() {
    const hid_t id = std::exchange(id_, -1);
    return id < 0 || close_(id) >= 0;
  }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

Handle property_list(hid_t kind) {
  return {H5Pcreate(kind), H5Pclose};
}
Handle space_of(hid_t dataset) {
  return {H5Dget_space(dataset), H5Sclose};
}

/// The innermost entry of the error stack, which says what went wrong (the others say who called).
std::string stack_message() {
  std::string text;
  const H5E_walk2_t first = [](unsigned, const H5E_error2_t* entry, void* data) -> herr_t {
    auto& kept = *static_cast<std::string*>(data);
    if (kept.empty() && entry->desc != nullptr) kept = entry->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, first, &text);
  return text.empty() ? "unknown error" : text;
}

/// What the operating system said ("No space left on device") where the message holds it, else HDF5's own words.
std::string reason(const std::string& message) {
  const std::string_view mark = "error message = '";
  const std::size_t at = message.find(mark);
  if (at == std::string::npos) return "HDF5: " + message;
  return message.substr(at + mark.size(), message.find('\'', at + mark.size()) - at - mark.size());
}

template <class T>
hid_t memory_type();
template <>
hid_t memory_type<float>() {
  return H5T_NATIVE_FLOAT;
}
template <>
hid_t memory_type<double>() {
  return H5T_NATIVE_DOUBLE;
}
template <>
hid_t memory_type<std::int32_t>() {
  return H5T_NATIVE_INT32;
}
template <>
hid_t memory_type<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
hid_t memory_type<std::uint8_t>() {
  return H5T_NATIVE_UINT8;
}
template <>
hid_t memory_type<std::int8_t>() {
  return H5T_NATIVE_INT8;
}

Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

/// Integers are read exactly or not at all: the library would clip what does not fit and cut fractions off.
H5T_conv_ret_t refuse_inexact(H5T_conv_except_t, hid_t, hid_t, void*, void*, void* inexact) {
  *static_cast<bool*>(inexact) = true;
  return H5T_CONV_ABORT;
}

std::vector<hsize_t> sizes(std::span<const std::int64_t> shape) {
  return {shape.begin(), shape.end()};
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

/// What the system refused is no fault of the file.
ErrorKind kind_of(const std::string& message, ErrorKind otherwise) {
  if (message.find("errno = " + std::to_string(ENOENT) + ",") != std::string::npos) return ErrorKind::missing;
  return message.find("errno") == std::string::npos ? otherwise : ErrorKind::file;
}

constexpr const char* kRegenerate = "copy it from its source again, or regenerate it";

}  // namespace

struct Hdf5File::State {
  std::filesystem::path path;
  bool created = false;
  Handle file;
  // The dataset used last stays open, and with it its cache of chunks.
  std::string dataset_name;
  Handle dataset;

  ~State() {
    const Session session;
    dataset.reset();
    file.reset();
  }

  [[noreturn]] void fail(ErrorKind kind, const std::string& object, const std::string& what,
                         const std::string& advice = {}) const {
    const Error error(kind, what, advice);
    throw(object.empty() ? error : error.in_object(object)).in_file(path);
  }
  /// What is in the file is not what it should be.
  [[noreturn]] void damaged(const std::string& object, const std::string& what, const std::string& advice = {}) const {
    fail(ErrorKind::damaged, object, what, advice);
  }
  void need(bool good, const std::string& object, const std::string& doing) const {
    if (good) return;
    const std::string message = stack_message();
    fail(kind_of(message, created ? ErrorKind::file : ErrorKind::damaged), object,
         doing + " failed (" + reason(message) + ")");
  }

  bool has(const std::string& object) const {
    if (object.empty() || object == "/") return true;
    for (std::size_t end = object.find('/', 1);; end = object.find('/', end + 1)) {
      const std::string part = object.substr(0, end);
      const htri_t exists = H5Lexists(file.get(), part.c_str(), H5P_DEFAULT);
      need(exists >= 0, part, "looking it up");
      if (exists == 0 || H5Oexists_by_name(file.get(), part.c_str(), H5P_DEFAULT) <= 0) return false;
      if (end == std::string::npos) return true;
      H5O_info_t info;
      need(H5Oget_info_by_name(file.get(), part.c_str(), &info, H5P_DEFAULT) >= 0, part, "looking it up");
      if (info.type != H5O_TYPE_GROUP) return false;
    }
  }

  hid_t open_dataset(const std::string& name) {
    if (dataset && dataset_name == name) return dataset.get();
    dataset.reset();
    if (!has(name)) damaged(name, "no such dataset");
    const Handle access = property_list(H5P_DATASET_ACCESS);
    H5Pset_chunk_cache(access.get(), 521, 8 << 20, 1.0);
    dataset = Handle(H5Dopen2(file.get(), name.c_str(), access.get()), H5Dclose);
    need(static_cast<bool>(dataset), name, "opening it as a dataset");
    dataset_name = name;
    return dataset.get();
  }

  std::vector<std::int64_t> shape(const std::string& name, hid_t set) const {
    const Handle space = space_of(set);
    const int rank = H5Sget_simple_extent_ndims(space.get());
    need(rank >= 0, name, "reading its shape");
    std::vector<hsize_t> extent(static_cast<std::size_t>(rank));
    if (rank > 0) H5Sget_simple_extent_dims(space.get(), extent.data(), nullptr);
    return {extent.begin(), extent.end()};
  }

  template <class T>
  void read_into(const std::string& name, hid_t set, hid_t memory_space, hid_t file_space, T* out) const {
    const Handle type(H5Dget_type(set), H5Tclose);
    const H5T_class_t kind = H5Tget_class(type.get());
    if (kind != H5T_INTEGER && kind != H5T_FLOAT)
      damaged(name, std::string("holds ") + (kind == H5T_STRING ? "text" : "values that are not numbers") +
                        ", expected numbers");
    const Handle transfer = property_list(H5P_DATASET_XFER);
    bool inexact = false;
    if (std::is_integral_v<T>) H5Pset_type_conv_cb(transfer.get(), refuse_inexact, &inexact);
    const herr_t done = H5Dread(set, memory_type<T>(), memory_space, file_space, transfer.get(), out);
    if (inexact) damaged(name, "holds a value that is not a whole number, or is too large for one");
    if (done >= 0) return;
    const std::string message = stack_message();
    if (kind_of(message, ErrorKind::damaged) != ErrorKind::damaged)
      fail(ErrorKind::file, name, "reading it failed (" + reason(message) + ")");
    damaged(name, "reading it failed, the file is damaged (HDF5: " + message + ")", kRegenerate);
  }

  std::string read_text(const std::string& place, const Handle& type, const std::function<herr_t(hid_t, void*)>& read,
                        std::size_t n, std::vector<std::string>& out) const {
    if (H5Tget_class(type.get()) != H5T_STRING) damaged(place, "holds values that are not text, expected text");
    out.resize(n);
    if (n == 0) return {};
    if (H5Tis_variable_str(type.get()) > 0) {
      Handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
      H5Tset_size(memory.get(), H5T_VARIABLE);
      H5Tset_cset(memory.get(), H5Tget_cset(type.get()));
      std::vector<char*> texts(n, nullptr);
      need(read(memory.get(), texts.data()) >= 0, place, "reading its text");
      for (std::size_t i = 0; i < n; ++i) {
        if (texts[i] != nullptr) out[i] = texts[i];
        H5free_memory(texts[i]);
      }
    } else {
      const std::size_t size = H5Tget_size(type.get());
      std::vector<char> bytes(size * n);
      need(read(type.get(), bytes.data()) >= 0, place, "reading its text");
      for (std::size_t i = 0; i < n; ++i) {
        const char* begin = bytes.data() + i * size;
        out[i].assign(begin, std::find(begin, begin + size, '\0'));
        if (H5Tget_strpad(type.get()) == H5T_STR_SPACEPAD) out[i].erase(out[i].find_last_not_of(' ') + 1);
      }
    }
    return out.front();
  }

  /// The attribute, or an empty handle where there is none.
  Handle attribute(const std::string& object, const std::string& name) const {
    if (!has(object)) return {};
    const htri_t exists = H5Aexists_by_name(file.get(), object.c_str(), name.c_str(), H5P_DEFAULT);
    need(exists >= 0, object, "looking up its attribute '" + name + "'");
    if (exists == 0) return {};
    Handle found(H5Aopen_by_name(file.get(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    need(static_cast<bool>(found), object, "opening its attribute '" + name + "'");
    const Handle space(H5Aget_space(found.get()), H5Sclose);
    if (H5Sget_simple_extent_npoints(space.get()) != 1)
      damaged(object, "attribute '" + name + "' holds more than one value, expected one");
    return found;
  }

  void set_attribute(const std::string& object, const std::string& name, hid_t type, const void* value) {
    if (!has(object)) fail(ErrorKind::file, object, "no such object to give the attribute '" + name + "'");
    if (H5Aexists_by_name(file.get(), object.c_str(), name.c_str(), H5P_DEFAULT) > 0)
      H5Adelete_by_name(file.get(), object.c_str(), name.c_str(), H5P_DEFAULT);
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const Handle created(H5Acreate_by_name(file.get(), object.c_str(), name.c_str(), type, space.get(), H5P_DEFAULT,
                                           H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
    need(created && H5Awrite(created.get(), type, value) >= 0, object, "writing its attribute '" + name + "'");
  }

  Handle create_dataset(const std::string& name, hid_t type, std::span<const std::int64_t> shape,
                        std::int64_t rows_per_chunk, int deflate) {
    const std::vector<hsize_t> extent = sizes(shape);
    const bool empty = std::find(extent.begin(), extent.end(), 0U) != extent.end();
    const Handle space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr), H5Sclose);
    const Handle settings = property_list(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(settings.get(), false);  // the same data make the same bytes
    if (rows_per_chunk > 0 && !extent.empty() && !empty) {
      std::vector<hsize_t> chunk = extent;
      chunk[0] = std::min(extent[0], static_cast<hsize_t>(rows_per_chunk));
      need(H5Pset_chunk(settings.get(), static_cast<int>(chunk.size()), chunk.data()) >= 0, name,
           "choosing its chunks");
      if (deflate > 0)
        need(H5Pset_deflate(settings.get(), static_cast<unsigned>(deflate)) >= 0, name, "compressing it");
    }
    const Handle links = property_list(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links.get(), 1);
    Handle made(H5Dcreate2(file.get(), name.c_str(), type, space.get(), links.get(), settings.get(), H5P_DEFAULT),
                H5Dclose);
    need(static_cast<bool>(made), name, "creating it");
    return made;
  }
};

Hdf5File::Hdf5File(std::unique_ptr<State> state) : state_(std::move(state)) {}
Hdf5File::~Hdf5File() = default;
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File& Hdf5File::operator=(Hdf5File&&) noexcept = default;

Hdf5File Hdf5File::open(const std::filesystem::path& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  if (!path_exists(path)) state->fail(ErrorKind::missing, "", "no such file");
  if (is_folder(path)) state->damaged("", "is a folder, expected an HDF5 file");
  const Session session;
  // Files are replaced as a whole and never changed in place, so no lock is needed; locks fail on some file systems.
  const Handle access = property_list(H5P_FILE_ACCESS);
  H5Pset_file_locking(access.get(), false, true);
  state->file = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (state->file) return Hdf5File(std::move(state));
  const std::string message = stack_message();
  if (message.find("truncated") != std::string::npos)
    state->damaged("", "is truncated (HDF5: " + message + ")", kRegenerate);
  if (message.find("signature") != std::string::npos) state->damaged("", "is not an HDF5 file");
  if (message.find("errno") != std::string::npos)
    state->fail(ErrorKind::file, "", "cannot be opened (" + reason(message) + ")");
  state->damaged("", "cannot be opened, the file is damaged (HDF5: " + message + ")", kRegenerate);
}

Hdf5File Hdf5File::create(const std::filesystem::path& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->created = true;
  const Session session;
  const Handle access = property_list(H5P_FILE_ACCESS);
  H5Pset_file_locking(access.get(), false, true);
  state->file = Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
  state->need(static_cast<bool>(state->file), "", "creating the file");
  return Hdf5File(std::move(state));
}

const std::filesystem::path& Hdf5File::path() const {
  return state_->path;
}

bool Hdf5File::has(const std::string& object) const {
  const Session session;
  return state_->has(object);
}

std::vector<std::string> Hdf5File::children(const std::string& group) const {
  const Session session;
  if (!state_->has(group)) state_->damaged(group, "no such group");
  const Handle opened(H5Gopen2(state_->file.get(), group.c_str(), H5P_DEFAULT), H5Gclose);
  state_->need(static_cast<bool>(opened), group, "opening it as a group");
  std::vector<std::string> names;
  const H5L_iterate_t add = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  state_->need(H5Literate(opened.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names) >= 0, group, "listing it");
  return names;
}

std::vector<std::int64_t> Hdf5File::shape(const std::string& dataset) const {
  const Session session;
  return state_->shape(dataset, state_->open_dataset(dataset));
}

template <class T>
NdArray<T> Hdf5File::read(const std::string& dataset) const {
  const Session session;
  const hid_t set = state_->open_dataset(dataset);
  NdArray<T> array;
  array.shape = state_->shape(dataset, set);
  // A damaged header can name any shape: believe large ones only where the file holds about as much.
  double bytes = sizeof(T);
  for (const std::int64_t n : array.shape) bytes *= static_cast<double>(n);
  if (bytes > 1e9 && bytes > 2e3 * static_cast<double>(H5Dget_storage_size(set)))
    state_->damaged(dataset, "its shape " + shape_text(array.shape) + " is more than the file holds", kRegenerate);
  try {
    array.values.resize(static_cast<std::size_t>(NdArray<T>::count(array.shape)));
  } catch (const std::exception&) {
    state_->fail(ErrorKind::file, dataset, "its shape " + shape_text(array.shape) + " does not fit into memory");
  }
  if (!array.values.empty()) state_->read_into(dataset, set, H5S_ALL, H5S_ALL, array.values.data());
  return array;
}

template <class T>
void Hdf5File::read_block(const std::string& dataset, std::span<const std::int64_t> start,
                          std::span<const std::int64_t> count, std::span<T> out) const {
  const Session session;
  const hid_t set = state_->open_dataset(dataset);
  const std::vector<std::int64_t> shape = state_->shape(dataset, set);
  if (start.size() != count.size()) throw InternalError("Hdf5File::read_block: start and count differ in length");
  if (shape.size() != count.size())
    state_->damaged(dataset, "has shape " + shape_text(shape) + ", expected " + std::to_string(count.size()) + " axes");
  std::int64_t n = 1;
  for (std::size_t i = 0; i < count.size(); ++i) {
    if (start[i] < 0 || count[i] < 0 || start[i] > shape[i] - count[i])
      state_->damaged(dataset, "has shape " + shape_text(shape) + ", asked for " + shape_text(count) + " from " +
                                   shape_text(start) + " on");
    n *= count[i];
  }
  if (n != static_cast<std::int64_t>(out.size())) throw InternalError("Hdf5File::read_block: `out` has another size");
  if (n == 0) return;
  const Handle file_space = space_of(set);
  H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, sizes(start).data(), nullptr, sizes(count).data(), nullptr);
  const auto length = static_cast<hsize_t>(n);
  const Handle memory_space(H5Screate_simple(1, &length, nullptr), H5Sclose);
  state_->read_into(dataset, set, memory_space.get(), file_space.get(), out.data());
}

std::vector<std::string> Hdf5File::read_strings(const std::string& dataset) const {
  const Session session;
  const hid_t set = state_->open_dataset(dataset);
  const std::vector<std::int64_t> shape = state_->shape(dataset, set);
  const Handle type(H5Dget_type(set), H5Tclose);
  std::vector<std::string> texts;
  state_->read_text(
      dataset, type, [&](hid_t memory, void* out) { return H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out); },
      static_cast<std::size_t>(NdArray<char>::count(shape)), texts);
  return texts;
}

void Hdf5File::create_group(const std::string& group) {
  const Session session;
  if (state_->has(group)) return;
  const Handle links = property_list(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links.get(), 1);
  const Handle made(H5Gcreate2(state_->file.get(), group.c_str(), links.get(), H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
  state_->need(static_cast<bool>(made), group, "creating it");
}

template <class T>
void Hdf5File::write(const std::string& dataset, const NdArray<T>& array, int deflate) {
  const Session session;
  constexpr std::int64_t kChunkBytes = 1 << 18;
  const std::int64_t row_bytes = std::max<std::int64_t>(array.row_size() * static_cast<std::int64_t>(sizeof(T)), 1);
  const std::int64_t rows = deflate > 0 ? std::max<std::int64_t>(kChunkBytes / row_bytes, 1) : 0;
  const Handle made = state_->create_dataset(dataset, memory_type<T>(), array.shape, rows, deflate);
  if (array.values.empty()) return;
  state_->need(H5Dwrite(made.get(), memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, array.values.data()) >= 0, dataset,
               "writing it");
}

void Hdf5File::write_strings(const std::string& dataset, const std::vector<std::string>& values) {
  const Session session;
  const Handle type = text_type();
  const std::int64_t n = static_cast<std::int64_t>(values.size());
  const Handle made = state_->create_dataset(dataset, type.get(), {&n, 1}, 0, 0);
  std::vector<const char*> texts;
  for (const std::string& value : values) texts.push_back(value.c_str());
  if (n == 0) return;
  state_->need(H5Dwrite(made.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()) >= 0, dataset,
               "writing it");
}

template <class T>
void Hdf5File::create(const std::string& dataset, const std::vector<std::int64_t>& shape, std::int64_t rows_per_chunk,
                      int deflate) {
  const Session session;
  state_->create_dataset(dataset, memory_type<T>(), shape, rows_per_chunk, deflate);
}

template <class T>
void Hdf5File::write_rows(const std::string& dataset, std::int64_t first_row, std::span<const T> rows) {
  const Session session;
  const hid_t set = state_->open_dataset(dataset);
  const std::vector<std::int64_t> shape = state_->shape(dataset, set);
  const std::int64_t row =
      shape.empty() ? 0 : NdArray<T>::count({shape.begin() + 1, shape.end()});  // values of one row
  const auto n = static_cast<std::int64_t>(rows.size());
  if (row == 0 || n % row != 0 || first_row < 0 || first_row + n / row > shape[0])
    throw InternalError("Hdf5File::write_rows: rows that do not fit " + dataset + " of shape " + shape_text(shape));
  std::vector<hsize_t> start(shape.size(), 0);
  std::vector<hsize_t> count = sizes(shape);
  start[0] = static_cast<hsize_t>(first_row);
  count[0] = static_cast<hsize_t>(n / row);
  const Handle file_space = space_of(set);
  H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  const auto length = static_cast<hsize_t>(n);
  const Handle memory_space(H5Screate_simple(1, &length, nullptr), H5Sclose);
  state_->need(H5Dwrite(set, memory_type<T>(), memory_space.get(), file_space.get(), H5P_DEFAULT, rows.data()) >= 0,
               dataset, "writing it");
}

std::optional<double> Hdf5File::number(const std::string& object, const std::string& attribute) const {
  const Session session;
  const Handle found = state_->attribute(object, attribute);
  if (!found) return {};
  const Handle type(H5Aget_type(found.get()), H5Tclose);
  const H5T_class_t kind = H5Tget_class(type.get());
  if (kind != H5T_INTEGER && kind != H5T_FLOAT)
    state_->damaged(object, "attribute '" + attribute + "' is not a number, expected one");
  double value = 0;
  state_->need(H5Aread(found.get(), H5T_NATIVE_DOUBLE, &value) >= 0, object,
               "reading its attribute '" + attribute + "'");
  return value;
}

std::optional<std::string> Hdf5File::text(const std::string& object, const std::string& attribute) const {
  const Session session;
  const Handle found = state_->attribute(object, attribute);
  if (!found) return {};
  const Handle type(H5Aget_type(found.get()), H5Tclose);
  std::vector<std::string> texts;
  return state_->read_text(
      object + " (attribute '" + attribute + "')", type,
      [&](hid_t memory, void* out) { return H5Aread(found.get(), memory, out); }, 1, texts);
}

void Hdf5File::set_number(const std::string& object, const std::string& attribute, double value) {
  const Session session;
  state_->set_attribute(object, attribute, H5T_NATIVE_DOUBLE, &value);
}

void Hdf5File::set_text(const std::string& object, const std::string& attribute, const std::string& value) {
  const Session session;
  const char* text = value.c_str();
  state_->set_attribute(object, attribute, text_type().get(), &text);
}

void Hdf5File::close() {
  if (!state_ || !state_->file) return;
  const Session session;
  const bool dataset_closed = state_->dataset.reset();
  const bool flushed = dataset_closed && H5Fflush(state_->file.get(), H5F_SCOPE_LOCAL) >= 0;
  const std::string message = flushed ? "" : stack_message();
  const bool closed = state_->file.reset();
  if (flushed && closed) return;
  state_->fail(ErrorKind::file, "",
               "writing it out failed (" + reason(message.empty() ? stack_message() : message) + ")");
}

#define PLEXIFORM_HDF5_TYPE(T)                                                                                \
  template NdArray<T> Hdf5File::read<T>(const std::string&) const;                                            \
  template void Hdf5File::read_block<T>(const std::string&, std::span<const std::int64_t>,                    \
                                        std::span<const std::int64_t>, std::span<T>) const;                   \
  template void Hdf5File::write<T>(const std::string&, const NdArray<T>&, int);                               \
  template void Hdf5File::create<T>(const std::string&, const std::vector<std::int64_t>&, std::int64_t, int); \
  template void Hdf5File::write_rows<T>(const std::string&, std::int64_t, std::span<const T>);
PLEXIFORM_HDF5_TYPE(float)
PLEXIFORM_HDF5_TYPE(double)
PLEXIFORM_HDF5_TYPE(std::int32_t)
PLEXIFORM_HDF5_TYPE(std::int64_t)
PLEXIFORM_HDF5_TYPE(std::uint8_t)
PLEXIFORM_HDF5_TYPE(std::int8_t)
#undef PLEXIFORM_HDF5_TYPE

}  // namespace plexiform
