#include "plexiform/model/movie_conv.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <string>

#include "plexiform/base/error.hpp"
#include "plexiform/compute/movie_filter.hpp"

namespace plexiform {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

void check(bool fits, const at::Tensor& block, const at::Tensor& filters) {
  if (fits) return;
  std::string text = "movie_conv: block";
  for (const auto n : block.sizes()) text += " " + std::to_string(n);
  text += ", filters";
  for (const auto n : filters.sizes()) text += " " + std::to_string(n);
  throw InternalError(text);
}

ConvShape shape_of(const at::Tensor& block, std::int64_t filters, std::int64_t lags, std::int64_t rows,
                   std::int64_t columns, std::int64_t pad) {
  const auto size = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  return {size(lags),    size(block.size(1)), size(block.size(2)), size(block.size(3)),
          size(filters), size(rows),          size(columns),       size(pad)};
}

int threads() {
  return at::get_num_threads();
}

/// A block of frames as a tile: 16 lanes, one after the other.
Tile tile_of(const at::Tensor& block, std::size_t lags) {
  const auto frames = static_cast<std::size_t>(block.size(0)), pixels = static_cast<std::size_t>(block[0].numel());
  const at::Tensor held = block.contiguous();
  return tile_of_block({held.const_data_ptr<float>(), frames * pixels}, pixels, lags);
}

at::Tensor output_like(const at::Tensor& block, const ConvShape& s) {
  return at::empty({block.size(0) - static_cast<std::int64_t>(s.lags) + 1, static_cast<std::int64_t>(s.filters),
                    static_cast<std::int64_t>(s.rows()), static_cast<std::int64_t>(s.columns())},
                   block.options());
}

std::span<float> span_of(at::Tensor& t) {
  return {t.data_ptr<float>(), static_cast<std::size_t>(t.numel())};
}
std::span<const float> span_of(const at::Tensor& t) {
  return {t.const_data_ptr<float>(), static_cast<std::size_t>(t.numel())};
}

/// Gradient to the block: the gradient's movie, between frames of zeros, convolved with the filters turned round in
/// time and space, filters and channels exchanged.
at::Tensor block_gradient(const at::Tensor& gradient, const at::Tensor& filters, std::int64_t pad) {
  const auto history = filters.size(1) - 1;
  const auto vertical = filters.size(3) - 1 - pad, horizontal = filters.size(4) - 1 - pad;
  const at::Tensor padded =
      at::constant_pad_nd(gradient, {horizontal, horizontal, vertical, vertical, 0, 0, history, history});
  return movie_conv(padded, filters.flip({1, 3, 4}).transpose(0, 2).contiguous(), 0);
}

at::Tensor composed(const at::Tensor& spatial, const at::Tensor& temporal) {
  return temporal.view({temporal.size(0), temporal.size(1), 1, 1, 1}) * spatial.unsqueeze(1);
}

struct FullConv : torch::autograd::Function<FullConv> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& block, const at::Tensor& filters,
                            std::int64_t pad) {
    context->save_for_backward({block, filters});
    context->saved_data["pad"] = pad;
    const ConvShape s = shape_of(block, filters.size(0), filters.size(1), filters.size(3), filters.size(4), pad);
    at::Tensor out = output_like(block, s);
    const at::Tensor weights = filters.contiguous();
    filter_block(s, FilterWeights{{}, weights.const_data_ptr<float>()}, tile_of(block, s.lags), threads(),
                 span_of(out));
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &block = saved[0], &filters = saved[1], gradient = gradients[0].contiguous();
    const auto pad = context->saved_data["pad"].toInt();
    at::Tensor to_block, to_filters;
    if (context->needs_input_grad(0)) to_block = block_gradient(gradient, filters, pad);
    if (context->needs_input_grad(1)) {
      const ConvShape s = shape_of(block, filters.size(0), filters.size(1), filters.size(3), filters.size(4), pad);
      to_filters = at::zeros(filters.sizes(), filters.options());
      const at::Tensor weights = filters.contiguous();
      filter_block_backward(s, FilterWeights{{}, weights.const_data_ptr<float>()}, tile_of(block, s.lags), threads(),
                            span_of(gradient), {{}, to_filters.data_ptr<float>()});
    }
    return {to_block, to_filters, at::Tensor()};
  }
};

