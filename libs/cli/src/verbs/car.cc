#include "verbs/car.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "answer.h"
#include "node_access.h"
#include "node_request.h"
#include "sizes.h"
#include <boost/json.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "every/core/file.h"

namespace every::cli {
namespace {

namespace json = boost::json;
using core::ErrorCode;
using gateway::Response;

/// A file of this command's own, gone with it: files are read twice and written whole, which standard input and output cannot be.
class TemporaryFile {
 public:
  static core::Result<std::unique_ptr<TemporaryFile>> make() {
    std::error_code ignored;
    std::string path = (std::filesystem::temp_directory_path(ignored) / "every-XXXXXX").string();
    core::UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC));
    if (!fd.valid()) return std::unexpected(core::system_error("cannot write", path, errno));
    return std::unique_ptr<TemporaryFile>(new TemporaryFile(std::move(path), std::move(fd)));
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  TemporaryFile(std::filesystem::path path, core::UniqueFd fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}
  std::filesystem::path path_;
  core::UniqueFd fd_;
};

/// A pipe (`<(curl …)`, say) has its name in this process alone, and can be read once.
bool is_pipe(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_fifo(path, ignored);
}

core::Status copy(int from, int to) {
  std::array<std::uint8_t, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(core::system_error("cannot read", "the input", errno));
    if (got == 0) return {};
    EVERY_TRY(core::write_all(to, core::BytesView(buffer).first(static_cast<std::size_t>(got)),
                              "the output"));
  }
}

std::string counted(std::uint64_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

}  // namespace

void CarExportVerb::define(Options& options) {
  options.words("WHAT", what,
                "Receipts, instructions, components or other content (CIDs), or whole runs (ids of "
                "`every runs`)");
  options.value("--output", "FILE", out, "The file to write; - is standard output")
      .completes(Completion::kFiles);
  options.value("-o", "FILE", out, "The same").completes(Completion::kFiles);
  options.flag("--partial", missing, Missing::kLeaveOut,
               "Leave out linked content that is not here, and name it, instead of failing");
  options.flag("--json", output, Output::kJson, "The report as JSON");
  add_node_options(options, node);
}

core::Result<int> CarExportVerb::run(const Console& console) {
  if (what.empty())
    return core::fail(ErrorCode::kInvalidArgument,
                      "say what to export: receipts, runs or components; `every runs` and `every "
                      "runs show` list them");
  if (!out)
    return core::fail(ErrorCode::kInvalidArgument,
                      "say where to: -o FILE.car, or -o - for standard output");
  const bool to_stdout = *out == "-";
  if (to_stdout && output == Output::kJson)
    return core::fail(ErrorCode::kInvalidArgument,
                      "the file and the report (--json) cannot both go to standard output; name "
                      "a file");
  std::unique_ptr<TemporaryFile> temporary;
  std::filesystem::path file;
  if (to_stdout) {
    EVERY_TRY_ASSIGN(temporary, TemporaryFile::make());
    file = temporary->path();
  } else {
    file = std::filesystem::absolute(*out);
  }
  node.workers = 0;  // no guest runs: no worker processes
  const json::object request{{"what", json::value_from(what)},
                             {"file", file.string()},
                             {"partial", missing == Missing::kLeaveOut}};
  EVERY_TRY_ASSIGN(const Response response,
                   ask(node, json_post("/-/car/export", json::serialize(request)), console));
  EVERY_TRY_ASSIGN(const json::object report, report_in(response));
  for (const std::string& cid : texts_at(report, "missing"))
    console.warn("Left out, because it is not here: " + cid);
  if (count_at(report, "failures") > 0)
    console.warn(counted(count_at(report, "failures"), "task has", "tasks have") +
                 " no result to be shared (failed, skipped, or reached by a failure)");
  if (count_at(report, "forgotten") > 0)
    console.warn(counted(count_at(report, "forgotten"), "receipt was", "receipts were") +
                 " forgotten here and left out");
  if (output == Output::kJson) print(response.body + "\n");
  if (to_stdout) {
    // The node put another file in the temporary one's place.
    const core::UniqueFd made(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!made.valid()) return std::unexpected(core::system_error("cannot read", file, errno));
    EVERY_TRY(copy(made.get(), STDOUT_FILENO));
  } else if (output == Output::kText) {
    console.done("Exported " + counted(count_at(report, "receipts"), "receipt", "receipts") +
                 " in " + counted(count_at(report, "blocks"), "block", "blocks") + ", " +
                 size_text(count_at(report, "bytes")) + ", to " + *out);
  }
  return 0;
}

