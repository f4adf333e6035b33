// What a wrong use of the pool is called, and what is known of the block.
#include "alloc/pool/pool_heap.h"

namespace dbgalloc::pool {
namespace {

// An error is worth a stack, even where allocations record none.
constexpr uint32_t kFramesOfErrors = 32;

bool IsAligned(Maker maker) {
  return maker == Maker::kAlignedNew || maker == Maker::kAlignedNewArray;
}

// Plain and aligned forms of one operator.
bool SameFamily(Maker left, Maker right) {
  constexpr uint8_t kFamily = 0b011;
  return (static_cast<uint8_t>(left) & kFamily) ==
         (static_cast<uint8_t>(right) & kFamily);
}

ErrorKind KindOfClaim(BlockState state, bool size_is_right,
                      const PoolClaim& claim) {
  Maker actual = MakerOf(state);
  if (!MayFree(claim.maker, actual)) {
    return SameFamily(claim.maker, actual) ? ErrorKind::kAlignmentMismatch
                                           : ErrorKind::kFamilyMismatch;
  }
  return size_is_right ? ErrorKind::kAlignmentMismatch
                       : ErrorKind::kSizeMismatch;
}

}  // namespace

Origin OriginOf(Maker maker) {
  switch (maker) {
    case Maker::kMalloc:
      return Origin::kMalloc;
    case Maker::kMemalign:
      return Origin::kMemalign;
    case Maker::kNew:
    case Maker::kAlignedNew:
      return Origin::kNew;
    case Maker::kNewArray:
    case Maker::kAlignedNewArray:
      return Origin::kNewArray;
    case Maker::kAllocator:
      break;
  }
  return Origin::kAllocator;
}

// The largest size of the class whose low bits the state kept.
size_t SmallSizeOf(SizeClass size_class, BlockState state) {
  size_t capacity = ClassSize(size_class);
  size_t kept = (state & ~kPlaceMask) >> kMakerBits;
  return capacity - (capacity - kept) % kSizeKept;
}

BlockDescription PoolHeap::DescribeSmall(uintptr_t address,
                                         SizeClass size_class) {
  BlockDescription found;
  const Span& span = *SpanStore::Find(address);
  size_t size = ClassSize(size_class);
  size_t index = (address - span.begin) / size;
  if (span.size_class != size_class || index >= span.carved_blocks())
    return found;
  found.begin = span.BlockAt(index);
  found.tier = BlockTier::kSmall;
  BlockState state = LoadState(StateOf(found.begin, size_class));
  found.known = true;
  found.live = IsLive(state);
  found.size = found.live ? SmallSizeOf(size_class, state) : size;
  Maker maker = found.live ? MakerOf(state) : Maker::kMalloc;
  found.origin = found.live ? OriginOf(maker) : Origin::kAllocator;
  found.alignment = kGranule;
  if (maker == Maker::kNew || maker == Maker::kNewArray) found.alignment = 1;
  if (IsAligned(maker) || maker == Maker::kMemalign) {
    found.alignment = found.begin & -found.begin;
    size_t natural = size & -size;
    if (found.alignment > natural) found.alignment = natural;
  }
  return found;
}

BlockDescription PoolHeap::DescribeMedium(uintptr_t address) {
  BlockDescription found;
  BuddyRegion* region = medium_.Find(address);
  if (region == nullptr) return found;
  size_t offset = (address - region->begin) & ~(kMinMediumSize - 1);
  // The block that begins here, or one that begins before and reaches here.
  for (size_t at = offset;; at -= kMinMediumSize) {
    const MediumBlock& block = region->BlockAt(region->begin + at);
    uint8_t state = block.state.load(std::memory_order_acquire);
    bool reaches = block.size != 0 && offset - at < OrderSize(block.order);
    if (reaches && (IsLive(state) || at == offset)) {
      found.known = true;
      found.tier = BlockTier::kMedium;
      found.live = IsLive(state);
      found.begin = region->begin + at;
      found.size = block.size;
      found.alignment = block.alignment;
      found.origin = found.live ? OriginOf(MakerOf(state)) : Origin::kAllocator;
      if (found.live) return found;
    }
    if (at == 0) return found;
  }
}

BlockDescription PoolHeap::DescribeMapping(uintptr_t address) {
  BlockDescription found;
  Mapping mapping = mappings_.Find(address);
  found.live = mapping.begin != 0;
  if (!found.live) mapping = mappings_.FindRecent(address);
  if (mapping.begin == 0) return found;
  found.known = true;
  found.tier = TierOfMapping(mapping.mapped) == Tier::kHuge ? BlockTier::kHuge
                                                            : BlockTier::kLarge;
  found.begin = mapping.begin;
  found.size = mapping.size;
  found.alignment = mapping.alignment;
  found.origin = OriginOf(MakerOf(mapping.state));
  return found;
}

BlockDescription PoolHeap::Describe(uintptr_t address) {
  UnitKind kind = units_.Find(address);
  BlockDescription found;
  if (IsSmall(kind)) found = DescribeSmall(address, kind);
  if (kind == kMediumRegion) found = DescribeMedium(address);
  if (kind == kMapping) found = DescribeMapping(address);
  AddNotes(found);
  return found;
}

void PoolHeap::Report(ErrorRecord& record, const CallerFrame& caller) {
  errors_.fetch_add(1, std::memory_order_relaxed);
  if (!reports_ || host_.sink == nullptr) return;
  record.now.known = true;
  if (notes_ != nullptr) record.now.number = notes_->NextNumber();
  if (host_.current_thread != nullptr)
    record.now.thread = host_.current_thread();
  if (host_.record_stack != nullptr && caller.program_counter != 0) {
    record.now.stack = host_.record_stack(caller, kFramesOfErrors);
  }
  host_.sink->OnError(record);
}

// True: nothing is wrong with what the caller says of the block. False comes
// after a report.
bool PoolHeap::ClaimHolds(uintptr_t block, const BlockDescription& known,
                          BlockState state, bool size_is_right,
                          const PoolClaim& claim, const CallerFrame& caller) {
  bool alignment_is_right =
      claim.alignment <= kGranule || block % claim.alignment == 0;
  if (size_is_right && alignment_is_right &&
      MayFree(claim.maker, MakerOf(state))) {
    return true;
  }
  ErrorRecord record;
  record.kind = KindOfClaim(state, size_is_right, claim);
  record.operation = claim.operation;
  record.claimed_origin = OriginOf(claim.maker);
  record.address = block;
  record.claimed_size = claim.size;
  record.claimed_alignment = claim.alignment;
  record.block = known;
  AddNotes(record.block);
  Report(record, caller);
  return false;
}

// The pointer is not the start of a live block: what is it then?
void PoolHeap::ReportBadPointer(uintptr_t address, const PoolClaim& claim,
                                const CallerFrame& caller) {
  ErrorRecord record;
  record.block = Describe(address);
  // Who made a block that is free now is not kept, unless notes are: the family
  // that frees it is the best guess.
  if (!record.block.live && !record.block.allocated.known) {
    record.block.origin = OriginOf(claim.maker);
  }
  bool asks_only = claim.operation == Operation::kUsableSize;
  record.kind = ErrorKind::kInvalidFree;
  if (record.block.known && record.block.begin == address) {
    record.kind = asks_only ? ErrorKind::kUseAfterFree : ErrorKind::kDoubleFree;
  } else if (record.block.known && record.block.live &&
             address - record.block.begin < record.block.size) {
    record.kind = ErrorKind::kInteriorFree;
  }
  record.operation = claim.operation;
  record.claimed_origin = OriginOf(claim.maker);
  record.address = address;
  record.claimed_size = claim.size;
  record.claimed_alignment = claim.alignment;
  Report(record, caller);
}

// Found in a list of free blocks, when a block was about to leave it.
void PoolHeap::ReportFinding(const Finding& finding, Operation operation,
                             const CallerFrame& caller) {
  ErrorRecord record;
  record.kind = finding.flaw == Flaw::kOverwritten
                    ? ErrorKind::kMetadataCorruption
                    : ErrorKind::kDoubleFree;
  record.operation = operation;
  record.claimed_origin = Origin::kMalloc;
  record.address = finding.block;
  record.block = Describe(finding.block);
  Report(record, caller);
}

}  // namespace dbgalloc::pool
