#pragma once

#include <string>
#include <vector>

#include "places.h"

#include "every/core/error.h"
#include "every/ipld/key.h"
#include "every/settings/settings.h"

namespace every::cli {

struct NodeKey {
  ipld::SigningKey key;
  std::string origin;  ///< for a person: the file it is kept in, or that it comes of a seed
  std::vector<std::string> warnings;  ///< a file that others can read
};

/// The key of a home's node: that of `node.network.keypair_config`, else the one kept in `key.pem` of the home, which is made (0600) the first time.
/// errors: kMalformed a file or seed that is no such key (it is named); kNotFound the file of the settings; kPermissionDenied, kIo
[[nodiscard]] core::Result<NodeKey> load_node_key(const Places& places,
                                                  const settings::Settings& settings);

}  // namespace every::cli
