#include "plexiform/base/npy.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zlib.h>

#include <cstring>
#include <limits>
#include <new>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/random.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

std::string header_of(const std::string& dtype, const std::string& shape, const std::string& order = "False") {
  return "{'descr': " + dtype + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

/// A .npy file of version `version` with any header.
std::string npy(const std::string& header, const std::string& values, int version = 1) {
  std::string bytes = "\x93NUMPY" + std::string{static_cast<char>(version), '\0'};
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += static_cast<char>(header.size() >> 8 * i & 255);
  return bytes + header + values;
}

template <class T>
std::string raw(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

void write_gzip(const std::filesystem::path& path, const std::string& bytes) {
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

RC_GTEST_PROP(Npy, WhatIsWrittenIsReadBack, ()) {
  const TemporaryFolder folder;
  const auto shape =
      *rc::gen::resize(4, rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 5)));
  NdArray<float> array(shape);
  for (float& value : array.values) value = static_cast<float>(*rc::gen::arbitrary<int>()) / 7;
  write_npy(folder / "a.npy", array);
  const auto text = read_text(folder / "a.npy");
  RC_ASSERT((text.size() - array.values.size() * sizeof(float)) % 64 == 0u);  // aligned, as numpy does it
  write_gzip(folder / "a.npy.gz", text);
  for (const char* name : {"a.npy", "a.npy.gz"}) {
    const auto read = read_npy(folder / name);
    RC_ASSERT(read.shape == shape);
    RC_ASSERT(read.values == std::vector<double>(array.values.begin(), array.values.end()));
  }
}

TEST(Npy, IsWrittenPieceByPieceTheSame) {
  const TemporaryFolder folder;
  NdArray<float> array({3, 2}, 0.5f);
  write_npy(folder / "whole.npy", array);
  auto writer = NpyWriter::of<float>(folder / "pieces.npy", {3, 2});
  for (std::int64_t row = 0; row < 3; ++row) writer.write(std::as_const(array).row(row));
  writer.close();
  EXPECT_EQ(read_text(folder / "pieces.npy"), read_text(folder / "whole.npy"));
  auto counts = NpyWriter::of<std::int32_t>(folder / "counts.npy", {2});
  EXPECT_THROW(counts.write(std::span<const float>(array.values).first(1)), InternalError);
  counts.write(std::vector<std::int32_t>{-7});
  EXPECT_THROW(counts.close(), InternalError);
  counts.write(std::vector<std::int32_t>{1 << 30});
  EXPECT_THROW(counts.write(std::vector<std::int32_t>{1}), InternalError);
  counts.close();
  EXPECT_EQ(read_npy(folder / "counts.npy").values, (std::vector<double>{-7, 1 << 30}));
}

TEST(Npy, ReadsEveryKindOfNumber) {
  const TemporaryFolder folder;
  const auto read = [&](const std::string& dtype, const std::string& values) {
    write_text_atomically(folder / "a.npy", npy(header_of("'" + dtype + "'", "(2,)"), values));
    return read_npy(folder / "a.npy").values;
  };
  using D = std::vector<double>;
  EXPECT_EQ(read("<f4", raw<float>({1.5f, -2})), (D{1.5, -2}));
  EXPECT_EQ(read("<f8", raw<double>({1.1, -2e300})), (D{1.1, -2e300}));
  EXPECT_EQ(read("|u1", raw<std::uint8_t>({1, 255})), (D{1, 255}));
  EXPECT_EQ(read("|i1", raw<std::int8_t>({1, -128})), (D{1, -128}));
  EXPECT_EQ(read("<u2", raw<std::uint16_t>({1, 65535})), (D{1, 65535}));
  EXPECT_EQ(read("<i2", raw<std::int16_t>({1, -32768})), (D{1, -32768}));
  EXPECT_EQ(read("<u4", raw<std::uint32_t>({1, 4294967295u})), (D{1, 4294967295.0}));
  EXPECT_EQ(read("<i4", raw<std::int32_t>({1, -7})), (D{1, -7}));
  EXPECT_EQ(read("<u8", raw<std::uint64_t>({1, 1ull << 63})), (D{1, 0x1p63}));
  EXPECT_EQ(read("<i8", raw<std::int64_t>({1, -7})), (D{1, -7}));
  EXPECT_EQ(read("|b1", raw<std::uint8_t>({0, 1})), (D{0, 1}));
}

TEST(Npy, ReadsVersions2And3AndPython2sLongs) {
  const TemporaryFolder folder;
  for (const int version : {1, 2, 3}) {
    write_text_atomically(folder / "a.npy", npy(header_of("'<f4'", "(1L, 2L)"), raw<float>({3, 4}), version));
    EXPECT_EQ(read_npy(folder / "a.npy").shape, (std::vector<std::int64_t>{1, 2}));
  }
}

TEST(Npy, ReadsBlockByBlock) {
  const TemporaryFolder folder;
  NdArray<float> array({100000, 3});
  for (std::size_t i = 0; i < array.values.size(); ++i) array.values[i] = static_cast<float>(i);
  write_npy(folder / "a.npy", array);
  NpyReader reader(folder / "a.npy");
  EXPECT_EQ(reader.shape(), array.shape);
  EXPECT_EQ(reader.dtype(), "<f4");
  std::vector<double> first(100), rest(array.values.size() - 100), more(1);
  reader.read(first);
  reader.read(rest);
  EXPECT_EQ(first.back(), 99);
  EXPECT_EQ(rest.front(), 100);
  EXPECT_EQ(rest.back(), 299999);
  EXPECT_THROW(reader.read(more), InternalError);
}

TEST(Npy, TellsWhatItCannotRead) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& bytes, const std::vector<std::string>& words) {
    write_text_atomically(folder / "a.npy", bytes);
    std::vector<std::string> all{"a.npy"};
    all.insert(all.end(), words.begin(), words.end());
    expect_error(ErrorKind::damaged, all, [&] { read_npy(folder / "a.npy"); });
  };
  const std::string two = raw<float>({1, 2});
  refused(npy(header_of("'>f4'", "(2,)"), two), {"'>f4'", "big-endian"});
  refused(npy(header_of("'<f2'", "(2,)"), two), {"'<f2'", "expected", "float32"});
  refused(npy(header_of("'<c8'", "(1,)"), two), {"'<c8'", "expected"});
  refused(npy(header_of("'|O'", "(2,)"), two), {"'|O'", "expected"});
  refused(npy(header_of("'<U1'", "(2,)"), two), {"'<U1'", "expected"});
  refused(npy(header_of("''", "(2,)"), two), {"''", "expected"});
  refused(npy(header_of("[('x', '<f4')]", "(2,)"), two), {"several fields"});
  refused(npy(header_of("'<f4'", "(1, 2)", "True"), two), {"Fortran order", "expected C order"});
  refused(npy(header_of("'<f4'", "(-2,)"), two), {"length"});
  refused(npy(header_of("'<f4'", "(99999999999999999999,)"), two), {"length"});
  refused(npy(header_of("'<f4'", "(4294967296, 4294967296, 4294967296)"), two), {"claims the shape"});
  refused(npy(header_of("'<f4'", "(4294967296, 4294967296, 0)"), two), {"claims the shape"});
  refused(npy(header_of("'<f4'", "(2"), two), {"header"});
  refused(npy("{'descr': '<f4'}", two), {"missing"});
  refused(npy(header_of("'<f4'", "(2,)"), two, 4), {"format 4", "expected 1 to 3"});
  refused("", {"is not a .npy file"});
  refused("x,y\n1,2\n", {"is not a .npy file"});
  refused(std::string("\x93NUMPY\x02\0\xff\xff\xff\x7f", 12), {"claims"});
  expect_error(ErrorKind::missing, {"none.npy", "No such file"}, [&] { read_npy(folder / "none.npy"); });
  expect_error(ErrorKind::damaged, {"is a folder"}, [&] { read_npy(folder / ""); });
}

