# plexiform_room(NAME USES room... LIBRARIES target...)
#
# A room is a folder of plexiform/ and a target that sees only the headers of the rooms it uses. Each room has an
# include directory of its own in the build tree (a link to its folder), so an include that goes against the
# direction of the data does not build.
function(plexiform_room name)
  cmake_parse_arguments(ROOM "" "" "USES;LIBRARIES" ${ARGN})
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  set(view ${CMAKE_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${view}/plexiform)
  file(CREATE_LINK ${folder} ${view}/plexiform/${name} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  add_library(plexiform_${name} OBJECT ${sources})
  target_include_directories(plexiform_${name} PUBLIC $<BUILD_INTERFACE:${view}>)
  target_link_libraries(plexiform_${name} PUBLIC ${ROOM_LIBRARIES} PRIVATE $<BUILD_INTERFACE:plexiform_warnings>)
  foreach(used IN LISTS ROOM_USES)
    target_link_libraries(plexiform_${name} PUBLIC plexiform_${used})
  endforeach()
endfunction()
