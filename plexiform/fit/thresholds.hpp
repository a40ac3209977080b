#pragma once
#include <array>
#include <cstdint>

/// The numbers that decide where a fit begins, when it ends and which is kept, each with its unit and where it comes
/// from; those that a user can set are in form/model_settings.hpp. "By hand": chosen when it was written and never
/// varied systematically. Numbers that only keep arithmetic in bounds stand beside it. tests/fit/thresholds_test.cpp
/// holds each to what it is for.
namespace plexiform::thresholds::fit {

// ---- What the training blocks show before any fit (first_look)

/// Pixels, standard deviation with which the average is smoothed before its peak or its envelope is read: what decides
/// must be a place, never one noisy pixel. By hand.
inline constexpr double kAverageSmoothing = 1;
/// Pixels, side of the boxes over which the covariance over lags is pooled: a subunit covers several pixels, and the
/// noise of a single one hides it. By hand.
inline constexpr std::int64_t kCovarianceBox = 3;

// ---- Where networks begin (initial_network)

/// Pixels, width of the Gaussian that a filter begins as, and by how much it differs between filters and starts, so
/// that not all of them fall into the same hole. By hand.
inline constexpr double kFilterWidth = 1.0, kWidthStep = 0.35;
/// Noise on filters of starts after the first, standard deviation of a weight of a filter of unit norm. By hand.
inline constexpr double kStartNoise = 0.05;
/// Share of the average's peak that the map begins with where the average shows nothing, so that a subunit can grow
/// there. By hand.
inline constexpr double kEnvelopeFloor = 0.02;
/// Scale and gain of the output that goes with a start at random. Source: Keras 0.3's parametric softplus, with which
/// the paper's code was run.
inline constexpr float kRandomScale = 0.2F, kRandomGain = 5.0F;

// ---- What is fitted (trainings.hpp)

/// Pixels by which the larger filter is larger, and how many times as many filters there are, among the forms that
/// try_forms asks for. By hand.
inline constexpr std::int64_t kLargerBy = 2, kMoreFilters = 2;
/// Strengths of the penalty on the Laplacian of the LN model's spatial filter (of unit norm) that are tried, in nats a
/// frame. By hand.
inline constexpr std::array kLnStrengths{0.003, 0.01, 0.03, 0.1};
/// The penalties on the absolute values of that filter, which silences the pixels outside of the receptive field, and
/// on the second difference of the temporal one, are so many times weaker. By hand.
inline constexpr double kWeakerBy = 10;
/// Passes of an LN model, at most, and those without a better validation likelihood after which it ends: it has fewer
/// parameters than a network. By hand.
inline constexpr std::int64_t kLnPasses = 40, kLnPatience = 8;

// ---- How it is trained (train.hpp)

/// Adam's decay of both moments a step, and what is added to the root of the second. Source: Kingma and Ba 2015.
inline constexpr float kBeta1 = 0.9F, kBeta2 = 0.999F, kEpsilon = 1e-8F;
/// Passes that a long recording has at least, however few of them the number of steps would ask for. By hand.
inline constexpr std::int64_t kLeastPasses = 10;
/// Steps in which the running average of the weights forgets its start: before it has as many, it is an average over
/// fewer. By hand.
inline constexpr std::int64_t kAverageWarmUp = 10;

// ---- Which fit is kept (best_of)

/// Standard errors of the paired difference over validation chunks by which another nonlinearity must be ahead. Source:
/// the rule of one standard error (Breiman et al. 1984).
inline constexpr double kNonlinearityErrors = 1;
/// The same for another form of filters: two, because several forms stand for election. By hand.
inline constexpr double kFormErrors = 2;

}  // namespace plexiform::thresholds::fit
