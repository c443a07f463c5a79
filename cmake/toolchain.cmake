set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

set(FLIKVAKT_SANITIZE "" CACHE STRING "asan (address and undefined), tsan (thread), fuzz (clang's asan, for fuzzers), or empty")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # What ccache must be told to keep objects that were compiled with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wcast-align
                    -Wunused -Woverloaded-virtual -Wimplicit-fallthrough -Werror=return-type -Werror=unused-result
                    -Werror=switch -fno-omit-frame-pointer)
# g++ 12 reports false positives of these two inside Boost and the standard library at -O2.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
add_compile_options(-Wno-maybe-uninitialized -Wno-restrict)
if(FLIKVAKT_SANITIZE STREQUAL "asan")
  # Null pointers and wrong objects are what the address sanitizer finds itself; misaligned ones x86 reads. Without these checks,
  # and at -Og, it compiles in half the time.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=null,alignment,object-size,vptr,nonnull-attribute,returns-nonnull-attribute
                      -fno-sanitize-recover=all -Og -g1)
  add_link_options(-fsanitize=address,undefined)
elseif(FLIKVAKT_SANITIZE STREQUAL "tsan")
  add_compile_options(-fsanitize=thread -Og -g1 -Wno-tsan)
  add_link_options(-fsanitize=thread)
elseif(FLIKVAKT_SANITIZE STREQUAL "fuzz")
  # clang 14 has C++20 coroutines but does not say so, and cannot compile them with the check of function types; it is told of
  # options that only g++ has.
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function -fno-sanitize-recover=all -O1 -g1
                      -D__cpp_impl_coroutine=201902L -Wno-builtin-macro-redefined -Wno-unknown-warning-option
                      "SHELL:-include ${CMAKE_SOURCE_DIR}/tests/fuzz/libfuzzer/vector_for_clang.h")
  add_link_options(-fsanitize=address,undefined)
else()
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    add_compile_definitions(_FORTIFY_SOURCE=2)
  endif()
  add_link_options(-Wl,-z,relro,-z,now)
endif()
# Standard-library precondition checks stay on in every build: a wrong index must stop, not read on.
add_compile_definitions(_GLIBCXX_ASSERTIONS)
