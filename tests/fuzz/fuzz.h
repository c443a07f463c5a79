// What the fuzz targets share. A target is a function of bytes: it hands them to a parser and returns when every claim
// held. libFuzzer calls it through libfuzzer/entry.cpp (`./dev fuzz`); replay_test.cpp gives it the files of seeds/ and
// regressions/ in every ordinary build. No key is in a file: they are made of fixed bytes here, so that an input always
// does the same, but for the certificates of x509 and api.
#pragma once

#include <boost/json/value.hpp>
#include <stdexcept>
#include <string>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace flikvakt::fuzz {

// An exception that nobody catches ends libFuzzer with the input kept; in a test it is a failure that says which claim.
inline void claim(bool holds, const char* words) {
  if (!holds) throw std::logic_error(std::string("a claim does not hold: ") + words);
}

template <class SecretType>
SecretType fixed_secret(std::uint8_t fill) {
  return SecretType::copy_from(Bytes(SecretType::kBytes, fill));
}

// Takes a choice of 0 … count-1 off the front; an empty input chooses 0.
inline std::size_t choose(BytesView& in, std::size_t count) {
  if (in.empty()) return 0;
  const std::size_t chosen = in.front() % count;
  in = in.subspan(1);
  return chosen;
}

// Everything before the first newline, or all of it; the newline is dropped.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

// The members that `over` has too take its values; objects are gone into.
inline void overlay(boost::json::value& value, const boost::json::value& over) {
  const boost::json::object* from = over.if_object();
  boost::json::object* object = value.if_object();
  if (!from || !object) {
    value = over;
    return;
  }
  for (const auto& [name, replacement] : *from) overlay((*object)[name], replacement);
}

}  // namespace flikvakt::fuzz
