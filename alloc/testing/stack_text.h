// A recorded stack as lines of text, for messages of tests.
#ifndef DBGALLOC_ALLOC_TESTING_STACK_TEXT_H_
#define DBGALLOC_ALLOC_TESTING_STACK_TEXT_H_

#include <cstdint>
#include <string>

namespace dbgalloc {

// "    #0 Parse(char const*) src/parser.cc:12" and so on, inlined calls
// included. `stack` is an id of this program's stack depot.
std::string StackText(uint32_t stack);

}  // namespace dbgalloc

#endif  // DBGALLOC_ALLOC_TESTING_STACK_TEXT_H_
