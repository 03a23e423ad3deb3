#include "car_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "every/core/file.h"
#include "every/core/random.h"
#include "every/ipld/multibase.h"

namespace every::gateway {
namespace {

using core::ErrorCode;

class Writer final : public FileWriter {
 public:
  Writer(std::filesystem::path file, std::filesystem::path part, core::UniqueFd fd)
      : file_(std::move(file)), part_(std::move(part)), fd_(std::move(fd)) {
    buffer_.reserve(kBuffer);
  }
  ~Writer() override {
    if (fd_.valid()) ::unlink(part_.c_str());
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  core::Status write(core::BytesView bytes) override {
    if (buffer_.size() + bytes.size() > kBuffer) EVERY_TRY(flush());
    if (bytes.size() >= kBuffer) return core::write_all(fd_.get(), bytes, file_);
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return {};
  }

  core::Status finish() override {
    EVERY_TRY(flush());
    if (::fsync(fd_.get()) != 0)
      return std::unexpected(core::system_error("cannot write", file_, errno));
    if (::rename(part_.c_str(), file_.c_str()) != 0)
      return std::unexpected(core::system_error("cannot write", file_, errno));
    fd_.reset();
    return {};
  }

 private:
  static constexpr std::size_t kBuffer = std::size_t{1} << 20;

  core::Status flush() {
    EVERY_TRY(core::write_all(fd_.get(), buffer_, file_));
    buffer_.clear();
    return {};
  }

  std::filesystem::path file_;
  std::filesystem::path part_;
  core::UniqueFd fd_;
  core::Bytes buffer_;
};

/// So random that no other file has it.
std::string make_suffix() {
  std::array<std::uint8_t, 8> bytes{};
  core::fill_random(bytes);
  return ipld::encode_base(ipld::Multibase::kBase16, bytes);
}

}  // namespace

core::Result<std::unique_ptr<FileWriter>> FileWriter::open(std::filesystem::path file) {
  if (std::error_code ignored; std::filesystem::is_directory(file, ignored))
    return core::fail(ErrorCode::kInvalidArgument,
                      file.string() + " is a directory; name the file to write");
  const std::string part = file.string() + ".part-" + make_suffix();
  // As a file that a person makes: readable as far as the user's mask allows, which the kernel knows (to ask for it is to change it).
  core::UniqueFd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!fd.valid()) return std::unexpected(core::system_error("cannot write", file, errno));
  return std::make_unique<Writer>(std::move(file), std::move(part), std::move(fd));
}

runtime::Sharing::OpenSource reopen_file(std::filesystem::path file) {
  return [file = std::move(file)]() -> core::Result<ipld::car::Source> {
    auto fd = std::make_shared<core::UniqueFd>(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd->valid()) return std::unexpected(core::system_error("cannot read", file, errno));
    struct ::stat status{};
    if (::fstat(fd->get(), &status) != 0 || !S_ISREG(status.st_mode))
      return core::fail(ErrorCode::kInvalidArgument,
                        file.string() + " is not a regular file, and a CAR is read twice");
    // The reader asks for a few bytes at a time.
    struct Buffer {
      std::array<std::uint8_t, std::size_t{256} << 10> bytes;
      std::size_t begin = 0;
      std::size_t end = 0;
    };
    return [file, fd, buffer = std::make_shared<Buffer>()](
               std::span<std::uint8_t> out) -> core::Result<std::size_t> {
      const auto fill = [&](std::span<std::uint8_t> into) -> core::Result<std::size_t> {
        for (;;) {
          const ssize_t got = ::read(fd->get(), into.data(), into.size());
          if (got >= 0) return static_cast<std::size_t>(got);
          if (errno != EINTR)
            return std::unexpected(core::system_error("cannot read", file, errno));
        }
      };
      if (buffer->begin == buffer->end) {
        if (out.size() >= buffer->bytes.size()) return fill(out);
        EVERY_TRY_ASSIGN(buffer->end, fill(buffer->bytes));
        buffer->begin = 0;
      }
      const std::size_t count = std::min(out.size(), buffer->end - buffer->begin);
      std::copy_n(buffer->bytes.begin() + static_cast<std::ptrdiff_t>(buffer->begin), count,
                  out.begin());
      buffer->begin += count;
      return count;
    };
  };
}

}  // namespace every::gateway
