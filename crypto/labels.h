// Every label that separates one use of a key from another, in one list. A derivation or AEAD takes a Label, and only
// this file makes them: a new use is a new line here. A label that has been released is never changed and never reused.
#pragma once

#include <array>
#include <string_view>

namespace flikvakt::crypto {

class Label {
public:
  constexpr std::string_view text() const { return text_; }

  // For this file only.
  consteval explicit Label(std::string_view text) : text_(text) {
    if (!text.starts_with("flikvakt/v")) throw "a label names the product and its version";
  }

private:
  std::string_view text_;
};

namespace labels {

// Derivations (the info of HKDF)
inline constexpr Label kDocumentEnvelope{"flikvakt/v1/document-envelope"};
inline constexpr Label kHandleKey{"flikvakt/v1/handle-key"};
inline constexpr Label kPersonStateKey{"flikvakt/v1/person-state-key"};
inline constexpr Label kMasterKeyId{"flikvakt/v1/master-key-id"};
inline constexpr Label kSystemKeyId{"flikvakt/v1/system-key-id"};
inline constexpr Label kPersonKeyId{"flikvakt/v1/person-key-id"};
inline constexpr Label kDocumentId{"flikvakt/v1/document-id"};
inline constexpr Label kBlindIndex{"flikvakt/v1/blind-index"};
inline constexpr Label kLogActKey{"flikvakt/v1/log-act-key"};
inline constexpr Label kLogPersonKey{"flikvakt/v1/log-person-key"};
inline constexpr Label kLogPersonTagKey{"flikvakt/v1/log-person-tag-key"};
inline constexpr Label kLogRecordKey{"flikvakt/v1/log-record-key"};
inline constexpr Label kLogChainKey{"flikvakt/v1/log-chain-key"};
inline constexpr Label kPersonPseudonym{"flikvakt/v1/person-pseudonym"};

inline constexpr Label kEndToEndAnswer{"flikvakt/v1/end-to-end-answer"};
inline constexpr Label kEndToEnd{"flikvakt/v1/end-to-end"};

// Signatures (the beginning of what is signed)
inline constexpr Label kEndToEndSignature{"flikvakt/v1/end-to-end-signature"};
inline constexpr Label kConnectorTlsKey{"flikvakt/v1/connector-tls-key"};

// Associated data
inline constexpr Label kKeyWrap{"flikvakt/v1/key-wrap"};
inline constexpr Label kSealedFile{"flikvakt/v1/sealed-file"};
inline constexpr Label kStateRow{"flikvakt/v1/state-row"};
inline constexpr Label kPersonHandle{"flikvakt/v1/person-handle"};
inline constexpr Label kLogPart{"flikvakt/v1/log-part"};

// Commitments (the beginning of what HMAC is taken over); none is the beginning of another
inline constexpr Label kLogActCommitment{"flikvakt/v1/log-act-commitment"};
inline constexpr Label kLogPersonCommitment{"flikvakt/v1/log-person-commitment"};
inline constexpr Label kLogRecordCommitment{"flikvakt/v1/log-record-commitment"};

}  // namespace labels
}  // namespace flikvakt::crypto
