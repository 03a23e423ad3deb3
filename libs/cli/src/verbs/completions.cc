#include "verbs/completions.h"

#include "node_request.h"
#include "shell_scripts.h"

namespace every::cli {

void CompletionsVerb::define(Options& options) {
  options.word("SHELL", shell, "bash, zsh or fish").choices = {"bash", "zsh", "fish"};
}

core::Result<int> CompletionsVerb::run(const Console&) {
  print(shell == "bash"  ? bash_completions()
        : shell == "zsh" ? zsh_completions()
                         : fish_completions());
  return 0;
}

const VerbInfo kCompletionsVerb{
    "completions", "Print a script that completes commands and options in a shell",
    "  source <(every completions bash)                                  this terminal\n"
    "  every completions bash > /etc/bash_completion.d/every             every terminal\n"
    "  every completions zsh > ~/.zfunc/_every\n"
    "  every completions fish > ~/.config/fish/completions/every.fish\n",
    make_verb<CompletionsVerb>};

}  // namespace every::cli
