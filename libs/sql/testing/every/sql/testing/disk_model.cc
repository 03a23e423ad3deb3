#include "every/sql/testing/disk_model.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

namespace every::sql::testing {
namespace {

constexpr std::size_t kSector = 512;

}  // namespace

void DiskModel::opened(const std::string& file) {
  const std::lock_guard lock(mutex_);
  if (files_.contains(file)) return;
  // What was there before anybody looked is taken to be on the disk.
  std::ifstream in(file, std::ios::binary);
  files_[file].on_disk.assign(std::istreambuf_iterator<char>(in), {});
  files_[file].name_on_disk = static_cast<bool>(in);
}

void DiskModel::wrote(const std::string& file, const void* bytes, std::int64_t size,
                      std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  const auto* begin = static_cast<const char*>(bytes);
  files_[file].pending.push_back({offset, {begin, begin + size}, false});
}

void DiskModel::truncated(const std::string& file, std::int64_t size) {
  const std::lock_guard lock(mutex_);
  files_[file].pending.push_back({size, {}, true});
}

void DiskModel::apply(std::vector<char>& content, const Change& change) {
  const auto offset = static_cast<std::size_t>(change.offset);
  if (change.is_truncation) return content.resize(offset);
  content.resize(std::max(content.size(), offset + change.bytes.size()));
  std::copy(change.bytes.begin(), change.bytes.end(),
            content.begin() + static_cast<std::ptrdiff_t>(offset));
}

void DiskModel::synced(const std::string& file) {
  const std::lock_guard lock(mutex_);
  File& one = files_[file];
  for (const Change& change : one.pending) apply(one.on_disk, change);
  one.pending.clear();
  one.name_on_disk = true;
}

void DiskModel::deleted(const std::string& file, Folder folder) {
  const std::lock_guard lock(mutex_);
  if (folder == Folder::kSynced) {
    files_[file] = {};
  } else {
    files_[file].pending.clear();
  }
}

void DiskModel::power_off(const std::filesystem::path& into, Rest rest, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  std::mt19937_64 random(seed);
  for (const auto& [name, file] : files_) {
    std::vector<char> content = file.on_disk;
    bool there = file.name_on_disk;
    for (const Change& change : rest == Rest::kSome ? file.pending : std::vector<Change>()) {
      if (change.is_truncation) {
        if (random() % 2 == 0) apply(content, change);
        continue;
      }
      for (std::size_t at = 0; at < change.bytes.size(); at += kSector) {
        if (random() % 2 == 0) continue;
        const auto begin = change.bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const auto size = std::min(kSector, change.bytes.size() - at);
        apply(content, {change.offset + static_cast<std::int64_t>(at),
                        {begin, begin + static_cast<std::ptrdiff_t>(size)},
                        false});
        there = true;
      }
    }
    if (!there) continue;
    std::ofstream out(into / std::filesystem::path(name).filename(), std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
  }
}

}  // namespace every::sql::testing
