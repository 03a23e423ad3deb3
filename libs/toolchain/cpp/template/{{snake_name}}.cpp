#include "{{snake_name}}.h"  // made from wit/world.wit by every build

#include <string>
#include <string_view>

namespace {

std::string_view text(const {{snake_name}}_string_t& value) {
  return {reinterpret_cast<const char*>(value.ptr), value.len};
}

void log_info(std::string category, std::string message) {
  {{snake_name}}_string_t context{reinterpret_cast<uint8_t*>(category.data()), category.size()};
  {{snake_name}}_string_t line{reinterpret_cast<uint8_t*>(message.data()), message.size()};
  wasi_logging_logging_log(WASI_LOGGING_LOGGING_LEVEL_INFO, &context, &line);
}

}  // namespace

void exports_{{snake_name}}_greet({{snake_name}}_string_t* name, uint32_t times, {{snake_name}}_string_t* ret) {
  const std::string who(text(*name));
  log_info("guest:cpp:greet", "greeting " + who);
  std::string answer;
  for (uint32_t i = 0; i < times; ++i) answer += (i == 0 ? "Hello, " : " Hello, ") + who + "!";
  {{snake_name}}_string_dup_n(ret, answer.data(), answer.size());  // the caller frees it
  {{snake_name}}_string_free(name);
}
