// Long lists in pieces, so that a page stays short however much there is (SPEC PORTAL-80). Pure, but for the names.
#pragma once

#include <span>

#include "gateway/portal_names.h"

namespace flikvakt::gateway {

// Which part of a list a page shows.
struct Piece {
  std::size_t from = 0;
  std::size_t to = 0;      // behind the last one
  std::size_t number = 1;  // of the piece
  std::size_t pieces = 1;

  bool holds(std::size_t place) const { return from <= place && place < to; }
};

// What the query asks for under `name`: a number from 1. What is none is `otherwise`, what is beyond the last the last.
Piece piece_of(const Request& request, std::size_t total, std::size_t most, std::string_view name = "page",
               std::size_t otherwise = 1);

// The same of what is of unlike length: a piece weighs no more than `most`, unless one alone does. What is no number is
// the piece that holds `place`.
Piece piece_by_weight(const Request& request, const std::vector<std::size_t>& weights, std::size_t most,
                      std::string_view name = "page", std::size_t place = 0);

template <class T>
std::span<const T> in_piece(const std::vector<T>& all, const Piece& piece) {
  return std::span(all).subspan(piece.from, piece.to - piece.from);
}

// The section "pages": which of how many it is, and the ways to the others. Nothing when there is but one. `path`: of
// the page, when the request was for another one; what else the query asks for stays.
void put_pages(const PortalNames& names, const Request& request, const Piece& piece, web::Data& data,
               std::string_view name = "page", std::string_view path = "");

// The beginning of a long text, cut between words, with "…"; the whole of a short one.
std::string shortened(const std::string& text, std::size_t most_characters);

}  // namespace flikvakt::gateway
