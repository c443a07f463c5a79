// FHIR: the tree of JSON, bundles, documents, narrative, files inside.
#include "tests/fuzz/partition.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {

void partition_fhir(BytesView in) {
  divide("application/fhir+json", in,
         {partition::TakeSection{"10160-0"}, partition::TakeResources{"Observation", std::nullopt},
          partition::TakeResources{"Condition", "problem"}});
}

}  // namespace flikvakt::fuzz
