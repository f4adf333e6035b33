#include <gflags/gflags.h>
