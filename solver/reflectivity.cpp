// SPDX-License-Identifier: BSD-3-Clause
#include "solver/reflectivity.hpp"

#include <algorithm>
#include <cmath>

#include "solver/fourier.hpp"

namespace fathom {
namespace {

/// A symmetric pulse, tabulated from its centre on.
class Pulse {
 public:
  /// The signal whose spectrum is |W|^2 f, with W the wavelet's.
  Pulse(const std::vector<double>& wavelet, double sampling) : step_(sampling / finer) {
    // Zeros behind the spectrum make the samples closer in time: linear interpolation will do.
    Fourier coarse(2 * wavelet.size());
    std::fill_n(coarse.samples(), coarse.length(), 0.);
    std::copy(wavelet.begin(), wavelet.end(), coarse.samples());
    coarse.forward();
    Fourier fine(finer * coarse.length());
    std::fill_n(fine.spectrum(), fine.frequencies(), 0.);
    for (std::size_t k = 0; k < coarse.frequencies(); ++k)
      fine.spectrum()[k] = std::norm(coarse.spectrum()[k]) * double(k);
    fine.backward();
    // Each wavelet's length to either side is all there is.
    values_.assign(fine.samples(), fine.samples() + finer * wavelet.size());
    const double peak = values_.front();
    for (double& value : values_) value /= peak > 0 ? peak : 1;
    reach_ = sampling * double(wavelet.size() - 1);
    for (std::size_t k = values_.size(); k-- > 0;)
      if (std::abs(values_[k]) > 1e-4) {
        reach_ = std::min(reach_, step_ * double(k + 1));
        break;
      }
  }

  /// Beyond it the pulse is nothing, s.
  double reach() const { return reach_; }
  double at(double time) const {
    const double place = std::abs(time) / step_;
    const std::size_t before = std::size_t(place);
    if (before + 1 >= values_.size()) return 0;
    const double share = place - double(before);
    return (1 - share) * values_[before] + share * values_[before + 1];
  }

 private:
  static constexpr int finer = 8;
  double step_, reach_;
  std::vector<double> values_;
};

void scale_to_unit(const Field& field, const std::vector<bool>& lit) {
  std::vector<double> values = to_host(field);
  double squares = 0, cells = 0;
  for (std::size_t cell = 0; cell < values.size(); ++cell)
    if (lit[cell]) squares += values[cell] * values[cell], ++cells;
  if (!(squares > 0)) return;
  const double factor = std::sqrt(cells / squares);
  for (double& value : values) value *= factor;
  from_host(values, field);
}

}  // namespace

Field reflectivity_of(const Model& velocity, const std::vector<double>& wavelet, const TimeAxis& time) {
  const Pulse pulse(wavelet, time.step);
  const Grid& grid = velocity.grid;
  const std::vector<double> v = to_host(velocity.at("vp"));
  const std::size_t rows = std::size_t(grid.size[2]);
  std::vector<double> result(v.size(), 0.), place(rows, 0.), contrast(rows, 0.);
  for (std::size_t column = 0; column < v.size(); column += rows) {
    // Two-way time and contrast of the interface below each cell.
    double down = 0;
    for (std::size_t row = 0; row + 1 < rows; ++row) {
      const double here = v[column + row], below = v[column + row + 1];
      down += grid.spacing[2] / here;
      place[row] = down;
      down += grid.spacing[2] / below;
      contrast[row] = std::log(below / here);
    }
    std::size_t first = 0;
    for (std::size_t row = 0; row + 1 < rows; ++row) {
      while (place[row] - place[first] > pulse.reach()) ++first;
      double sum = 0;
      for (std::size_t other = first; other + 1 < rows && place[other] - place[row] <= pulse.reach(); ++other)
        sum += contrast[other] * pulse.at(place[row] - place[other]);
      result[column + row] = sum;
    }
  }
  const Field field = make_field("reflectivity", grid);
  from_host(result, field);
  return field;
}

ImageAndModel compare_with_image(const DepthImage& image, const Model& velocity,
                                 const std::vector<bool>& frozen, const Survey& survey) {
  const Grid& grid = velocity.grid;
  std::vector<bool> lit = image.lit;
  for (std::size_t cell = 0; cell < lit.size(); ++cell) lit[cell] = lit[cell] && !frozen[cell];
  const Field seen = clone(image.reflectivity);
  const Field said = reflectivity_of(velocity, survey.wavelet, survey.time);
  scale_to_unit(seen, lit);
  scale_to_unit(said, lit);
  return {{grid, {{"image", seen}, {"reflectivity", said}}}, divergence_between(seen, said, grid, lit)};
}

}  // namespace fathom
