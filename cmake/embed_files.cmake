# cmake -DFILES=a;b -DFROM=folder -DTO=file.cpp -P embed_files.cmake: writes the files as byte arrays, for web/files.h.
list(SORT FILES)
set(arrays "")
set(table "")
set(count 0)
foreach(name IN LISTS FILES)
  file(READ "${FROM}/${name}" hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR bytes "${digits} / 2")
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," text "${hex}")
  string(APPEND arrays "constexpr char kFile${count}[] = {${text}'\\0'};\n")
  string(APPEND table "    {\"${name}\", {kFile${count}, ${bytes}}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${TO}" "// Made by cmake/embed_files.cmake.
#include \"web/files.h\"

namespace flikvakt::web {
namespace {

${arrays}
constexpr File kFiles[] = {
${table}};

}  // namespace

std::span<const File> embedded_files() { return kFiles; }

}  // namespace flikvakt::web
")
