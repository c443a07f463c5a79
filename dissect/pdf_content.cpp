#include "dissect/pdf_content.h"

#include <algorithm>
#include <array>
#include <qpdf/Buffer.hh>
#include <qpdf/Pl_Buffer.hh>
#include <qpdf/QPDFPageObjectHelper.hh>
#include <string_view>

#include "dissect/job.h"

namespace flikvakt::dissect {
namespace {

using Token = QPDFTokenizer::Token;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}
bool shows_text(std::string_view word) { return is_one_of(word, {"Tj", "TJ", "'", "\""}); }
bool paints_path(std::string_view word) { return is_one_of(word, {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*"}); }

// Gathers operands, and hands each operator on with them.
class OperatorFilter : public QPDFObjectHandle::TokenFilter {
public:
  void handleToken(Token const& token) override {
    switch (token.getType()) {
      case QPDFTokenizer::tt_space:
      case QPDFTokenizer::tt_comment:  // nobody sees it
        return;
      case QPDFTokenizer::tt_inline_image:
        handle_operator(std::string(kInlineImage), token.getRawValue());
        return;
      case QPDFTokenizer::tt_word:
        handle_operator(token.getValue(), token.getRawValue());
        operands_.clear();
        return;
      default:
        if (operands_.size() >= kMostOperands) throw Refused(RefusalReason::damaged);
        operands_.push_back(token);
    }
  }
  void handleEOF() override {}

protected:
  static constexpr std::string_view kInlineImage = "inline image";

  virtual void handle_operator(const std::string& word, const std::string& raw) = 0;

  void pass(const std::string& raw) {
    for (const Token& operand : operands_) {
      write(operand.getRawValue());
      write(" ");
    }
    write(raw);
    write("\n");
  }
  void put(std::string_view text) { write(text.data(), text.size()); }

  const std::vector<Token>& operands() const { return operands_; }
  std::string name_operand(std::size_t from_end) const {
    if (operands_.size() < from_end) return {};
    const Token& token = operands_[operands_.size() - from_end];
    return token.getType() == QPDFTokenizer::tt_name ? token.getValue() : std::string();
  }
  double number_operand(std::size_t index) const {
    if (index >= operands_.size()) return 0;
    return std::strtod(operands_[index].getValue().c_str(), nullptr);
  }

private:
  static constexpr std::size_t kMostOperands = 1u << 16;  // a TJ with its brackets
  std::vector<Token> operands_;
};

// An inline image comes as `BI`, its dictionary, `ID`, its data, `EI`.
class RepaintFilter : public OperatorFilter {
public:
  RepaintFilter(Paint paint, QPDFObjectHandle resources) : paint_(paint), resources_(resources) {}

protected:
  void handle_operator(const std::string& word, const std::string& raw) override {
    if (word == "BI") {
      is_inline_ = true;
      keeps_inline_ = paint_ != Paint::only_text;
    }
    if (is_inline_) {
      if (keeps_inline_) pass(raw);
      if (word == "EI") is_inline_ = false;
    } else if (shows_text(word)) {
      if (paint_ == Paint::only_text) pass(raw);
    } else if (paints_path(word)) {
      if (paint_ == Paint::without_text)
        pass(raw);
      else
        put("n\n");
    } else if (word == "sh") {
      if (paint_ == Paint::without_text) pass(raw);
    } else if (word == "Do") {
      if (keeps_object(name_operand(1))) pass(raw);
    } else if (paint_ == Paint::only_images && is_one_of(word, {"W", "W*", "gs"})) {
      return;
    } else {
      pass(raw);
    }
  }

private:
  bool keeps_object(const std::string& name) {
    if (paint_ != Paint::only_text) return true;
    QPDFObjectHandle object = resources_.getKey("/XObject").isDictionary() ? resources_.getKey("/XObject").getKey(name)
                                                                           : QPDFObjectHandle::newNull();
    return object.isFormXObject();
  }

  const Paint paint_;
  QPDFObjectHandle resources_;
  bool is_inline_ = false;
  bool keeps_inline_ = false;
};

// What is hidden keeps its place: text is shown unpainted, paths are ended, and images are dropped.
class LayerFilter : public OperatorFilter {
public:
  LayerFilter(QPDFObjectHandle resources, const std::function<bool(QPDFObjectHandle)>& is_hidden)
      : resources_(resources), is_hidden_(is_hidden) {}

protected:
  void handle_operator(const std::string& word, const std::string& raw) override {
    follow_state(word);
    if (is_one_of(word, {"BMC", "BDC"})) {
      open_.push_back(hidden() || (word == "BDC" && name_operand(2) == "/OC" && hides(name_operand(1))));
    } else if (word == "EMC") {
      if (!open_.empty()) open_.pop_back();
    } else if (word == "BI") {
      is_inline_ = true;
    }
    const bool was_inline = is_inline_;
    if (word == "EI") is_inline_ = false;
    if (!hidden()) return pass(raw);
    if (was_inline || is_one_of(word, {"sh", "Do"})) return;
    if (paints_path(word)) return put("n\n");
    if (shows_text(word)) {
      put("3 Tr ");
      pass(raw);
      return put(std::to_string(mode_) + " Tr\n");
    }
    pass(raw);
  }

private:
  bool hidden() const { return !open_.empty() && open_.back(); }
  bool hides(const std::string& name) {
    QPDFObjectHandle properties = resources_.getKey("/Properties");
    return properties.isDictionary() && is_hidden_(properties.getKey(name));
  }
  void follow_state(const std::string& word) {
    if (word == "q") {
      if (saved_.size() >= kMostSaved) throw Refused(RefusalReason::too_deep);
      saved_.push_back(mode_);
    } else if (word == "Q" && !saved_.empty()) {
      mode_ = saved_.back();
      saved_.pop_back();
    } else if (word == "Tr") {
      mode_ = std::clamp(static_cast<int>(number_operand(0)), 0, 7);
    }
  }

  static constexpr std::size_t kMostSaved = 4096;
  QPDFObjectHandle resources_;
  const std::function<bool(QPDFObjectHandle)>& is_hidden_;
  std::vector<bool> open_;
  std::vector<int> saved_;
  int mode_ = 0;
  bool is_inline_ = false;
};

using Matrix = std::array<double, 6>;

Matrix times(const Matrix& a, const Matrix& b) {  // first a, then b
  return {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3],        a[2] * b[0] + a[3] * b[2],
          a[2] * b[1] + a[3] * b[3], a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5]};
}

class ImageFinder : public OperatorFilter {
public:
  explicit ImageFinder(QPDFObjectHandle resources) : resources_(resources) {}
  DrawnImages found;

protected:
  void handle_operator(const std::string& word, const std::string&) override {
    if (word == "q") {
      if (saved_.size() >= 4096) throw Refused(RefusalReason::too_deep);
      saved_.push_back(now_);
    } else if (word == "Q" && !saved_.empty()) {
      now_ = saved_.back();
      saved_.pop_back();
    } else if (word == "cm") {
      Matrix matrix;
      for (std::size_t i = 0; i < 6; ++i) matrix[i] = number_operand(i);
      now_ = times(matrix, now_);
    } else if (word == kInlineImage) {
      add_unit_square();
    } else if (word == "Do") {
      draw(name_operand(1));
    }
  }

private:
  void draw(const std::string& name) {
    QPDFObjectHandle objects = resources_.getKey("/XObject");
    QPDFObjectHandle object = objects.isDictionary() ? objects.getKey(name) : QPDFObjectHandle::newNull();
    if (object.isImage(false)) add_unit_square();
    if (object.isFormXObject() && has_image(object, 0)) found.is_in_form = true;
  }
  static bool has_image(QPDFObjectHandle form, int depth) {
    if (depth > 8) return true;
    QPDFObjectHandle resources = form.getDict().getKey("/Resources");
    QPDFObjectHandle objects = resources.isDictionary() ? resources.getKey("/XObject") : QPDFObjectHandle::newNull();
    if (!objects.isDictionary()) return false;
    for (auto& [name, object] : objects.getDictAsMap()) {
      if (object.isImage(false) || (object.isFormXObject() && has_image(object, depth + 1))) return true;
    }
    return false;
  }
  void add_unit_square() {
    Box box{1e9, 1e9, -1e9, -1e9};
    for (const auto& [x, y] : {std::pair{0.0, 0.0}, {1.0, 0.0}, {0.0, 1.0}, {1.0, 1.0}}) {
      const double px = x * now_[0] + y * now_[2] + now_[4];
      const double py = x * now_[1] + y * now_[3] + now_[5];
      box = {std::min(box.x0, px), std::min(box.y0, py), std::max(box.x1, px), std::max(box.y1, py)};
    }
    found.boxes.push_back(box);
  }

  QPDFObjectHandle resources_;
  Matrix now_{1, 0, 0, 1, 0, 0};
  std::vector<Matrix> saved_;
};

Bytes run(QPDFObjectHandle page_or_form, QPDFObjectHandle::TokenFilter& filter) {
  Pl_Buffer out("contents");
  if (page_or_form.isStream()) {
    page_or_form.filterAsContents(&filter, &out);
  } else {
    QPDFPageObjectHelper(page_or_form).filterContents(&filter, &out);
  }
  const auto buffer = out.getBufferSharedPointer();
  return Bytes(buffer->getBuffer(), buffer->getBuffer() + buffer->getSize());
}

QPDFObjectHandle resources_of(QPDFObjectHandle page_or_form) {
  QPDFObjectHandle out = page_or_form.isStream() ? page_or_form.getDict().getKey("/Resources")
                                                 : QPDFPageObjectHelper(page_or_form).getAttribute("/Resources", false);
  return out.isDictionary() ? out : QPDFObjectHandle::newDictionary();
}

}  // namespace

Bytes repaint(QPDFObjectHandle page_or_form, Paint paint) {
  RepaintFilter filter(paint, resources_of(page_or_form));
  return run(page_or_form, filter);
}

Bytes without_hidden_layers(QPDFObjectHandle page_or_form, QPDFObjectHandle resources,
                            const std::function<bool(QPDFObjectHandle)>& is_hidden) {
  LayerFilter filter(resources, is_hidden);
  return run(page_or_form, filter);
}

DrawnImages find_images(QPDFObjectHandle page, QPDFObjectHandle resources) {
  ImageFinder finder(resources);
  run(page, finder);
  return finder.found;
}

}  // namespace flikvakt::dissect
