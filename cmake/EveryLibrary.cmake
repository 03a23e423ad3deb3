# every_library(<name> SOURCES … DEPS … [PRIVATE_DEPS …]): one static library; only the edges below may exist.
#
# DEPS are our own libraries (without the every:: prefix), PRIVATE_DEPS are third-party targets that stay under src/.
# tools/check_layers.py reads the same table and checks every #include against it.
set(EVERY_LIBRARIES core settings sql ipld wit invocation workflow wasm store blocks network runtime gateway toolchain cli)

set(EVERY_ALLOWED_core "")
set(EVERY_ALLOWED_settings "core")
set(EVERY_ALLOWED_sql "core")
set(EVERY_ALLOWED_ipld "core")
set(EVERY_ALLOWED_wit "core;ipld")
set(EVERY_ALLOWED_invocation "core;ipld;wit")
set(EVERY_ALLOWED_workflow "core;ipld;wit;invocation")
set(EVERY_ALLOWED_wasm "core;ipld;wit;invocation")
set(EVERY_ALLOWED_store "core;sql;ipld;wit;invocation")
set(EVERY_ALLOWED_blocks "core;sql;ipld;wit;invocation")
set(EVERY_ALLOWED_network "core;ipld;wit;invocation")
set(EVERY_ALLOWED_runtime "core;settings;ipld;wit;invocation;workflow;wasm;store;blocks;network")
set(EVERY_ALLOWED_gateway "core;settings;ipld;wit;invocation;workflow;runtime")
set(EVERY_ALLOWED_toolchain "core;settings;ipld;wit;invocation;workflow;runtime")
set(EVERY_ALLOWED_cli "core;settings;ipld;wit;invocation;workflow;wasm;store;blocks;network;runtime;gateway;toolchain")

function(every_library name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "SOURCES;DEPS;PRIVATE_DEPS")
  foreach(dep IN LISTS A_DEPS)
    if(NOT dep IN_LIST EVERY_ALLOWED_${name})
      message(FATAL_ERROR "layering: ${name} may not depend on ${dep} (allowed: ${EVERY_ALLOWED_${name}})")
    endif()
  endforeach()
  add_library(every_${name} STATIC ${A_SOURCES})
  add_library(every::${name} ALIAS every_${name})
  target_include_directories(every_${name} PUBLIC include PRIVATE src)
  list(TRANSFORM A_DEPS PREPEND every::)
  target_link_libraries(every_${name} PUBLIC ${A_DEPS} Threads::Threads PRIVATE ${A_PRIVATE_DEPS} every_warnings)
  if(EVERY_SANITIZE)
    target_link_libraries(every_${name} PUBLIC every_sanitizers)
  endif()
endfunction()

# every_testing(<name> SOURCES … DEPS …): fakes and generators of a library, for tests of it and of the layers above.
# Headers live in libs/<name>/testing/every/<name>/testing/.
function(every_testing name)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "SOURCES;DEPS")
  add_library(every_${name}_testing STATIC ${A_SOURCES})
  add_library(every::${name}_testing ALIAS every_${name}_testing)
  target_include_directories(every_${name}_testing PUBLIC testing)
  target_link_libraries(every_${name}_testing PUBLIC every::${name} ${A_DEPS} PRIVATE every_warnings)
endfunction()
