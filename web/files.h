// The files of templates/, style/, script/ and words/ as the build embedded them (cmake/embed_files.cmake).
#pragma once

#include <span>
#include <string_view>

namespace flikvakt::web {

struct File {
  std::string_view name;  // "templates/sign_in.html"
  std::string_view text;
};

std::span<const File> embedded_files();  // ascending by name

}  // namespace flikvakt::web
