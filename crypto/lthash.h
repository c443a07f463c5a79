// LtHash16/1024: a hash of a multiset of byte strings that can be updated in place (Bellare and Micciancio 1997; Lewi,
// Kim, Maykov and Weis, "Securing Update Propagation with Homomorphic Hashing", IACR 2019/227). spec/state-digest.md.
//
// An element is expanded with SHAKE128 to 1024 lanes of 16 bits; the state is the lane-wise sum modulo 2^16 of all
// elements. The order of add and remove does not matter. Finding two different sets of elements with one state is
// believed to take about 2^200 work. NOT covered: lanes wrap, so an element added 65536 times vanishes: callers add
// each element once. It is a hash, not a MAC, and it does not hide the elements.
//
// Thread-safety: like a value. Speed: an expansion costs about 13 Keccak permutations; addition is a vector loop.
#pragma once

#include "base/bytes.h"
#include "crypto/hash.h"

namespace flikvakt::crypto {

class LtHash {
public:
  static constexpr std::size_t kLanes = 1024;
  static constexpr std::size_t kBytes = 2 * kLanes;
  using Lanes = std::array<std::uint16_t, kLanes>;

  // The costly half, separate so that callers can do it elsewhere or keep it.
  static Lanes expand(BytesView element);

  void add(const Lanes& lanes);
  void remove(const Lanes& lanes);
  void add(BytesView element) { add(expand(element)); }
  void remove(BytesView element) { remove(expand(element)); }
  void combine(const LtHash& other) { add(other.lanes_); }  // the state of both multisets together

  ByteArray<kBytes> serialise() const;  // lanes in order, each little-endian
  static LtHash deserialise(const ByteArray<kBytes>& bytes);
  Hash256 digest() const;  // SHA-256 of serialise()

  friend bool operator==(const LtHash&, const LtHash&) = default;

private:
  Lanes lanes_{};  // the empty multiset
};

}  // namespace flikvakt::crypto
