// Results that come from elsewhere and go elsewhere, and how far they are believed. What names files of this machine is for the node's
// own user, what decides which results count for who has a token, too.

#include <algorithm>
#include <utility>

#include "admission.h"
#include "car_file.h"
#include "error_body.h"
#include "js_json.h"
#include "json_fields.h"
#include "routes.h"

#include "every/core/clock.h"
#include "every/runtime/sharing.h"

namespace every::gateway {
namespace {

using core::ErrorCode;
using runtime::Sharing;

template <typename Items, typename Render>
std::string render_list(const Items& items, Render render) {
  std::string list = "[";
  for (const auto& item : items) {
    if (list.size() > 1) list += ',';
    list += render(item);
  }
  return list + "]";
}

std::string render_cid(const ipld::Cid& cid) {
  return "\"" + cid.render() + "\"";
}

std::string render_report(const runtime::ExportReport& report) {
  ObjectWriter object;
  object.raw("roots", render_list(report.roots, render_cid));
  object.raw("missing", render_list(report.missing, render_cid));
  return std::move(object.counts({{"blocks", report.blocks},
                                  {"bytes", report.bytes},
                                  {"receipts", report.receipts},
                                  {"attested", report.attested},
                                  {"failures", report.failures},
                                  {"forgotten", report.forgotten}}))
      .finish();
}

std::string render_report(const runtime::ImportReport& report) {
  ObjectWriter object;
  object.raw("roots", render_list(report.roots, render_cid));
  object.raw("strangers", render_list(report.strangers, [](const auto& stranger) {
               ObjectWriter one;
               one.text("key", stranger.first);
               return std::move(one.raw("receipts", std::to_string(stranger.second))).finish();
             }));
  return std::move(object.counts({{"blocks", report.blocks},
                                  {"bytes", report.bytes},
                                  {"receipts", report.receipts},
                                  {"usable", report.usable},
                                  {"untrusted", report.untrusted},
                                  {"other_profile", report.other_profile},
                                  {"forgotten", report.forgotten},
                                  {"failures", report.failures},
                                  {"unproven", report.unproven},
                                  {"conflicts", report.conflicts}}))
      .finish();
}

std::string_view render_outcome(runtime::Verified::Outcome outcome) {
  switch (outcome) {
    case runtime::Verified::Outcome::kSame:
      return "same";
    case runtime::Verified::Outcome::kDifferent:
      return "different";
    case runtime::Verified::Outcome::kUnable:
      break;
  }
  return "unable";
}

std::string render_finding(const runtime::Verified& finding) {
  ObjectWriter object;
  object.text("receipt", finding.receipt.render()).text("outcome", render_outcome(finding.outcome));
  if (finding.component) object.text("component", finding.component->render());
  if (!finding.func.empty()) object.text("func", finding.func);
  if (finding.other) object.text("other", finding.other->render());
  if (!finding.why.empty()) object.text("why", finding.why);
  return std::move(object).finish();
}

std::string render_report(const runtime::VerifyReport& report) {
  ObjectWriter object;
  object.raw("findings", render_list(report.findings, render_finding));
  object.raw("next", report.next ? std::to_string(*report.next) : "null");
  return std::move(object.counts({{"same", report.same},
                                  {"different", report.different},
                                  {"unable", report.unable},
                                  {"now_trusted", report.now_trusted}}))
      .finish();
}

std::string render_report(const runtime::ForgetReport& report) {
  return std::move(ObjectWriter().counts({{"receipts", report.receipts},
                                          {"dependants", report.dependants},
                                          {"already", report.already}}))
      .finish();
}

std::string_view render_use(runtime::Origin::Use use) {
  switch (use) {
    case runtime::Origin::Use::kHit:
      return "hit";
    case runtime::Origin::Use::kUntrusted:
      return "untrusted";
    case runtime::Origin::Use::kOtherProfile:
      return "other_profile";
    case runtime::Origin::Use::kForgotten:
      break;
  }
  return "forgotten";
}

/// Does long work away from the threads that answer, and replies with its report.
template <typename Work>
void work(const ExchangePtr& exchange, Sharing& sharing, Work the_work) {
  sharing.post([exchange, &sharing, the_work = std::move(the_work)] {
    const auto report = the_work(sharing);
    exchange->reply(report ? json_response(200, render_report(*report))
                           : error_response(report.error()));
  });
}

/// Who may ask.
enum class Askers : std::uint8_t { kOwner, kTokenHolders };

/// The node's sharing, for those who may ask; null: it was answered.
Sharing* find_sharing(const ExchangePtr& exchange, Askers askers) {
  const Peer peer = exchange->request().peer;
  if (askers == Askers::kOwner && peer != Peer::kOwner) {
    exchange->reply(error_response({ErrorCode::kPermissionDenied,
                                    "CAR files are written and read by this node's own user, on "
                                    "its machine (`every car`); not over the network",
                                    {}}));
    return nullptr;
  }
  if (!acts_as_owner(peer)) {
    exchange->reply(error_response(
        {ErrorCode::kPermissionDenied,
         "results are verified and forgotten by this node's own user (`every verify`, `every "
         "forget`), or over the network by who has its token; this node was started without "
         "--token-file",
         {}}));
    return nullptr;
  }
  Sharing* sharing = exchange->node().sharing();
  if (sharing == nullptr)
    exchange->reply(error_response({ErrorCode::kUnsupported, "this node shares nothing", {}}));
  return sharing;
}

/// Reads a JSON object by `read`, which gives what is then done, and does that.
template <typename Read>
void take(const ExchangePtr& exchange, Askers askers, Read read) {
  Sharing* sharing = find_sharing(exchange, askers);
  if (sharing == nullptr) return;
  auto asked = read_fields(exchange, read);
  if (asked) work(exchange, *sharing, std::move(*asked));
}

core::Result<std::filesystem::path> read_path(Fields& fields) {
  EVERY_TRY_ASSIGN(const std::string text, fields.need_text("file"));
  std::filesystem::path path(text);
  if (!path.is_absolute())
    return core::fail(ErrorCode::kInvalidArgument, "`file` must be an absolute path");
  return path;
}

struct ExportToFile {
  runtime::ExportRequest request;
  std::filesystem::path file;

