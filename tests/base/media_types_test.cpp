#include "base/media_types.h"

#include <gtest/gtest.h>

namespace flikvakt {
namespace {

// SPEC PART-1
TEST(MediaTypes, AreTakenFromTheLastEndingOfAName) {
  EXPECT_EQ(media_type_of_name("brev.pdf"), "application/pdf");
  EXPECT_EQ(media_type_of_name("Ett brev.2026.JPEG"), "image/jpeg");
  EXPECT_EQ(media_type_of_name("a.json"), "application/json");
  EXPECT_EQ(media_type_of_name("a.pdf.exe"), "");
  EXPECT_EQ(media_type_of_name("pdf"), "");
  EXPECT_EQ(media_type_of_name(".pdf"), "") << "a hidden file without an ending";
  EXPECT_EQ(media_type_of_name("a."), "");
  EXPECT_EQ(media_type_of_name(""), "");
}

TEST(MediaTypes, HaveOneEndingThatIsWritten) {
  EXPECT_EQ(ending_of_media_type("image/jpeg"), ".jpg");
  EXPECT_EQ(ending_of_media_type("application/fhir+json"), ".json");
  EXPECT_EQ(ending_of_media_type("text/html"), "");
  EXPECT_EQ(ending_of_media_type(""), "");
}

}  // namespace
}  // namespace flikvakt
