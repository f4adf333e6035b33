#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "alloc/os/errno_keeper.h"
#include "alloc/os/fork_point.h"
#include "alloc/os/open_files.h"

namespace dbgalloc::os {
namespace {

// As <linux/fs.h> has it from Linux 6.11 on.
struct MapQuery {
  uint64_t size;
  uint64_t query_flags;
  uint64_t query_address;
  uint64_t begin;
  uint64_t end;
  uint64_t flags;
  uint64_t page_size;
  uint64_t offset;
  uint64_t inode;
  uint32_t device_major;
  uint32_t device_minor;
  uint32_t name_size;
  uint32_t build_id_size;
  uint64_t name_address;
  uint64_t build_id_address;
};

constexpr unsigned long kMapQuery = _IOWR('f', 17, MapQuery);
constexpr uint64_t kWritableSharedNext = 0x02 | 0x08 | 0x10;

bool HasSharedMapping(const void* own_mapping) {
  const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return true;
  const auto own = reinterpret_cast<uintptr_t>(own_mapping);
  MapQuery query = {};
  query.size = sizeof(query);
  query.query_flags = kWritableSharedNext;
  bool found = false;
  while (!found && ioctl(maps, kMapQuery, &query) == 0) {
    found = query.begin != own;
    query.query_address = query.end;
  }
  close(maps);
  return found;
}

bool HasSecondThread() {
  struct stat tasks = {};
  return stat("/proc/self/task", &tasks) != 0 || tasks.st_nlink != 3;
}

// `folder` and the number.
void WritePath(const char* folder, int number, char (&path)[64]) {
  char digits[16];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  char* out = stpcpy(path, folder);
  while (count != 0) *out++ = digits[--count];
  *out = '\0';
}

// Whether the kernel notes a lock with the description of an open file.
bool HoldsLock(int descriptor) {
  char path[64];
  WritePath("/proc/self/fdinfo/", descriptor, path);
  char facts[1024];
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return true;
  const ssize_t size = read(file, facts, sizeof(facts) - 1);
  close(file);
  if (size <= 0) return true;
  facts[size] = '\0';
  return strstr(facts, "\nlock:") != nullptr;
}

bool IsHarmlessDevice(const struct stat& facts) {
  constexpr unsigned kMemoryDevices = 1;  // null, zero, random and their like
  return S_ISCHR(facts.st_mode) && major(facts.st_rdev) == kMemoryDevices;
}

ForkHazard HazardOf(int descriptor, const struct stat& facts) {
  if (S_ISDIR(facts.st_mode) || IsHarmlessDevice(facts)) {
    return ForkHazard::kNone;
  }
  if (!S_ISREG(facts.st_mode)) return ForkHazard::kChannel;
  if ((fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_RDONLY) {
    return ForkHazard::kFile;
  }
  return HoldsLock(descriptor) ? ForkHazard::kLock : ForkHazard::kNone;
}

bool IsOutput(const struct stat& facts, const CapturedOutput& captured) {
  return facts.st_dev == captured.device &&
         facts.st_ino == captured.output_inode;
}

bool IsErrorOutput(const struct stat& facts, const CapturedOutput& captured) {
  return facts.st_dev == captured.device &&
         facts.st_ino == captured.error_inode;
}

// Where the process is in the files that it reads. Noted before the fork: the
// two processes share each place, and the one that goes on moves it.
class ReadingPlaces {
 public:
  void Clear() { count_ = 0; }
  // False: there is no room for one more.
  bool Note(int descriptor) {
    if (count_ == kMost) return false;
    places_[count_++] = {descriptor, lseek(descriptor, 0, SEEK_CUR)};
    return true;
  }
  // 0: it was not noted.
  off_t Of(int descriptor) const {
    for (size_t i = 0; i < count_; ++i) {
      if (places_[i].descriptor == descriptor) return places_[i].offset;
    }
    return 0;
  }

 private:
  static constexpr size_t kMost = 256;
  struct Place {
    int descriptor;
    off_t offset;
  };
  Place places_[kMost] = {};
  size_t count_ = 0;
};

constinit ReadingPlaces reading_places;

struct View {
  const CapturedOutput& captured;
  ForkView seen;
};

void LookAt(void* context, int descriptor) {
  View& view = *static_cast<View*>(context);
  struct stat facts = {};
  if (fstat(descriptor, &facts) != 0) return;
  const auto size = static_cast<uint64_t>(facts.st_size);
  if (IsOutput(facts, view.captured)) {
    view.seen.output_size = size;
  } else if (IsErrorOutput(facts, view.captured)) {
    view.seen.error_size = size;
  } else if (view.seen.hazard == ForkHazard::kNone) {
    view.seen.hazard = HazardOf(descriptor, facts);
    if (S_ISREG(facts.st_mode) && !reading_places.Note(descriptor)) {
      view.seen.hazard = ForkHazard::kFile;
    }
  }
}

// A description of its own for a file that is being read.
void Reopen(int descriptor) {
  char path[64];
  WritePath("/proc/self/fd/", descriptor, path);
  const int own = open(path, fcntl(descriptor, F_GETFL) | O_CLOEXEC);
  if (own < 0) return;
  const off_t place = reading_places.Of(descriptor);
  if (place > 0) lseek(own, place, SEEK_SET);
  const bool keep_at_exec = (fcntl(descriptor, F_GETFD) & FD_CLOEXEC) == 0;
  dup3(own, descriptor, keep_at_exec ? 0 : O_CLOEXEC);
  close(own);
}

struct OwnFiles {
  const CapturedOutput& captured;
  int output;
  int error;
};

void MakeOwn(void* context, int descriptor) {
  const OwnFiles& own = *static_cast<OwnFiles*>(context);
  struct stat facts = {};
  if (descriptor == own.output || descriptor == own.error) return;
  if (fstat(descriptor, &facts) != 0) return;
  if (IsOutput(facts, own.captured)) {
    dup2(own.output, descriptor);
  } else if (IsErrorOutput(facts, own.captured)) {
    dup2(own.error, descriptor);
  } else if (S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode)) {
    Reopen(descriptor);
  }
}

// The C library keeps the thread's id at an address that the kernel knows.
void* ThreadIdPlace() {
  constexpr int kGetTidAddress = 40;  // PR_GET_TID_ADDRESS
  void* place = nullptr;
  return prctl(kGetTidAddress, &place) == 0 ? place : nullptr;
}

}  // namespace

ForkView LookBeforeFork(const CapturedOutput& captured,
                        const void* own_mapping) {
  ErrnoKeeper keeper;
  View view{captured, {}};
  reading_places.Clear();
  if (!ForEachOpenFile(&LookAt, &view)) view.seen.hazard = ForkHazard::kChannel;
  if (HasSecondThread()) {
    view.seen.hazard = ForkHazard::kThread;
  } else if (view.seen.hazard == ForkHazard::kNone &&
             HasSharedMapping(own_mapping)) {
    view.seen.hazard = ForkHazard::kMapping;
  }
  return view.seen;
}

int ForkAside() {
  ErrnoKeeper keeper;
  void* place = ThreadIdPlace();
  if (place == nullptr) return -1;
  const unsigned long flags =
      CLONE_PARENT | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
#if defined(__x86_64__)
  return static_cast<int>(
      syscall(SYS_clone, flags, nullptr, nullptr, place, nullptr));
#else
  return static_cast<int>(
      syscall(SYS_clone, flags, nullptr, nullptr, nullptr, place));
#endif
}

bool StandApart(const CapturedOutput& captured, const char* output_path,
                const char* error_path) {
  ErrnoKeeper keeper;
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC;
  OwnFiles own{captured, open(output_path, kFlags, 0600),
               open(error_path, kFlags, 0600)};
  if (own.output < 0 || own.error < 0) return false;
  const bool done = ForEachOpenFile(&MakeOwn, &own);
  close(own.output);
  close(own.error);
  return done;
}

void WaitWhileEqual(const void* place, int32_t value) {
  ErrnoKeeper keeper;
  syscall(SYS_futex, place, FUTEX_WAIT, value, nullptr, nullptr, 0);
}

}  // namespace dbgalloc::os
