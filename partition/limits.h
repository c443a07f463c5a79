// What one partition may cost. One place, so that the child, the gateway that feeds it and spec/partition.md agree.
#pragma once

#include <cstddef>
#include <cstdint>

namespace flikvakt::partition {

inline constexpr std::size_t kMostInputBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMostOutputBytes = std::size_t{128} << 20;
inline constexpr std::size_t kMostReportBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMostOrderBytes = std::size_t{256} << 10;

inline constexpr std::uint64_t kChildMemoryBytes = std::uint64_t{512} << 20;  // address space
inline constexpr unsigned kChildCpuSeconds = 30;
inline constexpr unsigned kChildWallSeconds = 120;

// How the child ends (exit statuses; 0: it has answered).
inline constexpr int kEndedWithoutOrder = 2;  // it does not understand what it was given: another version
inline constexpr int kEndedUnconfined = 3;    // it could not shut itself in, and has read nothing
inline constexpr int kEndedWithoutMemory = 4;
inline constexpr int kNotLoaded = 127;  // the system's word: a library of it is missing

inline constexpr int kMostPages = 2000;
inline constexpr int kMostParts = 64;
inline constexpr int kMostTakes = 256;
inline constexpr int kMostFindings = 4096;
inline constexpr int kMostContents = 4096;
inline constexpr std::size_t kMostWordBytes = 200;   // of a title, a code, an id of the file
inline constexpr std::size_t kMostPlaceBytes = 300;  // where something was found
inline constexpr int kMostJsonDepth = 64;
inline constexpr int kMostXmlDepth = 128;
inline constexpr std::size_t kMostXmlNodes = 2'000'000;
inline constexpr int kMostEntries = 4096;                                  // of a bundle, of a zip file
inline constexpr std::size_t kMostUnzippedBytes = std::size_t{128} << 20;  // all entries of a zip file together
inline constexpr std::size_t kMostUnzippedRatio = 200;                     // of one entry over 1 MiB
inline constexpr std::uint64_t kMostPixels = 40'000'000;                   // of one image
inline constexpr int kMostEmbeddingDepth = 2;                              // files inside files
inline constexpr int kMostPreviewDpi = 100;

}  // namespace flikvakt::partition
