
#include <cstdint>

#include "alloc/os/process_memory.h"
#include "alloc/os/windows_api.h"

namespace dbgalloc::os {

// The number of mappings is not limited here, so nobody counts them.
size_t MappingCount() { return 0; }

size_t MappingLimit() { return SIZE_MAX; }

size_t ProcessResidentBytes() {
  LastErrorKeeper keeper;
  PROCESS_MEMORY_COUNTERS counters = {};
  counters.cb = sizeof(counters);
  if (!K32GetProcessMemoryInfo(GetCurrentProcess(), &counters,
                               sizeof(counters))) {
    return 0;
  }
  return counters.WorkingSetSize;
}

// What a job object is here.
size_t ControlGroupLimit() {
  LastErrorKeeper keeper;
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION job = {};
  if (!QueryInformationJobObject(nullptr, JobObjectExtendedLimitInformation,
                                 &job, sizeof(job), nullptr)) {
    return SIZE_MAX;
  }
  const DWORD limited = job.BasicLimitInformation.LimitFlags;
  size_t limit = SIZE_MAX;
  if ((limited & JOB_OBJECT_LIMIT_PROCESS_MEMORY) != 0) {
    limit = job.ProcessMemoryLimit;
  }
  if ((limited & JOB_OBJECT_LIMIT_JOB_MEMORY) != 0 &&
      job.JobMemoryLimit < limit) {
    limit = job.JobMemoryLimit;
  }
  return limit;
}

size_t MachineMemory() {
  LastErrorKeeper keeper;
  MEMORYSTATUSEX status = {};
  status.dwLength = sizeof(status);
  if (!GlobalMemoryStatusEx(&status)) return SIZE_MAX;
  return static_cast<size_t>(status.ullTotalPhys);
}

}  // namespace dbgalloc::os
