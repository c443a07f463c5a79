#include "tests/store/contract.h"

namespace flikvakt::store {

struct Sqlcipher {
  TemporaryFolder folder;
  crypto::DatabaseKey key = key_of(1);

  Result<Database> create() { return Database::create(folder / "rows.db", key); }
  Result<Database> open() { return Database::open(folder / "rows.db", key); }
  Result<Reader> reader() { return Reader::open(folder / "rows.db", key); }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlcipher, StoreContract, Sqlcipher);

}  // namespace flikvakt::store
