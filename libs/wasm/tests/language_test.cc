#include "language.h"

#include <gtest/gtest.h>

namespace every::wasm {
namespace {

using Binary = std::string;

Binary sized(const Binary& content) {
  return Binary(1, static_cast<char>(content.size())) + content;
}
Binary section(char id, const Binary& content) {
  return Binary(1, id) + sized(content);
}
Binary producers(const Binary& field, const Binary& value) {
  return section(0, sized("producers") + Binary(1, 1) + sized(field) + Binary(1, 1) + sized(value) +
                        sized("1.0"));
}
Binary module_of(const Binary& sections) {
  return Binary("\0asm\1\0\0\0", 8) + sections;
}
Binary component_of(const Binary& sections) {
  return Binary("\0asm\x0d\0\1\0", 8) + sections;
}
std::string language(const Binary& binary) {
  return language_of(core::as_bytes(binary));
}

TEST(LanguageTest, ReadsTheProducersOfTheModulesInside) {
  EXPECT_EQ(
      language(component_of(section(1, module_of(producers("processed-by", "wit-bindgen-rust"))))),
      "rust");
  EXPECT_EQ(
      language(component_of(section(
          4, component_of(section(1, module_of(producers("processed-by", "componentize-py"))))))),
      "python");
}

TEST(LanguageTest, ReadsWhatAModuleBringsForItsComponent) {
  const Binary inner = component_of(producers("processed-by", "wit-bindgen-rust"));
  EXPECT_EQ(language(module_of(section(0, sized("component-type:x") + inner))), "rust");
}

TEST(LanguageTest, DoesNotTakeAnAdaptersLanguageForTheGuests) {
  EXPECT_EQ(language(component_of(section(1, module_of(producers("language", "Rust"))))), "");
}

TEST(LanguageTest, SaysNothingOfWhatBreaksOff) {
  const Binary whole =
      component_of(section(1, module_of(producers("processed-by", "wit-bindgen-rust"))));
  for (std::size_t size = 0; size + 1 < whole.size(); ++size)
    EXPECT_EQ(language(whole.substr(0, size)), "") << size;
  EXPECT_EQ(language(component_of(Binary("\0\xff\xff\xff\xff\xff\xff", 7))), "");
}

}  // namespace
}  // namespace every::wasm
