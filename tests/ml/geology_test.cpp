// SPDX-License-Identifier: BSD-3-Clause
#include "ml/geology.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ml/geology_earth.hpp"
#include "physics/error.hpp"

namespace fathom {
namespace {

GeologyOptions small(const std::string& kind, int seed = 1) {
  GeologyOptions options;
  options.kind = kind;
  options.seed = seed;
  options.spacing = 25;
  return options;
}

std::vector<double> velocities(const GeologyOptions& options) {
  return to_host(generate(options).at("vp"));
}

std::unique_ptr<Earth> make(const GeologyOptions& options) {
  return geologies().make(options.kind, options);
}

bool is_salt(const Earth& earth, double x, double z) {
  return earth.bodies[0].shape({x, 0, z}) > 0;
}

TEST(EveryGeology, IsTheSameForTheSameSeedAndAnotherForAnother) {
  for (const std::string& kind : geologies().names()) {
    const std::vector<double> first = velocities(small(kind, 3));
    EXPECT_EQ(first, velocities(small(kind, 3))) << kind;
    const std::vector<double> other = velocities(small(kind, 4));
    int different = 0;
    for (std::size_t cell = 0; cell < first.size(); ++cell)
      different += std::abs(first[cell] - other[cell]) > 20;
    EXPECT_GT(different, int(first.size()) / 3) << kind;
  }
}

TEST(EveryGeology, StaysWithinItsBounds) {
  for (const std::string& kind : geologies().names())
    for (int seed = 1; seed <= 5; ++seed) {
      GeologyOptions options = small(kind, seed);
      options.spacing = 50;
      options.min_velocity = 2000;
      options.max_velocity = 3000;
      options.body_velocity = 2900;
      options.water_depth = 0;
      for (const double vp : velocities(options)) {
        ASSERT_GE(vp, 2000) << kind << ' ' << seed;
        ASSERT_LE(vp, 3000) << kind << ' ' << seed;
      }
    }
}

TEST(EveryGeology, GetsFasterWithDepthOnTheWhole) {
  for (const std::string& kind : geologies().names())
    for (int seed = 1; seed <= 5; ++seed) {
      const Model model = generate(small(kind, seed));
      const std::vector<double> vp = to_host(model.at("vp"));
      const int nz = model.grid.size[2];
      double shallow = 0, deep = 0;
      for (int ix = 0; ix < model.grid.size[0]; ++ix)
        for (int iz = 0; iz < nz / 4; ++iz) {
          shallow += vp[std::size_t(ix) * nz + iz];
          deep += vp[std::size_t(ix + 1) * nz - 1 - iz];
        }
      EXPECT_GT(deep, 1.25 * shallow) << kind << ' ' << seed;
    }
}

TEST(EveryGeology, IsTheSameEarthAtAnySpacing) {
  for (const std::string& kind : geologies().names()) {
    GeologyOptions options = small(kind, 2);
    options.depth = 3000;
    options.texture = 0;
    options.spacing = 20;
    const Model fine = generate(options);
    options.spacing = 40;
    const Model coarse = generate(options);
    const auto vp_fine = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), fine.at("vp"));
    const auto vp_coarse = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), coarse.at("vp"));
    int compared = 0;
    for (int ix = 1; ix < coarse.grid.size[0] - 1; ++ix)
      for (int iz = 1; iz < coarse.grid.size[2] - 1; ++iz) {
        double slowest = 1e9, fastest = 0;
        for (int i = -1; i <= 1; ++i)
          for (int k = -1; k <= 1; ++k) {
            slowest = std::min(slowest, double(vp_fine(2 * ix + i, 0, 2 * iz + k)));
            fastest = std::max(fastest, double(vp_fine(2 * ix + i, 0, 2 * iz + k)));
          }
        if (fastest - slowest > 30) continue;  // an interface, which one cell may share unlike the other
        ++compared;
        ASSERT_NEAR(vp_coarse(ix, 0, iz), vp_fine(2 * ix, 0, 2 * iz), 15) << kind << " " << ix << ' ' << iz;
      }
    EXPECT_GT(compared, int(coarse.grid.cells()) / 3) << kind;
  }
}

TEST(EveryGeology, In2DIsTheMiddleSectionOfItself) {
  for (const std::string& kind : geologies().names()) {
    GeologyOptions options = small(kind);
    const auto section = make(options);
    options.breadth = 1000;
    const auto volume = make(options);
    for (double x = 3; x < options.width; x += 100)
      EXPECT_EQ(section->velocity({x, 0, 700}), volume->velocity({x, 0, 700})) << kind;
  }
}

