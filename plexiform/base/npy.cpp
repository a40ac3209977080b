#include "plexiform/base/npy.hpp"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied as they stand in the file");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kLongestHeader = 1 << 20;
constexpr std::size_t kMostAxes = 64;  // numpy's own limit

struct Header {
  std::string dtype;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
};

/// The header is a Python dictionary literal, {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }; this reads
/// the part of Python's grammar that numpy.lib.format writes. Throws Error{damaged} without the file's name.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  Header parse() {
    std::optional<std::string> dtype;
    std::optional<bool> order;
    std::optional<std::vector<std::int64_t>> shape;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        dtype = description();
      } else if (key == "fortran_order") {
        order = boolean();
      } else if (key == "shape") {
        shape = tuple();
      } else {
        broken("an unknown key");
      }
      if (!accept(',') && peek() != '}') broken("no comma between keys");
    }
    if (!dtype || !order || !shape) broken("a key is missing (descr, fortran_order, shape)");
    return {*dtype, *order, *shape};
  }

 private:
  [[noreturn]] static void broken(const std::string& why) {
    throw Error(ErrorKind::damaged, "is not a .npy file: its header cannot be read (" + why + ")");
  }
  char peek() {
    const auto first = rest_.find_first_not_of(" \t\n");
    rest_.remove_prefix(std::min(first, rest_.size()));
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool accept(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) broken(std::string("expected ") + c);
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') broken("expected a quoted word");
    const auto end = rest_.find(quote, 1);
    if (end == std::string_view::npos) broken("a quote is not closed");
    const std::string word(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return word;
  }
  std::string description() {
    if (peek() == '[') throw Error(ErrorKind::damaged, "has records of several fields, expected one number a value");
    return quoted();
  }
  bool boolean() {
    peek();
    for (const auto& [word, value] : {std::pair{std::string_view("True"), true}, {std::string_view("False"), false}}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return value;
    }
    broken("expected True or False");
  }
  std::int64_t length() {
    peek();
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (code != std::errc{} || value < 0) broken("an axis has no length");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    accept('L');  // Python 2 wrote long integers so
    return value;
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> lengths;
    expect('(');
    while (!accept(')')) {
      if (lengths.size() == kMostAxes) broken("too many axes");
      lengths.push_back(length());
      if (!accept(',') && peek() != ')') broken("no comma between axes");
    }
    return lengths;
  }

  std::string_view rest_;
};

using Convert = void (*)(const char* bytes, std::span<double> out);

template <class T>
void convert(const char* bytes, std::span<double> out) {
  for (double& value : out) {
    T raw;
    std::memcpy(&raw, bytes, sizeof raw);
    value = static_cast<double>(raw);
    bytes += sizeof raw;
  }
}

void convert_bool(const char* bytes, std::span<double> out) {
  for (double& value : out) value = *bytes++ != 0 ? 1 : 0;
}

struct ValueType {
  std::string_view name;  ///< kind and size in bytes, without the byte order
  std::int64_t size;
  Convert to_double;
};

constexpr std::array kValueTypes{
    ValueType{"f4", 4, convert<float>},         ValueType{"f8", 8, convert<double>},
    ValueType{"u1", 1, convert<std::uint8_t>},  ValueType{"i1", 1, convert<std::int8_t>},
    ValueType{"u2", 2, convert<std::uint16_t>}, ValueType{"i2", 2, convert<std::int16_t>},
    ValueType{"u4", 4, convert<std::uint32_t>}, ValueType{"i4", 4, convert<std::int32_t>},
    ValueType{"u8", 8, convert<std::uint64_t>}, ValueType{"i8", 8, convert<std::int64_t>},
    ValueType{"b1", 1, convert_bool},
};

const ValueType& value_type(const std::string& dtype) {
  const bool has_order = !dtype.empty() && std::string_view("<>|=").find(dtype.front()) != std::string_view::npos;
  const std::string name = has_order ? dtype.substr(1) : dtype;
  const std::string found = "has values of type '" + dtype + "'";
  if (dtype.starts_with('>') && !name.ends_with('1')) {
    throw Error(ErrorKind::damaged, found + " (big-endian), expected little-endian numbers",
                "save it again: np.save(path, array.astype('<" + name + "'))");
  }
  for (const auto& type : kValueTypes) {
    if (type.name == name) return type;
  }
  throw Error(ErrorKind::damaged, found + ", expected bool, integers of 1 to 8 bytes, float32 or float64",
              "save it again: np.save(path, array.astype('float32'))");
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + ")";
}

/// Number of values; bytes are bounded as well, so that later sums of sizes cannot overflow.
std::int64_t checked_count(const std::vector<std::int64_t>& shape) {
  constexpr std::int64_t kMostValues = std::int64_t{1} << 56;
  std::int64_t bound = 1;
  for (const std::int64_t length : shape) {
    const std::int64_t factor =
        std::max<std::int64_t>(length, 1);  // an empty array's other axes must not overflow either
    if (factor > kMostValues / bound) {
      throw Error(ErrorKind::damaged, "claims the shape " + shape_text(shape) + ", more values than any file holds");
    }
    bound *= factor;
  }
  return NdArray<double>::count(shape);
}

