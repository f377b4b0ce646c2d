// Who has a file open for writing, as the kernel knows it: fcntl(2)'s leases. Where a read lease is given, nobody has
// the file open for writing, by whatever name, in whatever container, and nobody has it mapped so that memory is
// written through to it; but overlayfs gives the lease although a mapping is left whose descriptor was closed. Asked of
// a file that one owns, or with CAP_LEASE; network file systems have none.
#pragma once

#include "ground/sys/files.h"

namespace sys {

enum class Writers { None, Some, Unknown };
/// Asks once, of a regular file that is open for reading alone. Unknown: the kernel does not answer us.
Writers find_writers(const Descriptor& file);
/// False where a mapping keeps no lease from being given: on overlayfs. Of any file or folder there.
bool are_mappings_told(const Descriptor& place);

}  // namespace sys
