// Linking this installs the listener, before main and before InitGoogleTest.
#include "dbgalloc/testing/leak_listener.h"

namespace {

[[maybe_unused]] const bool installed = [] {
  dbgalloc::InstallLeakListener();
  return true;
}();

}  // namespace
