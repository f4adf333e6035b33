// The file that has the names of a module: found by build id, so that it is the
// very one that ran, wherever the report comes from.
#ifndef DBGALLOC_TOOLS_SYMBOLIZE_MODULE_FILE_H_
#define DBGALLOC_TOOLS_SYMBOLIZE_MODULE_FILE_H_

#include <string>
#include <vector>

namespace dbgalloc::symbolize {

// The build id of an ELF file, hexadecimal; "": none, or no such file.
std::string BuildIdOf(const std::string& path);

// Looks, in this order, for FOLDER/.build-id/0f/1e2d3c.debug, FOLDER/module and
// FOLDER/name of the module in each folder, then for the module as it was
// named. "": nothing with this build id is there. A module without a build id
// is taken by its name.
std::string FindModuleFile(const std::string& module,
                           const std::string& build_id,
                           const std::vector<std::string>& folders);

}  // namespace dbgalloc::symbolize

#endif  // DBGALLOC_TOOLS_SYMBOLIZE_MODULE_FILE_H_
