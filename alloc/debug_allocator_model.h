// A debug allocator against a model that knows what is out: random operations
// decided by bytes, contents and accounts compared after each. Shared by the
// seeded test and the fuzz target.
#ifndef DBGALLOC_ALLOC_DEBUG_ALLOCATOR_MODEL_H_
#define DBGALLOC_ALLOC_DEBUG_ALLOCATOR_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "dbgalloc/allocator.h"
#include "dbgalloc/debug_allocator.h"
#include "dbgalloc/error_sink.h"

namespace dbgalloc::testing_support {

// Decisions, one after the other; zeroes when there are no more.
class Decisions {
 public:
  Decisions(const uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {}

  bool AreLeft() const { return next_ < size_; }
  uint32_t Byte() { return AreLeft() ? bytes_[next_++] : 0; }
  uint32_t Below(uint32_t limit) {
    return (Byte() << 16 | Byte() << 8 | Byte()) % limit;
  }

 private:
  const uint8_t* bytes_;
  size_t size_;
  size_t next_ = 0;
};

// Aborts with a message: correct programs get no reports.
class NoErrorsSink final : public ErrorSink {
 public:
  void OnError(const ErrorRecord& record) override;
  void OnLeaks(const LeakReport& report) override;

  bool expects_leaks = false;
  uint64_t leaked_blocks = 0;
};

// Refuses one request, or all from one on, or some by seed, and what would go
// over a capacity. Passes everything else on.
class RefusingAllocator final : public Allocator {
 public:
  static constexpr uint64_t kNever = UINT64_MAX;

  RefusingAllocator(Allocator& memory, bool hides_pages)
      : memory_(memory), hides_pages_(hides_pages) {}

  void* Allocate(size_t size, size_t alignment) override;
  bool Resize(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void* Remap(void* block, size_t size, size_t alignment,
              size_t new_size) override;
  void Deallocate(void* block, size_t size, size_t alignment) override;
  PageControl* page_control() override {
    return hides_pages_ ? nullptr : memory_.page_control();
  }

  uint64_t calls() const { return calls_; }
  uint64_t bytes_out() const { return bytes_out_; }

  uint64_t refuse_at = kNever;
  bool refuses_on = false;         // that one and all later ones
  uint64_t capacity = UINT64_MAX;  // bytes that may be out
  uint32_t refuse_one_in = 0;      // on average; 0: none
  uint64_t seed = 0;               // decides which

 private:
  bool Refuses();
  bool HasRoomFor(uint64_t bytes) const {
    return bytes_out_ <= capacity && bytes <= capacity - bytes_out_;
  }

  Allocator& memory_;
  bool hides_pages_;
  uint64_t calls_ = 0;
  uint64_t bytes_out_ = 0;
};

// Plays `decisions` on the allocator, aborting at the first difference. Leaves
// `leaks` blocks behind at most; returns how many.
class AllocatorModel {
 public:
  AllocatorModel(DebugAllocator& memory, uint64_t limit)
      : memory_(memory), limit_(limit) {}

  void Play(Decisions& decisions);
  // Frees all blocks but `kept`; checks the accounts; returns those left.
  size_t FreeAllBut(size_t kept);

 private:
  struct Block {
    size_t size;
    size_t alignment;
    uint8_t mark;
  };
  using Blocks = std::map<unsigned char*, Block>;

  void Allocate(Decisions& decisions);
  void Resize(Decisions& decisions, Blocks::iterator at);
  void Remap(Decisions& decisions, Blocks::iterator at);
  void Free(Blocks::iterator at);
  void Insert(unsigned char* begin, const Block& block);
  void CheckContents(Blocks::const_iterator at, size_t size) const;
  void CheckAccounts() const;
  Blocks::iterator Choose(Decisions& decisions);

  DebugAllocator& memory_;
  uint64_t limit_;
  Blocks blocks_;
  uint64_t bytes_ = 0;
  uint8_t next_mark_ = 0;
};

// One whole life: options, backing and operations all come from the bytes.
void PlayOneLife(const uint8_t* bytes, size_t size);

// The same over pages, with the backing allocator's call number `refused`
// refused, or with `refuses_on` all from there on. Returns how many calls there
// were: more than `refused` if it happened.
uint64_t PlayWithRefusal(const uint8_t* bytes, size_t size, uint64_t refused,
                         bool refuses_on);

// The same over a backing allocator that has so many bytes and refuses one call
// in five, as the seed decides; with pages to control, and without.
void PlayAtCapacity(const uint8_t* bytes, size_t size, uint64_t capacity,
                    uint64_t seed);

}  // namespace dbgalloc::testing_support

#endif  // DBGALLOC_ALLOC_DEBUG_ALLOCATOR_MODEL_H_
