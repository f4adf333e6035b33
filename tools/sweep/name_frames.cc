// A run of the program that ends before main: what it has loaded by then, it
// can name.
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tools/sweep/process.h"
#include "tools/sweep/program_runs.h"
#include "tools/sweep/sweeper.h"

namespace dbgalloc::sweep {
namespace {

void TakeNames(const std::string& text, std::vector<PointResult*>& points) {
  std::map<std::pair<uint64_t, int>, std::map<size_t, std::vector<Frame>>>
      named;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string point, which, number, source_line;
    Frame frame;
    std::getline(fields, point, '\t');
    std::getline(fields, which, '\t');
    std::getline(fields, number, '\t');
    std::getline(fields, frame.function, '\t');
    std::getline(fields, frame.file, '\t');
    std::getline(fields, source_line, '\t');
    if (number.empty()) continue;
    frame.line = std::atoi(source_line.c_str());
    named[{std::stoull(point), std::atoi(which.c_str())}][std::stoul(number)]
        .push_back(std::move(frame));
  }
  for (auto& [place, frames_by_number] : named) {
    if (place.first >= points.size()) continue;
    PointResult& point = *points[place.first];
    std::vector<Frame>& frames = place.second == 0 ? point.stack : point.other;
    std::vector<Frame> whole;
    for (size_t i = 0; i < frames.size(); ++i) {
      std::vector<Frame>& inlined = frames_by_number[i];
      if (inlined.empty()) inlined.emplace_back();
      for (Frame& frame : inlined) {
        frame.module = frames[i].module;
        frame.offset = frames[i].offset;
        whole.push_back(std::move(frame));
      }
    }
    frames = std::move(whole);
  }
}

void Put(const std::vector<Frame>& frames, fail::SweepBoard& board,
         fail::SweepStack* stack) {
  for (const Frame& frame : frames) {
    if (stack->count == fail::kSweepFrames) return;
    uint32_t module = 0;
    const uint32_t count = board.module_count.load();
    while (module < count && frame.module != board.modules[module]) ++module;
    if (module == fail::kSweepModules) continue;
    if (module == count) {
      std::strncpy(board.modules[module], frame.module.c_str(),
                   sizeof(board.modules[module]) - 1);
      board.module_count.store(count + 1);
    }
    stack->frames[stack->count++] = {frame.offset, module};
  }
}

}  // namespace

void NameFrames(const SweepPlan& plan, const std::string& folder,
                std::vector<PointResult*> points) {
  if (points.empty()) return;
  ProgramRun run(plan, folder + "/names", points.size());
  if (!run.board().ok()) return;
  fail::SweepBoard& board = *run.board();
  board.phase = fail::SweepPhase::kDescribe;
  board.point_count.store(points.size());
  for (size_t i = 0; i < points.size(); ++i) {
    Put(points[i]->stack, board, &board.points[i].stack);
    Put(points[i]->other, board, &board.points[i].other);
  }
  constexpr double kPatience = 60;
  if (run.Start(/*in_copy=*/false)) WaitFor(run.process(), kPatience);
  TakeNames(ReadAll(run.folder() + "/names"), points);
}

}  // namespace dbgalloc::sweep
