#include "allocator.h"

#include "every/cli/cli.h"

int main(int argc, char** argv) {
  every::set_up_allocator();
  return every::cli::run(argc > 0 ? argv[0] : "every",
                         std::vector<std::string>(argc > 0 ? argv + 1 : argv, argv + argc));
}
