// Templates: those of the product compile in every language and hold nothing that the policy of pages forbids; whatever
// is put into a page stands there as text.
#include "web/renderer.h"

#include <gtest/gtest.h>

#include <regex>

#include "web/markup.h"

namespace flikvakt::web {
namespace {

std::string rendered(std::string_view source, const Data& data, std::string_view words = "a = A\n") {
  const File files[] = {{"words/sv.txt", words}, {"templates/page.html", source}};
  const Words catalogue(files);
  return Renderer(catalogue, files).render("page", {}, data);
}

constexpr std::string_view kHostile[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</textarea><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "{{#secret}}{{token}}{{/secret}}",
    "[[sign_in.title]]",
    "&lt;b&gt;",
    "a\r\nSet-Cookie: x=1",
    "'; DROP TABLE person; --",
    "\u202Egnp.exe\u202C",
    "\u2066\u2067x",
    "\x01\x02\x1b[2J",
    "\xff\xfe\xc0\xaf",
    "👩‍👩‍👧‍👦🏴‍☠️",
};

// SPEC PORTAL-21
TEST(Renderer, EveryTemplateOfTheProductCompilesInEveryLanguage) {
  const Words words;
  const Renderer renderer(words);
  EXPECT_GT(renderer.pages().size(), 5u);
  for (const std::string& page : renderer.pages()) {
    for (const Language language : words.languages()) EXPECT_NO_THROW(renderer.render(page, language, Data())) << page;
  }
}

// A page without words for its title is a fault when it is asked for; these are given theirs by what they show.
TEST(Renderer, EveryPageHasATitle) {
  const std::set<std::string_view> given{"admin_organisation",
                                         "admin_proposal",
                                         "admin_template",
                                         "document",
                                         "done",
                                         "fullmakt",
                                         "paper",
                                         "problem",
                                         "provider",
                                         "question",
                                         "request",
                                         "sign",
                                         "sign_part",
                                         "signed",
                                         "staff_sign",
                                         "take",
                                         "taken"};
  const Words words;
  for (const File& file : embedded_files()) {
    if (!file.name.ends_with(".html") || !file.text.starts_with("[[>top]]")) continue;
    const std::string page(file.name.substr(10, file.name.size() - 15));
    EXPECT_TRUE(given.contains(page) || words.has(page + ".title")) << page;
  }
}

// SPEC PORTAL-22: the escaping knows no event attribute in a value's place, no style, and only some attributes as
// addresses.
TEST(Renderer, NoTemplateHoldsCodeStyleOrAValueWhereItWouldNotBeEscaped) {
  const std::regex forbidden[] = {std::regex(R"(\son[a-z]+\s*=)"),
                                  std::regex(R"(\sstyle\s*=)"),
                                  std::regex(R"(<style)"),
                                  std::regex(R"(<script(?! src="\{\{script_path\}\}" defer></script>))"),
                                  std::regex(R"(formaction\s*=)"),
                                  std::regex(R"(\s[a-z-]+=\{\{)"),
                                  std::regex(R"(\{\{[^}]*:(?!pre_escape\}\}))"),
                                  std::regex(R"((src|href|action)="https?:)"),
                                  std::regex(R"(<(base|object|embed)\b)")};
  for (const File& file : embedded_files()) {
    if (!file.name.ends_with(".html")) continue;
    const std::string text(file.text);
    for (const std::regex& one : forbidden) {
      std::smatch match;
      EXPECT_FALSE(std::regex_search(text, match, one)) << file.name << ": " << match.str();
    }
  }
}

// SPEC PORTAL-21
TEST(Renderer, HostileTextStaysTextWhereverItStands) {
  for (const std::string_view hostile : kHostile) {
    Data data;
    data.set("x", hostile);
    const std::string page = rendered(
        "<title>{{x}}</title><p title=\"{{x}}\">{{x}}</p><a href=\"{{x}}\">y</a><textarea>{{x}}</textarea>", data);
    for (const std::string_view code : {"<script", "<img", "<svg", "href=\"javascript", "' onmouse", "\r"}) {
      EXPECT_EQ(page.find(code), std::string::npos) << hostile << " became " << page;
    }
    EXPECT_EQ(std::count(page.begin(), page.end(), '<'), 8) << page;
    EXPECT_EQ(std::count(page.begin(), page.end(), '"'), 4) << page;
  }
}

TEST(Renderer, WhatTurnsTextAroundOrMovesACursorBecomesASpace) {
  EXPECT_EQ(plain_text("a\u202Eb\x1b[2Jc\td\ne"), "a b [2Jc d\ne");
  EXPECT_EQ(plain_text("a\xff b"), "a\uFFFD b");
  EXPECT_EQ(plain_text("👩‍👧 åäö"), "👩‍👧 åäö");
}

TEST(Renderer, WordsStandInTheTemplateEscapedWithPlacesForValues) {
  Data data;
  data.set("name", "<b>");
  EXPECT_EQ(rendered("<p>[[a]]</p>", data, "a = Hej \"{name}\" & **du** [här](/x?a=1)\n"),
            "<p>Hej &quot;&lt;b&gt;&quot; &amp; <strong>du</strong> <a href=\"/x?a=1\">här</a></p>");
}

TEST(Renderer, EndsOfLinesStayWhereATemplateSaysSo) {
  Data data;
  data.set("x", "<a>\nb");
  EXPECT_EQ(rendered("<p>{{x}}</p><p>{{x:pre_escape}}</p>", data), "<p>&lt;a&gt; b</p><p>&lt;a&gt;\nb</p>");
}

TEST(Renderer, ASectionIsShownOncePerDataInItAndNotWithoutAny) {
  Data data;
  data.add("line").set("x", "1");
  data.add("line").set("x", "2");
  EXPECT_EQ(rendered("{{#line}}<i>{{x}}</i>{{/line}}{{#none}}no{{/none}}", data), "<i>1</i><i>2</i>");
}

TEST(Renderer, WhatCannotBeMadeIsAFault) {
  const auto make = [](std::string_view source) { return rendered(source, Data()); };
  EXPECT_THROW(make("[[no.such]]"), std::logic_error);
  EXPECT_THROW(make("[[>none]]"), std::logic_error);
  EXPECT_THROW(make("[[>page]]"), std::logic_error) << "within itself";
  EXPECT_THROW(make("[[a"), std::logic_error);
  EXPECT_THROW(make("{{#open}}"), std::logic_error);
}

TEST(Renderer, TellsOfDataThatThePageHasNoPlaceFor) {
  const File files[] = {{"words/sv.txt", "a = A\n"}, {"templates/page.html", "{{#line}}{{x}}{{/line}}"}};
  const Words words(files);
  Renderer renderer(words, files);
  std::vector<std::string> told;
  renderer.on_misfit([&](const std::string& what) { told.push_back(what); });
  Data data;
  data.add("line").set("y", "1");
  data.add("lines");
  renderer.render("page", {}, data);
  EXPECT_EQ(told, (std::vector<std::string>{"page: y", "page: #lines"}));
}

}  // namespace
}  // namespace flikvakt::web
