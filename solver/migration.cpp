// SPDX-License-Identifier: BSD-3-Clause
//
// With d_s the scattered data and J the Born map of the background, J^T d_s = J^T J dv is the perturbation of
// velocity under a zero-phase filter; divided by the pseudo-Hessian's diagonal its amplitudes are balanced
// (Shin et al., Geophysical Prospecting 49, 2001). The Laplacian takes away the low wavenumbers that waves
// along one path leave (Zhang and Sun, First Break 27, 2009), and d/dz of dv / v is the reflectivity.
#include "solver/migration.hpp"

#include <algorithm>

#include "regularizers/difference.hpp"
#include "solver/blur.hpp"

namespace fathom {
namespace {

constexpr double illumination_floor = 0.01;

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / double(values.size());
}

Gather windowed(Gather gather, const std::vector<double>& window) {
  for (int receiver = 0; receiver < gather.receivers && !window.empty(); ++receiver)
    for (int sample = 0; sample < gather.time.samples; ++sample)
      gather.trace(receiver)[sample] *= window[std::size_t(sample)];
  return gather;
}

/// Observed less what the smooth model predicts, of this rank's shots.
Gathers scattered_data(const MigrationParts& parts, const Model& smooth) {
  Gathers scattered;
  parts.propagator.set_model(smooth);
  for (const auto& [shot, observed] : parts.observed) {
    Gather gather = parts.propagator.forward(parts.survey.shots[std::size_t(shot)], parts.survey.wavelet);
    for (std::size_t i = 0; i < gather.data.size(); ++i) gather.data[i] = observed.data[i] - gather.data[i];
    scattered.emplace(shot, windowed(std::move(gather), parts.window));
  }
  return scattered;
}

}  // namespace

Field reflectivity_image(const MigrationParts& parts, const Model& velocity, std::int64_t& solves) {
  const Grid& grid = velocity.grid;
  const std::size_t cells = grid.cells();
  const double wavelength = mean(to_host(velocity.at("vp"))) / parts.dominant_frequency;
  const Model smooth = blur(velocity, wavelength, "slowness", true);
  const Model background =
      blur(velocity, wavelength / 2.355, "slowness", true);  // its half-width: one wavelength
  const Gathers scattered = scattered_data(parts, smooth);

  parts.propagator.set_model(background);
  std::vector<double> sums(2 * cells, 0.);
  for (const auto& [shot, gather] : scattered) {
    parts.propagator.forward_for_gradient(parts.survey.shots[std::size_t(shot)], parts.survey.wavelet);
    Model one = zeros_like(background), light = zeros_like(background);
    parts.propagator.backward(windowed(gather, parts.window), one, &light);
    const std::vector<double> migrated = to_host(one.at("vp")), illumination = to_host(light.at("vp"));
    for (std::size_t cell = 0; cell < cells; ++cell) {
      sums[cell] += migrated[cell];
      sums[cells + cell] += illumination[cell];
    }
  }
  parts.communicator.sum(sums.data(), sums.size());
  solves += 3 * std::int64_t(parts.survey.shots.size());

  const double brightest = *std::max_element(sums.begin() + std::ptrdiff_t(cells), sums.end());
  const std::vector<double> speed = to_host(background.at("vp"));
  std::vector<double> relative(cells, 0.);
  double largest = 0;
  for (std::size_t cell = 0; cell < cells && brightest > 0; ++cell) {
    relative[cell] = sums[cell] / (sums[cells + cell] + illumination_floor * brightest) / speed[cell];
    largest = std::max(largest, std::abs(relative[cell]));
  }
  for (double& value : relative) value /= largest > 0 ? largest : 1;  // the program's precision may be single
  const Field perturbation = make_field("perturbation", grid);
  from_host(relative, perturbation);
  const Field minus_sharpened = divergence_of(differences_of(perturbation, grid), grid);
  std::vector<double> image = to_host(differences_of(minus_sharpened, grid).z);
  for (double& value : image) value = -value;
  const Field result = make_field("reflectivity image", grid);
  from_host(image, result);
  return result;
}

}  // namespace fathom
