#include "dissect/xml.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <sstream>

#include "base/characters.h"

namespace flikvakt::dissect {
namespace {

// Everything in a document, parents before children, without recursion.
template <class Visit>
void walk(pugi::xml_node root, Visit visit) {
  int depth = 0;
  for (pugi::xml_node node = root.first_child(); node;) {
    visit(node, depth);
    if (node.first_child()) {
      node = node.first_child();
      ++depth;
      continue;
    }
    while (node && node != root && !node.next_sibling()) {
      node = node.parent();
      --depth;
    }
    if (!node || node == root) return;
    node = node.next_sibling();
  }
}

}  // namespace

XmlRemarks parse_xml(BytesView text, pugi::xml_document& out) {
  // An encoding that is not UTF-8 would be read by others as what it says it is.
  constexpr unsigned kFlags = (pugi::parse_default | pugi::parse_ws_pcdata | pugi::parse_comments | pugi::parse_pi |
                               pugi::parse_doctype | pugi::parse_declaration);
  const pugi::xml_parse_result parsed = out.load_buffer(text.data(), text.size(), kFlags, pugi::encoding_utf8);
  if (parsed.status == pugi::status_out_of_memory) throw std::bad_alloc();
  if (!parsed) throw Refused(RefusalReason::damaged);
  XmlRemarks remarks;
  std::size_t nodes = 0;
  std::vector<pugi::xml_node> dropped;
  walk(out, [&](pugi::xml_node node, int depth) {
    if (depth > partition::kMostXmlDepth) throw Refused(RefusalReason::too_deep);
    if (++nodes > partition::kMostXmlNodes) throw Refused(RefusalReason::too_many, "elements");
    switch (node.type()) {
      case pugi::node_doctype:
        throw Refused(RefusalReason::has_dtd);
      case pugi::node_declaration: {
        const std::string encoding = lowered(node.attribute("encoding").value());
        if (!encoding.empty() && encoding != "utf-8" && encoding != "us-ascii")
          throw Refused(RefusalReason::unsupported);
        dropped.push_back(node);
        return;
      }
      case pugi::node_comment:
      case pugi::node_pi:
        ++remarks.comments;
        dropped.push_back(node);
        return;
      default:
        return;
    }
  });
  for (pugi::xml_node node : dropped) node.parent().remove_child(node);
  const auto is_element = [](pugi::xml_node node) { return node.type() == pugi::node_element; };
  if (std::ranges::count_if(out.children(), is_element) != 1) throw Refused(RefusalReason::damaged);
  return remarks;
}

namespace {

class ByteSink : public pugi::xml_writer {
public:
  void write(const void* data, std::size_t size) override {
    const auto* from = static_cast<const std::uint8_t*>(data);
    out.insert(out.end(), from, from + size);
  }
  Bytes out;
};

}  // namespace

Bytes write_xml(const pugi::xml_document& document) {
  // All of it was taken out: what is left would be no XML, and whoever got it could not open it.
  if (!document.document_element()) throw Refused(RefusalReason::damaged);
  ByteSink sink;
  document.save(sink, "", pugi::format_raw, pugi::encoding_utf8);
  return std::move(sink.out);
}

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

std::string_view prefix_of(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == name.npos ? std::string_view() : name.substr(0, colon);
}

void check_declared_prefixes(pugi::xml_node element, std::span<const PrefixMeaning> meanings) {
  for (const pugi::xml_attribute attribute : element.attributes()) {
    const std::string_view name = attribute.name(), value = attribute.value();
    if (name == "xmlns") throw Refused(RefusalReason::unsupported);
    if (prefix_of(name) != "xmlns") continue;
    for (const PrefixMeaning& one : meanings) {
      if ((local_name(name) == one.prefix) != (value == one.meaning)) throw Refused(RefusalReason::unsupported);
    }
  }
}

pugi::xml_node unwrap(pugi::xml_node node) {
  pugi::xml_node parent = node.parent(), first;
  while (pugi::xml_node child = node.first_child()) {
    const pugi::xml_node moved = parent.insert_move_before(child, node);
    if (!first) first = moved;
  }
  const pugi::xml_node next = drop(node);
  return first ? first : next;
}

pugi::xml_node drop(pugi::xml_node node) {
  const pugi::xml_node next = node.next_sibling();
  node.parent().remove_child(node);
  return next;
}

std::string text_of(pugi::xml_node node) {
  std::string raw;
  walk(node, [&raw](pugi::xml_node part, int) {
    if (part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata)
      raw += part.value();
    else
      raw += ' ';
  });
  std::string out;
  for (const char c : raw) {
    const bool is_blank = std::strchr(" \t\r\n", c) && c != '\0';
    if (!is_blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

namespace {

constexpr std::string_view kPlainElements[] = {
    "div",    "p",   "br",    "h1",    "h2",    "h3",    "h4",  "h5",         "h6",   "ul",      "ol", "li", "dl",
    "dt",     "dd",  "table", "thead", "tbody", "tfoot", "tr",  "td",         "th",   "caption", "b",  "i",  "em",
    "strong", "pre", "hr",    "sub",   "sup",   "small", "big", "blockquote", "span", "code",    "tt"};
constexpr std::string_view kMuteElements[] = {"script", "style", "head", "title", "template", "object", "iframe"};

bool hides(std::string_view style) {
  std::string tight;
  for (const char c : style) {
    if (!std::strchr(" \t\r\n", c)) tight += to_lower(c);
  }
  for (const std::string_view word :
       {"display:none", "visibility:hidden", "visibility:collapse", "font-size:0", "opacity:0", "color:transparent",
        "color:white", "color:#fff", "left:-", "text-indent:-"}) {
    if (tight.find(word) != tight.npos) return true;
  }
  return false;
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

void copy_plain(pugi::xml_node from, pugi::xml_node to, std::int64_t& hidden) {
  for (pugi::xml_node child : from.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      to.append_child(pugi::node_pcdata).set_value(child.value());
      continue;
    }
    if (child.type() != pugi::node_element) continue;
    const std::string_view name = child.name();
    if (is_one_of(name, kMuteElements)) continue;
    if (hides(child.attribute("style").value()) || child.attribute("hidden")) {
      ++hidden;
      continue;
    }
    pugi::xml_node into = to;
    if (is_one_of(name, kPlainElements)) {
      into = to.append_child(child.name());
      for (const char* kept : {"colspan", "rowspan"}) {
        const int span = child.attribute(kept).as_int();
        if (span > 1 && span < 100) into.append_attribute(kept).set_value(span);
      }
    }
    copy_plain(child, into, hidden);  // as deep as parse_xml let it be
  }
}

}  // namespace

Narrative regenerate_xhtml(std::string_view div) {
  pugi::xml_document in, out;
  const XmlRemarks remarks = parse_xml(as_bytes(div), in);
  Narrative narrative;
  narrative.hidden = remarks.comments;
  pugi::xml_node root = out.append_child("div");
  root.append_attribute("xmlns").set_value("http://www.w3.org/1999/xhtml");
  copy_plain(in.document_element(), root, narrative.hidden);
  if (text_of(root).empty()) root.append_child("p").text().set("-");
  std::ostringstream text;
  root.print(text, "", pugi::format_raw);
  narrative.div = text.str();
  return narrative;
}

}  // namespace flikvakt::dissect