TEST(Npy, TellsHowMuchOfATruncatedFileIsThere) {
  const TemporaryFolder folder;
  const std::string whole = npy(header_of("'<f4'", "(5000,)"), std::string(20000, '\1'));
  write_text_atomically(folder / "a.npy", whole.substr(0, whole.size() - 10));
  expect_error(ErrorKind::damaged, {"a.npy", "truncated", "4997", "5000"}, [&] { NpyReader reader(folder / "a.npy"); });
  write_text_atomically(folder / "a.npy", whole.substr(0, 40));
  expect_error(ErrorKind::damaged, {"a.npy", "inside its header"}, [&] { read_npy(folder / "a.npy"); });

  // Gzipped: the whole stream of a shorter file, and a stream that stops.
  write_gzip(folder / "b.npy.gz", whole.substr(0, whole.size() - 10));
  expect_error(ErrorKind::damaged, {"b.npy.gz", "truncated", "4997", "5000"}, [&] { read_npy(folder / "b.npy.gz"); });
  std::string noise;
  for (std::uint64_t i = 0; i < 20000; ++i) noise += static_cast<char>(CounterRandom(1, 1).words(i)[0]);
  write_gzip(folder / "b.npy.gz", npy(header_of("'<f4'", "(5000,)"), noise));
  const std::string stream = read_text(folder / "b.npy.gz");
  write_text_atomically(folder / "b.npy.gz", stream.substr(0, stream.size() / 2));
  expect_error(ErrorKind::damaged, {"b.npy.gz", "truncated", "5000"}, [&] { read_npy(folder / "b.npy.gz"); });
}

TEST(Npy, ASmallGzippedFileThatClaimsMuchTakesLittleMemory) {
  const TemporaryFolder folder;
  write_gzip(folder / "a.npy.gz", npy(header_of("'<f8'", "(1000000000000,)"), "12345678"));
  expect_error(ErrorKind::damaged, {"truncated"}, [&] { read_npy(folder / "a.npy.gz"); });
}

TEST(Npy, AnyDamageIsReadOrIsAnErrorOfTheFile) {
  const TemporaryFolder folder;
  NdArray<float> array({3, 4}, 1.0f);
  write_npy(folder / "a.npy", array);
  const std::string whole = read_text(folder / "a.npy");
  const CounterRandom random(1, 1);
  std::uint64_t next = 0;
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(random.integer(next++, static_cast<std::int64_t>(n)));
  };
  int errors = 0;
  for (int i = 0; i < 500; ++i) {
    std::string bytes = whole;
    for (std::size_t k = below(4) + 1; k > 0; --k) bytes[below(80)] = static_cast<char>(below(256));
    if (below(3) == 0) bytes.resize(below(bytes.size()));
    // Written plainly: so many syncs would take their time.
    std::FILE* file = std::fopen((folder / "b.npy").c_str(), "wb");
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::fclose(file);
    try {
      read_npy(folder / "b.npy");
    } catch (const Error& error) {
      ++errors;
      ASSERT_EQ(error.kind(), ErrorKind::damaged);
    }
  }
  EXPECT_GT(errors, 200);
}

TEST(Npy, RefusesToWriteWhatDoesNotFillItsShape) {
  const TemporaryFolder folder;
  NdArray<float> array({3, 4});
  array.values.pop_back();
  EXPECT_THROW(write_npy(folder / "a.npy", array), InternalError);
}

}  // namespace
}  // namespace plexiform
