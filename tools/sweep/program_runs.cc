#include "tools/sweep/program_runs.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace dbgalloc::sweep {
namespace {

namespace files = std::filesystem;

std::string MakeFolder(const std::string& folder) {
  std::error_code error;
  files::create_directories(folder, error);
  return folder;
}

// Everything that can be copied: not sockets and the like.
bool CopyFolder(const files::path& from, const files::path& to) {
  std::error_code error;
  files::create_directories(to, error);
  for (const auto& entry : files::directory_iterator(from, error)) {
    const files::path target = to / entry.path().filename();
    if (entry.is_symlink()) {
      files::copy_symlink(entry.path(), target, error);
    } else if (entry.is_directory()) {
      if (to.string().rfind(entry.path().string() + "/", 0) == 0) continue;
      CopyFolder(entry.path(), target);
    } else if (entry.is_regular_file()) {
      files::copy_file(entry.path(), target, error);
    }
  }
  return files::exists(to);
}

std::string Preloads(const std::string& library) {
  const char* others = std::getenv("LD_PRELOAD");
  return "LD_PRELOAD=" + library +
         (others == nullptr ? "" : std::string(":") + others);
}

// What a sweep wants otherwise than an ordinary run; the user's options win.
// A process with little memory in large pages is forked soon, and the same
// blocks are guarded in each run.
std::string Options() {
  const char* options = std::getenv("DBGALLOC_OPTIONS");
  return "DBGALLOC_OPTIONS=quarantine_size=1m:huge_pages=transparent:"
         "guard_seed=1:" +
         std::string(options == nullptr ? "" : options);
}

uint64_t SizeOf(const std::string& path) {
  std::error_code error;
  const auto size = files::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace

ProgramRun::ProgramRun(const SweepPlan& plan, const std::string& folder,
                       uint64_t capacity, std::vector<uint64_t> done)
    : plan_(plan),
      folder_(MakeFolder(folder)),
      board_(folder, capacity, std::move(done)) {
  if (board_.ok()) board_.Take(plan);
}

ProgramRun::~ProgramRun() {
  std::error_code error;
  files::remove_all(folder_, error);
}

bool ProgramRun::Start(bool in_copy) {
  ProgramStart start;
  start.command = plan_.command;
  start.input = plan_.input;
  start.output = output_path();
  start.error = error_path();
  if (in_copy) {
    const files::path current = files::current_path();
    start.folder = folder_ + "/copy/" + current.filename().string();
    if (!CopyFolder(current, start.folder)) return false;
  }
  start.environment.push_back(std::string(fail::kBoardVariable) + "=" +
                              board_.path());
  start.environment.push_back(Options());
  if (!plan_.library.empty()) {
    start.environment.push_back(Preloads(plan_.library));
  }
  start.before_begin = [this](int process) {
    board_.SetOutput(output_path(), error_path());
    board_->program.store(process);
  };
  process_ = sweep::Start(start);
  return process_ > 0;
}

uint64_t ProgramRun::OutputSize() const {
  return SizeOf(output_path()) + SizeOf(error_path());
}

std::string ProgramRun::PointOutput(uint64_t number) const {
  return ReadAll(folder_ + "/" + std::to_string(number) + ".o");
}

uint64_t ProgramRun::PointOutputSize(uint64_t number) const {
  const std::string path = folder_ + "/" + std::to_string(number);
  return SizeOf(path + ".o") + SizeOf(path + ".e");
}

void ProgramRun::RemovePointFiles(uint64_t number) const {
  const std::string path = folder_ + "/" + std::to_string(number);
  std::error_code error;
  files::remove(path + ".o", error);
  files::remove(path + ".e", error);
}

}  // namespace dbgalloc::sweep
