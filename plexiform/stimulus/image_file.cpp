#include "plexiform/stimulus/image_file.hpp"

#include <spng.h>
#include <tiffio.h>
#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <regex>
#include <span>
#include <string_view>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostPixels = std::int64_t{1} << 27;
constexpr const char* kAsGrey = "save it as an 8- or 16-bit PNG, JPEG or TIFF in grey or RGB";

[[noreturn]] void refuse(const std::string& message, const std::string& advice = {}) {
  throw Error(ErrorKind::damaged, message, advice);
}

void check_size(std::int64_t height, std::int64_t width) {
  if (height < 1 || width < 1 || height > kLongestImageSide || width > kLongestImageSide ||
      height * width > kMostPixels)
    refuse("an image of " + std::to_string(height) + " x " + std::to_string(width) + " pixels, expected 1 to " +
           std::to_string(kLongestImageSide) + " a side and " + std::to_string(kMostPixels) + " at most in total");
}

float luminance(double red, double green, double blue) {
  return static_cast<float>(0.2126 * red + 0.7152 * green + 0.0722 * blue);
}

/// Pixels of `channels` values (grey; grey, alpha; red, green, blue; red, green, blue, alpha) from 0 to `most`.
template <class T>
NdArray<float> grey(std::int64_t height, std::int64_t width, std::span<const T> values, std::size_t channels,
                    double most) {
  NdArray<float> image({height, width});
  const bool colour = channels >= 3;
  for (std::size_t p = 0; p < image.values.size(); ++p) {
    const T* v = &values[p * channels];
    if (channels % 2 == 0 && v[channels - 1] != static_cast<T>(most))
      refuse("pixel " + std::to_string(p % static_cast<std::size_t>(width)) + ", " +
                 std::to_string(p / static_cast<std::size_t>(width)) + " is not opaque",
             "save the image without transparency: what would shine through is not known");
    image.values[p] = colour ? luminance(v[0] / most, v[1] / most, v[2] / most) : static_cast<float>(v[0] / most);
  }
  return image;
}

// ---- PNG

NdArray<float> png(const std::string& bytes) {
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> context(spng_ctx_new(0), spng_ctx_free);
  if (!context) throw std::bad_alloc();
  const auto must = [](int code) {
    if (code != 0) refuse(std::string("damaged PNG: ") + spng_strerror(code));
  };
  must(spng_set_image_limits(context.get(), kLongestImageSide, kLongestImageSide));
  must(spng_set_png_buffer(context.get(), bytes.data(), bytes.size()));
  spng_ihdr header{};
  must(spng_get_ihdr(context.get(), &header));
  check_size(header.height, header.width);
  std::size_t size = 0;
  must(spng_decoded_image_size(context.get(), SPNG_FMT_RGBA16, &size));
  std::vector<std::uint16_t> values(size / sizeof(std::uint16_t));
  must(spng_decode_image(context.get(), values.data(), size, SPNG_FMT_RGBA16, SPNG_DECODE_TRNS));
  return grey<std::uint16_t>(header.height, header.width, values, 4, 65535);
}

// ---- JPEG

NdArray<float> jpeg(const std::string& bytes) {
  const std::unique_ptr<void, decltype(&tjDestroy)> decoder(tjInitDecompress(), tjDestroy);
  if (!decoder) throw std::bad_alloc();
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto must = [&](int code) {
    if (code != 0) refuse(std::string("damaged JPEG: ") + tjGetErrorStr2(decoder.get()));
  };
  int width = 0, height = 0, subsampling = 0, colours = 0;
  must(tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &subsampling, &colours));
  check_size(height, width);
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) refuse("a JPEG in CMYK, expected grey or RGB", kAsGrey);
  std::vector<unsigned char> values(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  must(tjDecompress2(decoder.get(), data, bytes.size(), values.data(), width, 0, height, TJPF_RGB,
                     TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING));
  return grey<unsigned char>(height, width, values, 3, 255);
}

// ---- TIFF

/// The last thing that libtiff complained about; 1: it need not be reported again.
int keep_message(TIFF*, void* to, const char*, const char* format, va_list arguments) {
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  *static_cast<std::string*>(to) = text.data();
  return 1;
}

