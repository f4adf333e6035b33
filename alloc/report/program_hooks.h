// What a program wants to do itself about reports: the callback that it set and
// the function that it may define. Their contract is in dbgalloc/c_api.h.
#ifndef DBGALLOC_ALLOC_REPORT_PROGRAM_HOOKS_H_
#define DBGALLOC_ALLOC_REPORT_PROGRAM_HOOKS_H_

namespace dbgalloc::report {

using ErrorCallback = void (*)(const char* report);

// What dbgalloc_set_error_callback was last given; null: nothing.
ErrorCallback RegisteredErrorCallback();

// __dbgalloc_on_error of the program; null: it defines none.
using ErrorHook = void (*)();
ErrorHook DefinedErrorHook();

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_PROGRAM_HOOKS_H_
