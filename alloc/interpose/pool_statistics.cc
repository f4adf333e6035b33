#include "alloc/interpose/pool_statistics.h"

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"

namespace dbgalloc::interpose {
namespace {

using pool::PoolStatistics;
using pool::Tier;
using pool::TierStatistics;

const TierStatistics& Of(const PoolStatistics& statistics, Tier tier) {
  return statistics.tiers[static_cast<size_t>(tier)];
}

void WriteTier(base::TextWriter& out, const TierStatistics& tier,
               std::string_view name) {
  out.Text(name).Text(" blocks: ").Dec(tier.live_blocks).Text(" live, ");
  out.Dec(tier.live_bytes).Text(" bytes, ").Dec(tier.allocations);
  out.Text(" allocations, ").Dec(tier.frees).Text(" frees\n");
}

}  // namespace

struct dbgalloc_stats StatsOf(const pool::PoolHeap& pool) {
  const PoolStatistics known = pool.GetStatistics();
  struct dbgalloc_stats told = {};
  for (const TierStatistics& tier : known.tiers) {
    told.allocations += tier.allocations;
    told.frees += tier.frees;
    told.live_blocks += tier.live_blocks;
    told.live_bytes += tier.live_bytes;
  }
  told.errors = known.errors;
  told.span_bytes = known.reserved_bytes;
  return told;
}

size_t ClassesOf(pool::PoolHeap& pool, debug::ClassStatistics* classes,
                 size_t capacity) {
  pool::PoolClassStatistics all[pool::kClasses + 1];
  pool.GetClassStatistics(all);
  size_t count = 0;
  for (const pool::PoolClassStatistics& from : all) {
    if (from.spans == 0 && from.live_blocks == 0) continue;
    if (count == capacity) break;
    classes[count++] = {from.capacity,   from.spans,       from.live_blocks,
                        from.live_bytes, from.free_blocks, from.free_bytes};
  }
  return count;
}

struct mallinfo2 FiguresOf(const pool::PoolHeap& pool) {
  const PoolStatistics known = pool.GetStatistics();
  struct mallinfo2 figures = {};
  for (Tier tier : {Tier::kLarge, Tier::kHuge}) {
    figures.hblks += Of(known, tier).live_blocks;
    figures.hblkhd += Of(known, tier).live_bytes;
  }
  for (Tier tier : {Tier::kSmall, Tier::kMedium}) {
    figures.uordblks += Of(known, tier).live_bytes;
  }
  figures.ordblks = known.cached_blocks;
  figures.fordblks = known.cached_bytes;
  figures.arena = figures.uordblks + figures.fordblks;
  return figures;
}

void PrintPoolStatistics(const pool::PoolHeap& pool) {
  const PoolStatistics known = pool.GetStatistics();
  char buffer[1024];
  base::TextWriter out(buffer, sizeof(buffer));
  out.Text("==").Dec(static_cast<uint64_t>(os::ProcessId()));
  out.Text("==STATISTICS: dbgalloc pool: ").Text(os::ProgramName()).Char('\n');
  WriteTier(out, Of(known, Tier::kSmall), "small");
  WriteTier(out, Of(known, Tier::kMedium), "medium");
  WriteTier(out, Of(known, Tier::kLarge), "large");
  WriteTier(out, Of(known, Tier::kHuge), "huge");
  out.Text("free blocks in caches of threads: ").Dec(known.cached_blocks);
  out.Text(", ").Dec(known.cached_bytes).Text(" bytes\naddress space: ");
  out.Dec(known.reserved_bytes).Text(" bytes\nerrors: ").Dec(known.errors);
  out.Char('\n');
  os::WriteAll(os::kStandardError, out.view());
}

}  // namespace dbgalloc::interpose
