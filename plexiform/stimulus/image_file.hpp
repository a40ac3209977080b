#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plexiform/base/ndarray.hpp"

namespace plexiform {

inline constexpr std::int64_t kLongestImageSide = 32768;

/// How the bytes of a raw image lie: no header, `height` x `width` values.
struct RawImage {
  std::int64_t height = 0, width = 0;
  std::int64_t bits = 8;      ///< 8 or 16
  bool column_major = false;  ///< a column after the other, as MATLAB writes a matrix
  bool big_endian = false;    ///< of 16 bits: the higher byte first, as in the images of van Hateren (.iml)
};
/// "256x256", "256x256:8:columns", "1024x1536:16:big": rows x columns, bits, order, byte order. Throws Error{usage}.
RawImage raw_image_from(const std::string& text);

/// Luminance [row, column], 0 to 1 (the range of the file's 8 or 16 bits), of a PNG, JPEG or TIFF file, known by its
/// first bytes, or of a raw one where `raw` is given and the name ends in .raw, .bin or .iml. Colours count as in ITU-R
/// BT.709 (0.2126, 0.7152, 0.0722) on the values as they are stored. Throws Error{missing} if it is not there,
/// Error{usage} if it is raw and `raw` is not given, Error{damaged} if it is damaged, not an image, of another kind
/// (CMYK, floating point, several pages), larger than 32,768 pixels a side or 2^27 in all, or not opaque.
NdArray<float> read_image(const std::filesystem::path& path, const std::optional<RawImage>& raw = {});

/// The images that paths name, in the order of the paths; of a folder all files with the ending of a known kind, by
/// name, numbers in it by their value (image2 before image10). Throws Error{missing} if a path is not there
/// or a folder holds none, Error{usage} if an image is named twice.
std::vector<std::filesystem::path> image_files(const std::vector<std::filesystem::path>& paths);

}  // namespace plexiform
