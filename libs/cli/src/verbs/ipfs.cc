#include "verbs/ipfs.h"

#include <memory>
#include <utility>

#include "content_access.h"
#include "get_files.h"
#include "node_request.h"
#include "run_view.h"
#include "sizes.h"
#include <boost/json.hpp>
#include <unistd.h>

#include "every/core/printable.h"
#include "every/ipld/path.h"
#include "every/ipld/unixfs_directory.h"

namespace every::cli {
namespace {

namespace json = boost::json;
namespace unixfs = ipld::unixfs;
using core::ErrorCode;

core::Result<Added> add_one(const std::string& file, const unixfs::BlockSink& sink,
                            const AddOptions& how) {
  if (file == "-") return add_descriptor(STDIN_FILENO, "standard input", sink, how);
  return add_path(file, sink, how);
}

/// What a path leads to, which must be a block of its own.
core::Result<ipld::PathEnd> follow(const std::string& text, const unixfs::BlockSource& source) {
  EVERY_TRY_ASSIGN(const ContentPath path, ContentPath::parse(text));
  EVERY_TRY_ASSIGN(ipld::PathEnd end, ipld::follow_path(path.root, path.path, source));
  if (end.inside)
    return core::fail(
        ErrorCode::kInvalidArgument,
        text + " is a value inside of block " + end.cid.render() + ", not content of its own");
  return end;
}

std::string kind_name(unixfs::Type type) {
  switch (type) {
    case unixfs::Type::kDirectory:
    case unixfs::Type::kHamtShard:
      return "directory";
    case unixfs::Type::kSymlink:
      return "symlink";
    default:
      return "file";
  }
}

struct Listed {
  std::string name;
  ipld::Cid cid;
  std::string kind;  ///< empty: its block is not here
  std::uint64_t size = 0;
};

/// An entry with what its own block says. One that is not here is listed all the same.
core::Result<Listed> look_at(const unixfs::Entry& entry, const unixfs::BlockSource& source) {
  if (entry.cid.codec() == ipld::Codec::kRaw)
    return Listed{entry.name, entry.cid, "file", entry.dag_size};
  const auto block = source(entry.cid);
  if (!block && block.error().code != ErrorCode::kNotFound) return core::fail(block.error());
  if (!block) return Listed{entry.name, entry.cid, "", entry.dag_size};
  const auto kind = unixfs::kind_of(entry.cid, *block);
  if (!kind) return Listed{entry.name, entry.cid, "block", block->size()};
  return Listed{entry.name, entry.cid, kind_name(kind->type),
                unixfs::is_directory(*kind) ? entry.dag_size : kind->size};
}

}  // namespace

void IpfsAddVerb::define(Options& options) {
  options.words("FILE", files, "Files, directories with -r, or - for standard input")
      .completes(Completion::kFiles);
  options.flag("-r", how.directories, AddOptions::Directories::kAdd,
               "Add directories with all below them");
  options.flag("--hidden", how.hidden, AddOptions::Hidden::kAdd,
               "Of directories, files whose names begin with a dot, too");
  options.flag("--only-hash", keep, Keep::kOnlyHash, "Only tell the CIDs, keep nothing");
  options.choice("--cid-version", "N", how.version,
                 std::vector<std::pair<std::string, unixfs::CidVersion>>{
                     {"0", unixfs::CidVersion::k0}, {"1", unixfs::CidVersion::k1}},
                 "1 (default), or 0 for the CIDs of old (Qm...)");
  options.flag("-q", notes, Notes::kQuiet, "Print the CIDs and nothing else");
  options.flag("--json", output, Output::kJson, "As JSON, one line each");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> IpfsAddVerb::run(const Console& console) {
  if (files.empty())
    return core::fail(ErrorCode::kInvalidArgument,
                      "name the files to add, or - for standard input");
  std::unique_ptr<ContentAccess> content;
  unixfs::BlockSink sink;
  if (keep == Keep::kYes) {
    EVERY_TRY_ASSIGN(content, ContentAccess::open(node, console));
    sink = content->sink();
  }
  for (const std::string& file : files) {
    EVERY_TRY_ASSIGN(const Added added, add_one(file, sink, how));
    // Told when it is kept, not before.
    if (content) EVERY_TRY(content->flush(added.cid));
    const std::string cid = added.cid.render();
    if (output == Output::kJson) {
      print(json::serialize(json::object{{"name", file},
                                         {"cid", cid},
                                         {"size", added.size},
                                         {"dag_size", added.dag_size},
                                         {"files", added.files}}) +
            "\n");
      continue;
    }
    print(cid + "\n");
    if (notes == Notes::kTold)
      console.done((keep == Keep::kYes ? "added " : "hashed ") + file + " (" +
                   size_text(added.size) + ")");
  }
  return 0;
}

const VerbInfo kIpfsAddVerb{
    "ipfs add", "Add files to the content of this home; prints their CIDs",
    "  every ipfs add photo.png               the CID `ipfs add --cid-version=1` gives\n"
    "  every ipfs add -r site/                a directory\n"
    "  tar c . | every ipfs add -             standard input\n"
    "  every ipfs add --only-hash big.iso     the CID alone, nothing is kept\n",
    make_verb<IpfsAddVerb>};

void IpfsCatVerb::define(Options& options) {
  options.words("CID", paths, "CIDs, each with a path below it if need be: CID/a/b");
  options.number("--offset", "BYTES", offset, 0, UINT64_MAX, "Begin here");
  options.number("--length", "BYTES", length, 0, UINT64_MAX, "At most so many");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> IpfsCatVerb::run(const Console& console) {
  if (paths.empty())
    return core::fail(ErrorCode::kInvalidArgument, "name the CID of what is to be shown");
  EVERY_TRY_ASSIGN(const auto content, ContentAccess::open(node, console));
  const auto source = content->source();
  unixfs::ReadOptions range{.offset = offset, .length = length};
  for (const std::string& path : paths) {
    EVERY_TRY_ASSIGN(const ipld::PathEnd end, follow(path, source));
    EVERY_TRY_ASSIGN(const unixfs::Kind kind, unixfs::kind_of(end.cid, end.block));
    if (unixfs::is_directory(kind))
      return core::fail(ErrorCode::kInvalidArgument,
                        path +
                            " is a directory; `every ipfs ls` lists it, `every ipfs get` "
                            "writes it to the disk");
    EVERY_TRY(write_content(end.cid, source, range, STDOUT_FILENO, "standard output"));
  }
  return 0;
}

const VerbInfo kIpfsCatVerb{
    "ipfs cat", "Show a file by its CID",
    "  every ipfs cat bafybei...                        to standard output\n"
    "  every ipfs cat bafybei.../docs/readme.md         a file of a directory\n"
    "  every ipfs cat bafybei... --offset 10 --length 5\n",
    make_verb<IpfsCatVerb>};

void IpfsGetVerb::define(Options& options) {
  options.word("CID", path, "A CID, with a path below it if need be: CID/a/b");
  options.value("-o", "PATH", out, "Where to write it (default: its name, here)")
      .completes(Completion::kFiles);
  options.flag("--json", output, Output::kJson, "Tell as JSON what was written");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> IpfsGetVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const ContentPath parsed, ContentPath::parse(path));
  const std::string to = out.value_or(parsed.name());
  EVERY_TRY_ASSIGN(const auto content, ContentAccess::open(node, console));
  const auto source = content->source();
  EVERY_TRY_ASSIGN(const ipld::PathEnd end, follow(path, source));
  Written written;
  if (auto status = write_tree(end.cid, source, to, written); !status) {
    core::Error error = std::move(status).error();
    if (written.files > 0)
      error.message += "; " + std::to_string(written.files) + " files were written to " + to;
    return std::unexpected(std::move(error));
  }
  if (output == Output::kJson) {
    print(json::serialize(json::object{{"path", to},
                                       {"cid", end.cid.render()},
                                       {"files", written.files},
                                       {"size", written.bytes}}) +
          "\n");
  } else {
    console.done("wrote " + to + " (" + size_text(written.bytes) +
                 (written.files == 1 ? ")" : ", " + std::to_string(written.files) + " files)"));
  }
  return 0;
}

const VerbInfo kIpfsGetVerb{
    "ipfs get", "Write a file or a directory to the disk by its CID",
    "  every ipfs get bafybei... -o site       a directory with all below it\n"
    "  every ipfs get bafybei.../logo.png      a file of it, as logo.png\n",
    make_verb<IpfsGetVerb>};

void IpfsLsVerb::define(Options& options) {
  options.word("CID", path, "A CID, with a path below it if need be: CID/a/b");
  options.flag("--json", output, Output::kJson, "As JSON");
  add_remote_options(options, node);
  add_node_options(options, node);
}

core::Result<int> IpfsLsVerb::run(const Console& console) {
  EVERY_TRY_ASSIGN(const ContentPath parsed, ContentPath::parse(path));
  EVERY_TRY_ASSIGN(const auto content, ContentAccess::open(node, console));
  const auto source = content->source();
  EVERY_TRY_ASSIGN(const ipld::PathEnd end, follow(path, source));
  EVERY_TRY_ASSIGN(const unixfs::Kind kind, unixfs::kind_of(end.cid, end.block));
  std::vector<unixfs::Entry> entries;
  if (unixfs::is_directory(kind)) {
    EVERY_TRY_ASSIGN(entries, unixfs::list_directory(end.cid, source));
  } else {
    entries.push_back({parsed.name(), end.cid, end.block.size()});
  }
  json::array rows;
  std::vector<std::vector<std::string>> table;
  for (const unixfs::Entry& entry : entries) {
    EVERY_TRY_ASSIGN(const Listed listed, look_at(entry, source));
    const std::string cid = listed.cid.render();
    if (output == Output::kText)
      table.push_back({cid, std::to_string(listed.size),
                       core::printable_line(listed.name) + (listed.kind == "directory" ? "/" : "") +
                           (listed.kind.empty() ? "  (not here)" : "")});
    rows.push_back(json::object{
        {"name", listed.name},
        {"cid", cid},
        {"kind", listed.kind.empty() ? json::value(nullptr) : json::value(listed.kind)},
        {"size", listed.size}});
  }
  if (output == Output::kJson) {
    print(json::serialize(json::object{{"cid", end.cid.render()}, {"entries", rows}}) + "\n");
  } else {
    print(render_table(table));
  }
  return 0;
}

const VerbInfo kIpfsLsVerb{"ipfs ls", "List a directory by its CID",
                           "  every ipfs ls bafybei...                CIDs, sizes, names\n"
                           "  every ipfs ls bafybei.../docs --json    for other programs\n",
                           make_verb<IpfsLsVerb>};

}  // namespace every::cli
