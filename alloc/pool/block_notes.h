// What is remembered of each block when stacks are asked for, or pool_checks=2:
// who allocated and freed it, and its size to the byte. Out of line, by
// address.
//
//   address  47           22              4
//            |   piece    |     note      |
//
// A piece stands for 4 MiB of addresses; its memory comes as notes are written.
#ifndef DBGALLOC_ALLOC_POOL_BLOCK_NOTES_H_
#define DBGALLOC_ALLOC_POOL_BLOCK_NOTES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "alloc/os/address_space.h"
#include "alloc/pool/block_state.h"

namespace dbgalloc::pool {

struct Doing {
  uint64_t number = 0;  // counts the pool's operations; 0: never
  uint32_t thread = 0;
  uint32_t stack = 0;
};

struct BlockNote {
  Doing allocated;
  Doing freed;  // the last time
  uint64_t size = 0;
  Maker maker = Maker::kAllocator;
  bool filled = false;  // free, and its bytes bear the fill
};

// Thread-safe; who writes a note owns its block.
class BlockNotes {
 public:
  // Null: no memory.
  static BlockNotes* Create();
  static void Destroy(BlockNotes* notes);

  // The note for a block, made if there is none yet. Null: no memory.
  BlockNote* At(uintptr_t block);

  uint64_t NextNumber() {
    return next_number_.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  static constexpr unsigned kAddressBits = os::kAddressBits;
  static constexpr size_t kPieces = size_t{1} << (kAddressBits - kChunkLog2);
  static constexpr size_t kNotesInPiece = kChunkSize / kGranule;

  // A mapping by itself, as is the table of all.
  struct Piece {
    BlockNote notes[kNotesInPiece];
    Piece* next;  // all there are
  };

  BlockNotes() = default;
  Piece* MakePiece(size_t index);

  std::atomic<uint64_t> next_number_{1};
  std::atomic<Piece*>* pieces_ = nullptr;
  std::atomic<Piece*> all_{nullptr};
};

}  // namespace dbgalloc::pool

#endif  // DBGALLOC_ALLOC_POOL_BLOCK_NOTES_H_
