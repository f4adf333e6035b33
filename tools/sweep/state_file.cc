// A line a point, fields with tabs between them:
//   key kind hazard index size stack verdict details frames frames
// A frame is module|offset; frames have a space between them.
#include <cinttypes>
#include <fstream>
#include <sstream>

#include "tools/sweep/results.h"

namespace dbgalloc::sweep {
namespace {

// The same sweep of the same program has the same first line.
std::string HeadOf(const SweepPlan& plan) {
  std::ostringstream head;
  head << "dbgalloc sweep 1";
  for (const std::string& word : plan.command) head << '\t' << word;
  head << "\tby=" << (plan.by_index ? "index" : "stack") << ' '
       << plan.per_stack << ' ' << plan.once << plan.from << plan.resize << ' '
       << plan.filter << ' ' << plan.min_size << ' ' << plan.max_size << ' '
       << plan.shard_index << '/' << plan.shard_total;
  return head.str();
}

std::string Encode(const std::vector<Frame>& stack) {
  std::ostringstream text;
  for (const Frame& frame : stack) {
    text << frame.module << '|' << frame.offset << ' ';
  }
  return text.str();
}

std::vector<Frame> Decode(const std::string& text) {
  std::vector<Frame> stack;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const size_t bar = word.rfind('|');
    if (bar == std::string::npos) continue;
    Frame frame;
    frame.module = word.substr(0, bar);
    frame.offset = std::strtoull(word.c_str() + bar + 1, nullptr, 10);
    stack.push_back(std::move(frame));
  }
  return stack;
}

// False: a line that was cut off.
bool Decode(const std::string& line, PointResult* point) {
  std::istringstream fields(line);
  const auto number = [&fields] {
    std::string field;
    std::getline(fields, field, '\t');
    return std::strtoull(field.c_str(), nullptr, 10);
  };
  point->key = number();
  point->kind = static_cast<SweepKind>(number());
  point->hazard = static_cast<SweepHazard>(number());
  point->index = number();
  point->size = number();
  point->stack_hash = static_cast<uint32_t>(number());
  point->verdict = static_cast<Verdict>(number());
  std::getline(fields, point->details, '\t');
  std::string stack, other, end;
  std::getline(fields, stack, '\t');
  std::getline(fields, other, '\t');
  std::getline(fields, end, '\t');
  point->stack = Decode(stack);
  point->other = Decode(other);
  return end == ".";
}

}  // namespace

StateFile::~StateFile() {
  if (file_ != nullptr) std::fclose(file_);
}

std::string StateFile::Open(const SweepPlan& plan, const std::string& path,
                            std::vector<PointResult>* done) {
  const std::string head = HeadOf(plan);
  std::ifstream before(path);
  std::string line;
  const bool goes_on = before && std::getline(before, line);
  if (goes_on && line != head) {
    return path + " is of another program or another sweep";
  }
  while (goes_on && std::getline(before, line)) {
    PointResult point;
    if (Decode(line, &point)) done->push_back(std::move(point));
  }
  file_ = std::fopen(path.c_str(), "a");
  if (file_ == nullptr) return path + " cannot be written";
  // A line that was cut off must not spoil the next one.
  std::fprintf(file_, "%s\n", goes_on ? "" : head.c_str());
  std::fflush(file_);
  return {};
}

void StateFile::Add(const PointResult& point) {
  if (file_ == nullptr) return;
  std::fprintf(
      file_,
      "%" PRIu64 "\t%d\t%d\t%" PRIu64 "\t%" PRIu64 "\t%u\t%d\t%s\t%s\t%s\t.\n",
      point.key, static_cast<int>(point.kind), static_cast<int>(point.hazard),
      point.index, point.size, point.stack_hash,
      static_cast<int>(point.verdict), point.details.c_str(),
      Encode(point.stack).c_str(), Encode(point.other).c_str());
  std::fflush(file_);
}

}  // namespace dbgalloc::sweep
