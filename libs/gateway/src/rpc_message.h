#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "every/core/error.h"
#include "every/ipld/value.h"

/// JSON-RPC 2.0 messages as text. source: https://www.jsonrpc.org/specification and docs/formats/rpc.md
namespace every::gateway::rpc {

inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kRunRefused = -32009;

/// What goes into `error`. `data`, our addition to the original's words, says why in a person's words.
struct Failure {
  int code = kInternalError;
  std::string message;
  std::string data;  ///< empty: none
};
/// The failure with the original's words for a code.
[[nodiscard]] Failure failure(int code, std::string data = {});

/// One call of a client.
struct Call {
  std::string id = "null";  ///< as JSON
  bool wants_reply = true;  ///< false: it has no id
  std::string method;
  ipld::Value params;  ///< null without any
};
/// What cannot be called, and the reply to it.
struct Refused {
  std::string id = "null";
  Failure failure;
};
using Entry = std::variant<Call, Refused>;

struct Incoming {
  std::vector<Entry> entries;
  enum class Form { kSingle, kBatch } form = Form::kSingle;
};

/// Takes a message apart. Never fails: what cannot be read is a Refused. `params` are DAG-JSON.
/// in: most   calls in a batch
[[nodiscard]] Incoming parse(std::string_view text, std::size_t most);

/// `{"jsonrpc":"2.0","result":…,"id":…}`; `result` is JSON.
[[nodiscard]] std::string render_result(std::string_view result, std::string_view id);
/// `{"jsonrpc":"2.0","error":{…},"id":…}`
[[nodiscard]] std::string render_failure(const Failure& failure, std::string_view id);
/// `{"jsonrpc":"2.0","method":…,"params":{"subscription":…,"result":[123,34,…]}}`: the payload's bytes as numbers, as the original has them.
[[nodiscard]] std::string render_notification(std::string_view method,
                                              std::string_view subscription,
                                              std::string_view payload);

}  // namespace every::gateway::rpc
