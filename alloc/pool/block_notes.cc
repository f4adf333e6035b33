#include "alloc/pool/block_notes.h"

#include <new>

#include "alloc/os/pages.h"
#include "alloc/pool/os_memory.h"

namespace dbgalloc::pool {
namespace {

void* Map(size_t size) {
  return os::MapPages(RoundUpToPages(size), os::PageSize());
}
void Unmap(void* address, size_t size) {
  os::ReleasePages(address, RoundUpToPages(size));
}

}  // namespace

BlockNotes* BlockNotes::Create() {
  void* memory = Map(sizeof(BlockNotes));
  void* pieces = Map(kPieces * sizeof(std::atomic<Piece*>));
  if (memory == nullptr || pieces == nullptr) {
    if (memory != nullptr) Unmap(memory, sizeof(BlockNotes));
    if (pieces != nullptr) Unmap(pieces, kPieces * sizeof(std::atomic<Piece*>));
    return nullptr;
  }
  BlockNotes* notes = new (memory) BlockNotes;
  notes->pieces_ = static_cast<std::atomic<Piece*>*>(pieces);
  return notes;
}

void BlockNotes::Destroy(BlockNotes* notes) {
  Piece* piece = notes->all_.load(std::memory_order_acquire);
  while (piece != nullptr) {
    Piece* next = piece->next;
    Unmap(piece, sizeof(Piece));
    piece = next;
  }
  Unmap(notes->pieces_, kPieces * sizeof(std::atomic<Piece*>));
  Unmap(notes, sizeof(BlockNotes));
}

// Of two threads that make one piece, the one that comes second gives up its.
BlockNotes::Piece* BlockNotes::MakePiece(size_t index) {
  void* memory = Map(sizeof(Piece));
  if (memory == nullptr) return nullptr;
  Piece* made = static_cast<Piece*>(memory);
  Piece* present = nullptr;
  if (!pieces_[index].compare_exchange_strong(present, made,
                                              std::memory_order_acq_rel)) {
    Unmap(memory, sizeof(Piece));
    return present;
  }
  made->next = all_.load(std::memory_order_relaxed);
  while (!all_.compare_exchange_weak(made->next, made,
                                     std::memory_order_release)) {
  }
  return made;
}

BlockNote* BlockNotes::At(uintptr_t block) {
  size_t index = block >> kChunkLog2;
  if (index >= kPieces) return nullptr;
  Piece* piece = pieces_[index].load(std::memory_order_acquire);
  if (piece == nullptr) piece = MakePiece(index);
  if (piece == nullptr) return nullptr;
  return &piece->notes[(block & (kChunkSize - 1)) / kGranule];
}

}  // namespace dbgalloc::pool
