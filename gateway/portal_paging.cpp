#include "gateway/portal_paging.h"

#include <algorithm>

#include "gateway/form.h"
#include "gateway/portal_path.h"

namespace flikvakt::gateway {
namespace {

// The address of another piece of the same list.
std::string address(const Request& request, std::string_view path, std::string_view name, std::size_t number) {
  std::string out(path);
  if (path.empty()) {
    for (const std::string& segment : request.target.segments) out += "/" + segment;
  }
  char before = '?';
  for (const auto& [known, standing] : request.target.query) {
    if (known == name || standing.empty()) continue;
    out += before + percent_encoded(known) + "=" + percent_encoded(standing);
    before = '&';
  }
  return out + before + std::string(name) + "=" + std::to_string(number);
}

std::size_t asked_for(const Request& request, std::string_view name, std::size_t pieces, std::size_t otherwise) {
  const Result<Form> form = Form::parse("n=" + percent_encoded(request.query(name)));
  const std::uint64_t asked = form ? form->number("n").value_or(otherwise) : otherwise;
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(asked, 1, pieces));
}

}  // namespace

Piece piece_of(const Request& request, std::size_t total, std::size_t most, std::string_view name,
               std::size_t otherwise) {
  Piece out;
  out.pieces = std::max<std::size_t>(1, (total + most - 1) / most);
  out.number = asked_for(request, name, out.pieces, otherwise);
  out.from = (out.number - 1) * most;
  out.to = std::min(total, out.from + most);
  return out;
}

Piece piece_by_weight(const Request& request, const std::vector<std::size_t>& weights, std::size_t most,
                      std::string_view name, std::size_t place) {
  std::vector<std::size_t> begins{0};
  std::size_t weight = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weight > 0 && weight + weights[i] > most) {
      begins.push_back(i);
      weight = 0;
    }
    weight += weights[i];
  }
  Piece out;
  out.pieces = begins.size();
  const auto behind = std::ranges::upper_bound(begins, place);
  out.number = asked_for(request, name, out.pieces, static_cast<std::size_t>(behind - begins.begin()));
  out.from = begins[out.number - 1];
  out.to = out.number < out.pieces ? begins[out.number] : weights.size();
  return out;
}

void put_pages(const PortalNames& names, const Request& request, const Piece& piece, web::Data& data,
               std::string_view name, std::string_view path) {
  if (piece.pieces == 1) return;
  web::Data& pages = data.add("pages");
  pages.set("which",
            names.text("pages.which", {{"n", std::to_string(piece.number)}, {"all", std::to_string(piece.pieces)}}));
  pages.set("pages_label", names.text("pages.label_" + std::string(name)));
  if (piece.number > 1) pages.add("before").set("href", address(request, path, name, piece.number - 1));
  if (piece.number < piece.pieces) pages.add("after").set("href", address(request, path, name, piece.number + 1));
}

std::string shortened(const std::string& text, std::size_t most_characters) {
  constexpr std::size_t kMostBytes = 4;  // of a character
  const std::string_view begin = std::string_view(text).substr(0, kMostBytes * (most_characters + 2));
  const std::vector<std::string> lines = wrapped(begin, most_characters);
  return lines.size() > 1 ? lines.front() + " …" : text;
}

}  // namespace flikvakt::gateway
