// SPDX-License-Identifier: BSD-3-Clause
#include "ml/trainer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ml/geology_random.hpp"

namespace fathom {
namespace {

const NetworkShape small{.widths = {6, 8}};

/// Questions whose answer is there to be read: an edge where the image is bright, its jump by the image's
/// sign.
Sample easy_sample(int number) {
  Random random(std::uint64_t(number), "sample");
  Sample sample{Images(input_channels, 40, 36), {Images(Target::channels, 40, 36)}};
  const double kx = random.uniform(-0.3, 0.3), kz = random.uniform(0.3, 0.5), phase = random.uniform(0, 6);
  for (int ix = 0; ix < 40; ++ix)
    for (int iz = 0; iz < 36; ++iz) {
      const double wave = std::sin(kx * ix + kz * iz + phase);
      sample.inputs.at(input_image, ix, iz) = float(wave);
      Images& target = sample.target.images;
      target.at(Target::residual, ix, iz) = float(0.3 * wave);
      target.at(Target::weight, ix, iz) = 1;
      if (std::abs(wave) < 0.7) continue;
      target.at(Target::edge, ix, iz) = 1;
      target.at(Target::normal_z, ix, iz) = wave > 0 ? 1 : -1;
    }
  return sample;
}

const std::vector<int> training{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, validation{100, 101, 102};
const TrainingOptions options{.epochs = 40, .batch = 4, .learning_rate = 0.02, .patience = 40};

TEST(Trainer, LowersTheLossOfSamplesThatItHasNotSeen) {
  Communicator alone;
  const Trainer trainer(small, options, 1, alone);
  TrainingState state = trainer.start();
  const double before = trainer.epoch(state, easy_sample, training, validation).validation.total();
  EpochReport last;
  while (!trainer.finished(state)) last = trainer.epoch(state, easy_sample, training, validation);
  EXPECT_LT(last.validation.total(), 0.5 * before);
  EXPECT_LE(state.best_loss, last.validation.total());
  // After so few steps it dares not be as sure as it may be: the correction mends that.
  std::vector<float> corrected = state.best;
  correct(corrected, small, trainer.calibrate(state.best, easy_sample, training));
  const double error = trainer.calibrate(state.best, easy_sample, validation).edge.error();
  EXPECT_LT(trainer.calibrate(corrected, easy_sample, validation).edge.error(), std::min(0.1, 0.5 * error));
}

TEST(Trainer, RepeatsBitByBitAndGoesOnFromAnyEpoch) {
  Communicator alone;
  const Trainer trainer(small, options, 1, alone);
  const auto after = [&](TrainingState state, int epochs) {
    for (int i = 0; i < epochs; ++i) trainer.epoch(state, easy_sample, training, validation);
    return state;
  };
  const TrainingState both = after(trainer.start(), 2);
  EXPECT_EQ(after(after(trainer.start(), 1), 1), both);
  const Trainer other(small, options, 2, alone);
  EXPECT_NE(other.start().weights, trainer.start().weights);
}

TEST(Trainer, EndsWhenNothingImproves) {
  Communicator alone;
  TrainingOptions patient = options;
  patient.patience = 3;
  const Trainer trainer(small, patient, 1, alone);
  TrainingState state;
  state.epoch = 8;
  state.best_epoch = 6;
  EXPECT_FALSE(trainer.finished(state));
  state.best_epoch = 5;
  EXPECT_TRUE(trainer.finished(state));
}

TEST(Samples, ArePaddedWithCellsThatDoNotCountAndMirroredWithTheirNormals) {
  const Sample sample = easy_sample(1), grown = padded_sample(sample);
  EXPECT_EQ(grown.inputs.nx, 48);
  EXPECT_EQ(grown.target.images.at(Target::weight, 39, 35), 1);
  EXPECT_EQ(grown.target.images.at(Target::weight, 40, 35), 0);
  EXPECT_EQ(grown.target.images.at(Target::weight, 39, 36), 0);
  Sample dipping = sample;
  dipping.target.images.at(Target::normal_x, 3, 5) = 0.6f;
  EXPECT_EQ(mirrored_sample(dipping).target.images.at(Target::normal_x, 36, 5), -0.6f);
  EXPECT_EQ(mirrored_sample(mirrored_sample(dipping)).inputs, dipping.inputs);
}

TEST(Corrections, ChangeTheLogOddsOfTheirHeadsAlone) {
  const std::vector<float> weights = initial_weights(small, 4);
  Calibration calibration;
  for (int i = 0; i < 1000; ++i) calibration.edge.add(0.9, i % 10 < 3);  // too sure
  std::vector<float> corrected = weights;
  correct(corrected, small, calibration);
  const Images inputs = padded_sample(easy_sample(1)).inputs;
  const Images before = learner().make_network(small, weights)->apply(inputs);
  const Images after = learner().make_network(small, corrected)->apply(inputs);
  const Reliability::Correction by = calibration.edge.correction();
  const auto odds = [](float p) { return std::log(double(p) / (1 - double(p))); };
  for (std::size_t cell = 0; cell < before.cells(); cell += 17) {
    EXPECT_NEAR(odds(after.channel(output_edge)[cell]),
                by.slope * odds(before.channel(output_edge)[cell]) + by.offset, 1e-3);
    EXPECT_EQ(after.channel(output_residual)[cell], before.channel(output_residual)[cell]);
  }
}

}  // namespace
}  // namespace fathom
