#include "every/toolchain/records.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "every/core/file.h"
#include "every/ipld/dag_cbor.h"
#include "every/ipld/unixfs.h"
#include "every/ipld/value.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using ipld::Map;
using ipld::Value;

constexpr std::size_t kMostBytes = std::size_t{4} << 30;
constexpr std::string_view kFileKind = "every build records";

template <typename Second>
Value map_of(const std::vector<std::pair<std::string, Second>>& pairs) {
  Map map;
  for (const auto& [name, value] : pairs) map.set(name, Value(value));
  return map;
}

Value value_of(const BuildInputs& inputs) {
  return Map{{"language", inputs.language},
             {"recipe", static_cast<std::int64_t>(inputs.recipe)},
             {"files", map_of(inputs.files)},
             {"options", map_of(inputs.options)},
             {"tools", map_of(inputs.tools)}};
}

/// The CID of a value we made ourselves, whose strings are mended so that it always has one.
ipld::Cid key_of(const Value& inputs) {
  auto cid = ipld::dag_cbor::cid_of(inputs);
  EVERY_CHECK(cid.has_value());
  return std::move(*cid);
}

/// A record as a value: what it was made from, and the component.
core::Result<std::pair<ipld::Cid, ipld::Cid>> read_record(const Value& record) {
  const Map* map = record.if_map();
  const Value* inputs = map != nullptr ? map->find("inputs") : nullptr;
  const Value* component = map != nullptr ? map->find("component") : nullptr;
  if (inputs == nullptr || component == nullptr || component->if_link() == nullptr)
    return core::fail(ErrorCode::kMalformed, "a build record without inputs or component");
  EVERY_TRY_ASSIGN(auto key, ipld::dag_cbor::cid_of(*inputs));
  return std::pair(std::move(key), *component->if_link());
}

fs::path record_path(const fs::path& folder, const ipld::Cid& key) {
  return folder / "records" / (key.render() + ".cbor");
}
fs::path component_path(const fs::path& folder, const ipld::Cid& component) {
  return folder / "components" / (component.render() + ".wasm");
}

core::Result<core::Bytes> read_component(const fs::path& folder, const ipld::Cid& cid) {
  EVERY_TRY_ASSIGN(auto bytes, core::read_file(component_path(folder, cid), kMostBytes));
  if (cid_of_component(bytes) != cid)
    return core::fail(ErrorCode::kIntegrity, "component " + cid.render() + " is damaged");
  return bytes;
}

core::Status write_record(const fs::path& folder, const ipld::Cid& key, const Value& record,
                          const ipld::Cid& component, core::BytesView bytes) {
  const auto file = component_path(folder, component);
  if (!read_component(folder, component)) EVERY_TRY(core::write_file_atomically(file, bytes, 0600));
  EVERY_TRY_ASSIGN(const auto encoded, ipld::dag_cbor::encode(record));
  return core::write_file_atomically(record_path(folder, key), encoded, 0600);
}

/// A record file, checked against its name.
core::Result<std::pair<Value, ipld::Cid>> load_record(const fs::path& path) {
  EVERY_TRY_ASSIGN(const auto bytes, core::read_file(path, kMostBytes));
  EVERY_TRY_ASSIGN(auto record, ipld::dag_cbor::decode(bytes));
  EVERY_TRY_ASSIGN(auto read, read_record(record));
  if (read.first.render() != path.stem().string())
    return core::fail(ErrorCode::kIntegrity, path.string() + " is damaged");
  return std::pair(std::move(record), std::move(read.second));
}

/// One record of a file of records: its key, itself, its component.
struct Imported {
  ipld::Cid key;
  Value record;
  ipld::Cid component;
};

core::Result<std::vector<Imported>> read_records(const Map& file) {
  const Value* records = file.find("records");
  const Value* components = file.find("components");
  if (records == nullptr || records->if_list() == nullptr || components == nullptr ||
      components->if_list() == nullptr)
    return core::fail(ErrorCode::kMalformed, "it has no records or no components");
  std::set<ipld::Cid> there;
  for (const auto& component : *components->if_list()) {
    if (component.if_bytes() == nullptr)
      return core::fail(ErrorCode::kMalformed, "a component that is no bytes");
    there.insert(cid_of_component(*component.if_bytes()));
  }
  std::vector<Imported> out;
  for (const auto& record : *records->if_list()) {
    EVERY_TRY_ASSIGN(auto read, read_record(record));
    if (!there.contains(read.second)) {
      return core::fail(ErrorCode::kIntegrity, "component " + read.second.render() +
                                                   " is named by a record, and is not in the file");
    }
    out.push_back({std::move(read.first), record, std::move(read.second)});
  }
  return out;
}

}  // namespace

