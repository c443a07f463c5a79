#include "dissect/images.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>

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
                       kComment = 0xfe;

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

// Whether a segment stays. JFIF's and Adobe's are rewritten to what they must say.
void take_app_segment(std::uint8_t marker, BytesView body, StrippedImage& out) {
  if (marker == kApp14 && body.size() >= 12 && as_text(body).starts_with("Adobe")) {
    static constexpr std::array<std::uint8_t, 4> kHead = {0xff, kApp14, 0x00, 0x0e};
    out.image.insert(out.image.end(), kHead.begin(), kHead.end());
    out.image.insert(out.image.end(), body.begin(), body.begin() + 12);
    if (body.size() > 12) add(out, FindingKind::metadata);
  } else if (marker == kApp0 && as_text(body).starts_with(std::string_view("JFIF\0", 5)) && body.size() >= 14) {
    static constexpr std::array<std::uint8_t, 4> kHead = {0xff, kApp0, 0x00, 0x10};
    out.image.insert(out.image.end(), kHead.begin(), kHead.end());
    out.image.insert(out.image.end(), body.begin(), body.begin() + 12);
    out.image.insert(out.image.end(), {0, 0});  // no thumbnail
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

void check_frame(BytesView body) {
  if (body.size() < 6) damaged();
  const std::uint64_t height = body[1] * 256u + body[2], width = body[3] * 256u + body[4];
  if (width == 0 || height == 0) damaged();
  if (width * height > partition::kMostPixels) throw Refused(RefusalReason::too_large);
}

}  // namespace

StrippedImage strip_jpeg(BytesView file) {
  StrippedImage out;
  if (file.size() < 4 || file[0] != 0xff || file[1] != kSoi) damaged();
  out.image = {0xff, kSoi};
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
      take_app_segment(marker, body, out);
    } else if (marker == kComment) {
      add(out, FindingKind::metadata);
    } else if ((marker >= 0xc0 && marker <= 0xcf) || (marker >= 0xda && marker <= 0xdd)) {
      if (is_frame(marker)) {
        if (std::exchange(has_frame, true)) throw Refused(RefusalReason::unsupported);  // hierarchical
        check_frame(body);
      }
      out.image.insert(out.image.end(), {0xff, marker});
      out.image.insert(out.image.end(), file.begin() + static_cast<std::ptrdiff_t>(at),
                       file.begin() + static_cast<std::ptrdiff_t>(at + length));
    } else {
      throw Refused(RefusalReason::unsupported);
    }
    at += length;
    if (marker == kSos) {
      if (!has_frame) damaged();
      has_scan = true;
      const std::size_t end = end_of_scan(file, at);
      out.image.insert(out.image.end(), file.begin() + static_cast<std::ptrdiff_t>(at),
                       file.begin() + static_cast<std::ptrdiff_t>(end));
      at = end;
    }
  }
  if (!has_scan) damaged();
  out.image.insert(out.image.end(), {0xff, kEoi});
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

void check_png_size(BytesView header) {
  if (header.size() != 13) damaged();
  const std::uint64_t width = number_at(header, 0), height = number_at(header, 4);
  if (width == 0 || height == 0) damaged();
  if (width > partition::kMostPixels || height > partition::kMostPixels || width * height > partition::kMostPixels) {
    throw Refused(RefusalReason::too_large);
  }
}

// The pixels are inflated once, to see that the stream is whole and ends where the last IDAT ends: what stands behind
// its end, inside a chunk, no viewer shows.
class PixelStream {
public:
  PixelStream() {
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  PixelStream(const PixelStream&) = delete;
  PixelStream& operator=(const PixelStream&) = delete;
  ~PixelStream() { inflateEnd(&stream_); }

  void push(BytesView bytes) {
    stream_.next_in = const_cast<Bytef*>(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    while (stream_.avail_in > 0) {
      if (is_over_) damaged();
      std::array<std::uint8_t, 65536> out;
      stream_.next_out = out.data();
      stream_.avail_out = out.size();
      const int status = inflate(&stream_, Z_NO_FLUSH);
      total_ += out.size() - stream_.avail_out;
      if (total_ > 9 * partition::kMostPixels) throw Refused(RefusalReason::too_large);
      if (status == Z_STREAM_END)
        is_over_ = true;
      else if (status != Z_OK && status != Z_BUF_ERROR)
        damaged();
    }
  }
  bool is_over() const { return is_over_; }

private:
  z_stream stream_{};
  std::uint64_t total_ = 0;
  bool is_over_ = false;
};

}  // namespace

StrippedImage strip_png(BytesView file) {
  StrippedImage out;
  if (!as_text(file).starts_with(kPngMagic)) damaged();
  out.image = to_bytes(file.first(kPngMagic.size()));
  PixelStream pixels;
  std::size_t at = kPngMagic.size();
  bool is_first = true, is_over = false;
  while (!is_over) {
    if (file.size() - at < 12) damaged();
    const std::size_t length = number_at(file, at);
    if (length > file.size() - at - 12) damaged();
    const std::string_view name = as_text(file.subspan(at + 4, 4));
    const BytesView chunk = file.subspan(at, length + 12), body = chunk.subspan(8, length);
    const BytesView summed = chunk.subspan(4, length + 4);
    const uLong sum = crc32(crc32(0, nullptr, 0), summed.data(), static_cast<uInt>(summed.size()));
    if (sum != number_at(chunk, length + 8)) damaged();
    if (is_first != (name == "IHDR")) damaged();
    if (is_first) check_png_size(body);
    is_first = false;
    if (std::ranges::find(kMovingChunks, name) != std::end(kMovingChunks)) throw Refused(RefusalReason::unsupported);
    if (name == "IDAT") pixels.push(body);
    if (std::ranges::find(kKeptChunks, name) != std::end(kKeptChunks)) {
      out.image.insert(out.image.end(), chunk.begin(), chunk.end());
    } else {
      add(out, kind_of_chunk(name));
    }
    if (name == "IEND" && length != 0) damaged();
    is_over = name == "IEND";
    at += chunk.size();
  }
  if (!pixels.is_over()) damaged();
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

// libjpeg's own handler ends the process. Nothing with a destructor lives between setjmp and the jump.
struct JpegErrors {
  jpeg_error_mgr base;
  std::jmp_buf back;
};
void jump_back(j_common_ptr info) { std::longjmp(reinterpret_cast<JpegErrors*>(info->err)->back, 1); }

bool write_jpeg(const Picture& picture, unsigned char** out, unsigned long* size, std::uint8_t* row) {
  jpeg_compress_struct info;
  JpegErrors errors;
  info.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = jump_back;
  if (setjmp(errors.back)) {
    jpeg_destroy_compress(&info);
    return false;
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, out, size);
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
  unsigned char* out = nullptr;
  unsigned long size = 0;
  const bool is_written = write_jpeg(picture, &out, &size, row.data());
  const std::unique_ptr<unsigned char, decltype(&std::free)> owned(out, std::free);
  if (!is_written) throw std::bad_alloc();
  return Bytes(out, out + size);
}

}  // namespace flikvakt::dissect
