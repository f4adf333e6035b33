// A program whose dbgalloc is broken: it is linked (-Wl,--wrap) so that this
// function, which notices nothing, takes the place of the one that reports bad
// pointers. main must not run.
#include <stdio.h>

extern "C" void NoticeNothing() asm(
    "__wrap__ZN8dbgalloc5debug9DebugHeap4Body16ReportBadPointerE"
    "mRKNS0_9FreeClaimERNS0_4CallE");

void NoticeNothing() {}

int main() {
  puts("the program ran");
  return 0;
}