const VerbInfo kCarExportVerb{
    "car export", "Write results, with all that proves them, to a file for another machine",
    "  every car export <RUN> -o run.car        a run of `every runs`: results, components, "
    "proofs\n"
    "  every car export bafyrmi... -o r.car     one receipt with all it rests on\n"
    "  every car export bafybei... -o fn.car    a component\n",
    make_verb<CarExportVerb>};

void CarImportVerb::define(Options& options) {
  options.word("FILE", file, "A CAR file; - is standard input").completes(Completion::kFiles);
  options.flag("--trust", trust, Trust::kMyWord,
               "Take the results as true though nobody in trusted_keys attests them");
  options.flag("--json", output, Output::kJson, "The report as JSON");
  add_node_options(options, node);
}

core::Result<int> CarImportVerb::run(const Console& console) {
  std::unique_ptr<TemporaryFile> temporary;
  std::filesystem::path path = std::filesystem::absolute(file);
  if (file == "-" || is_pipe(path)) {
    EVERY_TRY_ASSIGN(temporary, TemporaryFile::make());
    const core::UniqueFd pipe(file == "-" ? ::dup(STDIN_FILENO)
                                          : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!pipe.valid()) return std::unexpected(core::system_error("cannot read", path, errno));
    EVERY_TRY(copy(pipe.get(), temporary->fd()));
    path = temporary->path();
  }
  node.workers = 0;  // no guest runs: no worker processes
  const json::object request{{"file", path.string()}, {"trust", trust == Trust::kMyWord}};
  EVERY_TRY_ASSIGN(const Response response,
                   ask(node, json_post("/-/car/import", json::serialize(request)), console));
  EVERY_TRY_ASSIGN(const json::object report, report_in(response));
  if (output == Output::kJson) {
    print(response.body + "\n");
  } else {
    console.done("Imported " + counted(count_at(report, "blocks"), "block", "blocks") + ", " +
                 size_text(count_at(report, "bytes")) + ": " +
                 counted(count_at(report, "receipts"), "result", "results") + ", " +
                 std::to_string(count_at(report, "usable")) + " of them used from now on");
  }
  const auto warn = [&](const char* key, const char* one, const char* many,
                        const std::string& what) {
    if (const auto number = count_at(report, key); number > 0)
      console.warn(counted(number, one, many) + " " + what);
  };
  std::string keys;
  for (const json::value& stranger : list_at(report, "strangers")) {
    if (const json::object* one = stranger.if_object()) keys += "\n  " + text_at(*one, "key");
  }
  warn("untrusted", "result is", "results are",
       "readable but not used: nobody trusted attests them. Put the key of who does into "
       "trusted_keys of the settings, execute them again (`every verify`), or import with "
       "--trust" +
           (keys.empty() ? std::string() : "; they are attested by" + keys));
  warn("other_profile", "result is", "results are",
       "readable but not used: made under another determinism profile");
  warn("forgotten", "result is", "results are", "not used: forgotten here before");
  warn("failures", "receipt of a failure was", "receipts of failures were",
       "not taken: a failure belongs to its run");
  warn("unproven", "receipt is", "receipts are",
       "kept as content alone: the invocation that says which instruction it answers is not in the "
       "file, or says another function");
  warn("conflicts", "result contradicts", "results contradict",
       "what is known here. What was known stays in use; `every verify` tells which one is true");
  return 0;
}

const VerbInfo kCarImportVerb{
    "car import", "Take in results and content of such a file",
    "  every car import run.car             what trusted_keys attest is used, the rest readable\n"
    "  every car import run.car --trust     at your word\n"
    "  curl -s https://.../run.car | every car import -\n",
    make_verb<CarImportVerb>};

}  // namespace every::cli
