# plexiform_room(NAME [TORCH] USES room... LIBRARIES target... PRIVATE target...)
#
# A room is a folder of plexiform/ and a target. USES names the rooms whose headers it includes itself, no more and no
# fewer (the test rooms.walls holds it to that); an include that goes against the direction of the data does not build,
# since each room has an include directory of its own in the build tree (a link to its folder). LIBRARIES are those that
# its headers need, PRIVATE those of its sources alone. A room registers itself in one of the two libraries: TORCH says
# in which.
function(plexiform_room name)
  cmake_parse_arguments(ROOM "TORCH" "" "USES;LIBRARIES;PRIVATE" ${ARGN})
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
  set_property(GLOBAL PROPERTY plexiform_${name}_uses "${ROOM_USES}")
  if(ROOM_TORCH)
    target_link_libraries(plexiform_${name} PUBLIC plexiform::torch)
    plexiform_torch_headers(plexiform_${name})
    set_property(GLOBAL APPEND PROPERTY plexiform_torch_rooms ${name})
  else()
    set_property(GLOBAL APPEND PROPERTY plexiform_core_rooms ${name})
  endif()
endfunction()

# plexiform_library(NAME AS name ROOMS room... LIBRARIES target...)
#
# The shared library NAME made of rooms, plexiform::<name> for whoever uses it here or after `cmake --install`.
# LIBRARIES are those that users of its headers need too. Headers named *-inl.hpp or *_impl.hpp stay private.
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
      FILES_MATCHING PATTERN *.hpp PATTERN *-inl.hpp EXCLUDE PATTERN *_impl.hpp EXCLUDE)
  endforeach()
endfunction()

# plexiform_torch_headers(NAME): for a target whose sources include torch. <ATen/ATen.h> takes ten seconds to read, so all
# such targets share the precompiled header of the room model. (<torch/torch.h> in its place would cost each source
# another ten seconds: what it leaves to be instantiated is instantiated in every source that reads it. The two sources
# that need more of torch include it themselves.)
function(plexiform_torch_headers name)
  if(name STREQUAL "plexiform_model")
    target_precompile_headers(${name} PRIVATE <ATen/ATen.h> <ATen/core/grad_mode.h>)
    return()
  endif()
  target_precompile_headers(${name} REUSE_FROM plexiform_model)
  # A precompiled header serves one kind of code only; an executable would get -fPIE.
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
endfunction()
