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

}  // namespace plexiform::testing
