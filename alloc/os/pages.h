// Whole pages from the kernel: the only door to mmap and its relatives.
//
// Contract of every function here:
//   - addresses and sizes are multiples of PageSize(), and size > 0;
//   - async-signal-safe, never calls malloc, leaves errno as it was;
//   - failure is the return value: the caller decides what is fatal.
#ifndef DBGALLOC_ALLOC_OS_PAGES_H_
#define DBGALLOC_ALLOC_OS_PAGES_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc::os {

// Bytes in a page of the running kernel.
size_t PageSize();

// Readable, writable, zeroed memory, wherever the kernel likes; `alignment` is
// a power of two. Null: refused.
void* MapPages(size_t size, size_t alignment);

// Makes retired pages readable, writable and zero. False: refused,
// and the range is as it was.
bool CommitPages(void* address, size_t size);

// Addresses alone, for later use: every access faults. Null: refused.
void* ReservePages(size_t size);

// Makes pages readable, and writable or not; contents stay. False: refused.
bool SetPagesWritable(void* address, size_t size, bool writable);

// The same in pages of 2 MiB that the system has reserved; `size` is a multiple
// of that. Null: there are not enough of them.
void* MapHugePages(size_t size, size_t alignment);

// Drops the contents: the memory goes back to the kernel, and the pages read
// as zero when touched again. False: refused.
bool DiscardPages(void* address, size_t size);

// Drops the contents and makes any access fault, costing no mapping where the
// kernel can (guard markers), else by protection. False: refused, the kernel
// being out of mappings; the contents are gone all the same.
bool RetirePages(void* address, size_t size);

// Replaces the range, whatever is there, with one inaccessible reservation: its
// page tables are freed and it merges with its neighbours, or costs mappings
// where these are accessible. False: refused.
bool FoldPages(void* address, size_t size);

// Undoes RetirePages: the pages are accessible again, and zero.
bool ReactivatePages(void* address, size_t size);

// As RetirePages and ReactivatePages, for a range whose pieces are opened and
// closed many times. Where a piece costs mappings and the process is short of
// them, opening it is refused; closing never is.
bool ClosePages(void* address, size_t size);
bool OpenPages(void* address, size_t size);

// Gives the address range back; another mapping may take it.
void ReleasePages(void* address, size_t size);

// Moves a mapping to another size, perhaps to another address, without copying.
// The old range may be taken by others afterwards. Null: refused, unchanged.
void* MovePages(void* address, size_t old_size, size_t new_size);

// Lets the kernel back the range with larger pages. A hint.
void PreferLargePages(void* address, size_t size);

// Keeps the kernel from putting larger pages there. A hint.
void AvoidLargePages(void* address, size_t size);

// Moves the contents of one committed range to another without copying; `from`
// stays mapped and reads as zero. False: refused, nothing moved.
bool MoveContents(void* from, void* to, size_t size);

// Makes a mapping longer or shorter where it lies. False: refused, unchanged.
bool GrowInPlace(void* address, size_t old_size, size_t new_size);

// Bytes of a mapped range that are in memory; a range that is not mapped whole
// counts as none. One system call for each 16 MiB.
size_t ResidentBytes(const void* address, size_t size);

// The limit on the process's address space in bytes (RLIMIT_AS); SIZE_MAX: no
// limit.
size_t AddressSpaceLimit();

}  // namespace dbgalloc::os

#endif  // DBGALLOC_ALLOC_OS_PAGES_H_
