# Build time is a budget: headers that nearly every file of a target includes are compiled once for it. A file still includes
# what it uses; the preset `lint`, which compiles nothing, and with it clang-tidy, see the tree without precompiled headers.
option(FLIKVAKT_PRECOMPILE "Compile the headers that most files of a target include once" ON)
function(flikvakt_precompile target)
  if(FLIKVAKT_PRECOMPILE AND ARGN)
    list(TRANSFORM ARGN REPLACE "^([^<].*)$" "${PROJECT_SOURCE_DIR}/\\1")
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# flikvakt_module(<name> DEPENDS <modules or libraries>... PRECOMPILE <headers>...): a static library of every .cpp in this
# folder but main.cpp.
function(flikvakt_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRECOMPILE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(flikvakt_${name} STATIC ${sources})
    target_include_directories(flikvakt_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(flikvakt_${name} PUBLIC ${ARG_DEPENDS})
    flikvakt_precompile(flikvakt_${name} ${ARG_PRECOMPILE})
  else()
    add_library(flikvakt_${name} INTERFACE)
    target_include_directories(flikvakt_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(flikvakt_${name} INTERFACE ${ARG_DEPENDS})
  endif()
endfunction()

# flikvakt_test(<folder> DEPENDS <modules>... PRECOMPILE <headers>...): one test program of every .cpp in tests/<folder>; each
# test is known to ctest.
function(flikvakt_test folder)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRECOMPILE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${folder} ${sources})
  target_include_directories(test_${folder} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(test_${folder} PRIVATE ${ARG_DEPENDS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(test_${folder} PRIVATE
    FLIKVAKT_SOURCE_DIR="${PROJECT_SOURCE_DIR}" FLIKVAKT_SHARED_DATA="${PROJECT_SOURCE_DIR}/../shared/data")
  # The test macros of GoogleTest convert int to bool and long to int; ours stay under -Wconversion.
  target_compile_options(test_${folder} PRIVATE -Wno-conversion)
  # Build time is a budget: tests are many and run briefly.
  target_compile_options(test_${folder} PRIVATE $<$<CONFIG:Release>:-Og>)
  flikvakt_precompile(test_${folder} ${ARG_PRECOMPILE})
  add_test(NAME ${folder} COMMAND test_${folder} --gtest_brief=1)
  set_tests_properties(${folder} PROPERTIES LABELS ${folder} TIMEOUT 900)
endfunction()
