// Options::FromEnvironment(): reads the sources once, and says what is wrong
// with them. Runs before the first allocation of a process, so it uses system
// calls, static storage and the stack, nothing else.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "alloc/os/raw_io.h"
#include "alloc/os/thread.h"
#include "alloc/os/weak_reference.h"
#include "dbgalloc/options.h"
#include "runtime_flags/option_listing.h"
#include "runtime_flags/option_loader.h"
#include "runtime_flags/option_mistake.h"

// Defined by programs that carry options of their own. Its visibility is said
// because hidden, the default here, would never be found outside a shared
// library that holds this file.
extern "C" DBGALLOC_WEAK_REFERENCE const char* __dbgalloc_default_options();

namespace dbgalloc {
namespace runtime_flags {
namespace {

constexpr size_t kMostWarnings = 20;

constinit LoadWorkspace g_workspace;

void WriteToStandardError(void*, std::string_view text) {
  os::WriteAll(os::kStandardError, text);
}

void LoadVariable(OptionSource source, const char* name, OptionLoader* loader) {
  const char* text = os::GetEnv(name);
  if (text != nullptr) loader->Load(source, text);
}

// Every source, in order of precedence.
void LoadSources(OptionLoader* loader) {
  if (os::IsDefined(&__dbgalloc_default_options)) {
    const char* text = __dbgalloc_default_options();
    if (text != nullptr) loader->Load(OptionSource::kProgramDefault, text);
  }
  if (os::IsSecureExecution()) return;
  LoadVariable(OptionSource::kTarget, "DBGALLOC_TARGET_OPTIONS", loader);
  LoadVariable(OptionSource::kEnvironment, "DBGALLOC_OPTIONS", loader);
}

// How mistakes are told, once their number and strict_options are known.
struct Complaint {
  bool strict;
  size_t total;
  size_t told = 0;
};

// "dbgalloc: error: ...", as a single write so that lines of several processes
// do not mix.
void Complain(void* context, const OptionMistake& mistake) {
  Complaint& complaint = *static_cast<Complaint*>(context);
  ++complaint.told;
  if (!complaint.strict && complaint.told > kMostWarnings) return;
  char buffer[2048];
  base::TextWriter out(buffer, sizeof(buffer), &WriteToStandardError, nullptr);
  out.Text(complaint.strict ? "dbgalloc: error: " : "dbgalloc: warning: ");
  WriteMistake(mistake, out);
  if (complaint.strict && complaint.total > 1) {
    out.Text(" (and ").Dec(complaint.total - 1).Text(" more)");
  }
  out.Char('\n');
  out.Flush();
  if (complaint.strict) os::ExitNow(2);
}

// Reads everything again, telling the mistakes this time: only the end of the
// first reading tells whether they are errors or warnings.
void TellMistakes(const OptionLoader& first) {
  Complaint complaint{first.options().strict_options, first.mistakes()};
  OptionLoader loader(&g_workspace, {&complaint, &Complain});
  LoadSources(&loader);
  if (complaint.told > kMostWarnings) {
    char buffer[128];
    base::TextWriter out(buffer, sizeof(buffer), &WriteToStandardError,
                         nullptr);
    out.Text("dbgalloc: warning: ").Dec(complaint.told - kMostWarnings);
    out.Text(" more mistakes in options\n");
    out.Flush();
  }
}

void PrintListings(const OptionLoader& loader) {
  char buffer[1024];
  base::TextWriter out(buffer, sizeof(buffer), &WriteToStandardError, nullptr);
  if (loader.options().help) WriteHelp(loader.options(), out);
  if (loader.options().show_options) {
    WriteOrigins(loader.options(), loader.origins(), out);
  }
  out.Flush();
}

void LoadOptions(Options* options) {
  OptionLoader loader(&g_workspace, {});
  LoadSources(&loader);
  if (loader.mistakes() != 0) TellMistakes(loader);
  PrintListings(loader);
  *options = loader.options();
}

// Runs LoadOptions() once in a process, without __cxa_guard: that may allocate,
// and deadlocks when the loading thread comes back here.
//
//   kNotLoaded -> the loading thread and process -> kLoaded
//
// A child forked while another thread was loading finds an owner that is not in
// its process, and takes over.
class OnceLoaded {
 public:
  const Options& Get() {
    uint64_t progress = progress_.load(std::memory_order_acquire);
    if (progress == kLoaded) return options_;
    const uint64_t self = Self();
    while (progress != kLoaded) {
      if (progress == self) return kBuiltIn;
      if (progress != kNotLoaded && SameProcess(progress, self)) {
        os::Yield();
        progress = progress_.load(std::memory_order_acquire);
      } else if (progress_.compare_exchange_strong(progress, self,
                                                   std::memory_order_acquire)) {
        LoadOptions(&options_);
        progress_.store(kLoaded, std::memory_order_release);
        return options_;
      }
    }
    return options_;
  }

 private:
  static constexpr uint64_t kNotLoaded = 0;
  static constexpr uint64_t kLoaded = 1;
  static constinit const Options kBuiltIn;

  // Process in the upper half, thread in the lower one; neither 0 nor 1.
  static uint64_t Self() {
    return uint64_t{static_cast<uint32_t>(os::ProcessId())} << 32 |
           os::CurrentThread();
  }
  static bool SameProcess(uint64_t a, uint64_t b) { return a >> 32 == b >> 32; }

  std::atomic<uint64_t> progress_ = kNotLoaded;
  Options options_;
};

constinit const Options OnceLoaded::kBuiltIn;
constinit OnceLoaded g_options;

}  // namespace
}  // namespace runtime_flags

const Options& Options::FromEnvironment() {
  return runtime_flags::g_options.Get();
}

Options Options::ForInstance(const Options& code) {
  return Merged(FromEnvironment(), code);
}

}  // namespace dbgalloc
