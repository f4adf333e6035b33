#include "alloc/testing/allocator_subject.h"

#include "alloc/base/text_writer.h"
#include "alloc/report/error_kind.h"
#include "alloc/report/sentence.h"
#include "alloc/testing/join.h"
#include "alloc/testing/stack_text.h"
#include "dbgalloc/options.h"

namespace dbgalloc {
namespace {

// Nothing fails before the sweep says so, whatever the environment wants.
Options FailingOptions(FailureMode mode) {
  Options options;
  options.fail_index = -1;
  options.resize_fail_index = -1;
  options.fail_mode =
      mode == FailureMode::kFrom ? FailMode::kFrom : FailMode::kOnce;
  options.fail_count = 0;
  options.fail_every = 1;
  options.fail_probability = 1;
  options.fail_min_size = 0;
  options.fail_max_size = 0;
  options.fail_stack = "";
  return options;
}

void SetPoint(const std::optional<FailurePoint>& point,
              FailingAllocator* memory) {
  constexpr uint64_t kNever = FailingAllocator::kNever;
  const bool is_resize = point && point->mode == FailureMode::kResize;
  memory->SetFailIndex(point && !is_resize ? point->index : kNever);
  memory->SetResizeFailIndex(is_resize ? point->index : kNever);
}

}  // namespace

void AllocatorSubject::Collector::OnError(const ErrorRecord& record) {
  char buffer[1024];
  base::TextWriter sentence(buffer, sizeof(buffer));
  report::WriteSentence(sentence, record);
  errors +=
      Join("  ", std::string(report::InfoOf(record.kind).slug), ": ",
           std::string(sentence.view()), "\n", StackText(record.now.stack));
}

void AllocatorSubject::Collector::OnLeaks(const LeakReport& report) {
  for (size_t i = 0; i < report.group_count; ++i) {
    const LeakGroup& group = report.groups[i];
    leaks += Join("  ", group.bytes, " bytes in ", group.blocks,
                  " blocks, allocated\n", StackText(group.stack));
  }
}

AllocatorSubject::AllocatorSubject(const AllocatingFunction& function)
    : function_(function) {
  Renew();
}

AllocatorSubject::~AllocatorSubject() { checked_->FinishWithoutChecks(); }

void AllocatorSubject::Renew() {
  failing_once_.reset();
  failing_from_.reset();
  if (checked_) checked_->FinishWithoutChecks();
  checked_.emplace();
  checked_->SetErrorSink(&collector_);
  failing_once_.emplace(*checked_, FailingOptions(FailureMode::kOnce));
  failing_from_.emplace(*checked_, FailingOptions(FailureMode::kFrom));
  failing_once_->SetErrorSink(nullptr);
  failing_from_->SetErrorSink(nullptr);
}

RunFacts AllocatorSubject::Run(const std::optional<FailurePoint>& point) {
  const bool from = point && point->mode == FailureMode::kFrom;
  FailingAllocator& memory = from ? *failing_from_ : *failing_once_;
  memory.Reset();
  SetPoint(point, &memory);
  RunFacts facts;
  RunGuarded([&] { return function_(memory); }, [] {}, &facts);
  const FailingAllocatorCounters counters = memory.counters();
  failure_ = memory.first_failure();
  facts.allocations = counters.allocations;
  facts.resizes = counters.resize_index;
  facts.has_failed = failure_.is_known;
  if (counters.allocations != counters.deallocations) checked_->DetectLeaks();
  checked_->CheckHeap();
  facts.leaks = std::move(collector_.leaks);
  facts.errors = std::move(collector_.errors);
  collector_.leaks.clear();
  collector_.errors.clear();
  if (!facts.leaks.empty() || !facts.errors.empty()) Renew();
  return facts;
}

std::string AllocatorSubject::FailureStack() const {
  return StackText(failure_.stack);
}

}  // namespace dbgalloc
