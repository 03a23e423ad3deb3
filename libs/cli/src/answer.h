#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "every/core/error.h"
#include "every/gateway/message.h"

// What a node answers in JSON. It may be another version of this program, or none at all: what is not there as it should be is as if absent.
namespace every::cli {

/// errors: kMalformed it is no JSON object
[[nodiscard]] core::Result<boost::json::object> parse_object(std::string_view text);
/// The object of an answer that is 200. errors: what the answer says; kMalformed
[[nodiscard]] core::Result<boost::json::object> report_in(const gateway::Response& response);
/// A whole number; 0 where there is none.
[[nodiscard]] std::uint64_t count_at(const boost::json::object& object, std::string_view key);
/// A text; empty where there is none.
[[nodiscard]] std::string text_at(const boost::json::object& object, std::string_view key);

/// A list; empty where there is none.
[[nodiscard]] const boost::json::array& list_at(const boost::json::object& object,
                                                std::string_view key);
/// The texts in a list.
[[nodiscard]] std::vector<std::string> texts_at(const boost::json::object& object,
                                                std::string_view key);

}  // namespace every::cli
