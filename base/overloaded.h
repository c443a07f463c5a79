// visit with one lambda per alternative, and a test whether a type is one of a variant's.
#pragma once

#include <type_traits>

namespace flikvakt {

template <class T, class Variant>
inline constexpr bool kIsAlternative = false;
template <class T, template <class...> class Variant, class... Types>
inline constexpr bool kIsAlternative<T, Variant<Types...>> = (std::is_same_v<T, Types> || ...);

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace flikvakt
