// SPDX-License-Identifier: BSD-3-Clause
#include "ml/familiarity.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/channels.hpp"
#include "physics/error.hpp"
#include "regularizers/quantile.hpp"

namespace fathom {
namespace {

/// The lower triangle L of a symmetric positive matrix A = L L^T (Cholesky), row by row.
std::vector<double> root_of(const std::vector<double>& a, std::size_t n) {
  std::vector<double> l(n * n, 0.);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = i == j ? std::sqrt(sum) : sum / l[j * n + j];
    }
  return l;
}

/// L^-1, column by column of the identity.
std::vector<double> inverse_of_triangle(const std::vector<double>& l, std::size_t n) {
  std::vector<double> inverse(n * n, 0.);
  for (std::size_t column = 0; column < n; ++column)
    for (std::size_t i = column; i < n; ++i) {
      double sum = i == column ? 1 : 0;
      for (std::size_t k = column; k < i; ++k) sum -= l[i * n + k] * inverse[k * n + column];
      inverse[i * n + column] = sum / l[i * n + i];
    }
  return inverse;
}

}  // namespace

double Familiarity::distance(const std::vector<double>& features) const {
  const std::size_t n = mean.size();
  if (features.size() != n)
    throw RunError("a question has another number of channels than those of the training");
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double along = 0;
    for (std::size_t j = 0; j <= i; ++j) along += inverse_root[i * n + j] * (features[j] - mean[j]);
    squares += along * along;
  }
  return std::sqrt(squares);
}

Familiarity::Strangest Familiarity::strangest(const std::vector<double>& features) const {
  const std::size_t n = mean.size();
  const std::vector<double> root = inverse_of_triangle(inverse_root, n);  // the covariance is L L^T
  Strangest result;
  for (std::size_t i = 0; i < n; ++i) {
    double variance = 0;
    for (std::size_t j = 0; j <= i; ++j) variance += root[i * n + j] * root[i * n + j];
    const double deviations = (features[i] - mean[i]) / std::sqrt(variance);
    if (std::abs(deviations) > std::abs(result.deviations)) result = {i, deviations};
  }
  return result;
}

std::string name_of_feature(std::size_t feature) {
  const char* const statistic = feature % 2 == 0 ? "mean of the " : "standard deviation of the ";
  return std::string(statistic) + input_names[feature / 2];
}

std::vector<double> features_of(const Images& inputs) {
  std::vector<double> features;
  const double count = double(inputs.cells());
  for (int channel = 0; channel < inputs.channels; ++channel) {
    const float* values = inputs.channel(channel);
    double sum = 0, squares = 0;
    for (std::size_t cell = 0; cell < inputs.cells(); ++cell) sum += double(values[cell]);
    const double mean = sum / count;
    for (std::size_t cell = 0; cell < inputs.cells(); ++cell)
      squares += (double(values[cell]) - mean) * (double(values[cell]) - mean);
    features.push_back(mean);
    features.push_back(std::sqrt(squares / count));
  }
  return features;
}

Familiarity familiarity_with(const std::vector<std::vector<double>>& features) {
  if (features.size() < 2) throw RunError("too few questions to know what a network was trained on");
  const std::size_t n = features.front().size();
  Familiarity familiarity;
  familiarity.mean.assign(n, 0.);
  for (const std::vector<double>& one : features)
    for (std::size_t i = 0; i < n; ++i) familiarity.mean[i] += one[i] / double(features.size());
  std::vector<double> covariance(n * n, 0.);
  for (const std::vector<double>& one : features)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        covariance[i * n + j] +=
            (one[i] - familiarity.mean[i]) * (one[j] - familiarity.mean[j]) / double(features.size() - 1);
  double largest = 0;
  for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, covariance[i * n + i]);
  for (std::size_t i = 0; i < n; ++i) covariance[i * n + i] += std::max(1e-6 * largest, 1e-8);
  familiarity.inverse_root = inverse_of_triangle(root_of(covariance, n), n);
  std::vector<double> distances;
  for (const std::vector<double>& one : features) distances.push_back(familiarity.distance(one));
  familiarity.limit = quantile(std::move(distances), 0.99);
  return familiarity;
}

}  // namespace fathom
