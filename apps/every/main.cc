#include "every/cli/cli.h"

int main(int argc, char** argv) {
  return every::cli::run(argc > 0 ? argv[0] : "every",
                         std::vector<std::string>(argc > 0 ? argv + 1 : argv, argv + argc));
}
