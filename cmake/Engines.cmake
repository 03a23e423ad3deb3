# every::engines: the Rust crate under engines/ as one static library, with its headers and those of what it holds
# (Wasmtime's C API, SQLite).
#
# Cargo builds in a cache outside the checkout, so that a clean build or another checkout of the same dependencies
# takes seconds: ${EVERY_CACHE_DIR} (variable or environment), else $XDG_CACHE_HOME/every-build, else ~/.cache/every-build.
# The key covers what the dependencies are built from; our own sources rebuild in place. Needs cargo >= 1.95.

set(EVERY_RUST_MINIMUM 1.95)

function(every_find_cargo)
  set(candidates "$ENV{CARGO}")
  find_program(EVERY_CARGO_IN_PATH cargo)
  list(APPEND candidates "${EVERY_CARGO_IN_PATH}" "$ENV{HOME}/.cargo/bin/cargo" /usr/bin/cargo /usr/share/cargo/bin/cargo)
  set(seen "")
  foreach(cargo IN LISTS candidates)
    if(cargo AND EXISTS "${cargo}")
      execute_process(COMMAND "${cargo}" --version OUTPUT_VARIABLE version ERROR_QUIET)
      string(REGEX MATCH "[0-9]+\\.[0-9]+(\\.[0-9]+)?" version "${version}")
      if(version VERSION_GREATER_EQUAL EVERY_RUST_MINIMUM)
        get_filename_component(folder "${cargo}" DIRECTORY)
        set(EVERY_CARGO "${cargo}" PARENT_SCOPE)
        # A cargo works with the compiler it was installed with.
        if(EXISTS "${folder}/rustc")
          set(EVERY_RUSTC "${folder}/rustc" PARENT_SCOPE)
        else()
          set(EVERY_RUSTC "rustc" PARENT_SCOPE)
        endif()
        return()
      endif()
      string(APPEND seen " ${cargo} (${version})")
    endif()
  endforeach()
  message(FATAL_ERROR "engines: no cargo of at least ${EVERY_RUST_MINIMUM} found, only:${seen}. "
    "Install Debian's cargo-web and rustc-web, or a toolchain with rustup, or run tools/setup.")
endfunction()

every_find_cargo()

set(engines_source "${CMAKE_SOURCE_DIR}/engines")
if(NOT EVERY_CACHE_DIR)
  if(DEFINED ENV{EVERY_CACHE_DIR})
    set(EVERY_CACHE_DIR "$ENV{EVERY_CACHE_DIR}")
  elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(EVERY_CACHE_DIR "$ENV{XDG_CACHE_HOME}/every-build")
  else()
    set(EVERY_CACHE_DIR "$ENV{HOME}/.cache/every-build")
  endif()
endif()

execute_process(COMMAND "${EVERY_RUSTC}" -vV OUTPUT_VARIABLE engines_rustc COMMAND_ERROR_IS_FATAL ANY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${engines_source}/Cargo.lock" "${engines_source}/Cargo.toml")
file(SHA256 "${engines_source}/Cargo.lock" engines_lock)
file(SHA256 "${engines_source}/Cargo.toml" engines_manifest)
string(SHA256 engines_key "${engines_lock} ${engines_manifest} ${engines_rustc}")
string(SUBSTRING "${engines_key}" 0 16 engines_key)
set(engines_cache "${EVERY_CACHE_DIR}/engines/${engines_key}")
set(engines_include "${engines_cache}/include")
set(engines_library "${CMAKE_BINARY_DIR}/engines/libevery_engines.a")
file(MAKE_DIRECTORY "${engines_include}" "${CMAKE_BINARY_DIR}/engines")

file(GLOB_RECURSE engines_inputs CONFIGURE_DEPENDS "${engines_source}/src/*.rs")
list(APPEND engines_inputs "${engines_source}/build.rs" "${engines_source}/Cargo.toml" "${engines_source}/Cargo.lock")

# The library is copied here: the cache is shared, and another checkout may build its own state of the crate there. Cargo goes by
# times, and would take what another checkout has built from other, younger sources for ours: so ours become the youngest.
add_custom_command(
  OUTPUT "${engines_library}"
  COMMAND "${CMAKE_COMMAND}" -E touch "${engines_source}/src/lib.rs"
  COMMAND "${CMAKE_COMMAND}" -E env "RUSTC=${EVERY_RUSTC}" "EVERY_ENGINES_INCLUDE_DIR=${engines_include}"
          "${EVERY_CARGO}" build --release --locked --lib --manifest-path "${engines_source}/Cargo.toml" --target-dir "${engines_cache}/target"
  COMMAND "${CMAKE_COMMAND}" -E copy "${engines_cache}/target/release/libevery_engines.a" "${engines_library}"
  COMMAND "${CMAKE_COMMAND}" -E touch "${engines_library}"
  DEPENDS ${engines_inputs}
  COMMENT "Building the engines (Wasmtime and friends; some minutes the first time, in ${engines_cache})"
  USES_TERMINAL VERBATIM)
add_custom_target(build_engines DEPENDS "${engines_library}")

add_library(every_engines STATIC IMPORTED GLOBAL)
add_library(every::engines ALIAS every_engines)
set_target_properties(every_engines PROPERTIES
  IMPORTED_LOCATION "${engines_library}"
  INTERFACE_INCLUDE_DIRECTORIES "${engines_source}/include;${engines_include}"
  INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")
add_dependencies(every_engines build_engines)
