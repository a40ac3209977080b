#pragma once
#include <cstddef>
#include <cstdint>

// Kernels over rows of frames: frames run fastest, so that a register holds neighbouring frames of one row and no
// kernel moves data between lanes. For models of few parameters, whose every column is a weighted sum of the movie's
// pixels. Rows have kRowLanes frames, or several times as many; who has fewer fills the last ones. Written once over
// Highway's vectors, chosen at run time as the others are (kernels.hpp).
namespace plexiform {

inline constexpr std::size_t kRowLanes = 16;
/// So many frames, and what fills the last register.
constexpr std::size_t row_length(std::size_t frames) {
  return (frames + kRowLanes - 1) / kRowLanes * kRowLanes;
}

/// Rows of equal length, one after the other.
struct Rows {
  const float* values = nullptr;
  std::size_t count = 0, stride = 0;  ///< rows, floats from one to the next
  const float* row(std::size_t i) const { return values + i * stride; }
};

/// What is known of a frame's rate,
///   rate = softness softplus(drive / softness)^expansion exp(log_gain),   spikes per frame.
struct RateRows {
  const float* drive = nullptr;
  const float* log_gain = nullptr;  ///< or null
  float* rate = nullptr;
  float* log_rate = nullptr;
  float* slope = nullptr;     ///< d log rate / d drive
  float* log_bend = nullptr;  ///< log softplus(drive / softness): d log rate / d expansion
};

namespace kernels {

/// to[i] = scale where bit i is set, else -scale; `words` times kRowLanes of them, lane l in bit l of a word.
void sign_rows(const std::uint16_t* bits, std::size_t words, float scale, float* to);

/// to[i][t] = sum_p weights[i][p] from[p][t]: `columns` rows of the movie, `rows` sums of them, `frames` a multiple of
/// kRowLanes. `weights`: [rows][columns]. `to` is overwritten.
void weighted_rows(const float* const* from, std::size_t columns, const float* weights, std::size_t rows,
                   std::size_t frames, float* to, std::size_t stride);

/// to[t] = (add ? to[t] : 0) + sum_l newest_last[l] from[t + l], `frames` a multiple of kRowLanes; `from` has
/// frames + lags - 1.
void filter_row(const float* newest_last, std::size_t lags, const float* from, std::size_t frames, bool add, float* to);

/// to[t] = (add ? to[t] : 0) + a[t] b[t].
void multiply_row(const float* a, const float* b, std::size_t frames, bool add, float* to);
/// sum_t a[t] b[t].
double row_product(const float* a, const float* b, std::size_t frames);

/// to[i][j] += sum_t a[i][t] b[j][t]; `to` [a.count][b.count].
void row_products(const Rows& a, const Rows& b, std::size_t frames, double* to);
/// The same of rows with themselves: to[i][j] for j <= i, of `to` [count][count].
void row_gram(const Rows& rows, std::size_t frames, double* to);

/// value[t] = scale (r / scale)^power with r = max(z[t], 0), or |z[t]| where `even`; slope[t] its derivative.
void rectified_power(const float* z, float scale, float power, bool even, std::size_t frames, float* value,
                     float* slope);

void rate_rows(const RateRows& rows, float softness, float expansion, std::size_t frames);

/// For each row f: sums[0] += sum_t first[t] g, sums[1] += sum_t second[t] g^2 with g = f where it is positive, and
/// sums[2], sums[3] the same of -f where it is negative; f = sum_k mix[k] rows[k][t], to the power 1, 1.5, 2 or 3.
void both_polarities(const float* const* rows, const float* mix, std::size_t count, const float* first,
                     const float* second, float power, std::size_t frames, double sums[4]);

}  // namespace kernels
}  // namespace plexiform
