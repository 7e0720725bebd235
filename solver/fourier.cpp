// SPDX-License-Identifier: BSD-3-Clause
#include "solver/fourier.hpp"

#include <fftw3.h>

#include <algorithm>
#include <new>
#include <utility>

namespace fathom {

struct Fourier::Plans {
  double* samples = nullptr;
  fftw_complex* spectrum = nullptr;
  fftw_plan forward = nullptr;
  fftw_plan backward = nullptr;

  explicit Plans(std::size_t length)
      : samples(fftw_alloc_real(length)), spectrum(fftw_alloc_complex(length / 2 + 1)) {
    if (!samples || !spectrum) throw std::bad_alloc();
    // FFTW_ESTIMATE: a plan that was timed may differ from run to run, and its rounding with it.
    forward = fftw_plan_dft_r2c_1d(int(length), samples, spectrum, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    backward = fftw_plan_dft_c2r_1d(int(length), spectrum, samples, FFTW_ESTIMATE | FFTW_DESTROY_INPUT);
  }
  Plans(const Plans&) = delete;
  Plans& operator=(const Plans&) = delete;
  ~Plans() {
    fftw_destroy_plan(forward);
    fftw_destroy_plan(backward);
    fftw_free(samples);
    fftw_free(spectrum);
  }
};

Fourier::Fourier(std::size_t samples)
    : length_(good_length(samples)), plans_(std::make_unique<Plans>(length_)) {
  samples_ = plans_->samples;
  spectrum_ = reinterpret_cast<std::complex<double>*>(plans_->spectrum);  // FFTW promises the same layout
  std::fill_n(samples_, length(), 0.);
  std::fill_n(spectrum_, frequencies(), 0.);
}

Fourier::~Fourier() = default;
Fourier::Fourier(Fourier&&) noexcept = default;
Fourier& Fourier::operator=(Fourier&&) noexcept = default;

std::size_t Fourier::good_length(std::size_t samples) {
  for (std::size_t length = std::max<std::size_t>(2, samples + samples % 2);; length += 2) {
    std::size_t rest = length;
    for (const std::size_t prime : {2, 3, 5})
      while (rest % prime == 0) rest /= prime;
    if (rest == 1) return length;
  }
}

void Fourier::forward() {
  fftw_execute(plans_->forward);
}
void Fourier::backward() {
  fftw_execute(plans_->backward);
}

}  // namespace fathom
