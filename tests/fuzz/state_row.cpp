// State rows as the database holds them, once their seal is open: a byte that names the table, then the JSON body,
// whole or with what is not empty in it. And what can be read of a sealed body without any key. And rows of open
// readings, behind their key of eight bytes; and the figures of the periodic report.
#include "policy/state.h"
#include "service/figures_shown.h"
#include "service/reading_rows.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::policy;

Row blank_row(std::size_t kind) {
  return boost::mp11::mp_with_index<boost::mp11::mp_size<RowVariant>::value>(
      kind, [](auto number) { return Row(boost::mp11::mp_at_c<RowVariant, decltype(number)::value>()); });
}

void check_state(const Row& row, const Row& again) {
  State state;
  state.put(row);
  State once = state;
  state.put(again);
  claim(same_state(once, state), "a row put twice is there once");
  if (const auto due = state.next_due()) claim(!state.due(*due, 10).empty(), "what is due is found");
  state.erase(row_id(row));
  claim(same_state(state, State()), "an erased row leaves nothing");
}

void check_row(std::uint16_t table, const json::value& body) {
  const Result<Row> row = parse_row(table, body);
  if (!row) return;
  const RowId id = row_id(*row);
  claim(id.table == table, "a row is of the table it was read for");
  const json::value written = row_body(*row);
  const Result<json::value> text = parse_json(flikvakt::to_text(written));
  const Result<Row> again = text ? parse_row(table, *text) : Result<Row>(text.error());
  claim(again && row_id(*again) == id && row_body(*again) == written,
        "a row that was read can be written and read again");
  claim(owner_of(*again) == owner_of(*row), "and is the same person's");
  check_state(*row, *again);
}

void check_open_readings(BytesView key, BytesView plaintext) {
  const auto open = service::decode_open_readings(key, plaintext);
  if (!open) return;
  claim(!open->empty(), "a row without open readings goes");
  claim(std::ranges::equal(service::encode_open_readings(*open), plaintext), "one spelling for each row");
}

// SPEC FIG-14
void check_figures(BytesView plaintext) {
  const auto figures = service::decode_figures(plaintext);
  if (!figures) return;
  claim(std::ranges::equal(service::encode(*figures), plaintext), "one spelling for the same figures");
  if (figures->months.empty()) return;
  const service::Month first = figures->months.front().month;
  for (const service::ShownFigure& one : service::shown(figures->months, first, first + std::chrono::months(2), 5)) {
    claim(one.as == service::ShownAs::shown || (!one.events && !one.people), "what is withheld has no number");
  }
}

}  // namespace

void state_row(BytesView in) {
  if (in.size() >= 8) check_open_readings(in.first(8), in.subspan(8));
  check_figures(in);
  if (const auto owner = service::sealed_owner(in)) claim(in.size() >= 17 && in[0] == 1, "only version 1 is read");
  const Row blank = blank_row(choose(in, boost::mp11::mp_size<RowVariant>::value));
  const Result<json::value> body = parse_json(as_text(in));
  if (!body) return;
  const std::uint16_t table = row_id(blank).table;
  check_row(table, *body);
  json::value filled = row_body(blank);
  overlay(filled, *body);
  check_row(table, filled);
}

}  // namespace flikvakt::fuzz
