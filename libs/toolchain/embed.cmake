# every_embed(<target> FOLDERS …): the files below the folders (relative to here) go into the target as a sorted table of
# (path, content), which every/toolchain/embedded.h reads. What tools leave behind is not taken.
# Run with -P it writes the C++ file: -DOUT= -DROOT= -DLIST=
if(CMAKE_SCRIPT_MODE_FILE)
  file(STRINGS "${LIST}" paths)
  set(arrays "")
  set(table "")
  set(index 0)
  foreach(path IN LISTS paths)
    file(READ "${ROOT}/${path}" hex HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    # One more byte, so that an empty file is an array too.
    string(APPEND arrays "constexpr unsigned char kFile${index}[] = {${bytes}0};\n")
    string(APPEND table "    {\"${path}\", content(kFile${index}, sizeof kFile${index})},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  file(WRITE "${OUT}" "#include \"every/toolchain/embedded.h\"

namespace every::toolchain {
namespace {

${arrays}
std::string_view content(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size - 1};
}

}  // namespace

std::span<const EmbeddedFile> embedded_files() {
  static const EmbeddedFile kFiles[] = {
${table}  };
  return kFiles;
}

}  // namespace every::toolchain
")
  return()
endif()

function(every_embed target)
  cmake_parse_arguments(PARSE_ARGV 1 A "" "" "FOLDERS")
  set(paths "")
  foreach(folder IN LISTS A_FOLDERS)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS LIST_DIRECTORIES false RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "${folder}/*")
    list(APPEND paths ${found})
  endforeach()
  list(FILTER paths EXCLUDE REGEX "(^|/)(node_modules|__pycache__|target|\\.venv)/")
  list(SORT paths)
  list(JOIN paths "\n" lines)
  set(list "${CMAKE_CURRENT_BINARY_DIR}/embedded.list")
  file(CONFIGURE OUTPUT "${list}" CONTENT "${lines}\n" @ONLY)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/embedded_files.cc")
  list(TRANSFORM paths PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" OUTPUT_VARIABLE inputs)
  add_custom_command(OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" "-DOUT=${out}" "-DROOT=${CMAKE_CURRENT_SOURCE_DIR}" "-DLIST=${list}" -P "${CMAKE_CURRENT_SOURCE_DIR}/embed.cmake"
    DEPENDS ${inputs} "${list}" "${CMAKE_CURRENT_SOURCE_DIR}/embed.cmake"
    COMMENT "Embedding the toolchain's files" VERBATIM)
  target_sources(${target} PRIVATE "${out}")
endfunction()
