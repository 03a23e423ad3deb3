#include "file_watch.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace every::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE;
/// An editor writes, renames and sets times within this; a person does not notice it.
constexpr int kQuietMs = 120;

/// Whether a file below a watched folder is somebody's source, and not an editor's, a tool's or a repository's.
bool counts(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.back() != '~' && name != "__pycache__" &&
         name != "node_modules" && name != "target" && name != "output";
}

bool is_below(const fs::path& file, const fs::path& folder) {
  const auto relative = file.lexically_relative(folder);
  if (relative.empty() || *relative.begin() == "..") return false;
  for (const auto& part : relative)
    if (!counts(part.string())) return false;
  return true;
}

}  // namespace

core::Result<std::unique_ptr<FileWatch>> FileWatch::open() {
  std::unique_ptr<FileWatch> watch(new FileWatch);
  watch->events_ = core::UniqueFd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!watch->events_.valid()) return core::fail(core::system_error("watch", "files", errno));
  watch->end_ = core::UniqueFd(::eventfd(0, EFD_CLOEXEC));
  if (!watch->end_.valid()) return core::fail(core::system_error("watch", "files", errno));
  return watch;
}

core::Status FileWatch::add_folder(const fs::path& folder) {
  const int id = ::inotify_add_watch(events_.get(), folder.c_str(), kEvents | IN_ONLYDIR);
  if (id >= 0) {
    folders_[id] = folder;
    return {};
  }
  if (errno == ENOSPC) {
    return core::fail(core::ErrorCode::kResourceExhausted,
                      "no more files can be watched on this system; raise the limit with: sudo "
                      "sysctl fs.inotify.max_user_watches=524288");
  }
  return {};  // not there, or not readable: its parent tells when it comes
}

core::Status FileWatch::add_tree(const fs::path& folder) {
  EVERY_TRY(add_folder(folder));
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    std::error_code ignored;
    if (counts(entry.path().filename().string()) && entry.is_directory(ignored) &&
        !entry.is_symlink(ignored))
      EVERY_TRY(add_tree(entry.path()));
  }
  return {};
}

core::Status FileWatch::watch(const std::vector<fs::path>& paths) {
  const auto before = std::move(folders_);
  folders_.clear();
  paths_ = paths;
  for (const auto& path : paths) {
    // A folder is watched and not the file: a renamed file is another file.
    EVERY_TRY(add_folder(path.parent_path()));
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) EVERY_TRY(add_tree(path));
  }
  for (const auto& [id, folder] : before)
    if (!folders_.contains(id)) ::inotify_rm_watch(events_.get(), id);
  return {};
}

void FileWatch::note(const fs::path& file, std::set<fs::path>& changed) const {
  for (const auto& path : paths_)
    if (path == file || is_below(file, path)) changed.insert(path);
}

void FileWatch::take_events(std::set<fs::path>& changed) {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  ssize_t got = 0;
  while ((got = ::read(events_.get(), buffer.data(), buffer.size())) > 0) {
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if ((event->mask & IN_Q_OVERFLOW) != 0) changed.insert(paths_.begin(), paths_.end());
      const auto folder = folders_.find(event->wd);
      if (folder == folders_.end() || event->len == 0) continue;
      // A file that was only created is still being written; its closing is told as well.
      if ((event->mask & IN_CREATE) != 0 && (event->mask & IN_ISDIR) == 0) continue;
      const fs::path file = folder->second / std::string(event->name);
      note(file, changed);
      if ((event->mask & IN_ISDIR) != 0) {
        for (const auto& path : paths_)
          if (is_below(file, path)) (void)add_tree(file);
      }
    }
  }
}

std::set<fs::path> FileWatch::wait() {
  std::set<fs::path> changed;
  while (true) {
    std::array<pollfd, 2> polled{{{events_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}}};
    const int ready = ::poll(polled.data(), polled.size(), changed.empty() ? -1 : kQuietMs);
    if (polled[1].revents != 0) return {};
    if (ready == 0) return changed;
    if (ready > 0) take_events(changed);
  }
}

void FileWatch::interrupt() {
  (void)::eventfd_write(end_.get(), 1);
}

}  // namespace every::cli
