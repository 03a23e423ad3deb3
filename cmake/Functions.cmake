# The example functions (functions/), built by their own tools into <checkout>/build/functions, the same for all presets:
# their bytes decide their CIDs.
#   target `functions`                builds them
#   fixture `every_functions`         a test that needs them says: set_tests_properties(<test> PROPERTIES FIXTURES_REQUIRED every_functions)
#   test `e2e.demo`                   tools/demo, with the binary of this build (include this file after apps/)
#   EVERY_FUNCTIONS_DIR               where they are: math.wasm, subtract.wasm, multiply.wasm
set(EVERY_FUNCTIONS_DIR "${CMAKE_SOURCE_DIR}/build/functions")

add_custom_target(functions
  COMMAND "${CMAKE_SOURCE_DIR}/functions/build" -o "${EVERY_FUNCTIONS_DIR}"
  COMMENT "Building the example functions" USES_TERMINAL VERBATIM)

if(EVERY_TESTS)
  add_test(NAME functions.build COMMAND "${CMAKE_SOURCE_DIR}/functions/build" -o "${EVERY_FUNCTIONS_DIR}")
  set_tests_properties(functions.build PROPERTIES FIXTURES_SETUP every_functions LABELS e2e TIMEOUT 1200 RUN_SERIAL ON)
endif()

if(EVERY_TESTS)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME e2e.demo_judges COMMAND Python3::Interpreter "${CMAKE_SOURCE_DIR}/tests/e2e/demo_judges_test.py")
  set_tests_properties(e2e.demo_judges PROPERTIES LABELS unit TIMEOUT 200)
endif()

# The article's workflows on the binary of this build.
if(EVERY_TESTS AND TARGET every)
  add_test(NAME e2e.demo COMMAND "${CMAKE_SOURCE_DIR}/tools/demo" --binary "$<TARGET_FILE:every>" --functions "${EVERY_FUNCTIONS_DIR}")
  set_tests_properties(e2e.demo PROPERTIES FIXTURES_REQUIRED every_functions LABELS e2e TIMEOUT 600)
endif()