std::int64_t little_endian(std::string_view bytes) {
  std::int64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

struct NpyReader::State {
  explicit State(const fs::path& path_of) : path(path_of) {
    if (std::error_code code; fs::is_directory(path, code)) fail("is a folder, expected a .npy file");
    file = gzopen(path.c_str(), "rb");  // reads plain files as they are
    if (file == nullptr)
      throw Error(errno == ENOENT || errno == ENOTDIR ? ErrorKind::missing : ErrorKind::file,
                  std::string("cannot be opened: ") + std::strerror(errno))
          .in_file(path);
    gzbuffer(file, 1 << 17);
  }
  ~State() { gzclose(file); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[noreturn]] void fail(const std::string& what) const { throw Error(ErrorKind::damaged, what).in_file(path); }

  /// Bytes read, fewer than asked for only at the end of the file.
  std::size_t bytes(std::span<char> out) {
    const std::size_t got = gzfread(out.data(), 1, out.size(), file);
    int code = Z_OK;
    const char* message = gzerror(file, &code);
    // Z_BUF_ERROR is a gzip stream that stops in its middle; the caller says how much is missing.
    if (code != Z_OK && code != Z_BUF_ERROR) fail(std::string("is damaged: ") + message);
    return got;
  }

  std::string header_text() {
    std::string fixed(kMagic.size() + 2, '\0');
    if (bytes(fixed) < fixed.size() || !fixed.starts_with(kMagic)) fail("is not a .npy file (nor a gzipped one)");
    const int version = fixed[kMagic.size()];
    if (version < 1 || version > 3) {
      fail("has .npy format " + std::to_string(version) + ", expected 1 to 3");
    }
    std::string length(version == 1 ? 2 : 4, '\0');
    if (bytes(length) < length.size()) fail("is truncated inside its header");
    const auto size = static_cast<std::size_t>(little_endian(length));
    if (size > kLongestHeader) fail("is not a .npy file: its header claims " + std::to_string(size) + " bytes");
    std::string text(size, '\0');
    if (bytes(text) < size) fail("is truncated inside its header");
    return text;
  }

  void parse_header() {
    const std::string text = header_text();
    try {
      header = HeaderParser(text).parse();
      type = &value_type(header.dtype);
      count = checked_count(header.shape);
      if (header.fortran_order && count > 0) {
        throw Error(ErrorKind::damaged, "is in Fortran order (first index fastest), expected C order",
                    "save it again: np.save(path, np.ascontiguousarray(array))");
      }
    } catch (const Error& error) {
      throw error.in_file(path);
    }
    require_size();
  }

  /// An uncompressed file shows at once that it is too short, before anybody makes room for its values.
  void require_size() const {
    std::error_code code;
    const auto size = fs::file_size(path, code);
    if (code || gzdirect(file) == 0) return;  // a pipe, or compressed: the end shows when it comes
    const std::int64_t held = (static_cast<std::int64_t>(size) - gztell(file)) / type->size;
    if (held < count) truncated(held);
  }

  [[noreturn]] void truncated(std::int64_t found) const {
    fail("is truncated: it holds " + std::to_string(found) + " values, its header says " + std::to_string(count) +
         ", shape " + shape_text(header.shape));
  }

  fs::path path;
  gzFile file = nullptr;
  Header header;
  const ValueType* type = nullptr;
  std::int64_t count = 0;
  std::int64_t position = 0;  ///< values read so far
};

NpyReader::NpyReader(const fs::path& path) : state_(std::make_unique<State>(path)) {
  state_->parse_header();
}
NpyReader::~NpyReader() = default;
NpyReader::NpyReader(NpyReader&&) noexcept = default;

const std::vector<std::int64_t>& NpyReader::shape() const {
  return state_->header.shape;
}

const std::string& NpyReader::dtype() const {
  return state_->header.dtype;
}

void NpyReader::read(std::span<double> out) {
  if (out.size() > static_cast<std::size_t>(state_->count - state_->position)) {
    throw InternalError("NpyReader::read: " + std::to_string(out.size()) + " values asked for, " +
                        std::to_string(state_->count - state_->position) + " left");
  }
  constexpr std::size_t kPiece = 1 << 14;
  const auto size = static_cast<std::size_t>(state_->type->size);
  std::array<char, kPiece * sizeof(double)> buffer;
  while (!out.empty()) {
    const std::span<double> piece = out.first(std::min(kPiece, out.size()));
    const std::size_t got = state_->bytes(std::span(buffer).first(piece.size() * size)) / size;
    if (got < piece.size()) state_->truncated(state_->position + static_cast<std::int64_t>(got));
    state_->type->to_double(buffer.data(), piece);
    state_->position += static_cast<std::int64_t>(got);
    out = out.subspan(piece.size());
  }
}

NdArray<double> read_npy(const fs::path& path) {
  NpyReader reader(path);
  NdArray<double> array;
  array.shape = reader.shape();
  // A gzipped file's header may claim anything, so room is made as values come.
  constexpr std::size_t kPiece = 1 << 20;
  auto left = static_cast<std::size_t>(checked_count(array.shape));
  while (left > 0) {
    const std::size_t piece = std::min(left, kPiece);
    array.values.resize(array.values.size() + piece);
    reader.read(std::span(array.values).last(piece));
    left -= piece;
  }
  return array;
}

namespace {

template <class T>
constexpr std::string_view kTypeName = "";
template <>
constexpr std::string_view kTypeName<std::int8_t> = "|i1";
template <>
constexpr std::string_view kTypeName<std::int32_t> = "<i4";
template <>
constexpr std::string_view kTypeName<float> = "<f4";

/// All that stands before the values (numpy.lib.format, version 1.0): they begin at a multiple of 64 bytes, after a
/// line end.
std::string start_of(std::string_view type, const std::vector<std::int64_t>& shape) {
  std::string tuple = shape_text(shape);
  if (shape.size() == 1) tuple.insert(tuple.size() - 1, ",");  // a tuple of one, as Python writes it
  std::string header = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': " + tuple + ", }";
  const std::size_t before = kMagic.size() + 4;
  header.append((64 - (before + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  const auto length = static_cast<std::uint16_t>(header.size());
  return std::string(kMagic) + '\x01' + '\0' + static_cast<char>(length & 255) + static_cast<char>(length >> 8) +
         header;
}

}  // namespace

struct NpyWriter::State {
  State(const fs::path& path_of, std::string_view type_of, const std::vector<std::int64_t>& shape)
      : path(path_of), type(type_of), left(checked_count(shape)), file(std::fopen(path.c_str(), "wb")) {
    if (file == nullptr) fail();
    const std::string start = start_of(type, shape);
    bytes(start.data(), start.size());
  }
  ~State() {
    if (file != nullptr) std::fclose(file);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[noreturn]] void fail() const {
    const int code = errno;
    throw Error(code == ENOENT || code == ENOTDIR ? ErrorKind::missing : ErrorKind::file,
                std::string("cannot be written: ") + std::strerror(code),
                code == ENOSPC || code == EDQUOT ? "free some space, or write to another disk" : "")
        .in_file(path);
  }
  void bytes(const void* data, std::size_t size) {
    if (std::fwrite(data, 1, size, file) != size) fail();
  }
  template <class T>
  void values(std::span<const T> out) {
    if (kTypeName<T> != type || static_cast<std::int64_t>(out.size()) > left)
      throw InternalError("NpyWriter: values of another type, or more than the shape holds");
    bytes(out.data(), out.size_bytes());
    left -= static_cast<std::int64_t>(out.size());
  }

  fs::path path;
  std::string_view type;
  std::int64_t left;  ///< values to come
  std::FILE* file;
};

template <class T>
NpyWriter NpyWriter::of(const fs::path& path, const std::vector<std::int64_t>& shape) {
  return NpyWriter(std::make_unique<State>(path, kTypeName<T>, shape));
}
template NpyWriter NpyWriter::of<std::int8_t>(const fs::path&, const std::vector<std::int64_t>&);
template NpyWriter NpyWriter::of<std::int32_t>(const fs::path&, const std::vector<std::int64_t>&);
template NpyWriter NpyWriter::of<float>(const fs::path&, const std::vector<std::int64_t>&);

NpyWriter::NpyWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
NpyWriter::~NpyWriter() = default;
NpyWriter::NpyWriter(NpyWriter&&) noexcept = default;

void NpyWriter::write(std::span<const std::int8_t> values) {
  state_->values(values);
}
void NpyWriter::write(std::span<const std::int32_t> values) {
  state_->values(values);
}
void NpyWriter::write(std::span<const float> values) {
  state_->values(values);
}

void NpyWriter::close() {
  if (state_->left != 0) throw InternalError("NpyWriter: fewer values than the shape holds");
  if (std::fflush(state_->file) != 0 || ::fsync(::fileno(state_->file)) != 0) state_->fail();
  if (std::fclose(std::exchange(state_->file, nullptr)) != 0) state_->fail();
}

void write_npy(const fs::path& path, const NdArray<float>& array) {
  if (NdArray<float>::count(array.shape) != static_cast<std::int64_t>(array.values.size())) {
    throw InternalError("write_npy: shape " + shape_text(array.shape) + " for " + std::to_string(array.values.size()) +
                        " values");
  }
  const std::string start = start_of(kTypeName<float>, array.shape);
  const auto* values = reinterpret_cast<const char*>(array.values.data());
  const std::array<std::string_view, 2> parts{start, {values, array.values.size() * sizeof(float)}};
  write_bytes_atomically(path, parts);
}

}  // namespace plexiform
