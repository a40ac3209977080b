# plexiform_room(NAME USES room... LIBRARIES target... PRIVATE target...)
#
# A room is a folder of plexiform/ and a target that sees only the headers of the rooms it uses. Each room has an
# include directory of its own in the build tree (a link to its folder), so an include that goes against the
# direction of the data does not build. LIBRARIES are those that its headers need, PRIVATE those of its sources alone.
function(plexiform_room name)
  cmake_parse_arguments(ROOM "" "" "USES;LIBRARIES;PRIVATE" ${ARGN})
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  set(view ${CMAKE_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${view}/plexiform)
  file(CREATE_LINK ${folder} ${view}/plexiform/${name} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  add_library(plexiform_${name} OBJECT ${sources})
  target_include_directories(plexiform_${name} PUBLIC ${view})
  target_link_libraries(plexiform_${name} PUBLIC ${ROOM_LIBRARIES} PRIVATE ${ROOM_PRIVATE} plexiform_warnings)
  foreach(used IN LISTS ROOM_USES)
    target_link_libraries(plexiform_${name} PUBLIC plexiform_${used})
  endforeach()
endfunction()

# plexiform_library(NAME AS name ROOMS room... LIBRARIES target...)
#
# The shared library NAME made of rooms, plexiform::<name> for who uses it here or after `cmake --install`.
# LIBRARIES are those that users of its headers need too.
function(plexiform_library name)
  cmake_parse_arguments(LIBRARY "" "AS" "ROOMS;LIBRARIES" ${ARGN})
  add_library(${name} SHARED)
  add_library(plexiform::${LIBRARY_AS} ALIAS ${name})
  set_target_properties(${name} PROPERTIES
    EXPORT_NAME ${LIBRARY_AS} VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_compile_features(${name} INTERFACE cxx_std_20)
  target_link_libraries(${name} PUBLIC ${LIBRARY_LIBRARIES})
  target_include_directories(${name} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  foreach(room IN LISTS LIBRARY_ROOMS)
    target_link_libraries(${name} PRIVATE plexiform_${room})
    target_include_directories(${name} INTERFACE $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/rooms/${room}>)
    install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/${room} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/plexiform
      FILES_MATCHING PATTERN *.hpp)
  endforeach()
endfunction()

# plexiform_torch_headers(NAME): for a target whose sources include torch. <torch/torch.h> costs half a minute to read and
# 0.7 GB to keep, so all such targets share the precompiled header of the room model; and each compiler takes 1.3 GB, so
# no more of them run at once than memory holds.
cmake_host_system_information(RESULT memory QUERY TOTAL_PHYSICAL_MEMORY)
math(EXPR torch_jobs "${memory} / 1500 + 1")
set_property(GLOBAL APPEND PROPERTY JOB_POOLS torch=${torch_jobs})
function(plexiform_torch_headers name)
  set_target_properties(${name} PROPERTIES JOB_POOL_COMPILE torch)
  if(name STREQUAL "plexiform_model")
    target_precompile_headers(${name} PRIVATE <torch/torch.h>)
    return()
  endif()
  target_precompile_headers(${name} REUSE_FROM plexiform_model)
  # A precompiled header serves one kind of code only; an executable would get -fPIE.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
endfunction()
