// Reads option strings with the files they include.
//
//   Load("redzone=8:include=a")  ->  redzone=8, then the settings of file a,
//                                    then whatever follows; later ones win
//
// Bounds keep any input finite: files nest eight deep, are at most 32 in all,
// and those that include one another share 64 KiB. A cycle is a mistake.
#ifndef DBGALLOC_RUNTIME_FLAGS_OPTION_LOADER_H_
#define DBGALLOC_RUNTIME_FLAGS_OPTION_LOADER_H_

#include <cstddef>
#include <string_view>

#include "dbgalloc/options.h"
#include "runtime_flags/option_mistake.h"
#include "runtime_flags/option_origins.h"
#include "runtime_flags/option_parser.h"

namespace dbgalloc::runtime_flags {

inline constexpr size_t kMaxIncludedBytes = 64 * 1024;
inline constexpr size_t kMaxNestedFiles = 8;
inline constexpr size_t kMaxIncludedFiles = 32;
inline constexpr size_t kMaxPathLength = 511;

// Room for one load; too large for a stack. All zero, so a global one takes no
// space in the program's file.
struct LoadWorkspace {
  char text[kMaxIncludedBytes] = {};
  char paths[kMaxIncludedFiles][kMaxPathLength + 1] = {};
};

// Called for each mistake while loading.
struct MistakeListener {
  void* context = nullptr;
  void (*on_mistake)(void* context, const OptionMistake& mistake) = nullptr;
};

// One load: create, Load() each source in order of precedence, then ask.
// Threads: not thread-safe. Memory: only the workspace, which must outlive the
// loader and the origins taken from it.
class OptionLoader {
 public:
  OptionLoader(LoadWorkspace* workspace, const MistakeListener& listener)
      : workspace_(workspace), listener_(listener) {}
  OptionLoader(const OptionLoader&) = delete;
  OptionLoader& operator=(const OptionLoader&) = delete;

  // Applies what is in order; counts and reports what is not.
  void Load(OptionSource source, std::string_view text);

  const Options& options() const { return options_; }
  const OptionOrigins& origins() const { return origins_; }
  size_t mistakes() const { return mistakes_; }

 private:
  static void OnMistake(void* loader, const OptionMistake& mistake);
  static void OnSet(void* loader, const FlagInfo& flag,
                    const OptionPlace& place);
  static size_t OnInclude(void* loader, const OptionSetting& setting,
                          Options* options);

  OptionListener Listener();
  size_t Refuse(OptionMistake mistake);
  size_t Include(const OptionSetting& setting, Options* options);
  size_t Read(const OptionSetting& setting, const char* path, Options* options);
  bool IsBeingRead(std::string_view path) const;

  LoadWorkspace* workspace_;
  MistakeListener listener_;
  Options options_;
  OptionOrigins origins_;
  size_t mistakes_ = 0;
  size_t text_used_ = 0;   // of workspace_->text, by the files being read
  size_t files_seen_ = 0;  // of workspace_->paths
  size_t depth_ = 0;
  size_t being_read_[kMaxNestedFiles] =
      {};  // indexes of paths, outermost first
};

}  // namespace dbgalloc::runtime_flags

#endif  // DBGALLOC_RUNTIME_FLAGS_OPTION_LOADER_H_
