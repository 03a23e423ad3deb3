#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "every/core/clock.h"
#include "every/core/error.h"
#include "every/ipld/cid.h"
#include "every/store/store.h"

/// The database of the original runtime, read only.
/// source: migrations of homestar-runtime 0.3.0; docs/formats/homestar-db.md
namespace every::store {

/// A workflow as the original keeps it: not its document, but what its instructions need and which receipts came of it.
struct HomestarWorkflow {
  ipld::Cid cid;
  std::string name;    ///< the CID where none was given
  std::string status;  ///< `pending`, `completed`, `running`, `stuck`
  core::WallNanos created = 0;
  std::uint32_t tasks = 0;
  struct Instruction {
    ipld::Cid cid;
    std::vector<std::string> resources;  ///< URLs and CIDs, as text
  };
  std::vector<Instruction> instructions;  ///< by their CIDs; equal tasks are one
  std::vector<ipld::Cid> receipts;
};

/// One connection to `homestar.db`. A node of the original may be using it meanwhile. thread: one at a time
class HomestarDb {
 public:
  /// errors: kNotFound no such file; kMalformed no database, or none of the original's; kPermissionDenied, kIo
  [[nodiscard]] static core::Result<std::unique_ptr<HomestarDb>> open(
      const std::filesystem::path& file);
  virtual ~HomestarDb() = default;

  /// Called with each row in turn, or with why it cannot be used (kIntegrity: it does not hash to its CID; kMalformed): the row is named. An error it returns ends the reading.
  template <typename T>
  using Take = std::function<core::Status(core::Result<T>)>;
  /// Receipts as our store keeps them: imported, of no known profile; `created` is left 0, the original does not know it. errors: those of `take`; kIo, kIntegrity
  [[nodiscard]] virtual core::Status each_receipt(const Take<ReceiptRecord>& take) = 0;
  /// errors: as each_receipt
  [[nodiscard]] virtual core::Status each_workflow(const Take<HomestarWorkflow>& take) = 0;
};

}  // namespace every::store
