#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "error_body.h"
#include "exchange.h"
#include "request_body.h"

#include "every/core/error.h"
#include "every/ipld/value.h"

namespace every::gateway {

/// The fields of a JSON request; one that is not read is a mistake.
class Fields {
 public:
  explicit Fields(const ipld::Map& map) : map_(map) {}

  core::Result<std::vector<std::string>> texts(std::string_view key) {
    std::vector<std::string> out;
    const ipld::Value* value = take(key);
    if (value == nullptr) return out;
    const ipld::List* list = value->if_list();
    if (list == nullptr) return wrong(key, "a list of texts");
    for (const ipld::Value& item : *list) {
      if (item.if_string() == nullptr) return wrong(key, "a list of texts");
      out.push_back(*item.if_string());
    }
    return out;
  }
  core::Result<std::optional<std::string>> text(std::string_view key) {
    const ipld::Value* value = take(key);
    if (value == nullptr) return std::nullopt;
    if (value->if_string() == nullptr) return wrong(key, "a text");
    return *value->if_string();
  }
  core::Result<std::string> need_text(std::string_view key) {
    EVERY_TRY_ASSIGN(auto value, text(key));
    if (!value) return wrong(key, "there, and a text");
    return std::move(*value);
  }
  /// One of two meanings.
  template <typename T>
  core::Result<T> choose(std::string_view key, T otherwise, T when_true) {
    const ipld::Value* value = take(key);
    if (value == nullptr) return otherwise;
    const bool* flag = value->if_bool();
    if (flag == nullptr) return wrong(key, "true or false");
    return *flag ? when_true : otherwise;
  }
  core::Result<std::optional<std::uint64_t>> number(std::string_view key, std::uint64_t most) {
    const ipld::Value* value = take(key);
    if (value == nullptr) return std::nullopt;
    const ipld::Integer* integer = value->if_integer();
    const auto whole = integer != nullptr ? integer->as_uint64() : std::nullopt;
    if (!whole || *whole > most) return wrong(key, "a whole number up to " + std::to_string(most));
    return *whole;
  }
  core::Result<std::optional<double>> real(std::string_view key) {
    const ipld::Value* value = take(key);
    if (value == nullptr) return std::nullopt;
    if (const double* number = value->if_float()) return *number;
    const ipld::Integer* integer = value->if_integer();
    const auto whole = integer != nullptr ? integer->as_uint64() : std::nullopt;
    if (!whole) return wrong(key, "a number");
    return static_cast<double>(*whole);
  }
  core::Status end() const {
    for (const ipld::MapEntry& entry : map_) {
      if (std::find(taken_.begin(), taken_.end(), entry.key) == taken_.end())
        return core::fail(core::ErrorCode::kInvalidArgument,
                          "`" + entry.key + "` is not known here");
    }
    return {};
  }

 private:
  const ipld::Value* take(std::string_view key) {
    taken_.emplace_back(key);
    return map_.find(key);
  }
  static std::unexpected<core::Error> wrong(std::string_view key, const std::string& what) {
    return core::fail(core::ErrorCode::kInvalidArgument,
                      "`" + std::string(key) + "` must be " + what);
  }
  const ipld::Map& map_;
  std::vector<std::string> taken_;
};

/// What `read` makes of the request's body, a JSON object all of whose fields it reads. Nothing: it was answered with what is wrong.
template <typename Read>
auto read_fields(const ExchangePtr& exchange, Read read)
    -> std::optional<typename std::invoke_result_t<Read, Fields&>::value_type> {
  const auto body = read_body(exchange->request());
  if (!body) {
    exchange->reply(body.error());
    return std::nullopt;
  }
  const ipld::Map* map = body->if_map();
  if (map == nullptr) {
    exchange->reply(
        error_response({core::ErrorCode::kInvalidArgument, "the body must be a JSON object", {}}));
    return std::nullopt;
  }
  Fields fields(*map);
  auto made = read(fields);
  if (made) {
    if (auto end = fields.end(); !end) made = std::unexpected(std::move(end).error());
  }
  if (made) return std::move(*made);
  exchange->reply(error_response(made.error()));
  return std::nullopt;
}

}  // namespace every::gateway
