# plexiform_page(TARGET)
#
# Adds page_template() to TARGET: the report page of web/, bundled into one HTML file and embedded as text. It needs node
# and the packages that scripts/setup puts into web/node_modules; without them the text is empty, all else is built, and
# `plexiform report` says what is missing.
find_program(NODE node)

function(plexiform_page target)
  set(web ${PROJECT_SOURCE_DIR}/web)
  set(source ${CMAKE_BINARY_DIR}/web/page_template.cpp)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${web}/package-lock.json)
  target_sources(${target} PRIVATE ${source})
  if(NOT PLEXIFORM_PAGE OR NOT NODE OR NOT EXISTS ${web}/node_modules/esbuild)
    message(STATUS "No report page: it needs node 18 or newer and npm (scripts/setup)")
    file(CONFIGURE OUTPUT ${source} CONTENT [[
#include "plexiform/report/page.hpp"

std::string_view plexiform::page_template() {
  return {};
}
]])
    return()
  endif()
  set(page ${CMAKE_BINARY_DIR}/web/page.html)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web}/src/*)
  add_custom_command(OUTPUT ${page}
    COMMAND ${NODE} ${web}/build.mjs --out ${page}
    DEPENDS ${sources} ${web}/build.mjs ${web}/package-lock.json
    COMMENT "Bundling the report page" VERBATIM)
  add_custom_command(OUTPUT ${source}
    COMMAND ${NODE} ${web}/embed.mjs ${page} ${source}
    DEPENDS ${page} ${web}/embed.mjs
    COMMENT "Embedding the report page" VERBATIM)
endfunction()
