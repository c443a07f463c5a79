// Zip files in memory, by libzip, within limits. What is between and behind the entries is not read, and not written.
#pragma once

#include <map>
#include <string>

#include "dissect/job.h"

namespace flikvakt::dissect {

// Names are relative, with forward strokes and without `..`; folders are left away.
using ZipEntries = std::map<std::string, Bytes>;

// Throws Refused: damaged, encrypted, too_large (a bomb), too_many, unsupported (an odd name).
ZipEntries read_zip(BytesView file);

// `first`, when it is there, is stored uncompressed at the front, as ODF wants it. The same bytes for the same entries.
Bytes write_zip(const ZipEntries& entries, const std::string& first = {});

}  // namespace flikvakt::dissect
