// A library that calls back through a frame of a given size. Built twice, with
// two sizes: where one was, the other may be loaded later. The first function
// has its call at the same place in both, the second has not.

#define DBGALLOC_TEXT(value) #value
#define DBGALLOC_NOPS(count) \
  asm volatile(".fill " DBGALLOC_TEXT(count) ", 1, 0x90")

extern "C" int DbgallocTestCallBack(void (*callback)(void*), void* context) {
  volatile char room[DBGALLOC_TEST_FRAME_SIZE];
  room[0] = 1;
  callback(context);
  return room[0];
}

extern "C" int DbgallocTestCallBackElsewhere(void (*callback)(void*),
                                             void* context) {
  volatile char room[DBGALLOC_TEST_FRAME_SIZE];
  room[0] = 1;
  DBGALLOC_NOPS(DBGALLOC_TEST_NOPS);
  callback(context);
  return room[0];
}
