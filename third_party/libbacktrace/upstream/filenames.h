/* What this copy needs of GCC's filenames.h, which has another licence.  */

#ifndef DBGALLOC_LIBBACKTRACE_FILENAMES_H
#define DBGALLOC_LIBBACKTRACE_FILENAMES_H

#define IS_DIR_SEPARATOR(c) ((c) == '/')
#define IS_ABSOLUTE_PATH(path) (IS_DIR_SEPARATOR ((path)[0]))

#endif
