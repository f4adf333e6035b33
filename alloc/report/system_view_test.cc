#include "alloc/report/system_view.h"

#include <pthread.h>

#include <string>
#include <thread>

#include "alloc/base/text_writer.h"
#include "alloc/os/thread.h"
#include "gtest/gtest.h"

namespace dbgalloc::report {
namespace {

std::string NameOfThisThread() {
  SystemView view("");
  char buffer[64];
  return {buffer, view.ThreadName(os::CurrentThread(), buffer, sizeof(buffer))};
}

std::string NameOf(const void* address) {
  SystemView view("");
  char buffer[512];
  base::TextWriter out(buffer, sizeof(buffer));
  const bool known =
      view.NameAddress(reinterpret_cast<uintptr_t>(address), out);
  EXPECT_EQ(known, !out.view().empty());
  return std::string(out.view());
}

TEST(SystemView, NamesThreads) {
  EXPECT_EQ(NameOfThisThread(), "main");
  std::thread([] {
    EXPECT_EQ(NameOfThisThread(), "") << "inherited, tells nothing";
    pthread_setname_np(pthread_self(), "worker");
    EXPECT_EQ(NameOfThisThread(), "worker");
  }).join();
  pthread_setname_np(pthread_self(), "ui");
  EXPECT_EQ(NameOfThisThread(), "ui");
}

int static_variable = 1;

TEST(SystemView, NamesAddresses) {
  const int on_stack = 0;
  EXPECT_EQ(NameOf(&on_stack), "on the stack of this thread");
  EXPECT_NE(NameOf(&static_variable).find("static data of "),
            std::string::npos);
  EXPECT_NE(NameOf(reinterpret_cast<const void*>(24)).find("null pages"),
            std::string::npos);
  EXPECT_EQ(NameOf(reinterpret_cast<const void*>(UINTPTR_MAX / 3)), "");
}

}  // namespace
}  // namespace dbgalloc::report
