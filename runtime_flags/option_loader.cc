#include "runtime_flags/option_loader.h"

#include <cerrno>

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"
#include "runtime_flags/path_pattern.h"

namespace dbgalloc::runtime_flags {
namespace {

OptionMistake Mistake(MistakeKind kind, const OptionSetting& setting,
                      size_t limit) {
  OptionMistake mistake;
  mistake.kind = kind;
  mistake.setting = setting;
  mistake.limit = limit;
  return mistake;
}

// False when the path does not fit; the result is terminated.
bool ExpandInto(std::string_view pattern, char (&path)[kMaxPathLength + 1]) {
  const std::string_view program = os::ProgramName();
  base::TextWriter out(path, kMaxPathLength);
  ExpandPath(pattern, program.empty() ? "unknown" : program, os::ProcessId(),
             out);
  path[out.view().size()] = '\0';
  return !out.truncated();
}

}  // namespace

void OptionLoader::Load(OptionSource source, std::string_view text) {
  OptionPlace place;
  place.source = source;
  mistakes_ += ApplyOptions(text, place, Listener(), &options_);
}

OptionListener OptionLoader::Listener() {
  return {this, &OnMistake, &OnSet, &OnInclude};
}

void OptionLoader::OnMistake(void* loader, const OptionMistake& mistake) {
  const MistakeListener& listener =
      static_cast<OptionLoader*>(loader)->listener_;
  if (listener.on_mistake != nullptr) {
    listener.on_mistake(listener.context, mistake);
  }
}

void OptionLoader::OnSet(void* loader, const FlagInfo& flag,
                         const OptionPlace& place) {
  static_cast<OptionLoader*>(loader)->origins_.Note(flag, place);
}

size_t OptionLoader::OnInclude(void* loader, const OptionSetting& setting,
                               Options* options) {
  return static_cast<OptionLoader*>(loader)->Include(setting, options);
}

size_t OptionLoader::Refuse(OptionMistake mistake) {
  OnMistake(this, mistake);
  return 1;
}

bool OptionLoader::IsBeingRead(std::string_view path) const {
  for (size_t i = 0; i < depth_; ++i) {
    if (path == workspace_->paths[being_read_[i]]) return true;
  }
  return false;
}

size_t OptionLoader::Include(const OptionSetting& setting, Options* options) {
  if (files_seen_ == kMaxIncludedFiles) {
    return Refuse(
        Mistake(MistakeKind::kTooManyFiles, setting, kMaxIncludedFiles));
  }
  auto& path = workspace_->paths[files_seen_];
  if (!ExpandInto(setting.value, path)) {
    return Refuse(Mistake(MistakeKind::kPathTooLong, setting, kMaxPathLength));
  }
  if (IsBeingRead(path)) {
    return Refuse(Mistake(MistakeKind::kFileIncludesItself, setting, 0));
  }
  if (depth_ == kMaxNestedFiles) {
    return Refuse(
        Mistake(MistakeKind::kTooManyNested, setting, kMaxNestedFiles));
  }
  being_read_[depth_++] = files_seen_++;
  const size_t mistakes = Read(setting, path, options);
  --depth_;
  return mistakes;
}

size_t OptionLoader::Read(const OptionSetting& setting, const char* path,
                          Options* options) {
  char* text = workspace_->text + text_used_;
  const std::ptrdiff_t size =
      os::ReadFile(path, text, kMaxIncludedBytes - text_used_);
  if (size == -ENOENT && setting.name == "include_if_exists") return 0;
  if (size == -EFBIG) {
    return Refuse(
        Mistake(MistakeKind::kFileTooLarge, setting, kMaxIncludedBytes));
  }
  if (size < 0) {
    OptionMistake mistake = Mistake(MistakeKind::kUnreadableFile, setting, 0);
    mistake.error_number = static_cast<int>(-size);
    return Refuse(mistake);
  }
  OptionPlace place;
  place.source = OptionSource::kFile;
  place.file = path;
  text_used_ += static_cast<size_t>(size);
  const size_t mistakes = ApplyOptions({text, static_cast<size_t>(size)}, place,
                                       Listener(), options);
  text_used_ -= static_cast<size_t>(size);
  return mistakes;
}

}  // namespace dbgalloc::runtime_flags
