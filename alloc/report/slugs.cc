#include "alloc/report/slugs.h"

namespace dbgalloc::report {

std::string_view OperationSlug(Operation operation) {
  switch (operation) {
    case Operation::kAllocate:
      return "allocate";
    case Operation::kFree:
      return "free";
    case Operation::kResize:
      return "resize";
    case Operation::kRemap:
      return "remap";
    case Operation::kUsableSize:
      return "usable-size";
    case Operation::kAccess:
      return "access";
    case Operation::kHeapCheck:
      return "heap-check";
    case Operation::kRetire:
      return "retire";
    case Operation::kDestruction:
      return "destruction";
    case Operation::kExit:
      return "exit";
  }
  return "unknown";
}

std::string_view AccessSlug(AccessKind access) {
  switch (access) {
    case AccessKind::kRead:
      return "read";
    case AccessKind::kWrite:
      return "write";
    case AccessKind::kExecute:
      return "execute";
    case AccessKind::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view OriginSlug(Origin origin) {
  switch (origin) {
    case Origin::kAllocator:
      return "allocator";
    case Origin::kMalloc:
      return "malloc";
    case Origin::kMemalign:
      return "memalign";
    case Origin::kNew:
      return "new";
    case Origin::kNewArray:
      return "new-array";
  }
  return "unknown";
}

}  // namespace dbgalloc::report
