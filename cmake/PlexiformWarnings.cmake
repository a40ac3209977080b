# One interface target carries the warnings, so that only our own sources are held to them.
add_library(plexiform_warnings INTERFACE)
target_compile_options(plexiform_warnings INTERFACE -Wall -Wextra -Wconversion)
if(PLEXIFORM_WERROR)
  target_compile_options(plexiform_warnings INTERFACE -Werror)
endif()
