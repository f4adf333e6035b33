// The services of the platform that is built for, each as a type that models
// its concept (contract.h). This file is the same on all platforms: that it
// compiles means that a platform is complete.
#ifndef DBGALLOC_ALLOC_OS_PLATFORM_SERVICES_H_
#define DBGALLOC_ALLOC_OS_PLATFORM_SERVICES_H_

#include "alloc/os/clock.h"
#include "alloc/os/contract.h"
#include "alloc/os/env.h"
#include "alloc/os/fault_signals.h"
#include "alloc/os/file_view.h"
#include "alloc/os/helper_thread.h"
#include "alloc/os/memory_probe.h"
#include "alloc/os/pages.h"
#include "alloc/os/process_end.h"
#include "alloc/os/process_memory.h"
#include "alloc/os/protection_keys.h"
#include "alloc/os/random.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/thread.h"
#include "alloc/os/thread_end.h"
#include "alloc/os/trap.h"

namespace dbgalloc::os {

struct SystemPages {
  static constexpr auto PageSize = &os::PageSize;
  static constexpr auto AddressSpaceLimit = &os::AddressSpaceLimit;
  static constexpr auto MapPages = &os::MapPages;
  static constexpr auto MapHugePages = &os::MapHugePages;
  static constexpr auto ReservePages = &os::ReservePages;
  static constexpr auto ReleasePages = &os::ReleasePages;
  static constexpr auto CommitPages = &os::CommitPages;
  static constexpr auto SetPagesWritable = &os::SetPagesWritable;
  static constexpr auto DiscardPages = &os::DiscardPages;
  static constexpr auto RetirePages = &os::RetirePages;
  static constexpr auto ReactivatePages = &os::ReactivatePages;
  static constexpr auto FoldPages = &os::FoldPages;
  static constexpr auto ClosePages = &os::ClosePages;
  static constexpr auto OpenPages = &os::OpenPages;
  static constexpr auto GrowInPlace = &os::GrowInPlace;
  static constexpr auto MovePages = &os::MovePages;
  static constexpr auto MoveContents = &os::MoveContents;
  static constexpr auto PreferLargePages = &os::PreferLargePages;
  static constexpr auto AvoidLargePages = &os::AvoidLargePages;
  static constexpr auto ResidentBytes = &os::ResidentBytes;
};
static_assert(VirtualMemory<SystemPages>);

struct SystemProbe {
  static constexpr auto IsReadable = &os::IsReadable;
};
static_assert(MemoryProbe<SystemProbe>);

struct SystemFigures {
  static constexpr auto MappingCount = &os::MappingCount;
  static constexpr auto MappingLimit = &os::MappingLimit;
  static constexpr auto ProcessResidentBytes = &os::ProcessResidentBytes;
  static constexpr auto ControlGroupLimit = &os::ControlGroupLimit;
  static constexpr auto MachineMemory = &os::MachineMemory;
};
static_assert(MemoryFigures<SystemFigures>);

struct SystemPageRights {
  using Rights = KeyRights;
  static constexpr auto AllocateProtectionKey = &os::AllocateProtectionKey;
  static constexpr auto FreeProtectionKey = &os::FreeProtectionKey;
  static constexpr auto AssignProtectionKey = &os::AssignProtectionKey;
  static constexpr auto SetKeyRights = &os::SetKeyRights;
};
static_assert(PageRights<SystemPageRights>);

struct SystemThreads {
  static constexpr auto CurrentThread = &os::CurrentThread;
  static constexpr auto ThreadName = &os::ThreadName;
  static constexpr auto KernelThreadId = &os::KernelThreadId;
  static constexpr auto FindThread = &os::FindThread;
  static constexpr auto RememberCurrentThreadName =
      &os::RememberCurrentThreadName;
  static constexpr auto CurrentStackBounds = &os::CurrentStackBounds;
  static constexpr auto MayHaveThreads = &os::MayHaveThreads;
  static constexpr auto IsMainThread = &os::IsMainThread;
  static constexpr auto Yield = &os::Yield;
  static constexpr auto ResetThreadsAfterFork = &os::ResetThreadsAfterFork;
};
static_assert(Threads<SystemThreads>);

struct SystemThreadEnds {
  static constexpr auto CallAtThreadEnd = &os::CallAtThreadEnd;
  static constexpr auto CallAroundFork = &os::CallAroundFork;
};
static_assert(ThreadEnds<SystemThreadEnds>);

struct SystemHelperThreads {
  static constexpr auto StartHelperThread = &os::StartHelperThread;
  static constexpr auto SleepNanoseconds = &os::SleepNanoseconds;
};
static_assert(HelperThreads<SystemHelperThreads>);

struct SystemFaults {
  using Handler = FaultHandler;
  static constexpr auto HandleFaults = &os::HandleFaults;
};
static_assert(Faults<SystemFaults>);

struct SystemTraps {
  static constexpr auto RaiseTrap = &os::RaiseTrap;
};
static_assert(Traps<SystemTraps>);

struct SystemFiles {
  static constexpr auto WriteAll = &os::WriteAll;
  static constexpr auto OpenForAppend = &os::OpenForAppend;
  static constexpr auto OpenToContinue = &os::OpenToContinue;
  static constexpr auto OpenForReading = &os::OpenForReading;
  static constexpr auto ReadSome = &os::ReadSome;
  static constexpr auto ReadFile = &os::ReadFile;
  static constexpr auto Close = &os::Close;
  static constexpr auto IsTerminal = &os::IsTerminal;
};
static_assert(RawFiles<SystemFiles>);

struct SystemFileViews {
  using View = FileView;
  static constexpr auto MapFileView = &os::MapFileView;
  static constexpr auto UnmapFileView = &os::UnmapFileView;
};
static_assert(FileViews<SystemFileViews>);

struct SystemSurroundings {
  static constexpr auto EnvironmentIsKnown = &os::EnvironmentIsKnown;
  static constexpr auto GetEnv = &os::GetEnv;
  static constexpr auto IsSecureExecution = &os::IsSecureExecution;
  static constexpr auto ProgramPath = &os::ProgramPath;
  static constexpr auto ProgramFile = &os::ProgramFile;
  static constexpr auto ProgramName = &os::ProgramName;
  static constexpr auto ExecutedPath = &os::ExecutedPath;
  static constexpr auto ExecutedName = &os::ExecutedName;
  static constexpr auto ProcessId = &os::ProcessId;
};
static_assert(Surroundings<SystemSurroundings>);

struct SystemProcessEnds {
  static constexpr auto AtProcessEnd = &os::AtProcessEnd;
  static constexpr auto ExitNow = &os::ExitNow;
  static constexpr auto AbortNow = &os::AbortNow;
};
static_assert(ProcessEnds<SystemProcessEnds>);

struct SystemClock {
  static constexpr auto MonotonicNanoseconds = &os::MonotonicNanoseconds;
  static constexpr auto MonotonicTickMilliseconds =
      &os::MonotonicTickMilliseconds;
};
static_assert(Clock<SystemClock>);

struct SystemRandomness {
  static constexpr auto RandomNumber = &os::RandomNumber;
};
static_assert(Randomness<SystemRandomness>);

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_PLATFORM_SERVICES_H_
