// Runs a program as on a kernel that has no MADV_GUARD_INSTALL: a system call
// filter refuses it with EINVAL, in the program and all that it starts.
//
//   without_guard_markers PROGRAM ARGUMENT...
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char** argv) {
  constexpr unsigned kInstall = 102;
  constexpr unsigned kRemove = 103;
  constexpr unsigned kNumber = offsetof(struct seccomp_data, nr);
  constexpr unsigned kAdvice = offsetof(struct seccomp_data, args[2]);
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kNumber),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kAdvice),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kInstall, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kRemove, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program = {sizeof(steps) / sizeof(steps[0]), steps};
  if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    perror("without_guard_markers");
    return 125;
  }
  char page[1] = {};
  if (madvise(page, 1, kInstall) == 0 || errno != EINVAL) return 125;
  execvp(argv[1], argv + 1);
  perror(argv[1]);
  return 125;
}
