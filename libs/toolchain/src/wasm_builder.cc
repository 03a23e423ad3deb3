#include <array>

#include "builders.h"

#include "every/core/file.h"

namespace every::toolchain {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

/// A component, a core module or text: read here, made a component by whoever runs the job.
class WasmJob final : public BuildJob {
 public:
  WasmJob(Source source, core::Bytes bytes) : source_(std::move(source)), bytes_(std::move(bytes)) {
    inputs_.language = render_language(source_.language);
    inputs_.add_file("source", bytes_);
  }
  [[nodiscard]] const BuildInputs& inputs() const override { return inputs_; }
  [[nodiscard]] fs::path default_output() const override {
    return source_.project / "output" / source_.entry.stem().concat(".wasm");
  }
  [[nodiscard]] std::vector<fs::path> watched() const override { return {source_.entry}; }
  [[nodiscard]] core::Result<Output> run(const BuildContext&) override {
    return Output{bytes_, Keep::kNothing};
  }

 private:
  Source source_;
  core::Bytes bytes_;
  BuildInputs inputs_;
};

class WasmBuilder final : public LanguageBuilder {
 public:
  [[nodiscard]] std::span<const Language> languages() const override {
    static constexpr std::array kLanguages{Language::kWat, Language::kWasm};
    return kLanguages;
  }
  [[nodiscard]] core::Result<std::unique_ptr<BuildJob>> prepare(
      const Source& source, const BuildRequest&, const BuildContext&) const override {
    EVERY_TRY_ASSIGN(auto bytes, core::read_file(source.entry, kMostBytes));
    return std::make_unique<WasmJob>(source, std::move(bytes));
  }
  [[nodiscard]] std::vector<ToolCheck> check(const BuildContext&) const override { return {}; }
  [[nodiscard]] std::string_view summary() const override {
    return "a component, a core module made for one, or WebAssembly text: taken as it is";
  }
};

}  // namespace

std::unique_ptr<LanguageBuilder> make_wasm_builder() {
  return std::make_unique<WasmBuilder>();
}

}  // namespace every::toolchain
