#include "interrupt.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <mutex>
#include <thread>

#include "plexiform/base/file.hpp"

namespace {

constexpr int kInterrupted = 130;

}  // namespace

/// What the watching thread does at the first signal; shared with it, since it may outlive main's scope.
struct Interrupts::Plan {
  std::mutex mutex;
  std::filesystem::path output;
  bool at_once = false;
};

Interrupts::Interrupts() : plan_(std::make_shared<Plan>()) {
  // A file that may not grow (ulimit -f) is then an error of its write, which is told and cleaned up after.
  std::signal(SIGXFSZ, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([stop = stop_, plan = plan_, signals]() mutable {
    int signal = 0;
    sigwait(&signals, &signal);
    {
      const std::lock_guard lock(plan->mutex);
      if (plan->at_once) {
        plexiform::remove_temporaries(plan->output);
        _exit(kInterrupted);
      }
    }
    stop.request_stop();
    sigwait(&signals, &signal);
    _exit(kInterrupted);
  }).detach();
}

void Interrupts::end_at_once(const std::filesystem::path& output) {
  const std::lock_guard lock(plan_->mutex);
  plan_->output = output;
  plan_->at_once = true;
}
