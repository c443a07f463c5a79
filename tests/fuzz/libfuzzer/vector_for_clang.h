// For clang alone, before every file of the fuzzers' build. QPDF's headers have a vector of a class that is not
// complete yet, in classes whose virtual destructor is `= default`; in C++20 clang asks there whether vector's
// destructor, constexpr since libstdc++ 12, is one, and stops at the incomplete class. So vector has no constexpr here;
// all else of the library has.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR
#define __fill_a1 __fill_of_bits  // was declared constexpr by <algorithm>
#include <vector>
#undef __fill_a1
#undef _GLIBCXX20_CONSTEXPR
#define _GLIBCXX20_CONSTEXPR constexpr
