// RefuseEffects(): a filter on system calls. What could be seen from outside
// the process traps; descriptors that it had when the filter was set are
// harmless by then.
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/fork_point.h"

namespace dbgalloc::os {
namespace {

constexpr unsigned kChanges[] = {
    SYS_execve,      SYS_execveat,  SYS_unlinkat, SYS_renameat2, SYS_mkdirat,
    SYS_linkat,      SYS_symlinkat, SYS_mknodat,  SYS_fchmodat,  SYS_fchownat,
    SYS_utimensat,   SYS_truncate,  SYS_connect,  SYS_bind,      SYS_listen,
    SYS_sendto,      SYS_sendmsg,   SYS_openat2,  SYS_mount,     SYS_setxattr,
    SYS_removexattr, SYS_shmget,    SYS_msgget,   SYS_semget,
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_unlink
    SYS_unlink,      SYS_rename,    SYS_mkdir,    SYS_rmdir,     SYS_link,
    SYS_symlink,     SYS_mknod,     SYS_chmod,    SYS_chown,     SYS_lchown,
    SYS_utime,       SYS_utimes,    SYS_creat,    SYS_futimesat,
#endif
};

constexpr unsigned kChangingFlags = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;

// The filter, one instruction after the other.
class Program {
 public:
  void Add(uint16_t code, uint32_t operand, uint8_t if_true = 0,
           uint8_t if_false = 0) {
    instructions_[size_++] = {code, if_true, if_false, operand};
  }
  void Load(size_t offset) {
    Add(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
  }
  void Return(uint32_t verdict) { Add(BPF_RET | BPF_K, verdict); }

  // If the loaded number is `call`: traps.
  void Trap(unsigned call) {
    Add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
    Return(SECCOMP_RET_TRAP);
  }
  // If it is `call`: traps when argument `index` has one of `bits`.
  void TrapBits(unsigned call, size_t index, uint32_t bits) {
    Add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
    Load(offsetof(seccomp_data, args) + index * sizeof(uint64_t));
    Add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    Return(SECCOMP_RET_TRAP);
    Return(SECCOMP_RET_ALLOW);
  }
  // If it is `call`: traps unless argument 0 is `own`.
  void TrapOthers(unsigned call, uint32_t own) {
    Add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
    Load(offsetof(seccomp_data, args));
    Add(BPF_JMP | BPF_JEQ | BPF_K, own, 1, 0);
    Return(SECCOMP_RET_TRAP);
    Return(SECCOMP_RET_ALLOW);
  }

  sock_fprog prog() { return {size_, instructions_}; }

 private:
  unsigned short size_ = 0;
  sock_filter instructions_[160];
};

void Build(Program& program) {
  program.Load(offsetof(seccomp_data, nr));
#ifdef SYS_open
  program.TrapBits(SYS_open, 1, kChangingFlags);
#endif
  program.TrapBits(SYS_openat, 2, kChangingFlags);
  const auto own = static_cast<uint32_t>(getpid());
  program.TrapOthers(SYS_kill, own);
  program.TrapOthers(SYS_tgkill, own);
  for (unsigned call : kChanges) program.Trap(call);
  program.Return(SECCOMP_RET_ALLOW);
}

void (*effect_handler)() = nullptr;

void OnTrap(int) { effect_handler(); }

}  // namespace

bool RefuseEffects(void (*on_effect)()) {
  ErrnoKeeper keeper;
  effect_handler = on_effect;
  struct sigaction action = {};
  action.sa_handler = &OnTrap;
  sigaction(SIGSYS, &action, nullptr);
  Program program;
  Build(program);
  const sock_fprog built = program.prog();
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                 SECCOMP_FILTER_FLAG_SPEC_ALLOW, &built) == 0;
}

}  // namespace dbgalloc::os
