// Stacks of the JSON form: threads and frames as objects.
#ifndef DBGALLOC_ALLOC_REPORT_JSON_STACK_H_
#define DBGALLOC_ALLOC_REPORT_JSON_STACK_H_

#include "alloc/report/json_writer.h"
#include "alloc/report/parties.h"
#include "alloc/report/surroundings.h"
#include "alloc/report/text_stack.h"

namespace dbgalloc::report {

// Writes stacks and remembers the user's first frame of the blamed one.
class JsonStacks {
 public:
  JsonStacks(const Surroundings& surroundings, TextScratch& scratch,
             JsonWriter& json)
      : surroundings_(surroundings), scratch_(scratch), json_(json) {
    scratch_.top.known = false;
  }

  // {"role":..., "title":..., "thread":..., "frames":[...]}
  // `now`: what ages are counted back from.
  void WriteParty(const Party& party, const HeapEvent& now, bool blamed);
  // The same of somebody who has no part in the error.
  void WriteBystander(const Party& party, const HeapEvent& now);

  // Leaves all frames out, for a form that has them elsewhere, and remembers
  // none.
  void LeaveFramesOut() { with_frames_ = false; }

  // The members "operation_number" and "stack", as far as known.
  void WriteNames(uint64_t number, uint32_t stack);
  // The member "age", counted back from `now`.
  void WriteAge(const HeapEvent& now, const HeapEvent& event);

  // The members "thread" and "frames" of an object.
  void WriteThread(uint32_t thread);
  void WriteFrames(uint32_t stack, bool blamed, bool from_fault = false);

 private:
  void WriteMembers(const Party& party, const HeapEvent& now);
  void WriteFrameObjects(uint32_t stack, bool keep_top, bool from_fault);

  const Surroundings& surroundings_;
  TextScratch& scratch_;
  JsonWriter& json_;
  bool with_frames_ = true;
};

// The members of the frame that the report points at.
void WriteJsonTop(JsonWriter& json, const KeptFrame& frame);

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_JSON_STACK_H_