TEST(EveryGeology, FillsTheExtentThatIsAMultipleOfTheSpacingAndStopsShortOfOneThatIsNot) {
  for (const std::string& kind : geologies().names()) {
    GeologyOptions options = small(kind);
    options.spacing = 100;
    options.breadth = 390;
    options.width = 4000;
    options.depth = 1550;
    const Model model = generate(options);
    EXPECT_EQ(model.grid.size, (std::array<int, 3>{41, 4, 16}));
    EXPECT_EQ(model.grid, geology_grid(options));
    EXPECT_EQ(model.at("vp").extent(1), 4u);
    options.breadth.reset();
    EXPECT_EQ(geology_grid(options).dimensions(), 2);
  }
}

TEST(Geology, Folded3dVariesAlongY) {
  const auto earth = make(small("folded_3d"));
  double largest = 0;
  for (double x = 0; x < 4000; x += 100)
    largest = std::max(largest, std::abs(earth->velocity({x, -700, 900}) - earth->velocity({x, 700, 900})));
  EXPECT_GT(largest, 150);
}

TEST(Geology, QuickstartHasOneFaultThatOffsetsItsLayersByMoreThan100m) {
  for (int seed = 1; seed <= 10; ++seed) {
    const auto earth = make(small("quickstart", seed));
    int jumps = 0;
    double throw_of_fault = 0;
    double before = earth->origin({0, 0, 900}).laid_down[2];
    for (double x = 1; x <= 4000; ++x) {
      const double here = earth->origin({x, 0, 900}).laid_down[2];
      if (std::abs(here - before) > 5) {
        ++jumps;
        throw_of_fault = std::abs(here - before);
      }
      before = here;
    }
    EXPECT_EQ(jumps, 1) << seed;
    EXPECT_GT(throw_of_fault, 100) << seed;
    EXPECT_LT(throw_of_fault, 220) << seed;
  }
}

TEST(Geology, QuickstartHasALensOfFastRockAwayFromTheEdges) {
  for (int seed = 1; seed <= 10; ++seed) {
    const Model model = generate(small("quickstart", seed));
    const auto vp = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), model.at("vp"));
    int left = 1000, right = 0, top = 1000, bottom = 0;
    for (int ix = 0; ix < model.grid.size[0]; ++ix)
      for (int iz = 0; iz < model.grid.size[2]; ++iz)
        if (vp(ix, 0, iz) > 3300) {
          left = std::min(left, ix);
          right = std::max(right, ix);
          top = std::min(top, iz);
          bottom = std::max(bottom, iz);
        }
    const double length = (right - left) * 25., thickness = (bottom - top) * 25.;
    EXPECT_GT(length, 350) << seed;
    EXPECT_LT(length, 700) << seed;
    EXPECT_GT(thickness, 80) << seed;
    EXPECT_LT(thickness, 350) << seed;  // it may be tilted
    EXPECT_GT(left * 25., 500) << seed;
    EXPECT_LT(right * 25., 3500) << seed;
    const int middle = (left + right) / 2;
    const double around = 0.5 * (vp(middle, 0, top - 3) + vp(middle, 0, bottom + 3));
    EXPECT_GT(vp(middle, 0, (top + bottom) / 2), around + 600) << seed;
  }
}

TEST(Geology, WaterIsAt1500AndTheSeaFloorUndulates) {
  for (const std::string& kind : geologies().names()) {
    GeologyOptions options = small(kind);
    options.water_depth = 200;
    const auto earth = make(options);
    const Model model = generate(options);
    const auto vp = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), model.at("vp"));
    double shallowest = 1e9, deepest = 0;
    for (int ix = 0; ix < model.grid.size[0]; ++ix) {
      const double floor = earth->sea_floor(model.grid.coordinate(0, ix), 0);
      shallowest = std::min(shallowest, floor);
      deepest = std::max(deepest, floor);
      for (int iz = 0; model.grid.coordinate(2, iz) < floor - 40; ++iz)
        ASSERT_EQ(vp(ix, 0, iz), Real(1500)) << kind;
      const int below = int(floor / 25) + 2;
      EXPECT_GT(vp(ix, 0, below), Real(1500)) << kind;
    }
    EXPECT_GT(shallowest, 80) << kind;
    EXPECT_LT(deepest, 320) << kind;
    EXPECT_GT(deepest - shallowest, 10) << kind;
  }
}

