#include "every/cli/cli.h"

#include "arguments.h"
#include "assemble.h"
#include "console.h"
#include "face.h"
#include "homestar_face.h"
#include <signal.h>

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

}  // namespace

int run(std::string_view program, std::vector<std::string> arguments) {
  // A worker process must not have done anything before.
  if (!arguments.empty() && arguments.front() == "__worker") return run_worker();
  ::signal(SIGPIPE, SIG_IGN);
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
