#include <boost/json.hpp>

#include "every/toolchain/wit_folder.h"

namespace every::toolchain {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

WitFunction::Param param_of(const json::object& object) {
  const auto* name = object.if_contains("name");
  return {name != nullptr ? std::string(name->as_string()) : std::string(), text_of(object, "type"),
          json::serialize(object.at("shape"))};
}

WitFunction function_of(const json::object& object) {
  WitFunction function;
  function.interface = text_of(object, "interface");
  function.name = text_of(object, "name");
  function.docs = text_of(object, "docs");
  for (const auto& param : object.at("params").as_array())
    function.params.push_back(param_of(param.as_object()));
  if (const auto& result = object.at("result"); !result.is_null())
    function.result = param_of(result.as_object());
  return function;
}

void items_of(const json::object& object, std::vector<WitFunction>& functions,
              std::vector<std::string>& interfaces) {
  for (const auto& function : object.at("functions").as_array())
    functions.push_back(function_of(function.as_object()));
  for (const auto& name : object.at("interfaces").as_array())
    interfaces.emplace_back(name.as_string());
}

World world_of(const json::object& object) {
  World world;
  world.name = text_of(object, "name");
  world.docs = text_of(object, "docs");
  items_of(object.at("imports").as_object(), world.imports, world.import_interfaces);
  items_of(object.at("exports").as_object(), world.exports, world.export_interfaces);
  return world;
}

/// Runs `read` on the parsed text; Boost.JSON throws where something is not there.
template <typename Read>
auto read_json(std::string_view text, Read read)
    -> core::Result<decltype(read(std::declval<const json::object&>()))> {
  try {
    json::parse_options options;
    options.max_depth = 256;
    const auto value = json::parse(text, {}, options);
    return read(value.as_object());
  } catch (const std::exception& error) {
    return core::fail(core::ErrorCode::kInternal,
                      std::string("the description of a world cannot be read: ") + error.what());
  }
}

}  // namespace

core::Result<Worlds> parse_worlds(std::string_view text) {
  return read_json(text, [](const json::object& object) {
    Worlds worlds{text_of(object, "package"), {}};
    for (const auto& world : object.at("worlds").as_array())
      worlds.worlds.push_back(world_of(world.as_object()));
    return worlds;
  });
}

core::Result<World> parse_world(std::string_view text) {
  return read_json(text, [](const json::object& object) { return world_of(object); });
}

}  // namespace every::toolchain
