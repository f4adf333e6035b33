// The interface that every allocator of dbgalloc has and takes: memory in,
// memory out, each time with size and alignment.
#ifndef DBGALLOC_ALLOC_ALLOCATOR_H_
#define DBGALLOC_ALLOC_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>

namespace dbgalloc {

// What an allocator whose memory comes in whole pages can do to pages that it
// handed out. Sizes and addresses are multiples of page_size(). All functions
// may be called from several threads at once.
class PageControl {
 public:
  virtual size_t page_size() const = 0;

  // Drops the contents; the pages are zero when touched again.
  virtual bool Discard(void* address, size_t size) = 0;
  // Drops the contents and makes every access fault.
  virtual bool Retire(void* address, size_t size) = 0;
  // Makes retired pages accessible again; they are zero.
  virtual bool Reactivate(void* address, size_t size) = 0;
  // As Retire, for a range whose pages will be opened in small pieces, and as
  // Reactivate for such a piece. False: refused, perhaps since each piece would
  // cost mappings that the process is short of.
  virtual bool Close(void* address, size_t size) {
    return Retire(address, size);
  }
  virtual bool Open(void* address, size_t size) {
    return Reactivate(address, size);
  }
  // The range will be used whole: it may come in larger pages. A hint.
  virtual void PreferLargePages(void* /*address*/, size_t /*size*/) {}
  // Parts of it will be dropped: it should come in small ones from now on, and
  // not grow back into large ones. A hint.
  virtual void AvoidLargePages(void* /*address*/, size_t /*size*/) {}
  // Moves contents from one range to another without copying; `from` is zero
  // or retired afterwards. False: refused, nothing moved.
  virtual bool Move(void* from, void* to, size_t size) = 0;
  // Bytes of address space that the process may use in all; SIZE_MAX: no limit
  // is set.
  virtual size_t address_space_limit() const { return SIZE_MAX; }
  // Bytes that the process may have in memory at once, beyond which the system
  // would end it; SIZE_MAX: no limit is set.
  virtual size_t memory_limit() const { return SIZE_MAX; }
  // Bytes of a range that are in memory now; what cannot be told counts.
  virtual size_t ResidentBytes(const void* /*address*/, size_t size) const {
    return size;
  }

 protected:
  ~PageControl() = default;
};

// A source of memory. Sizes are bytes and at least 1; alignments are powers of
// two. Refusal is null or false, never an exception, and leaves everything as
// it was. Whether several threads may call at once is each class's to say.
class Allocator {
 public:
  // Memory of at least `size` bytes aligned to `alignment`, owned by the caller
  // until Deallocate. Null: refused.
  virtual void* Allocate(size_t size, size_t alignment) = 0;

  // Makes the block `new_size` bytes long where it lies. False: refused, the
  // block is as it was.
  virtual bool Resize(void* block, size_t size, size_t alignment,
                      size_t new_size) = 0;

  // Makes the block `new_size` bytes long, moving it if that is cheaper than
  // the caller's copying would be; contents are kept up to the smaller size.
  // Returns where the block lies now. Null: refused, the block is as it was,
  // and the caller may still allocate, copy and deallocate.
  virtual void* Remap(void* block, size_t size, size_t alignment,
                      size_t new_size) = 0;

  // Gives a block back. `size` and `alignment` are what it was allocated or
  // last resized with.
  virtual void Deallocate(void* block, size_t size, size_t alignment) = 0;

  // Control over the pages of this allocator's blocks, or null when its memory
  // does not come in pages of its own.
  virtual PageControl* page_control() { return nullptr; }

 protected:
  ~Allocator() = default;
};

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_ALLOCATOR_H_
