#include "tests/policy/case_lines.h"

#include <fstream>

namespace flikvakt::policy::test {
namespace {

using NoRuleReads =
    boost::mp11::mp_list<Administrator, Proposal, KeyRow, Receipt, BlindIndexRow, DeviceKey, Case, Deposit, Flik,
                         Reading, FullmaktTemplate, AccessRequest, EraseOrder, Notice, Representative, LogKey,
                         ProviderEntry, Connector, SourceRequest, PartitionRule>;

template <class Do>
void for_each_noun(Do what) {
  boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, RowVariant>>(
      [&]<class T>(std::type_identity<T> noun) {
        if constexpr (!boost::mp11::mp_contains<NoRuleReads, T>::value) what(noun);
      });
}

using Rows = std::map<RowId, json::value>;  // [table, body]

Rows rows_of(const State& state) {
  Rows out;
  for_each_noun([&]<class T>(std::type_identity<T>) {
    for (const auto& [key, row] : state.all<T>())
      out.emplace(row_id_of<T>(key), json::array{T::kTable, row_body(Row(row))});
  });
  return out;
}

json::array values_of(const Rows& rows) {
  json::array out;
  for (const auto& [id, row] : rows) out.push_back(row);
  return out;
}

void fill(json::value& body, const json::value& fresh) {
  if (!body.is_object() || !fresh.is_object()) return;
  for (const auto& [name, value] : fresh.get_object()) {
    json::value& mine = body.get_object().emplace(name, value).first->value();
    fill(mine, value);
  }
}

Result<Row> read_row(const json::value& row) {
  const std::uint16_t table = TRY(from_json<std::uint16_t>(row.at(0)));
  json::value body = row.at(1);
  for_each_noun([&]<class T>(std::type_identity<T>) {
    if (T::kTable == table) fill(body, to_json(T{}));
  });
  return parse_row(table, body);
}

Result<void> put_rows(State& state, const json::value& rows) {
  for (const json::value& row : rows.as_array()) state.put(TRY(read_row(row)));
  return {};
}

json::value to_line(const ReadRequest& request) {
  return {{"reader", to_json(request.reader)},
          {"document", request.document.text()},
          {"purpose", json::string(request.purpose)}};
}

Result<ReadRequest> read_request(const json::value& line) {
  return ReadRequest{TRY(from_json<StaffActor>(line.at("reader"))), TRY(from_json<DocumentId>(line.at("document"))),
                     TRY(from_json<std::string>(line.at("purpose")))};
}

template <class T>
json::value shape() {
  if constexpr (json_detail::Described<T>) {
    json::object out;
    boost::mp11::mp_for_each<typename json_detail::Codec<T>::Members>([&](auto member) {
      out.emplace(member.name, shape<std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>>());
    });
    return out;
  } else if constexpr (requires { typename T::value_type; }) {
    return shape<typename T::value_type>();
  } else {
    return nullptr;
  }
}

}  // namespace

json::value world_line(const State& world) { return {{"world", values_of(rows_of(world))}}; }

json::value answer(const Decision& decision) {
  json::object out{{"rule", static_cast<int>(decision.rule)}};
  if (decision.fullmakt) out.emplace("fullmakt", decision.fullmakt->text());
  // One that contradicts itself is no answer of ours, and differs from every other.
  if (decision.is_permitted() != (decision.rule == Rule::none)) out["rule"] = "contradiction";
  return out;
}

json::value case_line(const State& world, const CaseLine& one) {
  const Rows under = rows_of(world);
  Rows rows = rows_of(one.state);
  for (const auto& [id, row] : under) {
    const auto found = rows.find(id);
    if (found == rows.end()) throw std::logic_error("a case cannot say that a row of its world is gone");
    if (found->second == row) rows.erase(found);
  }
  json::object out{{"name", json::string(one.name)},
                   {"rows", values_of(rows)},
                   {"request", to_line(one.request)},
                   {"time", to_json(one.time)}};
  if (!one.expected.is_null()) out.emplace("expected", one.expected);
  out.emplace("product", answer(decide_read(one.state, one.request, one.time)));
  return out;
}

Result<CaseFile> read_cases(const std::string& path) {
  std::ifstream file(path);
  CaseFile out;
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    const json::value line = TRY(parse_json(text));
    if (number == 1) {
      TRY_VOID(put_rows(out.world, line.at("world")));
      continue;
    }
    CaseLine one{TRY(from_json<std::string>(line.at("name"))),
                 out.world,
                 TRY(read_request(line.at("request"))),
                 TRY(from_json<UtcTime>(line.at("time"))),
                 {}};
    if (const json::value* expected = line.as_object().if_contains("expected")) one.expected = *expected;
    TRY_VOID(put_rows(one.state, line.at("rows")));
    out.cases.push_back(std::move(one));
  }
  if (number == 0) return fail(ErrorCode::malformed, "no cases in `" + path + "`");
  return out;
}

json::value shapes() {
  json::object out;
  for_each_noun([&]<class T>(std::type_identity<T>) { out.emplace(std::to_string(T::kTable), shape<T>()); });
  return out;
}

}  // namespace flikvakt::policy::test
