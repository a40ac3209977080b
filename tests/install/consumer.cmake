# cmake -D build=.. -D source=.. -D work=.. -D type=.. -D flags=.. -D compiler=.. -P consumer.cmake
# Installs the build to a prefix below `work` and uses it from there: the program, every header of the core by itself,
# examples/consumer, and a program on the torch rooms. `work` is removed when all is well.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${work})
set(prefix ${work}/prefix)
run(${CMAKE_COMMAND} --install ${build} --prefix ${prefix})
# Libraries must be found from where they were installed, not from where they were built.
file(GLOB installed ${prefix}/bin/* ${prefix}/lib/*.so)
run(readelf -d ${installed})
string(REGEX MATCHALL "RUNPATH[^\n]*" searched "${output}")
foreach(line IN LISTS searched)
  if(line MATCHES "${build}/lib")
    message(FATAL_ERROR "an installed file looks for libraries in ${build}: ${line}")
  endif()
endforeach()
run(${prefix}/bin/plexiform --help)

# The core's headers need no torch and no include order.
file(GLOB_RECURSE headers RELATIVE ${prefix}/include
  ${prefix}/include/plexiform/base/*.hpp ${prefix}/include/plexiform/stimulus/*.hpp
  ${prefix}/include/plexiform/recording/*.hpp ${prefix}/include/plexiform/cell/*.hpp
  ${prefix}/include/plexiform/score/*.hpp ${prefix}/include/plexiform/settings/*.hpp
  ${prefix}/include/plexiform/report/*.hpp)
foreach(header IN LISTS headers)
  file(WRITE ${work}/header.cpp "#include \"${header}\"\n")
  run(${compiler} -std=c++20 -fsyntax-only -Wall -Wextra -I ${prefix}/include ${work}/header.cpp)
endforeach()

set(settings -G Ninja -D CMAKE_BUILD_TYPE=${type} "-DCMAKE_CXX_FLAGS=${flags}" -D CMAKE_CXX_COMPILER=${compiler}
  -D CMAKE_PREFIX_PATH=${prefix})
foreach(example examples/consumer tests/install/torch_consumer)
  get_filename_component(name ${example} NAME)
  run(${CMAKE_COMMAND} -S ${source}/${example} -B ${work}/${name} ${settings})
  run(${CMAKE_COMMAND} --build ${work}/${name})
  run(${work}/${name}/${name})
  message("${name}: ${output}")
  if(name STREQUAL consumer AND NOT output MATCHES "^[1-9][0-9]* spikes in 3000 frames\n$")
    message(FATAL_ERROR "examples/consumer printed: ${output}")
  endif()
endforeach()
file(REMOVE_RECURSE ${work})
