# Configures the project where there is no node: it must be ready to build, with an empty page.
file(REMOVE_RECURSE ${work})
execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${source} -B ${work} -G Ninja -D NODE= -D PLEXIFORM_TESTS=OFF
    -D PLEXIFORM_VENV=${venv} -D CMAKE_CXX_COMPILER=${compiler}
  OUTPUT_VARIABLE said ERROR_VARIABLE said RESULT_VARIABLE result)
if(NOT result EQUAL 0 OR NOT said MATCHES "No report page: it needs node 18 or newer and npm")
  message(FATAL_ERROR "result ${result}, expected 0 and a word about the page:\n${said}")
endif()
file(READ ${work}/web/page_template.cpp template)
if(NOT template MATCHES "page_template\\(\\) {\n  return {};\n}")
  message(FATAL_ERROR "page_template.cpp is not empty:\n${template}")
endif()
