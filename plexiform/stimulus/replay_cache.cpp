#include "plexiform/stimulus/replay_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

#include "plexiform/base/error.hpp"
#include "plexiform/base/file.hpp"
#include "plexiform/base/parallel.hpp"
#include "plexiform/stimulus/ran1_stimulus.hpp"

namespace plexiform {
namespace {

namespace fs = std::filesystem;

/// Frames that are read and checked together.
constexpr std::int64_t kBlockFrames = 64;
/// Below so many values a replay is regenerated in a moment.
constexpr std::int64_t kWorthKeeping = std::int64_t{1} << 26;
/// The first line of a file: what it is, the version of its form, and what is in it.
constexpr const char* kMagic = "plexiform replay 1\n";
/// A piece of reading that is worth a thread.
constexpr std::int64_t kValuesPerThread = 1 << 18;

std::int64_t words_of(const Ran1Recipe& recipe) {
  return (recipe.height * recipe.width + 63) / 64;
}

std::int64_t blocks_of(std::int64_t frames) {
  return (frames + kBlockFrames - 1) / kBlockFrames;
}

std::string header_of(const Ran1Recipe& recipe, std::int64_t frames) {
  return kMagic + to_json(StimulusRecipe(recipe)) + "\n" + std::to_string(frames) + "\n";
}

fs::path file_of(const Ran1Recipe& recipe, std::int64_t frames, const fs::path& folder) {
  const std::string header = header_of(recipe, frames);
  std::array<char, 24> name{};
  std::snprintf(name.data(), name.size(), "%016llx", static_cast<unsigned long long>(hash_bytes(header)));
  return folder / ("replay_" + std::string(name.data()) + ".bits");
}

std::string_view bytes_of(std::span<const std::uint64_t> words) {
  return {reinterpret_cast<const char*>(words.data()), words.size_bytes()};
}

/// The file: header, then for each block its checksum and its frames [frame, word]. Reads are by position, so that
/// several threads share one descriptor.
class ReplayFile {
 public:
  ReplayFile(const fs::path& path, std::string header, std::int64_t words)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), header_(std::move(header)), words_(words) {}
  ~ReplayFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  ReplayFile(const ReplayFile&) = delete;
  ReplayFile& operator=(const ReplayFile&) = delete;

  /// Whether it states what it should, and is as long as that takes.
  bool is_whole(std::int64_t frames) const {
    struct stat status {};
    if (fd_ < 0 || ::fstat(fd_, &status) != 0) return false;
    const auto expected = static_cast<std::int64_t>(header_.size()) + blocks_of(frames) * 8 + frames * words_ * 8;
    std::string stated(header_.size(), '\0');
    return status.st_size == expected && read(0, stated.data(), stated.size()) && stated == header_;
  }

  /// Frames of one block; false where they cannot be read or are not what was written.
  bool read_block(std::int64_t block, std::span<std::uint64_t> frames) const {
    const auto at = static_cast<std::int64_t>(header_.size()) + block * (8 + kBlockFrames * words_ * 8);
    std::uint64_t stated = 0;
    return read(at, &stated, sizeof stated) && read(at + 8, frames.data(), frames.size_bytes()) &&
           stated == hash_bytes(bytes_of(frames));
  }

 private:
  bool read(std::int64_t at, void* out, std::size_t size) const {
    auto* to = static_cast<char*>(out);
    while (size > 0) {
      const auto got = ::pread(fd_, to, size, at);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      to += got;
      at += got;
      size -= static_cast<std::size_t>(got);
    }
    return true;
  }

  int fd_;
  std::string header_;
  std::int64_t words_;
};

class CachedReplay final : public Stimulus {
 public:
  CachedReplay(const Ran1Recipe& recipe, std::int64_t frames, const fs::path& path, int threads)
      : recipe_(recipe),
        frames_(frames),
        threads_(threads),
        words_(words_of(recipe)),
        path_(path),
        file_(path, header_of(recipe, frames), words_),
        replay_(binary_replay(recipe)) {}

  bool is_whole() const { return file_.is_whole(frames_); }
  FrameShape shape() const override { return replay_->shape(); }
  std::int64_t frames() const override { return kEndless; }

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Window& window, std::span<float> out) const override {
    const auto pixels = window.pixels();
    const std::int64_t kept = std::min(end, frames_);
    if (begin < kept) {
      const std::int64_t first = begin / kBlockFrames, last = blocks_of(kept);
      const auto threads =
          static_cast<int>(std::clamp<std::int64_t>((kept - begin) * pixels / kValuesPerThread, 1, threads_));
      parallel_for(last - first, threads, [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t i = first + from; i < first + to; ++i) {
          const std::int64_t a = std::max(begin, i * kBlockFrames), b = std::min(kept, (i + 1) * kBlockFrames);
          read_part(i, a, b, window, out.data() + (a - begin) * pixels);
        }
      });
    }
    if (end > kept) {
      const std::int64_t from = std::max(begin, kept);
      replay_->read(from, end, window, out.subspan(static_cast<std::size_t>((from - begin) * pixels)));
    }
  }

  /// Frames [begin, end) of one block.
  void read_part(std::int64_t block, std::int64_t begin, std::int64_t end, const Window& window, float* out) const {
    const std::int64_t first = block * kBlockFrames, count = std::min(kBlockFrames, frames_ - first);
    std::vector<std::uint64_t> signs(static_cast<std::size_t>(count * words_));
    if (!file_.read_block(block, signs)) {
      std::error_code ignored;
      fs::remove(path_, ignored);  // so that the next fit regenerates it
      replay_->read(begin, end, window, {out, static_cast<std::size_t>((end - begin) * window.pixels())});
      return;
    }
    for (std::int64_t t = begin; t < end; ++t, out += window.pixels())
      unpack(signs.data() + (t - first) * words_, window, out);
  }

  void unpack(const std::uint64_t* signs, const Window& w, float* out) const {
    const bool down = recipe_.order == PixelOrder::xy;  // lines of the stream are columns
    const std::int64_t length = down ? recipe_.height : recipe_.width;
    const std::int64_t lines = down ? w.width : w.height, run = down ? w.height : w.width;
    const std::int64_t line_step = down ? 1 : w.width, value_step = down ? w.width : 1;
    const auto contrast = static_cast<float>(recipe_.contrast);
    for (std::int64_t i = 0; i < lines; ++i) {
      std::int64_t bit = ((down ? w.x : w.y) + i) * length + (down ? w.y : w.x);
      float* to = out + i * line_step;
      for (std::int64_t k = 0; k < run; ++k, ++bit, to += value_step)
        *to = (signs[bit >> 6] >> (bit & 63) & 1) != 0 ? contrast : -contrast;
    }
  }

  Ran1Recipe recipe_;
  std::int64_t frames_, threads_, words_;
  fs::path path_;
  ReplayFile file_;
  std::unique_ptr<BinaryReplay> replay_;
};

