// flikvakt-partition: divides one file, confined, and ends. Started by the gateway with two pipes and nothing else; it
// takes no arguments and is no use at a terminal.
#include <unistd.h>

#include "crypto/hash.h"
#include "dissect/confine.h"
#include "dissect/dissect.h"
#include "dissect/pdf_fonts.h"
#include "dissect/serve_once.h"

int main() {
  using namespace flikvakt;
  constexpr int kNotConfined = 3;
  // What needs files is done while there are any: typefaces, and whatever OpenSSL reads when it is first used.
  dissect::map_typefaces();
  (void)crypto::sha256(Bytes());
  if (!dissect::confine()) return kNotConfined;
  // _exit: nothing of what libraries do at the end is wanted, and the answer is written.
  _exit(dissect::serve_once(STDIN_FILENO, STDOUT_FILENO,
                            [](const dissect::Order& order, BytesView file) { return dissect::dissect(order, file); }));
}
