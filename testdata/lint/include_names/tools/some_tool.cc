#include "runtime_flags/options.h"
