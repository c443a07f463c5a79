# Build time is a budget: headers that nearly every file of a target includes are compiled once for it. A file still includes
# what it uses; the preset `lint`, which compiles nothing, and with it clang-tidy, see the tree without precompiled headers.
option(FLIKVAKT_PRECOMPILE "Compile the headers that most files of a target include once" ON)
function(flikvakt_precompile target)
  if(FLIKVAKT_PRECOMPILE AND ARGN)
    list(TRANSFORM ARGN REPLACE "^([^<].*)$" "${PROJECT_SOURCE_DIR}/\\1")
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# And what files share, above all what templates become, is compiled once for several files: a cold build takes a third of the time.
# A file still stands for itself: the preset `lint` compiles each alone.
option(FLIKVAKT_UNITY "Compile several files of a target together" ON)
set(FLIKVAKT_UNITY_FILES 6)
function(flikvakt_together target)
  if(NOT FLIKVAKT_UNITY)
    return()
  endif()
  set(together ${ARGN})
  list(FILTER together EXCLUDE REGEX "_impl\\.cpp$")  # a library from outside
  execute_process(COMMAND /usr/bin/python3 "${PROJECT_SOURCE_DIR}/tools/unity_groups.py" ${FLIKVAKT_UNITY_FILES} ${together}
                  OUTPUT_VARIABLE lines OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" lines "${lines}")
  foreach(line IN LISTS lines)
    string(REPLACE "\t" ";" line "${line}")
    list(GET line 0 group)
    list(GET line 1 file)
    set_source_files_properties("${file}" PROPERTIES UNITY_GROUP "${target}_${group}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # A local name may be that of another file's function; a class that another file keeps to itself is no part of an interface.
  target_compile_options(${target} PRIVATE -Wno-shadow -Wshadow=local -Wno-subobject-linkage)
endfunction()

# flikvakt_module(<name> DEPENDS <modules or libraries>... PRECOMPILE <headers>...): a static library of every .cpp in this
# folder but main.cpp.
function(flikvakt_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRECOMPILE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(flikvakt_${name} STATIC ${sources})
    target_include_directories(flikvakt_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(flikvakt_${name} PUBLIC ${ARG_DEPENDS})
    flikvakt_precompile(flikvakt_${name} ${ARG_PRECOMPILE})
    flikvakt_together(flikvakt_${name} ${sources})
  else()
    add_library(flikvakt_${name} INTERFACE)
    target_include_directories(flikvakt_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(flikvakt_${name} INTERFACE ${ARG_DEPENDS})
  endif()
endfunction()

# flikvakt_test(<folder> [APART] DEPENDS <modules>... PRECOMPILE <headers>...): one test program of every .cpp in tests/<folder>; each
# test is known to ctest. APART: each file alone, since they open namespaces that hide those of others.
function(flikvakt_test folder)
  cmake_parse_arguments(ARG "APART" "" "DEPENDS;PRECOMPILE" ${ARGN})
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
  if(NOT ARG_APART)
    flikvakt_together(test_${folder} ${sources})
  endif()
  add_test(NAME ${folder} COMMAND test_${folder} --gtest_brief=1)
  set_tests_properties(${folder} PROPERTIES LABELS ${folder} TIMEOUT 900)
endfunction()
