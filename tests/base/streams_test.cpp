#include "plexiform/base/streams.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace plexiform {
namespace {

struct Listed {
  std::string scope, name, number, comment;
};

/// The numbers of streams.hpp as they stand there, so that one that is added later is seen too.
std::vector<Listed> listed() {
  std::ifstream file(std::string(PLEXIFORM_SOURCE_DIR) + "/plexiform/base/streams.hpp");
  const std::regex opened("namespace ([a-z_]+) \\{"), closed("\\}  // namespace.*");
  const std::regex number("inline constexpr std::uint64_t (k[A-Za-z]+) = ([0-9a-fx']+);( *///< .+)?");
  std::vector<std::string> scopes;
  std::vector<Listed> all;
  for (std::string line; std::getline(file, line);) {
    std::smatch found;
    if (std::regex_match(line, found, opened)) scopes.push_back(found[1]);
    if (std::regex_match(line, closed)) scopes.pop_back();
    if (std::regex_match(line, found, number))
      all.push_back({scopes.at(scopes.size() - 2) + "::" + scopes.back(), found[1], found[2], found[3]});
  }
  return all;
}

std::uint64_t value(std::string text) {
  std::erase(text, '\'');
  return std::stoull(text, nullptr, 0);
}

TEST(Streams, NoTwoOfOneScopeShareANumber) {
  std::map<std::string, std::set<std::uint64_t>> seen;
  for (const auto& one : listed())
    EXPECT_TRUE(seen[one.scope].insert(value(one.number)).second) << one.scope << "::" << one.name;
  EXPECT_GE(seen.size(), 10U);
}

TEST(Streams, AFamilyIsTheLastOfItsScope) {
  std::map<std::string, std::string> family;
  for (const auto& one : listed()) {
    EXPECT_FALSE(family.contains(one.scope)) << one.name << " stands above " << family[one.scope];
    if (one.comment.find("and up") != std::string::npos) family[one.scope] = one.name;
  }
  EXPECT_EQ(family.size(), 3U);
}

TEST(Streams, EachSaysWhatItIsFor) {
  for (const auto& one : listed()) EXPECT_FALSE(one.comment.empty()) << one.name;
}

TEST(Streams, NoDrawHasANumberOfItsOwnElsewhere) {
  const std::regex purpose("derived_seed\\(([^;()]|\\([^()]*\\))*, *[0-9]|uint64_t k[A-Za-z]*(Purpose|Stream)\\b");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(PLEXIFORM_SOURCE_DIR "/plexiform")) {
    if (entry.path().extension() != ".cpp" || entry.path().filename() == "random.cpp") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);)
      EXPECT_FALSE(std::regex_search(line, purpose)) << entry.path() << ": " << line;
  }
}

TEST(Streams, ACellsSeedDoesNotDependOnTheCellsBesideIt) {
  EXPECT_EQ(cell_seed(0, 3), 3U);
  EXPECT_EQ(cell_seed(2, 3), 2'000'009U);
}

}  // namespace
}  // namespace plexiform
