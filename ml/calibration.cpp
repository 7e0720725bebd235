// SPDX-License-Identifier: BSD-3-Clause
#include "ml/calibration.hpp"

#include <algorithm>
#include <cmath>

namespace fathom {
namespace {

double sigmoid(double log_odds) {
  return 1 / (1 + std::exp(-log_odds));
}

}  // namespace

void Reliability::add(double probability, bool event) {
  const double bounded = std::clamp(probability, 1e-12, 1 - 1e-12);
  const double odds = std::log(bounded / (1 - bounded));
  const int bin = std::clamp(int(std::floor((odds / reach + 1) / 2 * bins)), 0, bins - 1);
  counts[std::size_t(bin)] += 1;
  events[std::size_t(bin)] += event ? 1 : 0;
}

std::array<Reliability::Bin, 10> Reliability::ten() const {
  std::array<Bin, 10> wide;
  for (int bin = 0; bin < bins; ++bin) {
    const double probability = sigmoid(log_odds(bin)), count = counts[std::size_t(bin)];
    Bin& into = wide[std::size_t(std::min(9, int(10 * probability)))];
    into.count += count;
    into.probability += count * probability;
    into.share += events[std::size_t(bin)];
  }
  for (Bin& bin : wide)
    if (bin.count > 0) {
      bin.probability /= bin.count;
      bin.share /= bin.count;
    }
  return wide;
}

double Reliability::error() const {
  double sum = 0, count = 0;
  for (const Bin& bin : ten()) {
    sum += bin.count * std::abs(bin.share - bin.probability);
    count += bin.count;
  }
  return count > 0 ? sum / count : 0;
}

/// Newton's method on the negative log likelihood, which is convex in slope and offset.
Reliability::Correction Reliability::correction() const {
  Correction now;
  double count = 0;
  for (const double in_bin : counts) count += in_bin;
  if (!(count > 0)) return now;
  for (int iteration = 0; iteration < 50; ++iteration) {
    // A weak pull to what is there: heads that are never or always right have no finite maximum.
    const double pull = 1e-3 * count;
    double g0 = pull * (now.slope - 1), g1 = pull * now.offset, h00 = pull, h01 = 0, h11 = pull;
    for (int bin = 0; bin < bins; ++bin) {
      const double in_bin = counts[std::size_t(bin)], z = log_odds(bin);
      if (in_bin == 0) continue;
      const double p = sigmoid(now.slope * z + now.offset), over = in_bin * p - events[std::size_t(bin)];
      g0 += over * z;
      g1 += over;
      const double curvature = in_bin * p * (1 - p);
      h00 += curvature * z * z;
      h01 += curvature * z;
      h11 += curvature;
    }
    const double determinant = h00 * h11 - h01 * h01;
    const double along_slope = (h11 * g0 - h01 * g1) / determinant,
                 along_offset = (h00 * g1 - h01 * g0) / determinant;
    const double damping = std::min(1., 1 / std::max(std::abs(along_slope), std::abs(along_offset)));
    now.slope -= damping * along_slope;
    now.offset -= damping * along_offset;
    if (std::max(std::abs(along_slope), std::abs(along_offset)) < 1e-10) break;
  }
  return now;
}

void Calibration::add(const Images& answer, const Target& target) {
  constexpr double cos_45 = 0.70710678;
  const Images& truth = target.images;
  for (int ix = 0; ix < answer.nx; ++ix)
    for (int iz = 0; iz < answer.nz; ++iz) {
      if (truth.at(Target::weight, ix, iz) == 0) continue;
      const bool is_edge = truth.at(Target::edge, ix, iz) > 0;
      const double nx = double(answer.at(output_normal_x, ix, iz)),
                   nz = double(answer.at(output_normal_z, ix, iz));
      const double along =
          nx * double(truth.at(Target::normal_x, ix, iz)) + nz * double(truth.at(Target::normal_z, ix, iz));
      edge.add(double(answer.at(output_edge, ix, iz)), is_edge);
      confidence.add(double(answer.at(output_confidence, ix, iz)),
                     is_edge && along > cos_45 * std::hypot(nx, nz));
    }
}

void Calibration::sum(Communicator& communicator) {
  for (std::vector<double>* of : {&edge.counts, &edge.events, &confidence.counts, &confidence.events})
    communicator.sum(of->data(), of->size());
}

void correct(std::vector<float>& weights, const NetworkShape& shape, const Calibration& calibration) {
  const NetworkLayer heads = layers_of(shape).back();
  const std::size_t begin = weights.size() - heads.parameters(), biases = begin + heads.weights();
  const auto change = [&](int channel, const Reliability::Correction& by) {
    for (int in = 0; in < heads.in; ++in) {
      float& weight = weights[begin + std::size_t(channel * heads.in + in)];
      weight = float(by.slope * double(weight));
    }
    float& bias = weights[biases + std::size_t(channel)];
    bias = float(by.slope * double(bias) + by.offset);
  };
  change(output_edge, calibration.edge.correction());
  change(output_confidence, calibration.confidence.correction());
}

}  // namespace fathom
