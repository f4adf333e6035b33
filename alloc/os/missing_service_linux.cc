#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/os/missing_service.h"

#ifndef SYS_clone3
#define SYS_clone3 435
#endif

namespace dbgalloc::os {
namespace {

constexpr uint32_t kGuardInstall = 102;
constexpr uint32_t kGuardRemove = 103;

constexpr sock_filter Load(size_t offset) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<uint32_t>(offset)};
}
// The next instruction if the loaded number is `value`, else `skipped` more.
constexpr sock_filter IfEqual(uint32_t value, uint8_t skipped) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, skipped, value};
}
constexpr sock_filter Refuse(uint32_t error) {
  return {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | error};
}
constexpr sock_filter Allow() {
  return {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
}

constexpr size_t kNumber = offsetof(seccomp_data, nr);
// The lower half of the third argument.
constexpr size_t kThird = offsetof(seccomp_data, args) + 2 * sizeof(uint64_t);

template <size_t count>
bool Install(sock_filter (&filter)[count]) {
  const sock_fprog program = {count, filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

bool RefuseCall(uint32_t number, uint32_t error) {
  sock_filter filter[] = {Load(kNumber), IfEqual(number, 1), Refuse(error),
                          Allow()};
  return Install(filter);
}

bool RefuseGuardMarkers() {
  sock_filter filter[] = {Load(kNumber),  IfEqual(SYS_madvise, 5),
                          Load(kThird),   IfEqual(kGuardInstall, 1),
                          Refuse(EINVAL), IfEqual(kGuardRemove, 1),
                          Refuse(EINVAL), Allow()};
  return Install(filter);
}

}  // namespace

bool TakeAway(Service service) {
  switch (service) {
    case Service::kGuardMarkers:
      return RefuseGuardMarkers();
    case Service::kProtectionKeys:
      return RefuseCall(SYS_pkey_alloc, ENOSYS);
    case Service::kClone3:
      return RefuseCall(SYS_clone3, ENOSYS);
    case Service::kMembarrier:
      return RefuseCall(SYS_membarrier, ENOSYS);
    case Service::kProc:
#ifdef SYS_open
      if (!RefuseCall(SYS_open, ENOENT)) return false;
#endif
      return RefuseCall(SYS_openat, ENOENT);
  }
  return false;
}

}  // namespace dbgalloc::os
