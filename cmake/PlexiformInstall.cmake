# What `cmake --install` puts in place: the program, the libraries, their headers (see PlexiformRoom.cmake) and what
# find_package(plexiform) reads. Program and libraries find each other from where they lie, wherever that is; the torch
# wheel is found where it lay when this was configured.
include(CMakePackageConfigHelpers)

get_filename_component(torch_library_dir ${PlexiformTorch_torch_cpu_LIBRARY} DIRECTORY)
set_target_properties(plexiform PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
set_target_properties(plexiform_core PROPERTIES INSTALL_RPATH "$ORIGIN")
set_target_properties(plexiform_torch plexiform_torch_verbs PROPERTIES INSTALL_RPATH "$ORIGIN;${torch_library_dir}")

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/plexiform)
install(TARGETS plexiform plexiform_torch_verbs LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS plexiform_core EXPORT plexiform-core)
install(TARGETS plexiform_torch EXPORT plexiform-torch_rooms)
install(EXPORT plexiform-core NAMESPACE plexiform:: DESTINATION ${package_dir})
install(EXPORT plexiform-torch_rooms NAMESPACE plexiform:: DESTINATION ${package_dir})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/plexiformConfig.cmake.in
  ${CMAKE_BINARY_DIR}/plexiformConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/plexiformConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/plexiformConfig.cmake ${CMAKE_BINARY_DIR}/plexiformConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindPlexiformTorch.cmake DESTINATION ${package_dir})
