// SPDX-License-Identifier: BSD-3-Clause
#include "solver/sweep.hpp"

#include <gtest/gtest.h>

#include "physics/error.hpp"

namespace fathom {
namespace {

using Values = std::vector<std::string>;

TEST(Sweep, TakesTheValuesOfAnOptionApart) {
  const Sweep sweep = parse_sweep("inversion.regularizer.weight=0.01,0.1,1");
  EXPECT_EQ(sweep.key, "inversion.regularizer.weight");
  EXPECT_EQ(sweep.values, (Values{"0.01", "0.1", "1"}));
  EXPECT_EQ(sweep.setting(1), "inversion.regularizer.weight=0.1");
  EXPECT_EQ(sweep.name(1), "weight=0.1");
}

TEST(Sweep, LeavesCommasWithinAValueAlone) {
  EXPECT_EQ(parse_sweep("survey.sources.first=[100, 20],[200, 20]").values,
            (Values{"[100, 20]", "[200, 20]"}));
  EXPECT_EQ(parse_sweep("inversion.regularizer={kind: tikhonov, weight: 1},~").values,
            (Values{"{kind: tikhonov, weight: 1}", "~"}));
  EXPECT_EQ(parse_sweep("title='a, b',c").values, (Values{"'a, b'", "c"}));
}

TEST(Sweep, NamesFoldersThatAnyDiskCanHold) {
  EXPECT_EQ(parse_sweep("start.file=a/b.h5,../c.h5").name(1), "file=.._c.h5");
}

TEST(Sweep, RefusesWhatMakesNoVariants) {
  for (const char* text :
       {"", "weight", "=1,2", "weight=", "weight=1", "weight=1,,2", "weight=1,2,1", "start.file=a/b,a_b"})
    EXPECT_THROW(parse_sweep(text), UserError) << text;
}

}  // namespace
}  // namespace fathom
