// Leaks of programs that come with the system, as suppressions: preloaded into
// a build or a test, dbgalloc must not make the compiler or the shell fail.
//
// Some eight in a hundred of these programs lose memory before they end (perl,
// bash, sort, split, tr, zip, dpkg, man, git, gcc, as, gdb, java): each was
// looked at, Valgrind says the same, and only their authors could give it back.
// Unlike other rules, these are about the first frame of the user's code alone:
// what a library of the user's loses inside an interpreter is told.
#ifndef DBGALLOC_ALLOC_REPORT_KNOWN_LEAKS_H_
#define DBGALLOC_ALLOC_REPORT_KNOWN_LEAKS_H_

namespace dbgalloc::report {

inline constexpr char kKnownLeaks[] =
    // Programs of the system.
    "leak:^/usr/bin/\n"
    "leak:^/usr/sbin/\n"
    "leak:^/bin/\n"
    "leak:^/sbin/\n"
    // And their parts that lie elsewhere.
    "leak:^/usr/lib/git-core/\n"
    "leak:^/usr/lib/gcc/\n"
    "leak:^/usr/libexec/\n"
    "leak:^/usr/lib/man-db/\n"
    "leak:/libbfd-\n"
    "leak:/libjvm.so$\n"
    "leak:/libjli.so$\n";

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_KNOWN_LEAKS_H_
