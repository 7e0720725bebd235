// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <complex>
#include <cstddef>
#include <memory>

namespace fathom {

/// Discrete Fourier transforms of real signals of one length, in double, unnormalised, between two buffers of
/// its own. The plan is chosen without timing anything, so the same input gives the same bits in every run.
/// One thread at a time may use an object.
class Fourier {
 public:
  /// Transforms of `good_length(samples)`.
  explicit Fourier(std::size_t samples);
  ~Fourier();
  Fourier(Fourier&&) noexcept;
  Fourier& operator=(Fourier&&) noexcept;

  /// The least even number that is not below `samples` and whose only prime factors are 2, 3 and 5.
  static std::size_t good_length(std::size_t samples);

  std::size_t length() const { return length_; }
  std::size_t frequencies() const { return length_ / 2 + 1; }
  double* samples() { return samples_; }                  ///< x_k, length() of them
  std::complex<double>* spectrum() { return spectrum_; }  ///< X_j, frequencies() of them

  /// X_j = sum over k of x_k exp(-2 pi i j k / length); the samples stay.
  void forward();
  /// x_k = sum over j from -length/2+1 to length/2 of X_j exp(2 pi i j k / length), with X_-j the conjugate
  /// of X_j (so `forward` and then `backward` multiplies by the length); the spectrum is destroyed.
  void backward();

 private:
  struct Plans;
  std::size_t length_;
  double* samples_ = nullptr;
  std::complex<double>* spectrum_ = nullptr;
  std::unique_ptr<Plans> plans_;
};

}  // namespace fathom
