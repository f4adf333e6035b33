namespace dbgalloc::heap {

int Sum(int a,int b) { return a + b; }

}  // namespace dbgalloc::heap
