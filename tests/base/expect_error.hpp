#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plexiform/base/error.hpp"

namespace plexiform::testing {

/// That `call` throws an Error of the kind whose message holds all the words (found, expected, the place, ...).
template <class Call>
void expect_error(ErrorKind kind, const std::vector<std::string>& words, Call call) {
  try {
    call();
    ADD_FAILURE() << "no error; expected one that holds '" << (words.empty() ? "" : words.front()) << "'";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    for (const auto& word : words) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << "'" << word << "' in: " << error.what();
    }
  }
}

/// That `call` throws an Error of this place, which its message begins with.
template <class Call>
void expect_place(const ErrorPlace& place, Call call) {
  try {
    call();
    ADD_FAILURE() << "no error; expected one in " << place.file;
  } catch (const Error& error) {
    EXPECT_EQ(error.place().file, place.file) << error.what();
    EXPECT_EQ(error.place().object, place.object) << error.what();
    EXPECT_EQ(error.place().cell, place.cell) << error.what();
    std::string begins = place.file.empty() ? "" : place.file.string() + ": ";
    if (!place.object.empty()) begins += place.object;
    if (place.object.empty() && place.cell) begins += "cell " + std::to_string(*place.cell);
    EXPECT_TRUE(std::string(error.what()).starts_with(begins)) << error.what();
  }
}

}  // namespace plexiform::testing
