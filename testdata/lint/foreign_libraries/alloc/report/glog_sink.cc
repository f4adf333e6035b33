#include <glog/logging.h>
