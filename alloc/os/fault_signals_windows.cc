// A fault is an exception; ours is the first of the vectored handlers, which
// run before any frame of the program is asked. It runs on the stack of the
// thread that faulted.
#include <atomic>

#include "alloc/os/fault_signals.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {
namespace {

constinit std::atomic<FaultHandler> fault_handler{nullptr};
// A slot of the system, which needs no memory in a handler. Its value is not
// null while the thread is in our handler.
constinit DWORD handling_slot = TLS_OUT_OF_INDEXES;

FaultAccess AccessOf(ULONG_PTR kind) {
  constexpr ULONG_PTR kRead = 0, kWrite = 1, kExecute = 8;
  switch (kind) {
    case kRead:
      return FaultAccess::kRead;
    case kWrite:
      return FaultAccess::kWrite;
    case kExecute:
      return FaultAccess::kExecute;
    default:
      return FaultAccess::kUnknown;
  }
}

bool IsUnmapped(uintptr_t address) {
  MEMORY_BASIC_INFORMATION pages;
  return VirtualQuery(reinterpret_cast<void*>(address), &pages,
                      sizeof(pages)) == 0 ||
         pages.State != MEM_COMMIT;
}

Fault ReadFault(const EXCEPTION_RECORD& record, const CONTEXT& context) {
  Fault fault;
  fault.access = AccessOf(record.ExceptionInformation[0]);
  fault.address = record.ExceptionInformation[1];
  fault.is_unmapped = IsUnmapped(fault.address);
  fault.program_counter = context.Rip;
  fault.stack_pointer = context.Rsp;
  fault.frame_pointer = context.Rbp;
  return fault;
}

// The processor does not say where an address that is none at all pointed; the
// system says -1 then.
bool HasAddress(const EXCEPTION_RECORD& record) {
  return (record.ExceptionCode == static_cast<DWORD>(STATUS_ACCESS_VIOLATION) ||
          record.ExceptionCode == static_cast<DWORD>(STATUS_IN_PAGE_ERROR)) &&
         record.NumberParameters >= 2 &&
         record.ExceptionInformation[1] != UINTPTR_MAX;
}

[[noreturn]] void EndInsideHandler() {
  WriteAll(kStandardError,
           "dbgalloc: a memory fault while a memory fault was being "
           "explained\n");
  AbortNow();
}

LONG CALLBACK OnException(EXCEPTION_POINTERS* exception) {
  if (!HasAddress(*exception->ExceptionRecord))
    return EXCEPTION_CONTINUE_SEARCH;
  LastErrorKeeper keeper;
  if (TlsGetValue(handling_slot) != nullptr) EndInsideHandler();
  TlsSetValue(handling_slot, &handling_slot);
  const Fault fault =
      ReadFault(*exception->ExceptionRecord, *exception->ContextRecord);
  fault_handler.load(std::memory_order_acquire)(fault);
  TlsSetValue(handling_slot, nullptr);
  return EXCEPTION_CONTINUE_SEARCH;
}

}  // namespace

void HandleFaults(FaultHandler handler) {
  LastErrorKeeper keeper;
  FaultHandler none = nullptr;
  if (!fault_handler.compare_exchange_strong(none, handler)) return;
  handling_slot = TlsAlloc();
  if (handling_slot == TLS_OUT_OF_INDEXES) return;
  constexpr ULONG kFirst = 1;
  AddVectoredExceptionHandler(kFirst, &OnException);
}

}  // namespace dbgalloc::os
