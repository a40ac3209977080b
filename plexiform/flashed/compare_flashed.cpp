#include "plexiform/flashed/compare_flashed.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>

#include "plexiform/base/error.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/flashed/answers.hpp"
#include "plexiform/flashed/flashed_cell.hpp"
#include "plexiform/flashed/image_folds.hpp"
#include "plexiform/flashed/pooled_images.hpp"
#include "plexiform/flashed/thresholds.hpp"

namespace plexiform {
namespace {

using thresholds::flashed::kExtents;

void require_contours(const Recording& recording) {
  if (!recording.contours.empty()) return;
  throw Error(ErrorKind::data, "the recording has no contours of receptive fields, which place the models",
              "import it with its contours")
      .mended_by("contours", "contours.npy");
}

/// The field of a contour on images of a shape. Throws Error if there is none.
Field field_on(const Contour& contour, const FrameShape& shape) {
  Field field = field_of(contour);
  if (field.major() > static_cast<double>(std::max(shape.height, shape.width)))
    throw Error(ErrorKind::data, "its contour is wider than the images");
  return field;
}

/// Numbers and names of the cells; of those without a field the error, too.
struct BegunCells {
  std::vector<FlashedCell> cells;
  std::vector<std::optional<Field>> fields;  ///< [cell]
};

BegunCells begun_cells(const Recording& recording, std::span<const std::int64_t> rows) {
  BegunCells begun;
  for (const std::int64_t row : rows) {
    FlashedCell& cell = begun.cells.emplace_back();
    cell.cell = row;
    cell.name = shown_name(recording, row);
    auto& field = begun.fields.emplace_back();
    try {
      field = field_on(recording.contours[static_cast<std::size_t>(row)], recording.stimulus->shape());
    } catch (const Error& error) {
      cell.error = error.what();
    }
  }
  return begun;
}

/// What each field sees of the images, [cell]; nothing where there is no field.
std::vector<std::vector<PooledImages>> seen_by(const std::vector<std::optional<Field>>& fields, const Stimulus& images,
                                               const Context& context) {
  std::vector<Field> known;
  for (const auto& field : fields)
    if (field) known.push_back(*field);
  std::vector<std::vector<PooledImages>> all(fields.size());
  if (known.empty()) return all;
  auto pooled = pooled_images(images, known, {std::begin(kExtents), std::end(kExtents)}, context);
  auto next = pooled.begin();
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i]) all[i] = std::move(*next++);
  return all;
}

/// A begun cell with all that is found about it.
FlashedCell finished(const FlashedCell& begun, FlashedCell found) {
  found.cell = begun.cell;
  found.name = begun.name;
  return found;
}

}  // namespace

FlashedComparison compare_flashed(const Recording& recording, std::span<const std::int64_t> cells,
                                  const FlashedSettings& settings, std::uint64_t seed, const Context& context) {
  const auto begun_at = std::chrono::steady_clock::now();
  const Answers answers(recording);
  require_contours(recording);
  const ImageFolds folds = deal_folds(answers.images(), settings.folds, seed);
  BegunCells begun = begun_cells(recording, cells);
  const auto seen = seen_by(begun.fields, *recording.stimulus, context);
  FlashedComparison result{answers.images(), answers.trials(), settings.folds, std::move(begun.cells), {}, 0};
  const auto count = static_cast<std::int64_t>(result.cells.size());
  const Context part = part_of(context, 1, std::min<std::int64_t>(threads_of(context), count));
  std::mutex telling;
  double told = 0;
  parallel_each(count, threads_of(context), [&](std::int64_t item) {
    const auto i = static_cast<std::size_t>(item);
    FlashedCell& cell = result.cells[i];
    if (!cell.error.empty()) return;
    check_stop(context);
    {
      const std::lock_guard lock(telling);
      tell(context, {cell.name, told++, static_cast<double>(count), "cells", ""});
    }
    cell = finished(cell, compare_on_cell(answers.of_cell(recording, cell.cell), seen[i], folds, seed, part));
  });
  result.medians = medians_of(result.cells, result.images, seed);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_at).count();
  return result;
}

}  // namespace plexiform