struct SeparableConv : torch::autograd::Function<SeparableConv> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& block, const at::Tensor& spatial,
                            const at::Tensor& temporal, std::int64_t pad) {
    context->save_for_backward({block, spatial, temporal});
    context->saved_data["pad"] = pad;
    const ConvShape s = shape_of(block, spatial.size(0), temporal.size(1), spatial.size(2), spatial.size(3), pad);
    at::Tensor out = output_like(block, s);
    const at::Tensor in_space = spatial.contiguous(), in_time = temporal.contiguous();
    filter_block(s, {{in_space.const_data_ptr<float>(), in_time.const_data_ptr<float>()}, nullptr},
                 tile_of(block, s.lags), threads(), span_of(out));
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &block = saved[0], &spatial = saved[1], &temporal = saved[2], gradient = gradients[0].contiguous();
    const auto pad = context->saved_data["pad"].toInt();
    at::Tensor to_block, to_spatial, to_temporal;
    if (context->needs_input_grad(0)) to_block = block_gradient(gradient, composed(spatial, temporal), pad);
    if (context->needs_input_grad(1) || context->needs_input_grad(2)) {
      const ConvShape s = shape_of(block, spatial.size(0), temporal.size(1), spatial.size(2), spatial.size(3), pad);
      to_spatial = at::zeros(spatial.sizes(), spatial.options());
      to_temporal = at::zeros(temporal.sizes(), temporal.options());
      const at::Tensor in_space = spatial.contiguous(), in_time = temporal.contiguous();
      filter_block_backward(s, {{in_space.const_data_ptr<float>(), in_time.const_data_ptr<float>()}, nullptr},
                            tile_of(block, s.lags), threads(), span_of(gradient),
                            {{to_spatial.data_ptr<float>(), to_temporal.data_ptr<float>()}, nullptr});
    }
    return {to_block, to_spatial, to_temporal, at::Tensor()};
  }
};

at::Tensor conv3d(const at::Tensor& block, const at::Tensor& filters, std::int64_t pad) {
  const at::Tensor movie = block.transpose(0, 1).unsqueeze(0);               // [1, C, T + L - 1, H, W]
  const at::Tensor kernel = filters.flip({1}).transpose(1, 2).contiguous();  // [K, C, L, f, g], lag 0 last
  const std::int64_t padding[] = {0, pad, pad};
  return at::conv3d(movie, kernel, {}, {1, 1, 1}, padding).squeeze(0).transpose(0, 1);
}

bool all_single(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat;
}

}  // namespace

at::Tensor movie_conv(const at::Tensor& block, const at::Tensor& filters, std::int64_t pad) {
  check(block.dim() == 4 && filters.dim() == 5 && block.size(1) == filters.size(2) &&
            block.size(0) >= filters.size(1) && block.size(2) + 2 * pad >= filters.size(3) &&
            block.size(3) + 2 * pad >= filters.size(4),
        block, filters);
  return all_single(block, filters) ? FullConv::apply(block, filters, pad) : conv3d(block, filters, pad);
}

at::Tensor separable_movie_conv(const at::Tensor& block, const at::Tensor& spatial, const at::Tensor& temporal,
                                std::int64_t pad) {
  check(block.dim() == 4 && spatial.dim() == 4 && temporal.dim() == 2 && block.size(1) == spatial.size(1) &&
            spatial.size(0) == temporal.size(0) && block.size(0) >= temporal.size(1) &&
            block.size(2) + 2 * pad >= spatial.size(2) && block.size(3) + 2 * pad >= spatial.size(3),
        block, spatial);
  return all_single(block, spatial) && temporal.scalar_type() == at::kFloat
             ? SeparableConv::apply(block, spatial, temporal, pad)
             : conv3d(block, composed(spatial, temporal), pad);
}

}  // namespace plexiform
