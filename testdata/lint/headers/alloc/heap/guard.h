#ifndef SOME_GUARD_H
#define SOME_GUARD_H
#endif
