#include "alloc/report/json_facts.h"

#include "alloc/report/hint.h"
#include "alloc/report/looks.h"
#include "alloc/report/parties.h"
#include "alloc/report/slugs.h"
#include "alloc/report/words.h"

namespace dbgalloc::report {
namespace {

using base::TextWriter;
using std::string_view_literals::operator""sv;

int64_t Distance(uintptr_t from, uintptr_t to) {
  return static_cast<int64_t>(to - from);
}

void WriteCall(JsonWriter& json, const ErrorRecord& record) {
  json.Member("operation"sv, OperationSlug(record.operation));
  json.Member("function"sv,
              record.accessed_by != nullptr
                  ? std::string_view(record.accessed_by)
                  : FunctionName(record.operation, record.claimed_origin));
  if (record.operation == Operation::kAccess) {
    json.Member("access"sv, AccessSlug(record.access));
  }
  json.Key("address").Address(record.address);
  json.Key("claimed").BeginObject();
  json.Member("origin"sv, OriginSlug(record.claimed_origin));
  json.Member("size", record.claimed_size);
  json.Member("alignment", record.claimed_alignment).EndObject();
}

void WriteParties(JsonWriter& json, JsonStacks& stacks,
                  const ErrorRecord& record) {
  const Parties parties = PartiesOf(record);
  json.Key("parties").BeginArray();
  for (size_t i = 0; i < parties.count; ++i) {
    stacks.WriteParty(parties.list[i], record.now, i == parties.blamed);
  }
  json.EndArray();
}

void WriteWhere(JsonWriter& json, const Surroundings& surroundings,
                const ErrorRecord& record) {
  if (record.kind != ErrorKind::kInvalidFree) return;
  if (surroundings.host == nullptr) return;
  char buffer[kMaxAddressName];
  TextWriter region(buffer, sizeof(buffer));
  if (!surroundings.host->NameAddress(record.address, region)) return;
  json.Member("where"sv, region.view());
}

void WriteBlockMembers(JsonWriter& json, const BlockDescription& block,
                       uintptr_t address) {
  json.Key("begin").Address(block.begin);
  json.Key("end").Address(block.begin + block.size);
  json.Member("size", block.size).Member("alignment", block.alignment);
  json.Member("origin"sv, OriginSlug(block.origin));
  json.Member("from"sv, AllocationName(block.origin));
  if (block.tier != BlockTier::kNone) {
    json.Member("tier"sv, TierName(block.tier));
  }
  json.Member("state"sv, block.live ? "live"sv : "freed"sv);
  json.Key("address_offset").SignedNumber(Distance(block.begin, address));
}

void WriteBlock(JsonWriter& json, const ErrorRecord& record) {
  if (!record.block.known) return;
  json.Key("block").BeginObject();
  WriteBlockMembers(json, record.block, record.address);
  json.EndObject();
}

void WriteDamage(JsonWriter& json, const ErrorRecord& record) {
  const Damage& damage = record.damage;
  if (damage.size == 0) return;
  const size_t shown = damage.shown < kMaxDamage ? damage.shown : kMaxDamage;
  json.Key("damage").BeginObject().Key("begin").Address(damage.begin);
  json.Member("size", damage.size);
  if (record.block.known) {
    json.Key("block_offset");
    json.SignedNumber(Distance(record.block.begin, damage.begin));
  }
  json.Key("found").Bytes(damage.found, shown);
  json.Key("expected").Bytes(damage.expected, shown).EndObject();
}

void WriteInducedFailure(JsonWriter& json, const ErrorRecord& record) {
  if (record.kind != ErrorKind::kInducedFailure) return;
  json.Member("failure_index", record.failure_index);
  if (record.death_signal == 0) return;
  json.Key("death_signal").SignedNumber(record.death_signal);
}

void WriteLooks(JsonWriter& json, const ErrorRecord& record,
                const Surroundings& surroundings) {
  OddBytes odd;
  if (!FindOddBytes(record, &odd)) return;
  Look looks[kMaxLooks];
  const size_t count = FindLooks(odd, record, surroundings, looks);
  if (count == 0) return;
  json.Key("looks_like").BeginArray();
  for (size_t i = 0; i < count; ++i) {
    json.Built([&](TextWriter& out) {
      WriteLook(out, looks[i], odd, record, surroundings);
    });
  }
  json.EndArray();
}

void WriteMemory(JsonWriter& json, const MemoryContents& memory) {
  if (memory.size == 0 || memory.size > kMaxMemory) return;
  json.Key("memory").BeginObject().Key("begin").Address(memory.begin);
  json.Key("bytes").Bytes(memory.bytes, memory.size).EndObject();
}

void WriteNeighbour(JsonWriter& json, JsonStacks& stacks,
                    const ErrorRecord& record, const BlockDescription& block,
                    Side side) {
  if (!block.known) return;
  json.Key(side == Side::kBefore ? "block_before"sv : "block_after"sv);
  json.BeginObject();
  WriteBlockMembers(json, block, record.address);
  const Parties parties = PartiesOfNeighbour(block, side);
  json.Key("parties").BeginArray();
  for (size_t i = 0; i < parties.count; ++i) {
    stacks.WriteBystander(parties.list[i], record.now);
  }
  json.EndArray().EndObject();
}

}  // namespace

void WriteJsonFacts(JsonWriter& json, JsonStacks& stacks,
                    const ErrorRecord& record,
                    const Surroundings& surroundings) {
  WriteCall(json, record);
  WriteParties(json, stacks, record);
  WriteWhere(json, surroundings, record);
  WriteBlock(json, record);
  WriteDamage(json, record);
  WriteInducedFailure(json, record);
  WriteLooks(json, record, surroundings);
  WriteMemory(json, record.memory);
  WriteNeighbour(json, stacks, record, record.before, Side::kBefore);
  WriteNeighbour(json, stacks, record, record.after, Side::kAfter);
  WriteJsonAdvice(json, record, surroundings);
}

void WriteJsonAdvice(JsonWriter& json, const ErrorRecord& record,
                     const Surroundings& surroundings) {
  json.Member("hint"sv, HintFor(record));
  json.Member("rerun"sv, surroundings.rerun);
}

void WriteJsonLeakGroup(JsonWriter& json, JsonStacks& stacks,
                        const LeakGroup& group, const HeapEvent& now,
                        bool blamed) {
  json.Member("bytes", group.bytes).Member("blocks", group.blocks);
  if (group.held) json.Key("held").Bool(true);
  if (!group.held && group.family_blocks > group.blocks) {
    json.Member("held_bytes", group.family_bytes - group.bytes);
    json.Member("held_blocks", group.family_blocks - group.blocks);
  }
  if (group.example.known) {
    json.Key("example").Address(group.example.begin);
    if (group.example.tier != BlockTier::kNone) {
      json.Member("tier"sv, TierName(group.example.tier));
    }
    if (group.example.allocated.known) {
      stacks.WriteThread(group.example.allocated.thread);
    }
  }
  stacks.WriteFrames(group.stack, blamed);
  stacks.WriteNames(group.example.allocated.number, group.stack);
  if (group.example.known) stacks.WriteAge(now, group.example.allocated);
}

void WriteJsonLeakTotal(JsonWriter& json, const LeakReport& report) {
  const bool reachable = report.reach == LeakReach::kReachable;
  json.Member("operation"sv, OperationSlug(report.operation));
  json.Member("found"sv, FoundAt(report.operation));
  json.Member("bytes", report.bytes).Member("blocks", report.blocks);
  if (report.held_blocks != 0) {
    json.Member("held_bytes", report.held_bytes);
    json.Member("held_blocks", report.held_blocks);
  }
  if (report.reach != LeakReach::kNotAsked) {
    json.Member("reach"sv, reachable ? "reachable"sv : "lost"sv);
  }
  json.Member("scan"sv, std::string_view(report.scan));
  json.Member("region"sv, std::string_view(report.region));
}

}  // namespace dbgalloc::report
