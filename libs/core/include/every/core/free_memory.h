#pragma once

namespace every::core {

/// Gives the system back what the allocator holds and nobody uses: after work that takes much and is rare, since taking it again costs a page fault a page.
///
/// cost: a system call a range that is free     thread: any
void give_back_free_memory();

}  // namespace every::core
