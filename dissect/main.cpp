// flikvakt-partition: divides one file, confined, and ends. Started by the gateway with two pipes and nothing else; it
// takes no arguments and is no use at a terminal.
#include <unistd.h>

#include <new>

#include "crypto/hash.h"
#include "dissect/confine.h"
#include "dissect/dissect.h"
#include "dissect/pdf_fonts.h"
#include "dissect/serve_once.h"
#include "partition/limits.h"

int main() {
  using namespace flikvakt;
  // What needs files is done while there are any: typefaces, and whatever OpenSSL reads when it is first used.
  dissect::map_typefaces();
  (void)crypto::sha256(Bytes());
  if (!dissect::confine()) return partition::kEndedUnconfined;
  // _exit: nothing of what libraries do at the end is wanted, and the answer is written.
  try {
    _exit(dissect::serve_once(STDIN_FILENO, STDOUT_FILENO, [](const dissect::Order& order, BytesView file) {
      return dissect::dissect(order, file);
    }));
  } catch (const std::bad_alloc&) {  // outside the parsers: file and answer together
    _exit(partition::kEndedWithoutMemory);
  }
}
