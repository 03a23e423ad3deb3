# Worker processes, and the scripted Executor of tests; included by this library's CMakeLists.txt.
set(EVERY_WASM_WORKER_SOURCES src/worker/guest_threads.cc)

# Called once every::wasm exists.
function(every_wasm_worker_targets)
  every_testing(wasm SOURCES testing/every/wasm/testing/fake_executor.cc testing/every/wasm/testing/fake_functions.cc)
  every_test(wasm NAME every_wasm_worker_tests DEPS every::wasm_testing SOURCES
    tests/worker_fake_executor_test.cc
    tests/worker_guest_threads_test.cc)
  target_include_directories(every_wasm_worker_tests PRIVATE src)
endfunction()
