#include "policy/personnummer.h"

#include <algorithm>

#include "base/characters.h"

namespace flikvakt::policy {
namespace {

using namespace std::chrono;

int number(std::string_view digits) {
  int out = 0;
  for (char c : digits) out = out * 10 + (c - '0');
  return out;
}

bool has_check_digit(std::string_view ten_digits) {
  int sum = 0;
  for (std::size_t i = 0; i < ten_digits.size(); ++i) {
    const int product = (ten_digits[i] - '0') * (i % 2 == 0 ? 2 : 1);
    sum += product / 10 + product % 10;
  }
  return sum % 10 == 0;
}

Date birth_date(int year_number, std::string_view month_and_day) {
  const int day_number = number(month_and_day.substr(2, 2));
  const int day_of_month = day_number > 60 ? day_number - 60 : day_number;
  return Date{year{year_number}, month{static_cast<unsigned>(number(month_and_day.substr(0, 2)))},
              day{static_cast<unsigned>(day_of_month)}};
}

// The youngest age that fits: born today at the latest, or a hundred years before that after a plus.
int full_year(std::string_view six_digits, Date today, bool after_plus) {
  const int this_year = static_cast<int>(today.year());
  int out = this_year - this_year % 100 + number(six_digits.substr(0, 2));
  if (out > this_year || (out == this_year && birth_date(out, six_digits.substr(2)) > today)) out -= 100;
  return after_plus ? out - 100 : out;
}

}  // namespace

Result<std::string> parse_personnummer(std::string_view text, Date today) {
  const Error bad = fail(ErrorCode::malformed, "not a personnummer or samordningsnummer");
  const bool has_separator = text.size() >= 5 && (text[text.size() - 5] == '-' || text[text.size() - 5] == '+');
  const bool after_plus = has_separator && text[text.size() - 5] == '+';
  std::string digits(text);
  if (has_separator) digits.erase(digits.size() - 5, 1);
  if (!std::ranges::all_of(digits, is_digit)) return bad;
  if (digits.size() != 10 && digits.size() != 12) return bad;

  const std::string ten = digits.substr(digits.size() - 10);
  const int year_number = digits.size() == 12 ? number(digits.substr(0, 4)) : full_year(ten, today, after_plus);
  if (!birth_date(year_number, ten.substr(2)).ok() || number(ten.substr(6, 3)) == 0 || !has_check_digit(ten))
    return bad;
  std::string century = std::to_string(year_number / 100);
  if (century.size() != 2) return bad;
  return century + ten;
}

}  // namespace flikvakt::policy
