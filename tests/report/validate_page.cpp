// validate_page PAGE.json...: 0 where all are as schemas/page.schema.json says, for the program's tests.
#include <cstdio>
#include <exception>

#include "plexiform/base/file.hpp"
#include "schema.hpp"

int main(int argc, char** argv) {
  int wrong = 0;
  try {
    for (int i = 1; i < argc; ++i)
      for (const auto& error : plexiform::testing::schema_errors(plexiform::read_text(argv[i])))
        std::printf("%s%s\n", argv[i], error.c_str()), ++wrong;
  } catch (const std::exception& problem) {
    std::printf("%s\n", problem.what());
    return 1;
  }
  return wrong == 0 ? 0 : 1;
}
