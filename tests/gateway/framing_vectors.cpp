#include "tests/gateway/framing_vectors.h"

namespace flikvakt::gateway {

namespace {

using R = GuardReason;
using namespace std::string_literals;

std::string with_line(const std::string& line) { return line + "\r\nHost: a.example\r\n\r\n"; }
std::string target(const std::string& text) { return with_line("GET " + text + " HTTP/1.1"); }
std::string get_with(const std::string& fields) {
  return "GET /v1/x HTTP/1.1\r\nHost: a.example\r\n" + fields + "\r\n";
}
std::string post_with(const std::string& fields) {
  return "POST /v1/x HTTP/1.1\r\nHost: a.example\r\n" + fields + "\r\n";
}
std::string host(const std::string& value) { return "GET /v1/x HTTP/1.1\r\nHost:" + value + "\r\n\r\n"; }

std::string many_fields(int count) {
  std::string out = "GET / HTTP/1.1\r\nHost: a.example\r\n";
  for (int i = 1; i < count; ++i) out += "x-" + std::to_string(i) + ": y\r\n";
  return out + "\r\n";
}

std::string head_of_size(std::size_t bytes) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a.example\r\nx-long: ";
  return start + std::string(bytes - start.size() - 4, 'y') + "\r\n\r\n";
}

}  // namespace

