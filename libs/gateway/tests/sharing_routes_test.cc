#include <filesystem>
#include <fstream>
#include <iterator>

#include "support.h"
#include <gtest/gtest.h>
#include <unistd.h>

#include "every/runtime/sharing.h"

namespace every::gateway {
namespace {

using core::ErrorCode;

const ipld::Cid kReceipt = ipld::Cid::of_dag_cbor(core::as_bytes(std::string_view("receipt")));

/// Remembers what it was asked; does its work at once.
class FakeSharing final : public runtime::Sharing {
 public:
  core::Result<runtime::ExportReport> export_car(const runtime::ExportRequest& request,
                                                 const ByteSink& sink) override {
    exported = request;
    EVERY_TRY(sink(core::as_bytes(std::string_view("part"))));
    if (error) return std::unexpected(*error);
    return runtime::ExportReport{.roots = {kReceipt}, .blocks = 3, .missing = {}};
  }
  core::Result<runtime::ImportReport> import_car(const OpenSource& open,
                                                 runtime::TakeOn take_on) override {
    taken_on = take_on;
    for (int reading = 0; reading < 2; ++reading) {
      EVERY_TRY_ASSIGN(auto source, open());
      read.clear();
      core::Bytes buffer(3);
      for (;;) {
        EVERY_TRY_ASSIGN(const std::size_t got, source(buffer));
        if (got == 0) break;
        read += core::as_text(core::BytesView(buffer).first(got));
      }
    }
    if (error) return std::unexpected(*error);
    return runtime::ImportReport{.usable = 2, .strangers = {{"did:key:z6Mk", 5}}};
  }
  core::Result<runtime::VerifyReport> verify(const runtime::VerifyRequest& request) override {
    verified = request;
    runtime::VerifyReport report{.different = 1, .findings = {}, .next = 9};
    report.findings.push_back({.outcome = runtime::Verified::Outcome::kDifferent,
                               .receipt = kReceipt,
                               .why = "it gives another result now"});
    return report;
  }
  core::Result<runtime::ForgetReport> forget(const ipld::Cid& what,
                                             Dependants dependants) override {
    forgotten = what;
    return runtime::ForgetReport{1, dependants == Dependants::kForgetToo ? 1u : 0u, 0};
  }
  core::Status release(const ipld::Cid& component) override {
    if (component != kReceipt) return core::fail(ErrorCode::kNotFound, "it is not in quarantine");
    return {};
  }
  core::Result<std::vector<runtime::Quarantined>> quarantined() override {
    return std::vector{runtime::Quarantined{kReceipt, kReceipt, kReceipt, kReceipt, 1}};
  }
  core::Result<runtime::Origin> origin_of(const ipld::Cid& receipt) override {
    if (receipt != kReceipt) return core::fail(ErrorCode::kNotFound, "unknown");
    return runtime::Origin{.receipt = receipt,
                           .instruction = receipt,
                           .kind = runtime::Origin::Kind::kImported,
                           .use = runtime::Origin::Use::kUntrusted,
                           .attested_by = {"did:key:z6Mk"}};
  }
  void post(std::move_only_function<void()> work) override { work(); }

  std::optional<core::Error> error;
  runtime::ExportRequest exported;
  runtime::TakeOn taken_on = runtime::TakeOn::kAttestations;
  std::string read;
  runtime::VerifyRequest verified;
  std::optional<ipld::Cid> forgotten;
};

struct SharingRoutesTest : ::testing::Test, ServiceFixture {
  SharingRoutesTest() {
    node.set_sharing(&sharing);
    std::filesystem::create_directory(folder);
  }
  ~SharingRoutesTest() override { std::filesystem::remove_all(folder); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder / name).string(); }
  [[nodiscard]] static std::string content(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                  std::filesystem::directory_iterator()));
  }

  FakeSharing sharing;
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("every-sharing-" + std::to_string(::getpid()));
};

TEST_F(SharingRoutesTest, WritesTheFileWhole) {
  const Response response =
      post("/-/car/export", R"({"what":["a","b"],"partial":true,"file":")" + path("x.car") + "\"}");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(text_of(json(response), "roots"), "<none>");
  EXPECT_EQ(json(response).at("roots").as_array()[0].as_string(), kReceipt.render());
  EXPECT_EQ(json(response).at("blocks").as_int64(), 3);
  EXPECT_EQ(sharing.exported.what, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(sharing.exported.missing, runtime::ExportRequest::Missing::kLeaveOut);
  EXPECT_EQ(content(path("x.car")), "part");
  EXPECT_EQ(files(), 1u);
}

TEST_F(SharingRoutesTest, LeavesNoPartOfAFileThatCouldNotBeWritten) {
  sharing.error = core::Error{ErrorCode::kNotFound, "a block is missing", {}};
  std::ofstream(path("x.car")) << "before";
  const Response response =
      post("/-/car/export", R"({"what":["a"],"file":")" + path("x.car") + "\"}");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(content(path("x.car")), "before");
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(post("/-/car/export", R"({"what":["a"],"file":")" + path("no/x.car") + "\"}").status,
            404);
}

TEST_F(SharingRoutesTest, ReadsAFileAsOftenAsItIsOpened) {
  std::ofstream(path("x.car")) << "some content";
  const Response response =
      post("/-/car/import", R"({"trust":true,"file":")" + path("x.car") + "\"}");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(sharing.read, "some content");
  EXPECT_EQ(sharing.taken_on, runtime::TakeOn::kMyWord);
  EXPECT_EQ(json(response).at("usable").as_int64(), 2);
  EXPECT_EQ(text_of(json(response).at("strangers").as_array()[0], "key"), "did:key:z6Mk");
}

