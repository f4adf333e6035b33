#include "gtest/gtest.h"
#include <vector>
