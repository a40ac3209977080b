// Images of every kind that is read, written here by the libraries that read them, and files that are none.
#include "plexiform/stimulus/image_file.hpp"

#include <gtest/gtest.h>
#include <spng.h>
#include <tiffio.h>
#include <turbojpeg.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

constexpr std::uint32_t kHeight = 5, kWidth = 7;

void write_bytes(const std::filesystem::path& path, const void* data, std::size_t size) {
  std::ofstream(path, std::ios::binary).write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
}

/// Value v(y, x, channel) in 0 to 1 of a test picture.
double picture(std::size_t y, std::size_t x, std::size_t channel) {
  return static_cast<double>((3 * y + 5 * x + 11 * channel) % 17) / 16;
}

template <class T>
std::vector<T> samples(std::size_t channels, bool opaque = true) {
  const double most = static_cast<double>(static_cast<T>(~T{0}));
  std::vector<T> values;
  for (std::size_t y = 0; y < kHeight; ++y)
    for (std::size_t x = 0; x < kWidth; ++x)
      for (std::size_t c = 0; c < channels; ++c) {
        const bool alpha = channels % 2 == 0 && c + 1 == channels;
        values.push_back(alpha ? static_cast<T>(opaque ? most : most / 2)
                               : static_cast<T>(std::lround(most * picture(y, x, channels < 3 ? 0 : c))));
      }
  return values;
}

template <class T>
void write_png(const std::filesystem::path& path, std::size_t channels, bool opaque = true) {
  const std::array<std::uint8_t, 5> colour{0, SPNG_COLOR_TYPE_GRAYSCALE, SPNG_COLOR_TYPE_GRAYSCALE_ALPHA,
                                           SPNG_COLOR_TYPE_TRUECOLOR, SPNG_COLOR_TYPE_TRUECOLOR_ALPHA};
  spng_ctx* context = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
  spng_ihdr header{kWidth, kHeight, sizeof(T) * 8, colour[channels], 0, 0, 0};
  spng_set_ihdr(context, &header);
  const auto values = samples<T>(channels, opaque);
  ASSERT_EQ(spng_encode_image(context, values.data(), values.size() * sizeof(T), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE),
            0);
  std::size_t size = 0;
  int code = 0;
  void* bytes = spng_get_png_buffer(context, &size, &code);
  write_bytes(path, bytes, size);
  std::free(bytes);
  spng_ctx_free(context);
}

template <class T>
void write_tiff(const std::filesystem::path& path, std::size_t channels, std::uint16_t format = SAMPLEFORMAT_UINT) {
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, kWidth);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, kHeight);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(sizeof(T) * 8));
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, static_cast<int>(channels));
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, format);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, channels == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  auto values = samples<T>(channels);
  for (std::uint32_t y = 0; y < kHeight; ++y)
    ASSERT_EQ(TIFFWriteScanline(tiff, &values[y * kWidth * channels], y, 0), 1);
  TIFFClose(tiff);
}

/// `most`: of the file's values, to which the picture was rounded.
void expect_picture(const NdArray<float>& image, bool colour, double most) {
  ASSERT_EQ(image.shape, (std::vector<std::int64_t>{kHeight, kWidth}));
  const auto kept = [&](std::size_t y, std::size_t x, std::size_t c) {
    return std::round(most * picture(y, x, c)) / most;
  };
  for (std::size_t y = 0; y < kHeight; ++y)
    for (std::size_t x = 0; x < kWidth; ++x) {
      const double expected =
          colour ? 0.2126 * kept(y, x, 0) + 0.7152 * kept(y, x, 1) + 0.0722 * kept(y, x, 2) : kept(y, x, 0);
      EXPECT_NEAR(image.values[y * kWidth + x], expected, 1e-6) << "row " << y << ", column " << x;
    }
}

TEST(ImageFile, ReadsPngOfEveryDepthAndColour) {
  const TemporaryFolder folder;
  write_png<std::uint8_t>(folder / "grey8.png", 1);
  write_png<std::uint16_t>(folder / "grey16.png", 1);
  write_png<std::uint8_t>(folder / "colour8.png", 3);
  write_png<std::uint16_t>(folder / "opaque16.png", 4);
  expect_picture(read_image(folder / "grey8.png"), false, 255);
  expect_picture(read_image(folder / "grey16.png"), false, 65535);
  expect_picture(read_image(folder / "colour8.png"), true, 255);
  expect_picture(read_image(folder / "opaque16.png"), true, 65535);
  write_png<std::uint8_t>(folder / "glass.png", 4, false);
  expect_error(ErrorKind::damaged, {"glass.png", "pixel 0, 0 is not opaque"},
               [&] { read_image(folder / "glass.png"); });
}

TEST(ImageFile, ReadsTiffOfEveryDepthAndColour) {
  const TemporaryFolder folder;
  write_tiff<std::uint8_t>(folder / "grey8.tif", 1);
  write_tiff<std::uint16_t>(folder / "grey16.tif", 1);
  write_tiff<std::uint8_t>(folder / "colour8.tif", 3);
  write_tiff<std::uint16_t>(folder / "colour16.tif", 3);
  expect_picture(read_image(folder / "grey8.tif"), false, 255);
  expect_picture(read_image(folder / "grey16.tif"), false, 65535);
  expect_picture(read_image(folder / "colour8.tif"), true, 255);
  expect_picture(read_image(folder / "colour16.tif"), true, 65535);
  write_tiff<std::uint32_t>(folder / "float.tif", 1, SAMPLEFORMAT_IEEEFP);
  expect_error(ErrorKind::damaged, {"float.tif", "floating point"}, [&] { read_image(folder / "float.tif"); });
}

