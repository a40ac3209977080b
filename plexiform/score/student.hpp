#pragma once

namespace plexiform {

/// P(T > t) of Student's distribution, freedom >= 1 (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).
double student_tail(double t, int freedom);

/// The t >= 0 above which `tail` of it lies, 0 < tail <= 0.5.
double student_quantile(double tail, int freedom);

}  // namespace plexiform
