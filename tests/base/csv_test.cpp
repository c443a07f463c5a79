#include "base/csv.h"

#include <gtest/gtest.h>

namespace flikvakt {
namespace {

// SPEC LOGV-24, PORTAL-75
TEST(Csv, NothingInACellBeginsAFormula) {
  EXPECT_EQ(csv_cell("Journal"), "Journal");
  EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
  EXPECT_EQ(csv_cell("  @x"), "'  @x");
  EXPECT_EQ(csv_cell("a;-1"), "a;'-1");
  EXPECT_EQ(csv_cell("\uff1d1"), "'\uff1d1") << "the wide form too";
  EXPECT_EQ(csv_cell("\t=1"), "'\t'=1");
  EXPECT_EQ(csv_cell("\r=1"), "'\r=1");
  EXPECT_EQ(csv_cell("a=b"), "a=b");
}

TEST(Csv, WhatWouldPartACellIsQuoted) {
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("a \"b\""), "\"a \"\"b\"\"\"");
  EXPECT_EQ(csv_cell(""), "");
  EXPECT_EQ(csv_cell("\xff"), "\xff");
}

}  // namespace
}  // namespace flikvakt