class TiffFile {
 public:
  explicit TiffFile(const fs::path& path) {
    const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                   TIFFOpenOptionsFree);
    if (!options) throw std::bad_alloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_message, &message_);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_message, &warning_);
    tiff_.reset(TIFFOpenExt(path.c_str(), "r", options.get()));
    if (!tiff_) fail();
  }

  NdArray<float> read() {
    const auto height = field<std::uint32_t>(TIFFTAG_IMAGELENGTH), width = field<std::uint32_t>(TIFFTAG_IMAGEWIDTH);
    check_size(height, width);
    if (const auto pages = TIFFNumberOfDirectories(tiff_.get()); pages > 1)
      refuse("a TIFF of " + std::to_string(pages) + " pages, expected one image", "save each page as a file");
    const auto bits = field<std::uint16_t>(TIFFTAG_BITSPERSAMPLE), format = field<std::uint16_t>(TIFFTAG_SAMPLEFORMAT);
    if (format != SAMPLEFORMAT_UINT) refuse("a TIFF whose values are signed or floating point", kAsGrey);
    if (bits == 16) return sixteen_bits(height, width);
    if (bits > 8) refuse("a TIFF of " + std::to_string(bits) + " bits a value, expected 8 or 16", kAsGrey);
    std::vector<std::uint32_t> values(static_cast<std::size_t>(height) * width);
    if (TIFFReadRGBAImageOriented(tiff_.get(), width, height, values.data(), ORIENTATION_TOPLEFT, 1) != 1) fail();
    std::vector<unsigned char> bytes;
    bytes.reserve(values.size() * 4);
    for (const std::uint32_t v : values)
      for (const auto part : {TIFFGetR(v), TIFFGetG(v), TIFFGetB(v), TIFFGetA(v)})
        bytes.push_back(static_cast<unsigned char>(part));
    return grey<unsigned char>(height, width, bytes, 4, 255);
  }

 private:
  NdArray<float> sixteen_bits(std::uint32_t height, std::uint32_t width) {
    const auto samples = field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL),
               light = field<std::uint16_t>(TIFFTAG_PHOTOMETRIC), planes = field<std::uint16_t>(TIFFTAG_PLANARCONFIG),
               turned = field<std::uint16_t>(TIFFTAG_ORIENTATION);
    const bool plain = (light == PHOTOMETRIC_MINISBLACK && samples <= 2) || (light == PHOTOMETRIC_RGB && samples <= 4);
    if (!plain || samples < 1 || TIFFIsTiled(tiff_.get()) != 0 || (samples > 1 && planes != PLANARCONFIG_CONTIG) ||
        turned != ORIENTATION_TOPLEFT)
      refuse("a 16-bit TIFF that is tiled, turned, in planes, or neither grey nor RGB", kAsGrey);
    const std::size_t row = static_cast<std::size_t>(width) * samples;
    if (static_cast<std::size_t>(TIFFScanlineSize(tiff_.get())) != row * sizeof(std::uint16_t)) fail();
    std::vector<std::uint16_t> values(row * height);
    for (std::uint32_t y = 0; y < height; ++y)
      if (TIFFReadScanline(tiff_.get(), &values[row * y], y, 0) != 1) fail();
    return grey<std::uint16_t>(height, width, values, samples, 65535);
  }

  template <class T>
  T field(std::uint32_t tag) {
    T value{};
    if (TIFFGetFieldDefaulted(tiff_.get(), tag, &value) != 1) {
      if (tag == TIFFTAG_PHOTOMETRIC) return static_cast<T>(PHOTOMETRIC_MINISBLACK);
      fail();
    }
    return value;
  }

  [[noreturn]] void fail() const { refuse("damaged TIFF" + (message_.empty() ? std::string() : ": " + message_)); }

  std::string message_, warning_;
  std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff_{nullptr, TIFFClose};
};

// ---- raw

NdArray<float> raw_image(const std::string& bytes, const RawImage& raw) {
  const auto pixels = static_cast<std::size_t>(raw.height * raw.width), size = static_cast<std::size_t>(raw.bits / 8);
  if (bytes.size() != pixels * size)
    refuse(std::to_string(bytes.size()) + " bytes, expected " + std::to_string(pixels * size) + ": " +
               std::to_string(raw.height) + " x " + std::to_string(raw.width) + " values of " +
               std::to_string(raw.bits) + " bits",
           "is this the form of the raw images? ROWSxCOLUMNS[:BITS][:columns][:big]");
  NdArray<float> image({raw.height, raw.width});
  const double most = raw.bits == 8 ? 255 : 65535;
  for (std::size_t i = 0; i < pixels; ++i) {
    const auto byte = [&](std::size_t k) {
      return static_cast<unsigned>(static_cast<unsigned char>(bytes[i * size + k]));
    };
    const unsigned value = size == 1 ? byte(0) : raw.big_endian ? 256 * byte(0) + byte(1) : byte(0) + 256 * byte(1);
    const auto rows = static_cast<std::size_t>(raw.height), columns = static_cast<std::size_t>(raw.width);
    const std::size_t p = raw.column_major ? i % rows * columns + i / rows : i;
    image.values[p] = static_cast<float>(value / most);
  }
  return image;
}