TEST(Geology, QuickstartIsOnLandUnlessAsked) {
  EXPECT_FALSE(make(small("quickstart"))->sea_floor);
  EXPECT_TRUE(make(small("salt"))->sea_floor);
}

TEST(Geology, SaltIsFastSteepAndOftenOverhangs) {
  int overhangs = 0;
  for (int seed = 1; seed <= 10; ++seed) {
    const auto earth = make(small("salt", seed));
    EXPECT_GE(earth->bodies[0].velocity, 4400);
    EXPECT_LE(earth->bodies[0].velocity, 4600);
    double tallest = 0, widest_overhang = 0;
    for (double x = 0; x <= 4000; x += 20) {
      double salt = 0, sediment_below_salt = 0;
      for (double z = 0; z < 0.7 * 1500; z += 10) {
        if (is_salt(*earth, x, z))
          salt += 10;
        else if (salt > 0)
          sediment_below_salt += 10;
      }
      tallest = std::max(tallest, salt);
      if (sediment_below_salt > 50) widest_overhang += 20;
    }
    EXPECT_GT(tallest, 400) << seed;
    overhangs += widest_overhang > 100;
  }
  EXPECT_GE(overhangs, 4);
}

TEST(Geology, ThrustsRepeatTheSection) {
  for (int seed = 1; seed <= 10; ++seed) {
    const auto earth = make(small("thrust", seed));
    double repeated = 0;  // by how much rock lies below older rock
    for (double x = 0; x <= 4000; x += 20) {
      double oldest = -1e9;
      for (double z = 0; z <= 1500; z += 10) {
        const Earth::Origin origin = earth->origin({x, 0, z});
        if (origin.chapter != &earth->chapters[1]) continue;
        oldest = std::max(oldest, origin.laid_down[2]);
        repeated = std::max(repeated, oldest - origin.laid_down[2]);
      }
    }
    EXPECT_GT(repeated, 100) << seed;
  }
}

/// By how much rock lies below older rock, at most, in the section at y.
double repeated_section(const Earth& earth, double y) {
  double repeated = 0;
  for (double x = 0; x <= 4000; x += 20) {
    double oldest = -1e9;
    for (double z = 0; z <= 1500; z += 10) {
      const Earth::Origin origin = earth.origin({x, y, z});
      if (origin.chapter != &earth.chapters[1]) continue;
      oldest = std::max(oldest, origin.laid_down[2]);
      repeated = std::max(repeated, oldest - origin.laid_down[2]);
    }
  }
  return repeated;
}

TEST(Geology, Thrust3dRepeatsTheSectionByAnotherAmountAlongY) {
  for (int seed = 1; seed <= 10; ++seed) {
    const auto earth = make(small("thrust_3d", seed));
    const double middle = repeated_section(*earth, 0);
    EXPECT_GT(middle, 100) << seed;
    EXPECT_LT(repeated_section(*earth, 5000), 0.5 * middle) << seed;  // beyond the ends of the ramps
  }
}

TEST(Geology, Thrust3dHasASlowChannelThatMeanders) {
  for (int seed = 1; seed <= 10; ++seed) {
    const auto earth = make(small("thrust_3d", seed));
    const Inclusion& channel = earth->chapters[0].inclusions.at(0);
    EXPECT_LT(channel.factor, 0.9);
    double left = 1e9, right = -1e9;  // of the channel's cells, as they were laid down, from y to y
    for (double y = -1500; y <= 1500; y += 100)
      for (double x = 0; x <= 4000; x += 25)
        for (double z = 0; z <= 500; z += 25)
          if (channel.shape({x, y, z}) > 0) {
            left = std::min(left, x);
            right = std::max(right, x);
          }
    EXPECT_GT(right - left, 700) << seed;  // its own width is 600 m at most
  }
}

TEST(Geology, RejectsWhatItCannotMake) {
  GeologyOptions options = small("quickstart");
  options.min_velocity = 3000;
  options.max_velocity = 2000;
  EXPECT_THROW(generate(options), UserError);
  options = small("quickstart");
  options.depth = 20;
  EXPECT_THROW(generate(options), UserError);
  EXPECT_THROW(generate(small("saltt")), UserError);
}

}  // namespace
}  // namespace fathom
