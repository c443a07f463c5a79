#include "dissect/images.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>

#include <jpeglib.h>

#include <jerror.h>

namespace flikvakt::dissect {
namespace {

[[noreturn]] void damaged() { throw Refused(RefusalReason::damaged); }

void add(StrippedImage& to, FindingKind kind) {
  const auto same = std::ranges::find(to.findings, kind, &std::pair<FindingKind, std::int64_t>::first);
  if (same == to.findings.end())
    to.findings.emplace_back(kind, 1);
  else
    ++same->second;
}

bool contains(BytesView where, std::string_view what) { return as_text(where).find(what) != std::string_view::npos; }

// ---- JPEG (ITU T.81, annex B)
// -------------------------------------------------------------------------------------------

constexpr std::uint8_t kSoi = 0xd8, kEoi = 0xd9, kSos = 0xda, kApp0 = 0xe0, kApp1 = 0xe1, kApp14 = 0xee, kApp15 = 0xef,
                       kComment = 0xfe, kDnl = 0xdc;

// Of Huffman and arithmetic codes, quantisation, and the distance of restarts.
bool is_table(std::uint8_t marker) { return marker == 0xc4 || marker == 0xcc || marker == 0xdb || marker == 0xdd; }

bool has_no_length(std::uint8_t marker) { return (marker >= 0xd0 && marker <= 0xd7) || marker == 0x01; }

// The tag of the directory with the place, in either byte order, as EXIF writes it; and a directory of a thumbnail.
void look_into_exif(BytesView segment, StrippedImage& out) {
  add(out, FindingKind::exif);
  static constexpr std::string_view kPlace[] = {std::string_view("\x88\x25\x00\x04", 4),
                                                std::string_view("\x25\x88\x04\x00", 4)};
  if (contains(segment, kPlace[0]) || contains(segment, kPlace[1])) add(out, FindingKind::location);
  if (contains(segment.subspan(std::min<std::size_t>(segment.size(), 8)), "\xff\xd8\xff")) {
    add(out, FindingKind::thumbnail);
  }
}

// What a segment that stays behind was.
void look_into_app_segment(std::uint8_t marker, BytesView body, StrippedImage& out) {
  if (marker == kApp14 && body.size() >= 12 && as_text(body).starts_with("Adobe")) {
    if (body.size() > 12) add(out, FindingKind::metadata);
  } else if (marker == kApp0 && as_text(body).starts_with(std::string_view("JFIF\0", 5)) && body.size() >= 14) {
    if (body[12] != 0 && body[13] != 0) add(out, FindingKind::thumbnail);
  } else if (marker == kApp1 && as_text(body).starts_with("Exif")) {
    look_into_exif(body, out);
  } else if (marker == kApp0 && as_text(body).starts_with("JFXX")) {
    add(out, FindingKind::thumbnail);
  } else {
    add(out, FindingKind::metadata);
  }
}

// Entropy-coded data: up to the next marker that is no restart.
std::size_t end_of_scan(BytesView file, std::size_t at) {
  for (; at + 1 < file.size(); ++at) {
    if (file[at] == 0xff && file[at + 1] != 0x00 && !(file[at + 1] >= 0xd0 && file[at + 1] <= 0xd7)) return at;
  }
  damaged();
}

bool is_frame(std::uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// Sequential or progressive, by Huffman or arithmetic, of 8 bits: what libjpeg reads.
void check_frame(std::uint8_t marker, BytesView body) {
  constexpr std::array<std::uint8_t, 5> kRead = {0xc0, 0xc1, 0xc2, 0xc9, 0xca};
  if (body.size() < 6) damaged();
  if (std::ranges::find(kRead, marker) == kRead.end() || body[0] != 8) throw Refused(RefusalReason::unsupported);
  const std::uint64_t height = body[1] * 256u + body[2], width = body[3] * 256u + body[4];
  if (width == 0 || height == 0) damaged();
  if (width * height > partition::kMostPixels) throw Refused(RefusalReason::too_large);
}

// libjpeg's own handler ends the process, and says what it thinks to stderr.
struct JpegErrors {
  jpeg_error_mgr base;
  std::jmp_buf back;
};
void jump_back(j_common_ptr info) { std::longjmp(reinterpret_cast<JpegErrors*>(info->err)->back, 1); }
void say_nothing(j_common_ptr) {}
void warn_of_nothing(j_common_ptr, int) {}

void begin_errors(JpegErrors& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = jump_back;
  errors.base.output_message = say_nothing;
  errors.base.emit_message = warn_of_nothing;
}

// Where libjpeg writes to: it knows at all times what it has, also when an error jumps out of the middle.
struct JpegOutput {
  jpeg_destination_mgr base{};
  std::uint8_t* bytes = nullptr;
  std::size_t room = 0;
  std::size_t size = 0;

  JpegOutput() {
    base.init_destination = begin;
    base.empty_output_buffer = grow;
    base.term_destination = end;
  }
  JpegOutput(const JpegOutput&) = delete;
  JpegOutput& operator=(const JpegOutput&) = delete;
  ~JpegOutput() { std::free(bytes); }

private:
  static JpegOutput& of(j_compress_ptr info) { return *reinterpret_cast<JpegOutput*>(info->dest); }
  static void begin(j_compress_ptr info) { grow(info); }
  // All of the room is full.
  static boolean grow(j_compress_ptr info) {
    JpegOutput& out = of(info);
    const std::size_t before = out.room, more = std::max<std::size_t>(before, 64 << 10);
    void* const moved = std::realloc(out.bytes, before + more);
    if (!moved) {
      info->err->msg_code = JERR_OUT_OF_MEMORY;
      info->err->error_exit(reinterpret_cast<j_common_ptr>(info));
      return FALSE;  // it has jumped
    }
    out.bytes = static_cast<std::uint8_t*>(moved);
    out.room = before + more;
    out.base.next_output_byte = out.bytes + before;
    out.base.free_in_buffer = more;
    return TRUE;
  }
  static void end(j_compress_ptr info) {
    JpegOutput& out = of(info);
    out.size = out.room - out.base.free_in_buffer;
  }
};
static_assert(offsetof(JpegOutput, base) == 0);

// The picture's coefficients into a new file: pixels stay what they are, and nothing else goes along, neither tables
// that nothing uses nor what stands behind the last block. JMSG_NOMESSAGE, or what libjpeg complains of. Nothing with a
// destructor lives between setjmp and the jump.
int carry_coefficients(BytesView file, JpegOutput& output) {
  jpeg_decompress_struct in;
  jpeg_compress_struct out;
  JpegErrors errors;
  begin_errors(errors);
  in.err = out.err = &errors.base;
  in.mem = out.mem = nullptr;  // destroyed, one that was not made does nothing
  if (setjmp(errors.back)) {
    jpeg_destroy_compress(&out);
    jpeg_destroy_decompress(&in);
    return errors.base.msg_code;
  }
  jpeg_create_decompress(&in);
  jpeg_create_compress(&out);
  jpeg_mem_src(&in, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&in, TRUE);
  jvirt_barray_ptr* const coefficients = jpeg_read_coefficients(&in);
  jpeg_copy_critical_parameters(&in, &out);
  out.optimize_coding = TRUE;
  // How colours are meant is said by these two or by their absence.
  out.write_JFIF_header = in.saw_JFIF_marker;
  out.write_Adobe_marker = in.saw_Adobe_marker;
  out.dest = &output.base;
  jpeg_write_coefficients(&out, coefficients);
  jpeg_finish_compress(&out);
  jpeg_destroy_compress(&out);
  jpeg_destroy_decompress(&in);
  return JMSG_NOMESSAGE;
}

Bytes rewritten(BytesView file) {
  JpegOutput output;
  const int complaint = carry_coefficients(file, output);
  if (complaint == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
  if (complaint != JMSG_NOMESSAGE) damaged();
  return Bytes(output.bytes, output.bytes + output.size);
}

}  // namespace

// SPEC PART-26
StrippedImage strip_jpeg(BytesView file) {
  StrippedImage out;
  if (file.size() < 4 || file[0] != 0xff || file[1] != kSoi) damaged();
  std::size_t at = 2;
  bool has_frame = false, has_scan = false;
  for (;;) {
    if (at + 2 > file.size() || file[at] != 0xff) damaged();
    while (at + 1 < file.size() && file[at + 1] == 0xff) ++at;  // fill bytes
    if (at + 2 > file.size()) damaged();
    const std::uint8_t marker = file[at + 1];
    at += 2;
    if (marker == kEoi) break;
    if (has_no_length(marker)) continue;
    if (at + 2 > file.size()) damaged();
    const std::size_t length = file[at] * 256u + file[at + 1];
    if (length < 2 || at + length > file.size()) damaged();
    const BytesView body = file.subspan(at + 2, length - 2);
    if (marker >= kApp0 && marker <= kApp15) {
      look_into_app_segment(marker, body, out);
    } else if (marker == kComment || marker == kDnl) {  // the height stands in the frame
      add(out, FindingKind::metadata);
    } else if (is_frame(marker)) {
      if (std::exchange(has_frame, true)) throw Refused(RefusalReason::unsupported);  // hierarchical
      check_frame(marker, body);
    } else if (!is_table(marker) && marker != kSos) {
      throw Refused(RefusalReason::unsupported);
    }
    at += length;
    if (marker == kSos) {
      if (!has_frame) damaged();
      has_scan = true;
      at = end_of_scan(file, at);
    }
  }
  if (!has_scan) damaged();
  out.image = rewritten(file.first(at));
  if (at < file.size()) add(out, FindingKind::trailing_data);
  return out;
}

// ---- PNG (ISO/IEC 15948)
// --------------------------------------------------------------------------------------------------

namespace {

constexpr std::string_view kPngMagic = "\x89PNG\r\n\x1a\n";
constexpr std::string_view kKeptChunks[] = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND", "gAMA", "sRGB", "cHRM", "pHYs"};
constexpr std::string_view kMovingChunks[] = {"acTL", "fcTL", "fdAT"};

FindingKind kind_of_chunk(std::string_view name) {
  if (name == "eXIf") return FindingKind::exif;
  return FindingKind::metadata;
}

std::uint32_t number_at(BytesView file, std::size_t at) { return ByteReader(file.subspan(at, 4)).u32(); }

// What the header says of the pixels.
class PngHeader {
public:
  explicit PngHeader(BytesView header) {
    if (header.size() != 13) damaged();
    width_ = number_at(header, 0);
    height_ = number_at(header, 4);
    depth_ = header[8];
    colour_ = header[9];
    if (width_ == 0 || height_ == 0 || header[10] != 0 || header[11] != 0 || header[12] > 1) damaged();
    is_interlaced_ = header[12] == 1;
    if (width_ > partition::kMostPixels || height_ > partition::kMostPixels ||
        width_ * height_ > partition::kMostPixels) {
      throw Refused(RefusalReason::too_large);
    }
    const bool is_narrow = depth_ == 1 || depth_ == 2 || depth_ == 4, is_wide = depth_ == 16;
    if (depth_ != 8 && !is_narrow && !is_wide) damaged();
    const bool fits = colour_ == kGrey      ? true
                      : colour_ == kIndexed ? !is_wide
                                            : (colour_ == 2 || colour_ == 4 || colour_ == 6) && !is_narrow;
    if (!fits) damaged();
  }

  bool is_indexed() const { return colour_ == kIndexed; }
  std::size_t most_colours() const { return std::size_t{1} << depth_; }  // of an indexed picture

  // Bytes of the pixels, unpacked: of each row, and a byte before it.
  std::uint64_t unpacked_bytes() const {
    if (!is_interlaced_) return bytes_of(width_, height_);
    struct Pass {
      std::uint64_t x, y, dx, dy;
    };
    static constexpr Pass kPasses[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                       {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    std::uint64_t out = 0;
    for (const Pass& pass : kPasses) {
      if (width_ <= pass.x || height_ <= pass.y) continue;
      out += bytes_of((width_ - pass.x + pass.dx - 1) / pass.dx, (height_ - pass.y + pass.dy - 1) / pass.dy);
    }
    return out;
  }

  // Of a transparency chunk.
  bool is_transparency(std::size_t length, std::size_t colours) const {
    if (colour_ == kGrey) return length == 2;
    if (colour_ == 2) return length == 6;
    return is_indexed() && length >= 1 && length <= colours;
  }

private:
  static constexpr std::uint8_t kGrey = 0, kIndexed = 3;
  std::uint64_t bytes_of(std::uint64_t width, std::uint64_t height) const {
    const std::uint64_t channels = colour_ == 2 ? 3 : colour_ == 4 ? 2 : colour_ == 6 ? 4 : 1;
    return height * (1 + (width * channels * depth_ + 7) / 8);
  }

  std::uint64_t width_ = 0, height_ = 0;
  std::uint8_t depth_ = 0, colour_ = 0;
  bool is_interlaced_ = false;
};

// Of a chunk that stays: whether it has the length that the standard gives it.
bool has_its_length(std::string_view name, std::size_t length, const PngHeader& header, std::size_t colours) {
  if (name == "IHDR") return length == 13;
  if (name == "IEND") return length == 0;
  if (name == "PLTE") return length > 0 && length % 3 == 0 && length / 3 <= header.most_colours();
  if (name == "tRNS") return header.is_transparency(length, colours);
  if (name == "gAMA") return length == 4;
  if (name == "sRGB") return length == 1;
  if (name == "cHRM") return length == 32;
  return name == "IDAT" || (name == "pHYs" && length == 9);
}

// The pixels are inflated once, to see that the stream has just the rows of the picture and ends where the last IDAT
// ends: what stands behind either, no viewer shows.
class PixelStream {
public:
  explicit PixelStream(std::uint64_t expected) : expected_(expected) {
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  PixelStream(const PixelStream&) = delete;
  PixelStream& operator=(const PixelStream&) = delete;
  ~PixelStream() { inflateEnd(&stream_); }

  void push(BytesView bytes) {
    stream_.next_in = const_cast<Bytef*>(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    std::array<std::uint8_t, 65536> out;
    do {
      if (is_over_ && stream_.avail_in > 0) damaged();
      if (is_over_) return;
      stream_.next_out = out.data();
      stream_.avail_out = out.size();
      const int status = inflate(&stream_, Z_NO_FLUSH);
      total_ += out.size() - stream_.avail_out;
      if (total_ > expected_) damaged();
      if (status == Z_STREAM_END)
        is_over_ = true;
      else if (status != Z_OK && status != Z_BUF_ERROR)
        damaged();
    } while (stream_.avail_in > 0 || stream_.avail_out == 0);  // full: more may wait inside
  }
  bool is_whole() const { return is_over_ && total_ == expected_; }

private:
  const std::uint64_t expected_;
  z_stream stream_{};
  std::uint64_t total_ = 0;
  bool is_over_ = false;
};

}  // namespace

// SPEC PART-26
StrippedImage strip_png(BytesView file) {
  StrippedImage out;
  if (!as_text(file).starts_with(kPngMagic)) damaged();
  out.image = to_bytes(file.first(kPngMagic.size()));
  std::optional<PngHeader> header;
  std::optional<PixelStream> pixels;
  std::set<std::string, std::less<>> seen;  // of those that stay
  std::size_t at = kPngMagic.size(), colours = 0;
  bool is_over = false;
  while (!is_over) {
    if (file.size() - at < 12) damaged();
    const std::size_t length = number_at(file, at);
    if (length > file.size() - at - 12) damaged();
    const std::string_view name = as_text(file.subspan(at + 4, 4));
    const BytesView chunk = file.subspan(at, length + 12), body = chunk.subspan(8, length);
    const BytesView summed = chunk.subspan(4, length + 4);
    const uLong sum = crc32(crc32(0, nullptr, 0), summed.data(), static_cast<uInt>(summed.size()));
    if (sum != number_at(chunk, length + 8)) damaged();
    if (header.has_value() == (name == "IHDR")) damaged();
    if (!header) {
      header.emplace(body);
      pixels.emplace(header->unpacked_bytes());
    }
    if (std::ranges::find(kMovingChunks, name) != std::end(kMovingChunks)) throw Refused(RefusalReason::unsupported);
    // A palette of a picture that is not made of one is a suggestion.
    const bool stays =
        std::ranges::find(kKeptChunks, name) != std::end(kKeptChunks) && (name != "PLTE" || header->is_indexed());
    if (stays) {
      if (!has_its_length(name, length, *header, colours)) damaged();
      const bool is_again = !seen.insert(std::string(name)).second, is_late = seen.contains("IDAT") && name != "IEND";
      if (name == "IDAT")
        pixels->push(body);
      else if (is_again || is_late)
        damaged();
      if (name == "PLTE") colours = length / 3;
      out.image.insert(out.image.end(), chunk.begin(), chunk.end());
    } else {
      add(out, kind_of_chunk(name));
    }
    is_over = name == "IEND";
    at += chunk.size();
  }
  if (!pixels->is_whole() || (header->is_indexed() && colours == 0)) damaged();
  if (at < file.size()) add(out, FindingKind::trailing_data);
  return out;
}

namespace {

void pass(Job& job, StrippedImage stripped) {
  for (const auto& [kind, count] : stripped.findings) job.found(kind, "", count);
  if (const PartRule* rule = job.whole()) {
    job.add_part({rule->name, job.order().media_type, 0, {}, {}, {}}, {std::move(stripped.image), {}});
  } else {
    job.left_out("file", LeftOutReason::not_named);
  }
}

}  // namespace

void pass_jpeg(Job& job, BytesView file) { pass(job, strip_jpeg(file)); }
void pass_png(Job& job, BytesView file) { pass(job, strip_png(file)); }

// ---- Writing
// ----------------------------------------------------------------------------------------------------------------

namespace {

constexpr int kJpegQuality = 82;

bool write_jpeg(const Picture& picture, JpegOutput& output, std::uint8_t* row) {
  jpeg_compress_struct info;
  JpegErrors errors;
  begin_errors(errors);
  info.err = &errors.base;
  info.mem = nullptr;
  if (setjmp(errors.back)) {
    jpeg_destroy_compress(&info);
    return false;
  }
  jpeg_create_compress(&info);
  info.dest = &output.base;
  info.image_width = static_cast<JDIMENSION>(picture.width);
  info.image_height = static_cast<JDIMENSION>(picture.height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, kJpegQuality, TRUE);
  jpeg_start_compress(&info, TRUE);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const std::uint8_t* pixel = picture.at(x, y);
      row[3 * x] = pixel[2];
      row[3 * x + 1] = pixel[1];
      row[3 * x + 2] = pixel[0];
    }
    JSAMPROW rows[] = {row};
    jpeg_write_scanlines(&info, rows, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return true;
}

}  // namespace

Bytes jpeg_of(const Picture& picture) {
  Bytes row(static_cast<std::size_t>(picture.width) * 3);
  JpegOutput output;
  if (!write_jpeg(picture, output, row.data())) throw std::bad_alloc();
  return Bytes(output.bytes, output.bytes + output.size);
}

}  // namespace flikvakt::dissect
