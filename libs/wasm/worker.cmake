# Worker processes, and the scripted Executor of tests; included by this library's CMakeLists.txt.
set(EVERY_WASM_WORKER_SOURCES src/worker/guest_threads.cc)
set(every_wasm_folder "${CMAKE_CURRENT_LIST_DIR}")

# Called once every::wasm exists.
function(every_wasm_worker_targets)
  set(folder "${every_wasm_folder}")
  every_testing(wasm SOURCES
    "${folder}/testing/every/wasm/testing/fake_executor.cc"
    "${folder}/testing/every/wasm/testing/fake_functions.cc")
  target_include_directories(every_wasm_testing PUBLIC "${folder}/testing")
  set(tests fake_executor guest_threads)
  list(TRANSFORM tests PREPEND "${folder}/tests/worker_")
  list(TRANSFORM tests APPEND "_test.cc")
  every_test(wasm NAME every_wasm_worker_tests DEPS every::wasm_testing SOURCES ${tests})
  target_include_directories(every_wasm_worker_tests PRIVATE "${folder}/src")
endfunction()
