// A program for environment_test: prints what Options::FromEnvironment() says,
// one flag a line. Arguments ask for more:
//   instance   redzone=48 and exitcode=9 are set in code
//   threads    sixteen threads ask first, all at once
//   twice      asks twice, to show that messages come once
#include <cstdio>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include "alloc/base/text_writer.h"
#include "alloc/os/env.h"
#include "dbgalloc/options.h"
#include "runtime_flags/flag_table.h"

namespace {

using dbgalloc::Options;

void Print(void*, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void PrintAll(const Options& options) {
  char buffer[1024];
  dbgalloc::base::TextWriter out(buffer, sizeof(buffer), &Print, nullptr);
  for (const auto& flag : dbgalloc::runtime_flags::Flags()) {
    out.Text(flag.name).Char('=');
    flag.write(flag, options, out);
    out.Char('\n');
  }
  out.Text(dbgalloc::os::IsSecureExecution() ? "secure\n" : "");
  out.Flush();
}

void AskFromManyThreads() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([] {
      if (Options::FromEnvironment().redzone != 56) std::puts("wrong redzone");
    });
  }
  for (std::thread& thread : threads) thread.join();
}

Options FromCode() {
  Options options;
  options.redzone = 48;
  options.exitcode = 9;
  return options;
}

}  // namespace

int main(int argument_count, char** arguments) {
  const char* request = argument_count > 1 ? arguments[1] : "";
  if (std::strcmp(request, "threads") == 0) AskFromManyThreads();
  if (std::strcmp(request, "twice") == 0) Options::FromEnvironment();
  if (std::strcmp(request, "instance") == 0) {
    PrintAll(Options::ForInstance(FromCode()));
  } else {
    PrintAll(Options::FromEnvironment());
  }
  return 0;
}
