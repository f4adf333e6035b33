#include "alloc/report/stack_walk.h"

#include "alloc/report/user_frame.h"

namespace dbgalloc::report {
namespace {

class ShownFrames final : public FrameVisitor {
 public:
  explicit ShownFrames(FrameVisitor& visitor) : visitor_(visitor) {}

  void OnFrame(const FrameDescription& frame) override {
    if (!IsHiddenFrame(frame)) visitor_.OnFrame(frame);
  }

 private:
  FrameVisitor& visitor_;
};

}  // namespace

bool VisitStack(const Surroundings& surroundings, uint32_t stack,
                bool from_fault, FrameVisitor& visitor) {
  if (stack == 0 || surroundings.frames == nullptr) return false;
  const uintptr_t* counters = nullptr;
  const size_t count = surroundings.frames->Find(stack, &counters);
  ShownFrames shown(visitor);
  for (size_t i = 0; i < count; ++i) {
    const bool is_fault = from_fault && i == 0;
    surroundings.frames->Describe(
        counters[i], is_fault ? CounterKind::kFault : CounterKind::kCall,
        shown);
  }
  return count > 0;
}

uint32_t HashOfStack(const Surroundings& surroundings, uint32_t stack) {
  if (stack == 0 || surroundings.frames == nullptr) return 0;
  return surroundings.frames->HashOf(stack);
}

}  // namespace dbgalloc::report