  core::Result<runtime::ExportReport> operator()(Sharing& sharing) const {
    EVERY_TRY_ASSIGN(const auto writer, FileWriter::open(file));
    EVERY_TRY_ASSIGN(auto report, sharing.export_car(request, [&](core::BytesView bytes) {
      return writer->write(bytes);
    }));
    EVERY_TRY(writer->finish());
    return report;
  }
};

struct ImportFromFile {
  std::filesystem::path file;
  runtime::TakeOn take_on = runtime::TakeOn::kAttestations;

  core::Result<runtime::ImportReport> operator()(Sharing& sharing) const {
    auto report = sharing.import_car(reopen_file(file), take_on);
    if (!report) return core::fail(std::move(report).error().in(file.string()));
    return report;
  }
};

struct Verify {
  runtime::VerifyRequest request;
  core::Result<runtime::VerifyReport> operator()(Sharing& sharing) const {
    return sharing.verify(request);
  }
};

struct Forget {
  ipld::Cid what;
  Sharing::Dependants dependants;
  core::Result<runtime::ForgetReport> operator()(Sharing& sharing) const {
    return sharing.forget(what, dependants);
  }
};

}  // namespace

void export_car(const ExchangePtr& exchange) {
  take(exchange, Askers::kOwner, [](Fields& fields) -> core::Result<ExportToFile> {
    using Missing = runtime::ExportRequest::Missing;
    ExportToFile asked;
    EVERY_TRY_ASSIGN(asked.request.what, fields.texts("what"));
    EVERY_TRY_ASSIGN(asked.request.missing,
                     fields.choose("partial", Missing::kFail, Missing::kLeaveOut));
    EVERY_TRY_ASSIGN(asked.file, read_path(fields));
    return asked;
  });
}

void import_car(const ExchangePtr& exchange) {
  take(exchange, Askers::kOwner, [](Fields& fields) -> core::Result<ImportFromFile> {
    using runtime::TakeOn;
    ImportFromFile asked;
    EVERY_TRY_ASSIGN(asked.file, read_path(fields));
    EVERY_TRY_ASSIGN(asked.take_on, fields.choose("trust", TakeOn::kAttestations, TakeOn::kMyWord));
    return asked;
  });
}

void verify_receipts(const ExchangePtr& exchange) {
  take(exchange, Askers::kTokenHolders, [](Fields& fields) -> core::Result<Verify> {
    constexpr std::uint64_t kMostAtOnce = 4096;
    Verify asked;
    EVERY_TRY_ASSIGN(asked.request.what, fields.texts("what"));
    EVERY_TRY_ASSIGN(const auto share, fields.real("share"));
    asked.request.share = share.value_or(1.0);
    if (!(asked.request.share > 0 && asked.request.share <= 1))
      return core::fail(ErrorCode::kInvalidArgument, "`share` must be above 0 and at most 1");
    EVERY_TRY_ASSIGN(asked.request.engine, fields.text("engine"));
    EVERY_TRY_ASSIGN(const auto profile, fields.number("profile", UINT32_MAX));
    if (profile) asked.request.profile = static_cast<std::uint32_t>(*profile);
    EVERY_TRY_ASSIGN(const auto after, fields.number("after", INT64_MAX));
    asked.request.after = static_cast<std::int64_t>(after.value_or(0));
    EVERY_TRY_ASSIGN(const auto limit, fields.number("limit", kMostAtOnce));
    if (limit) asked.request.limit = std::max<std::size_t>(1, *limit);
    return asked;
  });
}

void forget_results(const ExchangePtr& exchange) {
  take(exchange, Askers::kTokenHolders, [](Fields& fields) -> core::Result<Forget> {
    EVERY_TRY_ASSIGN(const std::string text, fields.need_text("cid"));
    EVERY_TRY_ASSIGN(ipld::Cid cid, ipld::Cid::parse_reference(text));
    EVERY_TRY_ASSIGN(const auto dependants, fields.choose("dependants", Sharing::Dependants::kLeave,
                                                          Sharing::Dependants::kForgetToo));
    return Forget{std::move(cid), dependants};
  });
}

void list_quarantine(const ExchangePtr& exchange) {
  Sharing* sharing = find_sharing(exchange, Askers::kTokenHolders);
  if (sharing == nullptr) return;
  const auto held = sharing->quarantined();
  if (!held) return exchange->reply(error_response(held.error()));
  ObjectWriter object;
  object.raw("components", render_list(*held, [](const runtime::Quarantined& entry) {
               ObjectWriter one;
               one.text("component", entry.component.render())
                   .text("instruction", entry.instruction.render())
                   .text("kept", entry.kept.render())
                   .text("other", entry.other.render())
                   .text("since", core::render_timestamp(entry.since));
               return std::move(one).finish();
             }));
  exchange->reply(json_response(200, std::move(object).finish()));
}

void release_component(const ExchangePtr& exchange) {
  Sharing* sharing = find_sharing(exchange, Askers::kTokenHolders);
  if (sharing == nullptr) return;
  const auto cid = ipld::Cid::parse_reference(exchange->param("cid"));
  if (!cid) return exchange->reply(error_response(cid.error()));
  const auto released = sharing->release(*cid);
  if (!released) return exchange->reply(error_response(released.error()));
  ObjectWriter object;
  exchange->reply(json_response(200, std::move(object.text("released", cid->render())).finish()));
}

void show_receipt_origin(const ExchangePtr& exchange) {
  Sharing* sharing = exchange->node().sharing();
  if (sharing == nullptr)
    return exchange->reply(
        error_response({ErrorCode::kUnsupported, "this node shares nothing", {}}));
  const auto cid = ipld::Cid::parse_reference(exchange->param("cid"));
  if (!cid) return exchange->reply(error_response(cid.error()));
  const auto origin = sharing->origin_of(*cid);
  if (!origin) return exchange->reply(error_response(origin.error()));
  ObjectWriter object;
  object.text("receipt", origin->receipt.render())
      .text("instruction", origin->instruction.render())
      .text("provenance", origin->kind == runtime::Origin::Kind::kLocal ? "local" : "imported")
      .text("use", render_use(origin->use))
      .raw("profile", origin->profile == 0 ? "null" : std::to_string(origin->profile))
      .text("engine", origin->engine)
      .text("created", core::render_timestamp(origin->created))
      .raw("attested_by", render_list(origin->attested_by, [](const std::string& did) {
             return render_json_string(did);
           }));
  exchange->reply(json_response(200, std::move(object).finish()));
}

}  // namespace every::gateway