void BuildInputs::add_file(std::string path, core::BytesView content) {
  files.emplace_back(std::move(path), hash_of_content(content));
}

ipld::Cid BuildInputs::key() const {
  return key_of(value_of(*this));
}

ipld::Cid hash_of_content(core::BytesView content) {
  return ipld::Cid::of(ipld::Codec::kRaw, ipld::HashCode::kSha2_256, content);
}

ipld::Cid cid_of_component(core::BytesView content) {
  auto imported = ipld::unixfs::import_bytes(content);
  EVERY_CHECK(imported.has_value());  // the blocks are thrown away, so nothing can fail
  return std::move(imported->root);
}

core::Result<std::unique_ptr<BuildRecords>> BuildRecords::open(
    const std::filesystem::path& folder) {
  for (const auto& path : {folder, folder / "records", folder / "components"})
    EVERY_TRY(core::ensure_private_directory(path));
  return std::unique_ptr<BuildRecords>(new BuildRecords(folder));
}

core::Result<std::optional<BuildRecord>> BuildRecords::find(const BuildInputs& inputs) const {
  const auto path = record_path(folder_, inputs.key());
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::optional<BuildRecord>();
  auto record = load_record(path);
  auto bytes = record ? read_component(folder_, record->second)
                      : core::Result<core::Bytes>(core::fail(record.error()));
  if (bytes) return BuildRecord{record->second, std::move(*bytes)};
  // Damaged, or without its component: the build is made again.
  if (record && bytes.error().code == ErrorCode::kIntegrity)
    fs::remove(component_path(folder_, record->second), ignored);
  fs::remove(path, ignored);
  return std::optional<BuildRecord>();
}

core::Status BuildRecords::put(const BuildInputs& inputs, core::BytesView component) const {
  const auto cid = cid_of_component(component);
  Value value = value_of(inputs);
  const auto key = key_of(value);
  return write_record(folder_, key, Map{{"inputs", std::move(value)}, {"component", cid}}, cid,
                      component);
}

core::Result<std::size_t> BuildRecords::export_to(const std::filesystem::path& file) const {
  std::vector<fs::path> paths;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder_ / "records", failed))
    if (entry.path().extension() == ".cbor") paths.push_back(entry.path());
  if (failed) return core::fail(core::system_error("read", folder_, failed.value()));
  std::sort(paths.begin(), paths.end());
  ipld::List records;
  ipld::List components;
  std::set<ipld::Cid> taken;
  for (const auto& path : paths) {
    auto record = load_record(path);
    auto bytes = record ? read_component(folder_, record->second)
                        : core::Result<core::Bytes>(core::fail(record.error()));
    if (!bytes) continue;  // damaged ones are no records
    records.push_back(std::move(record->first));
    if (taken.insert(record->second).second) components.emplace_back(std::move(*bytes));
  }
  const auto count = records.size();
  EVERY_TRY_ASSIGN(const auto encoded,
                   ipld::dag_cbor::encode(Map{{"kind", kFileKind},
                                              {"version", 1},
                                              {"records", std::move(records)},
                                              {"components", std::move(components)}}));
  EVERY_TRY(core::write_file_atomically(file, encoded, 0644));
  return count;
}

core::Result<std::size_t> BuildRecords::import_from(const std::filesystem::path& file) const {
  EVERY_TRY_ASSIGN(const auto bytes, core::read_file(file, kMostBytes));
  auto decoded = ipld::dag_cbor::decode(bytes);
  const Map* map = decoded ? decoded->if_map() : nullptr;
  const Value* kind = map != nullptr ? map->find("kind") : nullptr;
  if (kind == nullptr || kind->if_string() == nullptr || *kind->if_string() != kFileKind) {
    return core::fail(ErrorCode::kMalformed,
                      file.string() + " is no file of build records, or a damaged one; make one " +
                          "with: every build --export-records FILE");
  }
  const Value* version = map->find("version");
  if (version == nullptr || *version != Value(1)) {
    return core::fail(ErrorCode::kUnsupported,
                      file.string() + " holds build records of another version than 1; a newer " +
                          "every can read them");
  }
  auto records = read_records(*map);
  if (!records) return core::fail(std::move(records).error().in(file.string()));
  std::size_t added = 0;
  for (const auto& record : *records) {
    if (load_record(record_path(folder_, record.key)) &&
        read_component(folder_, load_record(record_path(folder_, record.key))->second))
      continue;
    for (const auto& component : *map->find("components")->if_list()) {
      if (cid_of_component(*component.if_bytes()) != record.component) continue;
      EVERY_TRY(write_record(folder_, record.key, record.record, record.component,
                             *component.if_bytes()));
      ++added;
      break;
    }
  }
  return added;
}

}  // namespace every::toolchain
