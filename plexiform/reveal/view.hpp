#pragma once
#include <cstdint>
#include <span>

#include "plexiform/base/context.hpp"
#include "plexiform/recording/recording.hpp"

namespace plexiform::reveal {

/// The part of the stimulus that a cell's subunits are looked for in.
struct View {
  Window window;
  std::int64_t lags = 0;
  bool field_seen = false;  ///< a receptive field was found, and window and lags cover it
};

/// A window that covers the receptive field and lags that cover the response, whatever the size of pixels and the frame
/// rate: where the spike-triggered average stands out, and a margin around it. Looks around `centre` and further out
/// as long as the field goes on. Where nothing stands out, a window of the usual size. `bins`: those that may be looked
/// at (training and validation). Throws Interrupted on a stop request.
View choose_view(const Recording& recording, std::int64_t cell, const Place& centre, std::span<const Range> bins,
                 const Context& context);

}  // namespace plexiform::reveal
