// Images: what no picture is decoded of is nowhere in what comes out, and the picture is the same.
#include "dissect/images.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <numeric>

#include <jpeglib.h>

namespace flikvakt::dissect {
namespace {

// ---- JPEG
// -----------------------------------------------------------------------------------------------------------

Bytes small_jpeg() {
  Picture picture;
  picture.width = 40;
  picture.height = 24;
  picture.stride = picture.width * 4;
  picture.pixels.resize(static_cast<std::size_t>(picture.stride) * 24);
  std::iota(picture.pixels.begin(), picture.pixels.end(), std::uint8_t{0});
  return jpeg_of(picture);
}

// By libjpeg, as a viewer does; its errors end the test program.
Bytes jpeg_pixels(BytesView file) {
  jpeg_decompress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&info, TRUE);
  jpeg_start_decompress(&info);
  const std::size_t row = std::size_t{info.output_width} * static_cast<std::size_t>(info.output_components);
  Bytes out(row * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW rows[] = {out.data() + row * info.output_scanline};
    jpeg_read_scanlines(&info, rows, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return out;
}

constexpr std::string_view kMarker = "HEMLIGT-7Q2";

// A segment with the marker in it, as long as a table of quantisation.
Bytes jpeg_segment(std::uint8_t kind, std::uint8_t first) {
  Bytes body(65, 1);
  body[0] = first;
  std::ranges::copy(as_bytes(kMarker), body.begin() + 1);
  Bytes out = {0xff, kind, 0, 67};
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes with_inserted(const Bytes& file, std::size_t at, BytesView more) {
  Bytes out(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(at));
  out.insert(out.end(), more.begin(), more.end());
  out.insert(out.end(), file.begin() + static_cast<std::ptrdiff_t>(at), file.end());
  return out;
}

bool has_marker(BytesView file) { return as_text(file).find(kMarker) != std::string_view::npos; }

std::optional<RefusalReason> image_refusal(const char* type, BytesView file) {
  try {
    (void)(std::string_view(type) == "png" ? strip_png(file) : strip_jpeg(file));
    return std::nullopt;
  } catch (const Refused& why) {
    return why.refusal().reason;
  }
}

// SPEC PART-26
TEST(Jpeg, KeepsNothingBehindTheLastBlockAndNoTableThatNothingUses) {
  const Bytes plain = small_jpeg();
  const Bytes pixels = jpeg_pixels(plain);
  const StrippedImage same = strip_jpeg(plain);
  EXPECT_EQ(jpeg_pixels(same.image), pixels);
  EXPECT_TRUE(same.findings.empty());
  EXPECT_EQ(strip_jpeg(same.image).image, same.image) << "once is enough";
  const std::pair<const char*, Bytes> hidden[] = {
      {"a height that stands in the frame already", with_inserted(plain, 2, jpeg_segment(0xdc, 0))},
      {"a table that nothing uses", with_inserted(plain, 2, jpeg_segment(0xdb, 3))},
      {"behind the last block", with_inserted(plain, plain.size() - 2, as_bytes(kMarker))},
      {"behind the end", with_inserted(plain, plain.size(), as_bytes(kMarker))},
      {"a comment", with_inserted(plain, 2, jpeg_segment(0xfe, 0))},
      {"a segment of an application", with_inserted(plain, 2, jpeg_segment(0xe7, 0))}};
  for (const auto& [where, file] : hidden) {
    ASSERT_TRUE(has_marker(file)) << where;
    const StrippedImage stripped = strip_jpeg(file);
    EXPECT_FALSE(has_marker(stripped.image)) << where;
    EXPECT_EQ(jpeg_pixels(stripped.image), pixels) << where;
  }
}

TEST(Jpeg, WhatIsNoneOrOfARareKindIsRefused) {
  const Bytes plain = small_jpeg();
  const std::size_t frame = as_text(plain).find("\xff\xc0");
  ASSERT_NE(frame, std::string_view::npos);
  const auto changed = [&plain](std::size_t at, std::uint8_t value) {
    Bytes out = plain;
    out[at] = value;
    return image_refusal("jpeg", out);
  };
  EXPECT_EQ(image_refusal("jpeg", plain), std::nullopt);
  EXPECT_EQ(changed(frame + 1, 0xc3), RefusalReason::unsupported) << "lossless";
  EXPECT_EQ(changed(frame + 4, 12), RefusalReason::unsupported) << "12 bits";
  EXPECT_EQ(image_refusal("jpeg", BytesView(plain).first(plain.size() / 2)), RefusalReason::damaged);
  EXPECT_EQ(image_refusal("jpeg", with_inserted(plain, 2, jpeg_segment(0xdf, 0))), RefusalReason::unsupported);
}

// ---- PNG
// ------------------------------------------------------------------------------------------------------------

using Chunks = std::vector<std::pair<std::string, Bytes>>;

Bytes png_of_chunks(const Chunks& chunks) {
  Bytes out = to_bytes(as_bytes("\x89PNG\r\n\x1a\n"));
  for (const auto& [name, body] : chunks) {
    const Bytes summed = std::move(ByteWriter().text(name).bytes(body)).take();
    const uLong sum = crc32(crc32(0, nullptr, 0), summed.data(), static_cast<uInt>(summed.size()));
    const Bytes chunk = std::move(ByteWriter()
                                      .u32(static_cast<std::uint32_t>(body.size()))
                                      .bytes(summed)
                                      .u32(static_cast<std::uint32_t>(sum)))
                            .take();
    out.insert(out.end(), chunk.begin(), chunk.end());
  }
  return out;
}

Bytes zlib_packed(const Bytes& rows) {
  uLongf size = compressBound(static_cast<uLong>(rows.size()));
  Bytes out(size);
  EXPECT_EQ(compress(out.data(), &size, rows.data(), static_cast<uLong>(rows.size())), Z_OK);
  out.resize(size);
  return out;
}

Bytes png_header(std::uint32_t width, std::uint32_t height, std::uint8_t depth, std::uint8_t colour,
                 std::uint8_t interlaced = 0) {
  Bytes out = std::move(ByteWriter().u32(width).u32(height)).take();
  out.insert(out.end(), {depth, colour, 0, 0, interlaced});
  return out;
}

// Grey, 5 by 3.
Chunks grey_png() { return {{"IHDR", png_header(5, 3, 8, 0)}, {"IDAT", zlib_packed(Bytes(18))}, {"IEND", {}}}; }

std::optional<RefusalReason> with_chunk(const std::string& name, const Bytes& body, std::size_t at = 1) {
  Chunks chunks = grey_png();
  chunks.insert(chunks.begin() + static_cast<std::ptrdiff_t>(at), {name, body});
  return image_refusal("png", png_of_chunks(chunks));
}

// SPEC PART-26
TEST(Png, AChunkThatIsTooLongTwiceOrLateIsRefused) {
  EXPECT_EQ(image_refusal("png", png_of_chunks(grey_png())), std::nullopt);
  const std::pair<std::string, std::size_t> lengths[] = {
      {"gAMA", 4}, {"sRGB", 1}, {"cHRM", 32}, {"pHYs", 9}, {"tRNS", 2}};
  for (const auto& [name, length] : lengths) {
    EXPECT_EQ(with_chunk(name, Bytes(length)), std::nullopt) << name;
    EXPECT_EQ(with_chunk(name, Bytes(length + 1)), RefusalReason::damaged) << name;
    EXPECT_EQ(with_chunk(name, Bytes(10'000)), RefusalReason::damaged) << name;
    EXPECT_EQ(with_chunk(name, Bytes(length), 2), RefusalReason::damaged) << name << " behind the pixels";
    Chunks twice = grey_png();
    twice.insert(twice.begin() + 1, 2, {name, Bytes(length)});
    EXPECT_EQ(image_refusal("png", png_of_chunks(twice)), RefusalReason::damaged) << name;
  }
}

// SPEC PART-26
TEST(Png, RowsBelowThePictureAreRefused) {
  const auto rows = [](const Bytes& header, std::size_t bytes) {
    Chunks chunks = {{"IHDR", header}};
    if (header[9] == 3) chunks.push_back({"PLTE", Bytes(6)});
    chunks.push_back({"IDAT", zlib_packed(Bytes(bytes))});
    chunks.push_back({"IEND", {}});
    return image_refusal("png", png_of_chunks(chunks));
  };
  struct Kind {
    Bytes header;
    std::size_t bytes;
  };
  // By ISO/IEC 15948, 7.2 and 8.2; 8 by 8 interlaced pixels have 15 rows in their seven passes.
  const Kind kinds[] = {{png_header(5, 3, 8, 0), 18},   {png_header(5, 3, 1, 0), 6},
                        {png_header(5, 3, 16, 6), 123}, {png_header(5, 3, 8, 2), 48},
                        {png_header(5, 3, 16, 4), 63},  {png_header(9, 3, 1, 3), 9},
                        {png_header(1, 1, 8, 0, 1), 2}, {png_header(8, 8, 8, 0, 1), 64 + 15}};
  for (const Kind& kind : kinds) {
    EXPECT_EQ(rows(kind.header, kind.bytes), std::nullopt) << kind.bytes;
    EXPECT_EQ(rows(kind.header, kind.bytes + 1), RefusalReason::damaged) << kind.bytes;
    EXPECT_EQ(rows(kind.header, kind.bytes - 1), RefusalReason::damaged) << kind.bytes;
    EXPECT_EQ(rows(kind.header, kind.bytes + 100'000), RefusalReason::damaged) << kind.bytes;
  }
}

TEST(Png, AHeaderOfNoKindIsRefused) {
  for (const Bytes& header : {png_header(0, 3, 8, 0), png_header(5, 3, 4, 2), png_header(5, 3, 16, 3),
                              png_header(5, 3, 8, 5), png_header(5, 3, 3, 0), png_header(5, 3, 8, 0, 2), Bytes(14)}) {
    Chunks chunks = grey_png();
    chunks.front().second = header;
    EXPECT_EQ(image_refusal("png", png_of_chunks(chunks)), RefusalReason::damaged);
  }
}

TEST(Png, APaletteStaysWhereThePictureIsMadeOfIt) {
  Chunks coloured = {{"IHDR", png_header(5, 3, 8, 2)},
                     {"PLTE", to_bytes(as_bytes("HEMLIGT-7Q2."))},
                     {"IDAT", zlib_packed(Bytes(48))},
                     {"IEND", {}}};
  const StrippedImage out = strip_png(png_of_chunks(coloured));
  EXPECT_FALSE(has_marker(out.image)) << "a suggestion, in a picture of full colours";
  EXPECT_EQ(out.findings.size(), 1u);
  Chunks indexed = coloured;
  indexed[0].second = png_header(5, 3, 8, 3);
  indexed[2].second = zlib_packed(Bytes(18));
  EXPECT_EQ(strip_png(png_of_chunks(indexed)).image, png_of_chunks(indexed));
  indexed.erase(indexed.begin() + 1);
  EXPECT_EQ(image_refusal("png", png_of_chunks(indexed)), RefusalReason::damaged) << "no palette";
}

}  // namespace
}  // namespace flikvakt::dissect