std::string ending(const fs::path& path) {
  std::string text = path.extension().string();
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_raw(const fs::path& path) {
  constexpr std::array<std::string_view, 3> known{".raw", ".bin", ".iml"};
  return std::ranges::find(known, ending(path)) != known.end();
}

bool looks_like_image(const fs::path& path) {
  constexpr std::array<std::string_view, 5> known{".png", ".jpg", ".jpeg", ".tif", ".tiff"};
  return std::ranges::find(known, ending(path)) != known.end() || is_raw(path);
}

NdArray<float> decoded(const fs::path& path, const std::optional<RawImage>& raw) {
  const std::string bytes = read_text(path);
  const auto begins = [&](std::string_view with) { return bytes.starts_with(with); };
  using namespace std::string_view_literals;
  if (begins("\x89PNG\r\n\x1a\n"sv)) return png(bytes);
  if (begins("\xff\xd8\xff"sv)) return jpeg(bytes);
  if (begins("II*\0"sv) || begins("MM\0*"sv)) return TiffFile(path).read();
  if (is_raw(path)) {
    if (!raw)
      throw Error(ErrorKind::usage, "is a raw image, whose size is not known",
                  "give the form of the raw images: ROWSxCOLUMNS[:BITS][:columns][:big]")
          .mended_by("raw", "256x256:8:columns");
    return raw_image(bytes, *raw);
  }
  refuse("is not a PNG, JPEG or TIFF file",
         "the names of raw images end in .raw; their form is ROWSxCOLUMNS[:BITS][:columns][:big]");
}

}  // namespace

RawImage raw_image_from(const std::string& text) {
  static const std::regex form("([0-9]{1,5})x([0-9]{1,5})(:(8|16))?(:(rows|columns))?(:(big|little))?");
  std::smatch found;
  if (!std::regex_match(text, found, form))
    throw Error(ErrorKind::usage,
                "the form of raw images is '" + text +
                    "', expected ROWSxCOLUMNS, ROWSxCOLUMNS:BITS or "
                    "ROWSxCOLUMNS:BITS:columns",
                "such as 256x256:8:columns");
  RawImage raw;
  raw.height = std::stoll(found[1]);
  raw.width = std::stoll(found[2]);
  if (found[4].matched) raw.bits = std::stoll(found[4]);
  raw.column_major = found[6] == "columns";
  raw.big_endian = found[8] == "big";
  if (raw.height < 1 || raw.width < 1 || raw.height > kLongestImageSide || raw.width > kLongestImageSide)
    throw Error(ErrorKind::usage,
                "raw images of " + text + " pixels, expected 1 to " + std::to_string(kLongestImageSide) + " a side");
  return raw;
}

NdArray<float> read_image(const fs::path& path, const std::optional<RawImage>& raw) {
  try {
    return decoded(path, raw);
  } catch (const Error& error) {
    if (!error.place().file.empty()) throw;  // of read_text
    throw error.in_file(path);
  }
}

namespace {

/// Order of names in which numbers count by their value: image2 before image10.
bool comes_before(const fs::path& a, const fs::path& b) {
  const std::string one = a.filename().string(), other = b.filename().string();
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, j = 0;
  while (i < one.size() && j < other.size()) {
    if (!is_digit(one[i]) || !is_digit(other[j])) {
      if (one[i] != other[j]) return one[i] < other[j];
      ++i, ++j;
      continue;
    }
    const auto number = [&](const std::string& text, std::size_t& at) {
      while (at < text.size() && text[at] == '0') ++at;
      const std::size_t begin = at;
      while (at < text.size() && is_digit(text[at])) ++at;
      return text.substr(begin, at - begin);
    };
    const std::string left = number(one, i), right = number(other, j);
    if (left.size() != right.size()) return left.size() < right.size();
    if (left != right) return left < right;
  }
  return one.size() - i != other.size() - j ? i == one.size() : one < other;
}

}  // namespace

std::vector<fs::path> image_files(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const auto& path : paths) {
    if (!path_exists(path)) throw Error(ErrorKind::missing, "no such file or folder").in_file(path);
    if (!is_folder(path)) {
      files.push_back(path);
      continue;
    }
    std::vector<fs::path> inside;
    for (const auto& file : files_in(path))
      if (looks_like_image(file) && is_file(file)) inside.push_back(file);
    if (inside.empty()) throw Error(ErrorKind::missing, "holds no image (.png, .jpg, .tif, .raw)").in_file(path);
    std::ranges::sort(inside, comes_before);
    files.insert(files.end(), inside.begin(), inside.end());
  }
  std::error_code ignored;  // of a file that is gone: it is missed where it is read
  for (std::size_t i = 0; i < files.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (fs::equivalent(files[i], files[j], ignored))
        throw Error(ErrorKind::usage, "is named twice", "no image may both train and test").in_file(files[i]);
  return files;
}

}  // namespace plexiform
