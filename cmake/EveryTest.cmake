# every_test(<lib> SOURCES … [DEPS …] [LABELS …] [NAME …]): a GoogleTest binary every_<lib>_tests, one CTest a case.
#
# Tests find their files through "test_paths.h": EVERY_TEST_DATA_DIR (libs/<lib>/tests/data) and EVERY_SOURCE_DIR (top of the checkout). A header, so that
# a compiler cache knows the others again in another checkout.
if(EVERY_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

function(every_test lib)
  if(NOT EVERY_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 A "" "NAME;TIMEOUT" "SOURCES;DEPS;LABELS")
  if(NOT A_NAME)
    set(A_NAME every_${lib}_tests)
  endif()
  if(NOT A_LABELS)
    set(A_LABELS unit)
  endif()
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 120)
  endif()
  add_executable(${A_NAME} ${A_SOURCES})
  target_link_libraries(${A_NAME} PRIVATE every::${lib} ${A_DEPS} GTest::gtest GTest::gmock GTest::gtest_main every_warnings)
  # gtest's macros compare signed with unsigned literals and rapidcheck shadows; keep those two off in tests.
  target_compile_options(${A_NAME} PRIVATE -Wno-sign-compare -Wno-sign-conversion -Wno-shadow)
  file(CONFIGURE OUTPUT test_paths/test_paths.h CONTENT
"#pragma once
#define EVERY_TEST_DATA_DIR \"${CMAKE_CURRENT_SOURCE_DIR}/tests/data\"
#define EVERY_SOURCE_DIR \"${CMAKE_SOURCE_DIR}\"
" @ONLY)
  target_include_directories(${A_NAME} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/test_paths)
  gtest_discover_tests(${A_NAME} DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${A_LABELS}" TIMEOUT ${A_TIMEOUT})
endfunction()
