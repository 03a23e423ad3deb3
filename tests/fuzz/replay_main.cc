// Runs a fuzz target on the files of its corpus, where there is no libFuzzer to do it.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_DIRECTORY\n", argv[0]);
    return 2;
  }
  std::error_code failed;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1], failed))
    files.push_back(entry.path());
  if (failed || files.empty()) {
    std::fprintf(stderr, "%s: no corpus there\n", argv[1]);
    return 1;
  }
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    std::printf("%s\n", path.filename().c_str());
    std::fflush(stdout);
    const every::core::BytesView bytes = every::core::as_bytes(text);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  return 0;
}
