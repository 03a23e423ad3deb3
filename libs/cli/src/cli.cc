#include "every/cli/cli.h"

#include "arguments.h"
#include "assemble.h"
#include "console.h"
#include "face.h"
#include "homestar_face.h"
#include <signal.h>
#include <sys/resource.h>

namespace every::cli {
namespace {

core::Result<int> execute(const Command& command, const Console& console) {
  if (const auto* invocation = std::get_if<Invocation>(&command))
    return invocation->verb->run(console);
  const auto& message = std::get<Message>(command);
  const std::string text = message.text.ends_with('\n') ? message.text : message.text + "\n";
  std::fputs(text.c_str(), message.exit_code == 0 ? stdout : stderr);
  return message.exit_code;
}

/// Connections are many, and the usual 1024 descriptors (a limit for programs that use select) few. Workers set a limit of their own.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int run(std::string_view program, std::vector<std::string> arguments) {
  // A worker process must not have done anything before.
  if (!arguments.empty() && arguments.front() == "__worker") return run_worker();
  ::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  const Console console(stderr, colour_of(stderr));
  if (face_of(program) == Face::kHomestar) {
    const auto code = execute(parse_homestar(arguments), console);
    if (code) return *code;
    std::fputs(render_homestar_error(code.error()).c_str(), stderr);
    return 1;
  }
  const auto code = execute(parse_arguments(std::move(arguments)), console);
  if (code) return *code;
  console.error(code.error());
  return exit_code(code.error());
}

}  // namespace every::cli
