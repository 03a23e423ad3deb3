# Worker processes, and the scripted Executor of tests; included by this library's CMakeLists.txt.
set(EVERY_WASM_WORKER_SOURCES
  src/worker/guest_threads.cc src/worker/frame.cc src/worker/messages.cc src/worker/info_codec.cc
  src/worker/process.cc src/worker/sandbox.cc src/worker/landlock.cc src/worker/worker_main.cc src/worker/compile_process.cc
  src/worker/pool.cc src/worker/pool_prepare.cc src/worker/pool_dispatch.cc src/worker/pool_loop.cc src/worker/pool_supervise.cc)
set(every_wasm_folder "${CMAKE_CURRENT_LIST_DIR}")

# Called once every::wasm exists.
function(every_wasm_worker_targets)
  set(folder "${every_wasm_folder}")
  every_testing(wasm SOURCES
    "${folder}/testing/every/wasm/testing/fake_executor.cc"
    "${folder}/testing/every/wasm/testing/fake_functions.cc")
  target_include_directories(every_wasm_testing PUBLIC "${folder}/testing")
  # The process that the tests of the pool start.
  add_executable(every_wasm_test_worker "${folder}/tests/worker_test_process.cc")
  target_link_libraries(every_wasm_test_worker PRIVATE every::wasm_testing every_warnings)
  target_include_directories(every_wasm_test_worker PRIVATE "${folder}/src")
  set(tests fake_executor frame guest_threads messages pool sandbox)
  list(TRANSFORM tests PREPEND "${folder}/tests/worker_")
  list(TRANSFORM tests APPEND "_test.cc")
  every_test(wasm NAME every_wasm_worker_tests DEPS every::wasm_testing SOURCES ${tests})
  target_include_directories(every_wasm_worker_tests PRIVATE "${folder}/src")
  target_compile_definitions(every_wasm_worker_tests PRIVATE EVERY_TEST_WORKER="$<TARGET_FILE:every_wasm_test_worker>")
  add_dependencies(every_wasm_worker_tests every_wasm_test_worker)

  if(TARGET every::engines)
    # The same with real guests.
    add_executable(every_wasm_engine_worker "${folder}/tests/worker_engine_process.cc")
    target_link_libraries(every_wasm_engine_worker PRIVATE every::wasm every_warnings)
    every_test(wasm NAME every_wasm_engine_worker_tests SOURCES "${folder}/tests/worker_engine_test.cc")
    target_compile_definitions(every_wasm_engine_worker_tests PRIVATE
      EVERY_TEST_ENGINE_WORKER="$<TARGET_FILE:every_wasm_engine_worker>")
    add_dependencies(every_wasm_engine_worker_tests every_wasm_engine_worker)
  endif()
endfunction()
