#include "dissect/zip.h"

#include <zip.h>

#include <array>
#include <memory>

namespace flikvakt::dissect {
namespace {

struct CloseZip {
  void operator()(zip_t* zip) const { zip_discard(zip); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};

bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > 512 || name.starts_with('/')) return false;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    const std::string_view step = name.substr(at, end - at);
    if (step == ".." || step == ".") return false;
    at = end + 1;
  }
  return name.find_first_of(std::string_view("\\:\0", 3)) == name.npos;
}

Bytes read_entry(zip_t* zip, zip_uint64_t index, std::size_t most) {
  const std::unique_ptr<zip_file_t, CloseZip> file(zip_fopen_index(zip, index, 0));
  if (!file) throw Refused(RefusalReason::damaged);
  Bytes out;
  std::array<std::uint8_t, 65536> piece;
  for (;;) {
    const zip_int64_t got = zip_fread(file.get(), piece.data(), piece.size());
    if (got < 0) throw Refused(RefusalReason::damaged);
    if (got == 0) return out;
    if (out.size() + static_cast<std::size_t>(got) > most) throw Refused(RefusalReason::too_large, "entries");
    out.insert(out.end(), piece.begin(), piece.begin() + got);
  }
}

}  // namespace

ZipEntries read_zip(BytesView file) {
  zip_error_t error;
  zip_error_init(&error);
  std::unique_ptr<zip_source_t, CloseZip> source(zip_source_buffer_create(file.data(), file.size(), 0, &error));
  if (!source) throw std::bad_alloc();
  const std::unique_ptr<zip_t, CloseZip> zip(zip_open_from_source(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (!zip) throw Refused(RefusalReason::damaged);
  (void)source.release();  // the archive's now
  const zip_int64_t count = zip_get_num_entries(zip.get(), 0);
  if (count > partition::kMostEntries) throw Refused(RefusalReason::too_many, "entries");
  ZipEntries out;
  std::size_t left = partition::kMostUnzippedBytes;
  for (zip_int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    const auto index = static_cast<zip_uint64_t>(i);
    constexpr zip_uint64_t kWanted = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
    if (zip_stat_index(zip.get(), index, ZIP_FL_ENC_STRICT, &stat) != 0 || (stat.valid & kWanted) != kWanted) {
      throw Refused(RefusalReason::damaged);
    }
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) && stat.encryption_method != ZIP_EM_NONE) {
      throw Refused(RefusalReason::encrypted);
    }
    const std::string name = stat.name;
    if (!is_plain_name(name)) throw Refused(RefusalReason::unsupported, "entries");
    if (name.ends_with('/')) continue;
    // What the directory says may be a lie, so it is counted again as it comes.
    const bool is_bomb =
        stat.size > left || (stat.size > (1u << 20) && stat.size / partition::kMostUnzippedRatio > stat.comp_size);
    if (is_bomb) throw Refused(RefusalReason::too_large, "entries");
    Bytes bytes = read_entry(zip.get(), index, left);
    left -= bytes.size();
    if (!out.emplace(name, std::move(bytes)).second) throw Refused(RefusalReason::damaged);
  }
  return out;
}

Bytes write_zip(const ZipEntries& entries, const std::string& first) {
  zip_error_t error;
  zip_error_init(&error);
  std::unique_ptr<zip_source_t, CloseZip> buffer(zip_source_buffer_create(nullptr, 0, 0, &error));
  if (!buffer) throw std::bad_alloc();
  zip_source_keep(buffer.get());
  std::unique_ptr<zip_t, CloseZip> zip(zip_open_from_source(buffer.get(), ZIP_TRUNCATE, &error));
  if (!zip) throw std::bad_alloc();
  const auto add = [&zip](const std::string& name, const Bytes& bytes, zip_int32_t method) {
    zip_source_t* source = zip_source_buffer(zip.get(), bytes.data(), bytes.size(), 0);
    const zip_int64_t index = source ? zip_file_add(zip.get(), name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
    if (index < 0) throw std::bad_alloc();
    const auto at = static_cast<zip_uint64_t>(index);
    constexpr zip_uint16_t kMidnight = 0, kFirstDay = (0 << 9) | (1 << 5) | 1;  // 1980-01-01, the earliest there is
    if (zip_set_file_compression(zip.get(), at, method, 6) != 0 ||
        zip_file_set_dostime(zip.get(), at, kMidnight, kFirstDay, 0) != 0) {
      throw std::bad_alloc();
    }
  };
  if (const auto found = entries.find(first); found != entries.end()) add(first, found->second, ZIP_CM_STORE);
  for (const auto& [name, bytes] : entries) {
    if (name != first) add(name, bytes, ZIP_CM_DEFLATE);
  }
  if (zip_close(zip.get()) != 0) throw std::bad_alloc();
  (void)zip.release();
  zip_stat_t stat;
  if (zip_source_stat(buffer.get(), &stat) != 0 || zip_source_open(buffer.get()) != 0) throw std::bad_alloc();
  Bytes out(stat.size);
  const zip_int64_t got = zip_source_read(buffer.get(), out.data(), out.size());
  zip_source_close(buffer.get());
  if (got < 0 || static_cast<zip_uint64_t>(got) != stat.size) throw std::bad_alloc();
  return out;
}

}  // namespace flikvakt::dissect