TEST_F(SharingRoutesTest, SaysWhichFileIsWrong) {
  std::ofstream(path("x.car")) << "x";
  sharing.error = core::Error{ErrorCode::kMalformed, "it is cut off", {}};
  EXPECT_EQ(text_of(json(post("/-/car/import", R"({"file":")" + path("x.car") + "\"}")), "error"),
            path("x.car") + ": it is cut off");
  EXPECT_EQ(post("/-/car/import", R"({"file":")" + path("nothing") + "\"}").status, 404);
  EXPECT_EQ(post("/-/car/import", R"({"file":")" + folder.string() + "\"}").status, 400);
}

TEST_F(SharingRoutesTest, VerifiesWhatIsAskedFor) {
  const Response response = post(
      "/-/verify", R"({"what":["r"],"share":0.5,"engine":"e","profile":1,"after":7,"limit":8})");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(sharing.verified.what, std::vector<std::string>{"r"});
  EXPECT_EQ(sharing.verified.share, 0.5);
  EXPECT_EQ(sharing.verified.engine, "e");
  EXPECT_EQ(sharing.verified.profile, 1u);
  EXPECT_EQ(sharing.verified.after, 7);
  EXPECT_EQ(sharing.verified.limit, 8u);
  EXPECT_EQ(json(response).at("next").as_int64(), 9);
  EXPECT_EQ(text_of(json(response).at("findings").as_array()[0], "outcome"), "different");
}

TEST_F(SharingRoutesTest, ForgetsAndReleases) {
  const std::string cid = kReceipt.render();
  EXPECT_EQ(post("/-/forget", R"({"dependants":true,"cid":")" + cid + "\"}").body,
            R"({"receipts":1,"dependants":1,"already":0})");
  EXPECT_EQ(sharing.forgotten, kReceipt);
  EXPECT_EQ(json(get("/-/quarantine")).at("components").as_array().size(), 1u);
  EXPECT_EQ(post("/-/quarantine/" + cid + "/release", "").status, 200);
  const std::string other = ipld::Cid::of_dag_cbor({}).render();
  EXPECT_EQ(post("/-/quarantine/" + other + "/release", "").status, 404);
}

TEST_F(SharingRoutesTest, TellsWhereAReceiptComesFrom) {
  const auto origin = json(get("/-/receipts/" + kReceipt.render() + "/origin"));
  EXPECT_EQ(text_of(origin, "provenance"), "imported");
  EXPECT_EQ(text_of(origin, "use"), "untrusted");
  EXPECT_TRUE(origin.at("profile").is_null());
  EXPECT_EQ(origin.at("attested_by").as_array().size(), 1u);
}

TEST_F(SharingRoutesTest, MistakesAreToldByName) {
  for (const auto& [target, body, word] :
       std::initializer_list<std::tuple<const char*, const char*, const char*>>{
           {"/-/car/export", R"({"what":"a","file":"/x"})", "what"},
           {"/-/car/export", R"({"what":["a"]})", "file"},
           {"/-/car/export", R"({"what":["a"],"file":"x.car"})", "absolute"},
           {"/-/car/import", R"({"file":"/x","trust":1})", "trust"},
           {"/-/car/import", R"({"file":"/x","trusted":true})", "trusted"},
           {"/-/car/import", R"([])", "object"},
           {"/-/verify", R"({"share":0})", "share"},
           {"/-/verify", R"({"limit":5000})", "limit"},
           {"/-/verify", R"({"profile":-1})", "profile"},
           {"/-/forget", R"({})", "cid"}}) {
    const Response response = post(target, body);
    EXPECT_EQ(response.status, 400) << target << body;
    EXPECT_NE(response.body.find(word), std::string::npos) << response.body;
  }
}

TEST_F(SharingRoutesTest, AreForTheNodesOwnUser) {
  for (const auto& [method, target] : std::initializer_list<std::pair<Method, std::string>>{
           {Method::kPost, "/-/car/export"},
           {Method::kPost, "/-/car/import"},
           {Method::kPost, "/-/verify"},
           {Method::kPost, "/-/forget"},
           {Method::kGet, "/-/quarantine"},
           {Method::kPost, "/-/quarantine/" + kReceipt.render() + "/release"}}) {
    Request request{method, target, {{"Host", "localhost"}}, "{}"};
    request.headers.push_back({"Content-Type", "application/json"});
    request.peer = Peer::kNetwork;
    EXPECT_EQ(service.handle_and_wait(request).status, 403) << target;
  }
}

TEST_F(SharingRoutesTest, OfATokenHolderDecideAboutResultsButTouchNoFiles) {
  const auto status_of = [&](Method method, const std::string& target, const std::string& body) {
    Request request{method, target, {{"Host", "localhost"}}, body};
    request.headers.push_back({"Content-Type", "application/json"});
    request.peer = Peer::kTokenHolder;
    return service.handle_and_wait(request).status;
  };
  EXPECT_EQ(status_of(Method::kPost, "/-/forget", R"({"cid":")" + kReceipt.render() + "\"}"), 200);
  EXPECT_EQ(status_of(Method::kPost, "/-/verify", "{}"), 200);
  EXPECT_EQ(status_of(Method::kGet, "/-/quarantine", ""), 200);
  EXPECT_EQ(status_of(Method::kPost, "/-/car/export", R"({"what":[],"file":"/tmp/x"})"), 403);
  EXPECT_EQ(status_of(Method::kPost, "/-/car/import", R"({"file":"/tmp/x"})"), 403);
}

TEST_F(SharingRoutesTest, ANodeThatSharesNothingSaysSo) {
  node.set_sharing(nullptr);
  EXPECT_EQ(post("/-/forget", R"({"cid":"x"})").status, 501);
}

}  // namespace
}  // namespace every::gateway
