// Gives glog a copy of every report, as one LOG(ERROR) message that the
// program's LogSinks receive too. Stands above the malloc line; linking the
// target is enough, it registers itself during static initialisation.
//
// A report may come up anywhere: in a static constructor, with glog's own locks
// held, in a forked child, in the last destructor. So glog gets its copy only
//   - when the raw text is written already;
//   - when the program has called google::InitGoogleLogging(), which programs
//   do
//     in main; where the malloc replacement knows when main begins (see
//     glog_bridge.h), that counts too;
//   - until the end begins. It is noticed by the first of: the replacement's
//     exit handler; the end of the main thread's thread-locals, which exit()
//     destroys before anything else; the destructor of a static object;
//   - in the process that was loaded, never in a forked child;
//   - from a thread of its own, awaited for at most one second. When that is
//     not enough, glog is left alone for the rest of the process, whose end
//     waits 300 ms at most for the late thread to come out of glog.
// Never LOG(FATAL), and glog is never initialised from here.
#ifndef DBGALLOC_ALLOC_REPORT_GLOG_SINK_H_
#define DBGALLOC_ALLOC_REPORT_GLOG_SINK_H_

namespace dbgalloc::report {

// Done by itself; for a program that links the sink from an archive without
// alwayslink, and wants to be sure.
void RegisterGlogSink();

}  // namespace dbgalloc::report

#endif  // DBGALLOC_ALLOC_REPORT_GLOG_SINK_H_