TEST(ImageFile, ReadsJpeg) {
  const TemporaryFolder folder;
  const std::vector<unsigned char> grey(16 * 24, 100);
  tjhandle encoder = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  ASSERT_EQ(tjCompress2(encoder, grey.data(), 24, 0, 16, TJPF_GRAY, &bytes, &size, TJSAMP_GRAY, 95, 0), 0);
  write_bytes(folder / "grey.jpg", bytes, size);
  write_bytes(folder / "cut.jpg", bytes, size / 2);
  tjFree(bytes);
  tjDestroy(encoder);
  const auto image = read_image(folder / "grey.jpg");
  EXPECT_EQ(image.shape, (std::vector<std::int64_t>{16, 24}));
  for (const float v : image.values) EXPECT_NEAR(v, 100 / 255.0, 2 / 255.0);
  expect_error(ErrorKind::damaged, {"cut.jpg", "damaged JPEG"}, [&] { read_image(folder / "cut.jpg"); });
}

TEST(ImageFile, ReadsRawInEitherOrderAndDepth) {
  const TemporaryFolder folder;
  const std::array<unsigned char, 12> bytes{0, 51, 102, 153, 204, 255, 0, 1, 2, 3, 4, 5};
  write_bytes(folder / "six.raw", bytes.data(), 6);
  write_bytes(folder / "twelve.RAW", bytes.data(), 12);
  const auto rows = read_image(folder / "six.raw", raw_image_from("2x3"));
  EXPECT_FLOAT_EQ(rows.values[1], 0.2f);
  EXPECT_FLOAT_EQ(rows.values[3], 0.6f);
  const auto columns = read_image(folder / "six.raw", raw_image_from("2x3:8:columns"));
  EXPECT_EQ(columns.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_FLOAT_EQ(columns.values[1], 0.4f);  // row 0, column 1
  EXPECT_FLOAT_EQ(columns.values[3], 0.2f);  // row 1, column 0
  const auto deep = read_image(folder / "twelve.RAW", raw_image_from("3x2:16"));
  EXPECT_FLOAT_EQ(deep.values[0], 51 * 256 / 65535.f);
  EXPECT_FLOAT_EQ(read_image(folder / "twelve.RAW", raw_image_from("3x2:16:big")).values[0], 51 / 65535.f);
  expect_error(ErrorKind::damaged, {"six.raw", "6 bytes, expected 12"},
               [&] { read_image(folder / "six.raw", raw_image_from("3x4")); });
  expect_error(ErrorKind::usage, {"six.raw", "size is not known"}, [&] { read_image(folder / "six.raw"); });
  for (const char* form : {"", "3", "3x", "0x3", "3x4:9", "3x4:8:rowz", "99999x2"})
    expect_error(ErrorKind::usage, {"raw images"}, [&] { raw_image_from(form); });
}

TEST(ImageFile, WhatIsNoImageIsNamed) {
  const TemporaryFolder folder;
  write_bytes(folder / "text.png", "hello", 5);
  write_bytes(folder / "empty.png", "", 0);
  expect_error(ErrorKind::damaged, {"text.png", "is not a PNG, JPEG or TIFF"},
               [&] { read_image(folder / "text.png"); });
  expect_error(ErrorKind::damaged, {"empty.png", "is not a PNG, JPEG or TIFF"},
               [&] { read_image(folder / "empty.png"); });
  expect_error(ErrorKind::missing, {"none.png"}, [&] { read_image(folder / "none.png"); });
  // Every beginning of a good file is refused, and none does worse.
  write_png<std::uint8_t>(folder / "good.png", 3);
  write_tiff<std::uint16_t>(folder / "good.tif", 1);
  for (const char* name : {"good.png", "good.tif"}) {
    std::ifstream in(folder / name, std::ios::binary);
    const std::string good((std::istreambuf_iterator<char>(in)), {});
    for (std::size_t n = 8; n + 12 < good.size(); n += 5) {
      write_bytes(folder / "cut", good.data(), n);
      expect_error(ErrorKind::damaged, {"cut", "damaged"}, [&] { read_image(folder / "cut"); });
    }
  }
}

TEST(ImageFile, ListsTheImagesOfAFolderByName) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "in");
  for (const char* name : {"b.PNG", "a.raw", "notes.txt", "c.jpeg"}) write_bytes(folder / "in" / name, "x", 1);
  expect_error(ErrorKind::usage, {"b.PNG", "named twice"}, [&] { image_files({folder / "in", folder / "in/b.PNG"}); });
  const auto files = image_files({folder / "in", folder / "in/notes.txt"});
  ASSERT_EQ(files.size(), 4u);
  EXPECT_EQ(files[0].filename(), "a.raw");
  EXPECT_EQ(files[1].filename(), "b.PNG");
  EXPECT_EQ(files[3].filename(), "notes.txt");
  std::filesystem::create_directories(folder / "bare");
  expect_error(ErrorKind::missing, {"bare", "no image"}, [&] { image_files({folder / "bare"}); });
  expect_error(ErrorKind::missing, {"gone", "no such"}, [&] { image_files({folder / "gone"}); });
  expect_error(ErrorKind::file, {"cannot be opened"}, [&] { image_files({folder / std::string(300, 'n')}); });
}

}  // namespace
}  // namespace plexiform
