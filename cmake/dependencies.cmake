# Everything from outside the tree. All of it is in Debian 12 (see ./dev setup).
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
pkg_check_modules(SQLCIPHER REQUIRED IMPORTED_TARGET sqlcipher)
pkg_check_modules(ARGON2 REQUIRED IMPORTED_TARGET libargon2)
find_package(CLI11 REQUIRED)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(CTEMPLATE REQUIRED IMPORTED_TARGET libctemplate)
find_library(HARU_LIBRARY hpdf REQUIRED)  # Debian's package has neither pkg-config nor CMake files
find_path(HARU_INCLUDE_DIR hpdf.h REQUIRED)
add_library(flikvakt_haru INTERFACE)
target_link_libraries(flikvakt_haru INTERFACE ${HARU_LIBRARY})
target_include_directories(flikvakt_haru SYSTEM INTERFACE ${HARU_INCLUDE_DIR})

# Asio and Beast are compiled once, in crypto/asio_impl.cpp and gateway/beast_impl.cpp, not in every file that includes them.
add_library(flikvakt_boost INTERFACE)
target_link_libraries(flikvakt_boost INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(flikvakt_boost INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