std::vector<FramingVector> framing_vectors() {
  return {
      // What must pass, so that the rest means something.
      {"PlainGet", get_with("")},
      {"GetWithZeroLength", get_with("Content-Length: 0\r\n")},
      {"PostWithLength", post_with("Content-Length: 5\r\n")},
      {"PutWithLength", with_line("PUT /v1/x HTTP/1.1\r\nContent-Length: 5")},
      {"DeleteWithoutBody", with_line("DELETE /v1/x HTTP/1.1")},
      {"HeadPassesToBe405", with_line("HEAD /v1/x HTTP/1.1")},
      {"OptionsPassesToBe405", with_line("OPTIONS /v1/x HTTP/1.1")},
      {"RootPath", target("/")},
      {"QueryWithEncodedUtf8", target("/v1/x?q=%C3%A5&limit=20")},
      {"EncodedSpaceInPath", target("/v1/a%20b")},
      {"SubDelimsInPath", target("/v1/a:b@c!$&'()*+,;=")},
      {"TabInsideValue", get_with("x-a: b\tc\r\n")},
      {"EmptyValue", get_with("x-a:\r\n")},
      {"HostWithPort", host(" a.example:8443")},
      {"HostIpv6WithPort", host(" [::1]:8443")},
      {"ExpectContinueAnyCase", post_with("Content-Length: 5\r\nExpect: 100-Continue\r\n")},
      {"UnusedFieldTwice", get_with("x-a: 1\r\nx-a: 2\r\n")},
      {"ObsTextInUnusedField", get_with("x-a: \xc3\xa5\r\n")},
      {"SixtyFourFields", many_fields(64)},
      {"ExactlySixteenKiB", head_of_size(kMaxHeadBytes)},
      {"TenThousandByteHead", head_of_size(10'000)},
      // SPEC HTTP-1: the block as a whole
      {"TeWithVerticalTab", post_with("Transfer-Encoding: \x0b"s + "chunked\r\n"), 400, R::control_character},
      {"BareLfInField", get_with("x-a: b\nx-c: d\r\n"), 400, R::bare_lf},
      {"BareLfEverywhere", "GET / HTTP/1.1\nHost: a.example\n\n", 400, R::bare_lf},
      {"BareCrInValue", get_with("x-a: b\rc\r\n"), 400, R::bare_cr},
      {"CrCrLf", get_with("x-a: b\r\r\n"), 400, R::bare_cr},
      {"NulInValue", get_with("x-a: b\0c\r\n"s), 400, R::control_character},
      {"NulInName", get_with("x\0a: b\r\n"s), 400, R::control_character},
      {"EscapeInValue", get_with("x-a: \x1b[31m\r\n"), 400, R::control_character},
      {"DeleteCharacter", get_with("x-a: \x7f\r\n"), 400, R::control_character},
      {"EmptyLineFirst", "\r\n" + get_with(""), 400, R::bad_request_line},
      {"OneByteOverSixteenKiB", head_of_size(kMaxHeadBytes + 1), 431, R::head_too_large},
      {"BytesAfterTheBlock", get_with("") + "x", 400, R::bad_request_line},
      // SPEC HTTP-2: fields and their names
      {"TeNameWithSpace", post_with("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n"), 400,
       R::space_before_colon},
      {"SpaceBeforeColon", get_with("x-a : b\r\n"), 400, R::space_before_colon},
      {"TabBeforeColon", get_with("x-a\t: b\r\n"), 400, R::space_before_colon},
      {"EmptyName", get_with(": b\r\n"), 400, R::bad_field_name},
      {"NoColon", get_with("x-a\r\n"), 400, R::bad_field_name},
      {"NameWithSpaceInside", get_with("x a: b\r\n"), 400, R::bad_field_name},
      {"NameWithSlash", get_with("x/a: b\r\n"), 400, R::bad_field_name},
      {"NameWithHighByte", get_with("x-\xe5: b\r\n"), 400, R::bad_field_name},
      {"SixtyFiveFields", many_fields(65), 431, R::too_many_fields},
      // SPEC HTTP-3: obs-fold
      {"ObsFoldSpace", get_with("x-a: b\r\n c\r\n"), 400, R::obs_fold},
      {"ObsFoldTab", get_with("x-a: b\r\n\tc\r\n"), 400, R::obs_fold},
      {"ObsFoldAfterRequestLine", "GET / HTTP/1.1\r\n Host: a.example\r\n\r\n", 400, R::obs_fold},
      {"ObsFoldedTransferEncoding", post_with("Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n"), 400,
       R::transfer_encoding},
      // SPEC HTTP-4: fields that the gateway uses
      {"TwoLengthsDiffer", post_with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400, R::duplicate_field},
      {"TwoLengthsEqual", post_with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400, R::duplicate_field},
      {"AuthorizationTwice", get_with("Authorization: a\r\nAuthorization: b\r\n"), 400, R::duplicate_field},
      {"ContentTypeTwice", get_with("Content-Type: a/b\r\ncontent-type: c/d\r\n"), 400, R::duplicate_field},
      {"RangeTwice", get_with("Range: bytes=0-1\r\nRange: bytes=2-3\r\n"), 400, R::duplicate_field},
      {"CookieTwice", get_with("Cookie: a=b\r\nCookie: a=c\r\n"), 400, R::duplicate_field},
      {"OwnFieldTwice", get_with("Flikvakt-Staff: a\r\nflikvakt-staff: b\r\n"), 400, R::duplicate_field},
      {"NonAsciiInUsedField", get_with("Authorization: \xc3\xa5\r\n"), 400, R::bad_field_value},
      // SPEC HTTP-5: the request line
      {"Http10", with_line("GET / HTTP/1.0"), 400, R::bad_version},
      {"Http10Chunked", with_line("POST / HTTP/1.0\r\nTransfer-Encoding: chunked"), 400, R::bad_version},
      {"Http12", with_line("GET / HTTP/1.2"), 400, R::bad_version},
      {"VersionLowerCase", with_line("GET / http/1.1"), 400, R::bad_version},
      {"VersionMissing", with_line("GET /"), 400, R::bad_request_line},
      {"TwoSpaces", with_line("GET  / HTTP/1.1"), 400, R::bad_request_line},
      {"TabSeparator", with_line("GET\t/ HTTP/1.1"), 400, R::bad_request_line},
      {"LeadingSpace", with_line(" GET / HTTP/1.1"), 400, R::bad_request_line},
      {"TrailingSpace", with_line("GET / HTTP/1.1 "), 400, R::bad_request_line},
      // SPEC HTTP-6: methods
      {"Http2", with_line("PRI * HTTP/2.0"), 400, R::method_not_known},
      {"MethodLowerCase", with_line("get / HTTP/1.1"), 400, R::method_not_known},
      {"MethodPatch", with_line("PATCH / HTTP/1.1"), 400, R::method_not_known},
      {"MethodTrace", with_line("TRACE / HTTP/1.1"), 400, R::method_not_known},
      {"MethodConnect", with_line("CONNECT a.example:443 HTTP/1.1"), 400, R::method_not_known},
      {"MethodUnknown", with_line("FETCH / HTTP/1.1"), 400, R::method_not_known},
      // SPEC HTTP-7: the length of the target
      {"TargetOver2KiB", target("/" + std::string(kMaxTargetBytes, 'a')), 414, R::target_too_long},
      // SPEC HTTP-8: the form of the target
      {"AbsoluteForm", target("http://b.example/"), 400, R::bad_target},
      {"AuthorityForm", target("b.example:443"), 400, R::bad_target},
      {"AsteriskForm", with_line("OPTIONS * HTTP/1.1"), 400, R::bad_target},
      {"Fragment", target("/v1/x#y"), 400, R::bad_target},
      {"FragmentInQuery", target("/v1/x?a=b#y"), 400, R::bad_target},
      {"EncodedCrLfInQuery", target("/v1/x?a=%0d%0a"), 400, R::bad_target},
      {"BrokenUtf8InQuery", target("/v1/x?a=%ff"), 400, R::bad_target},
      {"QueryNameTwice", target("/v1/x?a=1&a=2"), 400, R::bad_target},
      {"QueryNameTwiceEncoded", target("/v1/x?a=1&%61=2"), 400, R::bad_target},
      {"QueryEmptyName", target("/v1/x?=1"), 400, R::bad_target},
      // SPEC HTTP-9: one spelling of a path
      {"EncodedSlash", target("/v1/a%2Fb"), 400, R::bad_target},
      {"EncodedSlashLowerCase", target("/v1/a%2fb"), 400, R::bad_target},
      {"EncodedNul", target("/v1/a%00"), 400, R::bad_target},
      {"EncodedDotDot", target("/v1/%2e%2e/x"), 400, R::bad_target},
      {"HalfEncodedDotDot", target("/v1/.%2e/x"), 400, R::bad_target},
      {"DotDot", target("/v1/../x"), 400, R::bad_target},
      {"SingleDot", target("/v1/./x"), 400, R::bad_target},
      {"DoubleEncoding", target("/v1/a%252fb"), 400, R::bad_target},
      {"EncodedLetter", target("/v1/%61"), 400, R::bad_target},
      {"EncodedBackslash", target("/v1/a%5cb"), 400, R::bad_target},
      {"Backslash", target("/v1/a\\b"), 400, R::bad_target},
      {"EncodedNonAscii", target("/v1/%C3%A5"), 400, R::bad_target},
      {"OverlongSlash", target("/v1/%c0%af"), 400, R::bad_target},
      {"RawNonAscii", target("/v1/\xc3\xa5"), 400, R::bad_target},
      {"BrokenEncoding", target("/v1/a%2"), 400, R::bad_target},
      {"BrokenEncodingNoHex", target("/v1/a%zz"), 400, R::bad_target},
      {"EmptySegment", target("/v1//x"), 400, R::bad_target},
      {"DoubleSlashFirst", target("//b.example/x"), 400, R::bad_target},
      // SPEC HTTP-10: Host
      {"HostMissing", "GET / HTTP/1.1\r\n\r\n", 400, R::missing_host},
      {"HostTwice", get_with("Host: b.example\r\n"), 400, R::duplicate_field},
      {"HostEmpty", host(""), 400, R::bad_host},
      {"HostWithUser", host(" u@a.example"), 400, R::bad_host},
      {"HostWithPath", host(" a.example/x"), 400, R::bad_host},
      {"HostList", host(" a.example, b.example"), 400, R::bad_host},
      {"HostBadPort", host(" a.example:x"), 400, R::bad_host},
      {"HostOpenBracket", host(" [::1"), 400, R::bad_host},
      // SPEC HTTP-11: how a body is framed
      {"TeChunked", post_with("Transfer-Encoding: chunked\r\n"), 400, R::transfer_encoding},
      {"TeAndLength", post_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400, R::transfer_encoding},
      {"LengthAfterTe", post_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400, R::transfer_encoding},
      {"TeGzipAndLength", post_with("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"), 400, R::transfer_encoding},
      {"TeNotEndingInChunked", post_with("Transfer-Encoding: chunked, gzip\r\n"), 400, R::transfer_encoding},
      {"TeIdentity", post_with("Transfer-Encoding: identity\r\nContent-Length: 5\r\n"), 400, R::transfer_encoding},
      {"TeEmpty", post_with("Transfer-Encoding:\r\nContent-Length: 5\r\n"), 400, R::transfer_encoding},
      {"TeOtherCase", post_with("tRANSFER-eNCODING: chunked\r\n"), 400, R::transfer_encoding},
      {"LengthList", post_with("Content-Length: 5, 5\r\n"), 400, R::bad_content_length},
      {"LengthSigned", post_with("Content-Length: +5\r\n"), 400, R::bad_content_length},
      {"LengthNegative", post_with("Content-Length: -1\r\n"), 400, R::bad_content_length},
      {"LengthHex", post_with("Content-Length: 0x5\r\n"), 400, R::bad_content_length},
      {"LengthEmpty", post_with("Content-Length:\r\n"), 400, R::bad_content_length},
      {"LengthLeadingZero", post_with("Content-Length: 05\r\n"), 400, R::bad_content_length},
      {"LengthInnerSpace", post_with("Content-Length: 5 5\r\n"), 400, R::bad_content_length},
      {"LengthOverflows", post_with("Content-Length: 18446744073709551621\r\n"), 400, R::bad_content_length},
      {"LengthMissingOnPost", post_with(""), 411, R::length_required},
      {"LengthMissingOnPut", with_line("PUT /v1/x HTTP/1.1"), 411, R::length_required},
      {"BodyOnGet", get_with("Content-Length: 5\r\n"), 400, R::body_not_expected},
      {"BodyOnDelete", with_line("DELETE / HTTP/1.1\r\nContent-Length: 5"), 400, R::body_not_expected},
      // SPEC HTTP-19: Upgrade and Expect
      {"UpgradeField", get_with("Upgrade: websocket\r\n"), 400, R::upgrade},
      {"UpgradeOption", get_with("Connection: keep-alive, Upgrade\r\n"), 400, R::upgrade},
      {"H2cSettings", get_with("HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"), 400, R::upgrade},
      {"ExpectOther", post_with("Content-Length: 5\r\nExpect: 200-ok\r\n"), 417, R::bad_expect},
  };
}

}  // namespace flikvakt::gateway