/// All frames, block by block; those of a frozen block are made once and then repeated.
class ReplayMaker {
 public:
  explicit ReplayMaker(const Ran1Recipe& recipe)
      : recipe_(recipe), words_(words_of(recipe)), replay_(binary_replay(recipe)) {}

  void make(std::int64_t begin, std::int64_t end, std::span<std::uint64_t> out) {
    for (std::int64_t t = begin; t < end; ++t) {
      const auto frame = out.subspan(static_cast<std::size_t>((t - begin) * words_), static_cast<std::size_t>(words_));
      const std::int64_t frozen = frozen_frame(t);
      if (frozen >= 0 && frozen < static_cast<std::int64_t>(frozen_.size())) {
        std::copy(frozen_[static_cast<std::size_t>(frozen)].begin(), frozen_[static_cast<std::size_t>(frozen)].end(),
                  frame.begin());
        continue;
      }
      replay_->read_signs(t, frame);
      if (frozen >= 0) frozen_.emplace_back(frame.begin(), frame.end());
    }
  }

 private:
  /// Which frame of the frozen block, or -1.
  std::int64_t frozen_frame(std::int64_t t) const {
    if (recipe_.frozen_frames == 0) return -1;
    return t % (recipe_.running_frames + recipe_.frozen_frames) - recipe_.running_frames;
  }

  Ran1Recipe recipe_;
  std::int64_t words_;
  std::unique_ptr<BinaryReplay> replay_;
  std::vector<std::vector<std::uint64_t>> frozen_;  ///< in order, as far as they were needed
};

void write_replay(const Ran1Recipe& recipe, std::int64_t frames, const fs::path& path, const Context& context) {
  write_atomically(path, [&](const fs::path& temporary) {
    std::ofstream out(temporary, std::ios::binary);
    out << header_of(recipe, frames);
    ReplayMaker maker(recipe);
    const std::int64_t words = words_of(recipe);
    std::vector<std::uint64_t> signs;
    for (std::int64_t begin = 0; begin < frames; begin += kBlockFrames) {
      check_stop(context);
      const std::int64_t end = std::min(frames, begin + kBlockFrames);
      signs.resize(static_cast<std::size_t>((end - begin) * words));
      maker.make(begin, end, signs);
      const std::uint64_t sum = hash_bytes(bytes_of(signs));
      out.write(reinterpret_cast<const char*>(&sum), sizeof sum);
      out << bytes_of(signs);
      if (!out) break;
      if (begin % (16 * kBlockFrames) == 0)
        tell(context, {"replaying the stimulus", static_cast<double>(end), static_cast<double>(frames), "frames", ""});
    }
    out.flush();
    if (!out) throw Error(ErrorKind::file, "cannot be written", "is the disk full?").in_file(path);
  });
}

}  // namespace

std::optional<fs::path> replay_cache_folder() {
  const auto variable = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (const auto own = variable("PLEXIFORM_CACHE"); !own.empty())
    return own == "off" ? std::nullopt : std::optional<fs::path>(own);
  if (const auto cache = variable("XDG_CACHE_HOME"); !cache.empty()) return fs::path(cache) / "plexiform";
  if (const auto home = variable("HOME"); !home.empty()) return fs::path(home) / ".cache" / "plexiform";
  return std::nullopt;
}

bool keeps_replay(const StimulusRecipe& recipe, std::int64_t frames) {
  const auto* ran1 = std::get_if<Ran1Recipe>(&recipe);
  return std::endian::native == std::endian::little && ran1 != nullptr && ran1->values == NoiseValues::binary &&
         (ran1->frozen_frames == 0 || ran1->frozen_seed != 0) &&
         frames >= kWorthKeeping / std::max<std::int64_t>(1, ran1->height * ran1->width);
}

std::shared_ptr<const Stimulus> open_replay(const Ran1Recipe& recipe, std::int64_t frames, const fs::path& folder,
                                            int threads) {
  auto replay = std::make_shared<CachedReplay>(recipe, frames, file_of(recipe, frames, folder),
                                               threads > 0 ? threads : default_threads());
  if (!replay->is_whole()) return nullptr;
  return replay;
}

std::shared_ptr<const Stimulus> make_replay(const Ran1Recipe& recipe, std::int64_t frames, const fs::path& folder,
                                            const Context& context) {
  if (auto found = open_replay(recipe, frames, folder, context.threads)) return found;
  make_folders(folder);
  write_replay(recipe, frames, file_of(recipe, frames, folder), context);
  return open_replay(recipe, frames, folder, context.threads);
}

}  // namespace plexiform
