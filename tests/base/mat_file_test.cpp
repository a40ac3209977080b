// MATLAB files of each version, written here by the library that reads them, and files that are none or damaged.
#include "plexiform/base/mat_file.hpp"

#include <gtest/gtest.h>
#include <matio.h>

#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/expect_error.hpp"
#include "base/temporary_folder.hpp"
#include "plexiform/base/random.hpp"

namespace plexiform {
namespace {

using testing::expect_error;
using testing::TemporaryFolder;

template <class T>
matvar_t* numbers(const char* name, matio_classes kind, matio_types type, std::size_t rows, std::size_t columns,
                  std::vector<T> values, int options = 0) {
  std::array<std::size_t, 2> size{rows, columns};
  return Mat_VarCreate(name, kind, type, 2, size.data(), values.data(), options);
}

matvar_t* doubles(const char* name, std::size_t rows, std::size_t columns, std::vector<double> values) {
  return numbers<double>(name, MAT_C_DOUBLE, MAT_T_DOUBLE, rows, columns, std::move(values));
}

matvar_t* cells(const char* name, std::size_t rows, std::size_t columns, std::vector<matvar_t*> held) {
  std::array<std::size_t, 2> size{rows, columns};
  held.push_back(nullptr);
  return Mat_VarCreate(name, MAT_C_CELL, MAT_T_CELL, 2, size.data(), held.data(), 0);
}

void write_mat(const std::filesystem::path& path, const std::vector<matvar_t*>& variables, mat_ft version = MAT_FT_MAT5,
               matio_compression compression = MAT_COMPRESSION_ZLIB) {
  mat_t* file = Mat_CreateVer(path.c_str(), nullptr, version);
  for (matvar_t* variable : variables) {
    ASSERT_EQ(Mat_VarWrite(file, variable, compression), 0);
    Mat_VarFree(variable);
  }
  Mat_Close(file);
}

/// {cell, trial} of 2 x 2, one of them without a value.
matvar_t* two_by_two(const char* name) {
  return cells(name, 2, 2,
               {numbers<std::int32_t>(nullptr, MAT_C_INT32, MAT_T_INT32, 1, 3, {140, 150, -3}),
                numbers<std::uint16_t>(nullptr, MAT_C_UINT16, MAT_T_UINT16, 2, 1, {7, 65535}),
                doubles(nullptr, 0, 0, {}), numbers<float>(nullptr, MAT_C_SINGLE, MAT_T_SINGLE, 1, 1, {0.5F})});
}

void expect_two_by_two(const MatValue& value) {
  ASSERT_TRUE(value.is_cell);
  EXPECT_EQ(value.shape, (std::vector<std::int64_t>{2, 2}));
  ASSERT_EQ(value.cells.size(), 4u);
  EXPECT_EQ(value.cells[0].numbers, (std::vector<double>{140, 150, -3}));
  EXPECT_EQ(value.cells[1].numbers, (std::vector<double>{7, 65535}));
  EXPECT_TRUE(value.cells[2].numbers.empty());
  EXPECT_FALSE(value.cells[2].is_cell);
  EXPECT_EQ(value.cells[3].numbers, (std::vector<double>{0.5}));
}

TEST(MatFile, CellsOfNumbersAreReadFromEachVersion) {
  TemporaryFolder folder;
  const auto path = folder / "a.mat";
  for (const auto& [version, compression] : {std::pair{MAT_FT_MAT5, MAT_COMPRESSION_NONE},
                                             {MAT_FT_MAT5, MAT_COMPRESSION_ZLIB},
                                             {MAT_FT_MAT73, MAT_COMPRESSION_NONE}}) {
    write_mat(path, {doubles("note", 1, 1, {3}), two_by_two("Spikes")}, version, compression);
    expect_two_by_two(read_mat_cells(path));
  }
}

TEST(MatFile, CellsWithinCellsAreReadColumnByColumn) {
  TemporaryFolder folder;
  write_mat(folder / "a.mat", {cells("Spikes", 2, 1, {two_by_two(nullptr), doubles(nullptr, 2, 2, {1, 2, 3, 4})})});
  const MatValue value = read_mat_cells(folder / "a.mat");
  ASSERT_EQ(value.cells.size(), 2u);
  expect_two_by_two(value.cells[0]);
  EXPECT_EQ(value.cells[1].shape, (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(value.cells[1].numbers, (std::vector<double>{1, 2, 3, 4}));
}

TEST(MatFile, WhatIsNoneIsRefused) {
  TemporaryFolder folder;
  const auto path = folder / "a.mat";
  const auto refused = [&](const std::vector<std::string>& words) {
    expect_error(ErrorKind::damaged, words, [&] { read_mat_cells(path); });
  };
  expect_error(ErrorKind::missing, {"a.mat: no such file"}, [&] { read_mat_cells(path); });
  std::ofstream(path) << "spikes of today\n";
  refused({"a.mat: ", "is not a MATLAB file"});
  write_mat(path, {doubles("a", 1, 1, {3}), doubles("b", 1, 1, {3})});
  refused({"no cell array", "(but a, b)"});
  write_mat(path, {two_by_two("one"), two_by_two("two")});
  refused({"two cell arrays, one and two"});
  std::string letters = "abc";
  write_mat(path, {cells("c", 1, 1,
                         {numbers<char>(nullptr, MAT_C_CHAR, MAT_T_UTF8, 1, 3, {letters.begin(), letters.end()})})});
  refused({"c{1}: holds neither numbers nor cells"});
  expect_error(ErrorKind::damaged, {"is a folder"}, [&] { read_mat_cells(folder / ""); });
}

TEST(MatFile, NothingIsReadOfAFileThatEndsEarly) {
  TemporaryFolder folder;
  std::vector<matvar_t*> held;
  std::vector<std::int32_t> times;
  const CounterRandom random(3, 0);
  for (std::uint64_t i = 0; i < 300; ++i) {
    times.push_back(static_cast<std::int32_t>(random.integer(i, 1 << 20)));
    held.push_back(numbers<std::int32_t>(nullptr, MAT_C_INT32, MAT_T_INT32, 1, times.size(), times));
  }
  write_mat(folder / "whole.mat", {cells("Spikes", 300, 1, held)});
  std::ifstream in(folder / "whole.mat", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (int percent = 2; percent < 100; ++percent) {
    std::ofstream(folder / "a.mat", std::ios::binary)
        << whole.substr(0, whole.size() * static_cast<std::size_t>(percent) / 100);
    expect_error(ErrorKind::damaged, {"a.mat"}, [&] { read_mat_cells(folder / "a.mat"); });
  }
}

TEST(MatFile, NoDamageCrashes) {
  TemporaryFolder folder;
  for (const auto compression : {MAT_COMPRESSION_NONE, MAT_COMPRESSION_ZLIB}) {
    write_mat(folder / "whole.mat", {cells("Spikes", 2, 1, {two_by_two(nullptr), two_by_two(nullptr)})}, MAT_FT_MAT5,
              compression);
    std::ifstream in(folder / "whole.mat", std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(in), {}};
    const auto survives = [&](const std::string& bytes) {
      std::ofstream(folder / "a.mat", std::ios::binary) << bytes;
      try {
        read_mat_cells(folder / "a.mat");
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::damaged);
      }
    };
    for (std::size_t size = 0; size < whole.size(); size += 7) survives(whole.substr(0, size));
    const CounterRandom random(7, 0);
    for (std::uint64_t i = 0; i < 100; ++i) {
      std::string changed = whole;
      changed[static_cast<std::size_t>(random.integer(2 * i, static_cast<std::int64_t>(whole.size())))] =
          static_cast<char>(random.integer(2 * i + 1, 256));
      survives(changed);
    }
  }
}

}  // namespace
}  // namespace plexiform
