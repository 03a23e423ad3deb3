#include "fuzz.h"
#include <unistd.h>

#include "every/core/file.h"
#include "every/toolchain/records.h"

using namespace every;
using fuzz::require;
namespace fs = std::filesystem;

namespace {

/// A folder of this process, gone at its end.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("every-fuzz-" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

}  // namespace

/// Any bytes as a file of build records: what is taken is there, once, and can be handed on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  const fs::path file = folder.path / "input";
  require(core::write_file_atomically(file, core::BytesView(data, size), 0600).has_value(),
          "there is room");
  const auto records = toolchain::BuildRecords::open(folder.path / "records");
  require(records.has_value(), "records can be opened");
  const auto taken = (*records)->import_from(file);
  if (!taken) {
    require(taken.error().message.find(file.string()) != std::string::npos,
            "a refusal names the file");
    return 0;
  }
  require((*records)->import_from(file) == std::size_t{0}, "what is there is not taken again");
  const fs::path copy = folder.path / "copy";
  const auto exported = (*records)->export_to(copy);
  require(exported && *exported >= *taken, "what is taken is handed on");
  fs::remove_all(folder.path / "records");
  const auto others = toolchain::BuildRecords::open(folder.path / "records");
  require(others && (*others)->import_from(copy) == *exported, "and taken by another");
  fs::remove_all(folder.path / "records");
  return 0;
}
