// Counts what the calling thread asks operator new for. The operators are replaced for the whole test program.
#pragma once

namespace fergraph::test {

/// Counts from its making to its end.
class AllocationCounter {
 public:
  AllocationCounter();
  ~AllocationCounter();
  AllocationCounter(const AllocationCounter&) = delete;
  AllocationCounter& operator=(const AllocationCounter&) = delete;
  long count() const;
};

}  // namespace fergraph::test
