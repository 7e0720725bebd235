// SPDX-License-Identifier: BSD-3-Clause
//
// With d_s the scattered data and J the Born map of the background, J^T d_s = J^T J dv is the perturbation of
// velocity under a zero-phase filter; divided by the pseudo-Hessian's diagonal its amplitudes are balanced
// (Shin et al., Geophysical Prospecting 49, 2001). The Laplacian takes away the low wavenumbers that waves
// along one path leave (Zhang and Sun, First Break 27, 2009), and d/dz of dv / v is the reflectivity.
#include "solver/migration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>

#include "regularizers/difference.hpp"
#include "regularizers/quantile.hpp"
#include "solver/blur.hpp"
#include "solver/work_plan.hpp"

namespace fathom {
namespace {

constexpr double illumination_floor = 0.01;  // of its median: it is many times that at the sources

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / double(values.size());
}

bool is_migrated(const MigrationParts& parts, int shot) {
  return parts.shots.empty() || std::binary_search(parts.shots.begin(), parts.shots.end(), shot);
}

/// Observed less what the smooth model predicts, of this rank's shots.
Gathers scattered_data(const MigrationParts& parts, const Model& smooth,
                       const std::function<void()>& on_shot) {
  Gathers scattered;
  parts.propagator.set_model(smooth);
  for (const auto& [shot, observed] : parts.observed) {
    if (!is_migrated(parts, shot)) continue;
    Gather gather = parts.propagator.forward(parts.survey.shots[std::size_t(shot)], parts.survey.wavelet);
    for (std::size_t i = 0; i < gather.data.size(); ++i) gather.data[i] = observed.data[i] - gather.data[i];
    scattered.emplace(shot, windowed(std::move(gather), parts.window));
    on_shot();
  }
  return scattered;
}

/// From 0 at half a wavelength from the nearest source or receiver, where they leave their imprint, to 1 at
/// one and a half.
std::vector<double> distance_taper(const Survey& survey, const Grid& grid, double wavelength) {
  std::vector<double> share(grid.cells(), 1.);
  std::set<Position> points;
  for (const Shot& shot : survey.shots) {
    points.insert(shot.source);
    points.insert(shot.receivers.begin(), shot.receivers.end());
  }
  for (const Position& point : points) {
    std::array<int, 3> first{}, last{};
    for (int axis = 0; axis < 3; ++axis) {
      const double place = (point[axis] - grid.origin[axis]) / grid.spacing[axis];
      const double reach = 1.5 * wavelength / grid.spacing[axis];
      const bool spreads = grid.active(axis);
      first[axis] = spreads ? std::max(0, int(std::ceil(place - reach))) : 0;
      last[axis] = spreads ? std::min(grid.size[axis] - 1, int(std::floor(place + reach))) : 0;
    }
    for (int ix = first[0]; ix <= last[0]; ++ix)
      for (int iy = first[1]; iy <= last[1]; ++iy)
        for (int iz = first[2]; iz <= last[2]; ++iz) {
          const std::array<int, 3> index{ix, iy, iz};
          double square = 0;
          for (int axis = 0; axis < 3; ++axis)
            if (grid.active(axis)) square += std::pow(grid.coordinate(axis, index[axis]) - point[axis], 2);
          const double ramp = std::clamp(std::sqrt(square) / wavelength - 0.5, 0., 1.);
          const std::size_t cell =
              (std::size_t(ix) * std::size_t(grid.size[1]) + std::size_t(iy)) * std::size_t(grid.size[2]) +
              std::size_t(iz);
          share[cell] = std::min(share[cell], 0.5 - 0.5 * std::cos(std::numbers::pi * ramp));
        }
  }
  return share;
}

}  // namespace

DepthImage reflectivity_image(const MigrationParts& parts, const Model& velocity, std::int64_t& solves) {
  const Grid& grid = velocity.grid;
  const std::size_t cells = grid.cells();
  const double wavelength = mean(to_host(velocity.at("vp"))) / parts.dominant_frequency;
  const Model smooth = blur(velocity, wavelength, "slowness", true);
  const Model background =
      blur(velocity, wavelength / 2.355, "slowness", true);  // its half-width: one wavelength
  const auto mine =
      double(std::count_if(parts.observed.begin(), parts.observed.end(),
                           [&](const auto& gather) { return is_migrated(parts, gather.first); }));
  double done = 0;
  const auto propagated = [&](double cost) {
    done += cost / (1 + cost_of_gradient);
    if (parts.on_progress) parts.on_progress(done / mine);
  };
  const Gathers scattered = scattered_data(parts, smooth, [&] { propagated(1); });

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
    propagated(cost_of_gradient);
  }
  parts.communicator.sum(sums.data(), sums.size());
  solves += 3 * std::int64_t(parts.shots.empty() ? parts.survey.shots.size() : parts.shots.size());

  std::vector<double> illumination(sums.begin() + std::ptrdiff_t(cells), sums.end());
  const double typical = quantile(illumination, 0.5);
  const std::vector<double> share = distance_taper(parts.survey, grid, wavelength);
  const std::vector<double> speed = to_host(background.at("vp"));
  std::vector<double> relative(cells, 0.);
  double largest = 0;
  for (std::size_t cell = 0; cell < cells && typical > 0; ++cell) {
    relative[cell] =
        share[cell] * sums[cell] / (illumination[cell] + illumination_floor * typical) / speed[cell];
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
  std::vector<bool> lit(cells);
  for (std::size_t cell = 0; cell < cells; ++cell)
    lit[cell] = share[cell] >= 0.5 && illumination[cell] > illumination_floor * typical;
  return {result, std::move(lit)};
}

}  // namespace fathom
