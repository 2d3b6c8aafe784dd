# Every tests/core/**/*_test.c is a cmocka program of its own, known to ctest by its path.
pkg_check_modules(cmocka QUIET IMPORTED_TARGET cmocka)
if(NOT cmocka_FOUND)
  message(FATAL_ERROR "cmocka is missing: apt install libcmocka-dev, or configure with -DMOONSIFT_TESTS=OFF")
endif()

file(GLOB_RECURSE unit_tests CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/tests/core
     ${PROJECT_SOURCE_DIR}/tests/core/*_test.c)
foreach(source IN LISTS unit_tests)
  string(REGEX REPLACE "_test\\.c$" "" name ${source})
  string(REPLACE "/" "-" target "unit-${name}")
  # Files beside it that are named <name>_test_*.c belong to the same program.
  file(GLOB parts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/core/${name}_test_*.c)
  add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/core/${source} ${parts})
  target_link_libraries(${target} PRIVATE moonsift_core PkgConfig::cmocka)
  set_target_properties(${target} PROPERTIES ENABLE_EXPORTS ON
                        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/unit)
  add_test(NAME ${name} COMMAND ${target} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endforeach()
